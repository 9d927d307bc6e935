//! What the interop tests run against: the real bot frameworks, in folders of their own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::python::{self, PYTHON};
use crate::workspace::Workspace;
use crate::{npm, packages};

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
        packages::require(&[&PYTHON, &npm::NODE])?;
        let interop = workspace.root.join("tests").join("interop");
        let python = python::environment(
            &interop.join(".cache").join("venv"),
            &interop.join("requirements.txt"),
        )?;
        npm::install(&interop)?;
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
