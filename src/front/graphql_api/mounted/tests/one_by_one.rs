//! The reference: an executor that resolves one field of one object at a time, as the specification
//! words it, over operations that it makes up itself.
//!
//! See: <https://spec.graphql.org/draft/#sec-Execution>.

use serde_json::{Value as Json, json};

use super::world::{Choices, RESOLVERS, Universe, Way};

/// An operation, with the fragments that it may spread.
#[derive(Debug)]
pub(super) struct Operation {
    root: Vec<Selection>,
    /// Where each applies, and what it selects.
    fragments: Vec<(&'static str, Vec<Selection>)>,
    yes: bool,
}

#[derive(Debug)]
struct Selection {
    condition: Condition,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Field {
        alias: bool,
        name: &'static str,
        below: Vec<Selection>,
    },
    Inline(Option<&'static str>, Vec<Selection>),
    Spread(usize),
}

#[derive(Debug, Clone, Copy)]
enum Condition {
    None,
    Skip(bool),
    Include(bool),
    SkipIfYes,
    IncludeIfYes,
}

/// What the reference came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) data: String,
    pub(super) errors: Vec<Json>,
}

/// `[[Node!]]` is how many lists, and whether each position from outside in may be null.
type Type = (&'static str, &'static [bool]);

fn type_of(field: &str) -> Type {
    match field {
        "__typename" => ("String", &[false]),
        "id" => ("ID", &[false]),
        "name" => ("String", &[true]),
        "count" => ("Int", &[false]),
        "near" | "boss" => ("Node", &[true]),
        "nears" | "grid" => ("Node", &[true, true, false]),
        "one" | "thing" => ("Thing", &[true]),
        "sure" => ("Other", &[false]),
        "friends" | "strict" => ("Thing", &[false, false]),
        "things" => ("Thing", &[true, false]),
        "pal" | "any" => ("Any", &[true]),
        "constant" => ("Thing", &[true, true]),
        other => panic!("no field {other}"),
    }
}

const OF_QUERY: [&str; 5] = ["things", "thing", "strict", "any", "grid"];
const OF_NODE: [&str; 12] = [
    "id",
    "name",
    "count",
    "near",
    "nears",
    "one",
    "sure",
    "friends",
    "boss",
    "pal",
    "constant",
    "__typename",
];
/// Spread where `Other` and `Thing` both may stand, only the first two where one of them does.
const FRAGMENTS: [&str; 4] = ["Node", "Any", "Thing", "Other"];

// === impl Operation ===

impl Operation {
    pub(super) fn choose(choices: &mut Choices<'_>) -> Self {
        let yes = choices.below(2) == 0;
        let root = selections(choices, "Query", 5, true);
        let fragments = FRAGMENTS
            .iter()
            .map(|on| (*on, selections(choices, on, 2, false)))
            .collect();
        Operation {
            root,
            fragments,
            yes,
        }
    }

    pub(super) fn variables(&self) -> Json {
        json!({ "yes": self.yes })
    }

