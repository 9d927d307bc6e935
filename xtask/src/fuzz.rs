//! The fuzz targets of `perpetua-onebot`, which want a Cargo command and flags of their own.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::packages::{self, Need};
use crate::workspace::Workspace;
use crate::{process, tools};

/// libFuzzer is written in C++, and built with the fuzz targets.
const CXX: Need = Need {
    name: "a C++ compiler",
    is_here: || process::find_program("c++").is_some(),
    debian: &["g++"],
    macos: "xcode-select --install",
    windows: "nothing: fuzzing needs Linux or macOS",
};

/// Runs each target for a minute; the first finding ends it all.
pub(crate) fn run_for_a_minute_each(workspace: &Workspace) -> Result<()> {
    ensure!(
        !cfg!(windows),
        "fuzzing needs Linux or macOS; leave `--long` out here"
    );
    packages::require(&[&CXX])?;
    tools::require("fuzz")?;
    let home = workspace
        .root
        .join("crates")
        .join("perpetua-onebot")
        .join("fuzz");
    let targets = process::output(fuzzer().arg("list").current_dir(&home))?;
    ensure!(
        !targets.is_empty(),
        "`{}` has no fuzz targets",
        home.display()
    );
    for target in targets.lines() {
        // What is new goes into the first folder; the committed seeds stay as they are.
        let finds = workspace.target.join("fuzz-corpus").join(target);
        fs::create_dir_all(&finds)
            .with_context(|| format!("`{}` cannot be made", finds.display()))?;
        let mut run = fuzzer();
        run.current_dir(&home)
            .args(["run", "--target-dir"])
            .arg(workspace.target.join("fuzz"));
        run.arg(target).arg(&finds);
        let seeds = home.join("corpus").join(target);
        if seeds.is_dir() {
            run.arg(seeds);
        }
        process::run(run.args(["--", "-max_total_time=60"]))?;
    }
    Ok(())
}

fn fuzzer() -> Command {
    let mut command = process::cargo();
    // The sanitizers' flags are for nightly compilers, unless one insists.
    command.env("RUSTC_BOOTSTRAP", "1").arg("fuzz");
    command
}
