//! Writes the types of the wire in TypeScript to where the web UI has them.

use std::{error::Error, fs, path::Path};

use perpetua_schema::typescript;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = root.join(typescript::PATH);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, typescript::file())?)
}
