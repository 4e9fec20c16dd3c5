//! The one chain: a [`Request`] becomes a [`Call`], or a refusal.
//!
//! Every front passes its requests through here, and nothing below a front takes anything but a
//! [`Call`]. Apis have no `auth:` yet, so every caller is anonymous.

use crate::request::{Call, Identity, Request};

/// Lets a request of a public api pass.
#[must_use]
pub fn admit(request: Request) -> Call {
    Call::admitted(request, Identity::Anonymous)
}
