//! Values as people write them: text, counts, durations, sizes.

use std::{net::IpAddr, time::Duration};

use http::HeaderName;
use ipnet::IpNet;

use crate::config::{
    fields::{Decoded, Wrong},
    yaml::{Data, Node},
};

const DURATION_HELP: &str = "write a whole number and a unit: `250ms`, `5s`, `1m` or `2h`";
const SIZE_HELP: &str = "write a whole number and a unit: `512B`, `64KiB`, `10MiB` or `1MB`";

/// Text. A number or a boolean is refused with its quoted form, so that `1.10` is never `1.1`.
pub(crate) fn text(node: &Node) -> Decoded<String> {
    match &node.data {
        Data::String { text, .. } => Ok(text.clone()),
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => {
            Err(Wrong::expected("text", node, "put it in quotes"))
        }
        Data::Null | Data::List(_) | Data::Map(_) => Err(Wrong::expected(
            "text",
            node,
            "write one word or a quoted text",
        )),
    }
}

/// Text that says something.
pub(crate) fn word(node: &Node) -> Decoded<String> {
    let text = text(node)?;
    if text.trim().is_empty() {
        return Err(Wrong::new("is empty", "write a name"));
    }
    Ok(text)
}

/// `true` or `false`.
pub(crate) fn flag(node: &Node) -> Decoded<bool> {
    match &node.data {
        Data::Bool(value) => Ok(*value),
        _ => Err(Wrong::expected(
            "`true` or `false`",
            node,
            "write `true` or `false`, unquoted",
        )),
    }
}

/// A whole number, at least 1.
pub(crate) fn count(node: &Node) -> Decoded<usize> {
    let wrong = || {
        Wrong::expected(
            "a whole number, at least 1",
            node,
            "write digits, such as `100`",
        )
    };
    match &node.data {
        Data::Int(value) => match usize::try_from(*value) {
            Ok(value) if value > 0 => Ok(value),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

/// A number that may have a fraction, more than zero.
pub(crate) fn rate(node: &Node) -> Decoded<f64> {
    let help = "write requests per second, such as `100` or `0.5`";
    let number = match &node.data {
        Data::Int(value) => *value as f64,
        Data::Float(value) => *value,
        _ => 0.0,
    };
    if number <= 0.0 {
        return Err(Wrong::expected("a number, more than zero", node, help));
    }
    // Beyond these no clock can tell the pauses between two requests.
    if !(1e-6..=1e9).contains(&number) {
        return Err(Wrong::expected(
            "between 0.000001 and 1000000000",
            node,
            help,
        ));
    }
    Ok(number)
}

/// A time span with its unit, such as `250ms`.
pub(crate) fn duration(node: &Node) -> Decoded<Duration> {
    let wrong = || Wrong::expected("a duration", node, duration_help(node));
    let (number, unit) = measured(node).ok_or_else(wrong)?;
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(wrong()),
    };
    let total = number.checked_mul(milliseconds).ok_or_else(wrong)?;
    Ok(Duration::from_millis(total))
}

/// A time span that is not nothing.
pub(crate) fn positive_duration(node: &Node) -> Decoded<Duration> {
    let duration = duration(node)?;
    if duration.is_zero() {
        return Err(Wrong::new("must be more than zero", DURATION_HELP));
    }
    Ok(duration)
}

/// A number of bytes with its unit, such as `64KiB`; at least one.
pub(crate) fn size(node: &Node) -> Decoded<u64> {
    let wrong = || Wrong::expected("a size", node, size_help(node));
    let (number, unit) = measured(node).ok_or_else(wrong)?;
    let bytes: u64 = match unit {
        "B" => 1,
        "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    let total = number.checked_mul(bytes).ok_or_else(wrong)?;
    if total == 0 {
        return Err(Wrong::new("must be more than zero", SIZE_HELP));
    }
    Ok(total)
}

/// A number of bytes that are held in memory.
pub(crate) fn memory(node: &Node) -> Decoded<usize> {
    let bytes = size(node)?;
    usize::try_from(bytes).map_err(|_| Wrong::expected("a smaller size", node, SIZE_HELP))
}

/// A network such as `10.0.0.0/8`, or one address.
pub(crate) fn network(node: &Node) -> Decoded<IpNet> {
    let parse = |text: &str| match text.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address)),
        Err(_) => text.parse().ok(),
    };
    node.as_str().and_then(parse).ok_or_else(|| {
        let help = "write `10.0.0.0/8`, `192.0.2.7` or `2001:db8::/32`";
        Wrong::expected("an IP address or a network", node, help)
    })
}

/// The name of a header field.
pub(crate) fn header_name(node: &Node) -> Decoded<HeaderName> {
    let name = text(node)?;
    name.parse()
        .map_err(|_| Wrong::expected("a header name", node, "write letters, digits and `-`"))
}

/// Whether a header field is written by whoever speaks HTTP, and by nobody else.
pub(crate) fn is_of_the_connection(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "connection" | "content-length" | "transfer-encoding" | "upgrade"
    )
}

/// The whole number and the unit of a text such as `10MiB`.
fn measured(node: &Node) -> Option<(u64, &str)> {
    let text = node.as_str()?;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim_start()))
}

fn duration_help(node: &Node) -> String {
    match &node.data {
        Data::Int(number) if *number > 0 => {
            format!("{DURATION_HELP}; perhaps `{number}s` here")
        }
        _ => DURATION_HELP.to_owned(),
    }
}

fn size_help(node: &Node) -> String {
    match &node.data {
        Data::Int(number) if *number > 0 => format!("{SIZE_HELP}; perhaps `{number}B` here"),
        _ => SIZE_HELP.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Span, diagnostic::FileId};

    fn node(data: Data) -> Node {
        let span = Span::new(FileId(0), 0..0);
        Node { span, data }
    }

    fn written(text: &str) -> Node {
        node(Data::String {
            text: text.to_owned(),
            verbatim: None,
        })
    }

    #[test]
    fn durations_carry_their_unit() {
        let cases = [
            ("250ms", 250),
            ("5s", 5_000),
            ("1m", 60_000),
            ("2h", 7_200_000),
            ("0s", 0),
        ];
        for (text, milliseconds) in cases {
            let expected = Duration::from_millis(milliseconds);
            assert_eq!(duration(&written(text)), Ok(expected), "{text}");
        }
    }

    #[test]
    fn durations_without_sense_are_refused() {
        for text in [
            "5",
            "s",
            "",
            "5 parsecs",
            "-5s",
            "1.5s",
            "5S",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(duration(&written(text)).is_err(), "{text}");
        }
        assert!(duration(&node(Data::Int(5))).is_err());
        assert!(positive_duration(&written("0s")).is_err());
    }

    #[test]
    fn sizes_carry_their_unit() {
        let cases = [
            ("512B", 512),
            ("64KiB", 65_536),
            ("10MiB", 10 << 20),
            ("1MB", 1_000_000),
            ("2GiB", 2 << 30),
        ];
        for (text, bytes) in cases {
            assert_eq!(size(&written(text)), Ok(bytes), "{text}");
        }
    }

    #[test]
    fn sizes_without_sense_are_refused() {
        for text in [
            "10",
            "10mb",
            "MiB",
            "0B",
            "1.5MiB",
            "18446744073709551615GiB",
        ] {
            assert!(size(&written(text)).is_err(), "{text}");
        }
        assert!(size(&node(Data::Int(1024))).is_err());
    }
}
