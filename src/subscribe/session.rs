//! What one client has running, without its socket.
//!
//! An id is taken from the moment its operation is asked for, before there is anything to hold on
//! to. A [`Ticket`] tells the operation of an id from a later one that took the same id.

use std::{collections::HashMap, sync::Arc};

/// The operations of one client, by id. `T` keeps one going; to drop it is to stop it.
#[derive(Debug)]
pub(crate) struct Session<T> {
    running: HashMap<Arc<str>, Slot<T>>,
    begun: u64,
    limit: usize,
    closed: bool,
}

#[derive(Debug)]
struct Slot<T> {
    number: u64,
    held: Option<T>,
}

/// Names one operation among all that a client ever began.
#[derive(Debug, Clone)]
pub(crate) struct Ticket {
    id: Arc<str>,
    number: u64,
}

/// Why an operation cannot begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unbegun {
    /// Its id is taken.
    Taken,
    /// The client has as many as it may have.
    TooMany,
}

// === impl Session ===

impl<T> Session<T> {
    /// A client that may have so many operations at once.
    pub(crate) fn new(limit: usize) -> Self {
        Session {
            running: HashMap::new(),
            begun: 0,
            limit,
            closed: false,
        }
    }

    /// How many operations there may be.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Takes an id.
    pub(super) fn begin(&mut self, id: &str) -> Result<Ticket, Unbegun> {
        if self.running.contains_key(id) {
            return Err(Unbegun::Taken);
        }
        if self.closed || self.running.len() >= self.limit {
            return Err(Unbegun::TooMany);
        }
        let ticket = Ticket {
            id: Arc::from(id),
            number: self.begun,
        };
        self.begun += 1;
        let slot = Slot {
            number: ticket.number,
            held: None,
        };
        self.running.insert(Arc::clone(&ticket.id), slot);
        Ok(ticket)
    }

    /// Whether the operation is still wanted.
    pub(crate) fn is_running(&self, ticket: &Ticket) -> bool {
        let slot = self.running.get(&ticket.id);
        slot.is_some_and(|slot| slot.number == ticket.number)
    }

    /// Holds on to what keeps an operation going. What was held before, or what nobody wants any
    /// more, is given back, to be dropped outside of any lock.
    pub(crate) fn hold(&mut self, ticket: &Ticket, held: T) -> Option<T> {
        match self.running.get_mut(&ticket.id) {
            Some(slot) if slot.number == ticket.number => slot.held.replace(held),
            _ => Some(held),
        }
    }

    /// Gives back an id, and what kept its operation going.
    pub(super) fn end(&mut self, id: &str) -> Option<T> {
        self.running.remove(id)?.held
    }

    /// Like [`Session::end`] for the operation that ended by itself; nothing, if it was not wanted
    /// any more.
    pub(crate) fn finish(&mut self, ticket: &Ticket) -> Option<T> {
        self.is_running(ticket).then(|| self.end(&ticket.id))?
    }

    /// The client is gone: nothing begins any more. What kept its operations going is given back.
    pub(crate) fn close(&mut self) -> Vec<T> {
        self.closed = true;
        let running = std::mem::take(&mut self.running);
        running.into_values().filter_map(|slot| slot.held).collect()
    }
}

// === impl Ticket ===

impl Ticket {
    /// The id that the client chose.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_taken_until_its_operation_ends() {
        let mut session = Session::<()>::new(2);
        let first = session.begin("a").unwrap();
        assert_eq!(session.begin("a").unwrap_err(), Unbegun::Taken);
        session.begin("b").unwrap();
        assert_eq!(session.begin("c").unwrap_err(), Unbegun::TooMany);
        session.finish(&first);
        session.begin("a").unwrap();
    }

    #[test]
    fn an_operation_that_was_ended_does_not_touch_its_successor() {
        let mut session = Session::new(2);
        let first = session.begin("a").unwrap();
        session.end("a");
        let second = session.begin("a").unwrap();
        assert!(!session.is_running(&first));
        assert_eq!(session.hold(&first, 1), Some(1));
        assert_eq!(session.hold(&second, 2), None);
        assert_eq!(session.finish(&first), None);
        assert_eq!(session.finish(&second), Some(2));
    }

    #[test]
    fn a_closed_session_gives_back_what_it_held_and_begins_nothing() {
        let mut session = Session::new(2);
        let ticket = session.begin("a").unwrap();
        session.hold(&ticket, 1);
        assert_eq!(session.close(), [1]);
        assert_eq!(session.hold(&ticket, 1), Some(1));
        assert!(session.begin("b").is_err());
    }
}
