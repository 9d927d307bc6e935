//! Windows: files that someone holds open cannot be moved or deleted.
#![cfg(windows)]

use std::fs::File;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::thread;
use std::time::Duration;

use perpetua_fetch::{InstallStep, ReleaseSource, Sha256, Versions};

use crate::archives::core;
use crate::bench::{Bench, COMMIT};

/// Others may read it, and neither delete nor rename it, as with a program that runs.
const SHARE_READ: u32 = 1;

fn hold(path: &Path) -> File {
    let mut options = File::options();
    options.read(true).share_mode(SHARE_READ);
    options.open(path).expect("held open")
}

#[tokio::test]
async fn a_version_whose_program_runs_is_removed_later() {
    let bench = Bench::new(Vec::new());
    let first = bench.install_program(b"1").await;
    let running = hold(&first.program);
    bench.install_program(b"2").await;
    bench.install_program(b"3").await;
    assert_eq!(bench.versions.list().expect("a record").len(), 2);
    // Wine gives a folder another name whoever uses it; Windows does not.
    let is_wine = std::env::var_os("PERPETUA_TEST_WINE").is_some();
    assert!(
        first.program.exists() || is_wine,
        "nothing of it was touched"
    );
    drop(running);
    Versions::open(bench.versions.folder()).expect("opened again");
    let names = bench.names();
    let is_left = |name: &String| *name == first.id || name.starts_with(".old-");
    assert!(!names.iter().any(is_left), "{names:?}");
    assert_eq!(bench.current_program(), b"3");
}

#[tokio::test]
async fn a_virus_scanner_that_reads_the_new_files_only_delays_it() {
    let archive = core(b"new");
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("core.tar.gz");
    std::fs::write(&path, &archive).expect("an archive");
    let mut bench = Bench::new(vec![ReleaseSource::Local { path }]);
    bench.accept = Some(Sha256::of(&archive));
    let folder = bench.versions.folder().to_owned();
    let scan = move |step| {
        if step == InstallStep::Unpacked {
            let scanned = hold(&program_below(&folder).expect("an unpacked program"));
            thread::spawn(move || {
                // As long as a scanner takes: some of the tries fail, a later one succeeds.
                thread::park_timeout(Duration::from_millis(200));
                drop(scanned);
            });
        }
    };
    let trial = |_| async { Ok(Some(COMMIT.to_owned())) };
    bench.install_with(&scan, trial).await.expect("installed");
    assert_eq!(bench.current_program(), b"new");
}

fn program_below(folder: &Path) -> Option<std::path::PathBuf> {
    let mut entries = folder.read_dir().ok()?.flatten().map(|entry| entry.path());
    entries.find_map(|path| {
        let is_it = path.is_file() && path.ends_with("Lagrange.OneBot");
        if is_it {
            Some(path)
        } else {
            program_below(&path)
        }
    })
}
