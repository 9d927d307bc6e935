//! What macOS wants before it runs a program that came from the network.
//!
//! The core is neither notarised nor, for arm64, always signed. Removing the quarantine attribute and
//! signing ad hoc is what its documentation has people do by hand. Whether it was enough, the trial
//! start tells.

use std::path::Path;
use std::process::{Command, Stdio};

/// Makes the program and the libraries beside it runnable on macOS; nothing to do elsewhere.
/// Blocks for as long as the tools take. Gives what went wrong, for people.
pub(crate) fn prepare(os: &str, folder: &Path, program: &Path) -> Vec<String> {
    if os != "macos" {
        return Vec::new();
    }
    let mut unquarantine = Command::new("xattr");
    unquarantine
        .args(["-d", "-r", "com.apple.quarantine"])
        .arg(folder);
    let mut sign = Command::new("codesign");
    sign.args(["--force", "--sign", "-"]).arg(program);
    // Files that this program wrote have no quarantine attribute, which `xattr` calls an error.
    let _ = run(&mut unquarantine);
    run(&mut sign).err().into_iter().collect()
}

fn run(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{name}` cannot be run ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{name}` failed: {}", words.trim()))
}
