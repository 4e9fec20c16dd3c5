//! From where requests may come, and from where they come.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::Refusal;
use crate::config;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks that may call an api, and those that may not.
#[derive(Debug, Default)]
pub(super) struct Firewall {
    /// When it is there, only these.
    allow: Option<Box<[IpNet]>>,
    /// Never these, even if they are allowed.
    deny: Box<[IpNet]>,
}

impl Firewall {
    pub(super) fn from_config(addresses: &config::access::Addresses) -> Self {
        Firewall {
            allow: addresses.allow.as_deref().map(Box::from),
            deny: addresses.deny.as_slice().into(),
        }
    }

    /// An address that is not known is in no network: it is refused where some are allowed.
    pub(super) fn check(&self, client: Option<IpAddr>) -> Result<(), Refusal> {
        let is_in = |networks: &[IpNet]| client.is_some_and(|client| contains(networks, client));
        if is_in(&self.deny) || self.allow.as_deref().is_some_and(|allow| !is_in(allow)) {
            return Err(Refusal::Address);
        }
        Ok(())
    }
}

/// Who sent a request: the other end of the connection or, where that is a trusted proxy, the last
/// address of `x-forwarded-for` that is none. Whatever stands before that address may have been
/// written by the client itself, and is not read.
pub(crate) fn client_address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> Option<IpAddr> {
    let mut client = peer?.to_canonical();
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    // A line that is no text is one item that is no address.
    let items = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    for item in items {
        if !contains(trusted, client) {
            break;
        }
        // Behind what cannot be read nobody knows more than the proxy that passed it on.
        let Some(before) = address(item.trim()) else {
            break;
        };
        client = before;
    }
    Some(client)
}

/// IPv4 written as IPv6 is the same address.
fn contains(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let plain: Option<IpAddr> = text.parse().ok();
    let with_port = || text.parse().ok().map(|it: std::net::SocketAddr| it.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let found = plain.or_else(with_port).or_else(bracketed)?;
    Some(found.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::config::access::Addresses;

    fn networks(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|it| it.parse().unwrap()).collect()
    }

    #[test]
    fn the_client_is_the_last_address_that_is_no_trusted_proxy() {
        let trusted = networks(&["10.0.0.0/8", "fd00::/8"]);
        let cases: [(&str, &[&str], &str); 14] = [
            // Whoever is not trusted says nothing.
            ("192.0.2.9", &["198.51.100.1"], "192.0.2.9"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            // What the client wrote itself stands in front.
            ("10.0.0.1", &["127.0.0.1, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["127.0.0.1", "198.51.100.1"], "198.51.100.1"),
            // Through several proxies.
            ("10.0.0.1", &["198.51.100.1,10.9.9.9"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1", "10.9.9.9 "], "198.51.100.1"),
            ("fd00::1", &["2001:db8::1"], "2001:db8::1"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            // All are trusted: the farthest.
            ("10.0.0.1", &["10.3.3.3, 10.2.2.2"], "10.3.3.3"),
            // With a port.
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            // What cannot be read ends the way.
            ("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1, , 10.2.2.2"], "10.2.2.2"),
        ];
        for (peer, lines, expected) in cases {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
            }
            let client = client_address(peer.parse().ok(), &headers, &trusted);
            assert_eq!(client, expected.parse().ok(), "{peer} {lines:?}");
        }
        assert_eq!(client_address(None, &HeaderMap::new(), &trusted), None);
    }

    #[test]
    fn addresses_are_allowed_and_denied() {
        let both = Addresses {
            allow: Some(networks(&["192.0.2.0/24"])),
            deny: networks(&["192.0.2.66/32"]),
        };
        let only_deny = Addresses {
            allow: None,
            deny: networks(&["192.0.2.66/32"]),
        };
        let none = Addresses {
            allow: Some(Vec::new()),
            deny: Vec::new(),
        };
        let cases = [
            (&both, Some("192.0.2.1"), true),
            (&both, Some("::ffff:192.0.2.1"), true),
            (&both, Some("192.0.2.66"), false),
            (&both, Some("198.51.100.1"), false),
            (&both, None, false),
            (&only_deny, Some("198.51.100.1"), true),
            (&only_deny, Some("::ffff:192.0.2.66"), false),
            (&only_deny, None, true),
            (&none, Some("192.0.2.1"), false),
        ];
        for (addresses, client, passes) in cases {
            let firewall = Firewall::from_config(addresses);
            let checked = firewall.check(client.map(|it| it.parse().unwrap()));
            assert_eq!(checked.is_ok(), passes, "{client:?} {addresses:?}");
        }
    }
}
