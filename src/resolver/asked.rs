//! What one operation has asked for so far: equal reads of it are made once, wherever in it they
//! stand. What its mappings cause beside their values is kept here as well.
//!
//! Equal reads of one level are made once already (`step`); here fields of different levels, types
//! and aliases meet. Nothing is shared between operations.

use std::sync::{Arc, Mutex, PoisonError};

use ahash::AHashMap;
use futures::future::join_all;
use tokio::sync::OnceCell;
use tracing::Instrument;

use crate::{
    json::Value,
    resolver::effects::{Caused, Effects},
    source::{Reply, Source, SourceError},
};

/// The reads of one operation and their replies.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    replies: Mutex<AHashMap<Read, Slot>>,
    /// What its mappings caused.
    pub(super) caused: Caused,
}

/// A read: the source's place in memory, and the request's text.
type Read = (usize, Vec<u8>);

/// Where the reply to a read is, once it is there.
type Slot = Arc<OnceCell<Result<Reply, SourceError>>>;

impl Asked {
    /// Forgets everything: what is read from now on may have changed.
    pub(crate) fn forget(&self) {
        self.replies
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Hands over what the mappings caused so far.
    pub(crate) fn effects(&self) -> Effects {
        self.caused.take()
    }

    /// Sends what nobody sent yet, and waits for what somebody did. All requests must be reads.
    pub(super) async fn send(
        &self,
        source: &Arc<dyn Source>,
        requests: &[Value],
    ) -> Vec<Result<Reply, SourceError>> {
        match requests {
            [only] => vec![self.send_one(source, only).await],
            several => join_all(several.iter().map(|request| self.send_one(source, request))).await,
        }
    }

    async fn send_one(
        &self,
        source: &Arc<dyn Source>,
        request: &Value,
    ) -> Result<Reply, SourceError> {
        let slot = self.slot(source, request);
        let send = async || {
            let sent = source.send(std::slice::from_ref(request));
            let reply = sent.instrument(tracing::debug_span!("source")).await.pop();
            reply.unwrap_or_else(|| Err(SourceError::no_answer()))
        };
        slot.get_or_init(send).await.clone()
    }

    fn slot(&self, source: &Arc<dyn Source>, request: &Value) -> Slot {
        let mut text = Vec::with_capacity(64);
        request.view().write(&mut text);
        let read = (Arc::as_ptr(source).addr(), text);
        let mut replies = self.replies.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(replies.entry(read).or_default())
    }
}
