//! The pinned table: digests that this repository vouches for, `core-digests.toml`.

use serde::Deserialize;
use thiserror::Error;

use crate::Sha256;

/// The table of this version of the program.
const BUILT_IN: &str = include_str!("../../../core-digests.toml");

/// Files that are known to be good, by name and digest. One name may have several.
#[derive(Clone, Default, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pinned {
    #[serde(default)]
    core: Vec<Entry>,
}

#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    sha256: Sha256,
}

/// A text is no such table.
#[derive(Debug, Error)]
#[error("the table of digests cannot be read: {0}")]
pub struct PinnedError(#[from] toml::de::Error);

impl Pinned {
    /// The table that this program was built with.
    pub fn built_in() -> Result<Self, PinnedError> {
        Self::parse(BUILT_IN)
    }

    /// Reads a table in the form that `core-digests.toml` tells of.
    pub fn parse(text: &str) -> Result<Self, PinnedError> {
        Ok(toml::from_str(text)?)
    }

    /// Whether a file of this name with this digest is known to be good.
    pub fn vouches(&self, name: &str, sha256: Sha256) -> bool {
        self.core
            .iter()
            .any(|entry| entry.name == name && entry.sha256 == sha256)
    }
}

#[cfg(test)]
mod tests {
    use super::Pinned;
    use crate::Sha256;

    #[test]
    fn the_table_of_this_repository_can_be_read() {
        Pinned::built_in().expect("`core-digests.toml`");
    }

    #[test]
    fn the_example_of_the_tables_own_comments_is_an_entry() {
        let commented = super::BUILT_IN
            .lines()
            .filter_map(|line| line.strip_prefix("#     "));
        let example: Vec<&str> = commented.collect();
        let table = Pinned::parse(&example.join("\n")).expect("the example");
        let digest = Sha256::of(b"");
        assert!(table.vouches(
            "Lagrange.OneBot_linux-x64_net9.0_SelfContained.tar.gz",
            digest
        ));
        assert!(!table.vouches(
            "Lagrange.OneBot_linux-arm_net9.0_SelfContained.tar.gz",
            digest
        ));
    }

    #[test]
    fn a_misspelt_key_or_digest_is_an_error() {
        for text in [
            "[[cores]]\nname = \"x\"",
            "[[core]]\nname = \"x\"\nsha256 = \"12\"",
            "[[core]]\nname = \"x\"",
        ] {
            assert!(Pinned::parse(text).is_err(), "{text}");
        }
    }
}
