//! The folder of installed versions.

use std::fs;
use std::time::{Duration, SystemTime};

use perpetua_fetch::{InstallError, ReleaseSource, Sha256, Versions, VersionsError};
use perpetua_words::Message;

use crate::archives::{core, noise};
use crate::bench::{Bench, offered};

fn ids(bench: &Bench) -> Vec<String> {
    let list = bench.versions.list().expect("a record");
    list.into_iter().map(|installed| installed.id).collect()
}

#[tokio::test]
async fn the_last_two_are_kept_and_one_step_leads_back() {
    let bench = Bench::new(Vec::new());
    assert!(matches!(
        bench.versions.roll_back(),
        Err(VersionsError::NothingBefore)
    ));
    let (_first, second, third) = (
        bench.install_program(b"1").await,
        bench.install_program(b"2").await,
        bench.install_program(b"3").await,
    );
    assert_eq!(ids(&bench), [third.id.as_str(), second.id.as_str()]);
    let mut folders = bench.names();
    folders.retain(|name| name.starts_with("local-"));
    assert_eq!(folders.len(), 2, "{folders:?}");
    assert_eq!(
        bench.versions.previous().expect("a record"),
        Some(second.clone())
    );
    assert_eq!(bench.versions.roll_back().expect("rolled back"), second);
    assert_eq!(bench.current_program(), b"2");
    // The one that failed is not what a second failure leads to.
    assert!(matches!(
        bench.versions.roll_back(),
        Err(VersionsError::NothingBefore)
    ));
    bench.versions.use_version(&third.id).expect("used");
    assert_eq!(bench.versions.previous().expect("a record"), Some(second));
}

#[tokio::test]
async fn a_version_that_runs_outlives_the_installation_of_others() {
    let bench = Bench::new(Vec::new());
    let first = bench.install_program(b"1").await;
    // Another handle to the same folder, as an account has one.
    let (lease, again) = (
        bench.versions.clone().lease(&first.id),
        bench.versions.lease(&first.id),
    );
    let second = bench.install_program(b"2").await;
    let third = bench.install_program(b"3").await;
    assert!(first.program.exists(), "it runs");
    assert!(ids(&bench).contains(&first.id));
    drop(again);
    assert!(matches!(
        bench.versions.remove(&first.id),
        Err(VersionsError::InUse { .. })
    ));
    drop(lease);
    let fourth = bench.install_program(b"4").await;
    assert_eq!(ids(&bench), [fourth.id, third.id]);
    assert!(!first.program.exists() && !second.program.exists());
}

#[tokio::test]
async fn two_accounts_that_give_the_same_version_up_go_back_once() {
    let bench = Bench::new(Vec::new());
    let (first, second, third) = (
        bench.install_program(b"1").await,
        bench.install_program(b"2").await,
        bench.install_program(b"3").await,
    );
    let why = Message::from(perpetua_words::io::TimedOut);
    let back = || {
        bench
            .versions
            .roll_back_from(&third.id, "main", &why, SystemTime::now())
    };
    assert_eq!(back().expect("rolled back"), Some(second.clone()));
    assert_eq!(back().expect("done already"), Some(second));
    assert!(!first.program.exists());
}

#[tokio::test]
async fn what_is_told_of_a_version_survives_a_new_opening() {
    let bench = Bench::new(Vec::new());
    let installed = bench.install_program(b"1").await;
    let again = Versions::open(bench.versions.folder()).expect("opened again");
    assert_eq!(again.current().expect("a record"), Some(installed.clone()));
    assert_eq!(installed.size, core(b"1").len() as u64);
    let age = SystemTime::now().duration_since(installed.installed_at);
    assert!(age.expect("in the past") < Duration::from_mins(1));
}

