//! What goes wrong with a request to the release server.

use std::time::Duration;

/// A fault of one answer, or of all of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// So many bytes a second.
    Slow(u64),
    /// The connection breaks after so many bytes.
    CutAfter(u64),
    /// As many bytes as announced, and the last one is another.
    WrongBytes,
    /// 404 with a page for people.
    NotFoundHtml,
    /// 200 with a page for people, as from the login page of a hotel's network.
    OkHtml,
    /// So many redirects before the answer.
    Redirects(u8),
    /// A redirect to itself.
    RedirectLoop,
    /// 500.
    ServerError,
    /// GitHub's limit of requests of one address: 403.
    RateLimited,
    /// No answer ever.
    Unanswered,
}

/// How a body is sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivery {
    /// The connection breaks after so many bytes.
    pub(crate) cut_after: Option<u64>,
    /// A wait before each piece.
    pub(crate) pause: Option<Duration>,
}

/// Bytes of one piece of a body.
pub(crate) const PIECE: usize = 16 * 1024;

impl Fault {
    /// What it does to the sending of a body.
    pub(crate) fn delivery(self) -> Delivery {
        match self {
            Self::Slow(bytes_per_second) => Delivery {
                pause: Some(Duration::from_millis(
                    PIECE as u64 * 1000 / bytes_per_second.max(1),
                )),
                ..Delivery::default()
            },
            Self::CutAfter(bytes) => Delivery {
                cut_after: Some(bytes),
                ..Delivery::default()
            },
            _ => Delivery::default(),
        }
    }
}
