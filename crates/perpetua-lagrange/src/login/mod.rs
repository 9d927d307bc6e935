//! The files of a login: the session, the device, the QR picture, and sealed copies of the first two.

mod folder;
mod sealed;
mod vault;

pub(crate) use folder::judged;
pub use folder::{AccountFolder, Keystore};
pub use vault::{KeptLogin, Vault, VaultError, vault_secret_name};
