//! A request that is not served: a status, and why, in words.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// The answer to such a request, as plain text.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    words: Cow<'static, str>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, words: impl Into<Cow<'static, str>>) -> Self {
        let words = words.into();
        Self { status, words }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, format!("{}\n", self.words)).into_response()
    }
}
