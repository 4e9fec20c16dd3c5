//! Made-up data, and a gateway whose only source is that data.

use std::{
    collections::HashMap,
    fs,
    sync::{Arc, Mutex},
};

use async_graphql::{Request, Variables};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value as Json, json};

use crate::{
    front::Mounted,
    json::{Document, Value, View},
    source::{Reply, Source, SourceError},
};

const SCHEMA: &str = "
type Query { thing: Thing things: [Thing!] strict: [Thing!]! any: Any grid: [[Node!]] }
union Any = Thing | Other
interface Node { FIELDS }
type Thing implements Node { FIELDS }
type Other implements Node { FIELDS }
";

const FIELDS: &str = "id: ID! name: String count: Int! near: Node nears: [[Node!]] one: Thing \
     sure: Other! friends: [Thing!]! boss: Node pal: Any constant: [Thing]";

/// How each field gets its value; what is not named here is a property.
pub(super) const RESOLVERS: [(&str, &str, Way); 16] = [
    ("Query", "thing", Way::Once),
    ("Query", "things", Way::Once),
    ("Query", "strict", Way::Once),
    ("Query", "any", Way::Once),
    ("Query", "grid", Way::Once),
    ("Thing", "one", Way::Each),
    ("Thing", "sure", Way::Each),
    ("Other", "sure", Way::EachShaped),
    ("Thing", "friends", Way::Group),
    ("Thing", "boss", Way::Pick),
    ("Other", "boss", Way::Each),
    ("Thing", "pal", Way::Order),
    ("Other", "pal", Way::Order),
    ("Thing", "constant", Way::Once),
    ("Other", "constant", Way::Once),
    ("Thing", "nears", Way::OrderOfMany),
];

/// The ways to resolve a field.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// One request for all parents.
    Once,
    /// A request for each parent.
    Each,
    /// A request for each parent; the answer is shaped with the parent at hand.
    EachShaped,
    /// All items with the parent's key.
    Group,
    /// The first item with the parent's key.
    Pick,
    /// The item at the place of the parent's key.
    Order,
    /// The same, where the item is a list.
    OrderOfMany,
}

/// Where decisions come from: bytes, so that a failing case shrinks; they are gone through again and
/// again, each time shifted. Without bytes every choice is the first one.
pub(super) struct Choices<'b> {
    bytes: &'b [u8],
    made: usize,
}

/// What the source knows.
#[derive(Debug, Clone, Default)]
pub(super) struct Universe {
    /// By operation and key; what is not there is null.
    answers: HashMap<(String, String), Json>,
    /// What batches find their items among.
    items: Vec<Json>,
    /// Operations and keys that fail.
    broken: Vec<(String, String)>,
}

/// A mounted gateway, and the data that its source has at the moment.
pub(super) struct Stage {
    mounted: Mounted,
    universe: Arc<Mutex<Universe>>,
}

// === impl Choices ===

impl<'b> Choices<'b> {
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Choices { bytes, made: 0 }
    }

    /// A number below `bound`.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let Some(round) = self.made.checked_div(self.bytes.len()) else {
            return 0;
        };
        let byte = usize::from(self.bytes[self.made % self.bytes.len()]);
        self.made += 1;
        (byte + round * 89) % 251 % bound
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(super) fn often(&mut self) -> bool {
        self.below(4) != 3
    }

    pub(super) fn seldom(&mut self) -> bool {
        self.below(20) == 19
    }
}

// === impl Universe ===

const KEYS: [&str; 4] = ["a", "b", "1", ""];

impl Universe {
    pub(super) fn choose(choices: &mut Choices<'_>) -> Self {
        let mut universe = Universe::default();
        for (ty, field, way) in RESOLVERS {
            let keys: &[&str] = if way == Way::Once { &[""] } else { &KEYS };
            for key in keys {
                let name = (format!("{ty}.{field}"), (*key).to_owned());
                if choices.seldom() {
                    universe.broken.push(name);
                    continue;
                }
                let lists = match field {
                    "things" | "strict" | "constant" | "friends" => 1,
                    "grid" | "nears" => 2,
                    _ => 0,
                };
                universe.answers.insert(name, value(choices, lists, 2));
            }
        }
        universe.items = (0..choices.below(8)).map(|_| object(choices, 1)).collect();
        universe
    }

    /// What a request for one key comes to.
    pub(super) fn one(&self, operation: &str, key: &str) -> Result<Json, ()> {
        let name = (operation.to_owned(), key.to_owned());
        match self.broken.contains(&name) {
            true => Err(()),
            false => Ok(self.answers.get(&name).cloned().unwrap_or_default()),
        }
    }

    /// The items of a batch; a batch fails as a whole.
    pub(super) fn items(&self, operation: &str) -> Result<&[Json], ()> {
        match self.broken.iter().any(|(broken, _)| broken == operation) {
            true => Err(()),
            false => Ok(&self.items),
        }
    }

    fn reply(&self, request: View<'_>) -> Result<Json, ()> {
        let operation = request.get("operation").and_then(View::as_str).unwrap();
        let Some(keys) = request.get("keys") else {
            let key = request.get("key").and_then(View::key_text);
            return self.one(&operation, key.as_deref().unwrap_or_default());
        };
        let items = self.items(&operation)?;
        if request.get("grouped").is_some() {
            return Ok(Json::Array(items.to_vec()));
        }
        let each = keys.items().map(|key| {
            self.answers
                .get(&(operation.to_string(), key.key_text().unwrap().into_owned()))
        });
        Ok(each
            .map(|found| found.cloned().unwrap_or_default())
            .collect())
    }
}

