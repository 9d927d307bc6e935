//! The three ways to an upstream: we dial it, it dials us, or it is part of the node.

mod brake;
mod dial;
mod embedded;
mod frames;
mod probe;
mod reverse;
mod serve;
mod slot;

pub use dial::{DialSettings, run_dial, run_dial_core};
pub use embedded::{Embedded, EmbeddedLink, EmbeddedSettings};
pub use probe::{ProbedUpstream, core_answers, probe_upstream};
pub use reverse::{ReverseAccess, run_reverse};
