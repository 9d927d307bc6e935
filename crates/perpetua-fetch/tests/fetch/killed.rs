//! Installations that are killed at every step: the old version or the new one, never half.
//!
//! The test starts this test program again; one that finds its variables set is the process to be killed.

use std::env;
use std::path::PathBuf;
use std::process::{Command, abort};

use perpetua_fetch::{InstallStep, ReleaseSource, Sha256, Versions};

use crate::archives::core;
use crate::bench::{Bench, COMMIT};

const FOLDER: &str = "PERPETUA_TEST_FOLDER";
const STEP: &str = "PERPETUA_TEST_STEP";

const STEPS: [InstallStep; 7] = [
    InstallStep::Locked,
    InstallStep::Downloaded,
    InstallStep::Unpacked,
    InstallStep::Placed,
    InstallStep::Tried,
    InstallStep::Recorded,
    InstallStep::Cleaned,
];

/// A bench on this folder that installs the archive beside it.
fn bench(folder: &std::path::Path) -> Bench {
    let path = folder.join("new.tar.gz");
    let mut bench = Bench::new(vec![ReleaseSource::Local { path }]);
    bench.versions = Versions::open(&folder.join("core")).expect("versions");
    bench.accept = Some(Sha256::of(&core(b"new")));
    bench
}

async fn die_at(folder: PathBuf, last: InstallStep) {
    let observe = move |step| {
        if step == last {
            abort();
        }
    };
    let trial = |_| async { Ok(Some(COMMIT.to_owned())) };
    let _ = bench(&folder).install_with(&observe, trial).await;
}

#[tokio::test]
async fn killed_at_any_step_there_is_the_old_version_or_the_new_one() {
    if let (Some(folder), Ok(step)) = (env::var_os(FOLDER), env::var(STEP)) {
        let step = step.parse::<usize>().expect("a number");
        die_at(folder.into(), STEPS[step]).await;
        panic!("it was to end before");
    }
    for (number, step) in STEPS.into_iter().enumerate() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = bench(folder.path());
        first.install_program(b"old").await;
        std::fs::write(folder.path().join("new.tar.gz"), core(b"new")).expect("the new archive");
        let this = "killed::killed_at_any_step_there_is_the_old_version_or_the_new_one";
        let died = Command::new(env::current_exe().expect("this test program"))
            .args([this, "--exact", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(STEP, number.to_string())
            .output()
            .expect("started");
        let words = String::from_utf8_lossy(&died.stderr);
        assert!(
            !died.status.success() && !words.contains("it was to end before"),
            "{step:?}: {words}"
        );

        let after = bench(folder.path());
        let is_new = matches!(step, InstallStep::Recorded | InstallStep::Cleaned);
        let expected: &[u8] = if is_new { b"new" } else { b"old" };
        assert_eq!(after.current_program(), expected, "{step:?}");
        let recorded = after.versions.list().expect("a record").len();
        let mut names = after.names();
        names.retain(|name| !name.starts_with('.') && name != "versions.json");
        assert_eq!(
            names.len(),
            recorded,
            "{step:?}: folders without a record: {names:?}"
        );
        assert_eq!(recorded, if is_new { 2 } else { 1 }, "{step:?}");
        assert!(
            !after.names().iter().any(|name| name.starts_with(".new-")),
            "{step:?}"
        );

        after.install().await.expect("the next one succeeds");
        assert_eq!(after.current_program(), b"new", "{step:?}");
    }
}