    pub(super) fn text(&self) -> String {
        // Every variable and every fragment is used.
        let mut text = "query($yes: Boolean!) { __typename @skip(if: $yes)".to_owned();
        print(&self.root, &mut text);
        text.push_str("... @skip(if: true) { any { ...F0 ...F1 ...F2 ...F3 } } }");
        for (index, (on, selections)) in self.fragments.iter().enumerate() {
            text.push_str(&format!(" fragment F{index} on {on} {{"));
            print(selections, &mut text);
            text.push('}');
        }
        text
    }
}

fn selections(
    choices: &mut Choices<'_>,
    on: &'static str,
    depth: usize,
    spreads: bool,
) -> Vec<Selection> {
    let count = 1 + choices.below(4);
    (0..count)
        .map(|_| selection(choices, on, depth, spreads))
        .collect()
}

fn selection(
    choices: &mut Choices<'_>,
    on: &'static str,
    depth: usize,
    spreads: bool,
) -> Selection {
    let condition = match choices.below(20) {
        15 => Condition::Skip(true),
        16 => Condition::Skip(false),
        17 => Condition::Include(false),
        18 => Condition::SkipIfYes,
        19 => Condition::IncludeIfYes,
        _ => Condition::None,
    };
    let kind = match choices.below(6) {
        4 if depth > 0 => {
            let inner = match on {
                "Query" => None,
                "Thing" | "Other" => choices.one_of(&[None, Some("Node"), Some("Any"), Some(on)]),
                _ => choices.one_of(&[
                    None,
                    Some("Thing"),
                    Some("Other"),
                    Some("Node"),
                    Some("Any"),
                ]),
            };
            Kind::Inline(
                inner,
                selections(choices, inner.unwrap_or(on), depth - 1, spreads),
            )
        }
        5 if spreads && on != "Query" => Kind::Spread(match on {
            "Thing" => choices.below(3),
            "Other" => choices.one_of(&[0, 1, 3]),
            _ => choices.below(4),
        }),
        _ => field(choices, on, depth, spreads),
    };
    Selection { condition, kind }
}

fn field(choices: &mut Choices<'_>, on: &'static str, depth: usize, spreads: bool) -> Kind {
    let name = match on {
        "Any" => "__typename",
        "Query" => choices.one_of(&OF_QUERY),
        _ if depth == 0 => choices.one_of(&["id", "name", "count"]),
        _ => choices.one_of(&OF_NODE),
    };
    let (ty, _) = type_of(name);
    let below = match ty {
        "String" | "ID" | "Int" => Vec::new(),
        ty => selections(choices, ty, depth.saturating_sub(1), spreads),
    };
    Kind::Field {
        alias: choices.seldom(),
        name,
        below,
    }
}

fn print(selections: &[Selection], text: &mut String) {
    for selection in selections {
        let condition = match selection.condition {
            Condition::None => String::new(),
            Condition::Skip(value) => format!(" @skip(if: {value})"),
            Condition::Include(value) => format!(" @include(if: {value})"),
            Condition::SkipIfYes => " @skip(if: $yes)".to_owned(),
            Condition::IncludeIfYes => " @include(if: $yes)".to_owned(),
        };
        let below = match &selection.kind {
            Kind::Field { alias, name, below } => {
                let alias = if *alias {
                    format!("_{name}: ")
                } else {
                    String::new()
                };
                text.push_str(&format!(" {alias}{name}{condition}"));
                below
            }
            Kind::Inline(on, below) => {
                let on = on.map(|on| format!(" on {on}")).unwrap_or_default();
                text.push_str(&format!(" ...{on}{condition}"));
                below
            }
            Kind::Spread(index) => {
                text.push_str(&format!(" ...F{index}{condition}"));
                continue;
            }
        };
        if !below.is_empty() {
            text.push_str(" {");
            print(below, text);
            text.push_str(" }");
        }
    }
}

/// Executes the operation.
pub(super) fn run(operation: &Operation, universe: &Universe) -> Outcome {
    let mut run = Run {
        operation,
        universe,
        errors: Vec::new(),
    };
    // The `__typename` that `text` puts in front.
    let first = Selection {
        condition: Condition::SkipIfYes,
        kind: Kind::Field {
            alias: false,
            name: "__typename",
            below: Vec::new(),
        },
    };
    let first = [first];
    let data = run.object("Query", &[&first, &operation.root], &Json::Null, &[]);
    Outcome {
        data: data.unwrap_or_else(|Nulled| "null".to_owned()),
        errors: run.errors,
    }
}

/// A position that may not be null has no value.
struct Nulled;

struct Run<'o> {
    operation: &'o Operation,
    universe: &'o Universe,
    errors: Vec<Json>,
}

/// The fields of one response key.
struct Group<'o> {
    key: String,
    name: &'static str,
    below: Vec<&'o [Selection]>,
}

