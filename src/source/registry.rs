//! The sources of a configuration, by name.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
};

use futures::{FutureExt, future::BoxFuture};
use indexmap::IndexMap;

use crate::{
    config::{
        self, Config, Diagnostic, Diagnostics,
        yaml::{Data, Node},
    },
    json::Value,
    source::{
        Reply, Source, SourceError,
        http::Http,
        keyvalue::{
            self, KeyValue, Schema, SeedError, SeedFault, SeedFaultKind, Store, StoreError,
        },
        none::Local,
    },
};

/// The store's file in the data folder.
const STORE: &str = "loomgate.redb";

/// How many wrong items of one seed are named.
const MAX_SEED_FAULTS: usize = 10;

/// Every source of a configuration.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    by_name: IndexMap<String, Arc<dyn Source>>,
    /// Those that requests can be passed through to, once more.
    http: IndexMap<String, Arc<Http>>,
    tables: Vec<Arc<Table>>,
}

/// Why the embedded store cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// The store or one of its tables cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A table's seed does not fit it.
    #[error("source `{name}`: {fault}")]
    Seed {
        /// The source's name.
        name: String,
        /// What is wrong with the seed.
        fault: SeedError,
    },
}

/// A table of the embedded store, opened only when the whole configuration is found sound: checking
/// a configuration touches no data.
#[derive(Debug)]
struct Table {
    name: String,
    schema: Schema,
    seed: Vec<Value>,
    opened: OnceLock<KeyValue>,
}

// === impl Sources ===

impl Sources {
    /// Makes the sources that are written; nothing is opened or connected yet.
    pub(crate) fn build(config: &Config, diagnostics: &mut Diagnostics) -> Self {
        let mut sources = Sources::default();
        for (name, written) in &config.sources {
            let source: Arc<dyn Source> = match written {
                config::Source::None => Arc::new(Local),
                config::Source::Http(http) => match Http::from_config(name, http, diagnostics) {
                    Some(http) => {
                        let http = Arc::new(http);
                        sources.http.insert(name.clone(), Arc::clone(&http));
                        http
                    }
                    None => continue,
                },
                config::Source::KeyValue(table) => {
                    let table = Arc::new(Table::from_config(name, table, diagnostics));
                    sources.tables.push(Arc::clone(&table));
                    table
                }
            };
            sources.by_name.insert(name.clone(), source);
        }
        sources
    }

    /// Opens the embedded store, if any source lives there, and seeds its empty tables.
    pub(crate) fn open(&self, data: &Path) -> Result<(), OpenError> {
        if self.tables.is_empty() {
            return Ok(());
        }
        let store = Store::open(&data.join(STORE))?;
        for table in &self.tables {
            table.open(&store)?;
        }
        Ok(())
    }

    /// Puts another source in the place of a name.
    pub(crate) fn replace(&mut self, name: String, source: Arc<dyn Source>) {
        self.tables.retain(|table| table.name != name);
        self.http.shift_remove(&name);
        self.by_name.insert(name, source);
    }

    /// An HTTP service by its source's name; `None` when the source is of another kind.
    pub(crate) fn http(&self, name: &str) -> Option<Arc<Http>> {
        self.http.get(name).cloned()
    }

    /// A source by its name.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<dyn Source>> {
        self.by_name.get(name).cloned()
    }
}

// === impl Table ===

impl Table {
    fn from_config(
        name: &str,
        written: &config::source::KeyValue,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let schema = Schema::from_config(written);
        check_seed(written, &schema, diagnostics);
        let seed = match written.seed_items.as_ref().map(Node::to_value) {
            Some(Value::List(items)) => items.to_vec(),
            _ => Vec::new(),
        };
        Table {
            name: name.to_owned(),
            schema,
            seed,
            opened: OnceLock::new(),
        }
    }

    fn open(&self, store: &Arc<Store>) -> Result<(), OpenError> {
        let table = KeyValue::open(store, self.schema.clone())?;
        let seeded = table.seed(&self.seed);
        let count = seeded.map_err(|fault| OpenError::Seed {
            name: self.name.clone(),
            fault,
        })?;
        if count > 0 {
            tracing::info!(source = self.name, count, "seeded an empty table");
        }
        let _ = self.opened.set(table);
        Ok(())
    }
}

impl Source for Table {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        match self.opened.get() {
            Some(table) => table.send(requests),
            None => async { requests.iter().map(|_| Err(not_open())).collect() }.boxed(),
        }
    }

    fn is_read(&self, request: &Value) -> bool {
        keyvalue::is_read(request.view())
    }

    fn joins_reads(&self) -> bool {
        true
    }

    fn request_members(&self) -> &'static [&'static str] {
        keyvalue::REQUEST_KEYS
    }
}

/// Reports the items of a seed that the table would refuse, each where it stands.
fn check_seed(written: &config::source::KeyValue, schema: &Schema, diagnostics: &mut Diagnostics) {
    let items = match written.seed_items.as_ref().map(|node| &node.data) {
        Some(Data::List(items)) => items.as_slice(),
        _ => return,
    };
    let faults = keyvalue::seed_faults(schema, items.iter().map(Node::to_value));
    for fault in faults.take(MAX_SEED_FAULTS) {
        if let Some(item) = items.get(fault.index) {
            diagnostics.push(seed_fault(&fault, item, items, written));
        }
    }
}

fn seed_fault(
    fault: &SeedFault,
    item: &Node,
    items: &[Node],
    written: &config::source::KeyValue,
) -> Diagnostic {
    let attribute = fault.attribute().and_then(|name| item.get(name));
    let span = attribute.unwrap_or(item).span;
    let mut entry = Diagnostic::error(Some(span), fault.message());
    entry.help = fault.help();
    if let SeedFaultKind::Duplicate { first } = fault.kind
        && let Some(first) = items.get(first)
    {
        return entry.label(first.span, "the first");
    }
    let mut keys = std::iter::once(&written.partition_key).chain(&written.sort_key);
    match keys.find(|key| Some(key.name.value.as_str()) == fault.key()) {
        Some(key) => entry.label(key.name.span, "the key"),
        None => entry,
    }
}

fn not_open() -> SourceError {
    SourceError {
        error_type: "InternalFailure".into(),
        message: "the store is not open".to_owned(),
    }
}
