//! Managing the core, as its operator does: every command with a running node and without one, whatever
//! stands in the way, and what is said then.

mod disk;
mod faults;
mod import;
mod import_running;
mod install;
mod installation;
#[cfg(target_os = "linux")]
mod keyring;
mod login;
mod machine;
mod notify;
mod once;
mod planted;
mod secrets;
mod stage;
mod upload;
mod versions;
