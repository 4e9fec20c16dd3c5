//! Events into nodes.

use std::ops::Range;

use rustc_hash::FxHashMap;
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Tag};

use super::{Data, MAX_DEPTH, Node, scalar, syntax};
use crate::config::{Diagnostic, Diagnostics, Span, Spanned, diagnostic::FileId};

/// How many nodes all aliases of a file may stand for together.
const MAX_EXPANSION: usize = 10_000;

/// Nothing more can be read from the file; the reason was recorded.
struct Broken;

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    /// The byte offset of every character; `None` when all of them are one byte.
    offsets: Option<Vec<u32>>,
    faults: &'a mut Diagnostics,
    open: Vec<Open>,
    anchors: FxHashMap<usize, Node>,
    expanded: usize,
    root: Option<Node>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    anchor: usize,
    /// Where it begins, as far as its bracket if it has one.
    span: Span,
    /// Whether it is written in brackets.
    is_flow: bool,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Map {
        entries: Vec<(Spanned<String>, Node)>,
        keys: FxHashMap<String, Span>,
        pending: Option<Pending>,
    },
}

/// A key whose value comes next.
struct Pending {
    key: Spanned<String>,
    /// Whether the value is wanted; a refused key's value is read and dropped.
    keep: bool,
}

pub(super) fn document(file: FileId, text: &str, faults: &mut Diagnostics) -> Option<Node> {
    let mut builder = Builder {
        file,
        text,
        offsets: (!text.is_ascii()).then(|| offsets(text)),
        faults,
        open: Vec::new(),
        anchors: FxHashMap::default(),
        expanded: 0,
        root: None,
    };
    for event in Parser::new_from_str(text) {
        let handled = match event {
            Ok((event, span)) => {
                let span = builder.span(span.start.index(), span.end.index());
                builder.event(event, span)
            }
            Err(error) => Err(builder.syntax_error(&error)),
        };
        if handled.is_err() {
            return None;
        }
    }
    let nothing = Node {
        span: Span::new(file, 0..0),
        data: Data::Null,
    };
    Some(builder.root.unwrap_or(nothing))
}

