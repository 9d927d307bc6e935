//! Windows programs run on Linux, by Wine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::packages::Need;
use crate::workspace::Workspace;
use crate::{folder, process};

/// Wine for 64-bit programs.
pub(crate) const WINE: Need = Need {
    name: "Wine",
    is_here: || process::find_program("wine").is_some(),
    debian: &["wine", "wine64"],
    macos: "brew install --cask wine-stable",
    windows: "nothing: Windows runs the program itself",
};

/// The C compiler and linker for Windows.
pub(crate) const MINGW: Need = Need {
    name: "the MinGW-w64 compiler",
    is_here: || process::find_program(MINGW_GCC).is_some(),
    debian: &["gcc-mingw-w64-x86-64"],
    macos: "brew install mingw-w64",
    windows: "winget install BrechtSanders.WinLibs.POSIX.UCRT",
};
const MINGW_GCC: &str = "x86_64-w64-mingw32-gcc";

/// A Windows of its own, without anything of another run; gone when dropped.
pub(crate) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// Sets it up in `prefix`, which is emptied first.
    pub(crate) fn fresh(prefix: PathBuf) -> Result<Self> {
        folder::clear(&prefix)?;
        fs::create_dir_all(&prefix)
            .with_context(|| format!("`{}` cannot be made", prefix.display()))?;
        let wine = Self { prefix };
        let mut boot = wine.command("wineboot");
        // What it starts stays for a while, and would keep our output open.
        boot.arg("--init")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        process::run(&mut boot)?;
        Ok(wine)
    }

    /// Has tests run the Windows program `exe` where they would run `perpetuad`.
    pub(crate) fn stand_in(&self, workspace: &Workspace, exe: &Path, tests: &mut Command) {
        self.enter(tests)
            .env(
                "PERPETUA_TEST_PERPETUAD",
                scripts(workspace).join("perpetuad"),
            )
            .env("PERPETUA_TEST_WINDOWS_PROGRAM", exe);
    }

    /// Has a Cargo run here what it builds for `target`, and tells tests that this is Wine: some of
    /// what Windows can, Wine cannot.
    pub(crate) fn run_tests_of(&self, target: &str, cargo: &mut Command) {
        let target = target.to_uppercase().replace('-', "_");
        self.enter(cargo)
            .env(format!("CARGO_TARGET_{target}_RUNNER"), "wine")
            .env("PERPETUA_TEST_WINE", "1");
    }

    /// Puts beside a program the one DLL of Windows 10 that Wine 8 lacks.
    pub(crate) fn add_missing_dll(workspace: &Workspace, beside: &Path) -> Result<()> {
        process::run(
            Command::new(MINGW_GCC)
                .args(["-shared", "-O1", "-o"])
                .arg(beside.with_file_name("bcryptprimitives.dll"))
                .arg(scripts(workspace).join("bcryptprimitives.c"))
                .arg("-ladvapi32"),
        )
    }

    /// Ends what the last program has left running. Without a display its desktop is one on which nothing
    /// is drawn, and a program that joins it shows no window either, whatever its own display.
    ///
    /// Wine ends by itself a moment after its last program. To kill it at once would leave behind those of
    /// its processes that are still starting.
    pub(crate) fn end(&self) {
        let mut wait = self.command("timeout");
        if !process::succeeds(wait.args(["20", "wineserver", "--wait"])) {
            process::succeeds(self.command("wineserver").arg("--kill"));
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        self.enter(&mut command);
        command
    }

    fn enter<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("WINEPREFIX", &self.prefix)
            .env("WINEDEBUG", "-all")
            .env_remove("DISPLAY")
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        self.end();
    }
}

fn scripts(workspace: &Workspace) -> PathBuf {
    workspace.root.join("xtask").join("wine")
}
