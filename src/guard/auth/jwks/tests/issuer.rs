//! An issuer on this machine.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;
use tokio::{net::TcpListener, sync::watch};

/// What an issuer answers when it is asked for its keys.
#[derive(Debug, Clone)]
pub(super) enum Says {
    Keys(String),
    /// A failure.
    Nothing,
    /// The keys are elsewhere: at a place that has them.
    Redirect,
    /// No answer, ever.
    Hang,
}

#[derive(Clone)]
pub(super) struct Issuer {
    address: std::net::SocketAddr,
    state: Arc<Mutex<(Says, String)>>,
    /// How often it was asked for its keys.
    asked: watch::Sender<u64>,
}

impl Issuer {
    pub(super) async fn start(says: Says) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = Issuer {
            address: listener.local_addr().unwrap(),
            state: Arc::new(Mutex::new((says, String::new()))),
            asked: watch::Sender::new(0),
        };
        let router = Router::new().fallback(answer).with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn says(&self, says: Says) {
        self.state.lock().unwrap().0 = says;
    }

    /// What its discovery document says that it is of.
    pub(super) fn names_itself(&self, name: &str) {
        name.clone_into(&mut self.state.lock().unwrap().1);
    }

    pub(super) fn asked(&self) -> u64 {
        *self.asked.borrow()
    }

    pub(super) async fn wait_until_asked(&self, times: u64) {
        let mut asked = self.asked.subscribe();
        asked.wait_for(|asked| *asked >= times).await.unwrap();
    }
}

async fn answer(State(issuer): State<Issuer>, request: Request) -> Response {
    let (says, name) = issuer.state.lock().unwrap().clone();
    let path = request.uri().path();
    if path.ends_with("/.well-known/openid-configuration") {
        let expected = format!("{}/.well-known", name.trim_end_matches('/'));
        let keys = issuer.url("/keys");
        let is_here = issuer.url(path).starts_with(&expected) || name.starts_with("https");
        return match is_here {
            true => json!({ "issuer": name, "jwks_uri": keys })
                .to_string()
                .into_response(),
            false => StatusCode::NOT_FOUND.into_response(),
        };
    }
    if path == "/elsewhere" {
        panic!("a redirect is followed");
    }
    issuer.asked.send_modify(|asked| *asked += 1);
    match says {
        Says::Keys(text) => text.into_response(),
        Says::Nothing => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Says::Redirect => {
            (StatusCode::FOUND, [("location", issuer.url("/elsewhere"))]).into_response()
        }
        Says::Hang => std::future::pending().await,
    }
}
