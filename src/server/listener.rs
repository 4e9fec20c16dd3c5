//! Connections in: accept, speak TLS where it is configured, then HTTP/1.1 or HTTP/2, and hand
//! requests to whoever answers them.

use std::{convert::Infallible, fmt, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use axum::{body::Body, http::Response};
use hyper::{Request, body::Incoming as IncomingBody, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::Watcher},
};
use metrics::Gauge;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use crate::{
    config,
    control::Control,
    front::{Front, Incoming},
    observe::{CONNECTIONS, HANDSHAKES_FAILED},
    server::{
        ServerError, Tls,
        connection::{Activity, Counted, Slot},
        drain::Connections,
    },
};

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a client may take for the TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait before accepting again when the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 250;

/// Requests of an HTTP/2 connection that its client takes back before we saw them, and those that we
/// had to refuse: a client with more of either is an attacker.
///
/// See: CVE-2023-44487 (rapid reset), CVE-2025-8671 (made you reset).
const RESETS: usize = 100;

/// How often the client of an HTTP/2 connection is asked whether it is still there.
const PING: Duration = Duration::from_secs(30);

/// How long it may take to say so.
const PONG: Duration = Duration::from_secs(20);

/// What a head may have beyond `max_url` and `max_headers` before hyper refuses it, without a body:
/// method, version, separators, and what HTTP/2 counts for each field.
const SLACK: usize = 8 << 10;

/// The smallest buffer of an HTTP/1 connection: bodies pass through it too, and small pieces are slow.
const BUFFER: usize = 64 << 10;

/// A bound address.
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

/// Answers the requests of a listener.
pub(super) trait Answers: Send + Sync + 'static {
    /// Answers one.
    fn answer(&self, incoming: Incoming) -> impl Future<Output = Response<Body>> + Send;
}

/// Serves the connections of a listener.
pub(super) struct Reception<A> {
    host: Arc<Host<A>>,
    tls: Option<Arc<Tls>>,
    connections: Connections,
    slots: Arc<Semaphore>,
    /// How many are open; of the admin listener nobody counts them.
    open: Gauge,
}

/// What every connection needs.
struct Host<A> {
    answers: Arc<A>,
    http: Builder<TokioExecutor>,
}

/// One connection, before it is known what is spoken on it.
struct Guest<A> {
    host: Arc<Host<A>>,
    peer: SocketAddr,
    activity: Arc<Activity>,
    watcher: Watcher,
}

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
enum HandshakeError {
    #[error("the handshake failed")]
    Failed(#[from] std::io::Error),
    #[error("the handshake took too long")]
    TimedOut,
    #[error("the gateway ends")]
    Ending,
}

// === impl Listener ===

impl Listener {
    /// Binds the address.
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, ServerError> {
        let bind = async {
            let socket = TcpListener::bind(address).await?;
            let address = socket.local_addr()?;
            Ok(Listener { socket, address })
        };
        bind.await
            .map_err(|source| ServerError::Bind { address, source })
    }

    /// Where clients connect; the port is known even when port 0 was asked for.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next connection.
    async fn accept(&self) -> (TcpStream, SocketAddr) {
        loop {
            match self.socket.accept().await {
                Ok(accepted) => return accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }
}

// === impl Answers ===

impl Answers for Front {
    async fn answer(&self, incoming: Incoming) -> Response<Body> {
        Front::answer(self, incoming).await
    }
}

impl Answers for Control {
    async fn answer(&self, incoming: Incoming) -> Response<Body> {
        Control::answer(self, incoming.request).await
    }
}

// === impl Reception ===

impl<A: Answers> Reception<A> {
    /// For the traffic.
    pub(super) fn new(answers: Arc<A>, tls: Option<Arc<Tls>>, settings: &config::Server) -> Self {
        Reception {
            tls,
            open: metrics::gauge!(CONNECTIONS),
            ..Reception::plain(answers, settings.max_connections, settings)
        }
    }

    /// In plain text, with at most so many connections.
    pub(super) fn plain(answers: Arc<A>, connections: usize, settings: &config::Server) -> Self {
        Reception {
            host: Arc::new(Host {
                answers,
                http: http(settings),
            }),
            tls: None,
            connections: Connections::default(),
            slots: Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS))),
            open: Gauge::noop(),
        }
    }

