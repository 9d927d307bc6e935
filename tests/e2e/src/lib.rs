//! The harness of the end-to-end tests: it starts the built `perpetuad` and real bot frameworks, and
//! looks at them only as their users do, through processes, files and sockets.
//!
//! The tests stand under `tests/`, one binary for each question: do real frameworks work (`interop`),
//! who comes in (`door`), what may a client do (`clients`), what does the operator see (`operator`), what
//! survives (`faults`), is a managed core looked after (`core`), and can it be managed (`managing`).

mod begun;
mod bot;
#[cfg(target_os = "linux")]
pub mod bus;
mod chromium;
mod folder;
mod footprint;
#[cfg(target_os = "linux")]
mod front;
mod hook;
mod http;
mod interop;
#[cfg(target_os = "linux")]
mod keyring;
mod lines;
mod load;
mod node;
mod page_server;
pub mod process;
mod program;
mod reserved;
mod scanner;
mod sdk;
mod settings;
mod until;
mod upstream;
mod wire;
mod words;
pub mod world;

pub use begun::begin;
pub use bot::{EchoBot, Waiting};
pub use chromium::Chromium;
pub use folder::DataFolder;
pub use footprint::Footprint;
#[cfg(target_os = "linux")]
pub use front::{DOCUMENTED_HOST, Front, FrontStream, ReverseProxy, documented, line_with};
pub use hook::{HookServer, Posted};
pub use http::{Answer, get, send_raw};
#[cfg(target_os = "linux")]
pub use keyring::KeyringSession;
pub use lines::Lines;
pub use load::{Gathered, THE_END, call_and_listen};
#[cfg(target_os = "linux")]
pub use node::start_in_terminal;
pub use node::{
    Finished, Node, Watch, rpc, run, run_bare, run_through, run_with_input, say, start_command,
};
pub use page_server::PageServer;
pub use program::Program;
pub use reserved::ReservedPort;
pub use scanner::files_with;
#[cfg(target_os = "linux")]
pub use scanner::processes_with;
pub use sdk::SdkSession;
pub use settings::{ACCOUNT, Settings};
pub use until::{until, until_within};
pub use upstream::ScriptedUpstream;
pub use wire::{Frame, Opcode, Upgrade, WireSocket, masked};
pub use words::sentence;
