//! What a POST costs at all: axum reads the body and answers a constant.

use std::io;

use axum::{Router, http::header::CONTENT_TYPE, response::IntoResponse, routing::post};
use bytes::Bytes;
use loomgate_http_bench::{port, run};
use tokio::net::TcpListener;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> io::Result<()> {
    let port = port()?;
    run(async move {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        axum::serve(listener, Router::new().route("/graphql", post(greet))).await
    })
}

async fn greet(_body: Bytes) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "application/json")],
        r#"{"data":{"greet":"Hello World!"}}"#,
    )
}
