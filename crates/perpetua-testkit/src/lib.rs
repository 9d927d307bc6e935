//! Both ends of a node, as fakes that speak the real protocol: a [`Client`] that is to the node what a
//! bot framework is, a [`FakeFramework`] that is dialled, a [`FakeTarget`] that is posted to, and a [`FakeUpstream`] that
//! is to it what a OneBot implementation is. Beside them stands the other end of an updater: [`UpdateServer`].
//!
//! Only ever a dev-dependency. Every wait ends within [`PATIENCE`], with an error that says what was
//! waited for; no test needs a sleep.

mod client;
mod event;
mod framework;
mod socket;
mod target;
#[cfg(test)]
mod tests;
mod updates;
mod upstream;

use std::time::Duration;

pub use client::{Client, Dial};
pub use event::{group_message, lifecycle, number_of};
pub use framework::{FakeFramework, FrameworkLink};
pub use socket::{JsonReader, JsonSocket, JsonWriter};
pub use target::{FakeTarget, PostedRequest, TargetAnswer};
pub use updates::{ReleaseSigner, UpdateAnswer, UpdateServer};
pub use upstream::{FakeUpstream, UpstreamLink, answer_to, refusal_of};

/// How long a fake waits for what the other side owes it. Generous, because a machine that builds and
/// tests at once is slow; a test of a shorter limit measures the time itself.
pub const PATIENCE: Duration = Duration::from_secs(20);
