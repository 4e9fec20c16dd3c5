//! A resolver file: `resolvers/<api>/<Type>.<field>.yaml`.

mod batch;
pub(crate) mod bound;
pub(crate) mod written;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::config::{
    Diagnostic, Diagnostics, Span, Spanned,
    access::Throttle,
    diagnostic::FileId,
    fields::Fields,
    folder::{self, Kind},
    load::Reading,
    resolver::bound::{Draft, Rules},
    unit,
    yaml::{self, Data, Node},
};

const KIND: Kind = Kind {
    example: "a field, such as `Query.product.yaml`",
    naming: "a resolver file is named `Type.field.yaml`, such as `Query.product.yaml`",
};

/// What a field is bound to, as written.
#[derive(Debug, Clone)]
pub struct ResolverFile {
    /// The type, from the file's name.
    pub type_name: String,
    /// The field, from the file's name.
    pub field_name: String,
    /// The whole file, for faults that have no better place.
    pub span: Span,
    /// What it does. Absent for a field of the subscription type that only says `resolve: true`.
    pub bound: Option<BoundFile>,
    /// `throttle:` how often the field may be asked for.
    pub throttle: Option<Throttle>,
    /// `resolve: true`, for a field of the subscription type: resolvers below an event's payload
    /// run. Default: false, as in AppSync.
    pub resolve: bool,
}

/// What a field is bound to, as written.
#[derive(Debug, Clone)]
pub enum BoundFile {
    /// One call of one source.
    Step(StepFile),
    /// `pipeline:` several, one after the other.
    Pipeline(PipelineFile),
}

/// Several calls of sources, one after the other.
#[derive(Debug, Clone)]
pub struct PipelineFile {
    /// What messages call it, such as `Mutation.order`.
    pub owner: String,
    /// The whole file, for faults that have no better place.
    pub span: Span,
    /// `request:`, which runs before the functions; its value is `$ctx.prev.result` of the first.
    pub before: Option<Written>,
    /// `response:`, which runs after them; absent: the value of the last function.
    pub after: Option<Written>,
    /// `code:`, in the place of both.
    pub code: Option<CodeFile>,
    /// The functions in their order. A file that is named twice stands here twice.
    pub functions: Vec<StepFile>,
    /// `cache:`
    pub cache: Option<Cache>,
}

/// A mapping, as written.
#[derive(Debug, Clone)]
pub enum Written {
    /// A YAML tree.
    Tree {
        /// The tree.
        node: Node,
        /// Its leaves that are the names of templates, by where they stand.
        templates: Vec<TemplateFile>,
    },
    /// A `.vtl` file.
    Template(TemplateFile),
}

/// A `.vtl` file.
#[derive(Debug, Clone)]
pub struct TemplateFile {
    /// Where it is named.
    pub named: Span,
    /// The file; its text is kept with the diagnostics.
    pub file: FileId,
    /// Its text.
    pub text: Arc<str>,
}

/// A `.js` or `.ts` file.
#[derive(Debug, Clone)]
pub struct CodeFile {
    /// Where it is named.
    pub named: Span,
    /// Where it stands, for what it imports.
    pub path: PathBuf,
    /// The folder of the configuration: nothing outside it is imported.
    pub root: PathBuf,
    /// The file; its text is kept with the diagnostics.
    pub file: FileId,
    /// Its text.
    pub text: Arc<str>,
}

/// One call of one source, as written: what a field and a route have in common.
#[derive(Debug, Clone)]
pub struct StepFile {
    /// What messages call it, such as `Query.product` or `GET /products`.
    pub owner: String,
    /// The whole file, for faults that have no better place.
    pub span: Span,
    /// `source:`
    pub source: Spanned<String>,
    /// `request:`
    pub request: Option<Written>,
    /// `batch:`
    pub batch: Option<Batch>,
    /// `response:`
    pub response: Option<Written>,
    /// `code:`, a module in the place of both.
    pub code: Option<CodeFile>,
    /// `cache:`
    pub cache: Option<Cache>,
}

/// How many parents become one call.
#[derive(Debug, Clone)]
pub struct Batch {
    /// Where `batch:` stands.
    pub span: Span,
    /// `key:` what names a parent.
    pub key: Node,
    /// `group_by:` which field of a returned item names its parent.
    pub group_by: Option<Spanned<String>>,
    /// `order: true`: the answers come in the order of the keys.
    pub order: bool,
    /// `max:` keys in one call. Default: 100.
    pub max: usize,
    /// Every other key of `batch:` (`query`, `path`, `keys`, …): laid over `request:`.
    pub overlay: Vec<(Spanned<String>, Node)>,
}

