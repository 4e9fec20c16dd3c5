//! A WebSocket client that looks closely: what was answered to the handshake, how it was closed.

use futures::{SinkExt, StreamExt};
use http::StatusCode;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message, client::IntoClientRequest},
};

use super::PATIENCE;

/// An open connection.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How a connection was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Closed {
    /// The code; 1006 when there was none.
    pub(crate) code: u16,
    /// The reason.
    pub(crate) reason: String,
}

impl Socket {
    /// Shakes hands; the error is the status of the refusal.
    pub(crate) async fn open(
        url: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Self, (StatusCode, String)> {
        let url = url.replacen("http", "ws", 1);
        let mut request = url.into_client_request().expect("the address is right");
        for (name, value) in headers {
            let value = value.parse().expect("the header is right");
            request.headers_mut().append(*name, value);
        }
        let connected = tokio::time::timeout(PATIENCE, connect_async(request));
        match connected.await.expect("the gateway answers in time") {
            Ok((stream, _)) => Ok(Socket { stream }),
            Err(Error::Http(response)) => {
                let body = response.body().clone().unwrap_or_default();
                let body = String::from_utf8_lossy(&body).into_owned();
                Err((response.status(), body))
            }
            Err(error) => panic!("no handshake: {error}"),
        }
    }

    /// Sends a text message.
    pub(crate) async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Sends a message of any kind.
    pub(crate) async fn send(&mut self, message: Message) {
        let sent = self.stream.send(message).await;
        sent.expect("the connection is open");
    }

    /// The next text message, or how the connection was closed.
    pub(crate) async fn next(&mut self) -> Result<Value, Closed> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.stream.next());
            match message.await.expect("something comes in time") {
                Some(Ok(Message::Text(text))) => {
                    let json = serde_json::from_str(&text);
                    return Ok(json.unwrap_or_else(|_| Value::from(text.as_str())));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Err(Closed {
                        code: frame.code.into(),
                        reason: frame.reason.to_string(),
                    });
                }
                Some(Ok(Message::Close(None))) => {
                    return Err(Closed {
                        code: 1005,
                        reason: String::new(),
                    });
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    return Err(Closed {
                        code: 1006,
                        reason: String::new(),
                    });
                }
            }
        }
    }

    /// How the connection is closed; messages before are passed over.
    pub(crate) async fn closed(mut self) -> Closed {
        loop {
            if let Err(closed) = self.next().await {
                return closed;
            }
        }
    }
}
