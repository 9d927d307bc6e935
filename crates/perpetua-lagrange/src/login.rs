//! The files of a login: the session, the device, the QR picture, and sealed copies of the first two.

mod copy_name;
mod folder;
mod judged;
mod mend;
mod sealed;
mod session_backup;
mod set_aside;

pub use folder::AccountFolder;
pub use judged::{Device, Keystore};
pub(crate) use judged::{judged_device, judged_keystore};
pub use mend::Mended;
pub use session_backup::{
    ForgottenLogin, KeptLogin, SessionBackup, SessionBackupError, backup_secret_name,
};
pub use set_aside::{LoginFile, SetAside};
