//! A node in this process: started, changed and ended, and what it leaves behind.

mod discovery;
mod harness;
mod leftovers;
mod refusals;
mod releases;
mod restarts;
mod rpc;
mod settings;
