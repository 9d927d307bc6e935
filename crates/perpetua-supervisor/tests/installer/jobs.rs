//! One job at a time, for everyone.

use fake_core::{Build, Fault, ReleaseServer};
use perpetua_fetch::ReleaseSource;
use perpetua_lifecycle::{CoreChange, InstallProblem, LaunchFailure};
use perpetua_supervisor::installer::{InstallJob, InstallRequest};
use perpetua_supervisor::{Cores, RollBackOutcome};

use crate::bench::{Bench, settings, words};

#[tokio::test]
async fn from_nothing_to_a_core_that_has_been_tried() {
    let bench = Bench::new().await;
    let nothing = Cores::current(&bench.installer, "main")
        .await
        .map(|core| core.id);
    assert_eq!(nothing, Err(LaunchFailure::NoCore));
    let packed = bench.publish(&Build::numbered(7));
    let changes = bench.installer.changes();
    bench.installer.ensure().await.expect("installed");
    let id = packed.version_id("nightly");
    assert_eq!(bench.job(), InstallJob::Done { id: id.clone() });
    let version = id.clone();
    assert_eq!(*changes.borrow(), Some(CoreChange::Installed { version }));
    assert_eq!(*bench.installer.progress().borrow(), None);
    let core = Cores::current(&bench.installer, "main")
        .await
        .expect("a verified core");
    assert_eq!(core.id, id);
    // The commit stands in a file beside the program: it was kept, and the program has read it.
    let installed = bench
        .installer
        .versions()
        .current()
        .expect("a record")
        .expect("a core");
    assert_eq!(installed.commit, Some("7".repeat(40)));
    bench.installer.ensure().await.expect("there is one");
    assert_eq!(
        bench.server.counts().listings,
        1,
        "and nobody is asked again"
    );
}

#[tokio::test]
async fn all_accounts_wait_for_the_same_job() {
    let bench = Bench::new().await;
    bench.publish(&Build::default());
    let one = &bench.installer;
    let (first, second, third) = tokio::join!(
        one.ensure(),
        one.ensure(),
        one.install(InstallRequest::default())
    );
    first.and(second).expect("both have it");
    third.expect("and the person");
    assert_eq!(bench.server.counts().downloads, 1);
}

#[tokio::test]
async fn where_the_settings_forbid_it_only_a_person_installs() {
    let bench = Bench::with(|options| options.settings.auto_install = false).await;
    bench.publish(&Build::default());
    assert_eq!(
        bench.installer.ensure().await,
        Err(InstallProblem::NotAllowed)
    );
    assert_eq!(bench.server.counts().listings, 0);
    bench
        .installer
        .install(InstallRequest::default())
        .await
        .expect("installed");
    bench.installer.ensure().await.expect("there is one now");
}

#[tokio::test]
async fn what_nobody_vouches_for_waits_for_a_person() {
    let bench = Bench::new().await;
    let packed = bench.publish_unknown(&Build::default());
    let question = InstallProblem::Unconfirmed {
        name: packed.name.clone(),
        sha256: packed.sha256.clone(),
        rolled_back: None,
    };
    for _ in 0..2 {
        assert_eq!(bench.installer.ensure().await, Err(question.clone()));
    }
    let sha256 = packed.sha256.clone();
    let name = packed.name.clone();
    let waits = InstallJob::Unconfirmed {
        name,
        sha256,
        rolled_back: None,
    };
    assert_eq!(bench.job(), waits);
    assert_eq!(bench.server.counts().downloads, 1);
    let accept = |accept: &str| InstallRequest {
        accept: Some(accept.to_owned()),
        ..InstallRequest::default()
    };
    let problem = bench
        .installer
        .install(accept("yes"))
        .await
        .expect_err("no digest");
    assert!(words(problem).starts_with("`yes` is not a SHA-256"));
    let upper = packed.sha256.to_uppercase();
    bench
        .installer
        .install(accept(&upper))
        .await
        .expect("installed");
    assert_eq!(bench.server.counts().downloads, 1, "it was there already");
    assert_eq!(bench.current(), Some(packed.version_id("nightly")));
}