/// A value under so many lists, with nulls and wrong kinds in it.
fn value(choices: &mut Choices<'_>, lists: usize, depth: usize) -> Json {
    match choices.below(36) {
        33 => return Json::Null,
        34 => return json!("wrong"),
        35 if lists > 0 => return object(choices, 0),
        35 => return json!([]),
        _ => {}
    }
    if lists == 0 {
        return object(choices, depth);
    }
    (0..choices.below(4))
        .map(|_| value(choices, lists - 1, depth))
        .collect()
}

fn object(choices: &mut Choices<'_>, depth: usize) -> Json {
    let mut members = Map::new();
    let mut put = |name: &str, value: Json| members.insert(name.to_owned(), value);
    match choices.below(32) {
        30 => {}
        31 => drop(put("__typename", json!("Nobody"))),
        even if even % 2 == 0 => drop(put("__typename", json!("Thing"))),
        _ => drop(put("__typename", json!("Other"))),
    }
    put("id", leaf(choices, &[json!("i"), json!("j")]));
    put("count", leaf(choices, &[json!(1), json!(-20)]));
    if choices.often() {
        put("name", leaf(choices, &[json!("n"), json!("\"m\"")]));
    }
    let keys = [
        json!("a"),
        json!("b"),
        json!(1),
        json!("1"),
        Json::Null,
        json!([]),
    ];
    put("k", keys[choices.below(keys.len())].clone());
    put("owner", keys[choices.below(4)].clone());
    if depth > 0 {
        for (name, lists) in [("near", 0), ("nears", 2), ("one", 0), ("friends", 1)] {
            if choices.often() {
                put(name, value(choices, lists, depth - 1));
            }
        }
    }
    Json::Object(members)
}

/// One of these, seldom null or what no scalar is.
fn leaf(choices: &mut Choices<'_>, all: &[Json]) -> Json {
    match choices.below(40) {
        38 => Json::Null,
        39 => json!({}),
        choice => all[choice % all.len()].clone(),
    }
}

// === impl Stage ===

impl Stage {
    pub(super) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: String, text: String| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("resolvers")).unwrap();
        write("schema.graphql".into(), SCHEMA.replace("FIELDS", FIELDS));
        let config = "sources: { data: { type: none } }\n\
             apis: { it: { type: graphql, schema: schema.graphql, resolvers: resolvers, limits: { aliases: 10000, resolvers: 100000 } } }\n";
        write("loomgate.yaml".into(), config.into());
        for (ty, field, way) in RESOLVERS {
            write(format!("resolvers/{ty}.{field}.yaml"), way.file(ty, field));
        }
        let universe = Arc::<Mutex<Universe>>::default();
        let source: Arc<dyn Source> = Arc::new(Data(Arc::clone(&universe)));
        let replaced = HashMap::from([("data".to_owned(), source)]);
        let mounted = Mounted::open(&folder.path().join("loomgate.yaml"), None, replaced);
        Stage {
            mounted: mounted.unwrap(),
            universe,
        }
    }

    /// The text of `data`, and the paths of the errors.
    pub(super) async fn answer(
        &self,
        text: &str,
        variables: &Json,
        universe: Universe,
    ) -> (String, Vec<Json>) {
        *self.universe.lock().unwrap() = universe;
        let request = Request::new(text).variables(Variables::from_json(variables.clone()));
        let body = String::from_utf8(self.mounted.answer(request).await).unwrap();
        let parsed: Json = serde_json::from_str(&body).unwrap();
        let errors = parsed.get("errors").and_then(Json::as_array);
        let paths = errors
            .into_iter()
            .flatten()
            .map(|error| match error.get("path") {
                Some(path) => path.clone(),
                None => panic!("{body} for {text}"),
            });
        let paths: Vec<Json> = paths.collect();
        let data = body.strip_prefix("{\"data\":").unwrap();
        let end = match paths.is_empty() {
            true => data.len() - 1,
            false => data.rfind(",\"errors\":[").unwrap(),
        };
        (data[..end].to_owned(), paths)
    }
}

impl Way {
    fn file(self, ty: &str, field: &str) -> String {
        let request = format!("operation: {ty}.{field}");
        let rest = match self {
            Way::Once => format!("request: {{ {request} }}"),
            Way::Each => format!("request: {{ {request}, key: $ctx.source.k }}"),
            Way::EachShaped => format!(
                "request: {{ {request}, key: $ctx.source.k }}\n\
                 response: {{ id: $ctx.source.id, count: $ctx.result.count, near: $ctx.result.near }}"
            ),
            Way::Group | Way::Pick => format!(
                "request: {{ {request}, keys: $keys, grouped: true }}\n\
                 batch: {{ key: $ctx.source.k, group_by: owner, max: 2 }}"
            ),
            Way::Order | Way::OrderOfMany => format!(
                "request: {{ {request}, keys: $keys }}\nbatch: {{ key: $ctx.source.k, order: true, max: 2 }}"
            ),
        };
        format!("source: data\n{rest}\n")
    }
}

/// The universe of the moment as a source.
#[derive(Debug)]
struct Data(Arc<Mutex<Universe>>);

impl Source for Data {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        let universe = self.0.lock().unwrap().clone();
        let answer = move |request: &Value| match universe.reply(request.view()) {
            Ok(json) => Ok(Reply {
                body: Value::Node(Document::parse(json.to_string().into()).unwrap(), 0),
                head: None,
            }),
            Err(()) => Err(SourceError {
                error_type: "Broken".into(),
                message: "broken".into(),
            }),
        };
        async move {
            tokio::task::yield_now().await;
            requests.iter().map(answer).collect()
        }
        .boxed()
    }

    fn is_read(&self, _: &Value) -> bool {
        true
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        &["operation", "key", "keys", "grouped"]
    }
}
