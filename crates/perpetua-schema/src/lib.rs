//! The control RPC: every call and event once, what they carry, and the error codes.
//!
//! Pure: the web UI and the command line say the same words to the node, over
//! `POST /rpc/<method>` and `GET /rpc/events` with the node's session token.

mod call;
mod chat;
mod chat_words;
mod core_state;
mod core_status;
mod error;
mod event;
mod import;
mod install;
mod rpc;
mod session;
mod settings;
mod signer;
mod snapshot;
mod status;
mod topic;
#[cfg(feature = "typescript")]
pub mod typescript;

pub use call::{
    Call, Handler, Method, Reconnect, Said, Say, Simulate, Status, Token, TokenValue, dispatch,
};
pub use chat::{ChatDeed, ChatEvent, ChatId, ChatLine, ChatPerson, ChatPlace};
pub use core_state::{CoreBrake, CorePhase, CoreRefusal, CoreState, QrCode};
pub use core_status::{
    CoreLine, CoreLog, CoreProcess, CoreStatus, Login, LoginRestore, ReadCoreLog, Restart, Start,
    Stop,
};
pub use error::{ErrorCode, RpcError};
pub use event::Event;
pub use import::{Import, Imported};
pub use install::{
    CoreAvailable, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreProgress, CoreRemove,
    CoreStep, CoreUse, CoreVerified, CoreVerify, CoreVersion, ListCores,
};
pub use rpc::{CallError, EventStream, Rpc};
pub use session::Session;
pub use settings::{
    Applied, SetClientEnabled, SettingsProblem, SettingsRead, SettingsText, SettingsWrite,
};
pub use signer::{SignerReport, SignerTest};
pub use snapshot::{AccountRates, ClientRates, Snapshot};
pub use status::{
    AccountStatus, ClientStatus, ConnectionStatus, NodeStatus, NoticeStatus, UpstreamState,
    UpstreamStatus,
};
pub use topic::{Topic, Topics};
