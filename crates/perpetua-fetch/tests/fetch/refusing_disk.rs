//! A disk that refuses each write of an installation in turn: the version before stays whole, and the same command
//! succeeds when there is room, or the right, again.

use std::fs;

use perpetua_fetch::{Upload, Versions};
use perpetua_fs::faults::{DiskFault, FaultyDisk};

use crate::archives::{core, noise};
use crate::bench::{Bench, offered};
use crate::server::Server;

const FAULTS: [(DiskFault, &str); 2] = [
    (DiskFault::Full, "the disk is full"),
    (DiskFault::ReadOnly, "may not write there"),
];

/// A bench with an old version, whose source has a new one.
async fn bench(new: &[u8]) -> (Bench, FaultyDisk, Server) {
    let (bench, server) = offered(new).await;
    bench.install_program(b"old").await;
    let disk = FaultyDisk::under(bench.folder.path());
    (bench, disk, server)
}

/// The files that an installation writes, by their names.
async fn written(new: &[u8]) -> Vec<String> {
    let (bench, disk, _server) = bench(new).await;
    disk.watch();
    bench.install().await.expect("installed");
    let paths = disk.written();
    let mut names: Vec<String> = paths
        .iter()
        .filter_map(|path| path.rsplit('/').next().map(str::to_owned))
        .collect();
    names.dedup();
    names
}

#[tokio::test]
async fn each_write_of_an_installation_may_be_refused_and_nothing_is_lost() {
    let program = noise(1, 50_000);
    let new = core(&program);
    let names = written(&new).await;
    assert!(
        names.iter().any(|name| name == "versions.json"),
        "{names:?}"
    );
    assert!(names.len() > 3, "{names:?}");
    for (fault, said) in FAULTS {
        for name in &names {
            let (bench, disk, _server) = bench(&new).await;
            disk.fail(fault, name);
            match bench.install().await {
                Err(error) => {
                    let error = error.to_string();
                    assert!(error.contains(said), "{name}: {error}");
                    assert_eq!(bench.current_program(), b"old", "{name}");
                }
                // What only saves a question or a byte the next time is not missed.
                Ok(_) => assert_eq!(bench.current_program(), program, "{name}"),
            }
            assert!(!bench.names().iter().any(|left| left.starts_with(".new-")));
            disk.mend();
            bench.install().await.expect("there is room again");
            assert_eq!(bench.current_program(), program, "{name}");
        }
    }
}

#[tokio::test]
async fn an_upload_that_the_disk_refuses_leaves_nothing_and_may_come_again() {
    let archive = core(&noise(1, 50_000));
    for (fault, said) in FAULTS {
        let (bench, disk, _server) = bench(&archive).await;
        let begin = || {
            let told = bench.progress.clone();
            Upload::begin(&bench.versions, "core.tar.gz", None, 1_000_000, told)
        };
        let mut upload = begin().await.expect("it may come");
        disk.fail(fault, "");
        let error = upload.write(&archive).await.expect_err("refused");
        assert!(error.to_string().contains(said), "{error}");
        drop(upload);
        disk.mend();
        assert!(!bench.names().iter().any(|left| left.starts_with(".new-")));
        let mut upload = begin().await.expect("it may come");
        upload.write(&archive).await.expect("there is room again");
        upload.finish().await.expect("all of it");
    }
}

/// The folder has come from another user: nothing of it is swept, each look says why, and all is there once that is
/// put right.
#[tokio::test]
async fn a_record_that_may_not_be_read_stops_no_opening_and_costs_no_version() {
    let (bench, disk, _server) = bench(&core(b"new")).await;
    bench.install_program(b"other").await;
    let (list, names) = (bench.versions.list().expect("a record"), bench.names());
    assert_eq!(list.len(), 2);
    disk.fail(DiskFault::Unreadable, "versions.json");
    for _ in 0..2 {
        let opened = Versions::open(bench.versions.folder()).expect("opened");
        let told = opened.problems();
        assert_eq!(told.len(), 1, "{told:?}");
        let told = told[0].to_string();
        assert!(told.contains("versions.json"), "{told}");
        assert!(told.contains("this user may not read it"), "{told}");
        let refused = bench.install().await.expect_err("nobody knows them");
        assert!(refused.to_string().contains("may not read it"), "{refused}");
        assert_eq!(bench.names(), names);
        opened.list().expect_err("it cannot be read");
        disk.mend();
        assert_eq!(opened.list().expect("a record"), list);
        assert_eq!(opened.problems(), []);
        disk.fail(DiskFault::Unreadable, "versions.json");
    }
}

/// Somebody has deleted the folder of the installed cores while the node runs.
#[tokio::test]
async fn a_folder_of_versions_that_is_gone_is_made_anew() {
    let program = noise(1, 50_000);
    let (bench, _disk, _server) = bench(&core(&program)).await;
    for _ in 0..2 {
        fs::remove_dir_all(bench.versions.folder()).expect("removed");
        assert_eq!(bench.versions.current().expect("looked"), None);
        bench.install().await.expect("installed in a new folder");
        assert_eq!(bench.current_program(), program);
    }
    fs::remove_dir_all(bench.versions.folder()).expect("removed");
    let told = bench.progress.clone();
    let upload = Upload::begin(&bench.versions, "core.tar.gz", None, 1_000_000, told).await;
    upload.expect("it may come");
    fs::remove_dir_all(bench.versions.folder()).expect("removed");
    bench.install_program(b"old").await;
}
