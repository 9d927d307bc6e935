//! What the interop tests run against: the real bot frameworks, in folders of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::packages::{self, Need};
use crate::python::{self, PYTHON};
use crate::workspace::Workspace;
use crate::{folder, process};

const NODE: Need = Need {
    name: "Node.js with npm",
    is_here: || {
        ["node", "npm"]
            .into_iter()
            .all(|program| process::find_program(program).is_some())
    },
    debian: &["nodejs", "npm"],
    macos: "brew install node",
    windows: "winget install OpenJS.NodeJS.LTS",
};

/// The frameworks, ready to be started by the tests of `perpetua-e2e`.
pub(crate) struct Frameworks {
    /// The Python that has NoneBot2.
    python: PathBuf,
    /// The folder whose `node_modules` has Koishi.
    node_modules: PathBuf,
}

impl Frameworks {
    /// Installs them as their lock files say; done once for each state of those files.
    pub(crate) fn prepare(workspace: &Workspace) -> Result<Self> {
        packages::require(&[&PYTHON, &NODE])?;
        let interop = workspace.root.join("tests").join("interop");
        let python = python::environment(
            &interop.join(".cache").join("venv"),
            &interop.join("requirements.txt"),
        )?;
        install_node_modules(&interop)?;
        Ok(Self {
            python,
            node_modules: interop,
        })
    }

    /// Tells a test run where they are.
    pub(crate) fn announce_to(&self, tests: &mut Command) {
        tests
            .env("PERPETUA_TEST_PYTHON", &self.python)
            .env("PERPETUA_TEST_NODE_MODULES", &self.node_modules);
    }
}

fn install_node_modules(interop: &Path) -> Result<()> {
    let lock = interop.join("package-lock.json");
    let source = fs::read_to_string(&lock)
        .with_context(|| format!("`{}` cannot be read", lock.display()))?;
    let installed = interop.join("node_modules");
    if folder::is_fresh(&installed, &source) {
        return Ok(());
    }
    let npm = process::find_program("npm").context("`npm` is missing")?;
    process::run(
        Command::new(npm)
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(interop),
    )?;
    folder::mark(&installed, &source)
}
