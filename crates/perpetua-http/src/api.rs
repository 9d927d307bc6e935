//! `/api`: the perpetua extension API, on which its SDKs find their port.
//!
//! Answers have HTTP status 200 whatever they say, because the SDKs look at `status` only.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use http::Uri;
use perpetua_words::Message;
use serde::Serialize;

use crate::{LeaseRefused, OnlineClient, peer::Peer, site::Site};

/// `GET /api/get_ws_port`, with an optional `?account=<name>`.
pub(crate) async fn get_ws_port(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<Peer>,
    uri: Uri,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let account = query
        .iter()
        .find(|(key, name)| key == "account" && !name.is_empty());
    let account = account.map(|(_, name)| name.as_str());
    match site.backend.lease(peer.address(), account).await {
        Ok(port) => Envelope::ok(Port { port }).into_response(),
        Err(LeaseRefused(message)) => {
            site.notices.note(peer.address(), uri.path(), &message);
            Envelope::failed(NO_PORT, &message).into_response()
        }
    }
}

/// `GET /api/get_online_clients`.
pub(crate) async fn get_online_clients(
    State(site): State<Arc<Site>>,
) -> Envelope<Vec<OnlineClient>> {
    Envelope::ok(site.backend.online_clients())
}

/// The retcode of `get_ws_port` when there is no port to lease.
const NO_PORT: i32 = 10_001;

#[derive(Serialize)]
struct Port {
    port: u16,
}

/// The form of every answer: `data` on success, `msg` on failure, never both.
#[derive(Serialize)]
pub(crate) struct Envelope<T> {
    status: &'static str,
    retcode: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg: Option<String>,
}

impl<T> Envelope<T> {
    fn ok(data: T) -> Self {
        Self {
            status: "ok",
            retcode: 0,
            data: Some(data),
            msg: None,
        }
    }
}

impl Envelope<()> {
    /// In English, which is what SDKs print.
    pub(crate) fn failed(retcode: i32, message: &Message) -> Self {
        Self {
            status: "failed",
            retcode,
            data: None,
            msg: Some(message.to_string()),
        }
    }
}

impl<T: Serialize> IntoResponse for Envelope<T> {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}
