//! What the program lets the system open.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Result;
use perpetua_e2e::until;

/// The files, folders and links that were opened.
pub struct Opened {
    noted: PathBuf,
}

impl Opened {
    /// Puts an editor, and what opens everything else, before the system's.
    pub(crate) fn catch(programs: &Path, home: &Path) -> Result<Self> {
        fs::create_dir_all(programs)?;
        let noted = home.join("opened");
        let script = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", noted.display());
        for name in ["code", "xdg-open"] {
            let opener = programs.join(name);
            fs::write(&opener, &script)?;
            fs::set_permissions(&opener, fs::Permissions::from_mode(0o755))?;
        }
        Ok(Self { noted })
    }

    /// Waits until something was opened whose name ends so.
    pub async fn has(&self, end: &str) -> Result<()> {
        until(&format!("`{end}` to be opened"), async || {
            let noted = fs::read_to_string(&self.noted).unwrap_or_default();
            Ok(noted.lines().any(|line| line.ends_with(end)).then_some(()))
        })
        .await
    }
}
