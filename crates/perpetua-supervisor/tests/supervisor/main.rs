//! The driver with a scripted process, on mocked time. Files are real; while one is read or written
//! the mocked clock stands still.

mod chance;
mod closing;
mod failing;
mod launching;
mod login;
mod play;
mod signers;
mod stage;
mod telling;
