//! Writes the types of the shell in TypeScript to where the web UI has them.

use std::{error::Error, fs, path::Path};

use perpetua_desktop::typescript;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    Ok(fs::write(root.join(typescript::PATH), typescript::file())?)
}