    /// Serves whoever comes, each in a task of its own. Without a free slot they wait with the system.
    pub(super) async fn receive(&self, listener: &Listener) -> Infallible {
        loop {
            let permit = Arc::clone(&self.slots).acquire_owned().await;
            let permit = permit.expect("slots are never closed");
            let (stream, peer) = listener.accept().await;
            self.serve(stream, peer, Slot::new(permit, self.open.clone()));
        }
    }

    /// Ends the reception; what is open goes on.
    pub(super) fn close(self) -> Connections {
        self.connections
    }

    fn serve(&self, stream: TcpStream, peer: SocketAddr, slot: Slot) {
        let _ = stream.set_nodelay(true);
        let guest = Guest {
            host: Arc::clone(&self.host),
            peer,
            activity: Arc::new(Activity::default()),
            watcher: self.connections.watcher(),
        };
        let stream = Counted::new(stream, Arc::clone(&guest.activity), slot);
        let Some(tls) = &self.tls else {
            tokio::spawn(guest.serve(stream, false));
            return;
        };
        let (acceptor, ending) = (tls.acceptor(), self.connections.ending());
        tokio::spawn(async move {
            match handshake(acceptor, stream, ending).await {
                Ok(stream) => guest.serve(stream, true).await,
                Err(error) => {
                    metrics::counter!(HANDSHAKES_FAILED).increment(1);
                    let error: &dyn std::error::Error = &error;
                    tracing::debug!(error, %peer, "no TLS");
                }
            }
        });
    }
}

impl<A> fmt::Debug for Reception<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reception").finish_non_exhaustive()
    }
}

async fn handshake(
    acceptor: TlsAcceptor,
    stream: Counted,
    ending: CancellationToken,
) -> Result<TlsStream<Counted>, HandshakeError> {
    tokio::select! {
        accepted = tokio::time::timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)) => {
            Ok(accepted.map_err(|_| HandshakeError::TimedOut)??)
        }
        () = ending.cancelled() => Err(HandshakeError::Ending),
    }
}

/// How HTTP is spoken, within which bounds.
///
/// HTTP/1 takes 100 header fields, hyper's default: any other bound costs an allocation a request.
fn http(settings: &config::Server) -> Builder<TokioExecutor> {
    let head = settings.max_headers + settings.max_url + SLACK;
    let mut http = Builder::new(TokioExecutor::new());
    http.http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(head.max(BUFFER));
    http.http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(head).unwrap_or(u32::MAX))
        .max_concurrent_streams(STREAMS)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(RESETS)
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG);
    http
}

// === impl Guest ===

impl<A: Answers> Guest<A> {
    /// Speaks HTTP until the connection ends, stands still, or becomes a socket.
    async fn serve<S>(self, stream: S, secure: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Guest {
            host,
            peer,
            activity,
            watcher,
        } = self;
        let answers = Arc::clone(&host.answers);
        let watched = Arc::clone(&activity);
        let service = service_fn(move |request: Request<IncomingBody>| {
            let answers = Arc::clone(&answers);
            let running = activity.run();
            async move {
                let response = answers
                    .answer(Incoming {
                        request: request.map(Body::new),
                        peer: Some(peer),
                        secure,
                    })
                    .await;
                drop(running);
                Ok::<_, Infallible>(response)
            }
        });
        let connection = host
            .http
            .serve_connection_with_upgrades(TokioIo::new(stream), service)
            .into_owned();
        tokio::select! {
            ended = watcher.watch(connection) => if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended badly");
            },
            () = watched.standstill() => tracing::debug!(%peer, "a connection stood still and is closed"),
        }
    }
}

#[cfg(test)]
mod tests;