fn offsets(text: &str) -> Vec<u32> {
    let end = text.len() as u32;
    let starts = text.char_indices().map(|(offset, _)| offset as u32);
    starts.chain([end]).collect()
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Broken> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref(), span)
            }
            Event::SequenceStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                self.begin(anchor, span, Kind::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                self.refuse_tag(tag.as_deref(), span);
                let kind = Kind::Map {
                    entries: Vec::new(),
                    keys: FxHashMap::default(),
                    pending: None,
                };
                self.begin(anchor, span, kind)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::DocumentStart(_) if self.root.is_some() => Err(self.broken(
                span,
                "a second document begins here",
                "keep one document a file",
            )),
            Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::Nothing => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Broken> {
        let span = self.trimmed(span, style);
        self.refuse_tag(tag, span);
        if self.wants_key() {
            self.key(text, style, span);
            return Ok(());
        }
        let data = match style {
            ScalarStyle::Plain => self.plain(text, span),
            _ => None,
        };
        let data = data.unwrap_or_else(|| Data::String {
            text: text.to_owned(),
            verbatim: self.verbatim(text, style, span),
        });
        self.place(anchor, Node { span, data })
    }

    fn plain(&mut self, text: &str, span: Span) -> Option<Data> {
        match scalar::resolve(text) {
            Ok(data) => data,
            Err(scalar::NotFinite) => {
                self.faults.push(
                    // The number is not repeated: it may be a secret that looks like one.
                    Diagnostic::error(Some(span), "this is a number that JSON cannot hold")
                        .help("put it in quotes when it is meant as text"),
                );
                Some(Data::Null)
            }
        }
    }

    /// Where the characters of a scalar stand one to one.
    fn verbatim(&self, text: &str, style: ScalarStyle, span: Span) -> Option<Span> {
        let quote = match style {
            ScalarStyle::Plain => 0,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
            ScalarStyle::Literal | ScalarStyle::Folded => return None,
        };
        let end = (span.end as usize).checked_sub(quote)?;
        let start = end.checked_sub(text.len())?;
        // A plain scalar may have an anchor or a tag before it; quotes hug their characters.
        let is_whole = quote == 0 || start == span.start as usize + quote;
        let is_same = is_whole && self.text.get(start..end)? == text;
        is_same.then(|| Span::new(self.file, start..end))
    }

    fn wants_key(&self) -> bool {
        let kind = self.open.last().map(|open| &open.kind);
        matches!(kind, Some(Kind::Map { pending: None, .. }))
    }

    fn key(&mut self, text: &str, style: ScalarStyle, span: Span) {
        let Some(Open {
            kind: Kind::Map { keys, pending, .. },
            ..
        }) = self.open.last_mut()
        else {
            return;
        };
        let merge = text == "<<" && style == ScalarStyle::Plain;
        let first = keys.get(text).copied();
        if merge {
            self.faults.push(
                Diagnostic::error(Some(span), "merge keys are not part of YAML 1.2")
                    .help("write the keys out"),
            );
        } else if let Some(first) = first {
            self.faults.push(
                Diagnostic::error(Some(span), format!("the key `{text}` stands here twice"))
                    .label(first, "first written here")
                    .help("keep one of them"),
            );
        } else {
            keys.insert(text.to_owned(), span);
        }
        *pending = Some(Pending {
            key: Spanned::new(text.to_owned(), span),
            keep: !merge && first.is_none(),
        });
    }

    fn begin(&mut self, anchor: usize, span: Span, kind: Kind) -> Result<(), Broken> {
        if self.wants_key() {
            return Err(self.broken(span, "a key must be text", "write `key: value`"));
        }
        if self.open.len() >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        let written = self.text.get(span.range()).unwrap_or_default();
        let bracket = after_properties(written);
        let is_flow = bracket.starts_with(['[', '{']);
        let end = span.start + (written.len() - bracket.len()) as u32 + u32::from(is_flow);
        self.open.push(Open {
            anchor,
            span: Span { end, ..span },
            is_flow,
            kind,
        });
        Ok(())
    }

    fn end(&mut self, span: Span) -> Result<(), Broken> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let (data, last) = match open.kind {
            Kind::List(items) => {
                let last = items.last().map(|item| item.span.end);
                (Data::List(items), last)
            }
            Kind::Map { entries, .. } => {
                let last = entries
                    .last()
                    .map(|(key, node)| key.span.end.max(node.span.end));
                (Data::Map(entries), last)
            }
        };
        // The end of a block collection is noticed far behind it; a bracket is an end of its own.
        let end = match open.is_flow {
            true => span.start + 1,
            false => last.unwrap_or(open.span.end),
        };
        let span = Span { end, ..open.span };
        self.place(open.anchor, Node { span, data })
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, anchor: usize, node: Node) -> Result<(), Broken> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Map {
                entries, pending, ..
            }) => {
                match pending.take() {
                    Some(Pending { key, keep: true }) => entries.push((key, node)),
                    // Nobody will look whether it is a secret.
                    _ => self.faults.files.conceal(node.span),
                }
            }
        }
        Ok(())
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Broken> {
        if self.wants_key() {
            return Err(self.broken(span, "a key must be text", "write `key: value`"));
        }
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(self.broken(span, "this alias stands for itself", "write the value out"));
        };
        let size = measure(node);
        if self.open.len() + size.depth > MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        self.expanded += size.nodes;
        if self.expanded > MAX_EXPANSION {
            let message = format!("the aliases stand for more than {MAX_EXPANSION} values");
            return Err(self.broken(span, message, "write fewer aliases of aliases"));
        }
        let node = node.clone();
        self.place(0, node)
    }

    fn refuse_tag(&mut self, tag: Option<&Tag>, span: Span) {
        if tag.is_some() {
            self.faults.push(
                Diagnostic::error(Some(span), "tags are not supported")
                    .help("remove the word that begins with `!`, or put the text in quotes"),
            );
        }
    }

    fn syntax_error(&mut self, error: &ScanError) -> Broken {
        let at = error.marker().index();
        let mut span = self.span(at, at + 1);
        let (message, help) = syntax::explain(error.info());
        if message == syntax::TAB {
            span = self.tab(span);
        }
        if self.text.get(span.range()) == Some("\n") {
            span.end = span.start;
        }
        let mut fault = Diagnostic::error(Some(span), message);
        fault.help = help.map(str::to_owned);
        let bracket = self.open.last().filter(|_| error.info().contains("flow"));
        if let Some(open) = bracket {
            fault = fault.label(open.span, "opened here");
        }
        self.faults.push(fault);
        Broken
    }

    /// The tab that a complaint is about: the scanner points before it or behind it.
    fn tab(&self, near: Span) -> Span {
        let at = near.start as usize;
        let line = self.text[..at].rfind('\n').map_or(0, |end| end + 1);
        match self.text[line..].find('\t') {
            Some(tab) => Span::new(self.file, line + tab..line + tab + 1),
            None => near,
        }
    }

    fn too_deep(&mut self, span: Span) -> Broken {
        let message = format!("lists and mappings stand more than {MAX_DEPTH} levels deep");
        self.broken(span, message, "write it flatter")
    }

    fn broken(&mut self, span: Span, message: impl Into<String>, help: &str) -> Broken {
        self.faults
            .push(Diagnostic::error(Some(span), message).help(help));
        Broken
    }

    /// The scanner counts characters; spans count bytes.
    fn span(&self, start: usize, end: usize) -> Span {
        let byte = |index: usize| match &self.offsets {
            Some(offsets) => offsets
                .get(index)
                .map_or(self.text.len(), |at| *at as usize),
            None => index.min(self.text.len()),
        };
        Span::new(self.file, byte(start)..byte(end))
    }

    /// The scanner lets some scalars reach as far as the next token; only what is written counts.
    fn trimmed(&self, span: Span, style: ScalarStyle) -> Span {
        let written = self.text.get(span.range()).unwrap_or_default();
        let range = match style {
            ScalarStyle::Plain => 0..written.len(),
            ScalarStyle::Literal | ScalarStyle::Folded => 0..written.trim_end().len(),
            ScalarStyle::SingleQuoted => quoted(written, b'\''),
            ScalarStyle::DoubleQuoted => quoted(written, b'"'),
        };
        let start = span.start as usize;
        Span::new(self.file, start + range.start..start + range.end)
    }
}

