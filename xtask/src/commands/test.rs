//! `cargo xtask test`: every test there is.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::interop::Frameworks;
use crate::packages::{self, Need};
use crate::tally::Tally;
use crate::workspace::Workspace;
use crate::{fuzz, process, tools};

/// The package with the program's own tests is left to a run of its own: together with the others
/// its crates would be built with other features, over the very program that is running.
const ALL_BUT_US: [&str; 3] = ["--workspace", "--exclude", "xtask"];
const US: [&str; 2] = ["--package", "xtask"];

/// A keyring like that of a desktop, for the tests of `perpetua-secrets`; they start their own.
const KEYRING: Need = Need {
    name: "GNOME's keyring and D-Bus",
    is_here: || {
        let programs = ["gnome-keyring-daemon", "dbus-run-session"];
        programs
            .into_iter()
            .all(|program| process::find_program(program).is_some())
    },
    debian: &["dbus-daemon", "gnome-keyring"],
    macos: "nothing: the tests need Linux",
    windows: "nothing: the tests use the Credential Manager",
};

/// Runs the tests of all packages, with the bot frameworks beside them, then the documentation's
/// examples; with `long`, each fuzz target for a minute.
pub(crate) fn run(workspace: &Workspace, long: bool) -> Result<()> {
    let frameworks = Frameworks::prepare(workspace)?;
    if cfg!(target_os = "linux") {
        packages::offer(&[&KEYRING]);
    }
    // Programs too, not only tests: those of `perpetua-e2e` run the `perpetuad` beside them.
    process::run(
        workspace
            .cargo()
            .arg("build")
            .args(ALL_BUT_US)
            .arg("--all-targets"),
    )?;
    let mut tally = Tally::default();
    let mut tests = runner(workspace, &ALL_BUT_US);
    frameworks.announce_to(&mut tests);
    tally += Tally::of(&mut tests)?;
    tally += Tally::of(&mut runner(workspace, &US))?;
    tally += Tally::of(workspace.cargo().args(["test", "--doc"]).args(ALL_BUT_US))?;
    if long {
        fuzz::run_for_a_minute_each(workspace)?;
    }
    println!("{tally}");
    ensure!(
        tally.failed == 0,
        "some tests failed; their output is above"
    );
    Ok(())
}

/// nextest where it is installed, which is faster and gives each test a process; otherwise plain
/// `cargo test`, because to build nextest first takes longer than all of our tests.
fn runner(workspace: &Workspace, packages: &[&str]) -> Command {
    let mut runner = workspace.cargo();
    if tools::has("nextest") {
        runner.args(["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
    } else {
        runner.args(["test", "--no-fail-fast", "--all-targets"]);
    }
    runner.args(packages);
    runner
}
