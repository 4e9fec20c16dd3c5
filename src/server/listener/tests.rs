use axum::http::{StatusCode, Version};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::Bytes,
    client::conn::{http1, http2},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::{TlsConnector, client};

use super::*;
use crate::server::tls::tests::Pair;

/// Says what it was asked.
struct Echo;

impl Answers for Echo {
    async fn answer(&self, incoming: Incoming) -> Response<Body> {
        let Incoming {
            request, secure, ..
        } = incoming;
        let body = format!("{} {:?} {secure}", request.uri().path(), request.version());
        Response::new(Body::from(body))
    }
}

fn settings() -> config::Server {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("loomgate.yaml");
    std::fs::write(&path, "apis: {}\n").unwrap();
    let (config, _) = config::load(&path);
    config.expect("the file can be read").server
}

/// A listener that runs for as long as the test.
struct Running {
    address: SocketAddr,
    reception: Arc<Reception<Echo>>,
}

impl Running {
    async fn start(tls: Option<Arc<Tls>>, change: impl FnOnce(&mut config::Server)) -> Self {
        let mut settings = settings();
        change(&mut settings);
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let address = listener.address();
        let reception = Arc::new(Reception::new(Arc::new(Echo), tls, &settings));
        let receiving = Arc::clone(&reception);
        tokio::spawn(async move { receiving.receive(&listener).await });
        Running { address, reception }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A TLS connection of a client that knows this certificate and offers these protocols.
    async fn connect_tls(
        &self,
        certificate: &CertificateDer<'static>,
        protocols: &[&str],
    ) -> std::io::Result<client::TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|it| it.as_bytes().to_vec()).collect();
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        connector.connect(name, self.connect().await).await
    }
}

async fn body(response: Response<IncomingBody>) -> String {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

async fn ask_http2(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> String {
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::get("http://localhost/h2")
        .body(Empty::<Bytes>::new())
        .unwrap();
    body(sender.send_request(request).await.unwrap()).await
}

async fn ask_http1(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> String {
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/h1").body(Empty::<Bytes>::new()).unwrap();
    body(sender.send_request(request).await.unwrap()).await
}

/// What is answered to these bytes, up to the end of the connection.
async fn say(running: &Running, text: &str) -> String {
    let mut stream = running.connect().await;
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_plain_listener_speaks_both_versions() {
    let running = Running::start(None, |_| ()).await;
    let said = ask_http1(running.connect().await).await;
    assert_eq!(said, "/h1 HTTP/1.1 false");
    let said = ask_http2(running.connect().await).await;
    assert_eq!(said, "/h2 HTTP/2.0 false");
}

#[tokio::test]
async fn tls_lets_clients_choose_the_version() {
    let pair = Pair::new();
    let running = Running::start(Some(Arc::new(pair.load().unwrap())), |_| ()).await;
    for (protocols, chosen) in [
        (&["http/1.1", "h2"][..], Some("h2")),
        (&["http/1.1"], Some("http/1.1")),
        (&[], None),
    ] {
        let stream = running.connect_tls(&pair.certificate, protocols).await;
        let stream = stream.unwrap();
        let alpn = stream.get_ref().1.alpn_protocol();
        assert_eq!(alpn, chosen.map(str::as_bytes));
        match chosen {
            Some("h2") => assert_eq!(ask_http2(stream).await, "/h2 HTTP/2.0 true"),
            _ => assert_eq!(ask_http1(stream).await, "/h1 HTTP/1.1 true"),
        }
    }
}

#[tokio::test]
async fn a_client_that_never_shakes_hands_holds_up_nobody() {
    let pair = Pair::new();
    let running = Running::start(Some(Arc::new(pair.load().unwrap())), |_| ()).await;
    let mut silent = running.connect().await;
    let quick = running.connect_tls(&pair.certificate, &["h2"]).await;
    assert_eq!(ask_http2(quick.unwrap()).await, "/h2 HTTP/2.0 true");
    // Nothing else is under way, so that time goes on at once to the end of its patience.
    tokio::time::pause();
    let start = tokio::time::Instant::now();
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
    assert!(start.elapsed() <= HANDSHAKE_TIMEOUT + Duration::from_secs(1));
}

#[tokio::test]
async fn new_connections_get_the_new_certificate() {
    let mut pair = Pair::new();
    let tls = Arc::new(pair.load().unwrap());
    let running = Running::start(Some(Arc::clone(&tls)), |_| ()).await;
    let before = pair.certificate.clone();
    assert!(running.connect_tls(&before, &[]).await.is_ok());
    pair.renew();
    tls.reload().unwrap();
    assert!(running.connect_tls(&before, &[]).await.is_err());
    assert!(running.connect_tls(&pair.certificate, &[]).await.is_ok());
}

#[tokio::test]
async fn a_head_beyond_every_bound_is_refused_without_us() {
    let running = Running::start(None, |_| ()).await;
    let within = format!(
        "GET /a HTTP/1.1\r\nx: {}\r\nconnection: close\r\n\r\n",
        "x".repeat(16 << 10)
    );
    assert!(say(&running, &within).await.ends_with("/a HTTP/1.1 false"));
    let beyond = format!("GET /a HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(BUFFER * 2));
    let refused = say(&running, &beyond).await;
    assert!(
        refused.is_empty() || refused.starts_with("HTTP/1.1 431"),
        "{refused}"
    );
    let many = "x: y\r\n".repeat(101);
    let refused = say(&running, &format!("GET /a HTTP/1.1\r\n{many}\r\n")).await;
    assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
}

#[tokio::test]
async fn http2_bounds_the_head_too() {
    let running = Running::start(None, |_| ()).await;
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(running.connect().await))
            .await
            .unwrap();
    tokio::spawn(connection);
    for (length, status) in [
        (16 << 10, StatusCode::OK),
        (33 << 10, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
    ] {
        let request = Request::get("http://localhost/h2")
            .version(Version::HTTP_2)
            .header("x", "x".repeat(length))
            .body(Empty::<Bytes>::new())
            .unwrap();
        let answered = sender.send_request(request).await.unwrap();
        assert_eq!(answered.status(), status);
    }
}

#[tokio::test]
async fn a_connection_beyond_the_bound_waits_for_a_free_slot() {
    let running = Running::start(None, |settings| settings.max_connections = 1).await;
    let first = running.connect().await;
    let (mut sender, connection) = http1::handshake(TokioIo::new(first)).await.unwrap();
    let first = tokio::spawn(connection);
    let request = Request::get("/").body(Empty::<Bytes>::new()).unwrap();
    sender.send_request(request).await.unwrap();
    assert_eq!(running.reception.slots.available_permits(), 0);
    let second = tokio::spawn(ask_http1(running.connect().await));
    drop(sender);
    let _ = first.await;
    assert_eq!(second.await.unwrap(), "/h1 HTTP/1.1 false");
}
