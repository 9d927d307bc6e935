//! Signatures of minisign, as Tauri's tools make them: who signed a file, and as what.

use std::{fs::File, io::Read as _, path::Path};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minisign_verify::{PublicKey, Signature};
use perpetua_fs::{FileAction, FileError};
use semver::Version;
use thiserror::Error;

/// How much of a file is read at once.
const PIECE: usize = 256 * 1024;

/// The key that makes files good.
#[derive(Clone)]
pub struct ReleaseKey(PublicKey);

impl std::fmt::Debug for ReleaseKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ReleaseKey")
    }
}

/// Why a file does not count.
#[derive(Debug, Error)]
#[error("{}", perpetua_words::Message::from(self))]
pub enum SignatureProblem {
    /// What stands as its signature is none.
    Unreadable,
    /// The file is not what was signed, or somebody else signed it.
    Wrong,
    /// It was signed as another version than this.
    OfOther(Version),
    /// The file cannot be read.
    Disk(FileError),
}

impl ReleaseKey {
    /// A key as Tauri's configuration has it: minisign's file of the public key, in base64.
    pub fn new(text: &str) -> Option<Self> {
        PublicKey::decode(&decoded(text)?).ok().map(Self)
    }

    /// Whether the file is what this key has signed as this version; blocks. It is read in pieces.
    pub fn prove(
        &self,
        file: &Path,
        signature: &str,
        version: &Version,
    ) -> Result<(), SignatureProblem> {
        let text = decoded(signature).ok_or(SignatureProblem::Unreadable)?;
        let signature = Signature::decode(&text).map_err(|_none| SignatureProblem::Unreadable)?;
        let proving = self.0.verify_stream(&signature);
        let mut proving = proving.map_err(|_other_key| SignatureProblem::Wrong)?;
        let failed = |cause| SignatureProblem::Disk(FileError::new(FileAction::Read, file, cause));
        let mut opened = File::open(file).map_err(failed)?;
        let mut piece = vec![0; PIECE];
        loop {
            let count = opened.read(&mut piece).map_err(failed)?;
            if count == 0 {
                break;
            }
            proving.update(&piece[..count]);
        }
        // Only now is the comment known to be theirs: it is signed together with the signature.
        proving
            .finalize()
            .map_err(|_wrong| SignatureProblem::Wrong)?;
        if names(signature.trusted_comment(), version) {
            Ok(())
        } else {
            Err(SignatureProblem::OfOther(version.clone()))
        }
    }
}

fn decoded(base64: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64.trim()).ok()?).ok()
}

/// Whether the signed comment names this version: as `version:0.2.0`, or between underscores of the name of the
/// file, as in `file:perpetua_0.2.0_amd64.AppImage`.
fn names(comment: &str, version: &Version) -> bool {
    let version = version.to_string();
    comment
        .split('\t')
        .any(|field| match field.split_once(':') {
            Some(("version", named)) => named.trim() == version,
            Some(("file", name)) => name.split('_').any(|part| part == version),
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::names;

    #[test]
    fn a_signed_comment_names_one_version() {
        let version = Version::new(0, 2, 0);
        for comment in [
            "timestamp:1\tfile:perpetua_0.2.0_amd64.AppImage",
            "timestamp:1\tfile:perpetua_0.2.0_x64-setup.exe\thashed",
            "timestamp:1\tversion:0.2.0\tfile:perpetua.app.tar.gz",
        ] {
            assert!(names(comment, &version), "{comment}");
        }
        for comment in [
            "timestamp:1\tfile:perpetua_0.2.01_amd64.AppImage",
            "timestamp:1\tfile:perpetua_10.2.0_amd64.AppImage",
            "timestamp:1\tfile:perpetua.app.tar.gz",
            "0.2.0",
            "",
        ] {
            assert!(!names(comment, &version), "{comment}");
        }
    }
}
