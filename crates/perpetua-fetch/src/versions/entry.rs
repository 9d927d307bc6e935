//! One installed version: how it is recorded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{self, Unexpected};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::files::RecordedFile;
use crate::{Sha256, Voucher};

/// A tag in the name of a folder is cut here; GitHub's usual ones are much shorter.
const TAG_LENGTH: usize = 40;

/// A version that is installed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installed {
    /// Its name, such as `nightly-3fa9c1d2`: the release's tag and the first digits of the digest.
    pub id: String,
    /// The program, as an absolute path where the data folder's is.
    pub program: PathBuf,
    /// The digest of the file that it was installed from.
    pub sha256: Sha256,
    /// Where that file came from, for people.
    pub origin: String,
    /// Who vouched for it; versions that were installed by older programs do not say.
    pub voucher: Option<Voucher>,
    /// The size of that file; bytes.
    pub size: u64,
    /// The commit that the program said it was built from, in its trial start.
    pub commit: Option<String>,
    /// When it was installed.
    pub installed_at: SystemTime,
}

/// The same, as it is recorded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: String,
    /// The program's file name in the version's folder.
    pub(crate) program: String,
    pub(crate) sha256: Sha256,
    pub(crate) origin: String,
    /// One that only a newer program knows is none.
    #[serde(default, deserialize_with = "known_voucher")]
    pub(crate) voucher: Option<Voucher>,
    pub(crate) size: u64,
    pub(crate) commit: Option<String>,
    /// Seconds since 1970.
    pub(crate) installed_at: u64,
    pub(crate) files: Vec<RecordedFile>,
    /// The accounts that it has brought online. `None` of a version that an older program has installed, which
    /// did not note it: it is taken for one that works.
    #[serde(default)]
    pub(crate) online: Option<BTreeMap<String, BroughtOnline>>,
    /// It was such a version, and has brought accounts online since: that is no reason to doubt it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) taken_for_good: bool,
}

/// That a version has brought an account online.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct BroughtOnline {
    /// The account stayed so for long enough to call the version good.
    pub(crate) lasted: bool,
    /// Greater than that of whatever came online before; no clock, which may be set.
    pub(crate) turn: u64,
}

/// The name of a version.
pub(super) fn id(tag: &str, sha256: Sha256) -> String {
    let allowed =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let letters = tag
        .chars()
        .map(|letter| if allowed(letter) { letter } else { '-' });
    let tag: String = letters.take(TAG_LENGTH).collect();
    let tag = tag.trim_start_matches(['.', '-']);
    let tag = if tag.is_empty() { "core" } else { tag };
    format!("{tag}-{}", sha256.short())
}

/// Whether a name is that of one file or folder, and leads nowhere else.
pub(super) fn is_plain(name: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(is_allowed)
}

fn known_voucher<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Voucher>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl Entry {
    /// Whether an older program has installed it, which did not note whom it brought online.
    pub(super) fn is_taken_for_good(&self) -> bool {
        self.taken_for_good || self.online.is_none()
    }

    /// Reads one; the error says what is wrong with it. Names that lead out of the folder make it none.
    pub(super) fn read(value: Value) -> Result<Self, String> {
        let entry: Self = serde_json::from_value(value).map_err(|error| error.to_string())?;
        for name in [&entry.id, &entry.program] {
            if !is_plain(name) {
                let found = Unexpected::Str(name);
                let error: serde_json::Error = de::Error::invalid_value(found, &"plain name");
                return Err(error.to_string());
            }
        }
        Ok(entry)
    }

    pub(super) fn told(&self, folder: &Path) -> Installed {
        Installed {
            id: self.id.clone(),
            program: folder.join(&self.id).join(&self.program),
            sha256: self.sha256,
            origin: self.origin.clone(),
            voucher: self.voucher,
            size: self.size,
            commit: self.commit.clone(),
            installed_at: UNIX_EPOCH + Duration::from_secs(self.installed_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TAG_LENGTH, id};
    use crate::Sha256;

    #[test]
    fn a_version_is_named_after_its_tag_and_digest() {
        assert_eq!(id("nightly", Sha256::of(b"")), "nightly-e3b0c442");
        assert_eq!(id("../../etc", Sha256::of(b"")), "etc-e3b0c442");
        assert_eq!(id("夜", Sha256::of(b"")), "core-e3b0c442");
    }

    proptest! {
        #[test]
        fn whatever_the_tag_the_name_is_one_harmless_folder(tag: String) {
            let id = id(&tag, Sha256::of(b""));
            prop_assert!(id.len() <= TAG_LENGTH + 9);
            prop_assert!(!id.starts_with('.') && id.ends_with("-e3b0c442"));
            prop_assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
        }
    }
}