/// How long an answer is remembered.
#[derive(Debug, Clone)]
pub struct Cache {
    /// Where `cache:` stands.
    pub span: Span,
    /// `ttl:`
    pub ttl: Duration,
    /// `keys:` what an entry is kept under, beside the field. Default: arguments, source, identity.
    pub keys: Option<Vec<Node>>,
    /// `max_entries:` Default: 10000.
    pub max_entries: u64,
    /// `max_bytes:` Default: `64MiB`.
    pub max_bytes: u64,
}

/// Reads the resolver files of a folder, in the order of their names; says whether these are all.
pub(crate) fn read_folder(cx: &mut Reading, folder: &Spanned<String>) -> (Vec<ResolverFile>, bool) {
    let Some(paths) = folder::list(cx, folder, &KIND) else {
        return (Vec::new(), false);
    };
    let mut files: Vec<ResolverFile> = Vec::new();
    let mut others = Vec::new();
    let mut are_all = true;
    for path in paths {
        let Some((type_name, field_name)) = field_of(&path) else {
            others.push(path);
            continue;
        };
        let Some(file) = ResolverFile::read(cx, &path, type_name, field_name) else {
            are_all = false;
            continue;
        };
        match files.iter().find(|it| it.is_for(&file)) {
            Some(first) => two_files(&mut cx.faults, first, &file),
            None => files.push(file),
        }
    }
    folder::unused(cx, folder, &others, &KIND);
    (files, are_all)
}

/// The type and field that a file's name speaks of.
fn field_of(path: &Path) -> Option<(String, String)> {
    let (type_name, field_name) = folder::stem(path)?.split_once('.')?;
    (is_name(type_name) && is_name(field_name))
        .then(|| (type_name.to_owned(), field_name.to_owned()))
}

/// See: <https://spec.graphql.org/September2025/#Name>
fn is_name(word: &str) -> bool {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    word.starts_with(is_start) && word.chars().all(|c| is_start(c) || c.is_ascii_digit())
}

fn two_files(faults: &mut Diagnostics, first: &ResolverFile, second: &ResolverFile) {
    let field = format!("{}.{}", second.type_name, second.field_name);
    faults.push(
        Diagnostic::error(
            Some(second.span),
            format!("`{field}` has two resolver files"),
        )
        .label(first.span, "the first")
        .help("keep one of them"),
    );
}

// === impl BoundFile ===

impl BoundFile {
    /// Shapes the answer otherwise than it is written.
    pub fn answer_with(&mut self, response: Written) {
        match self {
            BoundFile::Step(step) => step.response = Some(response),
            BoundFile::Pipeline(pipeline) => pipeline.after = Some(response),
        }
    }

    /// Every call of a source, in order.
    pub fn steps(&self) -> &[StepFile] {
        match self {
            BoundFile::Step(step) => std::slice::from_ref(step),
            BoundFile::Pipeline(pipeline) => &pipeline.functions,
        }
    }
}

// === impl ResolverFile ===

impl ResolverFile {
    fn read(cx: &mut Reading, path: &Path, type_name: String, field_name: String) -> Option<Self> {
        let (file, text) = cx.read(path, None)?;
        let root = yaml::parse(file, &text, &mut cx.faults)?;
        let owner = format!("the resolver of `{type_name}.{field_name}`");
        let mut fields = Fields::open(&mut cx.faults, owner, Span::new(file, 0..0), &root)?;
        let asks_nothing = resolves(&root) && !bound::asks(&root);
        let rules = Rules {
            must_ask: !asks_nothing,
            remembers: true,
        };
        let draft = Draft::decode(cx, path, &mut fields, rules);
        let faults = &mut cx.faults;
        let throttle = Throttle::optional(faults, &mut fields);
        let resolve = fields.optional(faults, "resolve", unit::flag);
        fields.finish(faults);
        let span = Span::new(file, 0..text.len());
        let bound = draft.finish(cx, format!("{type_name}.{field_name}"), span);
        if bound.is_none() && !asks_nothing {
            return None;
        }
        Some(ResolverFile {
            type_name,
            field_name,
            span,
            bound,
            throttle,
            resolve: resolve.is_some_and(|it| it.value),
        })
    }

    fn is_for(&self, other: &ResolverFile) -> bool {
        self.type_name == other.type_name && self.field_name == other.field_name
    }
}

/// Whether a file says `resolve:`, so that it may do without a source.
fn resolves(root: &Node) -> bool {
    let resolve = root.get("resolve");
    resolve.is_some_and(|node| node.data != Data::Bool(false))
}
