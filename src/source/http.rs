//! The `http` source: one HTTP service, spoken to over kept connections.
//!
//! A request document comes in two spellings, the short one and AppSync's:
//!
//! ```yaml
//! { method: GET, path: /users, query: { id: [1, 2] }, headers: { x-team: shop }, body: { any: json } }
//! { version: "2018-05-29", method: GET, resourcePath: /users, params: { query: …, headers: …, body: … } }
//! ```
//!
//! An answer of any status is a [`Reply`]; whether a status is an error is for the resolver to say,
//! with `status_error`. What ends without an answer is one of these, and no message names an
//! address; the full cause goes to the log under the source's name.
//!
//! | `errorType` | when |
//! |---|---|
//! | `Http:InvalidRequestException` | the request document (or the request that is passed through) is not one that is sent, or its body broke off |
//! | `Http:UpgradeNotSupportedException` | a request that is passed through asks for another protocol |
//! | `Http:ConnectException` | the name does not resolve, the service refuses or cannot be reached |
//! | `Http:TlsException` | the TLS handshake fails |
//! | `Http:ExecutionTimeoutException` | the whole answer is not there in time; waiting for a free slot counts |
//! | `Http:ConnectionResetException` | the connection ends before the whole answer is there |
//! | `Http:InvalidResponseException` | the answer is not HTTP, or it has a 2xx status and is not JSON |
//! | `Http:ResponseTooLargeException` | the answer is larger than `max_response` |
//! | `Http:404` (any status that is not 2xx) | `status_error` |
//!
//! Values of clients reach this module inside the document. They cannot choose the host, leave the
//! base path, add a query to the path or add a header field: see `request.rs` and `target.rs`. What
//! they can do is add a segment to a path that they stand in unencoded; a mapping that minds encodes
//! them (`$util.urlEncode`). Redirects are not followed, no cookie is kept, no compression is asked
//! for.
//!
//! A request can also be passed through, its body and the answer's streamed: see `pass.rs`.
//!
//! See: appsync.md 4.7 (HTTP data source), 2.9 (error types).

mod answer;
mod connection;
mod fault;
mod pass;
mod patient;
mod request;
mod sending;
mod target;

use std::{error::Error as _, fmt, future::poll_fn, sync::Arc, task::Poll, time::Duration};

use ::http::Method;
use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio::sync::Semaphore;
use tracing::{debug, warn};

use crate::{
    config::{self, Diagnostics},
    json::Value,
    source::{Reply, Source, SourceError},
};

pub(crate) use answer::status_error;
pub(crate) use pass::Passage;
pub(crate) use request::REQUEST_KEYS;

use connection::{Broken, Connection, Pool};
use fault::Fault;
use request::{Outgoing, Template};

/// An HTTP service.
pub struct Http {
    name: Arc<str>,
    template: Template,
    // Both shared with the answers that are passed through: those outlive the call.
    pool: Arc<Pool>,
    slots: Arc<Semaphore>,
    timeout: Duration,
    max_response: u64,
}

impl Http {
    /// The source that the configuration names; `None` when faults were recorded. Opens nothing yet.
    pub fn from_config(
        name: &str,
        config: &config::source::Http,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let template = Template::from_config(config, diagnostics)?;
        let Some(pool) = Pool::new(&config.url.value) else {
            let message = format!("`{}` names no host to connect to", config.url.value);
            diagnostics.error(Some(config.url.span), message, None);
            return None;
        };
        let slots = config.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Some(Http {
            name: name.into(),
            template,
            pool: Arc::new(pool),
            slots: Arc::new(Semaphore::new(slots)),
            timeout: config.timeout,
            max_response: config.max_response,
        })
    }

    async fn call(&self, document: &Value) -> Result<Reply, SourceError> {
        let outcome = match self.template.fill(document) {
            Ok(outgoing) => tokio::time::timeout(self.timeout, self.exchange(document, outgoing))
                .await
                .unwrap_or(Err(Fault::Timeout)),
            Err(fault) => Err(fault),
        };
        outcome.map_err(|fault| report(&self.name, &fault))
    }

