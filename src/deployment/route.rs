//! Which route a request is for: a tree of path segments, compiled at load, read without locks.
//!
//! At each level a literal comes before `{name}`, which comes before `{name+}`; where a branch leads
//! nowhere, the next one is tried, so that every path some route matches finds one. The two flavors
//! differ in what a match is:
//!
//! - `rest`: the best path wins, whatever its methods; a method that it does not have is refused.
//! - `http`: only routes with a fitting method take part. Whole paths come before those with
//!   `{name+}`, and what nothing matches goes to `$default`.
//!
//! On one path an exact method comes before `ANY`. HEAD is a method of its own. The path is taken as
//! it was sent: escapes in it are resolved for comparing literals, never for splitting segments.
//!
//! Knows neither the guard nor resolvers: it finds the number of a route.
//!
//! See: apigateway.md 2.1 (REST resource tree), 2.2 (HTTP API route selection).

mod compile;
mod template;

use http::Method;
use percent_encoding::percent_decode_str;
use smallvec::SmallVec;

use crate::config::{
    api::Flavor,
    route::{RouteKey, Segment},
};

pub(super) use compile::compile;
pub(crate) use compile::{Passing, Route, Routes, Target};
pub(crate) use template::PathTemplate;

/// What stands in the path for a route's parameters, in their order, as it was sent.
pub(crate) type Values<'p> = SmallVec<[&'p str; 4]>;

/// What a look-up came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome<'p> {
    /// The number of the route, and its parameters.
    Found(usize, Values<'p>),
    /// There are routes for this path, but none for this method.
    WrongMethod,
    /// There is no route for this path.
    NoRoute,
}

/// The routes of an api.
#[derive(Debug)]
pub(crate) struct Router {
    flavor: Flavor,
    root: Node,
    default: Option<usize>,
}

/// A place in the tree of paths.
#[derive(Debug, Default)]
struct Node {
    /// By name, sorted.
    literals: Vec<(Box<str>, Node)>,
    variable: Option<Box<Node>>,
    /// Routes that take all that follows.
    greedy: Methods,
    /// Routes that end here.
    here: Methods,
}

/// Routes with one path.
#[derive(Debug, Default)]
struct Methods {
    exact: Vec<(Method, usize)>,
    any: Option<usize>,
}

/// Which paths a walk through the tree takes.
#[derive(Debug, Clone, Copy)]
struct Paths {
    whole: bool,
    greedy: bool,
}

/// A walk through the tree.
struct Walk<'r, 'p> {
    method: &'r Method,
    /// Whether a path counts only when it has a route for the method.
    by_method: bool,
    paths: Paths,
    values: Values<'p>,
}

// === impl Router ===

impl Router {
    pub(crate) fn new(flavor: Flavor) -> Self {
        Router {
            flavor,
            root: Node::default(),
            default: None,
        }
    }

    /// Adds the route of a number. No two take the same requests: such files were reported when they
    /// were read.
    pub(crate) fn insert(&mut self, key: &RouteKey, number: usize) {
        let RouteKey::Path { method, path } = key else {
            self.default = Some(number);
            return;
        };
        let mut node = &mut self.root;
        for segment in path {
            node = match segment {
                Segment::Literal(name) => node.literal(name),
                Segment::Parameter(_) => node.variable.get_or_insert_default(),
                // It stands at the end of its path.
                Segment::Greedy(_) => return node.greedy.insert(method.as_ref(), number),
            };
        }
        node.here.insert(method.as_ref(), number);
    }

