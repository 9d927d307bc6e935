//! Where a token comes from. The token itself is never here (invariant 9).

use std::path::PathBuf;

/// Where a secret is kept; the node reads it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenSource {
    /// An environment variable.
    Env(String),
    /// A file whose content, without white space at its ends, is the token. A relative path starts at
    /// the folder of `perpetua.toml`.
    File(PathBuf),
    /// An entry of the secret store.
    Secret(String),
}

/// What a listener asks of those who connect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ListenerToken {
    /// Nothing was written: the node makes a token at the first start and keeps it in the secret store.
    #[default]
    Generated,
    /// `"off"`: no token is asked for. Only ever on a loopback address (invariant 8).
    Off,
    /// The token is kept elsewhere.
    From(TokenSource),
}
