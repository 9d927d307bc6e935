//! The sealed form of a login.
//!
//! ```text
//! "perpetua-login 1\n"   what it is, and authenticated too
//! 24 bytes               nonce
//! the rest               XChaCha20-Poly1305 of the login as JSON
//! ```

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use perpetua_secrets::Secret;
use serde::{Deserialize, Serialize};

const KIND: &[u8] = b"perpetua-login 1\n";
const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;

/// The texts of the files that make a login.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Login {
    pub(super) keystore: String,
    pub(super) device: Option<String>,
}

/// Why bytes cannot be sealed or opened.
#[derive(Debug)]
pub(super) enum Unsealable {
    /// The key in the keyring is none that we made.
    Key,
    /// The bytes are no sealed login, or cut.
    Form,
    /// The key does not open them: it is another one, or they were changed.
    Closed,
    /// The system gives no random bytes.
    Random(String),
}

pub(super) fn seal(login: &Login, key: &Secret) -> Result<Vec<u8>, Unsealable> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| Unsealable::Random(error.to_string()))?;
    let plain = serde_json::to_vec(login).map_err(|_| Unsealable::Form)?;
    let payload = Payload {
        msg: &plain,
        aad: KIND,
    };
    let sealed = cipher(key)?.encrypt(&XNonce::from(nonce), payload);
    let sealed = sealed.map_err(|_| Unsealable::Form)?;
    Ok([KIND, &nonce, &sealed].concat())
}

pub(super) fn open(bytes: &[u8], key: &Secret) -> Result<Login, Unsealable> {
    let rest = bytes.strip_prefix(KIND).ok_or(Unsealable::Form)?;
    let (nonce, sealed) = rest
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(Unsealable::Form)?;
    let payload = Payload {
        msg: sealed,
        aad: KIND,
    };
    let plain = cipher(key)?.decrypt(&XNonce::from(*nonce), payload);
    let plain = plain.map_err(|_| Unsealable::Closed)?;
    serde_json::from_slice(&plain).map_err(|_| Unsealable::Form)
}

/// The key is a token of ours: 32 random bytes in base64.
fn cipher(key: &Secret) -> Result<XChaCha20Poly1305, Unsealable> {
    let bytes = BASE64URL_NOPAD
        .decode(key.expose().as_bytes())
        .map_err(|_| Unsealable::Key)?;
    let bytes: [u8; KEY_BYTES] = bytes.try_into().map_err(|_| Unsealable::Key)?;
    Ok(XChaCha20Poly1305::new(&bytes.into()))
}
