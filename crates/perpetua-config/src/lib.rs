//! `perpetua-config`: what `perpetua.toml` says.
//!
//! Pure: bytes and text come in, values go out. It reads no file, looks up no secret and opens no socket;
//! the node does that with what it finds here. [`decode`] makes text of a file's bytes, [`parse`] turns a
//! whole text into a [`Config`] or into every [`Problem`] it has, and [`edit`] changes or adds one thing and
//! leaves everything else as its writer put it.

mod address;
mod clash;
mod client;
mod config;
pub mod edit;
mod encoding;
mod full_width;
mod managed;
mod name;
mod preferences;
mod problem;
mod read;
mod remarks;
mod server;
mod target_address;
mod token;
mod trust;
mod units;
mod upstream;
mod url;

pub use address::{AddressSource, Hook, HttpUrl, HttpUrlError, ProxySource};
pub use clash::{Clash, clash};
pub use client::{
    Client, ClientFormat, ClientKind, Dial, DialRole, ForwardClient, Framework, HttpClient,
    PostClient, Profile, Queue, ReverseClient, ReverseRoles, ReverseTarget, WhenFull,
};
pub use config::{
    Account, Api, Config, DiscoverySettings, Limits, Log, LogFormat, LogLevel, SecretsBackend,
};
pub use encoding::{EncodingError, decode};
pub use managed::{CoreInstallSettings, CoreSource, Signer};
pub use name::{Name, NameError};
pub use preferences::{
    LanguageChoice, Notifications, NotifiedEvent, QuietSpan, Ui, UpdateChannel, Updates,
};
pub use problem::{Problem, Problems};
pub use remarks::Remark;
pub use server::Server;
pub use target_address::TargetAddress;
pub use token::{ListenerToken, TokenSource};
pub use trust::{Fingerprint, Trust};
pub use upstream::{
    LEAST_MEMORY_LIMIT, LagrangeUpstream, OnebotReverseUpstream, OnebotUpstream, Protocol,
    SignThrough, Upstream,
};
pub use url::{WebSocketUrl, WebSocketUrlError};

/// Reads a whole settings file.
///
/// # Errors
/// The problems of the text, a hundred at most, in the order of its lines, each with its place and what to do
/// about it.
/// A text that is not TOML gives only its syntax errors: its settings cannot be read then.
pub fn parse(text: &str) -> Result<Config, Problems> {
    read::parse(text)
}

/// The commented `perpetua.toml` that a node writes at its first start without settings: the
/// simulator and one client of it, on this machine only.
pub fn default_text() -> &'static str {
    include_str!("first-start.toml")
}

/// The same without an account, for a program that asks a person first which one it shall be.
pub fn default_text_without_account() -> String {
    let mut inside_account = false;
    let lines = default_text().split_inclusive('\n').filter(|line| {
        if line.starts_with("# ── ") {
            inside_account = line.contains("bot account");
        }
        !inside_account
    });
    lines.collect()
}
