//! Newer versions from addresses with every bad habit.

mod finding;
mod harness;
mod obtaining;
