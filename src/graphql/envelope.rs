//! What stands around `data` in an answer, whatever carries it.

use crate::graphql::{Executed, RequestError};

/// How many reasons a refusal tells.
const MAX_ERRORS: usize = 50;

/// How much room an answer starts with, in bytes.
const FIRST_ROOM: usize = 1 << 10;

/// The beginning of an answer, to which the value of `data` is appended.
pub(crate) fn begin() -> Vec<u8> {
    let mut out = Vec::with_capacity(FIRST_ROOM);
    out.extend_from_slice(b"{\"data\":");
    out
}

/// The answer that began with [`begin`].
pub(crate) fn end(executed: Executed) -> Vec<u8> {
    let mut out = executed.out;
    if !executed.errors.is_empty() {
        out.extend_from_slice(b",\"errors\":[");
        for (index, error) in executed.errors.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            error.write(&mut out);
        }
        out.push(b']');
    }
    if let Some(evicted) = executed.evicted {
        out.extend_from_slice(b",\"extensions\":{\"apiCacheEntriesDeleted\":");
        out.extend_from_slice(itoa::Buffer::new().format(evicted).as_bytes());
        out.push(b'}');
    }
    out.push(b'}');
    out
}

/// Appends the list of why an operation was not executed.
pub(crate) fn write_refusal(errors: &[RequestError], out: &mut Vec<u8>) {
    out.push(b'[');
    let more = errors.len().saturating_sub(MAX_ERRORS);
    let rest = (more > 0).then(|| RequestError::new(format!("and {more} more errors")));
    for (index, error) in errors.iter().take(MAX_ERRORS).chain(&rest).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        error.write(out);
    }
    out.push(b']');
}
