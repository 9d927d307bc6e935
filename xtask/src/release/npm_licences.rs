//! The licences of the packages that the pages are made of.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// How the names of files begin that hold a licence, in small letters.
const BEGINNINGS: [&str; 4] = ["license", "licence", "copying", "notice"];
/// What is installed for those who build or test, and never shown to anybody.
const NOT_SHOWN: [&str; 4] = ["dev", "devOptional", "optional", "peer"];

/// The words of every package that a lock file names for more than building, as they are installed beside it.
pub(crate) fn of(home: &Path) -> Result<String> {
    let lock = read(&home.join("package-lock.json"))?;
    let lock: Value = serde_json::from_str(&lock).context("`package-lock.json` is no JSON")?;
    let packages = lock["packages"].as_object().context("no packages")?;
    let mut text = String::new();
    for (path, package) in packages {
        let is_shown = NOT_SHOWN.iter().all(|kind| package[*kind] != true);
        if !path.is_empty() && is_shown {
            add(home, path, package, &mut text)?;
        }
    }
    Ok(text)
}

fn add(home: &Path, path: &str, package: &Value, text: &mut String) -> Result<()> {
    let name = path
        .rsplit_once("node_modules/")
        .map_or(path, |(_, name)| name);
    let word = |key: &str| package[key].as_str().unwrap_or("unknown");
    let line = "=".repeat(80);
    // Writing to a `String` cannot fail.
    let _ = writeln!(
        text,
        "{line}\n{name} {}\n{}\n{line}\n",
        word("version"),
        word("license")
    );
    let folder = home.join(path);
    let entries =
        fs::read_dir(&folder).with_context(|| format!("`{}` cannot be read", folder.display()))?;
    let entries: std::io::Result<Vec<_>> = entries.collect();
    let mut files: Vec<_> = entries?.iter().map(fs::DirEntry::path).collect();
    files.sort();
    for file in files.iter().filter(|file| is_licence(file)) {
        let _ = writeln!(text, "{}\n", read(file)?.trim());
    }
    Ok(())
}

fn is_licence(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    file.is_file() && BEGINNINGS.iter().any(|start| name.starts_with(start))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_named_with_its_words_and_tools_are_not() -> Result<()> {
        let home = tempfile::tempdir()?;
        let package = home.path().join("node_modules/a/node_modules/@b/c");
        fs::create_dir_all(&package)?;
        fs::write(package.join("LICENSE.md"), "Do as you please.\n")?;
        fs::write(package.join("readme.md"), "nothing of it")?;
        let lock = r#"{ "packages": {
            "": { "name": "pages" },
            "node_modules/a/node_modules/@b/c": { "version": "1.2.3", "license": "MIT" },
            "node_modules/tool": { "version": "1.0.0", "dev": true },
            "node_modules/other-tool": { "version": "1.0.0", "devOptional": true }
        } }"#;
        fs::write(home.path().join("package-lock.json"), lock)?;
        let text = of(home.path())?;
        assert!(text.contains("\n@b/c 1.2.3\nMIT\n"), "{text}");
        assert!(text.ends_with("\nDo as you please.\n\n"), "{text}");
        assert!(
            !text.contains("tool") && !text.contains("nothing"),
            "{text}"
        );
        Ok(())
    }
}
