//! What an unquoted word means.
//!
//! See: <https://yaml.org/spec/1.2.2/#103-core-schema>

use crate::config::yaml::Data;

/// A plain scalar that is neither text nor representable.
#[derive(Debug, PartialEq)]
pub(super) struct NotFinite;

/// The null, boolean or number that a plain scalar spells; `Ok(None)`: it is text.
pub(super) fn resolve(word: &str) -> Result<Option<Data>, NotFinite> {
    let data = match word {
        "" | "~" | "null" | "Null" | "NULL" => Data::Null,
        "true" | "True" | "TRUE" => Data::Bool(true),
        "false" | "False" | "FALSE" => Data::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Err(NotFinite),
        _ => return number(word),
    };
    Ok(Some(data))
}

fn number(word: &str) -> Result<Option<Data>, NotFinite> {
    let digits = word.strip_prefix(['-', '+']).unwrap_or(word);
    if matches!(digits, ".inf" | ".Inf" | ".INF") {
        return Err(NotFinite);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        let Some(digits) = word.strip_prefix(prefix) else {
            continue;
        };
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return Ok(None);
        }
        // Beyond 64 bits there is no decimal spelling to fall back to: it stays text.
        return Ok(i64::from_str_radix(digits, radix).ok().map(Data::Int));
    }
    if !is_decimal(digits) {
        return Ok(None);
    }
    if let Ok(value) = word.parse() {
        return Ok(Some(Data::Int(value)));
    }
    match word.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(Data::Float(value))),
        Ok(_) => Err(NotFinite),
        Err(_) => Ok(None),
    }
}

/// `( "." digits | digits ( "." digits? )? ) ( [eE] [-+]? digits )?`
fn is_decimal(word: &str) -> bool {
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (word, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => digits(fraction),
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    };
    let exponent =
        exponent.is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)));
    mantissa && exponent
}
