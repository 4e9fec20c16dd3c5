//! An HTTP service on loopback that does what a test tells it, however wrong that is.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// A request as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Which connection it came over, counted from 0.
    pub(super) connection: usize,
    /// Which request of its connection it is, counted from 0.
    pub(super) place: usize,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

/// What to do with a request.
pub(super) enum Act {
    /// Write this, keep the connection.
    Answer(String),
    /// Write this, then close the connection.
    Close(String),
    /// Write this one byte a second.
    Drip(String),
    /// Never answer.
    Hang,
}

type Script = dyn Fn(Seen) -> BoxFuture<'static, Act> + Send + Sync;

pub(super) struct Upstream {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(other, _)| other == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} is there twice");
        value
    }
}

impl Upstream {
    pub(super) async fn start(script: impl Fn(&Seen) -> Act + Send + Sync + 'static) -> Self {
        Upstream::start_async(move |seen| {
            let act = script(&seen);
            Box::pin(async move { act })
        })
        .await
    }

    pub(super) async fn start_async(
        script: impl Fn(Seen) -> BoxFuture<'static, Act> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log): (Arc<Script>, _) = (Arc::new(script), Arc::clone(&seen));
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.unwrap();
                stream.set_nodelay(true).unwrap();
                tokio::spawn(serve(
                    stream,
                    connection,
                    Arc::clone(&script),
                    Arc::clone(&log),
                ));
            }
        });
        Upstream { address, seen }
    }

    /// Everything that arrived so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer of one status with a body.
pub(super) fn answer(status: &str, body: &str) -> Act {
    let length = body.len();
    Act::Answer(format!(
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nX-Kind: test\r\n\r\n{body}"
    ))
}

async fn serve(
    stream: TcpStream,
    connection: usize,
    script: Arc<Script>,
    log: Arc<Mutex<Vec<Seen>>>,
) {
    let mut stream = BufReader::new(stream);
    for place in 0.. {
        let Some(seen) = receive(&mut stream, connection, place).await else {
            return;
        };
        log.lock().unwrap().push(seen.clone());
        match script(seen).await {
            Act::Answer(text) => {
                if stream.write_all(text.as_bytes()).await.is_err() {
                    return;
                }
            }
            Act::Close(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                return;
            }
            Act::Drip(text) => {
                for byte in text.bytes() {
                    let _ = stream.write_all(&[byte]).await;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
            Act::Hang => std::future::pending().await,
        }
    }
}

async fn receive(
    stream: &mut BufReader<TcpStream>,
    connection: usize,
    place: usize,
) -> Option<Seen> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end_matches("\r\n").split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let body = String::from_utf8(body).unwrap();
    Some(Seen {
        connection,
        place,
        method,
        target,
        headers,
        body,
    })
}
