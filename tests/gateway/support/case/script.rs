//! What the service of a case answers, and how often it may be asked.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value};

use crate::support::{Answer, Received, yaml};

/// The script of a case's service; clones share the counts.
#[derive(Debug, Clone)]
pub(crate) struct Script(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    rules: Vec<Rule>,
    unexpected: Vec<String>,
}

#[derive(Debug)]
struct Rule {
    request: String,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<Value>,
    /// `None`: as often as it likes.
    times: Option<usize>,
    used: usize,
    answer: Answer,
}

impl Script {
    /// Reads the `upstream` block.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let rules = match yaml::parse(text) {
            Value::Null => Vec::new(),
            Value::Array(rules) => rules,
            _ => return Err("an upstream is a list of requests and answers".to_owned()),
        };
        let rules = rules.iter().map(Rule::parse).collect::<Result<_, _>>()?;
        Ok(Script(Arc::new(Mutex::new(State {
            rules,
            unexpected: Vec::new(),
        }))))
    }

    /// Answers with the first rule that fits and is not used up.
    pub(crate) fn answer(&self, request: &Received) -> Answer {
        let mut state = self.state();
        let open = |rule: &&mut Rule| {
            rule.times.is_none_or(|times| rule.used < times) && rule.fits(request)
        };
        if let Some(rule) = state.rules.iter_mut().find(open) {
            rule.used += 1;
            return rule.answer.clone();
        }
        state.unexpected.push(format!(
            "{} {} {:?} {}",
            request.method, request.path, request.query, request.body
        ));
        Answer::Text(418, "text/plain", "nobody expected this request".to_owned())
    }

    /// Whether everything was asked as often as the page says, and nothing else.
    pub(crate) fn spent(&self) -> Result<(), String> {
        let state = self.state();
        let mut faults: Vec<String> = state
            .unexpected
            .iter()
            .map(|what| format!("unexpected: {what}"))
            .collect();
        for rule in &state.rules {
            if rule.times.is_some_and(|times| times != rule.used) {
                faults.push(format!(
                    "{}: expected {} times, came {} times",
                    rule.request,
                    rule.times.unwrap_or(0),
                    rule.used
                ));
            }
        }
        if faults.is_empty() {
            Ok(())
        } else {
            Err(format!("upstream: {}", faults.join("\n  ")))
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    fn parse(value: &Value) -> Result<Self, String> {
        let members = value
            .as_object()
            .ok_or("an upstream's entry has a `request`")?;
        const KNOWN: [&str; 9] = [
            "request", "headers", "body", "times", "status", "answer", "text", "fails", "after",
        ];
        if let Some(unknown) = members.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            return Err(format!("upstream: `{unknown}` is none of {KNOWN:?}"));
        }
        let request = members
            .get("request")
            .and_then(Value::as_str)
            .ok_or("an upstream's entry has a `request`")?;
        let (method, target) = request
            .split_once(' ')
            .ok_or_else(|| format!("{request:?} is no METHOD /path"))?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Rule {
            request: request.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            query: pairs(url::form_urlencoded::parse(query.as_bytes()).into_owned()),
            headers: headers(members.get("headers")),
            body: members.get("body").cloned(),
            times: times(members.get("times"))?,
            used: 0,
            answer: answer(members)?,
        })
    }

    fn fits(&self, request: &Received) -> bool {
        let sent = |name: &str| {
            request
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        self.method == request.method.as_str()
            && self.path == request.path
            && self.query == pairs(request.query.iter().cloned())
            && self
                .headers
                .iter()
                .all(|(name, value)| sent(name) == Some(value))
            && self.body.as_ref().is_none_or(|body| {
                serde_json::from_str::<Value>(&request.body).is_ok_and(|sent| sent == *body)
            })
    }
}

/// Parameters by name; those of one name keep their order, which is that of the keys.
fn pairs(query: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = query.collect();
    pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
    pairs
}

fn headers(value: Option<&Value>) -> Vec<(String, String)> {
    let members = value.and_then(Value::as_object).into_iter().flatten();
    members
        .map(|(name, value)| {
            (
                name.to_lowercase(),
                value.as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

fn times(value: Option<&Value>) -> Result<Option<usize>, String> {
    match value {
        None => Ok(Some(1)),
        Some(Value::String(any)) if any == "any" => Ok(None),
        Some(Value::Number(times)) => {
            Ok(times.as_u64().and_then(|times| usize::try_from(times).ok()))
        }
        Some(other) => Err(format!("`times` is a number or any, not {other}")),
    }
}

fn answer(members: &Map<String, Value>) -> Result<Answer, String> {
    let status = members.get("status").and_then(Value::as_u64).unwrap_or(200);
    let status = u16::try_from(status).map_err(|_| format!("{status} is no status"))?;
    let answer = match (
        members.get("fails").and_then(Value::as_str),
        members.get("text"),
    ) {
        (Some("hang"), _) => Answer::Hang,
        (Some("reset"), _) => Answer::Reset,
        (Some(other), _) => return Err(format!("`fails` is hang or reset, not {other}")),
        (None, Some(text)) => Answer::Text(
            status,
            "application/json",
            text.as_str().unwrap_or_default().to_owned(),
        ),
        (None, None) => {
            let document = members.get("answer").cloned().unwrap_or_default();
            Answer::Text(status, "application/json", document.to_string())
        }
    };
    match members.get("after").and_then(Value::as_u64) {
        Some(milliseconds) => Ok(Answer::Slow(
            Duration::from_millis(milliseconds),
            Box::new(answer),
        )),
        None => Ok(answer),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    fn get(path: &str, query: &[(&str, &str)]) -> Received {
        Received {
            method: Method::GET,
            path: path.to_owned(),
            query: query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            headers: HeaderMap::new(),
            body: String::new(),
        }
    }

    #[test]
    fn a_script_counts_and_notices_strangers() {
        let script = Script::parse(
            "- { request: GET /a?x=1&x=2, answer: [1] }\n- { request: GET /b, times: 0 }\n",
        )
        .expect("a script");
        assert!(script.spent().is_err(), "nothing was asked yet");
        assert!(
            matches!(script.answer(&get("/a", &[("x", "1"), ("x", "2")])), Answer::Text(200, _, text) if text == "[1]")
        );
        assert_eq!(script.spent(), Ok(()));
        assert!(matches!(
            script.answer(&get("/a", &[("x", "2"), ("x", "1")])),
            Answer::Text(418, ..)
        ));
        assert!(script.spent().is_err(), "the keys came in another order");
    }

    #[test]
    fn a_script_with_a_misspelt_key_is_refused() {
        assert!(Script::parse("- { request: GET /a, time: 1 }").is_err());
    }
}
