//! What commands need from the system: found, installed, or named.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// Something from outside that a command needs.
pub(crate) struct Need {
    /// What a person calls it.
    pub(crate) name: &'static str,
    /// Looks for it.
    pub(crate) is_here: fn() -> bool,
    /// The Debian packages that bring it.
    pub(crate) debian: &'static [&'static str],
    /// The line to type on macOS.
    pub(crate) macos: &'static str,
    /// The line to type on Windows.
    pub(crate) windows: &'static str,
}

impl Need {
    fn line_to_type(&self) -> String {
        if cfg!(target_os = "macos") {
            self.macos.to_owned()
        } else if cfg!(windows) {
            self.windows.to_owned()
        } else {
            format!("sudo apt-get install {}", self.debian.join(" "))
        }
    }
}

/// Makes sure of all `needs`.
///
/// # Errors
/// Where it may not install, it names everything that is missing at once.
pub(crate) fn require(needs: &[&Need]) -> Result<()> {
    let missing = missing(needs);
    if missing.is_empty() {
        return Ok(());
    }
    if may_install() {
        let debian: Vec<_> = missing
            .iter()
            .flat_map(|need| need.debian)
            .copied()
            .collect();
        install(&debian)?;
    }
    let still_missing = self::missing(&missing);
    if still_missing.is_empty() {
        return Ok(());
    }
    bail!(complaint(&still_missing))
}

/// Whether this is Debian, or of its family, and we are root: only then is anything installed.
pub(crate) fn may_install() -> bool {
    Path::new("/etc/debian_version").exists()
        && process::find_program("apt-get").is_some()
        && process::output(Command::new("id").arg("-u")).is_ok_and(|user| user.trim() == "0")
}

/// Installs Debian packages, after one look at what the archive has today.
fn install(packages: &[&str]) -> Result<()> {
    process::run(Command::new("apt-get").args(["update", "--quiet=2"]))
        .context("Debian's package lists could not be read; is the network there?")?;
    process::run(
        Command::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .args(["install", "--quiet=2", "--yes", "--no-install-recommends"])
            .args(packages),
    )
}

fn missing<'a>(needs: &[&'a Need]) -> Vec<&'a Need> {
    needs
        .iter()
        .copied()
        .filter(|need| !(need.is_here)())
        .collect()
}

fn complaint(missing: &[&Need]) -> String {
    let mut text = String::from("something is missing here:");
    for need in missing {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\n  {}; type `{}`", need.name, need.line_to_type());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESENT: Need = Need {
        name: "a thing that is here",
        is_here: || true,
        debian: &["present"],
        macos: "brew install present",
        windows: "winget install present",
    };
    const ABSENT: Need = Need {
        name: "a thing that is not here",
        is_here: || false,
        debian: &["absent-bin", "absent-data"],
        macos: "brew install absent",
        windows: "winget install absent",
    };

    #[test]
    fn what_is_here_needs_nothing() {
        assert!(require(&[&PRESENT]).is_ok());
    }

    #[test]
    fn all_that_is_missing_is_named_with_the_line_to_type() {
        let text = complaint(&missing(&[&PRESENT, &ABSENT]));
        assert!(text.contains("a thing that is not here; type `"), "{text}");
        assert!(text.contains(&ABSENT.line_to_type()), "{text}");
        assert!(!text.contains(PRESENT.name), "{text}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn on_linux_the_line_installs_every_package() {
        assert_eq!(
            ABSENT.line_to_type(),
            "sudo apt-get install absent-bin absent-data"
        );
    }
}
