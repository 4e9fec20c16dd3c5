//! Typed attribute values: what an item is made of.
//!
//! There are two ways in: DynamoDB's spelling (`{"S": "a"}`), which AppSync documents use, and plain
//! JSON, which the short spelling and seed files use. There is one way out, plain JSON, in `record`.
//!
//! See: appsync.md 4.2 (typed values), 3.4 (`util.dynamodb`).

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use indexmap::IndexMap;

use crate::{
    json::{Kind, View},
    source::keyvalue::{decimal::Decimal, refusal::Refusal},
};

/// Lists and maps may stand within each other this deep.
const DEPTH: usize = 32;

/// Reads what any encoder writes: with padding or without.
const LENIENT_BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The attributes of an item, in the order they were written.
pub(crate) type Item = IndexMap<String, Attribute>;

/// One attribute value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attribute {
    /// `S`
    String(String),
    /// `N`
    Number(Decimal),
    /// `B`
    Binary(Vec<u8>),
    /// `BOOL`
    Bool(bool),
    /// `NULL`
    Null,
    /// `SS`
    StringSet(Vec<String>),
    /// `NS`
    NumberSet(Vec<Decimal>),
    /// `BS`
    BinarySet(Vec<Vec<u8>>),
    /// `L`
    List(Vec<Attribute>),
    /// `M`
    Map(Item),
}

/// Where in a request a value stands, for messages: `$[key][id]`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum At<'a> {
    /// The request itself.
    Root,
    /// A member.
    Member(&'a At<'a>, &'a str),
    /// An item of a list.
    Item(&'a At<'a>, usize),
}

// === impl Attribute ===

impl Attribute {
    /// Reads DynamoDB's spelling.
    pub(crate) fn from_typed(value: View<'_>, at: At<'_>) -> Result<Self, Refusal> {
        Self::typed(value, at, 0)
    }

    fn typed(value: View<'_>, at: At<'_>, depth: usize) -> Result<Self, Refusal> {
        if depth > DEPTH {
            return Err(Refusal::TooDeep);
        }
        let mut entries = value.entries();
        let (Some((letters, inner)), None) = (entries.next(), entries.next()) else {
            return Err(not_one_type(value, at));
        };
        let here = At::Member(&at, &letters);
        match letters.as_ref() {
            "S" => string(inner, here).map(Attribute::String),
            "N" => number(inner, here).map(Attribute::Number),
            "B" => binary(inner, here).map(Attribute::Binary),
            "BOOL" => match inner.as_bool() {
                Some(bool) => Ok(Attribute::Bool(bool)),
                None => Err(wrong_kind("BOOLEAN", inner, here)),
            },
            "NULL" => match inner.kind() {
                Kind::Null | Kind::Bool => Ok(Attribute::Null),
                _ => Err(wrong_kind("NULL", inner, here)),
            },
            "SS" => set("string", inner, here, string).map(Attribute::StringSet),
            "NS" => set("number", inner, here, number).map(Attribute::NumberSet),
            "BS" => set("binary", inner, here, binary).map(Attribute::BinarySet),
            "L" => list(inner, here)?
                .enumerate()
                .map(|(index, item)| Self::typed(item, At::Item(&here, index), depth + 1))
                .collect::<Result<_, _>>()
                .map(Attribute::List),
            "M" => members(inner, here)?
                .map(|(name, item)| {
                    let attribute = Self::typed(item, At::Member(&here, &name), depth + 1)?;
                    Ok((name.into_owned(), attribute))
                })
                .collect::<Result<_, _>>()
                .map(Attribute::Map),
            _ => Err(unsupported(here)),
        }
    }

    /// Reads plain JSON; there are no sets and no bytes in it.
    pub(crate) fn from_json(value: View<'_>) -> Result<Self, Refusal> {
        Self::json(value, 0)
    }

    fn json(value: View<'_>, depth: usize) -> Result<Self, Refusal> {
        if depth > DEPTH {
            return Err(Refusal::TooDeep);
        }
        Ok(match value.kind() {
            Kind::Null => Attribute::Null,
            Kind::Bool => Attribute::Bool(value.as_bool().unwrap_or_default()),
            Kind::Number => number(value, At::Root).map(Attribute::Number)?,
            Kind::String => string(value, At::Root).map(Attribute::String)?,
            Kind::List => Attribute::List(
                value
                    .items()
                    .map(|item| Self::json(item, depth + 1))
                    .collect::<Result<_, _>>()?,
            ),
            Kind::Object => Attribute::Map(
                value
                    .entries()
                    .map(|(name, item)| Ok((name.into_owned(), Self::json(item, depth + 1)?)))
                    .collect::<Result<_, Refusal>>()?,
            ),
        })
    }

