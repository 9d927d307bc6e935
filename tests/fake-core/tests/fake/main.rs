//! The fake core against what is known of the real one: its log, its WebSocket manners, its deaths, its
//! archives; and the servers around it.

mod archives;
mod banner;
mod calls;
mod deaths;
mod disorder;
mod files;
mod frames;
mod handshake;
mod log;
mod network;
mod releases;
mod run;
mod signer;
mod slow_reader;
mod stop;
mod websocket;
