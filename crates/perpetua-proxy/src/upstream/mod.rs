//! The three ways to an upstream: we dial it, it dials us, or it is part of the node.

mod dial;
mod embedded;
mod heard;
mod reverse;
mod serve;

pub use dial::{Dial, run_dial, run_dial_core};
pub use embedded::Embedded;
pub use reverse::{ReverseDoor, run_reverse};
