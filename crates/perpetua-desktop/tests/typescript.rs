//! The generated TypeScript is fresh.

use std::{fs, path::Path};

use perpetua_desktop::{ShellCall, typescript};

#[test]
fn the_committed_file_is_what_the_types_are_now() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let committed = fs::read_to_string(root.join(typescript::PATH)).unwrap_or_default();
    // A checkout may have the line ends of Windows.
    assert!(
        committed.replace("\r\n", "\n") == typescript::file(),
        "`{}` is not what the types are now; run `cargo run -p perpetua-desktop --features typescript --example shell-typescript`",
        typescript::PATH
    );
}

#[test]
fn every_call_is_in_it_and_nothing_of_the_nodes() {
    let file = typescript::file();
    for name in ShellCall::NAMES {
        assert!(file.contains(&format!("\n  {name}: {{ params: ")), "{name}");
    }
    assert!(!file.contains("export type Message ="), "it is imported");
    assert!(!file.contains("bigint"), "JSON has no such numbers");
}
