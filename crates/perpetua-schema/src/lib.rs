//! The control RPC: every call and event once, what they carry, and the error codes.
//!
//! Pure: the web UI and the command line say the same words to the node, over
//! `POST /rpc/<method>` and `GET /rpc/events` with the node's session token.

mod call;
mod error;
mod event;
mod session;
mod settings;
mod status;

pub use call::{Call, Method, Reconnect, Said, Say, Simulate, Status, Token, TokenValue};
pub use error::{ErrorCode, RpcError};
pub use event::Event;
pub use session::Session;
pub use settings::{
    Applied, SetClientEnabled, SettingsProblem, SettingsRead, SettingsText, SettingsWrite,
};
pub use status::{
    AccountStatus, ClientStatus, ConnectionStatus, NodeStatus, UpstreamState, UpstreamStatus,
};