    /// One request, one answer. A connection that was kept may have been closed by the other side
    /// in the meantime. Then a request that was not sent is sent over a new one, and one that only
    /// reads is sent again, once.
    async fn exchange(&self, document: &Value, outgoing: Outgoing) -> Result<Reply, Fault> {
        let _slot = self.slots.acquire().await.expect("slots are never closed");
        let kept = poll_fn(|cx| Poll::Ready(self.pool.checkout(cx))).await;
        let Some(connection) = kept else {
            return self.exchange_anew(outgoing).await;
        };
        let reads = is_read_method(outgoing.method());
        match self.exchange_over(connection, outgoing).await {
            Ok(reply) => Ok(reply),
            Err(Broken::Unsent(outgoing)) => self.exchange_anew(*outgoing).await,
            Err(Broken::Unanswered(_)) if reads => {
                self.exchange_anew(self.template.fill(document)?).await
            }
            Err(Broken::Unanswered(fault) | Broken::For(fault)) => Err(fault),
        }
    }

    async fn exchange_anew(&self, outgoing: Outgoing) -> Result<Reply, Fault> {
        let connection = self.pool.connect().await?;
        match self.exchange_over(connection, outgoing).await {
            Ok(reply) => Ok(reply),
            Err(Broken::Unanswered(fault) | Broken::For(fault)) => Err(fault),
            Err(Broken::Unsent(_)) => Err(Fault::Dropped),
        }
    }

    async fn exchange_over(
        &self,
        mut connection: Connection,
        outgoing: Outgoing,
    ) -> Result<Reply, Broken> {
        let (head, mut body) = connection.send(outgoing).await?.into_parts();
        let bytes = answer::collect(&mut connection, &mut body, self.max_response)
            .await
            .map_err(Broken::For)?;
        drop(body);
        self.pool.put_back(connection);
        Ok(answer::read(&self.name, head, &bytes))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Source for Http {
    fn send<'a>(&'a self, requests: &'a [Value]) -> BoxFuture<'a, Vec<Result<Reply, SourceError>>> {
        if let [request] = requests {
            return Box::pin(async move { vec![self.call(request).await] });
        }
        Box::pin(async move {
            let mut calls: FuturesUnordered<_> = requests
                .iter()
                .enumerate()
                .map(|(place, request)| async move { (place, self.call(request).await) })
                .collect();
            let mut answers: Vec<_> = requests.iter().map(|_| None).collect();
            while let Some((place, answer)) = calls.next().await {
                answers[place] = Some(answer);
            }
            // Every place was filled: each call ends, and ends once.
            answers.into_iter().flatten().collect()
        })
    }

    fn is_read(&self, request: &Value) -> bool {
        match request.view().get("method") {
            Some(method) if !method.is_null() => {
                request::method_of(method).is_some_and(|method| is_read_method(&method))
            }
            _ => true,
        }
    }

    fn is_far(&self) -> bool {
        true
    }

    fn joins_reads(&self) -> bool {
        false
    }

    fn request_members(&self) -> &'static [&'static str] {
        REQUEST_KEYS
    }

    fn path_members(&self) -> &'static [&'static str] {
        &["path", "resourcePath"]
    }
}

fn is_read_method(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Logs a fault under the source's name, and makes of it what a client may see.
fn report(name: &str, fault: &Fault) -> SourceError {
    match fault {
        // A client may be able to cause these at will.
        Fault::Request(_) | Fault::Upload(_) | Fault::Upgrade => {
            debug!(source = %name, error = %Chain(fault), "no request was made");
        }
        // It may be what was asked for: who needs a document says so.
        Fault::NotJson { .. } => {
            debug!(source = %name, error = %Chain(fault), "an answer is no document");
        }
        _ => warn!(source = %name, error = %Chain(fault), "a call failed"),
    }
    SourceError {
        error_type: fault.error_type().into(),
        message: fault.to_string(),
    }
}

/// An error with all its causes, for the log.
struct Chain<'a>(&'a Fault);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
