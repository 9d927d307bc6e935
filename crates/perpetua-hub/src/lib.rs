//! The routing between one upstream and its clients, as a pure machine.
//!
//! No sockets, tasks, clocks or randomness live here: a driver (`perpetua-proxy`) feeds frames and
//! moments in, takes queued frames out, and acts on what the hub says has changed.
//!
//! ```text
//!  upstream ── event ────► Hub ──► one bounded queue per connection ──► driver ──► socket
//!           ── response ─►  │      echo table: `p<n>` -> who asked, with which echo
//!           ◄── action ────┘ ◄── unsent actions, in order ◄── connection
//! ```
//!
//! What it promises (and its property tests hold it to):
//! - each connection sees a subsequence of the upstream's events, in order, and what it missed is counted;
//! - a response reaches the connection that asked, with its own echo byte for byte, at most once
//!   (streamed answers excepted);
//! - an action that has been handed to the upstream is never handed over again;
//! - a frame that cannot be passed on concerns its sender or its caller, and nobody else;
//! - no mix of ids on the link makes more than one forced end, or more than one question, in 30 s.

mod action;
mod action_table;
mod byte_count;
mod clock_reading;
mod connection;
mod disconnect_reason;
mod distributed;
mod frame;
mod frame_size;
mod framework;
mod framework_dial;
mod hub;
mod in_flight_quota;
mod latency;
mod link;
mod notice;
mod post_target;
mod presence;
mod queue;
mod reshaping;
mod restart;
mod retcode;
mod settings;
mod snapshot;
mod supervisor_signal;

pub use clock_reading::{Calendar, ClockReading};
pub use connection::{ConnectionId, Role, Visitor};
pub use disconnect_reason::DisconnectReason;
pub use frame::Outgoing;
pub use frame_size::FrameSize;
pub use framework::FrameworkKind;
pub use framework_dial::{DialFailure, DialState, DialledWay, FrameworkDial, RefusalCause, Rival};
pub use hub::{
    Admitted, AskedAction, Asker, ClientFrame, ClientRefused, Held, Hub, InDriver, NoticeLine,
    OtherAccount, QuickOrder, Remaining, Share, Taken,
};
pub use latency::{LATENCY_BOUNDS_MS, Latency};
pub use link::{Link, LinkFailure, LinkState, close_reason};
pub use notice::{LineBudget, LogLine, LoggedNotice, Notice, Notices};
pub use perpetua_onebot::MessageFormat;
pub use post_target::{AfterFailure, PostCounts, PostFailure, PostState, PostTarget, Posted};
pub use presence::shown_name;
pub use retcode::Retcode;
pub use settings::{
    AccountLimits, ClientProfile, ClientSettings, OverflowPolicy, ProbeSettings, QueueLimits,
};
pub use snapshot::{
    AccountCounts, AccountSnapshot, ClientCounts, ClientSnapshot, ConnectionSnapshot, DialSnapshot,
    PostSnapshot, Traffic,
};
pub use supervisor_signal::SupervisorSignal;
