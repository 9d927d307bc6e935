//! `perpetua-build-id`: from which commit a program was built. Only the build scripts of programs use it, so
//! that a commit builds nothing anew but them.

#![expect(
    clippy::print_stdout,
    reason = "a build script speaks to Cargo by its standard output"
)]

use std::{env, path::Path, process::Command};

/// Names the commit to the compiler: `env!("PERPETUA_BUILD")`. A build outside a repository takes it from the
/// variable of that name, or is `unknown`.
pub fn name_commit() {
    println!("cargo::rerun-if-env-changed=PERPETUA_BUILD");
    let named = env::var("PERPETUA_BUILD").ok();
    let build = named.filter(|text| is_id(text)).or_else(commit);
    let build = build.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=PERPETUA_BUILD={build}");
}

/// The commit of the repository around the package, cut as people write it.
fn commit() -> Option<String> {
    watch_head();
    git(&["rev-parse", "--short=9", "HEAD"]).filter(|text| is_id(text))
}

/// A commit, and another branch, change one of these files.
fn watch_head() {
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    for name in ["HEAD"].into_iter().chain(branch.as_deref()) {
        let path = git(&["rev-parse", "--git-path", name]);
        if let Some(path) = path.filter(|path| Path::new(path).exists()) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

fn is_id(text: &str) -> bool {
    let letters = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '.' | '+');
    (1..=40).contains(&text.len()) && text.chars().all(letters)
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn what_is_no_id_is_not_taken() {
        assert!(is_id("6e6385a91") && is_id("v0.2.0+distro"));
        for wrong in ["", "a b", "$(id)", &"a".repeat(41)] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }
}
