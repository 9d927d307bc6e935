//! What the operator of a node sees: commands, exit codes, and settings edited while it runs.

mod cli;
mod ports;
mod refusals;
mod saving;
mod secrets;
mod settings;
mod ui;
