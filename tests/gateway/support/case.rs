//! A case: one page of Markdown that is both documentation and test. `tests/cases/README.md` says
//! how one is written.

mod page;
mod script;

use http::Method;
use serde_json::json;

use super::{Gateway, Project, Response, Upstream, json, json::Json, upstream};
use page::{Expectation, Page, Question};
use script::Script;

/// Reads a page without running it.
pub(crate) fn read(text: &str) -> Result<(Page, Script), String> {
    let page = Page::parse(text)?;
    let script = Script::parse(page.upstream.as_deref().unwrap_or_default())?;
    Ok((page, script))
}

/// Reads a page, serves its files, asks its questions; says what is wrong.
pub(crate) async fn run(text: &str) -> Result<(), String> {
    let (page, script) = read(text)?;
    let service = {
        let script = script.clone();
        Upstream::start(move |request| script.answer(request)).await
    };
    let (_held, refused) = upstream::refusing();
    let places = [("upstream", service.url()), ("refused", refused)];
    let places = places
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let project = Project::new(&page.files, &places);
    let gateway = Gateway::start(&project).await;
    for (number, (question, expectation)) in page.exchanges.iter().enumerate() {
        let response = ask(&gateway, question).await?;
        judge(expectation, &response).map_err(|fault| {
            format!(
                "answer {}: {fault}\n  got {} {}",
                number + 1,
                response.status,
                response.text
            )
        })?;
    }
    script.spent()
}

async fn ask(gateway: &Gateway, question: &Question) -> Result<Response, String> {
    match question {
        Question::Graphql { query, variables } => {
            let variables = variables.as_deref().unwrap_or("null");
            let body = format!(r#"{{"query":{},"variables":{variables}}}"#, json!(query));
            Ok(gateway.client().post_json(&gateway.graphql(), &body).await)
        }
        Question::Json(body) => Ok(gateway.client().post_json(&gateway.graphql(), body).await),
        Question::Http {
            line,
            headers,
            body,
        } => {
            let (method, target) = line
                .split_once(' ')
                .ok_or_else(|| format!("{line:?} is no request line"))?;
            let method = Method::from_bytes(method.as_bytes())
                .map_err(|error| format!("{method:?}: {error}"))?;
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let url = format!("{}{target}", gateway.url());
            Ok(gateway
                .client()
                .send(method, &url, &headers, body.clone())
                .await)
        }
    }
}

fn judge(expectation: &Expectation, response: &Response) -> Result<(), String> {
    if response.status.as_u16() != expectation.status {
        return Err(format!("expected the status {}", expectation.status));
    }
    for (name, wanted) in &expectation.headers {
        let got = response
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or("");
        if !json::like(wanted, got) {
            return Err(format!("expected {name}: {wanted}, got {got:?}"));
        }
    }
    if expectation.body.is_empty() {
        return Ok(());
    }
    let Ok(wanted) = Json::parse(&expectation.body) else {
        return match json::like(&expectation.body, &response.text) {
            true => Ok(()),
            false => Err(format!("expected the text {:?}", expectation.body)),
        };
    };
    let got = Json::parse(&response.text).map_err(|error| format!("not JSON: {error}"))?;
    json::answers(&wanted, &got)
}
