//! Which rule holds for which field: here the directives of a schema meet the guard of its api.

use std::sync::Arc;

use crate::{
    config::{
        Api, Config,
        access::{ProviderKind, Throttle},
    },
    guard::{Admit, Guard, Rule},
    request::Mode,
};

/// In which modes the callers of an api can show who they are, each once.
pub(super) fn modes(api: &Api, config: &Config) -> Vec<Mode> {
    let names = api.access.auth.iter();
    let providers = names.filter_map(|name| config.auth.get(&name.value));
    let offered = providers.map(|provider| match &provider.kind {
        ProviderKind::ApiKey { .. } => Mode::ApiKey,
        ProviderKind::Jwt(jwt) if jwt.user_pool => Mode::UserPool,
        ProviderKind::Jwt(_) => Mode::Oidc,
    });
    let mut modes = Vec::new();
    for mode in offered.chain(api.access.public.then_some(Mode::Anonymous)) {
        if !modes.contains(&mode) {
            modes.push(mode);
        }
    }
    modes
}

/// Asks the guard for rules. Fields that ask the same share one, so that a request asks once.
pub(super) struct Rules<'g> {
    guard: &'g Guard,
    /// What fields without a throttle ask.
    shared: Vec<(Vec<Admit>, Option<Arc<Rule>>)>,
}

impl<'g> Rules<'g> {
    pub(super) fn new(guard: &'g Guard) -> Self {
        Rules {
            guard,
            shared: Vec::new(),
        }
    }

    /// The rule of a field of an object type.
    pub(super) fn of(
        &mut self,
        ty: &str,
        field: &str,
        admits: &[Admit],
        throttle: Option<Throttle>,
    ) -> Option<Arc<Rule>> {
        if ty.starts_with("__") {
            // Whoever is let in may introspect.
            return None;
        }
        let name = format!("{ty}.{field}");
        if throttle.is_some() {
            let rule = self.guard.field_rule(&name, admits, throttle);
            return rule.map(Arc::new);
        }
        if let Some((_, rule)) = self.shared.iter().find(|(asked, _)| asked == admits) {
            return rule.clone();
        }
        let rule = self.guard.field_rule(&name, admits, None).map(Arc::new);
        self.shared.push((admits.to_vec(), rule.clone()));
        rule
    }
}
