//! Small files of ours: what stands in their place is told, and nothing waits for it.

use std::fs;
use std::path::{Path, PathBuf};

use perpetua_fs::{open_regular, read_small};

/// What may stand in the place of a file.
fn strange_things(folder: &Path) -> Vec<PathBuf> {
    let made = folder.join("folder");
    fs::create_dir(&made).expect("a folder");
    [vec![made], strange_files(folder)].concat()
}

#[cfg(unix)]
fn strange_files(folder: &Path) -> Vec<PathBuf> {
    use std::os::unix::{fs::symlink, net::UnixListener};
    let made = |name: &str| folder.join(name);
    let pipe = std::process::Command::new("mkfifo")
        .arg(made("pipe"))
        .status();
    assert!(pipe.expect("mkfifo").success());
    drop(UnixListener::bind(made("socket")).expect("a socket"));
    symlink("/dev/zero", made("device")).expect("a link");
    symlink(made("pipe"), made("link")).expect("a link");
    ["pipe", "socket", "device", "link"].map(made).into()
}

/// Pipes and devices have no place in a folder there.
#[cfg(windows)]
fn strange_files(_: &Path) -> Vec<PathBuf> {
    Vec::new()
}

#[test]
fn what_is_no_regular_file_is_told_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    for path in strange_things(folder.path()) {
        let said = read_small(&path).expect_err("no file").to_string();
        assert!(said.contains("it is not a regular file"), "{said}");
        let said = open_regular(&path).expect_err("no file").to_string();
        assert!(said.contains("it is not a regular file"), "{said}");
    }
}

#[test]
fn a_file_is_read_whole_and_none_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.json");
    assert_eq!(read_small(&path).expect("none"), None);
    fs::write(&path, "{}").expect("written");
    assert_eq!(read_small(&path).expect("read"), Some(b"{}".to_vec()));
}

#[test]
fn a_file_without_an_end_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state.json");
    let file = fs::File::create(&path).expect("made");
    file.set_len(16 * 1024 * 1024 + 1).expect("long");
    assert!(read_small(&path).is_err());
    file.set_len(16 * 1024 * 1024).expect("shorter");
    assert!(read_small(&path).is_ok());
}
