//! Where a value stands in the answer; built into a list only when an error needs it.

use std::{fmt, sync::Arc};

use crate::graphql::error::Segment;

/// A path, linked from its end to the root along the writer's stack.
pub(super) enum Path<'p> {
    /// The root of the data.
    Root,
    /// A field of an object.
    Key(&'p Path<'p>, &'p Arc<str>),
    /// An item of a list.
    Index(&'p Path<'p>, usize),
}

impl<'p> Path<'p> {
    /// The path of a field below.
    pub(super) fn key(&'p self, key: &'p Arc<str>) -> Path<'p> {
        Path::Key(self, key)
    }

    /// The path of an item below.
    pub(super) fn index(&'p self, index: usize) -> Path<'p> {
        Path::Index(self, index)
    }

    /// The segments from the root on.
    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut segments = match self {
            Path::Root => Vec::new(),
            Path::Key(parent, _) | Path::Index(parent, _) => parent.segments(),
        };
        match self {
            Path::Root => {}
            Path::Key(_, key) => segments.push(Segment::Key(Arc::clone(key))),
            Path::Index(_, index) => segments.push(Segment::Index(*index)),
        }
        segments
    }
}

/// `/posts[0]/title`, as AppSync's messages show it.
impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Key(parent, key) => write!(f, "{parent}/{key}"),
            Path::Index(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}
