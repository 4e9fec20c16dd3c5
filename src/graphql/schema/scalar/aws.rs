//! The scalars of AppSync: checked on the way in and on the way out.

mod address;
mod calendar;

use super::{Refusal, inspect::shorten};
use crate::json::{Kind, Value, View, write_string};

/// A scalar whose name begins with `AWS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AwsScalar {
    /// `AWSDate`: `1970-01-01`, with an offset if need be
    Date,
    /// `AWSTime`: `12:30:00.000`, with an offset if need be
    Time,
    /// `AWSDateTime`: `1970-01-01T12:30:00Z`, always with an offset
    DateTime,
    /// `AWSTimestamp`: seconds since 1970
    Timestamp,
    /// `AWSEmail`
    Email,
    /// `AWSJSON`: JSON in a string; resolvers see what it says
    Json,
    /// `AWSPhone`
    Phone,
    /// `AWSURL`
    Url,
    /// `AWSIPAddress`
    IpAddress,
}

impl AwsScalar {
    /// Every scalar of AppSync under its name.
    pub(crate) const ALL: [(&'static str, AwsScalar); 9] = [
        ("AWSDate", AwsScalar::Date),
        ("AWSTime", AwsScalar::Time),
        ("AWSDateTime", AwsScalar::DateTime),
        ("AWSTimestamp", AwsScalar::Timestamp),
        ("AWSEmail", AwsScalar::Email),
        ("AWSJSON", AwsScalar::Json),
        ("AWSPhone", AwsScalar::Phone),
        ("AWSURL", AwsScalar::Url),
        ("AWSIPAddress", AwsScalar::IpAddress),
    ];

    pub(super) fn named(name: &str) -> Option<AwsScalar> {
        let known = Self::ALL.iter().find(|(known, _)| *known == name);
        known.map(|(_, scalar)| *scalar)
    }

    /// The value as resolvers see it.
    pub(super) fn parse(self, value: View<'_>) -> Result<Value, Refusal> {
        let parsed = match self {
            AwsScalar::Timestamp => value.as_i64().map(Value::from),
            AwsScalar::Json => value.as_str().and_then(|json| parse_json(&json)),
            _ => self.takes(value).then(|| value.to_value()),
        };
        parsed.ok_or_else(|| self.refuse("parse", &java_text(value)))
    }

    /// What the scalar has to say to a literal that is no value of it.
    pub(super) fn refuse_text(self, text: &str) -> Refusal {
        self.refuse("parse", text)
    }

    /// Appends a result. The refusal is the part of AppSync's text that needs no path.
    pub(super) fn write_result(self, value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
        match self {
            AwsScalar::Json => return write_json(value, out),
            AwsScalar::Timestamp => match value.as_i64() {
                Some(int) => out.extend_from_slice(itoa::Buffer::new().format(int).as_bytes()),
                None => return Err(self.refuse("serialize", &java_text(value))),
            },
            _ if self.takes(value) => value.write(out),
            _ => return Err(self.refuse("serialize", &java_text(value))),
        }
        Ok(())
    }

    /// Whether a value is a string of the right form.
    fn takes(self, value: View<'_>) -> bool {
        value.as_str().is_some_and(|text| match self {
            AwsScalar::Date => calendar::is_date(&text),
            AwsScalar::Time => calendar::is_time(&text),
            AwsScalar::DateTime => calendar::is_date_time(&text),
            AwsScalar::Email => address::is_email(&text),
            AwsScalar::Phone => address::is_phone(&text),
            AwsScalar::Url => address::is_url(&text),
            AwsScalar::IpAddress => address::is_ip_address(&text),
            AwsScalar::Timestamp | AwsScalar::Json => false,
        })
    }

    fn refuse(self, verb: &str, text: &str) -> Refusal {
        let what = match self {
            AwsScalar::Date => "date",
            AwsScalar::Time => "time",
            AwsScalar::DateTime => "DateTime Object",
            AwsScalar::Timestamp => "timestamp",
            AwsScalar::Email => "email",
            AwsScalar::Phone => "phone number",
            AwsScalar::Url => "URL",
            AwsScalar::IpAddress => "IP address",
            AwsScalar::Json => return format!("Unable to {verb} {text} as valid JSON."),
        };
        format!("Unable to {verb} `{text}` as a valid {what}.")
    }
}

fn parse_json(text: &str) -> Option<Value> {
    Value::parse(text.to_owned()).ok()
}

/// Strings go out as they are, everything else as the JSON text of it.
fn write_json(value: View<'_>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    if value.kind() == Kind::String {
        value.write(out);
        return Ok(());
    }
    let mut json = Vec::new();
    value.write(&mut json);
    match std::str::from_utf8(&json) {
        Ok(json) => write_string(json, out),
        Err(_) => return Err(AwsScalar::Json.refuse("serialize", &java_text(value))),
    }
    Ok(())
}

/// A value as AppSync shows it in its messages: a map is `{a=1, b=[2, 3]}`. Long ones are cut off.
fn java_text(value: View<'_>) -> String {
    let mut out = String::new();
    java_into(value, &mut out);
    shorten(out)
}

fn java_into(value: View<'_>, out: &mut String) {
    // More than any message keeps.
    if out.len() > 4_000 {
        return;
    }
    match value.kind() {
        Kind::List => {
            out.push('[');
            for (index, item) in value.items().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                java_into(item, out);
            }
            out.push(']');
        }
        Kind::Object => {
            out.push('{');
            for (index, (key, member)) in value.entries().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                out.push_str(&key);
                out.push('=');
                java_into(member, out);
            }
            out.push('}');
        }
        Kind::Null => out.push_str("null"),
        Kind::Bool | Kind::Number | Kind::String => {
            out.push_str(&value.key_text().unwrap_or_default());
        }
    }
}
