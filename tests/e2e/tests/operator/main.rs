//! What the operator of a node sees: commands, exit codes, and settings edited while it runs.

mod cli;
#[cfg(target_os = "linux")]
mod containers;
mod many_secrets;
mod newcomer;
mod ports;
mod refusals;
mod saving;
mod secrets;
mod settings;
mod stored_secrets;
#[cfg(unix)]
mod strange_files;
#[cfg(target_os = "linux")]
mod typed_secrets;
mod ui;
mod updates;
