//! What is written about releases in several places says the same everywhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("xtask is in the repository")
        .to_owned()
}

fn read(name: &str) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// The texts in quotes from `start` to the end of its list.
fn list<'a>(text: &'a str, start: &str) -> BTreeSet<&'a str> {
    let (_, rest) = text.split_once(start).expect(start);
    let (list, _) = rest.split_once("\n]").expect("the end of a list");
    let lines = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split('"').nth(1)).collect()
}

#[test]
fn pages_and_programs_are_of_one_version() {
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(read("ui/package.json").contains(&version));
}

#[test]
fn the_notices_take_the_licences_that_are_allowed() {
    let (allowed, taken) = (read("deny.toml"), read("packaging/licences/about.toml"));
    assert_eq!(list(&taken, "accepted = ["), list(&allowed, "\nallow = ["));
}

/// Every step that a text has somebody type, up to the end of what is typed.
fn steps(text: &str) -> Vec<&str> {
    let mut parts = text.split("cargo xtask release ");
    parts.next();
    parts
        .map(|part| {
            part.split(['\n', '`', ';', '|', '>'])
                .next()
                .unwrap_or(part)
        })
        .filter(|step| !step.starts_with("STEP") && !step.starts_with("--"))
        .collect()
}

#[test]
fn every_step_that_is_typed_somewhere_is_there() {
    let mut tried = 0;
    for name in [".github/workflows/release.yml", "CONTRIBUTING.md"] {
        let text = read(name);
        for step in steps(&text) {
            let mut words = step.split_whitespace();
            let step_name = words.next().expect("a step");
            let mut help = Command::new(env!("CARGO_BIN_EXE_xtask"));
            let told = help.args(["release", step_name, "--help"]).output();
            let told = told.expect("xtask starts");
            assert!(told.status.success(), "`{name}` has `{step}`");
            let help = String::from_utf8_lossy(&told.stdout);
            for option in words.filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "`{name}` has `{step}`:\n{help}");
            }
            tried += 1;
        }
    }
    assert!(tried > 15, "only {tried} steps were found");
}

#[test]
fn the_unit_leaves_the_machine_alone_and_lets_a_core_compile() {
    let unit = read("packaging/perpetuad/perpetuad.service");
    let settings: Vec<_> = unit.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(
        !settings
            .iter()
            .any(|line| line.starts_with("MemoryDenyWriteExecute"))
    );
    // `perpetua_node::ExitCode`: wrong settings, and a folder in use.
    assert!(settings.contains(&"RestartPreventExitStatus=64 75"));
    let path = root().join("packaging/perpetuad/perpetuad.service");
    let mut analyze = Command::new("systemd-analyze");
    analyze.args(["security", "--offline=true", "--no-pager", "--threshold=20"]);
    match analyze.arg(path).output() {
        Ok(told) => {
            let table = String::from_utf8_lossy(&told.stdout);
            assert!(told.status.success(), "{table}");
        }
        Err(_no_systemd) => eprintln!("skipped: systemd is not here"),
    }
}

#[test]
fn both_lists_of_the_packages_files_hold_the_program_and_its_notices() {
    let manifest = read("crates/perpetuad/Cargo.toml");
    let (_, deb) = manifest
        .split_once("[package.metadata.deb]")
        .expect("a `.deb`");
    let (deb, rpm) = deb
        .split_once("[package.metadata.generate-rpm]")
        .expect("an `.rpm`");
    for list in [deb, rpm] {
        for file in [
            "target/release/perpetuad",
            "target/release/THIRD-PARTY.txt",
            "README.md",
            "README.zh-CN.md",
            "CHANGELOG.md",
        ] {
            assert!(list.contains(file), "`{file}` is not in\n{list}");
        }
    }
}

#[test]
fn the_readmes_name_the_packages_for_servers_that_are_made() {
    let manifest = read("crates/perpetuad/Cargo.toml");
    for (made, row, kind) in [
        ("[package.metadata.deb]", "| Debian", "`.deb`"),
        ("[package.metadata.generate-rpm]", "| Fedora", "`.rpm`"),
    ] {
        assert!(manifest.contains(made), "{made}");
        for name in ["README.md", "README.zh-CN.md"] {
            let text = read(name);
            let found = text.lines().find(|line| line.starts_with(row));
            let found = found.unwrap_or_else(|| panic!("`{name}` has no row `{row}`"));
            // One with a window, one for a server.
            assert_eq!(found.matches(kind).count(), 2, "`{name}` has `{found}`");
            assert!(found.contains("`perpetuad`"), "`{name}` has `{found}`");
        }
    }
}
