//! A version whose files somebody has changed, with the size and the time that they had before.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use perpetua_fetch::{Installed, VersionsError};

use crate::archives::core;
use crate::bench::Bench;

async fn installed() -> (Bench, Installed) {
    let bench = Bench::new(Vec::new());
    let archive = core(b"program");
    let installed = bench.install_archive("core.tar.gz", &archive).await;
    let installed = installed.expect("installed");
    bench.versions.verify(&installed.id).expect("as installed");
    (bench, installed)
}

fn time_of(path: &Path) -> SystemTime {
    let metadata = fs::metadata(path).expect("a file");
    metadata.modified().expect("a time")
}

fn set_time(path: &Path, time: SystemTime) {
    let file = File::options().write(true).open(path).expect("a file");
    file.set_modified(time).expect("its time");
}

/// Each changes the program, and leaves its size and its time as they were.
type Change = fn(&Path);

fn changes() -> Vec<(&'static str, Change)> {
    vec![
        ("written in place", |program| {
            let time = time_of(program);
            fs::write(program, "evil!!!").expect("written");
            set_time(program, time);
        }),
        ("another file renamed over it", |program| {
            let (other, time) = (program.with_file_name("other"), time_of(program));
            fs::write(&other, "evil!!!").expect("written");
            set_time(&other, time);
            fs::rename(other, program).expect("renamed");
        }),
        ("written through another name", |program| {
            let time = time_of(program);
            let outside = program.parent().and_then(Path::parent).expect("above");
            let other = outside.join("another-name");
            fs::hard_link(program, &other).expect("another name");
            fs::write(&other, "evil!!!").expect("written");
            set_time(&other, time);
            fs::remove_file(other).expect("removed");
        }),
        ("removed and made again", |program| {
            let time = time_of(program);
            fs::remove_file(program).expect("removed");
            fs::write(program, "evil!!!").expect("written");
            set_time(program, time);
        }),
    ]
}

#[tokio::test]
async fn other_content_is_seen_whatever_time_the_file_says() {
    for (what, change) in changes() {
        let (bench, installed) = installed().await;
        change(&installed.program);
        let error = bench.versions.verify(&installed.id).expect_err(what);
        let VersionsError::Damaged { what: said, .. } = &error else {
            panic!("{what}: {error}");
        };
        assert_eq!(
            said.to_string(),
            "`Lagrange.OneBot` has other content",
            "{what}"
        );
    }
}

#[tokio::test]
async fn files_that_were_copied_whole_are_read_once_and_are_the_same() {
    let (bench, installed) = installed().await;
    let folder = installed.program.parent().expect("its folder");
    for file in crate::bench::names(folder) {
        let (path, copy) = (folder.join(&file), folder.with_file_name("copy"));
        fs::copy(&path, &copy).expect("copied");
        fs::rename(copy, path).expect("put back");
    }
    let record = || fs::read_to_string(bench.versions.folder().join("versions.json")).ok();
    let before = record();
    bench
        .versions
        .verify(&installed.id)
        .expect("the same content");
    let noted = record();
    assert_ne!(noted, before, "what was read is noted");
    bench
        .versions
        .verify(&installed.id)
        .expect("the same content");
    assert_eq!(record(), noted, "and not read again");
}

#[tokio::test]
async fn what_was_added_is_named_and_nothing_runs_with_it() {
    for added in [
        "planted.so",
        "Lagrange.OneBot.runtimeconfig.json",
        "deeper/x.dll",
    ] {
        let (bench, installed) = installed().await;
        let path = installed.program.with_file_name(added);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(&path, "evil").expect("planted");
        let error = bench.versions.verify(&installed.id).expect_err(added);
        let said = format!("`{added}` was not installed with it");
        assert!(error.to_string().contains(&said), "{error}");
        fs::remove_file(path).expect("removed");
        bench.versions.verify(&installed.id).expect("as before");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_no_file_of_a_version() {
    use std::os::unix::fs::symlink;
    let (bench, installed) = installed().await;
    let library = installed.program.with_file_name("librealm-wrappers.dylib");
    let moved = bench.folder.path().join("moved.dylib");
    fs::rename(&library, &moved).expect("moved");
    symlink(&moved, &library).expect("a link");
    let error = bench.versions.verify(&installed.id).expect_err("a link");
    assert!(
        error.to_string().contains("is not a file any more"),
        "{error}"
    );
    fs::remove_file(&library).expect("removed");
    fs::rename(&moved, &library).expect("put back");
    let planted = installed.program.with_file_name("planted.so");
    symlink("/etc/passwd", planted).expect("a link");
    let error = bench.versions.verify(&installed.id).expect_err("a link");
    assert!(
        error.to_string().contains("was not installed with it"),
        "{error}"
    );
}

/// What file managers leave behind is loaded by nobody.
#[tokio::test]
async fn what_a_file_manager_leaves_is_nobodys_business() {
    let (bench, installed) = installed().await;
    for name in [
        ".DS_Store",
        "._Lagrange.OneBot",
        "Thumbs.db",
        "desktop.ini",
        ".nfs0001",
    ] {
        fs::write(installed.program.with_file_name(name), "x").expect("left");
    }
    bench.versions.verify(&installed.id).expect("as installed");
}
