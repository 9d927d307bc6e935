//! What the core writes, how it ends, and the files and signers around it.

mod exit;
mod hostile;
mod import;
mod kept;
mod log;
mod login;
mod meaning;
mod qr;
mod recording;
mod settings;
mod signer;
