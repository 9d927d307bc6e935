//! A request that is not served: a status, and why.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use perpetua_words::Message;

/// The answer to such a request, as plain text in English.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    message: Message,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, message: impl Into<Message>) -> Self {
        Self {
            status,
            message: message.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, format!("{}\n", self.message)).into_response()
    }
}
