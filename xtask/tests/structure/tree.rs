//! Who depends on whom, as `cargo tree` says.
//!
//! Not as `cargo metadata` does: that shows the features of a whole build, in which a test's wish
//! for random numbers looks like one of the hub's.

use std::process::Command;

/// The way from a package to each of `unwanted` that it reaches on any system, written out.
///
/// `edges` are the kinds of dependency to follow, as `cargo tree` names them.
pub(crate) fn reached(package: &str, edges: &str, unwanted: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args([
            "tree", "--prefix", "depth", "--format", " {p}", "--target", "all",
        ])
        .args(["--package", package, "--edges", edges])
        .output()
        .expect("`cargo tree` can be started");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`cargo tree --package {package}` failed:\n{errors}"
    );
    let tree = String::from_utf8(output.stdout).expect("`cargo tree` writes UTF-8");
    ways(&tree, unwanted)
}

/// Reads lines such as `2 tokio v1.54.0`, in which the number is the depth.
fn ways(tree: &str, unwanted: &[&str]) -> Vec<String> {
    let mut way = Vec::new();
    let mut found = Vec::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(depth), Some(name)) = (words.next(), words.next()) else {
            continue;
        };
        way.truncate(depth.parse().expect("a line begins with its depth"));
        way.push(name);
        if unwanted.contains(&name) {
            found.push(way.join(" -> "));
        }
    }
    found
}

#[test]
fn the_way_to_what_is_unwanted_is_shown_each_time() {
    let tree = "0 hub v0.1.0 (/x)\n1 queue v1.0.0\n2 runtime v2.0.0\n1 wire v0.1.0\n2 macros v1.0.0 (proc-macro)\n1 runtime v2.0.0 (*)\n";
    assert_eq!(
        ways(tree, &["runtime"]),
        ["hub -> queue -> runtime", "hub -> runtime"]
    );
    assert_eq!(ways(tree, &["tauri"]), Vec::<String>::new());
}
