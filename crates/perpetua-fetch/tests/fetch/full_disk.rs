//! A disk that runs full: a limit on the size of files stands in for it, in a process of its own.
#![cfg(unix)]

use std::env;
use std::process::Command;

use perpetua_fetch::{FetchError, InstallError, Upload, UploadError};

use crate::archives::{core, core_entries, noise, tar_gz};
use crate::bench::{Bench, offered};

const LIMITED: &str = "PERPETUA_TEST_LIMITED";

/// Starts this test again where no file may have more than 64 KiB; true in that process.
fn is_limited(this: &str) -> bool {
    if env::var_os(LIMITED).is_some() {
        return true;
    }
    let limited = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
    let output = Command::new("sh")
        .args(["-c", limited])
        .arg(env::current_exe().expect("this test program"))
        .args([this, "--exact", "--nocapture"])
        .env(LIMITED, "yes")
        .output()
        .expect("started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    false
}

#[tokio::test]
async fn a_full_disk_ends_the_download_and_gives_its_room_back() {
    if !is_limited("full_disk::a_full_disk_ends_the_download_and_gives_its_room_back") {
        return;
    }
    let (bench, server) = offered(&core(&noise(1, 200_000))).await;
    bench.install_program(b"old").await;
    let error = bench.install().await.expect_err("no room");
    assert!(
        matches!(&error, InstallError::Fetch(FetchError::Disk(error)) if error.is_full()),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .contains("the disk is full. Nothing was changed; free some space"),
        "{error}"
    );
    assert_eq!(
        server.requests("/file").len(),
        1,
        "another address would not help"
    );
    assert_eq!(bench.downloads(), [""; 0]);
    assert_eq!(bench.current_program(), b"old");
}

#[tokio::test]
async fn a_full_disk_ends_the_unpacking_and_gives_its_room_back() {
    if !is_limited("full_disk::a_full_disk_ends_the_unpacking_and_gives_its_room_back") {
        return;
    }
    let bench = Bench::new(Vec::new());
    bench.install_program(b"old").await;
    // It shrinks to less than the limit, and is more when it is unpacked.
    let error = bench
        .install_archive("new.tar.gz", &tar_gz(&core_entries(&vec![7; 200_000])))
        .await
        .expect_err("no room");
    assert!(
        error
            .to_string()
            .contains("the disk is full. Nothing was changed; free some space"),
        "{error}"
    );
    assert!(!bench.names().iter().any(|name| name.starts_with(".new-")));
    assert_eq!(bench.current_program(), b"old");
}

#[tokio::test]
async fn a_full_disk_ends_the_upload_and_gives_its_room_back() {
    if !is_limited("full_disk::a_full_disk_ends_the_upload_and_gives_its_room_back") {
        return;
    }
    let bench = Bench::new(Vec::new());
    let archive = core(&noise(1, 200_000));
    let told = bench.progress.clone();
    let upload = Upload::begin(&bench.versions, "core.tar.gz", None, 1_000_000, told).await;
    let mut upload = upload.expect("it may come");
    let coming = async move {
        for piece in archive.chunks(16 * 1024) {
            upload.write(piece).await?;
        }
        upload.finish().await
    };
    let error = coming.await.expect_err("no room");
    assert!(
        matches!(&error, UploadError::Disk(error) if error.is_full()),
        "{error}"
    );
    assert!(error.to_string().contains("the disk is full"), "{error}");
    assert!(!bench.names().iter().any(|name| name.starts_with(".new-")));
}
