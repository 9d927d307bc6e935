//! What the core writes, how it ends, and the files and signers around it.

mod clock;
mod damaged;
mod disk;
mod exit;
mod foreign_copies;
mod hostile;
mod import;
mod import_damaged;
mod import_outside;
mod kept;
mod log;
mod login;
mod logins;
mod meaning;
mod qr;
mod recording;
mod settings;
mod signer;
mod whose_copy;

/// Messages as a reader sees them, one line each.
fn texts(messages: &[perpetua_words::Message]) -> String {
    let lines: Vec<String> = messages.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
