//! A [`Call`]: a request that passed.

use super::auth::Caller;
use crate::request::{Identity, Request};

/// A request that the guard let pass. Everything below the fronts takes one, and only the guard can
/// make one:
///
/// ```compile_fail
/// # use loomgate::request::{Call, Identity, Request};
/// fn forge(request: Request) -> Call {
///     Call::admitted(request, Identity::Anonymous)
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Call {
    request: Request,
    /// Who sent it, and what may be used up by asking for more.
    caller: Caller,
}

impl Call {
    /// The request passed. Visible in the guard alone.
    pub(super) fn admitted(request: Request, caller: Caller) -> Self {
        Call { request, caller }
    }

    /// Who sent it. Visible in the guard alone.
    pub(super) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// A call for tests of what stands below the guard.
    #[cfg(test)]
    pub(crate) fn for_tests(request: Request, identity: Identity) -> Self {
        Call::admitted(request, Caller::of(identity))
    }

    /// What came in.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Who sent it.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.caller.identity
    }
}
