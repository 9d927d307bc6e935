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

/// Messages as a reader sees them, one line each.
fn texts(messages: &[perpetua_words::Message]) -> String {
    let lines: Vec<String> = messages.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
