//! Managing the core, as its operator does: every command with a running node and without one, whatever
//! stands in the way, and what is said then.

mod disk;
mod faults;
mod import;
mod install;
mod installation;
mod login;
mod notify;
mod once;
mod secrets;
mod stage;
mod upload;
mod versions;
