//! `perpetua-telemetry`: what the node tells about itself, on stderr and in files.
//!
//! Nothing here can hold up or end the node. Lines go into bounded buffers and threads of their own
//! write them; a reader of stderr that is stuck or a disk that is full costs lines, which are
//! counted, and nothing else.
//!
//! ```text
//! tracing event -> levels -> stderr format -> buffer -> thread -> stderr
//!                        \-> file format   -> buffer -> thread -> logs/perpetua-<time>.log
//! ```
//!
//! [`LogWatch`] tells while lines are lost: since when, how many, and why.
//!
//! [`LineFiles`] keeps what another program prints by the same rules.

mod buffer;
mod commands;
mod harmless_lines;
mod levels;
mod line_files;
mod panics;
mod rotating_files;
mod rotation;
mod setup;
mod trouble;
mod writer_threads;

pub use line_files::LineFiles;
pub use setup::{InitError, LogGuard, LogHandle, init};
pub use trouble::{LogTrouble, LogWatch};
