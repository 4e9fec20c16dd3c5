//! Whether a function keeps or causes something in its turn, or gives something else each time.
//!
//! What is known to do neither is listed; everything else counts.

use oxc_ast::AstKind;
use oxc_syntax::{node::NodeId, symbol::SymbolId};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::mapping::js::source::{
    chain::Role,
    exported::Link,
    parsed::{Parsed, is_function},
};

/// Names of every module that do nothing beside giving a value.
const PURE: [&str; 18] = [
    "Array",
    "Boolean",
    "Infinity",
    "JSON",
    "NaN",
    "Number",
    "Object",
    "RegExp",
    "String",
    "decodeURI",
    "decodeURIComponent",
    "encodeURI",
    "encodeURIComponent",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "undefined",
];

/// Members of `util` that give the same for the same, and do nothing else.
const PURE_UTIL: [&str; 23] = [
    "authType",
    "base64Decode",
    "base64Encode",
    "defaultIfNull",
    "defaultIfNullOrBlank",
    "defaultIfNullOrEmpty",
    "dynamodb",
    "escapeJavaScript",
    "isBoolean",
    "isList",
    "isMap",
    "isNull",
    "isNullOrBlank",
    "isNullOrEmpty",
    "isNumber",
    "isString",
    "matches",
    "transform",
    "list",
    "rds",
    "typeOf",
    "urlDecode",
    "urlEncode",
];

/// What the functions of a file lead to.
pub(in crate::mapping::js::source) struct Turns {
    /// Functions that mention something that counts.
    own: FxHashSet<NodeId>,
    /// What else functions mention.
    leads: FxHashMap<NodeId, Vec<Lead>>,
}

/// Something that a function mentions.
enum Lead {
    Function(NodeId),
    /// The index of a link, and the name there.
    Imported(usize, String),
    Unknown,
}

// === impl Turns ===

impl Turns {
    pub(in crate::mapping::js::source) fn new(parsed: &Parsed<'_>, links: &[Link]) -> Self {
        let mut turns = Turns {
            own: FxHashSet::default(),
            leads: FxHashMap::default(),
        };
        let unsure = unsure_constants(parsed);
        for symbol in parsed.scoping.symbol_ids() {
            if !parsed.is_of_module(symbol) {
                continue;
            }
            for reference in parsed.references(symbol) {
                let node = reference.node_id();
                if let Some(lead) = lead(parsed, links, &unsure, symbol, node) {
                    turns.add(parsed, node, lead);
                }
            }
        }
        // What a function makes, it may call.
        for (id, kind) in parsed.each() {
            if is_function(kind) {
                turns.add(parsed, id, Lead::Function(id));
            }
        }
        for node in globals(parsed) {
            turns.add(parsed, node, Lead::Unknown);
        }
        turns
    }

    fn add(&mut self, parsed: &Parsed<'_>, node: NodeId, lead: Lead) {
        let Some(function) = parsed.functions_around(node).next() else {
            return;
        };
        match lead {
            Lead::Unknown => {
                self.own.insert(function);
            }
            lead => self.leads.entry(function).or_default().push(lead),
        }
    }

    /// Whether a function needs a turn of its own, as far as its file knows, and the functions of
    /// other files that have to be asked.
    pub(super) fn of_function(&self, function: NodeId) -> (bool, Vec<(usize, String)>) {
        let mut reached = FxHashSet::default();
        let mut open = vec![function];
        let mut calls = Vec::new();
        while let Some(function) = open.pop() {
            if !reached.insert(function) {
                continue;
            }
            if self.own.contains(&function) {
                return (true, Vec::new());
            }
            for lead in self.leads.get(&function).into_iter().flatten() {
                match lead {
                    Lead::Function(other) => open.push(*other),
                    Lead::Imported(link, name) => calls.push((*link, name.clone())),
                    Lead::Unknown => return (true, Vec::new()),
                }
            }
        }
        (false, calls)
    }
}

