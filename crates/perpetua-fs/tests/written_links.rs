//! A link in the place of a file that is written: only a file behind it is replaced.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use perpetua_fs::{Access, write_atomic};

/// Made in the test's own folder: a real device of the system is nobody's to write at.
fn made(program: &str, path: &Path, more: &[&str]) -> bool {
    let status = Command::new(program).arg(path).args(more).status();
    status.is_ok_and(|status| status.success())
}

#[test]
fn what_is_no_file_behind_a_link_stays_and_the_link_gives_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let [pipe, socket, device] = ["pipe", "socket", "device"].map(|name| folder.path().join(name));
    assert!(made("mkfifo", &pipe, &[]));
    drop(UnixListener::bind(&socket).expect("a socket"));
    // Only root can make one.
    let has_device = made("mknod", &device, &["c", "1", "3"]);
    for target in [&pipe, &socket, &device] {
        if target == &device && !has_device {
            continue;
        }
        let link = folder.path().join("state.json");
        symlink(target, &link).expect("a link");
        for text in ["first", "second"] {
            write_atomic(&link, text.as_bytes(), Access::Owner).expect("written");
        }
        let kind = fs::symlink_metadata(target)
            .expect("it is there")
            .file_type();
        assert!(
            kind.is_fifo() || kind.is_socket() || kind.is_char_device(),
            "`{}` was replaced",
            target.display()
        );
        assert_eq!(fs::read_to_string(&link).expect("a file"), "second");
        fs::remove_file(link).expect("removed");
    }
}