#[tokio::test]
async fn the_current_version_is_not_removed_and_another_is() {
    let bench = Bench::new(Vec::new());
    let (first, second) = (
        bench.install_program(b"1").await,
        bench.install_program(b"2").await,
    );
    let words = bench
        .versions
        .remove(&second.id)
        .expect_err("in use")
        .to_string();
    assert_eq!(
        words,
        format!(
            "`{}` is the version in use; choose another one first",
            second.id
        )
    );
    bench.versions.remove(&first.id).expect("removed");
    assert_eq!(ids(&bench), [second.id.as_str()]);
    assert!(!bench.versions.folder().join(&first.id).exists());
    assert_eq!(bench.versions.previous().expect("a record"), None);
    for id in ["none", "../x", ""] {
        let error = bench.versions.remove(id).expect_err("there is none");
        assert!(
            matches!(error, VersionsError::NotInstalled { .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_changed_file_is_found_and_a_touched_one_is_not_called_changed() {
    let bench = Bench::new(Vec::new());
    let (first, second) = (
        bench.install_program(b"one").await,
        bench.install_program(b"two").await,
    );
    let library = second.program.with_file_name("librealm-wrappers.dylib");
    let later = SystemTime::now() + Duration::from_mins(5);
    let touch = |path| {
        fs::File::options()
            .write(true)
            .open(path)
            .and_then(|file: fs::File| file.set_modified(later))
    };
    touch(&second.program).expect("touched");
    for _ in 0..2 {
        bench.versions.verify(&second.id).expect("the same content");
    }
    fs::write(&library, "a virus").expect("written");
    let error = bench.versions.verify(&second.id).expect_err("changed");
    assert!(
        matches!(&error, VersionsError::Damaged { what, .. } if what.to_string() == "`librealm-wrappers.dylib` has other content"),
        "{error}"
    );
    fs::remove_file(&first.program).expect("removed");
    assert!(matches!(
        bench.versions.roll_back(),
        Err(VersionsError::Damaged { .. })
    ));
    let error = bench.versions.use_version(&first.id).expect_err("damaged");
    assert!(error.to_string().ends_with("Install it again"), "{error}");
    assert_eq!(bench.versions.current().expect("a record"), Some(second));
}

#[tokio::test]
async fn a_damaged_version_is_replaced_by_a_new_folder() {
    let bench = Bench::new(Vec::new());
    let first = bench.install_program(b"1").await;
    fs::write(&first.program, "a virus").expect("written");
    let second = bench.install_program(b"1").await;
    assert_eq!(second.id, format!("{}-2", first.id));
    assert_eq!(bench.current_program(), b"1");
}

#[tokio::test]
async fn an_installed_release_is_used_without_a_download() {
    let (bench, server) = offered(&core(&noise(1, 1000))).await;
    let first = bench.install().await.expect("installed");
    let second = bench.install_program(b"2").await;
    assert_eq!(bench.versions.current().expect("a record"), Some(second));
    let again = bench.install().await.expect("used again");
    assert_eq!(again, first);
    assert_eq!(bench.versions.current().expect("a record"), Some(first));
    assert_eq!(server.requests("/file").len(), 1);
}

#[tokio::test]
async fn a_core_that_does_not_start_never_becomes_the_current_one() {
    let bench = Bench::new(Vec::new());
    let old = bench.install_program(b"old").await;
    let archive = core(b"new");
    let path = bench.folder.path().join("core.tar.gz");
    fs::write(&path, &archive).expect("an archive");
    let mut new = Bench::new(vec![ReleaseSource::Local { path }]);
    new.versions = bench.versions.clone();
    new.accept = Some(Sha256::of(&archive));
    let trial = |program: std::path::PathBuf| async move {
        assert_eq!(fs::read(program).expect("in place"), b"new");
        Err(perpetua_words::io::Other {
            text: "a library is missing",
        }
        .into())
    };
    let error = new.install_with(&|_| {}, trial).await.expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the new core did not pass its trial start and was removed: a library is missing"
    );
    let cancel = new.cancel.clone();
    let trial = |_| async move {
        cancel.cancel();
        std::future::pending().await
    };
    let error = new
        .install_with(&|_| {}, trial)
        .await
        .expect_err("called off");
    assert!(matches!(error, InstallError::Canceled), "{error}");
    assert_eq!(ids(&bench), [old.id]);
    assert_eq!(bench.current_program(), b"old");
    let mut folders = bench.names();
    folders.retain(|name| name.starts_with("local-"));
    assert_eq!(folders.len(), 1, "{folders:?}");
}

#[tokio::test]
async fn what_broken_installations_left_is_swept_and_nothing_else() {
    let bench = Bench::new(Vec::new());
    let installed = bench.install_program(b"1").await;
    let folder = bench.versions.folder();
    for name in [
        ".new-abc",
        ".old-nightly-3fa9c1d2",
        "nightly-3fa9c1d2",
        "my-own-folder",
    ] {
        fs::create_dir(folder.join(name)).expect("a folder");
        fs::write(folder.join(name).join("file"), "x").expect("a file");
    }
    fs::write(folder.join(".perpetua-x.tmp"), "x").expect("a file");
    Versions::open(folder).expect("opened");
    assert_eq!(
        bench.names(),
        [
            ".cache",
            ".downloads",
            &installed.id,
            "my-own-folder",
            "versions.json"
        ]
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_may_not_be_written_is_said_to_be_one() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a folder");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o500)).expect("read-only");
    if fs::write(home.path().join("probe"), "").is_ok() {
        // The superuser may write everywhere; a file in the way stands in for it.
        let file = home.path().join("probe");
        let error = Versions::open(&file.join("core")).expect_err("a file is in the way");
        assert!(error.to_string().starts_with("the folder `"), "{error}");
        return;
    }
    let error = Versions::open(&home.path().join("core")).expect_err("read-only");
    assert!(
        error.to_string().contains("this user may not write there"),
        "{error}"
    );
}