    /// DynamoDB's letters for the type.
    pub(crate) fn letters(&self) -> &'static str {
        match self {
            Attribute::String(_) => "S",
            Attribute::Number(_) => "N",
            Attribute::Binary(_) => "B",
            Attribute::Bool(_) => "BOOL",
            Attribute::Null => "NULL",
            Attribute::StringSet(_) => "SS",
            Attribute::NumberSet(_) => "NS",
            Attribute::BinarySet(_) => "BS",
            Attribute::List(_) => "L",
            Attribute::Map(_) => "M",
        }
    }

    /// How many bytes DynamoDB counts for the value.
    ///
    /// See: DynamoDB developer guide, "DynamoDB item sizes and formats".
    pub(crate) fn size(&self) -> usize {
        match self {
            Attribute::String(text) => text.len(),
            Attribute::Number(number) => number.size(),
            Attribute::Binary(bytes) => bytes.len(),
            Attribute::Bool(_) | Attribute::Null => 1,
            Attribute::StringSet(set) => set.iter().map(String::len).sum(),
            Attribute::NumberSet(set) => set.iter().map(|number| number.size()).sum(),
            Attribute::BinarySet(set) => set.iter().map(Vec::len).sum(),
            Attribute::List(list) => 3 + list.iter().map(|item| 1 + item.size()).sum::<usize>(),
            Attribute::Map(map) => 3 + map.len() + size_of_item(map),
        }
    }
}

/// How many bytes DynamoDB counts for an item.
pub(crate) fn size_of_item(item: &Item) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + value.size())
        .sum()
}

/// Reads the typed members of an object: `key`, `attributeValues`.
pub(crate) fn typed_item(value: View<'_>, at: At<'_>) -> Result<Item, Refusal> {
    members(value, at)?
        .map(|(name, typed)| {
            let attribute = Attribute::from_typed(typed, At::Member(&at, &name))?;
            Ok((name.into_owned(), attribute))
        })
        .collect()
}

/// Reads base64, skipping what is not of its alphabet.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let clean: Vec<u8> = text
        .bytes()
        .filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
        .collect();
    LENIENT_BASE64.decode(clean).ok()
}

fn string(value: View<'_>, at: At<'_>) -> Result<String, Refusal> {
    match value.as_str() {
        Some(text) => Ok(text.into_owned()),
        None => Err(wrong_kind("STRING", value, at)),
    }
}

/// A JSON number, or the text of one.
pub(crate) fn number(value: View<'_>, at: At<'_>) -> Result<Decimal, Refusal> {
    if let Some(number) = value.as_number() {
        return Ok(Decimal::from_number(&number)?);
    }
    match value.as_str() {
        Some(text) => Ok(Decimal::parse(&text)?),
        None => Err(wrong_kind("NUMBER", value, at)),
    }
}

fn binary(value: View<'_>, at: At<'_>) -> Result<Vec<u8>, Refusal> {
    let text = value
        .as_str()
        .ok_or_else(|| wrong_kind("STRING", value, at))?;
    decode_base64(&text).ok_or_else(|| Refusal::Document(format!("Invalid base64 at '{at}'.")))
}

fn set<T: Ord>(
    word: &'static str,
    value: View<'_>,
    at: At<'_>,
    element: impl Fn(View<'_>, At<'_>) -> Result<T, Refusal>,
) -> Result<Vec<T>, Refusal> {
    let mut set = Vec::with_capacity(value.len());
    for (index, item) in list(value, at)?.enumerate() {
        set.push(element(item, At::Item(&at, index))?);
    }
    if set.is_empty() {
        return Err(Refusal::SetEmpty(word));
    }
    let mut sorted: Vec<&T> = set.iter().collect();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::SetDuplicate);
    }
    Ok(set)
}

pub(super) fn list<'a>(
    value: View<'a>,
    at: At<'_>,
) -> Result<impl Iterator<Item = View<'a>> + use<'a>, Refusal> {
    match value.kind() {
        Kind::List => Ok(value.items()),
        _ => Err(wrong_kind("ARRAY", value, at)),
    }
}

pub(super) fn members<'a>(
    value: View<'a>,
    at: At<'_>,
) -> Result<impl Iterator<Item = (std::borrow::Cow<'a, str>, View<'a>)> + use<'a>, Refusal> {
    match value.kind() {
        Kind::Object => Ok(value.entries()),
        _ => Err(wrong_kind("OBJECT", value, at)),
    }
}

fn not_one_type(value: View<'_>, at: At<'_>) -> Refusal {
    if value.kind() != Kind::Object {
        let kind = kind_name(value);
        return Refusal::Document(format!(
            "Expected JSON object for attribute value '{at}' but got a '{kind}' instead."
        ));
    }
    Refusal::Document(format!(
        "Expected exactly one type for attribute value '{at}' but got {}.",
        value.len()
    ))
}

pub(super) fn wrong_kind(expected: &str, value: View<'_>, at: At<'_>) -> Refusal {
    let kind = kind_name(value);
    Refusal::Document(format!(
        "Expected JSON {expected} for '{at}' but got a '{kind}' instead."
    ))
}

pub(super) fn unsupported(at: At<'_>) -> Refusal {
    Refusal::Document(format!("Unsupported element '{at}'."))
}

fn kind_name(value: View<'_>) -> &'static str {
    match value.kind() {
        Kind::Null => "NULL",
        Kind::Bool => "BOOLEAN",
        Kind::Number => "NUMBER",
        Kind::String => "STRING",
        Kind::List => "ARRAY",
        Kind::Object => "OBJECT",
    }
}

// === impl At ===

impl std::fmt::Display for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            At::Root => f.write_str("$"),
            At::Member(parent, name) => write!(f, "{parent}[{name}]"),
            At::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
