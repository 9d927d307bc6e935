//! `kind = "post"`.

use crate::{HttpUrl, TokenSource, Trust};

/// A client that each event is posted to: its framework is a server for HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostClient {
    /// The address that is posted to.
    pub url: HttpUrl,
    /// What events are signed with (`X-Signature`); `None` signs none.
    pub secret: Option<TokenSource>,
    /// Whom it has to be over `https://`; `None`: one whom the system trusts.
    pub trust: Option<Trust>,
}
