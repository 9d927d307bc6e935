//! Who may come in at a port of ours.

use http::{HeaderMap, StatusCode, Uri, header};
use perpetua_secrets::Secret;
use perpetua_words::{Message, access as words};

use crate::Origins;

/// What a port asks for.
#[derive(Clone, Debug)]
pub enum Auth {
    /// Nothing: only ever on loopback.
    Open,
    /// This token, in any form that a framework sends it.
    Token(Secret),
}

/// A port's rules.
#[derive(Clone, Debug)]
pub struct AccessPolicy {
    /// The token asked for.
    pub auth: Auth,
    /// The names the port goes by.
    pub origins: Origins,
}

/// Why someone stays outside; in English it is the HTTP answer's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", Message::from(*self))]
pub enum AccessDenied {
    /// A page of another origin, or a name that is not ours.
    Origin,
    /// No token was shown.
    NoToken,
    /// Another token was shown.
    WrongToken,
}

impl From<AccessDenied> for Message {
    fn from(denied: AccessDenied) -> Self {
        match denied {
            AccessDenied::Origin => words::OtherOrigin.into(),
            AccessDenied::NoToken => words::TokenNeeded.into(),
            AccessDenied::WrongToken => words::WrongToken.into(),
        }
    }
}

impl AccessDenied {
    /// The HTTP status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Origin | Self::WrongToken => StatusCode::FORBIDDEN,
        }
    }
}

impl AccessPolicy {
    /// Looks at a request before it is upgraded.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), AccessDenied> {
        if !self.origins.allow(headers) {
            return Err(AccessDenied::Origin);
        }
        match &self.auth {
            Auth::Open if self.origins.host_is_ours(headers) => Ok(()),
            Auth::Open => Err(AccessDenied::Origin),
            Auth::Token(token) => match presented(uri, headers) {
                Some(shown) if token.matches(shown.as_bytes()) => Ok(()),
                Some(_) => Err(AccessDenied::WrongToken),
                None => Err(AccessDenied::NoToken),
            },
        }
    }
}

/// The token that a request shows: `Bearer`, `Token` or raw in `Authorization`, else `access_token` in
/// the query. NoneBot and Koishi send the first, perpetua's own SDK the raw one, go-cqhttp's clients the query.
fn presented(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let shown = authorization.to_str().ok()?.trim();
        let (scheme, token) = shown.split_once(' ').unwrap_or(("", shown));
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
        return Some(if known { token.trim() } else { shown }.to_owned())
            .filter(|token| !token.is_empty());
    }
    let query = uri.query()?;
    let (_, token) =
        form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "access_token")?;
    Some(token.into_owned()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, Uri, header};
    use perpetua_secrets::Secret;

    use super::{AccessDenied, AccessPolicy, Auth};
    use crate::Origins;

    #[test]
    fn a_token_is_taken_in_every_form_that_frameworks_send() {
        for authorization in ["Bearer s3cret", "bearer s3cret", "Token s3cret", "s3cret"] {
            assert_eq!(
                check(&token_policy(), "/", Some(authorization)),
                Ok(()),
                "{authorization}"
            );
        }
        assert_eq!(
            check(&token_policy(), "/?access_token=s3cret", None),
            Ok(())
        );
        assert_eq!(
            check(&token_policy(), "/?x=1&access_token=s3%63ret", None),
            Ok(())
        );
    }

    #[test]
    fn no_token_and_a_wrong_token_are_told_apart() {
        assert_eq!(
            check(&token_policy(), "/", None),
            Err(AccessDenied::NoToken)
        );
        assert_eq!(
            check(&token_policy(), "/?access_token=", None),
            Err(AccessDenied::NoToken)
        );
        assert_eq!(
            check(&token_policy(), "/", Some("Bearer nope")),
            Err(AccessDenied::WrongToken)
        );
        assert_eq!(
            check(
                &token_policy(),
                "/?access_token=s3cret",
                Some("Bearer nope")
            ),
            Err(AccessDenied::WrongToken)
        );
    }

    #[test]
    fn an_open_policy_asks_whose_name_it_was_called_by() {
        let policy = AccessPolicy {
            auth: Auth::Open,
            origins: Origins::default(),
        };
        assert_eq!(check(&policy, "/", None), Ok(()));
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("evil.example:6700"));
        assert_eq!(
            policy.check(&Uri::from_static("/"), &headers),
            Err(AccessDenied::Origin)
        );
    }

    fn token_policy() -> AccessPolicy {
        AccessPolicy {
            auth: Auth::Token(Secret::new("s3cret").expect("printable")),
            origins: Origins::default(),
        }
    }

    fn check(
        policy: &AccessPolicy,
        uri: &'static str,
        authorization: Option<&'static str>,
    ) -> Result<(), AccessDenied> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:6700"));
        if let Some(authorization) = authorization {
            headers.insert(
                header::AUTHORIZATION,
                HeaderValue::from_static(authorization),
            );
        }
        policy.check(&Uri::from_static(uri), &headers)
    }
}
