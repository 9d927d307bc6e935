//! The fake core against what is known of the real one: its log, its WebSocket manners, its deaths, its
//! archives; and the servers around it.

mod archives;
mod deaths;
mod log;
mod releases;
mod run;
mod websocket;
