//! Messages by topic, from whoever publishes to everyone who listens: at most once, in order for each
//! publisher, without replay.
//!
//! Messages are bytes, so that another process can be told of them. Nobody who publishes ever waits:
//! each [`Ear`] holds so many messages, and one that is full misses the newest, which is counted in
//! `loomgate_messages_lost_total`.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::observe;

/// Carries messages between those who cause them and those who listen.
pub(crate) trait Broker: Send + Sync + fmt::Debug {
    /// Hands a message to all who listen to the topic at this moment. Never waits.
    fn publish(&self, topic: &str, message: Bytes);

    /// Lets an ear hear what is published on a topic, until what this returns is dropped.
    fn listen(&self, topic: &Arc<str>, ear: &Ear) -> Listening;
}

/// A message, and where it was published.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// The topic, as the listener named it.
    pub(crate) topic: Arc<str>,
    /// The message.
    pub(crate) message: Bytes,
}

/// Where messages go. One ear may listen to several topics; it hears them in the order in which they
/// were published.
#[derive(Debug, Clone)]
pub(crate) struct Ear {
    queue: mpsc::Sender<Heard>,
}

/// Listens as long as it lives.
pub(crate) struct Listening {
    stop: Option<Box<dyn FnOnce() + Send + Sync>>,
}

/// The broker of one process: a message is in every ear when `publish` returns.
#[derive(Debug, Default)]
pub(crate) struct Local {
    topics: Arc<RwLock<Topics>>,
    listeners: AtomicU64,
}

/// Who listens, by topic.
type Topics = HashMap<Arc<str>, Vec<Listener>>;

/// One ear at one topic.
#[derive(Debug)]
struct Listener {
    number: u64,
    topic: Arc<str>,
    ear: Ear,
}

/// An ear that holds so many messages, and what they are taken from. They end when nobody holds the
/// ear any more.
pub(crate) fn ear(capacity: usize) -> (Ear, mpsc::Receiver<Heard>) {
    let (queue, messages) = mpsc::channel(capacity.max(1));
    (Ear { queue }, messages)
}

// === impl Ear ===

impl Ear {
    /// Takes a message, or misses it.
    pub(crate) fn hear(&self, heard: Heard) {
        if let Err(mpsc::error::TrySendError::Full(_)) = self.queue.try_send(heard) {
            metrics::counter!(observe::MESSAGES_LOST).increment(1);
        }
    }
}

// === impl Listening ===

impl Listening {
    /// Calls this when it is dropped.
    pub(crate) fn until(stop: impl FnOnce() + Send + Sync + 'static) -> Self {
        Listening {
            stop: Some(Box::new(stop)),
        }
    }
}

impl fmt::Debug for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listening")
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop();
        }
    }
}

// === impl Local ===

impl Broker for Local {
    fn publish(&self, topic: &str, message: Bytes) {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        for listener in topics.get(topic).into_iter().flatten() {
            listener.ear.hear(Heard {
                topic: Arc::clone(&listener.topic),
                message: message.clone(),
            });
        }
    }

    fn listen(&self, topic: &Arc<str>, ear: &Ear) -> Listening {
        let number = self.listeners.fetch_add(1, Ordering::Relaxed);
        let listener = Listener {
            number,
            topic: Arc::clone(topic),
            ear: ear.clone(),
        };
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.entry(Arc::clone(topic)).or_default().push(listener);
        drop(topics);
        let (topics, topic) = (Arc::clone(&self.topics), Arc::clone(topic));
        Listening::until(move || forget(&topics, &topic, number))
    }
}

fn forget(topics: &RwLock<Topics>, topic: &str, number: u64) {
    let mut topics = topics.write().unwrap_or_else(PoisonError::into_inner);
    let Some(listeners) = topics.get_mut(topic) else {
        return;
    };
    listeners.retain(|listener| listener.number != number);
    if listeners.is_empty() {
        topics.remove(topic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_in_every_ear_of_its_topic_when_publish_returns() {
        let broker = Local::default();
        let (one, mut heard_by_one) = ear(8);
        let (two, mut heard_by_two) = ear(8);
        let (orders, reviews) = (Arc::from("orders"), Arc::from("reviews"));
        let _listening = (
            broker.listen(&orders, &one),
            broker.listen(&reviews, &one),
            broker.listen(&orders, &two),
        );
        for (topic, message) in [("orders", "a"), ("reviews", "b"), ("orders", "c")] {
            broker.publish(topic, Bytes::from_static(message.as_bytes()));
        }
        assert_eq!(
            drain(&mut heard_by_one),
            ["orders a", "reviews b", "orders c"]
        );
        assert_eq!(drain(&mut heard_by_two), ["orders a", "orders c"]);
    }

    #[test]
    fn a_full_ear_misses_the_newest() {
        let broker = Local::default();
        let (ear, mut heard) = ear(2);
        let _listening = broker.listen(&Arc::from("t"), &ear);
        for message in ["1", "2", "3"] {
            broker.publish("t", Bytes::from_static(message.as_bytes()));
        }
        assert_eq!(drain(&mut heard), ["t 1", "t 2"]);
    }

    #[test]
    fn who_stopped_listening_is_forgotten() {
        let broker = Local::default();
        let (ear, mut heard) = ear(2);
        drop(broker.listen(&Arc::from("t"), &ear));
        broker.publish("t", Bytes::from_static(b"1"));
        assert!(drain(&mut heard).is_empty());
        assert!(broker.topics.read().unwrap().is_empty());
    }

    fn drain(messages: &mut mpsc::Receiver<Heard>) -> Vec<String> {
        std::iter::from_fn(|| messages.try_recv().ok())
            .map(|heard| {
                format!(
                    "{} {}",
                    heard.topic,
                    String::from_utf8_lossy(&heard.message)
                )
            })
            .collect()
    }
}
