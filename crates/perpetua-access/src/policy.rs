//! Who may come in at a port of ours.

use http::{HeaderMap, StatusCode, Uri};
use perpetua_secrets::Secret;
use perpetua_words::{Message, access as words};

use crate::{ForeignRequest, Origins, ShownTokens, shown_tokens::is_elsewhere};

/// What a port asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Auth {
    /// Nothing: only ever on loopback.
    Open,
    /// This token, in any form that a framework sends it.
    Token(Secret),
}

/// A port's rules: where there is a token, it alone decides. Where there is none, nothing may come
/// from a page of another origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessPolicy {
    /// The token asked for.
    pub auth: Auth,
    /// The names the port goes by.
    pub origins: Origins,
}

/// Why someone stays outside; in English it is the HTTP answer's body.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
pub enum AccessDenied {
    /// No token protects the port, and the request may come from a page of another origin.
    Foreign(ForeignRequest),
    /// No token was shown.
    NoToken,
    /// Something that may be a token stands only where none is looked for.
    TokenElsewhere,
    /// Only other tokens were shown.
    WrongToken,
}

impl From<&AccessDenied> for Message {
    fn from(denied: &AccessDenied) -> Self {
        match denied {
            AccessDenied::Foreign(foreign) => foreign.into(),
            AccessDenied::NoToken => words::TokenNeeded.into(),
            AccessDenied::TokenElsewhere => words::TokenElsewhere.into(),
            AccessDenied::WrongToken => words::WrongToken.into(),
        }
    }
}

impl AccessDenied {
    /// The HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NoToken | Self::TokenElsewhere => StatusCode::UNAUTHORIZED,
            Self::Foreign(_) | Self::WrongToken => StatusCode::FORBIDDEN,
        }
    }
}

impl AccessPolicy {
    /// Whether whoever another policy lets in would come in by this one too. A token decides alone, so the
    /// names beside it do not count.
    pub fn lets_in_all_of(&self, former: &Self) -> bool {
        match (&self.auth, &former.auth) {
            (Auth::Token(token), Auth::Token(former)) => token == former,
            (Auth::Open, Auth::Open) => self.origins.include(&former.origins),
            (Auth::Open, Auth::Token(_)) | (Auth::Token(_), Auth::Open) => false,
        }
    }

