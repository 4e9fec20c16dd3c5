//! Every namespace and every function by a number, for what runs compiled programs: numbers are the
//! same for as long as the process lives.

use std::sync::LazyLock;

use super::{
    Builtin, DYNAMODB_REQUESTS, EXTENSIONS, GATEWAY_UTIL, HTTP_REQUESTS, Languages, Namespace,
    RUNTIME, UTIL,
};

/// What a name can stand for at the start of a path. Its number as a namespace is its place here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// `$util`, `util`
    Util,
    /// `$util` of API Gateway.
    GatewayUtil,
    /// `$extensions`, `extensions`
    Extensions,
    /// `runtime`
    Runtime,
    /// `@aws-appsync/utils/dynamodb`
    DynamodbRequests,
    /// `@aws-appsync/utils/http`
    HttpRequests,
}

/// Who asks for a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Vtl,
    Js,
}

/// A function in a list of all.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    /// Below the root, such as `time.nowISO8601`.
    pub(crate) path: String,
    /// Its number.
    pub(crate) id: u16,
    #[cfg(test)]
    pub(crate) builtin: &'static Builtin,
}

/// In the order of [`Root`].
static ROOTS: [&Namespace; 6] = [
    &UTIL,
    &GATEWAY_UTIL,
    &EXTENSIONS,
    &RUNTIME,
    &DYNAMODB_REQUESTS,
    &HTTP_REQUESTS,
];

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::new);

#[derive(Debug)]
struct Catalog {
    places: Vec<Place>,
    /// Each function with the number of its namespace.
    functions: Vec<(&'static Builtin, u16)>,
}

/// A namespace in the tree.
#[derive(Debug)]
struct Place {
    namespace: &'static Namespace,
    parent: Option<u16>,
    /// The number of its first function; the others follow.
    first: u16,
}

/// A namespace by its number, which came from [`Root::id`] or [`namespace_id`].
pub(crate) fn namespace(id: u16) -> &'static Namespace {
    CATALOG.places[usize::from(id)].namespace
}

/// The number of a namespace within another, by the last part of its name.
pub(crate) fn namespace_id(parent: u16, name: &str) -> Option<u16> {
    let mut places = CATALOG.places.iter();
    let found = places
        .position(|place| place.parent == Some(parent) && last_part(place.namespace.name) == name);
    found.map(number)
}

/// A function by its number, which came from [`function_id`] or [`functions`].
pub(crate) fn function(id: u16) -> &'static Builtin {
    CATALOG.functions[usize::from(id)].0
}

/// The number of a function of a namespace.
pub(crate) fn function_id(namespace: u16, name: &str, language: Language) -> Option<u16> {
    let place = CATALOG.places.get(usize::from(namespace))?;
    let mut functions = place.namespace.functions.iter();
    let index = functions.position(|builtin| builtin.name == name && builtin.is_in(language))?;
    Some(place.first + number(index))
}

/// Every function in a root and below it that a language has.
pub(crate) fn functions(root: Root, language: Language) -> impl Iterator<Item = Listed> {
    let functions = CATALOG.functions.iter().enumerate();
    let wanted = functions.filter(move |(_, (builtin, place))| {
        builtin.is_in(language) && root_of(*place) == root.id()
    });
    wanted.map(|(index, (builtin, place))| Listed {
        path: match namespace(*place).name.split_once('.') {
            Some((_, below)) => format!("{below}.{}", builtin.name),
            None => builtin.name.to_owned(),
        },
        id: number(index),
        #[cfg(test)]
        builtin,
    })
}

/// What a namespace holds for a language, its functions before its namespaces: for messages that
/// say what could have been meant.
pub(crate) fn known(namespace_id: u16, language: Language) -> Vec<&'static str> {
    let namespace = namespace(namespace_id);
    let functions = namespace.functions.iter();
    let functions = functions.filter(|builtin| builtin.is_in(language));
    let namespaces = namespace.namespaces.iter();
    functions
        .map(|builtin| builtin.name)
        .chain(namespaces.map(|namespace| last_part(namespace.name)))
        .collect()
}

/// A function as messages name it, such as `util.time.nowISO8601`.
pub(crate) fn path(builtin: &Builtin) -> String {
    let mut functions = CATALOG.functions.iter();
    match functions.find(|(candidate, _)| std::ptr::eq(*candidate, builtin)) {
        Some((_, place)) => format!("{}.{}", namespace(*place).name, builtin.name),
        None => builtin.name.to_owned(),
    }
}

/// The part of a name after its last dot. The names of modules have none.
fn last_part(name: &'static str) -> &'static str {
    name.rsplit_once('.').map_or(name, |(_, last)| last)
}

fn root_of(place: u16) -> u16 {
    match CATALOG.places[usize::from(place)].parent {
        Some(parent) => root_of(parent),
        None => place,
    }
}

/// There are some hundred functions.
fn number(index: usize) -> u16 {
    u16::try_from(index).expect("there are fewer than 65,536 functions")
}

// === impl Root, Builtin ===

impl Root {
    /// Its number as a namespace.
    pub(crate) fn id(self) -> u16 {
        self as u16
    }
}

impl Builtin {
    /// Whether a language has the function.
    pub(crate) fn is_in(&self, language: Language) -> bool {
        match self.languages {
            Languages::Both => true,
            Languages::Vtl => language == Language::Vtl,
            Languages::Js => language == Language::Js,
        }
    }
}

// === impl Catalog ===

impl Catalog {
    fn new() -> Self {
        let mut catalog = Catalog {
            places: Vec::new(),
            functions: Vec::new(),
        };
        // The roots come first, so that their numbers are their places in `ROOTS`.
        for root in ROOTS {
            catalog.add(root, None);
        }
        // What is added is visited in its turn.
        let mut next = 0;
        while let Some(place) = catalog.places.get(next) {
            for namespace in place.namespace.namespaces {
                catalog.add(namespace, Some(number(next)));
            }
            next += 1;
        }
        catalog
    }

    fn add(&mut self, namespace: &'static Namespace, parent: Option<u16>) {
        let place = number(self.places.len());
        self.places.push(Place {
            namespace,
            parent,
            first: number(self.functions.len()),
        });
        let functions = namespace.functions.iter();
        self.functions
            .extend(functions.map(|builtin| (builtin, place)));
    }
}
