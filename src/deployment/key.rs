//! Whether the keys that a request writes out are those of its table. Keys that come from a reference
//! are looked at when they come.

use crate::config::{
    Config, Diagnostic, Diagnostics, Source, Span, Spanned, StepFile, did_you_mean,
    resolver::{BoundFile, Written},
    source::KeyValue,
    yaml::{Data, Node},
};

type Members<'a> = Vec<&'a (Spanned<String>, Node)>;

/// Checks the requests of all steps that ask a table.
pub(super) fn check_all(file: &BoundFile, config: &Config, diagnostics: &mut Diagnostics) {
    for step in file.steps() {
        if let Some(Source::KeyValue(table)) = config.sources.get(&step.source.value) {
            check(step, table, diagnostics);
        }
    }
}

/// Checks a request in the short spelling; AppSync's own spells keys with their types.
fn check(file: &StepFile, table: &KeyValue, diagnostics: &mut Diagnostics) {
    let request = file
        .request
        .iter()
        .filter_map(Written::tree)
        .flat_map(members);
    let overlay = file.batch.iter().flat_map(|batch| &batch.overlay);
    let written: Members<'_> = request.chain(overlay).collect();
    if written.iter().any(|(name, _)| name.value == "operation") {
        return;
    }
    let mut checker = Checker { table, diagnostics };
    for operation in ["get", "delete", "query", "put"] {
        checker.operation(operation, &written);
    }
    for (_, keys) in written.iter().filter(|(name, _)| name.value == "get_all") {
        if let Data::List(keys) = &keys.data {
            for key in keys.iter().filter(|key| matches!(key.data, Data::Map(_))) {
                checker.key("get_all", key.span, &members(key));
            }
        }
    }
}

fn members(node: &Node) -> Members<'_> {
    match &node.data {
        Data::Map(members) => members.iter().collect(),
        _ => Vec::new(),
    }
}

struct Checker<'a> {
    table: &'a KeyValue,
    diagnostics: &'a mut Diagnostics,
}

impl Checker<'_> {
    /// A batch may write one part of a key, and the request another.
    fn operation(&mut self, operation: &str, written: &Members<'_>) {
        let parts: Members<'_> = written
            .iter()
            .copied()
            .filter(|(name, _)| name.value == operation)
            .collect();
        let Some((first, _)) = parts.first() else {
            return;
        };
        if parts
            .iter()
            .all(|(_, node)| matches!(node.data, Data::Map(_)))
        {
            let given = parts.iter().flat_map(|(_, node)| members(node)).collect();
            self.key(operation, first.span, &given);
        }
    }

    fn key(&mut self, operation: &str, span: Span, given: &Members<'_>) {
        let table = self.table;
        let keys: Vec<&Spanned<String>> = std::iter::once(&table.partition_key)
            .chain(&table.sort_key)
            .map(|key| &key.name)
            .collect();
        let names = || keys.iter().map(|key| key.value.as_str());
        let is_key = |name: &Spanned<String>| names().any(|key| key == name.value);
        let unknown = given.iter().find(|(name, _)| !is_key(name));
        if let Some((name, _)) = unknown.filter(|_| operation != "put") {
            let message = format!("`{}` is no key of the table", name.value);
            let mut fault = Diagnostic::error(Some(name.span), message);
            fault.help = did_you_mean(&name.value, names());
            let label = |fault: Diagnostic, key: &&Spanned<String>| fault.label(key.span, "a key");
            self.diagnostics.push(keys.iter().fold(fault, label));
            return;
        }
        let needed = if operation == "query" { 1 } else { keys.len() };
        let is_given = |key: &Spanned<String>| given.iter().any(|(it, _)| it.value == key.value);
        if let Some(missing) = keys.iter().take(needed).find(|key| !is_given(key)) {
            let name = &missing.value;
            let message = format!("`{operation}` has no `{name}`, which is a key of the table");
            self.diagnostics.push(
                Diagnostic::error(Some(span), message)
                    .label(missing.span, "the key")
                    .help(format!("add `{name}: …`")),
            );
        }
    }
}
