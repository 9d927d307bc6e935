//! `[[accounts.clients]]`: what every kind of client has, and the kinds.

mod format;
mod forward;
mod framework;
mod http;
mod post;
mod reverse;

pub use format::ClientFormat;
pub use forward::ForwardClient;
pub use framework::ClientFramework;
pub use http::HttpClient;
pub use post::PostClient;
pub use reverse::{Dial, DialRole, ReverseClient, ReverseRoles, ReverseTarget};

use std::net::SocketAddr;
use std::time::Duration;

use crate::{ListenerToken, Name, Server, TargetAddress, TokenSource};

/// `[[accounts.clients]]`: one bot framework's place at an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Its name, unique within the account.
    pub name: Name,
    /// Whether it may connect.
    pub enabled: bool,
    /// Which extras it gets.
    pub profile: Profile,
    /// How many connections it may have at once: of programs that call over HTTP, how many may do so.
    pub max_connections: usize,
    /// The time between two heartbeats; 15 s at most, because a NoneBot that hears nothing for 30 s leaves.
    pub heartbeat: Duration,
    /// The bounds of what waits for it.
    pub queue: Queue,
    /// How many of its actions may be without a response at once; more are refused.
    pub max_pending_actions: usize,
    /// How it gets messages.
    pub format: ClientFormat,
    /// The framework that it is for, if the settings name it.
    pub framework: Option<ClientFramework>,
    /// How it is connected.
    pub kind: ClientKind,
}

impl Client {
    /// The address that it is waited for on; `None` for a kind that does not listen.
    pub fn listen(&self) -> Option<SocketAddr> {
        self.kind.listen()
    }

    /// The addresses that are dialled or posted to, one for each connection; none for a kind that comes to us.
    pub fn dialled(&self) -> Vec<String> {
        match &self.kind {
            ClientKind::Forward(_) | ClientKind::Http(_) => Vec::new(),
            ClientKind::Post(post) => vec![post.url.to_string()],
            ClientKind::Reverse(reverse) => {
                let dials = reverse.dials().into_iter();
                dials.map(|dial| dial.url).collect()
            }
        }
    }

    /// What it has to show where it is waited for; `None` for a kind that does not listen.
    pub fn listener_token(&self) -> Option<&ListenerToken> {
        match &self.kind {
            ClientKind::Forward(forward) => Some(&forward.token),
            ClientKind::Http(http) => Some(&http.token),
            ClientKind::Post(_) | ClientKind::Reverse(_) => None,
        }
    }

    /// Whether something is shown there, by it or by us, or signed with.
    pub fn has_token(&self) -> bool {
        let asks = |token: &ListenerToken| *token != ListenerToken::Off;
        self.listener_token().is_some_and(asks) || self.sent_token().is_some()
    }

    /// What we show to it, or sign with, and to the first framework of several; `None` where that is nothing, or it
    /// comes to us.
    pub fn sent_token(&self) -> Option<&TokenSource> {
        match &self.kind {
            ClientKind::Forward(_) | ClientKind::Http(_) => None,
            ClientKind::Post(post) => post.secret.as_ref(),
            ClientKind::Reverse(reverse) => reverse.first.token.as_ref(),
        }
    }

    /// The servers that we go to for it.
    pub fn servers(&self) -> Vec<Server> {
        match &self.kind {
            ClientKind::Forward(_) | ClientKind::Http(_) => Vec::new(),
            ClientKind::Post(post) => vec![post.url.server()],
            ClientKind::Reverse(reverse) => {
                let targets = reverse.targets();
                targets.map(|target| target.url.server()).collect()
            }
        }
    }

    /// What its events are signed with, which is sent nowhere.
    pub fn signing_key(&self) -> Option<&TokenSource> {
        match &self.kind {
            ClientKind::Post(post) => post.secret.as_ref(),
            ClientKind::Forward(_) | ClientKind::Http(_) | ClientKind::Reverse(_) => None,
        }
    }

    /// Every place of a secret that its settings name: what it has to show, what we show, what we sign with.
    pub fn secrets(&self) -> Vec<&TokenSource> {
        let asked_for = match self.listener_token() {
            Some(ListenerToken::From(source)) => Some(source),
            Some(ListenerToken::Generated | ListenerToken::Off) | None => None,
        };
        match &self.kind {
            ClientKind::Forward(_) | ClientKind::Http(_) => asked_for.into_iter().collect(),
            ClientKind::Post(post) => post.secret.iter().collect(),
            ClientKind::Reverse(reverse) => {
                let targets = reverse.targets();
                targets.filter_map(|one| one.token.as_ref()).collect()
            }
        }
    }
}

/// How a framework and an account come together, with the settings of that kind alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientKind {
    /// The framework connects to a port of ours.
    Forward(ForwardClient),
    /// We post each event to the framework.
    Post(PostClient),
    /// We connect to the framework.
    Reverse(ReverseClient),
    /// A program calls a port of ours over HTTP.
    Http(HttpClient),
}

impl ClientKind {
    /// The address that is listened on; `None` for a kind that does not listen.
    pub fn listen(&self) -> Option<SocketAddr> {
        match self {
            Self::Forward(forward) => Some(forward.listen),
            Self::Http(http) => Some(http.listen),
            Self::Post(_) | Self::Reverse(_) => None,
        }
    }

    /// Where its frameworks are that we go to, for who asks whether somebody else goes there.
    pub fn targets(&self) -> Vec<TargetAddress> {
        match self {
            Self::Forward(_) | Self::Http(_) => Vec::new(),
            Self::Post(post) => vec![TargetAddress::from(&post.url)],
            Self::Reverse(reverse) => {
                let targets = reverse.targets();
                targets.map(|target| (&target.url).into()).collect()
            }
        }
    }

    /// What the settings call it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Forward(_) => "forward",
            Self::Post(_) => "post",
            Self::Reverse(_) => "reverse",
            Self::Http(_) => "http",
        }
    }
}

/// Which extras a client gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Plain OneBot v11.
    #[default]
    Standard,
    /// The events and actions that perpetua's own SDKs need.
    Perpetua,
}

/// The bounds of a client's queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queue {
    /// The most events that wait in it.
    pub events: usize,
    /// The most bytes that wait in it.
    pub bytes: usize,
    /// What happens when it is full.
    pub when_full: WhenFull,
}

/// What happens to a client that reads too slowly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WhenFull {
    /// It loses its oldest events, counted.
    #[default]
    DropOldest,
    /// It is disconnected and told why.
    Disconnect,
}
