//! What a function reads of its context, and whether it needs a turn of its own.
//!
//! Every mention of the first parameter is followed as far as the source names members. Where it
//! goes somewhere else (an argument, another name, a result), the whole of it may be read. What is
//! said here may be more than what is read, never less.

mod turn;

use oxc_ast::{
    AstKind,
    ast::{BindingPattern, FormalParameters, ObjectPattern},
};
use oxc_syntax::{node::NodeId, symbol::SymbolId};

use super::{
    chain::Role,
    parsed::{Parsed, is_same},
};
use crate::mapping::js::Uses;

pub(super) use turn::Turns;

/// What a function uses.
#[derive(Debug, Clone)]
pub(super) struct FunctionUses {
    pub(super) uses: Uses,
    /// Whether it needs a turn whatever it is called with: a caller that hands its context on needs
    /// one anyway.
    pub(super) is_busy: bool,
    /// Functions of other files that it calls: the index of the link, and the name there. They may
    /// need a turn as well.
    pub(super) calls: Vec<(usize, String)>,
}

/// Members that lists and strings have beside their items: what stands before them is read.
const NOT_DATA: [&str; 40] = [
    "__proto__",
    "at",
    "charAt",
    "concat",
    "constructor",
    "endsWith",
    "entries",
    "every",
    "fill",
    "filter",
    "find",
    "findIndex",
    "flat",
    "flatMap",
    "forEach",
    "hasOwnProperty",
    "includes",
    "indexOf",
    "join",
    "keys",
    "lastIndexOf",
    "map",
    "pop",
    "push",
    "reduce",
    "replace",
    "reverse",
    "shift",
    "slice",
    "some",
    "sort",
    "split",
    "startsWith",
    "substring",
    "toLowerCase",
    "toString",
    "toUpperCase",
    "trim",
    "valueOf",
    "values",
];

/// What a function reads of its first parameter.
struct Reads<'p, 'a> {
    parsed: &'p Parsed<'a>,
    /// `None`: the whole of it.
    paths: Option<Vec<Vec<Box<str>>>>,
}

/// Finds what a function uses.
pub(super) fn of_function(parsed: &Parsed<'_>, turns: &Turns, function: NodeId) -> FunctionUses {
    let mut reads = Reads {
        parsed,
        paths: Some(Vec::new()),
    };
    let parameters = match parsed.nodes.kind(function) {
        AstKind::Function(it) => Some(&it.params),
        AstKind::ArrowFunctionExpression(it) => Some(&it.params),
        _ => None,
    };
    match parameters {
        Some(parameters) => reads.parameters(parameters),
        None => reads.paths = None,
    }
    if mentions_arguments(parsed, function) {
        reads.paths = None;
    }
    let mut paths = reads.paths;
    if let Some(paths) = &mut paths {
        simplify(paths);
    }
    let (own_turn, calls) = turns.of_function(function);
    let keeps = match &paths {
        None => true,
        Some(paths) => paths
            .iter()
            .any(|path| path.first().is_some_and(|it| &**it == "stash")),
    };
    FunctionUses {
        uses: Uses {
            paths,
            own_turn: own_turn || keeps,
        },
        is_busy: own_turn,
        calls,
    }
}

// === impl Reads ===

