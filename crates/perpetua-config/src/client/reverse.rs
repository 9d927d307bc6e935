//! `kind = "reverse"`.

use std::iter;

use crate::{Server, TokenSource, Trust, WebSocketUrl};

/// A client that we dial: its frameworks wait for us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseClient {
    /// The framework that we dial, or the first of several.
    pub first: ReverseTarget,
    /// The others.
    pub others: Vec<ReverseTarget>,
    /// Whether they are written as a list (`urls`), even if it has one element.
    pub is_list: bool,
    /// Over how many connections each is spoken to.
    pub roles: ReverseRoles,
    /// Whom they have to be over `wss://`; `None`: those whom the system trusts.
    pub trust: Option<Trust>,
}

/// A framework that we dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReverseTarget {
    /// Its address.
    pub url: WebSocketUrl,
    /// The token that is sent there, its own or that of the client; `None` sends none.
    pub token: Option<TokenSource>,
}

/// Over how many connections a framework is spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ReverseRoles {
    /// One for everything.
    #[default]
    Universal,
    /// One for actions, and one for events.
    Split,
}

/// What a connection to a framework carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DialRole {
    /// Everything.
    Universal,
    /// Actions and their responses.
    Api,
    /// Events.
    Event,
}

/// One connection that we make to a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial<'a> {
    /// The address that is dialled.
    pub url: String,
    /// The server there.
    pub server: Server,
    /// What it carries.
    pub role: DialRole,
    /// The token that is sent there.
    pub token: Option<&'a TokenSource>,
}

impl ReverseClient {
    /// A client of one framework, all else as by default.
    pub fn new(url: WebSocketUrl, token: Option<TokenSource>) -> Self {
        Self {
            first: ReverseTarget { url, token },
            others: Vec::new(),
            is_list: false,
            roles: ReverseRoles::default(),
            trust: None,
        }
    }

    /// The frameworks, in the order of the settings.
    pub fn targets(&self) -> impl Iterator<Item = &ReverseTarget> {
        iter::once(&self.first).chain(&self.others)
    }

    /// The connections that are made, framework by framework; of a split one, that for actions first.
    pub fn dials(&self) -> Vec<Dial<'_>> {
        let targets = self.targets();
        let dials = targets.flat_map(|target| {
            let dial = |role: DialRole| Dial {
                url: role.address(&target.url),
                server: target.url.server(),
                role,
                token: target.token.as_ref(),
            };
            self.roles.dialled().iter().copied().map(dial)
        });
        dials.collect()
    }
}

impl ReverseRoles {
    /// What the settings call each.
    pub(crate) const WORDS: [(&'static str, Self); 2] =
        [("universal", Self::Universal), ("split", Self::Split)];

    /// What the settings call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Universal => "universal",
            Self::Split => "split",
        }
    }

    fn dialled(self) -> &'static [DialRole] {
        match self {
            Self::Universal => &[DialRole::Universal],
            Self::Split => &[DialRole::Api, DialRole::Event],
        }
    }
}

impl DialRole {
    /// Where a connection of this role is made, for a framework at `url`: halves have a path of their own below it.
    fn address(self, url: &WebSocketUrl) -> String {
        let half = match self {
            Self::Universal => return url.to_string(),
            Self::Api => "/api",
            Self::Event => "/event",
        };
        let (uri, scheme) = (url.uri(), if url.is_encrypted() { "wss" } else { "ws" });
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let path = uri.path().trim_end_matches('/');
        let query = uri.query().map(|query| format!("?{query}"));
        format!(
            "{scheme}://{authority}{path}{half}{}",
            query.unwrap_or_default()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{DialRole, ReverseClient, ReverseRoles};
    use crate::WebSocketUrl;

    #[test]
    fn halves_stand_below_the_path_and_keep_the_query() {
        for (url, api, event) in [
            ("ws://h:1/ws", "ws://h:1/ws/api", "ws://h:1/ws/event"),
            ("ws://h:1/ws/", "ws://h:1/ws/api", "ws://h:1/ws/event"),
            ("WSS://h", "wss://h/api", "wss://h/event"),
            (
                "ws://[::1]:1/a/b?x=1&y=/",
                "ws://[::1]:1/a/b/api?x=1&y=/",
                "ws://[::1]:1/a/b/event?x=1&y=/",
            ),
        ] {
            let url = WebSocketUrl::new(url).expect(url);
            let mut client = ReverseClient::new(url.clone(), None);
            let whole = client.dials();
            assert_eq!(whole[0].url, url.to_string());
            assert_eq!((whole.len(), whole[0].role), (1, DialRole::Universal));
            client.roles = ReverseRoles::Split;
            let halves = client.dials();
            let halves: Vec<_> = halves.iter().map(|one| (one.role, &*one.url)).collect();
            assert_eq!(halves, [(DialRole::Api, api), (DialRole::Event, event)]);
        }
    }
}
