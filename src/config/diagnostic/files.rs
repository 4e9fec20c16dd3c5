//! The files that were read, and places in them.

use std::{
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Identifies a file that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A place in a file: byte offsets from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Something together with the place where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

/// A place as people count: both from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// The files that were read, for excerpts.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: PathBuf,
    text: Arc<str>,
    /// Where each line begins.
    lines: Vec<u32>,
    /// Literal secrets, which no excerpt shows.
    concealed: Vec<Range<usize>>,
}

// === impl Span ===

impl Span {
    /// The bytes from `start` to before `end`.
    #[must_use]
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Span {
            file,
            // Files beyond 4 GiB are refused when they are read.
            start: range.start as u32,
            end: range.end as u32,
        }
    }

    /// The same, as a range of indices.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

// === impl Spanned ===

impl<T> Spanned<T> {
    /// Something and its place.
    pub fn new(value: T, span: Span) -> Self {
        Spanned { value, span }
    }
}

// === impl Files ===

impl Files {
    /// Adds a file.
    pub fn register(&mut self, path: impl Into<PathBuf>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(File::new(path.into(), text.into()));
        FileId(self.files.len() as u32 - 1)
    }

    /// The path of a file, as it is shown.
    #[must_use]
    pub fn path(&self, id: FileId) -> Option<&Path> {
        Some(self.file(id)?.path.as_path())
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, id: FileId) -> Option<&Arc<str>> {
        Some(&self.file(id)?.text)
    }

    /// The place with this path, when it was read.
    #[must_use]
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let index = self.files.iter().position(|file| file.path == path)?;
        Some(FileId(index as u32))
    }

    /// The line and column of a byte offset; offsets past the end mean the end.
    #[must_use]
    pub fn position(&self, id: FileId, offset: u32) -> Option<Position> {
        let file = self.file(id)?;
        let offset = floor_char(&file.text, offset as usize);
        let line = file.line_of(offset);
        let before = &file.text[file.lines[line] as usize..offset];
        Some(Position {
            line: line + 1,
            column: before.chars().count() + 1,
        })
    }

    /// Keeps a literal secret out of every excerpt.
    pub fn conceal(&mut self, span: Span) {
        if let Some(file) = self.files.get_mut(span.file.0 as usize) {
            file.concealed.push(span.range());
        }
    }

    /// The lines that a range of a file touches, secrets starred out, and where they begin: the
    /// byte offset and the number of the first line.
    pub(super) fn excerpt(
        &self,
        id: FileId,
        range: &Range<usize>,
    ) -> Option<(String, usize, usize)> {
        let file = self.file(id)?;
        let first = file.line_of(floor_char(&file.text, range.start));
        let begin = file.lines[first] as usize;
        let end = file.line_end(floor_char(&file.text, range.end));
        let mut lines = String::with_capacity(end - begin);
        for (offset, c) in file.text[begin..end].char_indices() {
            if file.is_concealed(begin + offset) && c != '\n' {
                // One star a byte keeps every offset where it was.
                lines.extend(std::iter::repeat_n('*', c.len_utf8()));
            } else {
                lines.push(c);
            }
        }
        Some((lines, begin, first + 1))
    }

    /// The range as far as the end of its first line.
    pub(super) fn first_line(&self, span: Span) -> Option<Range<usize>> {
        let file = self.file(span.file)?;
        let start = floor_char(&file.text, span.start as usize);
        let end = floor_char(&file.text, span.end as usize).clamp(start, file.line_end(start));
        Some(start..end)
    }

    /// Takes over another collection's files; the answer is their new places, by their old ones.
    pub(super) fn adopt(&mut self, other: Files) -> Vec<FileId> {
        let mut places = Vec::with_capacity(other.files.len());
        for file in other.files {
            let is_same = |ours: &File| ours.path == file.path && ours.text == file.text;
            match self.files.iter().position(is_same) {
                Some(place) => {
                    self.files[place].concealed.extend(file.concealed);
                    places.push(FileId(place as u32));
                }
                None => {
                    places.push(FileId(self.files.len() as u32));
                    self.files.push(file);
                }
            }
        }
        places
    }

    fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize)
    }
}

// === impl File ===

impl File {
    fn new(path: PathBuf, text: Arc<str>) -> Self {
        let begins = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at as u32 + 1);
        File {
            lines: std::iter::once(0).chain(begins).collect(),
            path,
            text,
            concealed: Vec::new(),
        }
    }

    /// The index of the line that an offset stands on.
    fn line_of(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|begin| *begin as usize <= offset)
            - 1
    }

    /// Where the line of an offset ends, without its line break.
    fn line_end(&self, offset: usize) -> usize {
        let end = match self.lines.get(self.line_of(offset) + 1) {
            Some(next) => *next as usize - 1,
            None => self.text.len(),
        };
        match self.text[..end].strip_suffix('\r') {
            Some(line) => line.len().max(offset.min(end)),
            None => end,
        }
    }

    fn is_concealed(&self, offset: usize) -> bool {
        self.concealed.iter().any(|range| range.contains(&offset))
    }
}

/// The nearest offset at or before this one that lies between two characters.
fn floor_char(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}
