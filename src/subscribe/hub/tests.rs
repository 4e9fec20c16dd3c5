use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::Notify;

use super::*;
use crate::{cluster::Local, subscribe::group};

/// A standing question that is answered with its event, and what is known of its answers.
struct Echo {
    mutations: Vec<Arc<str>>,
    arguments: Value,
    key: Arc<[u8]>,
    answered: Arc<AtomicUsize>,
    /// The answer waits until somebody opens this.
    gate: Option<Arc<Notify>>,
}

impl Standing for Echo {
    fn mutations(&self) -> &[Arc<str>] {
        &self.mutations
    }

    fn arguments(&self) -> &Value {
        &self.arguments
    }

    fn key(&self) -> &Arc<[u8]> {
        &self.key
    }

    async fn answer(&self, payload: &Arc<Document>, mut out: Vec<u8>) -> Executed {
        if let Some(gate) = &self.gate {
            gate.notified().await;
        }
        assert_ne!(payload.text(), &Bytes::from_static(b"\"panic\""));
        self.answered.fetch_add(1, Ordering::Relaxed);
        out.extend_from_slice(payload.text());
        Executed {
            out,
            errors: Vec::new(),
            events: Vec::new(),
        }
    }
}

/// One api's hub, and what its subscribers were told.
struct World {
    broker: Arc<dyn Broker>,
    hub: Hub<Echo>,
    answered: Arc<AtomicUsize>,
}

type Told = mpsc::UnboundedReceiver<Utf8Bytes>;

impl World {
    fn new() -> Self {
        let broker: Arc<dyn Broker> = Arc::new(Local::default());
        World {
            hub: Hub::new("shop", &broker, Duration::from_secs(30)),
            broker,
            answered: Arc::default(),
        }
    }

    fn echo(&self, key: &str, mutations: &[&str], arguments: &str) -> Echo {
        Echo {
            mutations: mutations.iter().map(|&name| Arc::from(name)).collect(),
            arguments: Value::parse(arguments.to_owned()).unwrap(),
            key: key.as_bytes().into(),
            answered: Arc::clone(&self.answered),
            gate: None,
        }
    }

    fn join(&self, id: &str, echo: Echo) -> (Membership<Echo>, Told) {
        let (sink, told) = mpsc::unbounded_channel();
        let sink = move |text| sink.send(text).map_err(|_| Overrun);
        let membership = self.hub.join(echo, Envelope::next(id), Box::new(sink));
        (membership, told)
    }

