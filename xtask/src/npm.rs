//! Node.js, and the packages that a folder's lock file names.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::Need;
use crate::{folder, process};

/// The oldest Node.js that builds the page.
const OLDEST: (u32, u32) = (20, 19);

/// Node.js and its package tool.
pub(crate) const NODE: Need = Need {
    name: "Node.js 20.19 or later with npm",
    is_here: || is_recent() && process::find_program("npm").is_some(),
    debian: &["nodejs", "npm"],
    macos: "brew install node",
    windows: "winget install OpenJS.NodeJS.LTS",
};

/// Installs what `home`'s lock file names into its `node_modules`; done once for each state of that
/// file.
pub(crate) fn install(home: &Path) -> Result<()> {
    let lock = home.join("package-lock.json");
    let source = fs::read_to_string(&lock)
        .with_context(|| format!("`{}` cannot be read", lock.display()))?;
    let installed = home.join("node_modules");
    if folder::is_fresh(&installed, &source) {
        return Ok(());
    }
    process::run(npm(home)?.args(["ci", "--no-audit", "--no-fund"]))?;
    folder::mark(&installed, &source)
}

/// A script of `home`'s `package.json`.
pub(crate) fn script(home: &Path, name: &str) -> Result<Command> {
    let mut command = npm(home)?;
    command.args(["run", "--silent", name]);
    Ok(command)
}

/// npm, for the packages of `home`.
pub(crate) fn npm(home: &Path) -> Result<Command> {
    let program = process::find_program("npm").context("`npm` is missing")?;
    let mut command = Command::new(program);
    command.current_dir(home);
    Ok(command)
}

fn is_recent() -> bool {
    process::output(Command::new("node").arg("--version"))
        .is_ok_and(|answer| version(&answer).is_some_and(|found| found >= OLDEST))
}

/// Reads `v20.19.4`.
fn version(answer: &str) -> Option<(u32, u32)> {
    let mut numbers = answer.trim().strip_prefix('v')?.split('.');
    let mut next = || numbers.next()?.parse().ok();
    Some((next()?, next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(version("v20.19.4\n"), Some(OLDEST));
        assert!(version("v20.9.0").is_some_and(|found| found < OLDEST));
        assert!(version("v22.1.0").is_some_and(|found| found >= OLDEST));
        assert_eq!(version("node"), None);
    }
}