    /// Looks at a request before it is upgraded.
    pub fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), AccessDenied> {
        let Auth::Token(token) = &self.auth else {
            let checked = self.origins.check(uri, headers);
            return checked.map_err(AccessDenied::Foreign);
        };
        let shown = ShownTokens::of(uri, headers);
        if shown.contain(token) {
            Ok(())
        } else if !shown.are_none() {
            Err(AccessDenied::WrongToken)
        } else if is_elsewhere(uri, headers) {
            Err(AccessDenied::TokenElsewhere)
        } else {
            Err(AccessDenied::NoToken)
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue, Uri};
    use perpetua_secrets::Secret;

    use super::{AccessDenied, AccessPolicy, Auth};
    use crate::{ForeignRequest, Origins};

    const HERE: (&str, &str) = ("host", "127.0.0.1:6700");
    const RIGHT: (&str, &str) = ("authorization", "Bearer s3cret+/=");

    /// Addresses and header lines of which one holds the right token.
    const RIGHT_ONES: &[(&str, &[(&str, &str)])] = &[
        ("/", &[RIGHT]),
        ("/", &[("authorization", "bearer s3cret+/=")]),
        ("/", &[("authorization", "BEARER \t s3cret+/= ")]),
        ("/", &[("authorization", "Token s3cret+/=")]),
        ("/", &[("authorization", "s3cret+/=")]),
        ("/?access_token=s3cret%2B%2F%3D", &[]),
        ("/?access_token=s3cret+/=", &[]),
        ("/?x=1&access_token=s3%63ret+/=", &[]),
        ("/?access_token=s3cret+/=", &[("authorization", "Bearer ")]),
        ("/?access_token=s3cret+/=", &[("authorization", "Bearer")]),
        (
            "/?access_token=s3cret+/=",
            &[("authorization", "Bearer undefined")],
        ),
        (
            "/?access_token=s3cret+/=",
            &[("authorization", "Basic dTpw")],
        ),
        ("/?access_token=s3cret+/=", &[("authorization", "")]),
        ("/?access_token=s3cret+/=", &[("authorization", "\u{e9}")]),
        ("/?access_token=&access_token=s3cret+/=", &[]),
        ("/?access_token=nope&access_token=s3cret+/=", &[]),
        ("/?access_token=nope", &[RIGHT]),
        ("/", &[("authorization", "Basic dTpw"), RIGHT]),
        ("/", &[RIGHT, ("authorization", "Basic dTpw")]),
        ("/", &[("authorization", "Bearer nope"), RIGHT]),
    ];

    #[test]
    fn one_right_token_suffices_wherever_it_stands_and_whatever_else_is_shown() {
        for (uri, headers) in RIGHT_ONES {
            for further in [
                &[HERE][..],
                &[],
                &[HERE, ("origin", "http://evil.example")],
                &[HERE, ("origin", "null")],
                &[HERE, ("origin", "")],
                &[HERE, ("origin", "ws://127.0.0.1:6700")],
                &[("host", "backend"), ("origin", "https://bot.example")],
                &[HERE, ("sec-fetch-site", "cross-site")],
                &[HERE, ("host", "evil.example")],
            ] {
                let headers = [headers, further].concat();
                assert_eq!(
                    check(&guarded(), uri, &headers),
                    Ok(()),
                    "{uri} {headers:?}"
                );
            }
        }
    }

    #[test]
    fn what_a_policy_lets_in_is_compared_by_what_decides() {
        let token = |text: &str| Auth::Token(Secret::new(text).expect("printable"));
        let policy = |auth: Auth, hosts: &[&str]| AccessPolicy {
            auth,
            origins: Origins {
                allowed_hosts: hosts.iter().map(|&host| host.to_owned()).collect(),
            },
        };
        for (former, new, lets_in_all) in [
            (policy(token("a"), &[]), policy(token("a"), &["bot"]), true),
            (policy(token("a"), &["bot"]), policy(token("a"), &[]), true),
            (policy(token("a"), &[]), policy(token("b"), &[]), false),
            (policy(Auth::Open, &[]), policy(Auth::Open, &["bot"]), true),
            (policy(Auth::Open, &["bot"]), policy(Auth::Open, &[]), false),
            (policy(Auth::Open, &[]), policy(token("a"), &[]), false),
            (policy(token("a"), &[]), policy(Auth::Open, &[]), false),
        ] {
            assert_eq!(
                new.lets_in_all_of(&former),
                lets_in_all,
                "{former:?} {new:?}"
            );
        }
    }

    #[test]
    fn no_token_and_a_wrong_token_are_told_apart() {
        for (uri, headers, denied) in [
            ("/", &[][..], AccessDenied::NoToken),
            ("/?access_token=", &[], AccessDenied::NoToken),
            ("/?token=", &[], AccessDenied::NoToken),
            ("/?x=token", &[], AccessDenied::NoToken),
            ("/", &[("access_token", "")], AccessDenied::NoToken),
            ("/", &[("authorization", "")], AccessDenied::NoToken),
            ("/", &[("authorization", "Bearer ")], AccessDenied::NoToken),
            ("/", &[("authorization", "token")], AccessDenied::NoToken),
            ("/?token=s3cret+/=", &[], AccessDenied::TokenElsewhere),
            (
                "/?x=1&accessToken=s3cret+/=",
                &[],
                AccessDenied::TokenElsewhere,
            ),
            (
                "/?ACCESS_TOKEN=s3cret+/=",
                &[],
                AccessDenied::TokenElsewhere,
            ),
            (
                "/",
                &[("authorization", "Basic dTpw")],
                AccessDenied::TokenElsewhere,
            ),
            (
                "/",
                &[("x-access-token", "s3cret+/=")],
                AccessDenied::TokenElsewhere,
            ),
            (
                "/",
                &[("access_token", "s3cret+/=")],
                AccessDenied::TokenElsewhere,
            ),
            (
                "/",
                &[("token", "nope"), ("authorization", "Bearer nope")],
                AccessDenied::WrongToken,
            ),
            (
                "/",
                &[("authorization", "Bearer nope")],
                AccessDenied::WrongToken,
            ),
            ("/", &[("authorization", "nope")], AccessDenied::WrongToken),
            (
                "/",
                &[("authorization", "Bearer s3cret+/=x")],
                AccessDenied::WrongToken,
            ),
            (
                "/",
                &[("authorization", "Bearer s3cret+/")],
                AccessDenied::WrongToken,
            ),
            (
                "/",
                &[("authorization", "Bearer S3CRET+/=")],
                AccessDenied::WrongToken,
            ),
            ("/?access_token=nope", &[], AccessDenied::WrongToken),
            ("/?access_token=s3cret%00", &[], AccessDenied::WrongToken),
            (
                "/?access_token=nope",
                &[("authorization", "Bearer")],
                AccessDenied::WrongToken,
            ),
        ] {
            for origin in [
                &[][..],
                &[("origin", "http://127.0.0.1:6700")],
                &[("origin", "null")],
            ] {
                let headers = [&[HERE], headers, origin].concat();
                let checked = check(&guarded(), uri, &headers);
                assert_eq!(checked, Err(denied.clone()), "{uri} {headers:?}");
            }
        }
    }

    #[test]
    fn without_a_token_no_page_of_another_origin_comes_in_whatever_it_shows() {
        let open = AccessPolicy {
            auth: Auth::Open,
            origins: Origins::default(),
        };
        assert_eq!(check(&open, "/", &[HERE]), Ok(()));
        assert_eq!(check(&open, "/", &[HERE, RIGHT]), Ok(()));
        for (headers, foreign) in [
            (
                &[HERE, ("origin", "null")][..],
                ForeignRequest::Origin("null".into()),
            ),
            (
                &[("host", "evil.example")],
                ForeignRequest::Host("evil.example".into()),
            ),
            (
                &[HERE, ("sec-fetch-site", "cross-site")],
                ForeignRequest::Site,
            ),
        ] {
            let shown = [headers, &[RIGHT]].concat();
            for headers in [headers, &shown] {
                let checked = check(&open, "/?access_token=any", headers);
                let denied = AccessDenied::Foreign(foreign.clone());
                assert_eq!(checked, Err(denied), "{headers:?}");
            }
        }
    }

    fn guarded() -> AccessPolicy {
        AccessPolicy {
            auth: Auth::Token(Secret::new("s3cret+/=").expect("printable")),
            origins: Origins::default(),
        }
    }

    fn check(
        policy: &AccessPolicy,
        uri: &'static str,
        lines: &[(&'static str, &str)],
    ) -> Result<(), AccessDenied> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("valid");
            headers.append(HeaderName::from_static(name), value);
        }
        policy.check(&Uri::from_static(uri), &headers)
    }
}
