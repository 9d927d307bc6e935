//! The rules of ARCHITECTURE.md that a machine can check: who depends on whom, and what the source
//! may not hold. Each rule is tried on something that breaks it, too.

mod source;
mod tree;

use cargo_metadata::{Metadata, MetadataCommand};

/// Crates without sockets, files, clocks or randomness of their own.
const PURE: [&str; 5] = [
    "perpetua-config",
    "perpetua-hub",
    "perpetua-lifecycle",
    "perpetua-onebot",
    "perpetua-schema",
];

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

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .no_deps()
        .exec()
        .expect("`cargo metadata` reads the workspace")
}

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
    let pure = packages.iter().filter(|name| PURE.contains(&name.as_str()));
    let reached: Vec<_> = pure
        .clone()
        .flat_map(|name| tree::reached(name, "normal", &INPUT_OUTPUT))
        .collect();
    assert!(
        reached.is_empty(),
        "a pure crate reaches input or output:\n{}",
        reached.join("\n")
    );
    assert!(
        pure.count() >= 4,
        "pure crates are missing from {packages:?}; were they renamed?"
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

#[test]
fn no_crate_keeps_state_in_a_static() {
    let findings = source::search(&metadata(), |_| true, source::statics);
    assert!(
        findings.is_empty(),
        "state belongs to an owner:\n{}",
        findings.join("\n")
    );
}

#[test]
fn pure_crates_ask_nobody_for_the_time_or_for_chance() {
    let findings = source::search(&metadata(), |name| PURE.contains(&name), source::ambient);
    assert!(
        findings.is_empty(),
        "this is an argument in a pure crate:\n{}",
        findings.join("\n")
    );
}

#[test]
fn files_are_written_by_perpetua_fs_only() {
    let findings = source::search(
        &metadata(),
        |name| name != "perpetua-fs",
        source::direct_writes,
    );
    assert!(
        findings.is_empty(),
        "`perpetua_fs` writes atomically:\n{}",
        findings.join("\n")
    );
}
