//! What a subscription is, without sockets: who listens, what they are told, and in which words.
//!
//! A [`Hub`] stands between the broker and the subscribers of one api. Those who would be told the
//! same bytes form a group: for each event there is one filter, one execution and one serialization
//! a group, however many listen. [`TransportWs`] is the protocol `graphql-transport-ws` as a state
//! machine, [`Session`] what one client has running.
//!
//! Nothing here knows a socket, a stream or HTTP. [`Utf8Bytes`] is borrowed from the WebSocket crate
//! because a text that is handed to ten thousand sockets must not be copied for each.

mod envelope;
mod filter;
mod group;
mod hub;
mod session;
mod transport_ws;

use tokio_tungstenite::tungstenite::Utf8Bytes;

pub(crate) use envelope::Envelope;
pub(crate) use filter::Enhanced;
pub(crate) use hub::{Hub, Membership, Notice, Overrun};
pub(crate) use session::{Session, Ticket};
pub(crate) use transport_ws::{Close, Effect, TransportWs, complete, errors};
