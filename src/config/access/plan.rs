//! How often: rates, throttles, quotas and the plans that are made of them.

use crate::config::{
    Diagnostic, Diagnostics, Spanned,
    access::{Period, Quota, Rate, Throttle, UsagePlan},
    fields::{Decoded, Fields, Wrong},
    unit,
    yaml::{Data, Node},
};

// === impl UsagePlan ===

impl UsagePlan {
    pub(crate) fn decode(
        faults: &mut Diagnostics,
        name: &Spanned<String>,
        node: &Node,
    ) -> Option<Self> {
        let owner = format!("the usage plan `{}`", name.value);
        let mut fields = Fields::open(faults, owner, name.span, node)?;
        let rate = Rate::optional(faults, &mut fields);
        let quota = fields.section(faults, "quota");
        let is_limited = rate.is_some() || quota.is_some();
        let quota = quota.and_then(|fields| Quota::decode(faults, fields));
        let is_empty = matches!(&node.data, Data::Map(entries) if entries.is_empty());
        fields.finish(faults);
        if !is_limited && (is_empty || node.is_null()) {
            let message = format!("the usage plan `{}` limits nothing", name.value);
            let help = "add `rate: 100`, or `quota: { limit: 100000, period: month }`";
            faults.push(Diagnostic::warning(Some(name.span), message).help(help));
        }
        Some(UsagePlan {
            name: name.clone(),
            rate,
            quota,
        })
    }
}

// === impl Rate ===

impl Rate {
    /// `rate:` and `burst:` where both may be absent.
    fn optional(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Option<Self> {
        let has_rate = fields.entry("rate").is_some();
        let rate = fields.optional(faults, "rate", unit::rate);
        let burst = fields.optional(faults, "burst", burst);
        if let Some(burst) = &burst
            && !has_rate
        {
            let wrong = Wrong::new("has no `rate` beside it", "add `rate: 100`");
            faults.push(wrong.at("burst", burst.span));
        }
        rate.map(|rate| Rate::new(rate.value, burst))
    }

    /// `rate:` and `burst:` where there must be a rate.
    pub(crate) fn required(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Option<Self> {
        let rate = fields.required(faults, "rate", "rate: 100", unit::rate);
        let burst = fields.optional(faults, "burst", burst);
        rate.map(|rate| Rate::new(rate.value, burst))
    }

    fn new(rate: f64, burst: Option<Spanned<u32>>) -> Self {
        Rate {
            rate,
            burst: burst.map_or(rate.ceil() as u32, |burst| burst.value),
        }
    }
}

fn burst(node: &Node) -> Decoded<u32> {
    let count = unit::count(node)?;
    u32::try_from(count)
        .map_err(|_| Wrong::expected("a smaller number", node, "write digits, such as `200`"))
}

// === impl Quota ===

impl Quota {
    fn decode(faults: &mut Diagnostics, mut fields: Fields<'_>) -> Option<Self> {
        let limit = fields.required(faults, "limit", "limit: 100000", unit::count);
        let period = fields.required(faults, "period", "period: month", period);
        fields.finish(faults);
        Some(Quota {
            limit: limit?.value as u64,
            period: period?.value,
        })
    }
}

fn period(node: &Node) -> Decoded<Period> {
    match node.as_str() {
        Some("day") => Ok(Period::Day),
        Some("week") => Ok(Period::Week),
        Some("month") => Ok(Period::Month),
        _ => {
            let help = "a day begins at midnight, a week on Monday, a month on the first, in UTC";
            Err(Wrong::expected("`day`, `week` or `month`", node, help))
        }
    }
}

// === impl Throttle ===

impl Throttle {
    /// `throttle:` of an api, a route or a field.
    pub(crate) fn optional(faults: &mut Diagnostics, fields: &mut Fields<'_>) -> Option<Self> {
        let mut fields = fields.section(faults, "throttle")?;
        let rate = Rate::required(faults, &mut fields);
        let per_caller = fields.optional(faults, "per", per);
        fields.finish(faults);
        Some(Throttle {
            rate: rate?,
            per_caller: per_caller.is_some_and(|it| it.value),
        })
    }

    /// `throttle:` of a connection, which is one caller's anyway.
    pub(crate) fn of_a_connection(
        faults: &mut Diagnostics,
        fields: &mut Fields<'_>,
    ) -> Option<Self> {
        let mut fields = fields.section(faults, "throttle")?;
        let rate = Rate::required(faults, &mut fields);
        fields.finish(faults);
        Some(Throttle {
            rate: rate?,
            per_caller: false,
        })
    }
}

fn per(node: &Node) -> Decoded<bool> {
    match node.as_str() {
        Some("api") => Ok(false),
        Some("caller") => Ok(true),
        _ => {
            let help = "with `api` all callers share it, with `caller` each has its own";
            Err(Wrong::expected("`api` or `caller`", node, help))
        }
    }
}
