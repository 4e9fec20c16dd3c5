//! What a client sees of a connection: dialogues over a pipe, in paused time.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use http::{HeaderMap, Method};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        protocol::{
            CloseFrame, Role,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};
use uuid::Uuid;

use super::*;
use crate::cluster::Unsent;

type Client = WebSocketStream<DuplexStream>;

/// Says back what it hears. Some words are orders.
struct Echo {
    outbox: Outbox,
    deadline: Option<(Instant, Close)>,
    ended: Option<oneshot::Sender<Ended>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Protocol for Echo {
    async fn text(&mut self, text: Utf8Bytes) -> ControlFlow<Close> {
        match text.as_str() {
            "leave" => return ControlFlow::Break(Close::new(4000, "as told")),
            "panic" => panic!("as told"),
            "hang" => pending().await,
            "think" => tokio::time::sleep(Duration::from_secs(3)).await,
            _ => {}
        }
        self.heard.lock().unwrap().push(text.to_string());
        let _ = self.outbox.send(text);
        ControlFlow::Continue(())
    }

    fn binary(&mut self) -> ControlFlow<Close> {
        ControlFlow::Break(Close::new(1003, "text only"))
    }

    fn deadline(&self) -> Option<(Instant, Close)> {
        self.deadline.clone()
    }

    async fn ended(mut self, how: Ended) {
        if let Some(ended) = self.ended.take() {
            let _ = ended.send(how);
        }
    }
}

/// A running connection, seen from all sides.
struct World {
    client: Client,
    outbox: Outbox,
    ending: Arc<Ending>,
    ended: oneshot::Receiver<Ended>,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

fn bounds() -> Bounds {
    Bounds {
        connections: 2,
        keep_alive: None,
        queue: 4,
        ..Bounds::new(&Written::default(), None)
    }
}

async fn start(bounds: Bounds) -> World {
    start_until(bounds, None).await
}

async fn start_until(bounds: Bounds, deadline: Option<(Instant, Close)>) -> World {
    let (ours, theirs) = duplex(64 << 10);
    let ending = Arc::new(Ending::default());
    let (messages, queue) = mpsc::channel(bounds.queue);
    let outbox = Outbox::new(messages, Arc::clone(&ending));
    let (tell, ended) = oneshot::channel();
    let heard = Arc::default();
    let echo = Echo {
        outbox: outbox.clone(),
        deadline,
        ended: Some(tell),
        heard: Arc::clone(&heard),
    };
    let task = tokio::spawn(pump::run(ours, bounds, queue, Arc::clone(&ending), echo));
    let client = WebSocketStream::from_raw_socket(theirs, Role::Client, None).await;
    World {
        client,
        outbox,
        ending,
        ended,
        heard,
        task,
    }
}

impl World {
    async fn say(&mut self, text: &'static str) {
        self.client.send(Message::text(text)).await.unwrap();
    }

    /// What comes next, as one line.
    async fn hear(&mut self) -> String {
        match self.client.next().await {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Ping(_))) => "ping".to_owned(),
            Some(Ok(Message::Close(Some(frame)))) => {
                format!("close {} {}", u16::from(frame.code), frame.reason)
            }
            other => format!("{other:?}"),
        }
    }

