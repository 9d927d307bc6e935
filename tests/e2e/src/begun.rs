//! Commands that run beside the test, rather than being waited for.

use anyhow::Result;

use crate::node::command;
use crate::{DataFolder, Program};

/// Starts `perpetuad --data-dir FOLDER` with these arguments, and does not wait for it.
pub fn begin(folder: &DataFolder, arguments: &[&str]) -> Result<Program> {
    let mut command = command(folder)?;
    command.args(arguments);
    Program::start(&format!("perpetuad {}", arguments.join(" ")), command)
}
