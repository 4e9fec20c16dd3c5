//! What a program reads, told from the paths that it mentions: decided at load, used to share
//! answers and to keep callers apart.
//!
//! Whatever cannot be told counts as read.

use super::{
    CallerRead, Reads,
    leaf::Names,
    place::{ContextNames, Place},
    vtl::{Name, Segment, SegmentKind},
};

/// What a program reads.
#[derive(Debug, Default)]
pub(super) struct Scan {
    pub(super) reads: Reads,
    pub(super) caller_reads: Vec<CallerRead>,
}

impl Scan {
    /// Notes a path below `$ctx`, such as `["args", "id"]`; an empty one is the whole context.
    pub(super) fn note(&mut self, path: &[&str]) {
        if path.is_empty() {
            return self.note_all();
        }
        match path[0] {
            "stash" | "outErrors" => return self.reads.stash = true,
            "prev" => return self.reads.prev = true,
            "error" => return self.reads.error = true,
            "env" => return,
            _ => {}
        }
        let root = Name {
            text: "ctx",
            span: 0..0,
        };
        let segments: Vec<Segment<'_>> = path
            .iter()
            .map(|name| Segment {
                span: 0..0,
                kind: SegmentKind::Member(name),
            })
            .collect();
        // What is no member has no value: nothing is read.
        if let Ok(bound) = ContextNames.bind(&root, &segments) {
            let rest = path.get(bound.taken..).unwrap_or_default();
            self.place(&bound.place, rest);
        }
    }

    /// Notes a place of the context and the members that follow it.
    pub(super) fn place(&mut self, place: &Place, members: &[&str]) {
        place.note(&mut self.reads);
        let members = members.iter().map(|member| Box::from(*member)).collect();
        let read = CallerRead::new(place, members);
        if let Some(read) = read.filter(|read| !self.caller_reads.contains(read)) {
            self.caller_reads.push(read);
        }
    }

    /// Anything may be read.
    pub(super) fn note_all(&mut self) {
        for place in [
            Place::Args,
            Place::Source,
            Place::Result,
            Place::Identity,
            Place::Request,
            Place::Info,
        ] {
            self.place(&place, &[]);
        }
        self.reads.stash = true;
        self.reads.prev = true;
        self.reads.error = true;
    }
}
