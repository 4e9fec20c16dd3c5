//! What a template can read of the embedding.
//!
//! Warnings and the safety of caches rest on it: it may say too much, and never too little. What is
//! aliased or passed on whole is mentioned whole where that happens. A text that is put together
//! and evaluated may read everything.

use std::ops::Range;

use super::{Mention, names::Survey};
use crate::mapping::vtl::host::Names;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) mentions: Vec<Mention>,
    pub(super) unknown: Vec<Range<usize>>,
}

/// Sorts what a template reads into what the embedding knows, and what nobody does.
pub(super) fn find(survey: &Survey<'_>, names: &dyn Names) -> Found {
    let mut found = Found::default();
    for seen in &survey.references {
        let Some(root) = seen.path.first() else {
            continue;
        };
        if names.root(root).is_some() {
            found.mentions.push(Mention {
                path: seen.path.iter().map(|name| Box::from(*name)).collect(),
                call: seen.call.map(Box::from),
                span: seen.span.clone(),
            });
        } else if survey.unseen.is_empty() && !survey.assigned.contains(root) {
            found.unknown.push(seen.span.clone());
        }
    }
    for span in &survey.unseen {
        let everything = names.known(None).into_iter().map(|root| Mention {
            path: vec![root.into()],
            call: None,
            span: span.clone(),
        });
        found.mentions.extend(everything);
    }
    found.mentions.sort_by_key(|mention| mention.span.start);
    found
}
