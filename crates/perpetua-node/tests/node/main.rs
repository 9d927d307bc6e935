//! A node in this process: started, changed and ended, and what it leaves behind.

mod chat;
mod client_tests;
mod discovery;
mod edits;
mod formats;
mod harness;
mod history;
mod imported_ports;
mod imports;
mod in_the_way;
mod junk;
mod leftovers;
mod looks;
mod quick;
mod refusals;
mod releases;
mod renames;
mod restarts;
mod rpc;
mod settings;
mod talk;
