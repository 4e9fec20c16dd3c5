//! What the mappings of an operation cause beside the values of their fields.
//!
//! A turn is held to its bounds by the functions it calls; here the turns of one operation are, all
//! together. What is beyond them is not caused, and is an error of the field that asked for it.
//!
//! See: appsync.md 3.6 (response headers), 3.8 (extensions).

use std::sync::{Mutex, PoisonError};

use crate::{
    json::Value,
    mapping::{
        MappingError,
        turn::{Extension, LogLevel, LogLine, MAX_HEADERS, MAX_INVALIDATIONS, Turn},
    },
    resolver::{Failure, Inputs},
};

/// Where logs of mappings go.
const LOG_TARGET: &str = "loomgate::mapping";

/// The most of each that one operation may cause.
const MAX_EFFECTS: usize = 1000;

/// What was caused so far. Empty costs nothing.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// Header fields of the answer, each name once.
    pub(crate) headers: Vec<(Box<str>, Value)>,
    /// What `$extensions` asked for.
    pub(crate) extensions: Vec<Extension>,
}

/// Effects that several fields add to at the same time.
#[derive(Debug, Default)]
pub(super) struct Caused(Mutex<Effects>);

// === impl Caused ===

impl Caused {
    /// Adds what a turn caused, within bounds.
    fn add(&self, turn: &mut Turn) {
        if turn.headers.is_empty() && turn.extensions.is_empty() {
            return;
        }
        let mut effects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, value) in turn.headers.drain(..) {
            if let Err(error) = effects.add_header(name, value) {
                turn.appended.push(error);
            }
        }
        for extension in turn.extensions.drain(..) {
            if let Err(error) = effects.add_extension(extension) {
                turn.appended.push(error);
            }
        }
    }

    /// Hands over what was caused so far.
    pub(super) fn take(&self) -> Effects {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// === impl Effects ===

impl Effects {
    /// Adds a header in place of one of the same name.
    fn add_header(&mut self, name: Box<str>, value: Value) -> Result<(), MappingError> {
        let is_same = |other: &str| other.eq_ignore_ascii_case(&name);
        let others = self.headers.iter().filter(|(other, _)| !is_same(other));
        let size: usize = others.map(|(name, value)| header_size(name, value)).sum();
        // Every header has a name, so that the bytes bound their number as well.
        if size + header_size(&name, &value) > MAX_HEADERS {
            return Err(MappingError::too_many_headers(&name));
        }
        self.headers.retain(|(other, _)| !is_same(other));
        self.headers.push((name, value));
        Ok(())
    }

    fn add_extension(&mut self, extension: Extension) -> Result<(), MappingError> {
        if matches!(extension, Extension::Invalidate { .. }) {
            if self.extensions.contains(&extension) {
                return Ok(());
            }
            let is_invalidation = |it: &&Extension| matches!(it, Extension::Invalidate { .. });
            if self.extensions.iter().filter(is_invalidation).count() >= MAX_INVALIDATIONS {
                return Err(MappingError::too_many_invalidations());
            }
        }
        if self.extensions.len() < MAX_EFFECTS {
            self.extensions.push(extension);
        }
        Ok(())
    }
}

/// Bytes of a header: text as it is, everything else as JSON.
fn header_size(name: &str, value: &Value) -> usize {
    let view = value.view();
    let value = view.as_str().map(|text| text.len()).unwrap_or_else(|| {
        let mut out = Vec::new();
        view.write(&mut out);
        out.len()
    });
    name.len() + value
}

/// Ends a turn: logs what it logged, notes what it caused, and hands back the errors that it added.
pub(super) fn settle(inputs: Inputs<'_>, mut turn: Turn) -> Vec<Failure> {
    for line in &turn.logs {
        log(inputs, line);
    }
    inputs.asked.caused.add(&mut turn);
    let added = turn.appended.drain(..);
    added
        .map(|error| Failure::of(error, &inputs.info))
        .collect()
}

fn log(inputs: Inputs<'_>, line: &LogLine) {
    let (parent, field) = (inputs.info.parent_type_name, inputs.info.field_name);
    let (row, column) = line.place.unwrap_or_default();
    let text = &*line.text;
    match line.level {
        LogLevel::Debug => {
            tracing::debug!(target: LOG_TARGET, parent, field, line = row, column, "{text}");
        }
        LogLevel::Info => {
            tracing::info!(target: LOG_TARGET, parent, field, line = row, column, "{text}");
        }
        LogLevel::Error => {
            tracing::error!(target: LOG_TARGET, parent, field, line = row, column, "{text}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(turn: &mut Turn, name: &str, length: usize) {
        let value = Value::from("v".repeat(length));
        turn.headers.push((name.into(), value));
    }

    fn invalidate(turn: &mut Turn, id: i64) {
        turn.extensions.push(Extension::Invalidate {
            subscription_field: "onOrder".into(),
            payload: Value::parse(format!("{{\"id\":{id}}}")).unwrap(),
        });
    }

    fn messages(turn: &Turn) -> Vec<&str> {
        turn.appended.iter().map(|it| &*it.message).collect()
    }

    #[test]
    fn the_headers_of_all_turns_together_are_four_kilobytes_at_most() {
        let caused = Caused::default();
        let (mut first, mut second, mut third) = <(Turn, Turn, Turn)>::default();
        header(&mut first, "x-a", 4000);
        header(&mut second, "x-b", 91);
        header(&mut second, "x-c", 80);
        // In the place of the large one there is room.
        header(&mut third, "X-A", 1);
        header(&mut third, "x-b", 91);
        for turn in [&mut first, &mut second, &mut third] {
            caused.add(turn);
        }
        assert!(first.appended.is_empty() && third.appended.is_empty());
        assert_eq!(
            messages(&second),
            ["with 'x-b' the response headers are larger than 4 KB"]
        );
        let error_type = second.appended[0].error_type.as_deref();
        assert_eq!(error_type, Some("ResponseHeaderError"));
        let headers = caused.take().headers;
        let names: Vec<&str> = headers.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["x-c", "X-A", "x-b"]);
    }

    #[test]
    fn the_turns_of_an_operation_share_five_invalidations() {
        let caused = Caused::default();
        let (mut first, mut second) = <(Turn, Turn)>::default();
        (1..=3).for_each(|id| invalidate(&mut first, id));
        // One of them is the same again.
        (3..=6).for_each(|id| invalidate(&mut second, id));
        caused.add(&mut first);
        caused.add(&mut second);
        assert_eq!(caused.take().extensions.len(), MAX_INVALIDATIONS);
        assert!(first.appended.is_empty());
        assert_eq!(
            messages(&second),
            ["invalidateSubscriptions can be called 5 times in a request"]
        );
    }
}
