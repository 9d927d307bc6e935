//! Who may depend on whom.

use cargo_metadata::{DependencyKind, Metadata};

use crate::{PURE, metadata, tree};

/// Crates that reach outside the process, or run those that do.
const INPUT_OUTPUT: [&str; 20] = [
    "async-io",
    "async-std",
    "axum",
    "futures-executor",
    "getrandom",
    "hyper",
    "hyper-util",
    "keyring",
    "mio",
    "notify",
    "polling",
    "reqwest",
    "rustls",
    "socket2",
    "tempfile",
    "tokio",
    "tokio-tungstenite",
    "tokio-util",
    "tungstenite",
    "zbus",
];

/// The packages whose folder is not under `tests/`.
fn packages_but_tests(metadata: &Metadata) -> Vec<String> {
    let tests = metadata.workspace_root.join("tests");
    let packages = metadata.workspace_packages().into_iter();
    packages
        .filter(|package| !package.manifest_path.starts_with(&tests))
        .map(|package| package.name.to_string())
        .collect()
}

#[test]
fn pure_crates_reach_no_input_or_output() {
    let packages = packages_but_tests(&metadata());
    for name in PURE {
        assert!(
            packages.iter().any(|package| package == name),
            "`{name}` is gone; was it renamed?"
        );
    }
    let reached = PURE
        .iter()
        .flat_map(|name| tree::reached(name, "normal", &INPUT_OUTPUT));
    let reached: Vec<_> = reached.collect();
    assert!(
        reached.is_empty(),
        "a pure crate reaches input or output:\n{}",
        reached.join("\n")
    );
}

#[test]
fn only_the_desktop_package_reaches_tauri() {
    let packages = metadata()
        .workspace_packages()
        .into_iter()
        .map(|package| package.name.to_string())
        .collect::<Vec<_>>();
    let others = packages.iter().filter(|name| *name != "perpetua");
    let reached: Vec<_> = others
        .flat_map(|name| tree::reached(name, "normal,build,dev", &["tauri"]))
        .collect();
    assert!(
        reached.is_empty(),
        "only the root package may reach `tauri`:\n{}",
        reached.join("\n")
    );
}

#[test]
fn the_testkit_is_only_ever_a_dev_dependency() {
    let packages = packages_but_tests(&metadata());
    let others = packages.iter().filter(|name| *name != "perpetua-testkit");
    let reached: Vec<_> = others
        .flat_map(|name| tree::reached(name, "normal,build", &["perpetua-testkit"]))
        .collect();
    assert!(
        reached.is_empty(),
        "the testkit is for tests:\n{}",
        reached.join("\n")
    );
}

/// Each wish of a package for a feature of another, but in its own tests: `package -> other/feature`.
fn wishes_for(metadata: &Metadata, other: &str, feature: &str) -> Vec<String> {
    let mut wishes = Vec::new();
    for package in metadata.workspace_packages() {
        let dependencies = package.dependencies.iter();
        let asks = dependencies
            .filter(|one| one.name == other && one.kind != DependencyKind::Development)
            .any(|one| one.features.iter().any(|wanted| wanted == feature));
        // A feature of its own may ask for one of another.
        let named = [format!("{other}/{feature}"), format!("{other}?/{feature}")];
        let passes_on = package.features.values().flatten();
        if asks || passes_on.into_iter().any(|one| named.contains(one)) {
            wishes.push(format!("{} -> {other}/{feature}", package.name));
        }
    }
    wishes
}

#[test]
fn disks_that_fail_are_for_tests_only() {
    let metadata = metadata();
    let wishes = wishes_for(&metadata, "perpetua-fs", "faults");
    assert!(
        wishes.is_empty(),
        "only a dev-dependency may ask for disks that fail:\n{}",
        wishes.join("\n")
    );
    // The search finds such wishes where there are some.
    let asked = wishes_for(&metadata, "tokio", "process");
    let of_processes = "perpetua-process -> tokio/process".to_owned();
    assert!(asked.contains(&of_processes), "{asked:?}");
}

#[test]
fn the_program_around_the_window_decides_nothing() {
    /// Without blank lines and comments; the tray of Windows and macOS is a third of it. A dialog that chooses a file
    /// has to stand before the window, so 26 lines of it are here; a version is installed where Tauri has ended, which
    /// takes 120, and told of beside the state of the node, which takes 24.
    const MOST_LINES: usize = 1_351;
    let root = metadata().workspace_root.join("src-tauri");
    let mut folders = vec![root];
    let mut lines = 0;
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().expect("the folder is there") {
            let path = entry.expect("the folder can be listed").into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs") {
                let text = std::fs::read_to_string(&path).expect("a source is text");
                let code = text.lines().map(str::trim);
                lines += code
                    .filter(|line| !line.is_empty() && !line.starts_with("//"))
                    .count();
            }
        }
    }
    assert!(
        lines <= MOST_LINES,
        "`src-tauri` has {lines} lines; what needs no Tauri belongs into `perpetua-desktop`"
    );
}
