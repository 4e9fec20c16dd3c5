//! The one pass over a JSON text: RFC 8259, strictly, without recursion.
//!
//! It is fed text that is known to be UTF-8 and answers the tape. It unescapes nothing and computes
//! no number: it only finds where things begin and end.

use smallvec::SmallVec;

use super::{
    document::{Node, Tag},
    scan,
};

/// How deep lists and objects may nest.
const MAX_DEPTH: usize = 128;

/// While a list or object at the root is open, it has no container around it.
const NONE: u32 = u32::MAX;

/// How many bytes of text a node takes at the least when the tape is sized; denser texts grow it.
const BYTES_PER_NODE: usize = 16;

/// Why a text is not JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} at byte {offset}")]
pub struct ParseError {
    /// What was wrong.
    pub message: &'static str,
    /// Where, in bytes from the start of the text.
    pub offset: usize,
}

/// The nodes of a text, the root first.
pub(super) fn tape(text: &str) -> Result<Vec<Node>, ParseError> {
    if u32::try_from(text.len()).is_err() {
        return Err(error("the text is longer than 4 GiB", 0));
    }
    let mut parser = Parser::new(text.as_bytes());
    let start = parser.gap(0);
    let end = parser.values(start)?;
    let end = parser.gap(end);
    if end < text.len() {
        return Err(error("expected the end of the text", end));
    }
    Ok(parser.nodes)
}

/// What is known halfway through a text. The position is not here but handed from step to step,
/// which lets it live in a register.
struct Parser<'a> {
    text: &'a [u8],
    nodes: Vec<Node>,
    /// The innermost open container. Its `link` names the one around it until it is closed.
    open: u32,
    /// How many runs of whitespace were skipped; an open container keeps in `end` how many there
    /// were before it, so that closing it tells whether it has any.
    gaps: u32,
    names: Names,
    /// The names seen in the containers around the open one; its length is the depth.
    around: SmallVec<[Names; 8]>,
}

impl<'a> Parser<'a> {
    fn new(text: &'a [u8]) -> Self {
        Parser {
            text,
            nodes: Vec::with_capacity(text.len() / BYTES_PER_NODE + 4),
            open: NONE,
            gaps: 0,
            names: Names::default(),
            around: SmallVec::new(),
        }
    }

    /// Reads the value at `at` and everything in it; answers where it ends.
    fn values(&mut self, mut at: usize) -> Result<usize, ParseError> {
        loop {
            at = match self.text.get(at) {
                Some(b'"') => self.string(at)?,
                Some(b'-' | b'0'..=b'9') => self.number(at)?,
                Some(b'{') => {
                    at = self.open(Tag::Object, at)?;
                    if self.text.get(at) != Some(&b'}') {
                        at = self.key(at)?;
                        continue;
                    }
                    self.close(at)
                }
                Some(b'[') => {
                    at = self.open(Tag::List, at)?;
                    if self.text.get(at) != Some(&b']') {
                        continue;
                    }
                    self.close(at)
                }
                _ => self.word(at)?,
            };
            let Some(next) = self.after_value(&mut at)? else {
                return Ok(at);
            };
            at = next;
        }
    }

    /// Reads the commas and brackets after a value: answers where the next value begins, or `None`
    /// when the root is complete and ends at `at`.
    #[inline(always)]
    fn after_value(&mut self, at: &mut usize) -> Result<Option<usize>, ParseError> {
        loop {
            // Only the root has nothing around it.
            let Some(open) = self.nodes.get(self.open as usize) else {
                return Ok(None);
            };
            let in_object = open.tag == Tag::Object;
            let here = self.gap(*at);
            match (self.text.get(here), in_object) {
                (Some(b','), true) => {
                    let key = self.gap(here + 1);
                    return self.key(key).map(Some);
                }
                (Some(b','), false) => return Ok(Some(self.gap(here + 1))),
                (Some(b'}'), true) | (Some(b']'), false) => *at = self.close(here),
                (_, true) => return Err(error("expected `,` or `}`", here)),
                (_, false) => return Err(error("expected `,` or `]`", here)),
            }
        }
    }

