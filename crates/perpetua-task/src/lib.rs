//! `perpetua-task`: tasks whose panics are reported, work that blocks, timers, gaps in the
//! process's own time, and the clock that people set.
//!
//! Nothing here knows what the tasks do; who starts them decides what a panic means.

mod blocking;
mod gaps;
mod supervised;
mod timer;
mod wall_clock;

pub use blocking::blocking;
pub use gaps::GapWatch;
pub use supervised::{SupervisedTasks, TaskPanicked};
pub use timer::every;
pub use wall_clock::WallClock;
