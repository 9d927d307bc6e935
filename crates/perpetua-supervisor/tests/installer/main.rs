//! The installer with real files, real processes (the fake core) and a release server.

mod bench;
mod jobs;
mod looking;
mod trials;
mod uploads;
mod walk;
