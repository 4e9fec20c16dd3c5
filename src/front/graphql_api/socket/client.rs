//! What runs for one client: each operation in a task of its own, so that a slow one holds up
//! neither the socket nor the others.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::task::AbortHandle;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use uuid::Uuid;

use crate::{
    front::{
        fault::Fault,
        graphql_api::operation::{Api, Prepared, Refused},
        socket::Outbox,
    },
    graphql::Subscription,
    request::Call,
    subscribe::{Envelope, Membership, Notice, Overrun, Session, Ticket, complete, errors},
};

/// What the operations of one client share.
pub(super) struct Client {
    api: Api,
    outbox: Outbox,
    session: Mutex<Session<Running>>,
}

/// Keeps an operation going; to drop it is to stop it.
pub(super) enum Running {
    /// It is being prepared or executed. A mutation that is dropped goes on.
    Task { _task: Task },
    /// It listens.
    Subscribed { _membership: Membership },
}

/// A task that does not outlive this.
pub(super) struct Task(AbortHandle);

// === impl Client ===

impl Client {
    pub(super) fn new(api: Api, outbox: Outbox) -> Self {
        let limit = api.graphql().subscriptions.per_connection;
        Client {
            api,
            outbox,
            session: Mutex::new(Session::new(limit)),
        }
    }

    pub(super) fn api(&self) -> &Api {
        &self.api
    }

    /// What runs. Nothing that may fail is done under the lock.
    pub(super) fn session(&self) -> MutexGuard<'_, Session<Running>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the client. One that does not listen is being disconnected by its socket.
    pub(super) fn say(&self, text: Utf8Bytes) {
        let _ = self.outbox.send(text);
    }

    /// The client is gone.
    pub(super) fn leave(&self) {
        let running = self.session().close();
        drop(running);
    }

    /// Begins an operation.
    pub(super) fn begin(self: &Arc<Self>, call: Arc<Call>, ticket: &Ticket, payload: Bytes) {
        // Under the lock, so that the task cannot be through before it is held.
        let mut session = self.session();
        let work = Arc::clone(self).operate(call, ticket.clone(), payload);
        let task = Task(tokio::spawn(work).abort_handle());
        let unwanted = session.hold(ticket, Running::Task { _task: task });
        drop(session);
        drop(unwanted);
    }

    async fn operate(self: Arc<Self>, call: Arc<Call>, ticket: Ticket, payload: Bytes) {
        match self.prepare(&call, &payload) {
            Ok(Prepared::Run(execution)) => match self.api.run(execution).await {
                Ok(answer) => self.answer(&ticket, &answer.body),
                Err(refused) => self.refuse(&ticket, &refused),
            },
            Ok(Prepared::Listen(mut subscription)) => {
                match self.api.open(&mut subscription).await {
                    Ok(()) => self.listen(&ticket, subscription),
                    Err(refused) => self.refuse(&ticket, &refused),
                }
            }
            Err(refused) => self.refuse(&ticket, &refused),
        }
    }

    fn prepare(&self, before: &Call, payload: &[u8]) -> Result<Prepared, Refused> {
        let request = serde_json::from_slice(payload).map_err(|error| {
            let message = format!("the payload is no GraphQL request: {error}");
            Refused::Request(Fault::Malformed(message))
        })?;
        let deployment = self.api.deployment();
        let call = deployment
            .guard
            .readmit(before, Uuid::new_v4(), &deployment.rule)
            .map_err(Refused::Caller)?;
        self.api.prepare(&Arc::new(call), request, false)
    }

    /// The answer to a query or a mutation, unless the client does not want it any more.
    fn answer(&self, ticket: &Ticket, answer: &[u8]) {
        let next = Envelope::next(ticket.id()).wrap(&String::from_utf8_lossy(answer));
        self.finish(ticket, [next, complete(ticket.id())]);
    }

    fn refuse(&self, ticket: &Ticket, refused: &Refused) {
        let mut list = Vec::new();
        refused.write_list(&mut list);
        self.finish(ticket, [errors(ticket.id(), &list)]);
    }

    /// The last messages of an operation. They are said under the lock: afterwards the client may
    /// have given the id to another one.
    fn finish(&self, ticket: &Ticket, messages: impl IntoIterator<Item = Utf8Bytes>) {
        let mut session = self.session();
        if !session.is_running(ticket) {
            return;
        }
        for message in messages {
            self.say(message);
        }
        // The task, which has come to its end, or the membership, which was ended.
        let running = session.finish(ticket);
        drop(session);
        drop(running);
    }

    fn listen(self: &Arc<Self>, ticket: &Ticket, subscription: Subscription) {
        let outbox = self.outbox.clone();
        // Weak, as the client holds the membership, and that the sink.
        let (client, listening) = (Arc::downgrade(self), ticket.clone());
        let sink = move |notice| match notice {
            Notice::Answer(text) => outbox.send(text).map_err(|_| Overrun),
            Notice::End => {
                let client = client.upgrade().ok_or(Overrun)?;
                client.finish(&listening, [complete(listening.id())]);
                Ok(())
            }
        };
        let mut session = self.session();
        if !session.is_running(ticket) {
            return;
        }
        let hub = &self.api.graphql().hub;
        let membership = hub.join(subscription, Envelope::next(ticket.id()), Box::new(sink));
        let running = Running::Subscribed {
            _membership: membership,
        };
        // This task, which has come to its end.
        let task = session.hold(ticket, running);
        drop(session);
        drop(task);
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