    fn publish(&self, field: &str, payload: &'static str) {
        self.hub.publish(&[Event {
            field: field.into(),
            payload: Bytes::from_static(payload.as_bytes()),
        }]);
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    fn groups(&self) -> usize {
        self.hub.shared.lock().groups.len()
    }
}

fn next(id: &str, data: &str) -> String {
    format!("{{\"id\":\"{id}\",\"type\":\"next\",\"payload\":{{\"data\":{data}}}}}")
}

/// Lets all tasks do what they can.
async fn settle() {
    for _ in 0..64 {
        yield_now().await;
    }
}

fn drain(told: &mut Told) -> Vec<String> {
    std::iter::from_fn(|| told.try_recv().ok())
        .map(|text| text.to_string())
        .collect()
}

#[tokio::test]
async fn a_group_is_answered_once_and_each_member_is_told_under_its_own_id() {
    let world = World::new();
    let mut members: Vec<_> = (0..10_000)
        .map(|index| {
            let id = index.to_string();
            world.join(&id, world.echo("k", &["order"], "{}"))
        })
        .collect();
    world.publish("order", "7");
    for (index, (_membership, told)) in members.iter_mut().enumerate() {
        let text = told.recv().await.unwrap();
        assert_eq!(text.as_str(), next(&index.to_string(), "7"));
    }
    assert_eq!(world.answered(), 1);
    assert_eq!(world.groups(), 1);
}

#[tokio::test]
async fn members_of_one_id_are_handed_the_same_bytes() {
    let world = World::new();
    let (_one, mut told_one) = world.join("1", world.echo("k", &["order"], "{}"));
    let (_two, mut told_two) = world.join("1", world.echo("k", &["order"], "{}"));
    world.publish("order", "7");
    let (one, two) = (
        told_one.recv().await.unwrap(),
        told_two.recv().await.unwrap(),
    );
    assert!(std::ptr::eq(one.as_str(), two.as_str()));
}

#[tokio::test]
async fn each_is_told_of_its_mutations_and_of_what_its_arguments_ask_for() {
    let world = World::new();
    let (_a, mut a) = world.join("a", world.echo("a", &["order"], "{}"));
    let (_b, mut b) = world.join("b", world.echo("b", &["order", "cancel"], r#"{"id":1}"#));
    world.publish("order", r#"{"id":1}"#);
    world.publish("order", r#"{"id":2}"#);
    world.publish("cancel", r#"{"id":1.0}"#);
    world.publish("review", r#"{"id":1}"#);
    settle().await;
    assert_eq!(
        drain(&mut a),
        [next("a", r#"{"id":1}"#), next("a", r#"{"id":2}"#)]
    );
    assert_eq!(
        drain(&mut b),
        [next("b", r#"{"id":1}"#), next("b", r#"{"id":1.0}"#)]
    );
}

#[tokio::test]
async fn a_slow_group_keeps_its_order_and_holds_up_nobody() {
    let world = World::new();
    let gate = Arc::new(Notify::new());
    let slow = Echo {
        gate: Some(Arc::clone(&gate)),
        ..world.echo("slow", &["order"], "{}")
    };
    let (_slow, mut slow) = world.join("s", slow);
    let (_quick, mut quick) = world.join("q", world.echo("quick", &["order"], "{}"));
    world.publish("order", "1");
    world.publish("order", "2");
    settle().await;
    assert_eq!(drain(&mut quick), [next("q", "1"), next("q", "2")]);
    assert_eq!(drain(&mut slow), [""; 0]);
    gate.notify_one();
    settle().await;
    gate.notify_one();
    settle().await;
    assert_eq!(drain(&mut slow), [next("s", "1"), next("s", "2")]);
}

#[tokio::test]
async fn a_group_that_does_not_keep_up_misses_the_newest() {
    let world = World::new();
    let gate = Arc::new(Notify::new());
    let slow = Echo {
        gate: Some(Arc::clone(&gate)),
        ..world.echo("slow", &["order"], "{}")
    };
    let (_slow, mut told) = world.join("s", slow);
    world.publish("order", "0");
    settle().await;
    // One is being answered; so many wait.
    for _ in 0..group::WAITING {
        world.publish("order", "1");
    }
    world.publish("order", "2");
    settle().await;
    for _ in 0..group::WAITING + 5 {
        gate.notify_one();
        settle().await;
    }
    let mut expected = vec![next("s", "1"); group::WAITING + 1];
    expected[0] = next("s", "0");
    assert_eq!(drain(&mut told), expected);
}

#[tokio::test]
async fn who_left_is_told_nothing_and_leaves_nothing_behind() {
    let world = World::new();
    let (one, mut told_one) = world.join("1", world.echo("k", &["order"], "{}"));
    let (two, mut told_two) = world.join("2", world.echo("k", &["order"], "{}"));
    world.publish("order", "7");
    drop(one);
    settle().await;
    assert_eq!(drain(&mut told_one), [""; 0]);
    assert_eq!(drain(&mut told_two), [next("2", "7")]);
    drop(two);
    {
        let state = world.hub.shared.lock();
        assert!(state.groups.is_empty() && state.topics.is_empty() && state.hearing.is_none());
    }
    settle().await;
    // The tasks have ended: nobody but the hub holds what they shared.
    assert_eq!(Arc::strong_count(&world.hub.shared), 1);
}

#[tokio::test]
async fn who_comes_back_is_told_again() {
    let world = World::new();
    drop(world.join("1", world.echo("k", &["order"], "{}")));
    let (_again, mut told) = world.join("1", world.echo("k", &["order"], "{}"));
    world.publish("order", "7");
    settle().await;
    assert_eq!(drain(&mut told), [next("1", "7")]);
}

#[tokio::test]
async fn who_does_not_take_what_it_is_told_is_told_nothing_more() {
    let world = World::new();
    let (sink, mut told) = mpsc::channel(1);
    let sink = move |text| sink.try_send(text).map_err(|_| Overrun);
    let echo = world.echo("k", &["order"], "{}");
    let _slow = world.hub.join(echo, Envelope::next("s"), Box::new(sink));
    let (_quick, mut quick) = world.join("q", world.echo("k", &["order"], "{}"));
    for payload in ["1", "2", "3"] {
        world.publish("order", payload);
    }
    settle().await;
    assert_eq!(drain(&mut quick).len(), 3);
    // What was queued before is still there; then it ends, because the sink is gone.
    assert_eq!(told.recv().await.unwrap().as_str(), next("s", "1"));
    assert!(told.recv().await.is_none());
}

#[tokio::test]
async fn what_was_meant_for_those_who_left_is_not_told_to_who_comes_next() {
    let world = World::new();
    let (last, mut told_before) = world.join("1", world.echo("k", &["order"], "{}"));
    world.publish("order", "1");
    drop(last);
    let (_membership, mut told) = world.join("2", world.echo("k", &["order"], "{}"));
    world.publish("order", "2");
    settle().await;
    assert!(drain(&mut told_before).is_empty());
    assert_eq!(drain(&mut told), [next("2", "2")]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_left_out() {
    let world = World::new();
    let gate = Arc::new(Notify::new());
    let stuck = Echo {
        gate: Some(Arc::clone(&gate)),
        ..world.echo("k", &["order"], "{}")
    };
    let (_membership, mut told) = world.join("1", stuck);
    world.publish("order", "1");
    tokio::time::sleep(Duration::from_secs(31)).await;
    world.publish("order", "2");
    gate.notify_one();
    settle().await;
    assert_eq!(drain(&mut told), [next("1", "2")]);
}

#[tokio::test]
async fn what_fails_in_one_answer_does_not_fail_the_next() {
    let world = World::new();
    let (_membership, mut told) = world.join("1", world.echo("k", &["order"], "{}"));
    world.publish("order", "\"panic\"");
    world.publish("order", "no JSON");
    world.publish("order", "7");
    settle().await;
    assert_eq!(drain(&mut told), [next("1", "7")]);
}

#[tokio::test]
async fn what_one_deployment_publishes_the_other_hears() {
    let world = World::new();
    let (_membership, mut told) = world.join("1", world.echo("k", &["order"], "{}"));
    let replaced = Hub::<Echo>::new("shop", &world.broker, Duration::from_secs(30));
    let other = Hub::<Echo>::new("other", &world.broker, Duration::from_secs(30));
    for hub in [&replaced, &other] {
        hub.publish(&[Event {
            field: "order".into(),
            payload: Bytes::from_static(b"7"),
        }]);
    }
    settle().await;
    assert_eq!(drain(&mut told), [next("1", "7")]);
}
