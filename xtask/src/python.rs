//! Python, and virtual environments of our own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::Need;
use crate::{folder, process};

/// A Python that can make virtual environments.
pub(crate) const PYTHON: Need = Need {
    name: "Python 3.10 or later with `venv`",
    is_here: || find().is_some(),
    debian: &["python3", "python3-venv"],
    macos: "brew install python",
    windows: "winget install Python.Python.3.13",
};

/// Makes `home` a virtual environment with what `requirements` pins, unless it is that already.
///
/// Returns the environment's Python.
pub(crate) fn environment(home: &Path, requirements: &Path) -> Result<PathBuf> {
    let base = find().with_context(|| format!("{} is missing", PYTHON.name))?;
    let ask = ["-c", "import sys; print(sys.version)"];
    let version = process::output(Command::new(&base).args(ask))?;
    let pinned = fs::read_to_string(requirements)
        .with_context(|| format!("`{}` cannot be read", requirements.display()))?;
    let source = format!("{}\n{version}\n{pinned}", base.display());
    let python = home.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if python.exists() && folder::is_fresh(home, &source) {
        return Ok(python);
    }
    // An environment made over another one keeps half of it.
    folder::clear(home)?;
    process::run(Command::new(&base).args(["-m", "venv"]).arg(home))?;
    process::run(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "--disable-pip-version-check",
                "install",
                "--quiet",
                "-r",
            ])
            .arg(requirements),
    )?;
    folder::mark(home, &source)?;
    Ok(python)
}

/// Found by running it: Debian's Python may lack `ensurepip`, and the `python3` of a fresh Windows
/// only opens a shop.
fn find() -> Option<PathBuf> {
    ["python3", "python"]
        .into_iter()
        .filter_map(process::find_program)
        .find(|python| {
            let question = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
            process::succeeds(Command::new(python).args(["-c", question]))
        })
}
