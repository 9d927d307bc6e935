//! `[accounts.upstream]`: the kinds of upstream.

mod lagrange;
mod onebot;
mod onebot_reverse;

pub use lagrange::{LagrangeUpstream, Protocol};
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
