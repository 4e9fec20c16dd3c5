//! Many listeners of one subscription, and somebody who causes events.
//!
//!     listen ADDRESS PATH COUNT EVENTS PUBLISH-BODY
//!
//! Opens COUNT connections that speak `graphql-transport-ws`, says `ready` and waits for a line on
//! its standard input, so that the server's memory can be looked at before the first event. Then it
//! posts PUBLISH-BODY EVENTS times, each when everybody has the last one, and prints what each took
//! in microseconds; after the first event it says `first` and waits for a line again.

use std::io::Write;

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::Instant,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SUBSCRIBE: &str =
    r#"{"id":"1","type":"subscribe","payload":{"query":"subscription { added { id text } }"}}"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, path, count, events, body] = arguments.as_slice() else {
        bail!("listen ADDRESS PATH COUNT EVENTS PUBLISH-BODY");
    };
    let (count, events): (usize, usize) = (count.parse()?, events.parse()?);
    let (got, mut arrived) = mpsc::unbounded_channel();
    for _ in 0..count {
        let stream = connect(address, path).await?;
        tokio::spawn(listen(stream, got.clone()));
    }
    pause("ready")?;
    for event in 0..events {
        let begun = Instant::now();
        publish(address, path, body).await?;
        for _ in 0..count {
            arrived.recv().await.context("a listener is gone")?;
        }
        println!("{}", begun.elapsed().as_micros());
        if event == 0 {
            pause("first")?;
        }
    }
    Ok(())
}

fn pause(word: &str) -> anyhow::Result<()> {
    println!("{word}");
    std::io::stdout().flush()?;
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(())
}

async fn connect(address: &str, path: &str) -> anyhow::Result<TcpStream> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let handshake = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: graphql-transport-ws\r\n\r\n"
    );
    stream.write_all(handshake.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    if !head.starts_with(b"HTTP/1.1 101") {
        bail!("no handshake: {}", String::from_utf8_lossy(&head));
    }
    stream
        .write_all(&masked(r#"{"type":"connection_init"}"#))
        .await?;
    let acknowledged = message(&mut stream).await?;
    if !acknowledged.contains("connection_ack") {
        bail!("not acknowledged: {acknowledged}");
    }
    stream.write_all(&masked(SUBSCRIBE)).await?;
    Ok(stream)
}

/// Says each message that comes; one must be an event.
async fn listen(mut stream: TcpStream, got: mpsc::UnboundedSender<()>) -> anyhow::Result<()> {
    loop {
        let text = message(&mut stream).await?;
        if !text.contains(r#""type":"next""#) || text.contains(r#""errors""#) {
            eprintln!("listen: {text}");
            return Ok(());
        }
        got.send(())?;
    }
}

/// The next text message of a server; its pings are passed over.
async fn message(stream: &mut TcpStream) -> anyhow::Result<String> {
    loop {
        let mut head = [0; 2];
        stream.read_exact(&mut head).await?;
        let length = match head[1] {
            126 => usize::from(stream.read_u16().await?),
            short => usize::from(short),
        };
        let mut text = vec![0; length];
        stream.read_exact(&mut text).await?;
        if head[0] == 0x81 {
            return Ok(String::from_utf8(text)?);
        }
    }
}

async fn publish(address: &str, path: &str, body: &str) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        bail!("not published: {}", String::from_utf8_lossy(&answer));
    }
    Ok(())
}

/// A text message of a client, masked by zeros: RFC 6455 §5.3.
fn masked(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match u8::try_from(text.len()) {
        Ok(short) if short < 126 => frame.push(0x80 | short),
        _ => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}
