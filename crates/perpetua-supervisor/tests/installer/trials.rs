//! Cores that do not run here never become the current one.

use std::time::Duration;

use fake_core::{Build, Fate};
use perpetua_supervisor::installer::{InstallJob, InstallRequest, InstallerOptions};

use crate::bench::{Bench, words};

/// Long enough for the fake core to start on a busy machine; a mute one costs this time.
const LIMIT: Duration = Duration::from_secs(5);

/// Installs a good version, then this one, which has to fail; gives the words.
async fn refused(bad: &Build) -> String {
    let shorter = |options: &mut InstallerOptions| options.trial_limit = LIMIT;
    let bench = Bench::with(shorter).await;
    let good = bench.publish(&Build::numbered(1)).version_id("nightly");
    bench.installer.ensure().await.expect("the good one");
    bench.publish(bad);
    let problem = bench.installer.install(InstallRequest::default()).await;
    let words = words(problem.expect_err("it does not run"));
    assert!(matches!(bench.job(), InstallJob::Failed(problem) if problem.to_string() == words));
    assert_eq!(bench.current(), Some(good));
    let names = std::fs::read_dir(bench.folder.path().join("core")).expect("the folder");
    let mut names: Vec<String> = names
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.retain(|name| name.starts_with(".new-") || name.starts_with("nightly-"));
    assert_eq!(names.len(), 1, "only the good version is there: {names:?}");
    words
}

#[tokio::test]
async fn a_core_that_says_nothing_is_given_up() {
    let words = refused(&Build::numbered(2).with(Fate::Mute)).await;
    assert!(
        words.contains("did not report its version within 5 s"),
        "{words}"
    );
}

#[tokio::test]
async fn a_file_that_is_no_program_is_refused_in_words() {
    let words = refused(&Build::numbered(2).with(Fate::NoProgram)).await;
    assert!(
        words.starts_with("the new core did not pass its trial start and was removed: "),
        "{words}"
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_core_that_ends_at_once_says_why() {
    use perpetua_fetch::ReleaseSource;
    let bench = Bench::new().await;
    let program = bench.folder.path().join("Lagrange.OneBot");
    let script = "#!/bin/sh\necho \"Process terminated. Couldn't find a valid ICU package installed on the system.\" >&2\nexit 134\n";
    std::fs::write(&program, script).expect("a script");
    let request = InstallRequest {
        source: Some(ReleaseSource::Local { path: program }),
        accept: Some(perpetua_fetch::Sha256::of(script.as_bytes()).to_string()),
    };
    let problem = bench.installer.install(request).await.expect_err("it ends");
    let words = words(problem);
    assert!(
        words.contains("it ended at once: ") && words.contains("libicu"),
        "{words}"
    );
    assert!(
        words.contains("Couldn't find a valid ICU package"),
        "{words}"
    );
    assert_eq!(bench.current(), None);
}
