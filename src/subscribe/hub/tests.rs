use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use tokio::sync::Notify;

use super::*;
use crate::{cluster::Local, subscribe::group};

/// A standing question that is answered with its event, and what is known of its answers.
struct Echo {
    field: Arc<str>,
    mutations: Vec<Arc<str>>,
    arguments: Value,
    invalidation: Option<Value>,
    key: Arc<[u8]>,
    answered: Arc<AtomicUsize>,
    /// The answer waits until somebody opens this.
    gate: Option<Arc<Notify>>,
}

impl Standing for Echo {
    fn field(&self) -> &Arc<str> {
        &self.field
    }

    fn mutations(&self) -> &[Arc<str>] {
        &self.mutations
    }

    fn arguments(&self) -> &Value {
        &self.arguments
    }

    fn invalidation(&self) -> Option<&Value> {
        self.invalidation.as_ref()
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
            effects: Default::default(),
            evicted: None,
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
            field: "onOrder".into(),
            invalidation: None,
            mutations: mutations.iter().map(|&name| Arc::from(name)).collect(),
            arguments: Value::parse(arguments.to_owned()).unwrap(),
            key: key.as_bytes().into(),
            answered: Arc::clone(&self.answered),
            gate: None,
        }
    }

    fn join(&self, id: &str, echo: Echo) -> (Membership<Echo>, Told) {
        let (sink, told) = mpsc::unbounded_channel();
        let sink = move |notice| {
            let text = match notice {
                Notice::Answer(text) => text,
                Notice::End => Utf8Bytes::from_static("end"),
            };
            sink.send(text).map_err(|_| Overrun)
        };
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
    let sink = move |notice| match notice {
        Notice::Answer(text) => sink.try_send(text).map_err(|_| Overrun),
        Notice::End => Ok(()),
    };
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

/// An invalidation filter: the payload's `user` is this one.
fn ends_with(user: &str) -> Option<Value> {
    let rule = format!(r#"{{"fieldName":"user","operator":"eq","value":"{user}"}}"#);
    Value::parse(format!(r#"{{"filterGroup":[{{"filters":[{rule}]}}]}}"#)).ok()
}

fn invalidate(hub: &Hub<Echo>, field: &str, user: &str) {
    hub.invalidate(Invalidation {
        field: field.into(),
        payload: format!(r#"{{"user":"{user}"}}"#).into(),
    });
}

#[tokio::test]
async fn those_whose_invalidation_filter_matches_are_ended_and_forgotten() {
    let world = World::new();
    let join = |id: &str, key: &str, invalidation| {
        let echo = world.echo(key, &["order"], "{}");
        world.join(
            id,
            Echo {
                invalidation,
                ..echo
            },
        )
    };
    let (_ada, mut ada) = join("1", "ada", ends_with("ada"));
    let (_also, mut also) = join("2", "ada", ends_with("ada"));
    let (_bob, mut bob) = join("3", "bob", ends_with("bob"));
    let (_all, mut all) = join("4", "all", None);
    invalidate(&world.hub, "onOrder", "ada");
    // Another field, another payload, and a mutation of the subscription's name end nobody.
    invalidate(&world.hub, "onReview", "bob");
    invalidate(&world.hub, "onOrder", "eve");
    world.publish("onOrder", r#"{"user":"bob"}"#);
    world.publish("order", "7");
    settle().await;
    assert_eq!(drain(&mut ada), ["end"]);
    assert_eq!(drain(&mut also), ["end"]);
    assert_eq!(drain(&mut bob), [next("3", "7")]);
    assert_eq!(drain(&mut all), [next("4", "7")]);
    assert_eq!(world.groups(), 2);
    // The sinks are gone with the subscriptions.
    assert!(ada.is_closed() && also.is_closed());
}

#[tokio::test]
async fn who_was_ended_is_not_told_of_what_it_waited_for() {
    let world = World::new();
    let gate = Arc::new(Notify::new());
    let slow = Echo {
        gate: Some(Arc::clone(&gate)),
        invalidation: ends_with("ada"),
        ..world.echo("slow", &["order"], "{}")
    };
    let (_slow, mut told) = world.join("1", slow);
    world.publish("order", "1");
    world.publish("order", "2");
    settle().await;
    invalidate(&world.hub, "onOrder", "ada");
    settle().await;
    gate.notify_one();
    settle().await;
    assert_eq!(drain(&mut told), ["end"]);
}

#[tokio::test]
async fn who_was_ended_may_subscribe_again_and_leaves_nothing_behind() {
    let world = World::new();
    let echo = || Echo {
        invalidation: ends_with("ada"),
        ..world.echo("k", &["order"], "{}")
    };
    let (ended, mut told) = world.join("1", echo());
    invalidate(&world.hub, "onOrder", "ada");
    settle().await;
    let (again, mut told_again) = world.join("2", echo());
    // The group of the one that was ended is another one.
    drop(ended);
    world.publish("order", "7");
    settle().await;
    assert_eq!(drain(&mut told), ["end"]);
    assert_eq!(drain(&mut told_again), [next("2", "7")]);
    drop(again);
    settle().await;
    {
        let state = world.hub.shared.lock();
        assert!(state.groups.is_empty() && state.topics.is_empty() && state.hearing.is_none());
    }
    assert_eq!(Arc::strong_count(&world.hub.shared), 1);
}

#[tokio::test]
async fn a_sink_may_drop_its_membership_when_it_is_ended() {
    let world = World::new();
    let held: Arc<Mutex<Option<Membership<Echo>>>> = Arc::default();
    let (sent, mut told) = mpsc::unbounded_channel();
    let holder = Arc::clone(&held);
    let sink = move |_| {
        let membership = holder.lock().unwrap().take();
        drop(membership);
        sent.send(()).map_err(|_| Overrun)
    };
    let echo = Echo {
        invalidation: ends_with("ada"),
        ..world.echo("k", &["order"], "{}")
    };
    let membership = world.hub.join(echo, Envelope::Event, Box::new(sink));
    *held.lock().unwrap() = Some(membership);
    invalidate(&world.hub, "onOrder", "ada");
    settle().await;
    assert_eq!(told.recv().await, Some(()));
    assert!(held.lock().unwrap().is_none());
}

#[tokio::test]
async fn what_one_deployment_invalidates_ends_those_of_the_other() {
    let world = World::new();
    let echo = Echo {
        invalidation: ends_with("ada"),
        ..world.echo("k", &["order"], "{}")
    };
    let (_membership, mut told) = world.join("1", echo);
    let other = Hub::<Echo>::new("other", &world.broker, Duration::from_secs(30));
    invalidate(&other, "onOrder", "ada");
    settle().await;
    assert_eq!(drain(&mut told), [""; 0]);
    let replaced = Hub::<Echo>::new("shop", &world.broker, Duration::from_secs(30));
    invalidate(&replaced, "onOrder", "ada");
    settle().await;
    assert_eq!(drain(&mut told), ["end"]);
}
