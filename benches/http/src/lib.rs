//! What the bench programs share: a port, a runtime as wide as told, and a listener.

use std::{env, future::Future, io};

use http_body_util::Full;
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

/// What every program answers: a body that is there as a whole.
pub type Answer = Response<Full<bytes::Bytes>>;

/// The first argument, a port on loopback.
pub fn port() -> io::Result<u16> {
    let argument = env::args().nth(1).unwrap_or_default();
    argument
        .parse()
        .map_err(|_| io::Error::other("usage: <program> PORT"))
}

/// Runs `program` on as many threads as `WORKERS` says; one by default.
pub fn run<F: Future<Output = io::Result<()>>>(program: F) -> io::Result<()> {
    let workers = env::var("WORKERS").ok().and_then(|text| text.parse().ok());
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers.unwrap_or(1))
        .enable_all()
        .build()?
        .block_on(program)
}

/// Serves HTTP/1.1 with hyper alone: no router, no layers.
pub async fn serve<S, F>(
    port: u16,
    state: S,
    answer: fn(S, Request<Incoming>) -> F,
) -> io::Result<()>
where
    S: Clone + Send + 'static,
    F: Future<Output = Result<Answer, hyper::Error>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream, state.clone(), answer));
    }
}

async fn connection<S, F>(stream: TcpStream, state: S, answer: fn(S, Request<Incoming>) -> F)
where
    S: Clone,
    F: Future<Output = Result<Answer, hyper::Error>>,
{
    let service = service_fn(move |request| answer(state.clone(), request));
    // A client that hangs up is no news here.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An answer with a JSON body.
pub fn json(body: impl Into<bytes::Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    answer.headers_mut().insert(
        hyper::header::CONTENT_TYPE,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    answer
}
