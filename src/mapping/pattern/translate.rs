//! From Java's patterns to ours.

use super::class;

/// What ends a line, beside `\r\n`.
const LINE_END: &str = r"\n\r\x{85}\x{2028}\x{2029}";

/// What is wrong with a pattern.
pub(super) type Fault = String;

/// A pattern that is being read.
pub(super) struct Reader<'p> {
    rest: &'p str,
    pub(super) out: String,
    /// How many groups the pattern has: `\11` is a group only if there are that many.
    groups: usize,
    flags: Flags,
    /// The flags outside of each open group.
    outside: Vec<Flags>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    dot_all: bool,
    multi_line: bool,
    comments: bool,
}

/// Translates a pattern.
pub(super) fn translate(pattern: &str) -> Result<String, Fault> {
    let mut reader = Reader {
        rest: pattern,
        out: String::with_capacity(pattern.len() + 16),
        groups: count_groups(pattern),
        flags: Flags::default(),
        outside: Vec::new(),
    };
    while let Some(char) = reader.next() {
        reader.translate_one(char)?;
    }
    match reader.outside.is_empty() {
        true => Ok(reader.out),
        false => Err("a group is never closed".to_owned()),
    }
}

impl<'p> Reader<'p> {
    pub(super) fn next(&mut self) -> Option<char> {
        let char = self.rest.chars().next()?;
        self.rest = &self.rest[char.len_utf8()..];
        Some(char)
    }

