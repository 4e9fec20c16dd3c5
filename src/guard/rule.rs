//! Who may use a route or see a field, how often, and with what.

use super::{Refusal, auth::Callers, throttle::Throttle, validate::Require};
use crate::request::{Call, Identity, Mode, Request, Token};

/// What is asked of a caller.
#[derive(Debug, Default)]
pub(crate) struct Rule {
    /// Who is let in, where that is not whom the api lets in.
    pub(super) callers: Option<Callers>,
    /// Who is admitted; `None`: whoever was let in.
    pub(super) admits: Option<Box<[Wanted]>>,
    /// One of which a token must have; none: no matter.
    pub(super) scopes: Box<[Box<str>]>,
    pub(super) throttle: Option<Throttle>,
    pub(super) require: Require,
}

/// Callers that are admitted; one of several is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admit {
    /// All of a mode.
    Mode(Mode),
    /// Those of a user pool who are in one of these groups.
    Groups(Vec<Box<str>>),
}

/// An [`Admit`], or the default mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This mode, and none that satisfies it too.
    Exactly(Mode),
    /// What a directive says.
    Directive(Admit),
}

/// Why a caller may not see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Not at all.
    Unauthorized,
    /// Not so often.
    Throttled,
}

// === impl Rule ===

impl Rule {
    /// Whether the rule admits a caller, whom the guard let in already. Takes a token from the
    /// rule's bucket: ask once a request.
    pub(crate) fn check(&self, call: &Call) -> Result<(), Denied> {
        if !self.admits(call.identity()) {
            return Err(Denied::Unauthorized);
        }
        if !self.take(call.request(), call.identity()) {
            return Err(Denied::Throttled);
        }
        Ok(())
    }

    /// Whether a caller may do this.
    pub(super) fn authorize(&self, identity: &Identity) -> Result<(), Refusal> {
        if !self.admits(identity) {
            return Err(Refusal::NotAllowed);
        }
        if self.scopes.is_empty() {
            return Ok(());
        }
        match identity {
            Identity::Token(token) if self.has_scope(token) => Ok(()),
            Identity::Token(_) => Err(Refusal::Scope),
            Identity::ApiKey(_) => Err(Refusal::NotAllowed),
            Identity::Anonymous => Err(Refusal::NoCredentials),
        }
    }

    /// Takes a token from the rule's own bucket.
    pub(super) fn take(&self, request: &Request, identity: &Identity) -> bool {
        let throttle = self.throttle.as_ref();
        throttle.is_none_or(|throttle| throttle.take(request, identity))
    }

    fn admits(&self, identity: &Identity) -> bool {
        let Some(wanted) = &self.admits else {
            return true;
        };
        wanted.iter().any(|wanted| wanted.is(identity))
    }

    fn has_scope(&self, token: &Token) -> bool {
        token.scopes.iter().any(|scope| self.scopes.contains(scope))
    }
}

// === impl Wanted ===

impl Wanted {
    /// See: appsync.md 7.7 (combining directives).
    fn is(&self, identity: &Identity) -> bool {
        let mode = identity.mode();
        match self {
            Wanted::Exactly(wanted) => mode == *wanted,
            Wanted::Directive(Admit::Mode(Mode::Oidc)) => {
                matches!(mode, Mode::Oidc | Mode::UserPool)
            }
            Wanted::Directive(Admit::Mode(wanted)) => mode == *wanted,
            Wanted::Directive(Admit::Groups(groups)) => match identity {
                Identity::Token(token) if token.user_pool => {
                    token.groups.iter().any(|group| groups.contains(group))
                }
                Identity::Token(_) | Identity::ApiKey(_) | Identity::Anonymous => false,
            },
        }
    }
}
