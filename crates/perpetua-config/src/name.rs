//! Names of accounts, clients and signers.

use std::fmt;
use std::sync::Arc;

use perpetua_words::{Message, config as words};

/// The name of an account, a client or a signer: 1 to 32 of `a`-`z`, `0`-`9`, `_` and `-`, not `-` at first,
/// where a command line would take it for an option.
///
/// It becomes part of web addresses, of metrics and of the names of secrets, so it is kept to what all
/// of them take. A cheap clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Names of devices on Windows: no file or folder can have one of them there. Those with a number
/// (`com1`, `lpt1`) are told by their first three letters.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Why a text is no [`Name`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
pub enum NameError {
    /// It is too long, empty, or has other characters.
    Rule,
    /// It is the name of a device on Windows, and could not name a folder there.
    Device(String),
}

impl From<&NameError> for Message {
    fn from(error: &NameError) -> Self {
        match error {
            NameError::Rule => words::NameRule {
                most: Name::MAX_LENGTH,
            }
            .into(),
            NameError::Device(name) => words::NameOfDevice { name }.into(),
        }
    }
}

impl Name {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 32;

    /// Takes a text that fits the rule.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len())
            && !text.starts_with('-')
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if !fits {
            return Err(NameError::Rule);
        }
        if is_device(text) {
            return Err(NameError::Device(text.to_owned()));
        }
        Ok(Self(text.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_device(name: &str) -> bool {
    let is_numbered =
        |rest: &str| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let number = name.strip_prefix("com").or(name.strip_prefix("lpt"));
    DEVICES.contains(&name) || number.is_some_and(is_numbered)
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

/// Lets a map with names as keys be asked with a `&str`.
impl std::borrow::Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_at_its_edges() {
        for good in ["a", "nonebot-2_x", &"a".repeat(32)] {
            assert_eq!(
                Name::new(good).map(|name| name.to_string()),
                Ok(good.to_owned())
            );
        }
        for bad in [
            "",
            "Bot",
            "机器人",
            "a b",
            "a/b",
            "a.b",
            "-",
            "--help",
            &"a".repeat(33),
        ] {
            assert_eq!(Name::new(bad), Err(NameError::Rule), "{bad}");
        }
    }

    #[test]
    fn no_name_is_that_of_a_device_of_windows() {
        for bad in ["con", "prn", "aux", "nul", "com1", "lpt9", "com0"] {
            assert_eq!(Name::new(bad), Err(NameError::Device(bad.into())));
        }
        for good in ["console", "com", "com10", "comx", "nul-1"] {
            assert!(Name::new(good).is_ok(), "{good}");
        }
    }
}