    pub(super) fn rest(&self) -> &'p str {
        self.rest
    }

    pub(super) fn eat(&mut self, prefix: &str) -> bool {
        let after = self.rest.strip_prefix(prefix);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    fn translate_one(&mut self, char: char) -> Result<(), Fault> {
        match char {
            '\\' => return self.escape(),
            '[' => return class::translate(self),
            '(' => return self.open(),
            ')' => {
                self.flags = self.outside.pop().ok_or("a `)` closes no group")?;
                self.out.push(')');
            }
            '.' if self.flags.dot_all => self.out.push_str("(?s:.)"),
            '.' => self.out.push_str(&format!("[^{LINE_END}]")),
            '$' if self.flags.multi_line => {
                self.out.push_str(&format!("(?=[{LINE_END}]|\\z)"));
            }
            '$' => self
                .out
                .push_str(&format!("(?=(?:\\r\\n|[{LINE_END}])?\\z)")),
            '^' if self.flags.multi_line => {
                // After the end of a line, but not at the end of the text.
                self.out
                    .push_str(&format!("(?:\\A|(?<=[{LINE_END}])(?!\\z))"));
            }
            '^' => self.out.push_str("\\A"),
            '#' if self.flags.comments => {
                let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
                self.rest = &self.rest[end..];
            }
            char if self.flags.comments && char.is_ascii_whitespace() => {}
            '*' | '+' | '?' | '|' => self.out.push(char),
            '{' => self.repetition()?,
            other => self.literal(other),
        }
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,5}`
    fn repetition(&mut self) -> Result<(), Fault> {
        let (inside, after) = self.rest.split_once('}').ok_or("a `{` is never closed")?;
        let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if least.is_empty() || !digits(least) || !digits(most) {
            return Err(format!("`{{{inside}}}` repeats nothing"));
        }
        self.out.push('{');
        self.out.push_str(inside);
        self.out.push('}');
        self.rest = after;
        Ok(())
    }

    /// What follows a `(`.
    fn open(&mut self) -> Result<(), Fault> {
        let outside = self.flags;
        if !self.eat("?") {
            self.outside.push(outside);
            self.out.push('(');
            return Ok(());
        }
        let plain = ["<=", "<!", "=", "!", ":", ">"];
        if let Some(kind) = plain.into_iter().find(|kind| self.eat(kind)) {
            self.outside.push(outside);
            self.out.push_str("(?");
            self.out.push_str(kind);
            return Ok(());
        }
        if self.eat("<") {
            let (name, after) = self.rest.split_once('>').ok_or("a name is never closed")?;
            let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
            if !letters || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                return Err(format!("`{name}` is no name of a group"));
            }
            self.rest = after;
            self.outside.push(outside);
            self.out.push_str(&format!("(?<{name}>"));
            return Ok(());
        }
        self.flags(outside)
    }

    /// `(?i)`, `(?s-m:…)`
    fn flags(&mut self, outside: Flags) -> Result<(), Fault> {
        let mut on = true;
        let (mut ignore_case, mut heed_case) = (false, false);
        loop {
            match self.next().ok_or("a group is never closed")? {
                '-' => on = false,
                'i' if on => ignore_case = true,
                'i' => heed_case = true,
                's' => self.flags.dot_all = on,
                'm' => self.flags.multi_line = on,
                'x' => self.flags.comments = on,
                // Lines that end with `\n` alone, and letters beyond ASCII.
                'd' | 'u' | 'U' => {}
                end @ (':' | ')') => {
                    let case = match (ignore_case, heed_case) {
                        (_, true) => "-i",
                        (true, false) => "i",
                        (false, false) => "",
                    };
                    if end == ':' {
                        self.outside.push(outside);
                        self.out.push_str(&format!("(?{case}:"));
                    } else if !case.is_empty() {
                        self.out.push_str(&format!("(?{case})"));
                    }
                    return Ok(());
                }
                other => return Err(format!("`(?{other}` means nothing")),
            }
        }
    }

    /// What follows a backslash, outside of brackets.
    fn escape(&mut self) -> Result<(), Fault> {
        let rest = self.rest;
        match self.next().ok_or("a backslash ends the pattern")? {
            'Q' => {
                let (quoted, after) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
                self.rest = after;
                for char in quoted.chars() {
                    self.literal(char);
                }
            }
            'E' => {}
            'R' => self
                .out
                .push_str(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
            anchor @ ('b' | 'B' | 'A' | 'G' | 'z') => self.out.extend(['\\', anchor]),
            'Z' => self
                .out
                .push_str(&format!("(?=(?:\\r\\n|[{LINE_END}])?\\z)")),
            'k' => {
                let name = self
                    .rest
                    .strip_prefix('<')
                    .and_then(|name| name.split_once('>'));
                let (name, after) = name.ok_or("`\\k` needs a name in angle brackets")?;
                self.out.push_str(&format!("(?:\\k<{name}>)"));
                self.rest = after;
            }
            '1'..='9' => {
                self.rest = rest;
                self.back_reference();
            }
            _ => {
                self.rest = rest;
                let one = class::escaped(self)?;
                self.out.push_str(&one.outside());
            }
        }
        Ok(())
    }

    /// `\1`: as many digits as there are groups for.
    fn back_reference(&mut self) {
        let mut group = 0;
        while let Some(digit) = self.rest.chars().next().and_then(|char| char.to_digit(10)) {
            let longer = group * 10 + digit as usize;
            if group > 0 && longer > self.groups {
                break;
            }
            group = longer;
            self.rest = &self.rest[1..];
        }
        // A group that is not there never matches.
        self.out.push_str(&match group <= self.groups {
            true => format!("(?:\\{group})"),
            false => "(?!)".to_owned(),
        });
    }

    fn literal(&mut self, char: char) {
        push_literal(char, &mut self.out);
    }
}

/// Appends a character that stands for itself, inside brackets or outside.
pub(super) fn push_literal(char: char, out: &mut String) {
    if char.is_ascii_alphanumeric() || char == '_' || !char.is_ascii() {
        return out.push(char);
    }
    // A name that no syntax gives a meaning to.
    out.push_str(&format!("\\x{{{:x}}}", u32::from(char)));
}

/// How many groups a pattern has that can be referred to.
fn count_groups(pattern: &str) -> usize {
    let mut groups = 0;
    let mut depth = 0_usize;
    let mut rest = pattern;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        match char {
            '\\' if rest.starts_with('Q') => {
                rest = rest.split_once("\\E").map_or("", |(_, after)| after);
            }
            '\\' => {
                rest = rest
                    .get(rest.chars().next().map_or(0, char::len_utf8)..)
                    .unwrap_or("")
            }
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '(' if depth == 0 => {
                let named =
                    rest.starts_with("?<") && !rest.starts_with("?<=") && !rest.starts_with("?<!");
                groups += usize::from(named || !rest.starts_with('?'));
            }
            _ => {}
        }
    }
    groups
}
