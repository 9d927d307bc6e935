//! The files of a login: the session, the device, the QR picture, and sealed copies of the first two.

mod folder;
mod sealed;
mod session_backup;

pub(crate) use folder::judged;
pub use folder::{AccountFolder, Device, Keystore};
pub use session_backup::{
    ForgottenLogin, KeptLogin, SessionBackup, SessionBackupError, backup_secret_name,
};