impl<'a> Reads<'_, 'a> {
    fn parameters(&mut self, parameters: &FormalParameters<'a>) {
        match (parameters.items.first(), &parameters.rest) {
            (Some(first), _) => self.pattern(&first.pattern, &[]),
            (None, Some(_)) => self.paths = None,
            (None, None) => {}
        }
    }

    /// A value is given to a pattern.
    fn pattern(&mut self, pattern: &BindingPattern<'a>, path: &[&'a str]) {
        match pattern {
            BindingPattern::BindingIdentifier(it) if path.is_empty() => match it.symbol_id.get() {
                Some(symbol) => self.variable(symbol),
                None => self.paths = None,
            },
            BindingPattern::ObjectPattern(it) => self.object(it, path),
            BindingPattern::AssignmentPattern(it) => self.pattern(&it.left, path),
            BindingPattern::BindingIdentifier(_) | BindingPattern::ArrayPattern(_) => {
                self.add(path);
            }
        }
    }

    fn object(&mut self, pattern: &ObjectPattern<'a>, path: &[&'a str]) {
        if pattern.rest.is_some() {
            self.add(path);
        }
        for property in &pattern.properties {
            let key = property.key.static_name().filter(|_| !property.computed);
            let Some(key) = key.and_then(|key| member(self.parsed, property, &key)) else {
                self.add(path);
                continue;
            };
            let mut longer = path.to_vec();
            longer.push(key);
            self.pattern(&property.value, &longer);
        }
    }

    /// The context, or another name for it.
    fn variable(&mut self, symbol: SymbolId) {
        for reference in self.parsed.references(symbol) {
            match reference.flags().is_write() {
                true => self.paths = None,
                false => self.mention(reference.node_id()),
            }
        }
    }

    fn mention(&mut self, node: NodeId) {
        let chain = self.parsed.chain(node);
        let mut path = chain.members;
        // A method reads what it is called on.
        if matches!(self.parsed.role(chain.end), Role::Called) && !chain.goes_on {
            path.pop();
        }
        let whole = self.parsed.nodes.kind(chain.end);
        match self.parsed.parent(chain.end) {
            AstKind::VariableDeclarator(it)
                if !chain.goes_on && it.init.as_ref().is_some_and(|init| is_same(init, whole)) =>
            {
                match &it.id {
                    // Another name for the context would have to be followed as well.
                    BindingPattern::BindingIdentifier(_) => self.add(&path),
                    pattern => self.pattern(pattern, &path),
                }
            }
            _ => self.add(&path),
        }
    }

    /// Everything at a path is read.
    fn add(&mut self, path: &[&'a str]) {
        let is_data = |(at, name): (usize, &&str)| match at {
            0 => *name != "__proto__" && *name != "constructor",
            _ => is_data(path[0], at, name),
        };
        let known = path
            .iter()
            .enumerate()
            .take_while(|it| is_data((it.0, it.1)));
        let path: Vec<Box<str>> = known.map(|(_, name)| Box::from(*name)).collect();
        match &mut self.paths {
            Some(_) if path.is_empty() => self.paths = None,
            Some(paths) => paths.push(path),
            None => {}
        }
    }
}

/// Whether a member is surely one of the data, and no member that every list or string has.
fn is_data(root: &str, at: usize, name: &str) -> bool {
    let is_object = at == 1 && matches!(root, "args" | "arguments" | "info" | "request" | "env");
    let is_index = name.bytes().all(|c| c.is_ascii_digit());
    let is_member = name == "length" || NOT_DATA.contains(&name);
    match is_object {
        true => !matches!(name, "__proto__" | "constructor"),
        false => !is_index && !is_member,
    }
}

/// The name of a member, as long as the file lives.
fn member<'a>(
    parsed: &Parsed<'a>,
    property: &oxc_ast::ast::BindingProperty<'a>,
    key: &str,
) -> Option<&'a str> {
    use oxc_span::GetSpan;
    let span = property.key.span();
    let written = parsed.text.get(span.start as usize..span.end as usize)?;
    let bare = written.trim_matches(['\'', '"']);
    (bare == key).then_some(bare)
}

/// Whether `arguments` of this function, or of one in it, is named.
fn mentions_arguments(parsed: &Parsed<'_>, function: NodeId) -> bool {
    let unresolved = parsed.scoping.root_unresolved_references();
    let mut named = unresolved
        .iter()
        .filter(|(name, _)| name.as_str() == "arguments");
    named.any(|(_, references)| {
        references.iter().any(|reference| {
            let node = parsed.scoping.get_reference(*reference).node_id();
            parsed.functions_around(node).any(|it| it == function)
        })
    })
}

/// Sorts paths, and leaves out those that a shorter one takes in.
fn simplify(paths: &mut Vec<Vec<Box<str>>>) {
    paths.sort_unstable();
    let mut kept: Vec<Vec<Box<str>>> = Vec::with_capacity(paths.len());
    for path in paths.drain(..) {
        if !kept.last().is_some_and(|last| path.starts_with(last)) {
            kept.push(path);
        }
    }
    *paths = kept;
}
