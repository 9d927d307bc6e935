//! `kind = "post"`.

use crate::{HttpUrl, TokenSource};

/// A client that each event is posted to: its framework is a server for HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostClient {
    /// The address that is posted to.
    pub url: HttpUrl,
    /// What events are signed with (`X-Signature`); `None` signs none.
    pub secret: Option<TokenSource>,
}