#[tokio::test]
async fn a_job_can_be_called_off_and_another_one_is_refused_meanwhile() {
    let bench = Bench::new().await;
    bench.publish(&Build::default());
    bench.server.every_download(Some(Fault::Slow(1_000_000)));
    let installer = bench.installer.clone();
    let waiting = tokio::spawn(async move { installer.ensure().await });
    bench
        .until(|job| matches!(job, InstallJob::Running(progress) if progress.received > 0))
        .await;
    let other = InstallRequest {
        source: Some(ReleaseSource::Local {
            path: bench.folder.path().to_owned(),
        }),
        accept: None,
    };
    let problem = bench
        .installer
        .install(other)
        .await
        .expect_err("one at a time");
    assert!(words(problem).starts_with("another installation is under way"));
    bench.installer.cancel().await;
    let problem = waiting.await.expect("an answer").expect_err("called off");
    assert!(words(problem).contains("cancelled"));
    assert_eq!(bench.job(), InstallJob::Idle);
    bench.server.every_download(None);
    bench.installer.ensure().await.expect("installed");
    assert_eq!(bench.server.counts().resumed, 1, "it went on where it was");
}

#[tokio::test]
async fn new_settings_hold_for_the_next_job() {
    let bench = Bench::new().await;
    bench.server.every_listing(Some(Fault::NotFoundHtml));
    let problem = bench
        .installer
        .ensure()
        .await
        .expect_err("there is nothing");
    assert!(words(problem).contains("404"));
    assert!(matches!(bench.job(), InstallJob::Failed(words) if words.to_string().contains("404")));
    let other = ReleaseServer::start().await.expect("a server");
    let packed =
        fake_core::Archives::new().and_then(|archives| archives.pack_here(&Build::default()));
    other.publish(fake_core::Release::nightly([packed.expect("an archive")]));
    bench
        .installer
        .change(settings(&other))
        .await
        .expect("good settings");
    bench.installer.ensure().await.expect("installed");
}

#[tokio::test]
async fn a_changed_core_is_not_started_and_the_one_before_it_can_be() {
    let bench = Bench::new().await;
    let first = bench.publish(&Build::numbered(1)).version_id("nightly");
    bench.installer.ensure().await.expect("installed");
    bench.publish(&Build::numbered(2));
    let second = bench
        .installer
        .install(InstallRequest::default())
        .await
        .expect("installed");
    std::fs::write(&second.program, "a virus").expect("written");
    let failure = Cores::current(&bench.installer, "main")
        .await
        .expect_err("damaged");
    assert!(
        matches!(&failure, LaunchFailure::Damaged(what) if what.to_string().contains("has other content")),
        "{failure}"
    );
    let why = perpetua_words::Message::from(perpetua_words::io::TimedOut);
    let back = |from: &str| {
        let (from, account) = (from.to_owned(), "main".to_owned());
        Cores::roll_back(&bench.installer, from, account, why.clone())
    };
    let to_first = RollBackOutcome::To(first.clone());
    assert_eq!(back(&second.id).await, to_first);
    let change = bench.installer.changes().borrow().clone();
    let version = first.clone();
    assert_eq!(change, Some(CoreChange::RolledBack { version }));
    assert_eq!(back(&second.id).await, to_first, "another account did it");
    assert_eq!(
        Cores::current(&bench.installer, "main")
            .await
            .expect("verified")
            .id,
        first
    );
    let RollBackOutcome::NothingBefore(words) = back(&first).await else {
        panic!("there is no other");
    };
    assert_eq!(
        words.to_string(),
        "there is no version before the one in use to go back to"
    );
}

#[tokio::test]
async fn a_version_that_an_account_runs_survives_two_installations() {
    let bench = Bench::new().await;
    let install = async |number| {
        bench.publish(&Build::numbered(number));
        let request = InstallRequest::default();
        bench.installer.install(request).await.expect("installed")
    };
    let first = install(1).await;
    let running = Cores::current(&bench.installer, "main")
        .await
        .expect("verified");
    install(2).await;
    install(3).await;
    assert!(running.program.exists(), "an account runs it");
    drop(running);
    install(4).await;
    assert!(!first.program.exists(), "nobody runs it any more");
}

#[tokio::test]
async fn only_a_new_version_is_told_as_installed() {
    let bench = Bench::new().await;
    bench.publish(&Build::numbered(1));
    let request = InstallRequest::default;
    let first = bench.installer.install(request()).await.expect("installed");
    bench.installer.install(request()).await.expect("there");
    let change = || bench.installer.changes().borrow().clone();
    let version = first.id.clone();
    let chosen = Some(CoreChange::Chosen { version });
    assert_eq!(change(), chosen, "it was there");
    bench.publish(&Build::numbered(2));
    bench.installer.install(request()).await.expect("installed");
    bench.installer.use_version(first.id).await.expect("used");
    assert_eq!(change(), chosen);
}
