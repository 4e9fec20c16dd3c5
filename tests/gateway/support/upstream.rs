//! A service behind the gateway: scripted answers, every request counted and kept.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket},
    sync::watch,
    task::JoinHandle,
};

use super::PATIENCE;

/// A running service. It ends with the test.
#[derive(Debug)]
pub(crate) struct Upstream {
    address: SocketAddr,
    requests: Arc<Requests>,
    server: JoinHandle<()>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    /// The method.
    pub(crate) method: Method,
    /// The path without its query.
    pub(crate) path: String,
    /// The query, decoded, in its order.
    pub(crate) query: Vec<(String, String)>,
    /// The header fields.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: String,
}

/// What the service does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// 200 with a document.
    Json(Value),
    /// A status, a content type and a text.
    Text(u16, &'static str, String),
    /// Nothing, ever.
    Hang,
    /// Closes the connection without a word.
    Reset,
    /// Something else, later.
    Slow(Duration, Box<Answer>),
    /// Something else, once the gate is open.
    Behind(Gate, Box<Answer>),
}

/// Holds answers back until the test lets them go.
#[derive(Debug, Clone)]
pub(crate) struct Gate(watch::Sender<bool>);

#[derive(Debug, Default)]
struct Requests {
    seen: Mutex<Vec<Received>>,
    arrived: watch::Sender<usize>,
}

impl Upstream {
    /// Serves with a script: a request in, an answer out.
    pub(crate) async fn start(
        script: impl Fn(&Received) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let (listener, address) = listen().await;
        let requests = Arc::new(Requests::default());
        let (script, seen) = (Arc::new(script), Arc::clone(&requests));
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, seen) = (Arc::clone(&script), Arc::clone(&seen));
                let service = service_fn(move |request| {
                    respond(request, Arc::clone(&script), Arc::clone(&seen))
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Upstream {
            address,
            requests,
            server,
        }
    }

    /// Serves the same bytes to whoever asks anything, HTTP or not, and closes.
    pub(crate) async fn raw(bytes: &'static [u8]) -> Self {
        let (listener, address) = listen().await;
        let requests = Arc::new(Requests::default());
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut question = [0; 4096];
                let _ = stream.read(&mut question).await;
                let _ = stream.write_all(bytes).await;
            }
        });
        Upstream {
            address,
            requests,
            server,
        }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was asked so far.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.requests
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// How many requests came so far.
    pub(crate) fn count(&self) -> usize {
        *self.requests.arrived.borrow()
    }

    /// How many requests came so far, by path.
    pub(crate) fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for request in self.requests() {
            *counts.entry(request.path).or_default() += 1;
        }
        counts
    }

    /// Waits until so many requests have arrived.
    pub(crate) async fn reached(&self, count: usize) {
        let mut arrived = self.requests.arrived.subscribe();
        let reached = arrived.wait_for(|seen| *seen >= count);
        let result = tokio::time::timeout(PATIENCE, reached).await;
        assert!(
            matches!(result, Ok(Ok(_))),
            "{} of {count} requests have arrived",
            self.count()
        );
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An address at which nobody listens, for as long as the socket is held.
pub(crate) fn refusing() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().expect("sockets can be made");
    socket
        .bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .expect("a port is free");
    let address = socket.local_addr().expect("a bound socket has an address");
    (socket, format!("http://{address}"))
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .expect("a port is free");
    let address = listener.local_addr().expect("a listener has an address");
    (listener, address)
}

async fn respond(
    request: hyper::Request<Incoming>,
    script: Arc<impl Fn(&Received) -> Answer>,
    requests: Arc<Requests>,
) -> Result<hyper::Response<Full<Bytes>>, &'static str> {
    let received = Received::read(request)
        .await
        .map_err(|_| "the request breaks off")?;
    let mut answer = script(&received);
    requests.record(received);
    loop {
        answer = match answer {
            Answer::Json(document) => {
                return Ok(text(200, "application/json", document.to_string()));
            }
            Answer::Text(status, content_type, body) => {
                return Ok(text(status, content_type, body));
            }
            Answer::Hang => std::future::pending::<Infallible>().await.into(),
            Answer::Reset => return Err("closed on purpose"),
            Answer::Slow(delay, then) => {
                tokio::time::sleep(delay).await;
                *then
            }
            Answer::Behind(gate, then) => {
                gate.opened().await;
                *then
            }
        };
    }
}

fn text(status: u16, content_type: &'static str, body: String) -> hyper::Response<Full<Bytes>> {
    let mut response = hyper::Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(status).expect("scripts use real statuses");
    response
        .headers_mut()
        .insert(CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}

// === impl Received ===

impl Received {
    async fn read(request: hyper::Request<Incoming>) -> hyper::Result<Self> {
        let (head, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let query = head.uri.query().unwrap_or_default();
        Ok(Received {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        })
    }

    /// All values of one query parameter.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        self.query
            .iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

// === impl Answer ===

impl Answer {
    /// 500 with a document.
    pub(crate) fn broken() -> Self {
        Answer::Text(
            500,
            "application/json",
            r#"{"message":"secret-detail"}"#.to_owned(),
        )
    }
}

impl From<Infallible> for Answer {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

// === impl Gate ===

impl Gate {
    /// A closed gate.
    pub(crate) fn closed() -> Self {
        Gate(watch::Sender::new(false))
    }

    /// Lets everything go, now and later.
    pub(crate) fn open(&self) {
        self.0.send_replace(true);
    }

    async fn opened(&self) {
        let _ = self.0.subscribe().wait_for(|open| *open).await;
    }
}

// === impl Requests ===

impl Requests {
    fn record(&self, request: Received) {
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        self.arrived.send_modify(|count| *count += 1);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::support::Client;

    #[tokio::test]
    async fn it_answers_by_script_and_keeps_what_it_saw() {
        let upstream = Upstream::start(|request| Answer::Json(json!(request.all("id")))).await;
        let client = Client::new();
        let url = format!("{}/people?id=1&id=a%20b", upstream.url());
        let response = client.post_json(&url, "{}").await;
        assert_eq!(response.json(), json!(["1", "a b"]));
        upstream.reached(1).await;
        let [request] = &upstream.requests()[..] else {
            panic!("one request was made");
        };
        assert_eq!(
            (request.path.as_str(), request.body.as_str()),
            ("/people", "{}")
        );
        assert_eq!(
            upstream.counts(),
            BTreeMap::from([("/people".to_owned(), 1)])
        );
    }

    #[tokio::test]
    async fn a_gate_holds_answers_back() {
        let gate = Gate::closed();
        let held = Answer::Behind(gate.clone(), Box::new(Answer::Json(json!(1))));
        let upstream = Upstream::start(move |_| held.clone()).await;
        let url = upstream.url();
        let pending = tokio::spawn(async move { Client::new().post_json(&url, "{}").await });
        upstream.reached(1).await;
        assert!(!pending.is_finished());
        gate.open();
        assert_eq!(pending.await.expect("the answer arrives").json(), json!(1));
    }

    #[tokio::test]
    async fn nobody_listens_at_a_refusing_address() {
        let (_held, url) = refusing();
        let address = url.trim_start_matches("http://").to_owned();
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}
