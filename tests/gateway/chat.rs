//! Promise: the demo's chat works for public clients, and a back end reaches one of them.

use crate::support::{Gateway, demo, node};

#[tokio::test]
async fn two_ws_clients_chat_and_a_back_end_posts() {
    let gateway = Gateway::start(&demo::project()).await;
    node::run("clients/chat.mjs", &[gateway.url(), "warehouse-demo-key"]).await;
}
