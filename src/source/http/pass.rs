//! Passing a request through: its body and its answer's are streamed, its head is cleaned.
//!
//! Time: `timeout` bounds how long nothing moves. It begins with the request, and runs through the
//! wait for a slot, the connecting and the wait for the answer's head; each piece of the request's
//! body that the service takes and each piece of the answer's body lets it begin anew. There is no
//! bound on the whole, nor on sizes. A client that does not take its answer is the listener's matter.
//!
//! A slot is held until the answer's body has ended or was dropped. The connection is kept then if
//! both bodies are complete, and closed otherwise: a service that answers before it has taken the
//! whole body is heard, and the rest of the body is left.
//!
//! Twice is sent only what came without a body, by a method that may be repeated, over a kept
//! connection that ended before anything was answered; and anything of which nothing was written.
//!
//! `expect: 100-continue` ends here: the client is told to go on when there is a connection to the
//! service that takes the body. Trailers are dropped in both directions.

mod answer;
mod head;
mod idle;

use std::{future::poll_fn, net::IpAddr, sync::Arc, task::Poll};

use ::http::{HeaderMap, Method, Request, Response, StatusCode};
use axum::body::Body;
use hyper::body::{Body as _, Incoming};

use super::{
    Http,
    connection::{Broken, Connection},
    fault::Fault,
    report,
    request::Outgoing,
    sending::Sending,
};
use crate::source::SourceError;

use answer::Answer;
use idle::Idle;

/// A request to be passed through.
#[derive(Debug)]
pub(crate) struct Passage {
    /// The method.
    pub(crate) method: Method,
    /// The path below the source's own, as the client encoded it; begins with a slash.
    pub(crate) path: String,
    /// The query as it came, without its question mark.
    pub(crate) query: Option<String>,
    /// The header fields as they came.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Body,
    /// The client's address.
    pub(crate) client: Option<IpAddr>,
    /// The host that the client asked for.
    pub(crate) host: Option<String>,
    /// Whether it came over TLS.
    pub(crate) secure: bool,
}

impl Http {
    /// Passes a request through and hands back the answer as its head arrives.
    ///
    /// # Errors
    ///
    /// Those of the source, with the same names, when there is no head of an answer.
    pub(crate) async fn pass(&self, passage: Passage) -> Result<Response<Body>, SourceError> {
        let passed = self.pass_through(passage).await;
        passed.map_err(|fault| report(&self.name, &fault))
    }

    async fn pass_through(&self, passage: Passage) -> Result<Response<Body>, Fault> {
        let is_head = passage.method == Method::HEAD;
        let (outgoing, upload) = self.template.carry(passage)?;
        let mut idle = Idle::new(self.timeout, upload);
        let slot = idle
            .bound(Arc::clone(&self.slots).acquire_owned())
            .await?
            .expect("slots are never closed");
        let (answer, connection) = self.ask(outgoing, &mut idle).await?;
        let (mut head, incoming) = answer.into_parts();
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Fault::Switched);
        }
        head::clean_answer(&mut head.headers, &incoming, head.status, is_head);
        let body = if incoming.is_end_stream() {
            self.pool.put_back(connection);
            Body::empty()
        } else {
            Body::new(Answer {
                name: Arc::clone(&self.name),
                incoming,
                running: Some((connection, Arc::clone(&self.pool), slot)),
                idle,
            })
        };
        // A new head: version and extensions of the answer speak of the connection to the service.
        let mut response = Response::new(body);
        *response.status_mut() = head.status;
        *response.headers_mut() = head.headers;
        Ok(response)
    }

    /// Sends the request and waits for the head of its answer.
    async fn ask(
        &self,
        outgoing: Outgoing,
        idle: &mut Idle,
    ) -> Result<(Response<Incoming>, Connection), Fault> {
        let kept = poll_fn(|cx| Poll::Ready(self.pool.checkout(cx))).await;
        let Some(mut connection) = kept else {
            return self.ask_anew(outgoing, idle).await;
        };
        let again = repeated(&outgoing);
        match idle.bound(connection.send(outgoing)).await? {
            Ok(answer) => Ok((answer, connection)),
            Err(Broken::Unsent(outgoing)) => self.ask_anew(*outgoing, idle).await,
            Err(Broken::Unanswered(fault)) => match again {
                Some(again) => self.ask_anew(again, idle).await,
                None => Err(fault),
            },
            Err(Broken::For(fault)) => Err(fault),
        }
    }

    async fn ask_anew(
        &self,
        outgoing: Outgoing,
        idle: &mut Idle,
    ) -> Result<(Response<Incoming>, Connection), Fault> {
        let mut connection = idle.bound(self.pool.connect()).await??;
        match idle.bound(connection.send(outgoing)).await? {
            Ok(answer) => Ok((answer, connection)),
            Err(Broken::Unanswered(fault) | Broken::For(fault)) => Err(fault),
            Err(Broken::Unsent(_)) => Err(Fault::Dropped),
        }
    }
}

/// The same request once more, if it may be sent twice.
fn repeated(outgoing: &Outgoing) -> Option<Outgoing> {
    let repeatable = matches!(
        *outgoing.method(),
        Method::GET | Method::HEAD | Method::PUT | Method::DELETE | Method::OPTIONS
    );
    if !repeatable || !outgoing.body().is_end_stream() {
        return None;
    }
    let mut again = Request::new(Sending::empty());
    *again.method_mut() = outgoing.method().clone();
    *again.uri_mut() = outgoing.uri().clone();
    *again.headers_mut() = outgoing.headers().clone();
    Some(again)
}
