//! Where `cargo xtask test` puts the other languages' packages.

use std::env::{self, VarError};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use tokio::process::Command;

/// A Python with `tests/interop/requirements.txt` installed.
const PYTHON_VARIABLE: &str = "PERPETUA_TEST_PYTHON";

/// `tests/interop` after `npm ci`.
const NODE_VARIABLE: &str = "PERPETUA_TEST_NODE_MODULES";

/// A command that runs one of the Python programs of `tests/interop`.
pub(crate) fn python(program: &str) -> Result<Command> {
    let mut command = Command::new(prepared(PYTHON_VARIABLE)?);
    command.arg(programs().join(program));
    Ok(command)
}

/// A command that runs one of the Node.js programs of `tests/interop`.
pub(crate) fn node_js(program: &str) -> Result<Command> {
    let folder = prepared(NODE_VARIABLE)?;
    ensure!(
        folder.join("node_modules").is_dir(),
        "`{}` has no `node_modules`; run the tests with `cargo xtask test`, which installs them",
        folder.display()
    );
    let mut command = Command::new("node");
    command.arg(folder.join(program));
    Ok(command)
}

pub(crate) fn prepared(variable: &str) -> Result<PathBuf> {
    match env::var(variable) {
        Ok(path) => Ok(path.into()),
        Err(VarError::NotPresent) => bail!(
            "`{variable}` is not set; run this test with `cargo xtask test`, which finds or installs what it names"
        ),
        Err(VarError::NotUnicode(path)) => bail!("`{variable}` is not Unicode: {}", path.display()),
    }
}

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../interop")
}
