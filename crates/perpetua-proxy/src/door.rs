//! Who may come in at a port of ours.

use http::{HeaderMap, StatusCode, Uri, header};
use perpetua_secrets::Secret;

use crate::Origins;

/// What a port asks for.
#[derive(Clone, Debug)]
pub enum Gate {
    /// Nothing: only ever on loopback.
    Open,
    /// This token, in any form that a framework sends it.
    Token(Secret),
}

/// A port's rules.
#[derive(Clone, Debug)]
pub struct Door {
    /// The token asked for.
    pub gate: Gate,
    /// The names the port goes by.
    pub origins: Origins,
}

/// Why someone stays outside; the text is the HTTP answer's body.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Denied {
    /// A page of another origin, or a name that is not ours.
    #[error(
        "pages of other origins may not connect here; a bot framework sends no `Origin` header"
    )]
    Origin,
    /// No token was shown.
    #[error(
        "a token is needed here: send `Authorization: Bearer <token>` or `?access_token=<token>`"
    )]
    NoToken,
    /// Another token was shown.
    #[error("this is not the token of this port; `perpetuad token ACCOUNT/CLIENT` prints it")]
    WrongToken,
}

impl Denied {
    /// The HTTP status of the answer.
    pub fn status(self) -> StatusCode {
        match self {
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Origin | Self::WrongToken => StatusCode::FORBIDDEN,
        }
    }
}

impl Door {
    /// Looks at a request before it is upgraded.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), Denied> {
        if !self.origins.allow(headers) {
            return Err(Denied::Origin);
        }
        match &self.gate {
            Gate::Open if self.origins.host_is_ours(headers) => Ok(()),
            Gate::Open => Err(Denied::Origin),
            Gate::Token(token) => match presented(uri, headers) {
                Some(shown) if token.matches(shown.as_bytes()) => Ok(()),
                Some(_) => Err(Denied::WrongToken),
                None => Err(Denied::NoToken),
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

    use super::{Denied, Door, Gate};
    use crate::Origins;

    #[test]
    fn a_token_is_taken_in_every_form_that_frameworks_send() {
        for authorization in ["Bearer s3cret", "bearer s3cret", "Token s3cret", "s3cret"] {
            assert_eq!(
                check(&token_door(), "/", Some(authorization)),
                Ok(()),
                "{authorization}"
            );
        }
        assert_eq!(check(&token_door(), "/?access_token=s3cret", None), Ok(()));
        assert_eq!(
            check(&token_door(), "/?x=1&access_token=s3%63ret", None),
            Ok(())
        );
    }

    #[test]
    fn no_token_and_a_wrong_token_are_told_apart() {
        assert_eq!(check(&token_door(), "/", None), Err(Denied::NoToken));
        assert_eq!(
            check(&token_door(), "/?access_token=", None),
            Err(Denied::NoToken)
        );
        assert_eq!(
            check(&token_door(), "/", Some("Bearer nope")),
            Err(Denied::WrongToken)
        );
        assert_eq!(
            check(&token_door(), "/?access_token=s3cret", Some("Bearer nope")),
            Err(Denied::WrongToken)
        );
    }

    #[test]
    fn an_open_door_asks_whose_name_it_was_called_by() {
        let door = Door {
            gate: Gate::Open,
            origins: Origins::default(),
        };
        assert_eq!(check(&door, "/", None), Ok(()));
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("evil.example:6700"));
        assert_eq!(
            door.check(&Uri::from_static("/"), &headers),
            Err(Denied::Origin)
        );
    }

    fn token_door() -> Door {
        Door {
            gate: Gate::Token(Secret::new("s3cret").expect("printable")),
            origins: Origins::default(),
        }
    }

    fn check(
        door: &Door,
        uri: &'static str,
        authorization: Option<&'static str>,
    ) -> Result<(), Denied> {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:6700"));
        if let Some(authorization) = authorization {
            headers.insert(
                header::AUTHORIZATION,
                HeaderValue::from_static(authorization),
            );
        }
        door.check(&Uri::from_static(uri), &headers)
    }
}