/// What a mention of a variable of the module leads to; `None`: to nothing that counts.
fn lead(
    parsed: &Parsed<'_>,
    links: &[Link],
    unsure: &FxHashSet<NodeId>,
    symbol: SymbolId,
    node: NodeId,
) -> Option<Lead> {
    if let Some(function) = parsed.function_of(symbol) {
        return Some(Lead::Function(function));
    }
    let declared = parsed.scoping.symbol_declaration(symbol);
    match parsed.nodes.kind(declared) {
        AstKind::TSEnumDeclaration(_) => return None,
        AstKind::VariableDeclarator(_) => {
            let is_unsure = unsure.contains(&declared)
                || !parsed.is_fixed(symbol)
                || is_used_while_loading(parsed, symbol);
            return is_unsure.then_some(Lead::Unknown);
        }
        _ => {}
    }
    let Some((index, link)) = source(parsed, links, declared) else {
        return Some(Lead::Unknown);
    };
    let is_file = link.specifier.starts_with('.');
    let imported = |name: &str| Some(Lead::Imported(index, name.to_owned()));
    match parsed.nodes.kind(declared) {
        AstKind::ImportSpecifier(it) if is_file => imported(it.imported.name().as_str()),
        AstKind::ImportDefaultSpecifier(_) if is_file => imported("default"),
        AstKind::ImportNamespaceSpecifier(_) if is_file => {
            match parsed.chain(node).members.first() {
                Some(name) => imported(name),
                None => Some(Lead::Unknown),
            }
        }
        AstKind::ImportSpecifier(it) if link.specifier == "@aws-appsync/utils" => {
            let is_pure = it.imported.name() == "util" && is_pure_util(parsed, node);
            (!is_pure).then_some(Lead::Unknown)
        }
        // The makers of requests: `put`, `select`, `sql`.
        _ if !is_file && link.specifier != "@aws-appsync/utils" => None,
        _ => Some(Lead::Unknown),
    }
}

/// Whether the module does something with a variable while it loads: it may put functions in.
fn is_used_while_loading(parsed: &Parsed<'_>, symbol: SymbolId) -> bool {
    parsed.references(symbol).any(|reference| {
        let node = reference.node_id();
        let is_export = matches!(parsed.parent(node), AstKind::ExportSpecifier(_));
        !is_export && !parsed.is_in_function(node)
    })
}

/// Variables of the module whose value may have functions, or be another name for something.
fn unsure_constants(parsed: &Parsed<'_>) -> FxHashSet<NodeId> {
    let mut unsure = FxHashSet::default();
    for (id, kind) in parsed.each() {
        let is_unsure = is_function(kind)
            || matches!(
                kind,
                AstKind::IdentifierReference(_) | AstKind::CallExpression(_) | AstKind::Class(_)
            );
        if !is_unsure {
            continue;
        }
        let around = parsed.nodes.ancestors_enumerated(id);
        unsure.extend(around.filter_map(|(id, node)| {
            matches!(node.kind(), AstKind::VariableDeclarator(_)).then_some(id)
        }));
    }
    unsure
}

/// The import that a variable comes from.
fn source<'l>(
    parsed: &Parsed<'_>,
    links: &'l [Link],
    declared: NodeId,
) -> Option<(usize, &'l Link)> {
    let source = parsed
        .nodes
        .ancestor_kinds(declared)
        .find_map(|kind| match kind {
            AstKind::ImportDeclaration(it) => Some(parsed.span(it.source.span)),
            _ => None,
        })?;
    links
        .iter()
        .enumerate()
        .find(|(_, link)| link.span == source)
}

/// Mentions of names of every module that may do something.
fn globals(parsed: &Parsed<'_>) -> Vec<NodeId> {
    let mut found = Vec::new();
    for (name, references) in parsed.scoping.root_unresolved_references() {
        for reference in references {
            let reference = parsed.scoping.get_reference(*reference);
            let node = reference.node_id();
            let is_pure = match name.as_str() {
                "Math" => parsed
                    .chain(node)
                    .members
                    .first()
                    .is_some_and(|it| *it != "random"),
                "util" => is_pure_util(parsed, node),
                name => PURE.contains(&name),
            };
            if reference.flags().is_value() && !is_pure {
                found.push(node);
            }
        }
    }
    found
}

/// Whether a mention of `util` is a call of something that gives the same each time.
fn is_pure_util(parsed: &Parsed<'_>, node: NodeId) -> bool {
    let chain = parsed.chain(node);
    let is_call = matches!(parsed.role(chain.end), Role::Called) && !chain.goes_on;
    let member = |at: usize| chain.members.get(at).copied().unwrap_or_default();
    let is_pure = match member(0) {
        "str" => member(1) == "normalize" || member(1).starts_with("to"),
        "http" => member(1) == "copyHeaders",
        "math" => member(1).starts_with("round"),
        "time" => !member(1).is_empty() && !member(1).starts_with("now"),
        first => PURE_UTIL.contains(&first),
    };
    is_call && is_pure
}