    /// Opens a list or an object; answers where its first member or its end stands.
    #[inline(always)]
    fn open(&mut self, tag: Tag, at: usize) -> Result<usize, ParseError> {
        if self.around.len() == MAX_DEPTH {
            return Err(error("nested deeper than 128", at));
        }
        self.around.push(self.names);
        self.names = Names::default();
        let node = self.nodes.len() as u32;
        self.nodes.push(Node {
            start: at as u32,
            end: self.gaps,
            link: self.open,
            tag,
            compact: false,
        });
        self.open = node;
        Ok(self.gap(at + 1))
    }

    /// Closes the open container, whose bracket stands at `at`.
    #[inline(always)]
    fn close(&mut self, at: usize) -> usize {
        let next = self.nodes.len() as u32;
        if let Some(node) = self.nodes.get_mut(self.open as usize) {
            self.open = node.link;
            node.compact = node.end == self.gaps;
            node.end = at as u32 + 1;
            node.link = next;
        }
        self.names = self.around.pop().unwrap_or_default();
        at + 1
    }

    /// Reads a key and its colon; answers where the value begins.
    #[inline(always)]
    fn key(&mut self, at: usize) -> Result<usize, ParseError> {
        if self.text.get(at) != Some(&b'"') {
            return Err(error("expected a name in quotes", at));
        }
        let (end, escaped) = self.string_end(at)?;
        let tag = match (escaped, self.names.is_new(self.text, at + 1, end - 1)) {
            (true, _) => {
                self.names = Names::ANY;
                Tag::EscapedKey
            }
            (false, true) => Tag::Key,
            (false, false) => Tag::LateKey,
        };
        self.nodes.push(Node {
            start: at as u32 + 1,
            end: end as u32 - 1,
            link: self.open,
            tag,
            compact: true,
        });
        let colon = self.gap(end);
        if self.text.get(colon) != Some(&b':') {
            return Err(error("expected `:`", colon));
        }
        Ok(self.gap(colon + 1))
    }

    #[inline(always)]
    fn string(&mut self, at: usize) -> Result<usize, ParseError> {
        let (end, escaped) = self.string_end(at)?;
        let tag = if escaped { Tag::Escaped } else { Tag::String };
        Ok(self.scalar(tag, at, end))
    }

    /// Where the string that begins at `at` ends, and whether it has escapes.
    #[inline(always)]
    fn string_end(&self, at: usize) -> Result<(usize, bool), ParseError> {
        let end = plain_end(self.text, at + 1);
        if self.text.get(end) == Some(&b'"') {
            return Ok((end + 1, false));
        }
        Ok((escaped_end(self.text, end)?, true))
    }

    #[inline(always)]
    fn number(&mut self, start: usize) -> Result<usize, ParseError> {
        let first = start + usize::from(self.text.get(start) == Some(&b'-'));
        let end = match self.text.get(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => digits_end(self.text, first + 1),
            _ => return Err(error("expected a digit", first)),
        };
        if !matches!(self.text.get(end), Some(b'.' | b'e' | b'E')) {
            return Ok(self.scalar(Tag::Int, start, end));
        }
        let end = fraction_end(self.text, end)?;
        Ok(self.scalar(Tag::Float, start, end))
    }

    /// `true`, `false` or `null`; anything else is no value.
    fn word(&mut self, at: usize) -> Result<usize, ParseError> {
        let rest = self.text.get(at..).unwrap_or_default();
        let (tag, length) = match rest.first() {
            Some(b't') if rest.starts_with(b"true") => (Tag::True, 4),
            Some(b'f') if rest.starts_with(b"false") => (Tag::False, 5),
            Some(b'n') if rest.starts_with(b"null") => (Tag::Null, 4),
            _ => return Err(error("expected a value", at)),
        };
        Ok(self.scalar(tag, at, at + length))
    }

    #[inline(always)]
    fn scalar(&mut self, tag: Tag, start: usize, end: usize) -> usize {
        let link = self.nodes.len() as u32 + 1;
        self.nodes.push(Node {
            start: start as u32,
            end: end as u32,
            link,
            tag,
            compact: true,
        });
        end
    }

