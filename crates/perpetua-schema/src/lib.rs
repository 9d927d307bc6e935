//! The control RPC: every call and event once, what they carry, and the error codes.
//!
//! Pure: the web UI and the command line say the same words to the node, over
//! `POST /rpc/<method>` and `GET /rpc/events`, with the node's session token or the cookie of a browser that has signed in.

mod account_edit;
mod call;
mod chat;
mod chat_words;
mod client_edit;
mod client_test;
mod core_state;
mod core_status;
mod data;
mod error;
mod event;
mod history;
mod import;
mod install;
mod login;
mod network;
mod preferences;
mod reachable;
mod rpc;
mod secret;
mod session;
mod settings;
mod sign_in;
mod signer;
mod simulator;
mod snapshot;
mod status;
mod topic;
#[cfg(feature = "typescript")]
pub mod typescript;
mod update;

pub use account_edit::{
    AccountAdd, AccountAdded, AccountChange, AccountConfig, AccountCoreConfig, AccountEdit,
    AccountEdited, AccountRemove, AccountSettings, NewUpstream, SetAccountEnabled,
};
pub use call::{
    Call, Handler, Method, Reconnect, RetryFailed, Said, Say, Simulate, Status, Token, TokenValue,
    dispatch,
};
pub use chat::{
    ChatDeed, ChatEvent, ChatId, ChatLine, ChatPerson, ChatPlace, ChatQuote, ChatSegment,
};
pub use client_edit::{
    ClientAdd, ClientAdded, ClientChange, ClientConfig, ClientCut, ClientEdit, ClientEdited,
    ClientRead, ClientRemove, Framework, Guide, GuideText, NewClientKind, Snippet, TokenNew,
};
pub use client_test::{ClientTest, TargetTested, TestOutcome};
pub use core_state::{CoreAbsence, CoreBrake, CorePhase, CoreRefusal, CoreState, QrCode};
pub use core_status::{
    AsideFile, CoreAway, CoreAwayKind, CoreLine, CoreLog, CorePhaseTime, CoreProcess, CoreStatus,
    Login, LoginRestore, ReadCoreLog, Restart, SetAsideFile, Start, Stop,
};
pub use data::{DataFacts, DataKind, DataRead, DataUse, SecretsPlace};
pub use error::{ErrorCode, RpcError};
pub use event::Event;
pub use history::{
    AccountHistory, ClientHistory, Happening, HappeningTone, Happenings, RatesHistory, ReadRates,
};
pub use import::{Import, Imported};
pub use install::{
    CoreAvailable, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreProgress, CoreRemove,
    CoreSourceKind, CoreSourceShown, CoreSourceWanted, CoreSourcesEdit, CoreStep, CoreUse,
    CoreVerified, CoreVerify, CoreVersion, CoreVoucher, ListCores,
};
pub use login::{LoginBackup, LoginBackupStatus, LoginForget, LoginNewCode};
pub use network::{
    NetworkChange, NetworkEdit, NetworkEdited, NetworkRead, NetworkSettings, ProxyKept, ProxyShown,
    SignProxy,
};
pub use preferences::{
    NotificationKind, NotificationPreferences, Preferences, PreferencesEdit, PreferencesEdited,
    PreferencesRead, QuietHours, UiLanguage, WebhookReport, WebhookShown, WebhookTest,
};
pub use reachable::{PortCheck, PortReport, PortState, UpstreamReport, UpstreamTest};
pub use rpc::{CallError, EventStream, Rpc};
pub use secret::{SecretRemove, SecretSet};
pub use session::Session;
pub use settings::{
    Applied, MAX_SETTINGS_BYTES, SetClientEnabled, SettingsProblem, SettingsRead, SettingsText,
    SettingsWrite,
};
pub use sign_in::{
    SessionStatus, SignInCredential, SignInLink, SignInLinkMade, SignInRefused, SignInToken,
    SignInTokenNew,
};
pub use signer::{
    ListSigners, SignerAdd, SignerAdded, SignerEdit, SignerRemove, SignerReport, SignerStatus,
    SignerTest, SignerTimes, SignersOrder,
};
pub use simulator::{
    ChatFrame, ChatFrameKind, ChatFrames, ChatHistory, ChatPage, ChatPicture, PictureContent,
    SimulatorWorld, World, WorldGroup, WorldMember, WorldPerson,
};
pub use snapshot::{AccountRates, ClientRates, Snapshot};
pub use status::{
    AccountStatus, ClientStatus, ConnectionStatus, NodeStatus, NoticeStatus, PostStatus,
    TargetState, TargetStatus, UpstreamState, UpstreamStatus,
};
pub use topic::{Topic, Topics};
pub use update::{NewerVersion, UpdateCheck, UpdateNews, UpdatePreferences, VersionChannel};
