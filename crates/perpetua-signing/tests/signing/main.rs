//! Signers of every kind, on real sockets; where something is waited for, the clock is the test's.

mod addresses;
mod core;
mod desk;
mod gaps;
mod http;
mod probe;
mod server;
mod strangers;
