//! The text on its way to being compiled: parts are blanked out and a few words are put in, and
//! every place still leads back to what the team wrote.

use std::{ops::Range, path::PathBuf, sync::Arc};

use rustc_hash::FxHashMap;

/// A text that is being changed. Offsets are those of the text as it was written.
#[derive(Debug)]
pub(super) struct Draft {
    bytes: Vec<u8>,
    /// What is put in the place of a range.
    edits: Vec<(Range<usize>, String)>,
}

/// Where parts of the finished code stand in the text: each begins at an offset of the code, and
/// at one of the text.
pub(super) type Segments = Vec<(usize, usize)>;

/// Where positions of the prepared code stand in the files.
#[derive(Debug, Default)]
pub(crate) struct Places {
    files: FxHashMap<String, File>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    text: Arc<str>,
    code: Arc<str>,
    segments: Segments,
}

// === impl Draft ===

impl Draft {
    pub(super) fn new(text: &str) -> Self {
        Draft {
            bytes: text.as_bytes().to_vec(),
            edits: Vec::new(),
        }
    }

    /// Puts spaces in the place of a range; line breaks stay.
    pub(super) fn blank(&mut self, range: Range<usize>) {
        for byte in self.bytes.get_mut(range).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }

    /// Writes one ASCII character over one that was blanked or is ASCII itself.
    pub(super) fn put(&mut self, at: usize, c: u8) {
        if let Some(byte) = self.bytes.get_mut(at).filter(|byte| byte.is_ascii()) {
            *byte = c;
        }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    /// Puts other words in the place of a range.
    pub(super) fn replace(&mut self, range: Range<usize>, words: impl Into<String>) {
        self.edits.push((range, words.into()));
    }

    /// Puts words before what stands at an offset.
    pub(super) fn insert(&mut self, at: usize, words: impl Into<String>) {
        self.replace(at..at, words);
    }

    /// Puts words after everything.
    pub(super) fn append(&mut self, words: impl Into<String>) {
        self.insert(self.bytes.len(), words);
    }

    /// The code, and where its parts come from.
    pub(super) fn finish(mut self) -> (String, Segments) {
        self.edits
            .sort_by_key(|(range, _)| (range.start, range.end));
        let mut code = Vec::with_capacity(self.bytes.len());
        let mut segments = vec![(0, 0)];
        let mut at = 0;
        for (range, words) in self.edits {
            // An edit inside one that was made already has nothing left to change.
            if range.start < at || range.end > self.bytes.len() {
                continue;
            }
            code.extend_from_slice(&self.bytes[at..range.start]);
            code.extend_from_slice(words.as_bytes());
            at = range.end;
            segments.push((code.len(), at));
        }
        code.extend_from_slice(&self.bytes[at..]);
        // Whole characters are blanked, so nothing is lost here.
        (String::from_utf8_lossy(&code).into_owned(), segments)
    }
}

// === impl Places ===

impl Places {
    pub(super) fn add(
        &mut self,
        module: &str,
        path: PathBuf,
        text: Arc<str>,
        code: &str,
        segments: Segments,
    ) {
        let code = Arc::from(code);
        self.files.insert(
            module.to_owned(),
            File {
                path,
                text,
                code,
                segments,
            },
        );
    }

    /// The file, line and column of a place in a prepared module; both count from 1, columns in
    /// characters.
    pub(crate) fn find(&self, module: &str, line: u32, column: u32) -> Option<(PathBuf, u32, u32)> {
        let file = self.files.get(module)?;
        let offset = offset(&file.code, line, column)?;
        let following = file.segments.partition_point(|(code, _)| *code <= offset);
        let (code_start, text_start) = *file.segments.get(following.checked_sub(1)?)?;
        // What was put in leads to what follows it.
        let limit = match file.segments.get(following) {
            Some((_, next)) => *next,
            None => file.text.len(),
        };
        let at = (text_start + (offset - code_start)).min(limit);
        let (line, column) = position(&file.text, at)?;
        Some((file.path.clone(), line, column))
    }
}

fn offset(text: &str, line: u32, column: u32) -> Option<usize> {
    let mut begin = 0;
    for _ in 1..line.max(1) {
        begin += text[begin..].find('\n')? + 1;
    }
    let rest = text[begin..].split('\n').next()?;
    let characters = (column.max(1) - 1) as usize;
    let within = rest.char_indices().nth(characters);
    Some(begin + within.map_or(rest.len(), |(at, _)| at))
}

fn position(text: &str, at: usize) -> Option<(u32, u32)> {
    let before = text.get(..at)?;
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    let column = before[begin..].chars().count() + 1;
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}
