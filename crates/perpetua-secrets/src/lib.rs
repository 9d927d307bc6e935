//! `perpetua-secrets`: tokens, and where they are kept (invariant 9).
//!
//! [`Secret`] is a token that no log and no error can show. [`SecretStore`] keeps secrets by name: in
//! the keyring of the operating system, in a file for servers without one, or in memory for tests.
//! Every call of a store blocks, a keyring for up to its time limit; a caller inside a runtime puts it
//! on a thread for blocking work (`tokio::task::spawn_blocking`).

mod error;
mod file;
mod keyring;
mod secret;
mod store;

pub use error::{InvalidSecret, SecretError};
pub use keyring::KEYRING_TIME_LIMIT;
pub use secret::{Secret, generate_token};
pub use store::{SecretBackend, SecretStore};
