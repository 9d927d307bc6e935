//! What tells one packed version of the fake core from another: a file beside its program.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file beside the program. An installer that keeps only the program loses it, and the commit shows it.
pub(crate) const BUILD_FILE: &str = "fake-build.json";

/// The commit that the real public releases print (tag `nightly` of Lagrange.Core).
const NIGHTLY: &str = "625e9b29268c94feddaa64d57287b622b5bb2293";

/// One version of the fake core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The commit that it prints, 40 hex digits.
    pub commit: String,
    /// What becomes of each start.
    pub fate: Fate,
}

/// What becomes of each start of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It works.
    Works,
    /// It crashes so many milliseconds after the account is online.
    CrashesOnline(u64),
    /// It prints nothing and never will.
    Mute,
    /// It says its version, and nothing more ever.
    Hangs,
    /// The file is no program of this system.
    NoProgram,
}

impl Default for Build {
    fn default() -> Self {
        Self {
            commit: NIGHTLY.to_owned(),
            fate: Fate::Works,
        }
    }
}

impl Build {
    /// A version that works, with a commit of this digit.
    pub fn numbered(digit: u8) -> Self {
        Self {
            commit: format!("{:x}", digit % 16).repeat(40),
            fate: Fate::Works,
        }
    }

    /// With this fate.
    #[must_use]
    pub fn with(mut self, fate: Fate) -> Self {
        self.fate = fate;
        self
    }

    /// Reads the file beside this program; the default when there is none.
    pub fn beside(program: &Path) -> io::Result<Self> {
        match std::fs::read(program.with_file_name(BUILD_FILE)) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }
}
