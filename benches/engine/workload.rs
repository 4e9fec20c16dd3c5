//! What is asked and what the upstream holds: one description that both sides are built from.
//!
//! The upstream is bytes in memory. Every request parses them again, as a gateway parses what
//! comes over the wire; nothing parsed survives a request.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use serde_json::{Value, json};

/// A GraphQL object type: its name and its scalar fields.
pub(crate) struct Type {
    pub(crate) name: &'static str,
    pub(crate) scalars: &'static [(&'static str, &'static str)],
}

/// A field that leads from one type to another by a key: `parent.field` is the row of
/// `collection` whose `id` is `parent.key`.
pub(crate) struct Link {
    pub(crate) parent: &'static str,
    pub(crate) field: &'static str,
    pub(crate) key: &'static str,
    pub(crate) ty: &'static str,
    pub(crate) collection: &'static str,
}

/// One measured case.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) types: &'static [Type],
    pub(crate) links: &'static [Link],
    pub(crate) query: &'static str,
    pub(crate) upstream: Arc<Upstream>,
}

/// The collections of the upstream by name, as JSON text.
#[derive(Debug)]
pub(crate) struct Upstream(HashMap<&'static str, Bytes>);

impl Upstream {
    /// The text of a collection; reference counted, so that handing it out copies nothing.
    pub(crate) fn read(&self, collection: &str) -> Option<Bytes> {
        self.0.get(collection).cloned()
    }
}

/// The list that every query starts from: `Query.posts` is `GET /posts`.
pub(crate) const ROOT: Link = Link {
    parent: "Query",
    field: "posts",
    key: "",
    ty: "Post",
    collection: "posts",
};

const POST: Type = Type {
    name: "Post",
    scalars: &[
        ("id", "Int"),
        ("userId", "Int"),
        ("title", "String"),
        ("body", "String"),
    ],
};

const USER: Type = Type {
    name: "User",
    scalars: &[
        ("id", "Int"),
        ("name", "String"),
        ("email", "String"),
        ("username", "String"),
        ("phone", "String"),
        ("website", "String"),
        ("companyId", "Int"),
    ],
};

const AUTHOR: Link = Link {
    parent: "Post",
    field: "user",
    key: "userId",
    ty: "User",
    collection: "users",
};

/// Posts with their authors: `rows` posts, one author for ten of them.
pub(crate) fn posts(name: &'static str, rows: usize) -> Workload {
    Workload {
        name,
        types: &[POST, USER],
        links: &[AUTHOR],
        query: "{ posts { id userId title user { id name email } } }",
        upstream: Arc::new(Upstream(HashMap::from([
            ("posts", text(&post_rows(rows))),
            ("users", text(&user_rows(rows.div_ceil(10)))),
        ]))),
    }
}

/// A hundred posts, and from each a chain of six levels, every one of a type of its own.
pub(crate) fn six_levels() -> Workload {
    let places = |up: Option<&'static str>| text(&place_rows(10, up));
    let mut users = user_rows(10);
    for (user, company) in users.iter_mut().zip(1..) {
        user["companyId"] = json!(company);
    }
    Workload {
        name: "six_levels",
        types: &[
            POST,
            USER,
            Type {
                name: "Company",
                scalars: &[("id", "Int"), ("name", "String"), ("cityId", "Int")],
            },
            Type {
                name: "City",
                scalars: &[("id", "Int"), ("name", "String"), ("countryId", "Int")],
            },
            Type {
                name: "Country",
                scalars: &[("id", "Int"), ("name", "String"), ("continentId", "Int")],
            },
            Type {
                name: "Continent",
                scalars: &[("id", "Int"), ("name", "String")],
            },
        ],
        links: &[
            AUTHOR,
            Link {
                parent: "User",
                field: "company",
                key: "companyId",
                ty: "Company",
                collection: "companies",
            },
            Link {
                parent: "Company",
                field: "city",
                key: "cityId",
                ty: "City",
                collection: "cities",
            },
            Link {
                parent: "City",
                field: "country",
                key: "countryId",
                ty: "Country",
                collection: "countries",
            },
            Link {
                parent: "Country",
                field: "continent",
                key: "continentId",
                ty: "Continent",
                collection: "continents",
            },
        ],
        query: "{ posts { id title user { id name company { id name city { id name \
                country { id name continent { id name } } } } } } }",
        upstream: Arc::new(Upstream(HashMap::from([
            ("posts", text(&post_rows(100))),
            ("users", text(&users)),
            ("companies", places(Some("cityId"))),
            ("cities", places(Some("countryId"))),
            ("countries", places(Some("continentId"))),
            ("continents", places(None)),
        ]))),
    }
}

impl Workload {
    /// The schema as SDL.
    pub(crate) fn sdl(&self) -> String {
        let mut sdl = format!("type Query {{ {}: [{}] }}\n", ROOT.field, ROOT.ty);
        for ty in self.types {
            sdl += &format!("type {} {{", ty.name);
            for (field, scalar) in ty.scalars {
                sdl += &format!(" {field}: {scalar}");
            }
            for link in self.links.iter().filter(|link| link.parent == ty.name) {
                sdl += &format!(" {}: {}", link.field, link.ty);
            }
            sdl += " }\n";
        }
        sdl
    }

    /// How many upstream calls one request makes when every level is one call.
    pub(crate) fn calls(&self) -> usize {
        1 + self.links.len()
    }
}

fn post_rows(count: usize) -> Vec<Value> {
    (1..=count)
        .map(|id| {
            json!({ "userId": (id - 1) / 10 + 1, "id": id, "title": words(id, 6), "body": words(id + 3, 24) })
        })
        .collect()
}

fn user_rows(count: usize) -> Vec<Value> {
    (1..=count)
        .map(|id| {
            json!({
                "id": id,
                "name": format!("User Number {id}"),
                "username": format!("user{id}"),
                "email": format!("user{id}@example.org"),
                "phone": format!("1-770-736-80{id:02}"),
                "website": format!("user{id}.example.org"),
            })
        })
        .collect()
}

fn place_rows(count: usize, up: Option<&str>) -> Vec<Value> {
    (1..=count)
        .map(|id| {
            let mut row = json!({ "id": id, "name": format!("Place Number {id}") });
            if let Some(up) = up {
                row[up] = json!(count + 1 - id);
            }
            row
        })
        .collect()
}

fn text(rows: &[Value]) -> Bytes {
    Value::from(rows).to_string().into()
}

/// Filler text that differs from row to row and repeats from run to run.
fn words(seed: usize, count: usize) -> String {
    const WORDS: [&str; 20] = [
        "quia",
        "et",
        "suscipit",
        "recusandae",
        "consequuntur",
        "expedita",
        "cum",
        "reprehenderit",
        "molestiae",
        "ut",
        "quas",
        "totam",
        "nostrum",
        "rerum",
        "est",
        "autem",
        "sunt",
        "rem",
        "eveniet",
        "architecto",
    ];
    let text: Vec<&str> = (0..count)
        .map(|place| WORDS[(seed * 7 + place * place + place) % WORDS.len()])
        .collect();
    text.join(" ")
}
