//! `api_keys:`

use crate::{
    clock,
    config::{
        Diagnostic, Diagnostics, Span, Spanned,
        access::{ApiKey, date},
        fields::{Decoded, Fields, Wrong, unknown_name},
        load::Reading,
        secret::Secret,
        unit,
        yaml::{Data, Node},
    },
};

/// The characters of the shortest key that cannot be guessed.
const MIN_LENGTH: usize = 16;

/// Reads the list. No message repeats what may be a key.
pub(crate) fn api_keys(cx: &mut Reading, section: Option<(Span, &Node)>) -> Vec<ApiKey> {
    let Some((span, node)) = section else {
        return Vec::new();
    };
    let items = match &node.data {
        Data::List(items) => items.as_slice(),
        Data::Null => &[],
        _ => {
            let wrong = Wrong::new(
                "must be a list",
                "write `- { name: acme, value: env:ACME_KEY }` lines, indented below it",
            );
            cx.faults.push(wrong.at("api_keys", span));
            &[]
        }
    };
    let mut keys: Vec<(ApiKey, Span)> = Vec::with_capacity(items.len());
    for item in items {
        let Some((key, value)) = ApiKey::decode(cx, item) else {
            continue;
        };
        for (first, first_value) in &keys {
            check_twins(&mut cx.faults, (first, *first_value), (&key, value));
        }
        keys.push((key, value));
    }
    keys.into_iter().map(|(key, _)| key).collect()
}

/// Refuses two keys that nobody can tell apart, each with the place of its value.
fn check_twins(faults: &mut Diagnostics, first: (&ApiKey, Span), second: (&ApiKey, Span)) {
    if first.0.name.value == second.0.name.value {
        let message = format!("two API keys are named `{}`", second.0.name.value);
        faults.push(
            Diagnostic::error(Some(second.0.name.span), message)
                .label(first.0.name.span, "the first")
                .help("give each a name of its own; it is what logs call its holder"),
        );
    }
    if first.0.value.reveal() == second.0.value.reveal() {
        let message = format!(
            "the API keys `{}` and `{}` have the same value",
            first.0.name.value, second.0.name.value
        );
        faults.push(
            Diagnostic::error(Some(second.1), message)
                .label(first.1, "the first")
                .help("give each holder a key of its own"),
        );
    }
}

// === impl ApiKey ===

impl ApiKey {
    /// A key, and where its value stands.
    fn decode(cx: &mut Reading, node: &Node) -> Option<(Self, Span)> {
        if !matches!(node.data, Data::Map(_)) {
            // The item is not repeated: it may be the key itself.
            let message = "an API key must be a mapping with a `name` and a `value`";
            let help = "write `- { name: acme, value: env:ACME_KEY }`";
            let fault = Diagnostic::error(Some(node.span), message).help(help);
            cx.faults.push(fault);
            return None;
        }
        let owner = match node.get("name").and_then(Node::as_str) {
            Some(name) => format!("the API key `{name}`"),
            None => "the API key".to_owned(),
        };
        let mut fields = Fields::open(&mut cx.faults, owner, node.span, node)?;
        let name = fields.required(&mut cx.faults, "name", "name: acme", unit::word);
        fields.required_entry("value", "value: env:ACME_KEY");
        let value = Secret::optional(cx, &mut fields, "value");
        let plan = fields.optional(&mut cx.faults, "plan", unit::word);
        let expires = fields.optional(&mut cx.faults, "expires", time);
        fields.finish(&mut cx.faults);
        let plan = plan.filter(|plan| is_plan(cx, plan));
        let value = value.filter(|value| is_sound(&mut cx.faults, value));
        let (name, value) = (name?, value?);
        if let Some(expires) = &expires {
            warn_expired(&mut cx.faults, &name, expires);
        }
        let key = ApiKey {
            name,
            value: value.value,
            plan,
            expires: expires.map(|it| it.value),
        };
        Some((key, value.span))
    }
}

fn is_plan(cx: &mut Reading, plan: &Spanned<String>) -> bool {
    let names: Vec<&str> = cx.plan_names.iter().map(String::as_str).collect();
    let is_known = names.contains(&plan.value.as_str());
    if !is_known {
        let fault = unknown_name(plan.span, "usage plan", &plan.value, &names);
        cx.faults.push(fault);
    }
    is_known
}

fn is_sound(faults: &mut Diagnostics, value: &Spanned<Secret>) -> bool {
    let wrong = if value.value.reveal().len() < MIN_LENGTH {
        Wrong::new(
            format!("is shorter than {MIN_LENGTH} characters, so it could be guessed"),
            "make one: `openssl rand -hex 20`",
        )
    } else if !value.value.is_visible() {
        Wrong::new(
            "holds characters that no key may have",
            "a key is one word of visible ASCII",
        )
    } else {
        return true;
    };
    faults.push(wrong.at("value", value.span));
    false
}

fn warn_expired(faults: &mut Diagnostics, name: &Spanned<String>, expires: &Spanned<u64>) {
    if expires.value <= clock::unix_seconds() {
        let message = format!("the API key `{}` has expired", name.value);
        let help = "remove it, or give it another day";
        faults.push(Diagnostic::warning(Some(expires.span), message).help(help));
    }
}

fn time(node: &Node) -> Decoded<u64> {
    let seconds = node.as_str().and_then(date::seconds);
    seconds.ok_or_else(|| {
        let help = "write `2027-01-31` or `2027-01-31T08:00:00Z`";
        Wrong::expected("a date, or a time with its offset", node, help)
    })
}
