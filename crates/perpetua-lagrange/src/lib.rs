//! `perpetua-lagrange`: what is known of Lagrange.OneBot, the core that a node manages.
//!
//! It starts no process and keeps no state of its own: the driver (`perpetua-supervisor`) asks it what a
//! line of the log means ([`log`]), why a core ended ([`exit_cause`]), what to write for it and to
//! hand it before a start ([`LagrangeSettings`]), what client of QQ it can be ([`AppInfo`]), what a QR code says ([`qr`]),
//! how to keep and bring back a login ([`AccountFolder`], [`SessionBackup`]), and what another installation
//! holds ([`import`]). [`log`] and [`exit_cause`] are pure; everything that names a folder blocks for as
//! long as the disk takes.
//!
//! Facts come from the sources of Lagrange.OneBot (branch `v1`), where one is used, its file is named, and from the
//! program itself, built from them and run.

mod exit;
mod files;
pub mod import;
mod jsonc;
pub mod log;
mod login;
mod protocol;
pub mod qr;
mod settings;
mod signer;

pub use exit::exit_cause;
pub use login::{
    AccountFolder, Device, ForgottenLogin, KeptLogin, Keystore, LoginFile, Mended, SessionBackup,
    SessionBackupError, SetAside, backup_secret_name,
};
pub use protocol::{CoreProtocol, UnknownProtocol};
pub use settings::{LagrangeSettings, LagrangeSettingsError, WrittenSettings, inherited};
pub use signer::{AppInfo, ProxyUrl, ProxyUrlError, ResolvedSigner, SignerUrl, SignerUrlError};