/// The quotes and what is between them, without the anchors and tags before and the blanks and
/// comments behind.
fn quoted(written: &str, quote: u8) -> Range<usize> {
    let start = written.len() - after_properties(written).len();
    let bytes = written.as_bytes();
    let mut at = start + 1;
    while at < bytes.len() {
        let is_doubled = quote == b'\'' && bytes.get(at + 1) == Some(&quote);
        match bytes[at] {
            b'\\' if quote == b'"' => at += 2,
            byte if byte == quote && is_doubled => at += 2,
            byte if byte == quote => return start..at + 1,
            _ => at += 1,
        }
    }
    start..written.len()
}

/// What follows the anchors and tags.
fn after_properties(written: &str) -> &str {
    let mut rest = written;
    loop {
        rest = rest.trim_start();
        let end = match rest.as_bytes().first() {
            Some(b'&' | b'!') => rest.find(char::is_whitespace),
            Some(b'#') => rest.find('\n'),
            _ => return rest,
        };
        rest = &rest[end.unwrap_or(rest.len())..];
    }
}

struct Size {
    nodes: usize,
    depth: usize,
}

/// How many nodes there are and how deep they stand; the depth of what was built is bounded.
fn measure(node: &Node) -> Size {
    let children: Vec<Size> = match &node.data {
        Data::List(items) => items.iter().map(measure).collect(),
        Data::Map(entries) => entries.iter().map(|(_, node)| measure(node)).collect(),
        _ => return Size { nodes: 1, depth: 0 },
    };
    Size {
        nodes: 1 + children.iter().map(|size| size.nodes).sum::<usize>(),
        depth: 1 + children.iter().map(|size| size.depth).max().unwrap_or(0),
    }
}
