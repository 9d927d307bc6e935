//! `cargo xtask test`: every test there is.

use std::process::Command;

use anyhow::Result;

use crate::browser::Browser;
use crate::front::ReverseProxies;
use crate::interop::Frameworks;
use crate::ui::Ui;
use crate::workspace::{PROGRAM_AND_TESTS, Workspace};
use crate::{desktop, fuzz, perpetuad, process, release, tools};

/// The package with this program is left to a run of its own: together with the others it would be
/// built with other features, over the very program that is running.
const US: [&str; 2] = ["--package", "xtask"];

/// What waits for minutes stands in modules of this name; `.config/nextest.toml` says the same.
const LONG: &str = "long::";

/// Runs the tests of the page and of all packages, with the bot frameworks and a browser beside them, then
/// the documentation's examples; with `long`, also what waits for minutes, each fuzz target for a minute, and
/// the packages of what was built.
///
/// What fails does not keep the others from running.
pub(crate) fn run(workspace: &Workspace, long: bool) -> Result<()> {
    let frameworks = Frameworks::prepare(workspace)?;
    let browser = Browser::prepare()?;
    let proxies = ReverseProxies::prepare()?;
    let ui = Ui::prepare(workspace)?;
    desktop::require_to_build()?;
    desktop::require_to_try()?;
    // The desktop program holds the page.
    ui.build()?;
    // The tests of `perpetua-e2e` run the programs beside them.
    process::run(
        workspace
            .cargo()
            .arg("build")
            .args(PROGRAM_AND_TESTS)
            .arg("--bins"),
    )?;
    let mut tests = runner(workspace, &PROGRAM_AND_TESTS, long);
    frameworks.announce_to(&mut tests);
    browser.announce_to(&mut tests);
    proxies.announce_to(&mut tests);
    let examples = ["test", "--quiet", "--doc"];
    let results = [
        ui.test(),
        ui.test_in_browser(&browser, long),
        ui.test_served(&browser, &perpetuad::place(workspace)),
        process::run(&mut tests),
        process::run(&mut runner(workspace, &US, long)),
        process::run(workspace.cargo().args(examples).args(PROGRAM_AND_TESTS)),
    ];
    results.into_iter().collect::<Result<()>>()?;
    if long {
        fuzz::run_for_a_minute_each(workspace)?;
        release::try_tested(workspace)?;
    }
    Ok(())
}

/// nextest where it is installed, which is faster and gives each test a process; otherwise plain
/// `cargo test`, because to build nextest first takes longer than all of our tests.
fn runner(workspace: &Workspace, packages: &[&str], long: bool) -> Command {
    let mut runner = workspace.cargo();
    if tools::has("nextest") {
        let profile = if long { "long" } else { "default" };
        runner.args(["nextest", "run", "--no-fail-fast", "--no-tests=pass"]);
        runner.args(["--profile", profile]).args(packages);
    } else {
        runner
            .args(["test", "--no-fail-fast", "--tests"])
            .args(packages);
        if !long {
            runner.args(["--", "--skip", LONG]);
        }
    }
    runner
}