    /// Skips whitespace.
    #[inline(always)]
    fn gap(&mut self, at: usize) -> usize {
        match self.text.get(at) {
            Some(b'\0'..=b' ') => self.skip(at),
            _ => at,
        }
    }

    fn skip(&mut self, mut at: usize) -> usize {
        // Indentation comes in long runs.
        const SPACES: [u8; 8] = [b' '; 8];
        self.gaps += 1;
        loop {
            at += match self.text.get(at) {
                Some(b' ') if self.text[at..].starts_with(&SPACES) => SPACES.len(),
                Some(b' ' | b'\n' | b'\r' | b'\t') => 1,
                _ => return at,
            }
        }
    }
}

// === free steps, which need nothing but the text ===

/// Where the plain bytes that begin at `at` end.
#[inline(always)]
fn plain_end(text: &[u8], at: usize) -> usize {
    at + scan::plain_length(text.get(at..).unwrap_or_default())
}

/// The end of a string that has an escape, or something it must not have, at `at`.
fn escaped_end(text: &[u8], mut at: usize) -> Result<usize, ParseError> {
    loop {
        match text.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape_end(text, at)?,
            Some(_) => return Err(error("a control character must be escaped", at)),
            None => return Err(error("the string is not closed", at)),
        }
        at = plain_end(text, at);
    }
}

/// The end of the escape whose backslash stands at `at`.
fn escape_end(text: &[u8], at: usize) -> Result<usize, ParseError> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 2),
        Some(b'u') => match text.get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            _ => Err(error("expected four hexadecimal digits", at)),
        },
        Some(_) => Err(error("there is no such escape", at)),
        None => Err(error("the string is not closed", at)),
    }
}

#[inline(always)]
fn digits_end(text: &[u8], mut at: usize) -> usize {
    while let Some(b'0'..=b'9') = text.get(at) {
        at += 1;
    }
    at
}

/// The end of a number whose fraction or exponent begins at `at`.
fn fraction_end(text: &[u8], mut at: usize) -> Result<usize, ParseError> {
    if text.get(at) == Some(&b'.') {
        at = some_digits_end(text, at + 1)?;
    }
    if let Some(b'e' | b'E') = text.get(at) {
        let signed = matches!(text.get(at + 1), Some(b'+' | b'-'));
        at = some_digits_end(text, at + 1 + usize::from(signed))?;
    }
    Ok(at)
}

fn some_digits_end(text: &[u8], at: usize) -> Result<usize, ParseError> {
    let end = digits_end(text, at);
    if end == at {
        return Err(error("expected a digit", at));
    }
    Ok(end)
}

#[cold]
fn error(message: &'static str, offset: usize) -> ParseError {
    ParseError { message, offset }
}

// === names that may repeat ===

/// The names an object has so far, as a Bloom filter: it may take a new name for a repeated one,
/// never the reverse. A name that may be repeated only loses the short cut of `get_hinted`.
#[derive(Debug, Clone, Copy, Default)]
struct Names([u64; 4]);

impl Names {
    /// After an escaped name, any name may be a repetition.
    const ANY: Names = Names([u64::MAX; 4]);

    /// Adds the name that stands between `start` and `end`.
    #[inline(always)]
    fn is_new(&mut self, text: &[u8], start: usize, end: usize) -> bool {
        let length = end - start;
        // The last bytes of the name, at most eight; what stands before a shorter name is shifted out.
        let word = match text.get(..end).and_then(<[u8]>::last_chunk) {
            Some(bytes) if length >= 8 => u64::from_le_bytes(*bytes),
            Some(bytes) if length > 0 => u64::from_le_bytes(*bytes) >> (64 - 8 * length),
            _ => short_word(text.get(start..end).unwrap_or_default()),
        };
        let hash = (word ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        // The top two bits choose a word, the next six a bit of it.
        let (word, bit) = (&mut self.0[(hash >> 62) as usize], 1 << (hash >> 56 & 63));
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}

/// A name of less than eight bytes as a little-endian word, where the text has not eight to read.
#[cold]
fn short_word(name: &[u8]) -> u64 {
    let bytes = name.iter().rev();
    bytes.fold(0, |word, &byte| word << 8 | u64::from(byte))
}
