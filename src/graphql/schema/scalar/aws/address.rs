//! Where people and machines are reached: e-mail, phone, URL, IP address.
//!
//! AppSync does not publish its patterns. These take what its manual shows and what the standards
//! it names allow, without looking anything up.

use std::net::{Ipv4Addr, Ipv6Addr};

/// `local@domain` of RFC 822, without comments and folding.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    (is_dotted(local, is_atom_char) || is_quoted(local)) && is_mail_domain(domain)
}

fn is_atom_char(char: char) -> bool {
    char.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char)
}

/// One or more words with single dots between them.
fn is_dotted(text: &str, allowed: impl Fn(char) -> bool) -> bool {
    text.split('.')
        .all(|word| !word.is_empty() && word.chars().all(&allowed))
}

fn is_quoted(text: &str) -> bool {
    let inside = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    inside.is_some_and(|inside| {
        !inside.is_empty() && !inside.contains(['"', '\\']) && !inside.contains(char::is_control)
    })
}

fn is_mail_domain(domain: &str) -> bool {
    let literal = domain
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    match literal {
        Some(address) => is_ip_address(address.strip_prefix("IPv6:").unwrap_or(address)),
        None => is_domain(domain),
    }
}

/// Labels of letters, digits and inner hyphens, in any script.
fn is_domain(text: &str) -> bool {
    is_dotted(text, |char| char.is_alphanumeric() || char == '-')
        && text
            .split('.')
            .all(|label| !label.starts_with('-') && !label.ends_with('-'))
}

/// Digits in groups. Without `+` and a country code it is a North American number.
pub(super) fn is_phone(text: &str) -> bool {
    let (international, groups) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let edges = groups.starts_with(|c: char| c.is_ascii_digit())
        && groups.ends_with(|c: char| c.is_ascii_digit());
    if !edges
        || !groups
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b' ' | b'-'))
    {
        return false;
    }
    let digits: Vec<u8> = groups.bytes().filter(u8::is_ascii_digit).collect();
    match digits.as_slice() {
        [b'1', national @ ..] if international => is_north_american(national),
        [b'1', national @ ..] if national.len() == 10 => is_north_american(national),
        [b'1'..=b'9', ..] if international => (7..=15).contains(&digits.len()),
        national => !international && is_north_american(national),
    }
}

/// An area code, which begins with neither 0 nor 1, and seven digits.
fn is_north_american(digits: &[u8]) -> bool {
    digits.len() == 10 && digits[0] >= b'2'
}

/// `scheme:rest` of RFC 1738; the schemes of the web name a host; no `//` in the path.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_fits = scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char));
    let forbidden = |char: char| char.is_whitespace() || char.is_control() || "<>\"".contains(char);
    if !scheme_fits || rest.is_empty() || rest.contains(forbidden) {
        return false;
    }
    match rest.strip_prefix("//") {
        Some(rest) => is_located(scheme, rest),
        None => {
            let needs_host = ["http", "https", "ftp", "ws", "wss"];
            !needs_host
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known))
        }
    }
}

/// What follows `scheme://`.
fn is_located(scheme: &str, rest: &str) -> bool {
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = &tail[..tail.find(['?', '#']).unwrap_or(tail.len())];
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host_fits = is_host_and_port(host) || (host.is_empty() && scheme == "file");
    host_fits && !path.contains("//")
}

fn is_host_and_port(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => {
                return port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
            }
            _ => return false,
        },
        None => text.split_once(':').unwrap_or((text, "")),
    };
    !host.is_empty() && !host.contains(['[', ']', '\\', '^', '|']) && is_port(port)
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// IPv4 or IPv6, with or without `/prefix`.
pub(super) fn is_ip_address(text: &str) -> bool {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let bits = if address.parse::<Ipv4Addr>().is_ok() {
        32
    } else if address.parse::<Ipv6Addr>().is_ok() {
        128
    } else {
        return false;
    };
    prefix.is_none_or(|prefix| {
        let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
        digits && prefix.len() <= 3 && prefix.parse::<u8>().is_ok_and(|prefix| prefix <= bits)
    })
}
