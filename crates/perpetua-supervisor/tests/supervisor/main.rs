//! The driver with a scripted process, on mocked time. Files are real; while one is read or written
//! the mocked clock stands still.

mod chance;
mod clocks;
mod closing;
mod damaged;
mod failing;
mod gaps;
mod launching;
mod login;
mod machine;
mod outages;
mod play;
mod sessions;
mod signers;
mod stage;
mod telling;
