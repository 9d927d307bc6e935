//! Takes the pages in that `npm run build` has left in `ui/dist`: compressed, as a table in Rust.

use std::{
    collections::hash_map::DefaultHasher,
    env,
    error::Error,
    fmt::Write as _,
    fs,
    hash::{Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
};

use flate2::{Compression, write::GzEncoder};

/// What is small already.
const PACKED: [&str; 3] = ["woff2", "png", "ico"];

fn main() -> Result<(), Box<dyn Error>> {
    perpetua_build_id::name_commit();
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/dist");
    // Cargo asks after a folder that is not there with every build.
    fs::create_dir_all(&pages)?;
    println!("cargo::rerun-if-changed={}", pages.display());
    let mut files = Vec::new();
    // The desktop program puts a page there that stands in for the real ones; those have parts.
    if pages.join("assets").is_dir() {
        gather(&pages, &pages, &mut files)?;
    }
    files.sort();
    let output = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets `OUT_DIR`")?);
    let mut table = String::from("&[\n");
    for (number, path) in files.iter().enumerate() {
        let content = fs::read(pages.join(path))?;
        let mut tag = DefaultHasher::new();
        content.hash(&mut tag);
        let is_gzip = !PACKED.iter().any(|kind| path.ends_with(kind));
        let kept = output.join(format!("page-{number}"));
        fs::write(&kept, if is_gzip { gzip(&content)? } else { content })?;
        let kept = kept
            .to_str()
            .ok_or("cargo's folders have names in Unicode")?;
        writeln!(
            table,
            "perpetua_node::PageFile {{ path: {path:?}, content: include_bytes!({kept:?}), is_gzip: {is_gzip}, tag: \"{:016x}\" }},",
            tag.finish()
        )?;
    }
    table.push_str("]\n");
    fs::write(output.join("pages.rs"), table)?;
    Ok(())
}

/// The files of a folder and of those in it, as paths with `/` below the first one.
fn gather(root: &Path, folder: &Path, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(root, &path, files)?;
            continue;
        }
        let below = path.strip_prefix(root)?;
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        files.push(parts.join("/"));
    }
    Ok(())
}

fn gzip(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packing = GzEncoder::new(Vec::new(), Compression::best());
    packing.write_all(content)?;
    packing.finish()
}