    /// How it ended, as the protocol was told.
    async fn end(self) -> String {
        let World {
            mut client, ended, ..
        } = self;
        let reading = tokio::spawn(async move { while client.next().await.is_some() {} });
        let ended = ended.await.unwrap();
        reading.abort();
        format!("{} {}", ended.code, ended.reason)
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_said_is_answered_in_its_order() {
    let mut world = start(bounds()).await;
    for word in ["think", "b", "c"] {
        world.say(word).await;
    }
    for word in ["think", "b", "c"] {
        assert_eq!(world.hear().await, word);
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_client_says_before_it_leaves_is_handled() {
    let mut world = start(bounds()).await;
    for word in ["think", "b"] {
        world.say(word).await;
    }
    let heard = Arc::clone(&world.heard);
    world.client.close(None).await.unwrap();
    assert_eq!(world.end().await, "1005 ");
    assert_eq!(*heard.lock().unwrap(), ["think", "b"]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_ends() {
    let mut world = start(bounds()).await;
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_secs(500)).await;
    world.say("a").await;
    assert_eq!(world.hear().await, "a");
    assert_eq!(world.hear().await, "close 1001 Going away");
    assert_eq!(begin.elapsed().as_secs(), 1100);
    assert_eq!(world.end().await, "1001 Going away");
}

#[tokio::test(start_paused = true)]
async fn messages_to_the_client_are_signs_of_life_without_pings() {
    let mut world = start(bounds()).await;
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_secs(500)).await;
    world.outbox.send("news".into()).unwrap();
    assert_eq!(world.hear().await, "news");
    assert_eq!(world.hear().await, "close 1001 Going away");
    assert_eq!(begin.elapsed().as_secs(), 1100);
}

#[tokio::test(start_paused = true)]
async fn pings_of_the_client_are_no_messages() {
    let mut world = start(bounds()).await;
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_secs(500)).await;
    world
        .client
        .send(Message::Ping(Bytes::new()))
        .await
        .unwrap();
    assert_eq!(world.hear().await, "Some(Ok(Pong(b\"\")))");
    assert_eq!(world.hear().await, "close 1001 Going away");
    assert_eq!(begin.elapsed().as_secs(), 600);
}

#[tokio::test(start_paused = true)]
async fn a_connection_ends_when_it_has_lasted() {
    let bounds = Bounds {
        total: Duration::from_secs(700),
        ..bounds()
    };
    let mut world = start(bounds).await;
    let begin = Instant::now();
    tokio::time::sleep(Duration::from_secs(400)).await;
    world.say("a").await;
    assert_eq!(world.hear().await, "a");
    assert_eq!(world.hear().await, "close 1001 Going away");
    assert_eq!(begin.elapsed().as_secs(), 700);
}

fn with_pings() -> Bounds {
    Bounds {
        idle: Duration::from_secs(60),
        keep_alive: Some(Duration::from_secs(20)),
        ..bounds()
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_pings_stays() {
    let mut world = start(with_pings()).await;
    let begin = Instant::now();
    for seconds in [20, 40, 60, 80, 100, 120] {
        assert_eq!(world.hear().await, "ping");
        assert_eq!(begin.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_answers_no_ping_goes() {
    let world = start(with_pings()).await;
    let begin = Instant::now();
    // Nobody reads at the other end, thus nobody answers; messages to it do not count either.
    tokio::time::sleep(Duration::from_secs(50)).await;
    world.outbox.send("news".into()).unwrap();
    let World { client, ended, .. } = world;
    assert_eq!(ended.await.unwrap().code, 1001);
    assert_eq!(begin.elapsed().as_secs(), 65);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn the_protocol_has_a_deadline_of_its_own() {
    let close = Close::new(4408, "Connection initialisation timeout");
    let at = Instant::now() + Duration::from_secs(10);
    let mut world = start_until(bounds(), Some((at, close))).await;
    let expected = "close 4408 Connection initialisation timeout";
    assert_eq!(world.hear().await, expected);
    assert_eq!(Instant::now(), at);
}

#[tokio::test(start_paused = true)]
async fn the_protocol_may_leave() {
    let mut world = start(bounds()).await;
    world.say("leave").await;
    assert_eq!(world.hear().await, "close 4000 as told");
    assert_eq!(world.end().await, "4000 as told");
}

#[tokio::test(start_paused = true)]
async fn what_is_queued_goes_out_before_the_close() {
    let mut world = start(bounds()).await;
    world.outbox.send("a".into()).unwrap();
    world.outbox.send("b".into()).unwrap();
    world.outbox.close(Close::new(1000, "bye"));
    for expected in ["a", "b", "close 1000 bye"] {
        assert_eq!(world.hear().await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_does_not_leave_the_client_hanging() {
    let mut world = start(bounds()).await;
    world.say("panic").await;
    assert_eq!(world.hear().await, "close 1011 Internal error");
    assert_eq!(world.end().await, "1011 Internal error");
}

#[tokio::test(start_paused = true)]
async fn while_a_message_is_handled_the_connection_goes_on() {
    let mut world = start(bounds()).await;
    world.say("hang").await;
    world.client.send(Message::Ping("a".into())).await.unwrap();
    assert_eq!(world.hear().await, "Some(Ok(Pong(b\"a\")))");
    world.outbox.send("news".into()).unwrap();
    assert_eq!(world.hear().await, "news");
    assert_eq!(world.hear().await, "close 1001 Going away");
}

#[tokio::test(start_paused = true)]
async fn binary_messages_are_the_protocols_business() {
    let mut world = start(bounds()).await;
    world.client.send(Message::binary("a")).await.unwrap();
    assert_eq!(world.hear().await, "close 1003 text only");
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_refused() {
    let frame = Message::text("a".repeat((32 << 10) + 1));
    let mut world = start(bounds()).await;
    world.client.send(frame).await.unwrap();
    assert_eq!(world.hear().await, "close 1009 Message too big");
    assert_eq!(world.end().await, "1009 Message too big");

    let mut world = start(bounds()).await;
    for index in 0..5 {
        let data = if index == 0 {
            Data::Text
        } else {
            Data::Continue
        };
        let part = Frame::message("a".repeat(32 << 10), OpCode::Data(data), index == 4);
        let _ = world.client.send(Message::Frame(part)).await;
    }
    assert_eq!(world.hear().await, "close 1009 Message too big");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_text_is_refused() {
    let mut world = start(bounds()).await;
    let frame = Frame::message(&b"\xff"[..], OpCode::Data(Data::Text), true);
    world.client.send(Message::Frame(frame)).await.unwrap();
    assert_eq!(world.hear().await, "close 1007 Invalid text");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_frame_is_refused() {
    let mut world = start(bounds()).await;
    // A client's frames are masked; this one is not.
    world
        .client
        .get_mut()
        .write_all(b"\x81\x01a")
        .await
        .unwrap();
    assert_eq!(world.hear().await, "close 1002 Protocol error");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_too_slowly_is_left() {
    let mut world = start(bounds()).await;
    let large = "a".repeat(100 << 10);
    let sent = (0..10).take_while(|_| world.outbox.send(large.as_str().into()).is_ok());
    assert_eq!(sent.count(), 4, "as many as may wait");
    // The client begins to read, and hears why no more comes.
    loop {
        let heard = world.hear().await;
        if heard != large {
            assert_eq!(heard, "close 1013 Too slow");
            break;
        }
    }
    assert_eq!(world.end().await, "1013 Too slow");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_at_all_is_dropped() {
    let World {
        client,
        outbox,
        ended,
        ..
    } = start(bounds()).await;
    let begin = Instant::now();
    outbox.send("a".repeat(100 << 10).into()).unwrap();
    assert_eq!(ended.await.unwrap().code, 1006);
    assert_eq!(begin.elapsed().as_secs(), 30);
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_reads_steadily_may_take_its_time() {
    let World {
        mut client,
        outbox,
        mut ended,
        ..
    } = start(bounds()).await;
    outbox.send("a".repeat(400 << 10).into()).unwrap();
    let mut bytes = [0; 20 << 10];
    for _ in 0..12 {
        tokio::time::sleep(Duration::from_secs(10)).await;
        client.get_mut().read_exact(&mut bytes).await.unwrap();
    }
    assert!(ended.try_recv().is_err(), "it still reads");
    let begin = Instant::now();
    assert_eq!(ended.await.unwrap().code, 1006);
    assert_eq!(begin.elapsed().as_secs(), 30);
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_may_also_be_left_alone() {
    let mut world = start(bounds()).await;
    let offer = |world: &World| world.outbox.offer("a".into());
    for _ in 0..4 {
        offer(&world).unwrap();
    }
    assert_eq!(offer(&world), Err(Unsent::Full));
    for _ in 0..4 {
        assert_eq!(world.hear().await, "a");
    }
    world.say("leave").await;
    assert_eq!(world.hear().await, "close 4000 as told");
    assert_eq!(offer(&world), Err(Unsent::Gone));
}

#[tokio::test(start_paused = true)]
async fn large_messages_arrive_whole() {
    let mut world = start(bounds()).await;
    let large = "ä".repeat(50_000);
    world.outbox.send(large.as_str().into()).unwrap();
    world.outbox.send("small".into()).unwrap();
    assert!(world.hear().await == large);
    assert_eq!(world.hear().await, "small");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_answer_a_close_is_not_waited_for() {
    let world = start(bounds()).await;
    let begin = Instant::now();
    world.outbox.close(Close::new(1000, ""));
    let World { client, task, .. } = world;
    task.await.unwrap();
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
    drop(client);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_vanishes_is_lost() {
    let World { client, ended, .. } = start(bounds()).await;
    drop(client);
    assert_eq!(ended.await.unwrap().code, 1006);
}

#[tokio::test(start_paused = true)]
async fn the_clients_close_is_answered_and_told() {
    let mut world = start(bounds()).await;
    let frame = CloseFrame {
        code: 3001.into(),
        reason: "done".into(),
    };
    world.client.close(Some(frame)).await.unwrap();
    assert_eq!(world.hear().await, "close 3001 done");
    assert_eq!(world.end().await, "3001 done");
}

#[tokio::test(start_paused = true)]
async fn all_connections_can_be_ended_at_once() {
    let sockets = Sockets::default();
    let mut world = start(bounds()).await;
    let seat = sockets.seat("chat".into(), 2, &world.ending).unwrap();
    sockets.close_all();
    assert_eq!(world.hear().await, "close 1001 Going away");
    assert!(sockets.seat("chat".into(), 2, &world.ending).is_err());
    let closed = tokio::time::timeout(Duration::from_secs(1), sockets.closed());
    assert!(closed.await.is_err(), "one still has its seat");
    drop(seat);
    sockets.closed().await;
}

#[test]
fn each_api_has_so_many_seats() {
    let (sockets, ending) = (Sockets::default(), Arc::default());
    let seat = |api: &str| sockets.seat(api.into(), 2, &ending);
    let seats = [seat("chat").unwrap(), seat("chat").unwrap()];
    assert!(seat("chat").is_err());
    assert!(seat("shop").is_ok());
    drop(seats);
    assert!(seat("chat").is_ok());
}

// === The handshake ===

fn request(changed: &[(&'static str, &'static str)]) -> Request {
    let mut headers = HeaderMap::new();
    let right = [
        ("upgrade", "WebSocket"),
        ("connection", "keep-alive, Upgrade"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    for (name, value) in right.into_iter().chain(changed.iter().copied()) {
        headers.insert(name, value.parse().unwrap());
    }
    Request {
        id: Uuid::nil(),
        method: Method::GET,
        uri: "/chat?room=1".parse().unwrap(),
        headers,
        client: None,
        secure: false,
    }
}

#[test]
fn a_handshake_is_answered_as_the_specification_says() {
    let accept = handshake::check(&request(&[]), true).unwrap();
    assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    let response = handshake::switch(&accept, Some("graphql-transport-ws"));
    assert_eq!(response.status(), 101);
    let said = [
        "upgrade",
        "connection",
        "sec-websocket-accept",
        "sec-websocket-protocol",
    ]
    .map(|name| response.headers()[name].to_str().unwrap());
    let expected = ["websocket", "Upgrade", &accept, "graphql-transport-ws"];
    assert_eq!(said, expected);
    assert_eq!(response.headers().len(), 4, "no extension is chosen");
}

#[test]
fn a_wrong_handshake_is_refused() {
    let cases = [
        ([("upgrade", "h2c")], HandshakeFault::NoUpgrade, 426),
        ([("connection", "close")], HandshakeFault::Malformed, 400),
        (
            [("sec-websocket-version", "8")],
            HandshakeFault::NoUpgrade,
            426,
        ),
        ([("sec-websocket-key", "")], HandshakeFault::Malformed, 400),
        (
            [("sec-websocket-key", "c2hvcnQ=")],
            HandshakeFault::Malformed,
            400,
        ),
        ([("sec-websocket-key", "=")], HandshakeFault::Malformed, 400),
    ];
    for (changed, expected, status) in cases {
        let wrong = handshake::check(&request(&changed), true).unwrap_err();
        assert_eq!(wrong, expected, "{changed:?}");
        assert_eq!(wrong.into_response().status(), status);
    }
    assert_eq!(
        handshake::check(&request(&[]), false),
        Err(HandshakeFault::NoUpgrade)
    );
    let by_post = Request {
        method: Method::POST,
        ..request(&[])
    };
    assert_eq!(
        handshake::check(&by_post, true),
        Err(HandshakeFault::Malformed)
    );
    let response = HandshakeFault::NoUpgrade.into_response();
    assert_eq!(response.headers()["sec-websocket-version"], "13");
}

#[test]
fn a_detached_request_says_the_same() {
    let request = request(&[("cookie", "a=b")]);
    let own = detach(request.clone());
    assert_eq!(own.headers, request.headers);
    assert_eq!(own.uri, request.uri);
}

/// What an idle connection costs beside its buffers.
#[tokio::test]
async fn an_idle_connection_is_small() {
    let (ours, _theirs) = duplex(1);
    let ending = Arc::new(Ending::default());
    let (messages, queue) = mpsc::channel(1);
    let echo = Echo {
        outbox: Outbox::new(messages, Arc::clone(&ending)),
        deadline: None,
        ended: None,
        heard: Arc::default(),
    };
    let size = size_of_val(&pump::run(ours, bounds(), queue, ending, echo));
    assert!(size < 2048, "the task takes {size} bytes");
}
