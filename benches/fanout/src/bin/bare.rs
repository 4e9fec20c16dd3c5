//! A bare server of subscriptions: it shakes hands, and sends one pre-framed message to everybody
//! when somebody posts. No protocol, no queue, no filter: what is left is the system's work.
//!
//!     bare PORT

use std::sync::{Arc, Mutex};

use anyhow::Context;
use base64::{Engine, prelude::BASE64_STANDARD};
use sha1::{Digest, Sha1};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What every listener is sent: as long as what the gateway sends for the same event.
const EVENT: &str = r#"{"id":"1","type":"next","payload":{"data":{"added":{"id":"p1","text":"Something new, said in about as many words as people use."}}}}"#;

type Listeners = Arc<Mutex<Vec<Arc<TcpStream>>>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let port: u16 = std::env::args().nth(1).context("bare PORT")?.parse()?;
    let socket = TcpListener::bind(("127.0.0.1", port)).await?;
    let listeners = Listeners::default();
    loop {
        let (stream, _) = socket.accept().await?;
        stream.set_nodelay(true)?;
        let listeners = Arc::clone(&listeners);
        tokio::spawn(async move {
            if let Err(error) = serve(stream, listeners).await {
                eprintln!("bare: {error:#}");
            }
        });
    }
}

async fn serve(mut stream: TcpStream, listeners: Listeners) -> anyhow::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with("POST") {
        read_body(&mut stream, &head).await?;
        let everybody = listeners
            .lock()
            .map_err(|_| anyhow::anyhow!("poisoned"))?
            .clone();
        publish(&everybody).await?;
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
            .await?;
        return Ok(());
    }
    shake_hands(&mut stream, &head).await?;
    // Whatever the client says first is answered as the protocol would: it is ready now.
    let mut greeting = [0; 512];
    let _ = stream.read(&mut greeting).await?;
    stream
        .write_all(&frame(r#"{"type":"connection_ack"}"#))
        .await?;
    let _ = stream.read(&mut greeting).await?;
    listeners
        .lock()
        .map_err(|_| anyhow::anyhow!("poisoned"))?
        .push(Arc::new(stream));
    Ok(())
}

/// What is left unread would be answered by a reset.
async fn read_body(stream: &mut TcpStream, head: &str) -> anyhow::Result<()> {
    let (head, begun) = head.split_once("\r\n\r\n").context("no head")?;
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length: usize = length.context("no length")?.1.trim().parse()?;
    let mut rest = vec![0; length.saturating_sub(begun.len())];
    stream.read_exact(&mut rest).await?;
    Ok(())
}

async fn shake_hands(stream: &mut TcpStream, head: &str) -> anyhow::Result<()> {
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let key = lines.find(|(name, _)| name.eq_ignore_ascii_case("sec-websocket-key"));
    let (_, key) = key.context("no handshake")?;
    let mut digest = Sha1::new();
    digest.update(key.trim());
    digest.update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = BASE64_STANDARD.encode(digest.finalize());
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-accept: {accept}\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    );
    Ok(stream.write_all(answer.as_bytes()).await?)
}

async fn publish(everybody: &[Arc<TcpStream>]) -> anyhow::Result<()> {
    let framed = frame(EVENT);
    for listener in everybody {
        loop {
            match listener.try_write(&framed) {
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                    listener.writable().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// A text message of a server: RFC 6455 §5.2.
fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(short) if short < 126 => frame.push(short),
        _ => {
            frame.push(126);
            frame.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    frame.extend_from_slice(text.as_bytes());
    frame
}
