//! Loomgate's side: a configuration in a folder, as a team would write it, with its one source
//! replaced by the same bytes in memory that the baseline reads.

use std::{
    collections::HashMap,
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::future::BoxFuture;
use loomgate::{
    front::Mounted,
    json::{Document, Value},
    source::{Reply, Source, SourceError},
};

use crate::workload::{Link, ROOT, Upstream, Workload};

/// An api of Loomgate that serves one workload.
pub(crate) struct Ours {
    api: Mounted,
    query: &'static str,
    calls: Arc<AtomicUsize>,
}

impl Ours {
    /// Writes the configuration and compiles it.
    pub(crate) fn build(workload: &Workload) -> Self {
        let directory = tempfile::tempdir().expect("a temporary folder can be made");
        write_config(directory.path(), workload).expect("the configuration can be written");
        let calls = Arc::new(AtomicUsize::new(0));
        let source: Arc<dyn Source> = Arc::new(Memory {
            upstream: Arc::clone(&workload.upstream),
            calls: Arc::clone(&calls),
        });
        let config = directory.path().join("loomgate.yaml");
        let replaced = HashMap::from([("upstream".to_owned(), source)]);
        Ours {
            api: Mounted::open(&config, None, replaced).expect("the configuration is sound"),
            query: workload.query,
            calls,
        }
    }

    /// Answers the workload's query once.
    pub(crate) async fn answer(&self) -> Vec<u8> {
        self.api
            .answer(async_graphql::Request::new(self.query))
            .await
    }

    /// The calls of the upstream so far.
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }
}

/// Answers `GET /<collection>` from memory, parsing the text at every call. It does not filter by
/// `id`: as with the baseline, a level asks for every row of its collection.
#[derive(Debug)]
struct Memory {
    upstream: Arc<Upstream>,
    calls: Arc<AtomicUsize>,
}

impl Memory {
    fn answer(&self, request: &Value) -> Result<Reply, SourceError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let view = request.view();
        let path = view.get("path").and_then(|path| path.as_str());
        let text = path
            .and_then(|path| self.upstream.read(path.trim_start_matches('/')))
            .ok_or_else(|| fault("no such collection"))?;
        let document = Document::parse(text).map_err(|_| fault("not JSON"))?;
        Ok(Reply {
            body: Value::Node(document, 0),
            head: None,
        })
    }
}

impl Source for Memory {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        let replies = requests.iter().map(|request| self.answer(request));
        Box::pin(std::future::ready(replies.collect()))
    }

    fn is_read(&self, _request: &Value) -> bool {
        true
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        &["method", "path", "query"]
    }
}

fn fault(message: &str) -> SourceError {
    SourceError {
        error_type: "Bench:Fault".into(),
        message: message.to_owned(),
    }
}

const CONFIG: &str = "\
sources:
  upstream: { type: http, url: http://127.0.0.1:9 }
apis:
  bench:
    type: graphql
    schema: schema.graphql
    resolvers: resolvers
";

fn write_config(directory: &Path, workload: &Workload) -> io::Result<()> {
    let resolvers = directory.join("resolvers");
    fs::create_dir(&resolvers)?;
    fs::write(directory.join("loomgate.yaml"), CONFIG)?;
    fs::write(directory.join("schema.graphql"), workload.sdl())?;
    for link in workload.links.iter().chain([&ROOT]) {
        let file = resolvers.join(format!("{}.{}.yaml", link.parent, link.field));
        fs::write(file, resolver(link))?;
    }
    Ok(())
}

/// A batch is larger than any level, on both sides.
fn resolver(link: &Link) -> String {
    let Link {
        collection, key, ..
    } = link;
    let mut yaml = format!("source: upstream\nrequest: {{ method: GET, path: /{collection} }}\n");
    if !key.is_empty() {
        yaml += &format!(
            "batch: {{ key: $ctx.source.{key}, query: {{ id: $keys }}, group_by: id, max: 10000 }}\n"
        );
    }
    yaml
}
