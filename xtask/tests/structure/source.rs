//! What the source of the program may not hold, found line by line.
//!
//! Comments, test modules and test files are passed over. This reads lines, not syntax: good enough
//! to catch a slip, and quick to understand.

use std::fs;

use cargo_metadata::Metadata;
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

/// A line's number and text.
type Line<'a> = (usize, &'a str);

/// Items that live as long as the program, except the allocator, which must.
pub(crate) fn statics(text: &str) -> Vec<Line<'_>> {
    let mut previous = "";
    let mut found = Vec::new();
    for (number, line) in code(text) {
        let item = line.strip_prefix("pub").map_or(line, after_visibility);
        let allocator = previous == "#[global_allocator]";
        if (item.starts_with("static ") && !allocator) || line.contains("thread_local!") {
            found.push((number, line));
        }
        previous = line;
    }
    found
}

/// What follows `pub` or `pub(…)`.
fn after_visibility(rest: &str) -> &str {
    rest.trim_start_matches(|letter| letter != ' ').trim_start()
}

/// Time, chance, and what belongs to the process or the machine, taken instead of received.
pub(crate) fn ambient(text: &str) -> Vec<Line<'_>> {
    const TAKEN: [&str; 8] = [
        "Instant::now",
        "SystemTime::now",
        "Uuid::new_v4",
        "std::env",
        "std::fs",
        "std::net::Tcp",
        "std::process",
        "std::thread",
    ];
    // A generator is an argument; the functions of the crate draw from one behind a `static`.
    let draws = |line: &str| {
        line.split("fastrand::")
            .skip(1)
            .any(|rest| !rest.starts_with("Rng"))
    };
    code(text)
        .filter(|(_, line)| TAKEN.iter().any(|taken| line.contains(taken)) || draws(line))
        .collect()
}

/// Files replaced without the care that `perpetua_fs` takes.
pub(crate) fn direct_writes(text: &str) -> Vec<Line<'_>> {
    const WRITES: [&str; 3] = ["fs::write(", "fs::rename(", "File::create("];
    code(text)
        .filter(|(_, line)| WRITES.iter().any(|write| line.contains(write)))
        .collect()
}

/// The lines that are code, up to the test module that ends a file.
fn code(text: &str) -> impl Iterator<Item = Line<'_>> {
    text.lines()
        .map(str::trim)
        .enumerate()
        .map(|(index, line)| (index + 1, line))
        .take_while(|(_, line)| *line != "#[cfg(test)]")
        .filter(|(_, line)| !line.starts_with("//"))
}

/// Searches the chosen packages under `crates/`; each finding is `file:line: text`.
pub(crate) fn search(
    metadata: &Metadata,
    chosen: impl Fn(&str) -> bool,
    find: impl Fn(&str) -> Vec<Line<'_>>,
) -> Vec<String> {
    let crates = metadata.workspace_root.join("crates");
    let packages = metadata.workspace_packages();
    let program = packages
        .iter()
        .filter(|package| package.manifest_path.starts_with(&crates));
    let mut findings = Vec::new();
    for package in program.filter(|package| chosen(&package.name)) {
        let folder = package
            .manifest_path
            .parent()
            .expect("a manifest is in a folder");
        for file in rust_files(&folder.join("src")) {
            let text = fs::read_to_string(&file).expect("a source file is UTF-8");
            let found = find(&text);
            findings.extend(
                found
                    .iter()
                    .map(|(number, line)| format!("{file}:{number}: {line}")),
            );
        }
    }
    findings
}

fn rust_files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    for entry in folder
        .read_dir_utf8()
        .expect("a package has a source folder")
    {
        let path = entry.expect("the folder can be listed").into_path();
        if path.file_stem() == Some("tests") {
            continue;
        }
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension() == Some("rs") {
            files.push(path);
        }
    }
    files
}

fn numbers(found: &[Line<'_>]) -> Vec<usize> {
    found.iter().map(|(number, _)| *number).collect()
}

#[test]
fn statics_are_found_and_lifetimes_are_not() {
    let text = "static A: u8 = 0;\npub static B: u8 = 0;\n    pub(crate) static C: u8 = 0;\n\
                const D: &'static str = \"\";\n// static E\nthread_local! {\n\
                #[global_allocator]\nstatic F: Mi = Mi;\npub fn static_name() {}\n\
                #[cfg(test)]\nstatic G: u8 = 0;\n";
    assert_eq!(numbers(&statics(text)), [1, 2, 3, 6]);
}

#[test]
fn the_clock_and_global_chance_are_found_and_a_generator_is_not() {
    let text = "let now = Instant::now();\nfn draw(rng: &mut fastrand::Rng) {}\n\
                let n = fastrand::u8(..);\nuse std::fs;\nlet later = now + second;\n";
    assert_eq!(numbers(&ambient(text)), [1, 3, 4]);
}

#[test]
fn direct_writes_are_found_and_reads_are_not() {
    let text = "fs::write(path, text)?;\nfs::read(path)?;\nstd::fs::rename(a, b)?;\n\
                File::open(path)?;\nFile::create(path)?;\n";
    assert_eq!(numbers(&direct_writes(text)), [1, 3, 5]);
}
