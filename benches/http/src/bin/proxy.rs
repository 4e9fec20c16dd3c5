//! The least a reverse proxy of hyper's can do: another authority, no `connection` field, bodies
//! streamed both ways. It bounds no time, takes no slot, says nothing of where a request came from.

use std::{convert::Infallible, env, io};

use http_body_util::{Either, Empty};
use hyper::{
    Request, Response, StatusCode, Uri,
    body::Incoming,
    header::{CONNECTION, HOST, HeaderValue},
    http::uri::{Authority, PathAndQuery, Scheme},
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};
use loomgate_http_bench::{port, run};
use tokio::net::{TcpListener, TcpStream};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Where requests go.
#[derive(Clone)]
struct Upstream {
    client: Client<HttpConnector, Incoming>,
    authority: Authority,
    host: HeaderValue,
}

type Passed = Response<Either<Incoming, Empty<bytes::Bytes>>>;

fn main() -> io::Result<()> {
    let port = port()?;
    let authority = env::var("UPSTREAM").unwrap_or_else(|_| "127.0.0.1:4190".to_owned());
    let authority: Authority = authority.parse().map_err(io::Error::other)?;
    run(async move {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let upstream = Upstream {
            client: Client::builder(TokioExecutor::new()).build(connector),
            host: HeaderValue::from_str(authority.as_str()).map_err(io::Error::other)?,
            authority,
        };
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(connection(stream, upstream.clone()));
        }
    })
}

async fn connection(stream: TcpStream, upstream: Upstream) {
    let service = service_fn(|request| pass(&upstream, request));
    // A client that hangs up is no news here.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

async fn pass(upstream: &Upstream, mut request: Request<Incoming>) -> Result<Passed, Infallible> {
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(upstream.authority.clone());
    uri.path_and_query = uri.path_and_query.or(Some(PathAndQuery::from_static("/")));
    *request.uri_mut() = Uri::from_parts(uri).unwrap_or_default();
    request.headers_mut().remove(CONNECTION);
    request.headers_mut().insert(HOST, upstream.host.clone());
    Ok(match upstream.client.request(request).await {
        Ok(mut response) => {
            response.headers_mut().remove(CONNECTION);
            response.map(Either::Left)
        }
        Err(_) => {
            let mut response = Response::new(Either::Right(Empty::new()));
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            response
        }
    })
}
