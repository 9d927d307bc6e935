//! Makes what Tauri needs at compile time: the icons, the capabilities, the window's page.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use tauri_build::{AppManifest, Attributes};

/// Where `npm run build` leaves the page.
const PAGE: &str = "ui/dist";
/// What the page is made of, as `xtask/src/ui.rs` has it, which compares the two.
const SOURCES: [&str; 10] = [
    "docs/frameworks",
    "docs/troubles",
    "locales",
    "ui/index.html",
    "ui/package-lock.json",
    "ui/package.json",
    "ui/public",
    "ui/scripts",
    "ui/src",
    "ui/vite.config.ts",
];
/// The build makes it by itself, and so does each test of the page.
const MADE: &str = "ui/src/generated/words.ts";

fn main() -> Result<(), Box<dyn Error>> {
    perpetua_build_id::name_commit();
    let page = Path::new(PAGE).join("index.html");
    if page.exists() {
        warn_of_old(&page)?;
    } else {
        // A checkout without Node.js compiles too; `cargo xtask run` builds the page first.
        fs::create_dir_all(PAGE)?;
        fs::write(&page, include_str!("src-tauri/no-page.html"))?;
    }
    println!("cargo::rerun-if-changed={PAGE}");
    let attributes = Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        .app_manifest(AppManifest::new().commands(&["rpc"]));
    Ok(tauri_build::try_build(attributes)?)
}

/// A page that is older than what it is made of would be taken into the program without a word.
fn warn_of_old(page: &Path) -> io::Result<()> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(Path::new(source), &mut files)?;
    }
    let built = fs::metadata(page)?.modified()?;
    let mut newest = (built, None);
    for file in &files {
        // Each by itself: a folder would hold what the build makes.
        println!("cargo::rerun-if-changed={}", file.display());
        let changed: SystemTime = fs::metadata(file)?.modified()?;
        if changed > newest.0 {
            newest = (changed, Some(file));
        }
    }
    if let Some(file) = newest.1 {
        let file = file.display();
        println!(
            "cargo::warning=the page in `{PAGE}` is older than `{file}`; `cargo xtask run` builds it anew"
        );
    }
    Ok(())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path != Path::new(MADE) && path.exists() {
        files.push(path.to_owned());
    }
    Ok(())
}
