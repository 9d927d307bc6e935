//! Names of accounts, clients and signers.

use std::fmt;
use std::sync::Arc;

/// The name of an account, a client or a signer: 1 to 32 of `a`-`z`, `0`-`9`, `_` and `-`.
///
/// It becomes part of web addresses, of metrics and of the names of secrets, so it is kept to what all
/// of them take. A cheap clone.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// Why a text is no [`Name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a name has 1 to 32 characters out of `a`-`z`, `0`-`9`, `_` and `-`, \
     because it becomes part of web addresses, metrics and the names of secrets"
)]
pub struct NameError;

impl Name {
    /// The longest name, in characters.
    pub const MAX_LENGTH: usize = 32;

    /// Takes a text that fits the rule.
    pub fn new(text: &str) -> Result<Self, NameError> {
        let fits = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'));
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(NameError)
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        for bad in ["", "Bot", "机器人", "a b", "a/b", "a.b", &"a".repeat(33)] {
            assert_eq!(Name::new(bad), Err(NameError), "{bad}");
        }
    }
}
