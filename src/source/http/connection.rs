//! Connections to one service, kept between calls.
//!
//! A connection is driven by the call that uses it: there is no task per connection and no channel
//! between tasks, so a call costs no wake-up beside that of its socket. In user instructions a bare GET,
//! service included, that is 23,000 where hyper-util's pooled client takes 35,000 and reqwest 66,000;
//! `benches/http_client.rs` compares them in time. It also makes it known for sure
//! whether a connection was used before, which decides what may be sent twice.
//!
//! Connections that idle are not watched. One that the other side closed is found out when it is
//! taken out again, or thrown away with those that idled too long. HTTP/1.1 only: over HTTP/2 many
//! calls would share a connection, which then needs a task of its own.

use std::{
    pin::{Pin, pin},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use ::http::{Response, Uri};
use bytes::Bytes;
use hyper::{
    body::{Body as _, Frame, Incoming},
    client::conn::http1,
};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rustls::ClientConfig;
use tokio::{net::TcpStream, time::Instant};
use tower_service::Service as _;
use url::Url;

use super::{fault::Fault, patient::Patient, request::Outgoing, sending::Sending};

/// The connections to one service that wait for work.
pub(super) struct Pool {
    connector: HttpsConnector<HttpConnector>,
    destination: Uri,
    /// The one used last is on top and is taken first, so that at the bottom those gather that are
    /// not needed any more.
    idle: Mutex<Vec<Connection>>,
}

/// One connection.
pub(super) struct Connection {
    sender: http1::SendRequest<Sending>,
    /// Reads and writes the socket; `None` once the connection has ended. It is dropped at that
    /// moment, which makes hyper tell whoever still waits for an answer. Boxed because it is large
    /// and is handed around several times a call.
    driver: Option<Box<Driver>>,
    idle_since: Instant,
}

/// How a call over a connection failed, as far as it matters for doing it again.
pub(super) enum Broken {
    /// Nothing was written; here is the request.
    Unsent(Box<Outgoing>),
    /// The connection ended while there was no answer yet.
    Unanswered(Fault),
    /// Doing it again would not help, or could do harm.
    For(Fault),
}

type Driver = http1::Connection<Stream, Sending>;

type Stream = Patient<MaybeHttpsStream<TokioIo<TcpStream>>>;

/// How long a connection waits for work. Shorter than the keep-alive of common servers, so that it
/// is us who close.
const MAX_IDLE: Duration = Duration::from_secs(45);

/// Shared by all sources: the roots are the same for all, and so may be the sessions.
static TLS: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    use hyper_rustls::ConfigBuilderExt as _;

    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("aws-lc speaks TLS 1.2 and 1.3")
        .with_webpki_roots()
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Arc::new(config)
});

// === impl Pool ===

impl Pool {
    /// Connections to the host of `url`, none yet. `None` when there is no such host.
    pub(super) fn new(url: &Url) -> Option<Self> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.enforce_http(false);
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let destination = Uri::builder()
            .scheme(url.scheme())
            .authority(authority)
            .path_and_query("/")
            .build()
            .ok()?;
        Some(Pool {
            connector: HttpsConnector::from((connector, Arc::clone(&TLS))),
            destination,
            idle: Mutex::default(),
        })
    }

    /// A connection that is still open as far as can be seen from here.
    pub(super) fn checkout(&self, cx: &mut Context<'_>) -> Option<Connection> {
        loop {
            let mut connection = self.idle().pop()?;
            if connection.is_usable(cx) {
                return Some(connection);
            }
        }
    }

    pub(super) async fn connect(&self) -> Result<Connection, Fault> {
        let stream = self
            .connector
            .clone()
            .call(self.destination.clone())
            .await
            .map_err(|error| {
                // Only the handshake ends in a bare I/O error; a failed connect has a type of its own.
                if error.is::<std::io::Error>() {
                    return Fault::Tls(error);
                }
                Fault::Connect(error)
            })?;
        let (sender, driver) = http1::handshake(Patient(stream)).await?;
        Ok(Connection {
            sender,
            driver: Some(Box::new(driver)),
            idle_since: Instant::now(),
        })
    }

    /// Keeps a connection whose answer was read to its end.
    pub(super) fn put_back(&self, mut connection: Connection) {
        // Lets hyper finish the exchange and notice `connection: close`; and makes the socket forget
        // the task of this call, which would otherwise live as long as the connection idles.
        if !connection.is_usable(&mut Context::from_waker(Waker::noop())) {
            return;
        }
        connection.idle_since = Instant::now();
        let outdated = {
            let mut idle = self.idle();
            let outdated = idle
                .iter()
                .take_while(|other| connection.idle_since - other.idle_since > MAX_IDLE)
                .count();
            let outdated: Vec<_> = idle.drain(..outdated).collect();
            idle.push(connection);
            outdated
        };
        // Sockets are closed outside the lock.
        drop(outdated);
    }

    #[cfg(test)]
    pub(super) fn idle_count(&self) -> usize {
        self.idle().len()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Connection ===

impl Connection {
    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(&mut self, outgoing: Outgoing) -> Result<Response<Incoming>, Broken> {
        let Connection { sender, driver, .. } = self;
        let mut answer = pin!(sender.try_send_request(outgoing));
        let outcome = std::future::poll_fn(|cx| {
            drive(driver, cx);
            answer.as_mut().poll(cx)
        });
        outcome.await.map_err(|mut failed| {
            if let Some(outgoing) = failed.take_message() {
                return Broken::Unsent(Box::new(outgoing));
            }
            match Fault::from(failed.into_error()) {
                reset @ Fault::Reset(_) => Broken::Unanswered(reset),
                fault => Broken::For(fault),
            }
        })
    }

    /// The next frame of an answer's body.
    pub(super) async fn frame(
        &mut self,
        body: &mut Incoming,
    ) -> Option<Result<Frame<Bytes>, hyper::Error>> {
        std::future::poll_fn(|cx| self.poll_frame(body, cx)).await
    }

    /// The next frame of an answer's body; drives the connection, a request's body included.
    pub(super) fn poll_frame(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut *body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        drive(&mut self.driver, cx);
        Pin::new(body).poll_frame(cx)
    }

    /// Whether another request can be sent right now.
    fn is_usable(&mut self, cx: &mut Context<'_>) -> bool {
        drive(&mut self.driver, cx);
        self.driver.is_some() && self.sender.is_ready()
    }
}

/// Lets hyper do what it can. What goes wrong reaches whoever waits for the answer.
fn drive(driver: &mut Option<Box<Driver>>, cx: &mut Context<'_>) {
    if let Some(running) = driver
        && Pin::new(running).poll(cx).is_ready()
    {
        *driver = None;
    }
}
