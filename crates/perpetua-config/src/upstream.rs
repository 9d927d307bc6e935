//! `[accounts.upstream]`: the kinds of upstream.

mod lagrange;
mod onebot;
mod onebot_reverse;

pub use lagrange::{LEAST_MEMORY_LIMIT, LagrangeUpstream, Protocol, SignThrough};
pub use onebot::OnebotUpstream;
pub use onebot_reverse::OnebotReverseUpstream;

/// Where an account's events come from and its actions go, with the settings of that kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Upstream {
    /// The embedded one: simulated people and groups.
    Simulator,
    /// A Lagrange.OneBot that we download, log in and supervise.
    Lagrange(LagrangeUpstream),
    /// A OneBot v11 implementation that we dial.
    Onebot(OnebotUpstream),
    /// A OneBot v11 implementation that dials us.
    OnebotReverse(OnebotReverseUpstream),
}

impl Upstream {
    /// The only account that it may be, if the settings say so.
    pub fn uin(&self) -> Option<i64> {
        let uin = match self {
            Self::Simulator => None,
            Self::Lagrange(upstream) => upstream.uin,
            Self::Onebot(upstream) => upstream.uin,
            Self::OnebotReverse(upstream) => upstream.uin,
        };
        uin.and_then(|uin| i64::try_from(uin).ok())
    }
}
