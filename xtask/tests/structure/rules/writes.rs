//! Files are written by `perpetua-fs`, which does it atomically and with the right permissions.

use crate::names::Read;

/// What makes or changes a file's content.
const WRITES: [&str; 9] = [
    "write",
    "rename",
    "copy",
    "hard_link",
    "File::create",
    "File::create_new",
    "File::options",
    "OpenOptions",
    "*",
];

/// Lines that write files.
pub(crate) fn found(read: &Read<'_>) -> Vec<usize> {
    let paths = read.paths.iter().filter(|meaning| {
        let below = ["std::fs::", "tokio::fs::"];
        let below = below.iter().find_map(|fs| meaning.path.strip_prefix(fs));
        let is_write = |path: &str| {
            let mut writes = WRITES.iter();
            writes.any(|write| path == *write || path.starts_with(&format!("{write}::")))
        };
        !meaning.is_method && below.is_some_and(is_write)
    });
    paths.map(|meaning| meaning.line).collect()
}

#[test]
fn direct_writes_are_found_in_every_spelling() {
    for text in [
        "fn f() { std::fs::write(a, b); }",
        "use std::{env, fs}; fn f() { fs::rename(a, b); }",
        "use std::fs::File; fn f() { File::create(a); }",
        "use std::fs::{File as Paper}; fn f() { Paper::create_new(a); }",
        "use std::fs::OpenOptions; fn f() { OpenOptions::new(); }",
        "fn f() { std::fs::File::options().append(true); }",
        "use tokio::fs; fn f() { fs::write(a, b); }",
        "use tokio::fs::{OpenOptions as Options}; fn f() { Options::new(); }",
        "use std::fs::*; fn f() { write(a, b); }",
        "use std::fs; type Paper = fs::File; fn f() { Paper::create(a); }",
        "fn f() { a.map(std::fs::write); }",
    ] {
        assert!(!crate::tried(text, found).is_empty(), "not found: {text}");
    }
}

#[test]
fn reads_and_other_writes_are_not_found() {
    for text in [
        "use std::fs; fn f() { fs::read(a); fs::create_dir_all(b); fs::remove_file(c); }",
        "use std::fs::File; fn f() { File::open(a); }",
        "use std::fmt::Write as _; fn f() { write!(a, \"b\"); a.write(b); }",
        "use perpetua_fs::write; fn f() { write(a); }",
        "#[cfg(test)] mod tests { fn f() { std::fs::write(a, b); } }",
    ] {
        assert!(crate::tried(text, found).is_empty(), "found: {text}");
    }
}