    /// Finds the route for a request; `path` is what follows the api's own, as it was sent.
    pub(crate) fn find<'p>(&self, method: &Method, path: &'p str) -> Outcome<'p> {
        let path = path.strip_prefix('/').unwrap_or(path);
        match self.flavor {
            Flavor::Rest => self.find_rest(method, path),
            Flavor::Http => self.find_http(method, path),
        }
    }

    fn find_rest<'p>(&self, method: &Method, path: &'p str) -> Outcome<'p> {
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut walk = Walk {
            method,
            by_method: false,
            paths: Paths {
                whole: true,
                greedy: true,
            },
            values: Values::new(),
        };
        let Some(methods) = walk.find(&self.root, path) else {
            return Outcome::NoRoute;
        };
        match methods.get(method) {
            Some(number) => Outcome::Found(number, walk.values),
            None => Outcome::WrongMethod,
        }
    }

    fn find_http<'p>(&self, method: &Method, path: &'p str) -> Outcome<'p> {
        for greedy in [false, true] {
            let mut walk = Walk {
                method,
                by_method: true,
                paths: Paths {
                    whole: !greedy,
                    greedy,
                },
                values: Values::new(),
            };
            let found = walk.find(&self.root, path);
            if let Some(number) = found.and_then(|methods| methods.get(method)) {
                return Outcome::Found(number, walk.values);
            }
        }
        match self.default {
            Some(number) => Outcome::Found(number, Values::new()),
            None => Outcome::NoRoute,
        }
    }
}

// === impl Walk ===

impl<'r, 'p> Walk<'r, 'p> {
    /// The best routes for `path` below a node; no slash stands before it. As deep as the deepest
    /// route, and visits no node twice.
    fn find(&mut self, node: &'r Node, path: &'p str) -> Option<&'r Methods> {
        if path.is_empty() {
            return self.accept(&node.here, self.paths.whole);
        }
        let (segment, rest) = match path.split_once('/') {
            None => (path, None),
            Some((segment, rest)) => (segment, Some(rest)),
        };
        if let Some(next) = node.literal_at(segment)
            && let Some(found) = self.descend(next, rest)
        {
            return Some(found);
        }
        if segment.is_empty() {
            return None;
        }
        if let Some(next) = &node.variable {
            let known = self.values.len();
            self.values.push(segment);
            if let Some(found) = self.descend(next, rest) {
                return Some(found);
            }
            self.values.truncate(known);
        }
        let found = self.accept(&node.greedy, self.paths.greedy)?;
        self.values.push(path);
        Some(found)
    }

    /// A slash at the end of a path begins a segment, which is empty: only a path without that slash
    /// ends at the node before it.
    fn descend(&mut self, node: &'r Node, rest: Option<&'p str>) -> Option<&'r Methods> {
        match rest {
            None => self.accept(&node.here, self.paths.whole),
            Some("") => None,
            Some(rest) => self.find(node, rest),
        }
    }

    fn accept(&self, methods: &'r Methods, wanted: bool) -> Option<&'r Methods> {
        let counts = match self.by_method {
            true => methods.get(self.method).is_some(),
            false => !methods.is_empty(),
        };
        (wanted && counts).then_some(methods)
    }
}

// === impl Node ===

impl Node {
    /// The node below a literal, made if it is not there.
    fn literal(&mut self, name: &str) -> &mut Node {
        let place = match self
            .literals
            .binary_search_by(|(known, _)| (**known).cmp(name))
        {
            Ok(place) => place,
            Err(place) => {
                self.literals.insert(place, (name.into(), Node::default()));
                place
            }
        };
        &mut self.literals[place].1
    }

    /// The node below the literal that a segment is when its escapes are resolved: whoever writes
    /// `/%61dmin` must not get past the rule of `/admin`.
    fn literal_at(&self, segment: &str) -> Option<&Node> {
        let compare = |(name, _): &(Box<str>, Node)| match segment.contains('%') {
            false => (**name).cmp(segment),
            true => name.bytes().cmp(percent_decode_str(segment)),
        };
        let place = self.literals.binary_search_by(compare).ok()?;
        Some(&self.literals.get(place)?.1)
    }
}

// === impl Methods ===

impl Methods {
    /// `None`: `ANY`.
    fn insert(&mut self, method: Option<&Method>, number: usize) {
        match method {
            None => self.any = Some(number),
            Some(method) => self.exact.push((method.clone(), number)),
        }
    }

    fn exact(&self, method: &Method) -> Option<usize> {
        let found = self.exact.iter().find(|(known, _)| known == method);
        found.map(|(_, number)| *number)
    }

    fn get(&self, method: &Method) -> Option<usize> {
        self.exact(method).or(self.any)
    }

    fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.any.is_none()
    }
}

#[cfg(test)]
mod tests;
