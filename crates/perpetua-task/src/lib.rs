//! `perpetua-task`: tasks whose panics are reported, work that blocks, and timers.
//!
//! Nothing here knows what the tasks do; who starts them decides what a panic means.

mod blocking;
mod supervised;
mod timer;

pub use blocking::blocking;
pub use supervised::{SupervisedTasks, TaskPanicked};
pub use timer::every;
