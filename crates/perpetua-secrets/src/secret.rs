//! A token, or a key that something is signed with, as a type that does not show itself.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{InvalidSecret, SecretError};

/// How many random bytes a token is made of: far beyond guessing.
const TOKEN_BYTES: usize = 32;

/// A token or a key. `Debug` prints `[redacted]`, `Display` does not exist, the memory is wiped at the end.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a token as someone wrote it; white space at its ends, such as a file's last line end,
    /// is not part of it. What is left must be visible ASCII, because it travels in HTTP headers.
    pub fn new(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidSecret::Unprintable);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Takes what messages are signed with as someone wrote it: any text, because it is sent nowhere. White space at its
    /// ends is not part of it, as of a token.
    pub fn key(text: &str) -> Result<Self, InvalidSecret> {
        let text = text.trim();
        if text.is_empty() {
            return Err(InvalidSecret::Empty);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// The same secret, if it can be a token.
    pub fn as_token(&self) -> Result<Self, InvalidSecret> {
        Self::new(self.expose())
    }

    /// The token itself, for the one place that sends or stores it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether someone showed this token. How long it takes does not tell how much of it was right.
    pub fn matches(&self, shown: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(shown).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other.expose().as_bytes())
    }
}

impl Eq for Secret {}

/// Makes a new token: 32 random bytes of the operating system as 43 characters that need no escape
/// in a URL, a header or a shell.
pub fn generate_token() -> Result<Secret, SecretError> {
    let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|error| SecretError::Random {
        reason: error.to_string(),
    })?;
    Ok(Secret(Zeroizing::new(
        BASE64URL_NOPAD.encode(bytes.as_slice()),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_it() {
        let secret = Secret::new("hunter2").expect("secret");
        assert_eq!(
            format!("{secret:?} {:?}", Some(&secret)),
            "[redacted] Some([redacted])"
        );
    }

    #[test]
    fn white_space_at_the_ends_is_not_part_of_it() {
        assert_eq!(
            Secret::new(" hunter2\r\n").expect("secret").expose(),
            "hunter2"
        );
    }

    #[test]
    fn what_cannot_be_a_token() {
        for (text, fault) in [
            ("", InvalidSecret::Empty),
            (" \n", InvalidSecret::Empty),
            ("two words", InvalidSecret::Unprintable),
            ("two\nlines", InvalidSecret::Unprintable),
            ("密码", InvalidSecret::Unprintable),
        ] {
            assert_eq!(Secret::new(text).err(), Some(fault), "{text:?}");
        }
    }

    #[test]
    fn a_key_is_any_text_and_not_always_a_token() {
        for (text, is_token) in [
            (" k1\r\n", true),
            ("two words", false),
            ("two\nlines", false),
            ("\u{1}", false),
            ("密码", false),
        ] {
            let key = Secret::key(text).expect("a key");
            assert_eq!(key.expose(), text.trim());
            assert_eq!(key.as_token().is_ok(), is_token, "{text:?}");
        }
        assert_eq!(Secret::key(" \n").err(), Some(InvalidSecret::Empty));
    }

    #[test]
    fn only_the_whole_token_matches() {
        let secret = Secret::new("hunter2").expect("secret");
        assert!(secret.matches(b"hunter2"));
        for wrong in ["", "hunter", "hunter22", "Hunter2"] {
            assert!(!secret.matches(wrong.as_bytes()), "{wrong}");
        }
    }

    #[test]
    fn tokens_are_long_url_safe_and_different() {
        let (one, other) = (
            generate_token().expect("token"),
            generate_token().expect("token"),
        );
        assert_eq!(one.expose().len(), 43);
        let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        assert!(one.expose().bytes().all(is_safe));
        assert_ne!(one, other);
    }
}
