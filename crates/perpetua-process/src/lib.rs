//! `perpetua-process`: a child process, all that it starts, and what they print.
//!
//! [`Process::start`] gives two values: the [`Process`], by which it is stopped and waited for, and the
//! [`Lines`] that it prints. What was started never outlives this process: dropping the [`Process`]
//! ends the whole tree, and so does the end of this process, however it ends.
//!
//! | | the tree | ends with us by | asked to end by |
//! |---|---|---|---|
//! | Linux, macOS | a process group | a watcher, the group's leader, which waits for our end | `SIGTERM` |
//! | Windows | a job object | the system: the job closes with us | Ctrl+C in its pseudo-console |
//!
//! A process of a former run that is there nevertheless is found again by its [`Identity`], as a
//! [`Orphan`]. This crate knows nothing of what the child is for.

#[cfg(any(windows, test))]
mod conpty_text;
mod descriptors;
mod error;
mod identity;
mod launch;
mod line_assembler;
mod lines;
mod orphan;
mod proc_info;
mod process;
mod programs;
mod spawn_error;
mod stream;
mod tree;
mod usage;

pub use descriptors::raise_descriptor_limit;
pub use error::SpawnError;
pub use identity::Identity;
pub use launch::{Console, Launch};
pub use lines::{CUT_MARK, LINE_LIMIT, Line, Lines, OutputStream};
pub use orphan::{Orphan, StillRunning};
pub use process::{ExitStatus, Process, Stopper, UsageMeter};
pub use programs::RunningProgram;
pub use usage::Usage;
