//! `perpetua-onebot`: OneBot v11 as it stands on the wire.
//!
//! Pure: it reads and writes text, and knows no socket, clock or routing. The hub decides with what
//! [`peek()`] found; a frame that must change is cut and joined by its [`EchoSpans`],
//! never parsed into a tree and written anew.
//!
//! Facts about frames come from the OneBot v11 standard (<https://github.com/botuniverse/onebot-11>)
//! and from frameworks and cores that were measured.

pub mod compose;
mod cq;
mod cursor;
pub mod form;
mod format;
mod lenient;
mod malformed;
mod members;
mod nesting;
mod peek;
pub mod post;
mod quick;
mod raw;
mod read;
mod scan;
pub mod segment;
mod spans;
mod words;

pub use format::{CannotReshape, MessageFormat, reshape_answer, reshape_event};
pub use lenient::{find_echo, find_echo_in_pieces};
pub use malformed::{Malformed, MalformedReason};
pub use peek::{FrameKind, FrameLimits, Peek};
pub use quick::{QuickAction, QuickFault, quick_actions};
pub use read::peek;
pub use spans::EchoSpans;
