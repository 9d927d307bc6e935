//! The browser that the tests of other origins' pages open.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::{self, Need};
use crate::process;

const CHROMIUM: Need = Need {
    name: "Chromium or Google Chrome",
    is_here: || find().is_some(),
    debian: &["chromium"],
    macos: "brew install --cask google-chrome",
    windows: "winget install Google.Chrome",
};

/// A browser that a test can open.
pub(crate) struct Browser {
    program: PathBuf,
}

impl Browser {
    /// Finds it, and installs it where it may.
    pub(crate) fn prepare() -> Result<Self> {
        packages::require(&[&CHROMIUM])?;
        let program = find().with_context(|| format!("{} is missing", CHROMIUM.name))?;
        Ok(Self { program })
    }

    /// Tells a test run where it is.
    pub(crate) fn announce_to(&self, tests: &mut Command) {
        tests.env("PERPETUA_TEST_CHROMIUM", &self.program);
    }
}

/// On the path, or where its installers for macOS and Windows put it, which is not there.
fn find() -> Option<PathBuf> {
    const NAMES: [&str; 5] = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ];
    const PLACES: [&str; 4] = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    ];
    let installed = PLACES.into_iter().map(PathBuf::from);
    NAMES
        .into_iter()
        .find_map(process::find_program)
        .or_else(|| installed.into_iter().find(|place| place.is_file()))
}