impl<'o> Run<'o> {
    fn object(
        &mut self,
        ty: &str,
        sets: &[&'o [Selection]],
        parent: &Json,
        path: &[Json],
    ) -> Result<String, Nulled> {
        let mut groups = Vec::new();
        let mut visited = Vec::new();
        for set in sets {
            self.collect(ty, set, &mut visited, &mut groups);
        }
        let mut members = Vec::new();
        for group in &groups {
            let path = [path, &[json!(group.key)]].concat();
            members.push(format!(
                "\"{}\":{}",
                group.key,
                self.field(ty, group, parent, &path)?
            ));
        }
        Ok(format!("{{{}}}", members.join(",")))
    }

    fn collect(
        &self,
        ty: &str,
        set: &'o [Selection],
        visited: &mut Vec<usize>,
        groups: &mut Vec<Group<'o>>,
    ) {
        let applies = |on: &str| on == ty || ((on == "Node" || on == "Any") && ty != "Query");
        for selection in set {
            let yes = self.operation.yes;
            let skipped = match selection.condition {
                Condition::None => false,
                Condition::Skip(value) => value,
                Condition::Include(value) => !value,
                Condition::SkipIfYes => yes,
                Condition::IncludeIfYes => !yes,
            };
            if skipped {
                continue;
            }
            match &selection.kind {
                Kind::Field { alias, name, below } => {
                    let key = if *alias {
                        format!("_{name}")
                    } else {
                        (*name).to_owned()
                    };
                    match groups.iter_mut().find(|group| group.key == key) {
                        Some(group) => group.below.push(below),
                        None => groups.push(Group {
                            key,
                            name,
                            below: vec![below],
                        }),
                    }
                }
                Kind::Inline(on, below) => {
                    if on.is_none_or(applies) {
                        self.collect(ty, below, visited, groups);
                    }
                }
                Kind::Spread(index) => {
                    if visited.contains(index) {
                        continue;
                    }
                    visited.push(*index);
                    let (on, below) = &self.operation.fragments[*index];
                    if applies(on) {
                        self.collect(ty, below, visited, groups);
                    }
                }
            }
        }
    }

    fn field(
        &mut self,
        ty: &str,
        group: &Group<'o>,
        parent: &Json,
        path: &[Json],
    ) -> Result<String, Nulled> {
        if group.name == "__typename" {
            return Ok(format!("\"{ty}\""));
        }
        let (named, nullable) = type_of(group.name);
        match self.resolve(ty, group.name, parent) {
            Ok(value) => self.value(named, nullable, &value, &group.below, path),
            Err(()) => {
                self.errors.push(json!(path));
                if nullable[0] {
                    Ok("null".to_owned())
                } else {
                    Err(Nulled)
                }
            }
        }
    }

    fn resolve(&self, ty: &str, name: &str, parent: &Json) -> Result<Json, ()> {
        let found = RESOLVERS
            .iter()
            .find(|(on, field, _)| (*on, *field) == (ty, name));
        let Some((.., way)) = found else {
            return Ok(parent.get(name).cloned().unwrap_or_default());
        };
        let operation = format!("{ty}.{name}");
        let key = key(&parent["k"]);
        let nothing = match way {
            Way::Group | Way::OrderOfMany => json!([]),
            _ => Json::Null,
        };
        let with_key = |item: &&Json| self::key(&item["owner"]) == key;
        match way {
            Way::Once => self.universe.one(&operation, ""),
            Way::Each => self.universe.one(&operation, &key.unwrap_or_default()),
            Way::EachShaped => {
                let result = self.universe.one(&operation, &key.unwrap_or_default())?;
                Ok(
                    json!({ "id": parent["id"], "count": result.get("count"), "near": result.get("near") }),
                )
            }
            _ if key.is_none() => Ok(nothing),
            Way::Group => Ok(self
                .universe
                .items(&operation)?
                .iter()
                .filter(with_key)
                .cloned()
                .collect()),
            Way::Pick => Ok(self
                .universe
                .items(&operation)?
                .iter()
                .find(with_key)
                .cloned()
                .unwrap_or_default()),
            Way::Order | Way::OrderOfMany => {
                self.universe.items(&operation)?;
                match self.universe.one(&operation, &key.unwrap_or_default())? {
                    Json::Null => Ok(nothing),
                    item => Ok(item),
                }
            }
        }
    }

    fn value(
        &mut self,
        named: &str,
        nullable: &[bool],
        value: &Json,
        below: &[&'o [Selection]],
        path: &[Json],
    ) -> Result<String, Nulled> {
        let completed = match value {
            Json::Null if nullable[0] => return Ok("null".to_owned()),
            Json::Null => self.wrong(path),
            value => self.complete(named, nullable, value, below, path),
        };
        match completed {
            Err(Nulled) if nullable[0] => Ok("null".to_owned()),
            completed => completed,
        }
    }

    fn complete(
        &mut self,
        named: &str,
        nullable: &[bool],
        value: &Json,
        below: &[&'o [Selection]],
        path: &[Json],
    ) -> Result<String, Nulled> {
        if nullable.len() > 1 {
            let Some(items) = value.as_array() else {
                return self.wrong(path);
            };
            let mut texts = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let path = [path, &[json!(index)]].concat();
                texts.push(self.value(named, &nullable[1..], item, below, &path)?);
            }
            return Ok(format!("[{}]", texts.join(",")));
        }
        let fits = match named {
            "String" | "ID" => value.is_string(),
            "Int" => value.is_number(),
            _ => value.is_object(),
        };
        if !fits {
            return self.wrong(path);
        }
        match named {
            "String" | "ID" | "Int" => Ok(value.to_string()),
            "Thing" | "Other" => self.object(named, below, value, path),
            _ => match value.get("__typename").and_then(Json::as_str) {
                Some(ty @ ("Thing" | "Other")) => self.object(ty, below, value, path),
                _ => self.wrong(path),
            },
        }
    }

    fn wrong(&mut self, path: &[Json]) -> Result<String, Nulled> {
        self.errors.push(json!(path));
        Err(Nulled)
    }
}

fn key(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
