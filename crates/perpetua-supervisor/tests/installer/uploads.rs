//! A core that a person's browser sends.

use std::fs;
use std::io::Write as _;

use fake_core::{Build, Packed, Rid};
use flate2::{Compression, write::GzEncoder};
use perpetua_fetch::{InstallPhase, ReleaseSource, UploadError, Voucher};
use perpetua_lifecycle::InstallProblem;
use perpetua_supervisor::installer::{
    IncomingCore, InstallJob, InstallRequest, Installer, ReceiveError,
};

use crate::bench::{Bench, options};

#[tokio::test]
async fn an_archive_that_was_uploaded_is_compared_tried_and_made_current() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::numbered(3));
    // Browsers number what they load twice.
    let incoming = bench.begin("C:\\fakepath\\core (1).tgz", &packed).await;
    send(&bench, incoming, &packed.bytes).await;
    let asked = InstallJob::Unconfirmed {
        name: "core (1).tgz".to_owned(),
        sha256: packed.sha256.clone(),
        rolled_back: None,
    };
    bench.until(|job| *job == asked).await;
    let installed = bench.accept(&packed.sha256).await.expect("installed");
    assert_eq!(installed.id, packed.version_id("local"));
    assert_eq!(installed.origin, "core (1).tgz");
    assert_eq!(installed.voucher, Some(Voucher::Person));
    assert_eq!(installed.commit, Some("3".repeat(40)));
    assert_eq!(bench.current(), Some(installed.id));
    bench.nothing_left();
}

#[tokio::test]
async fn how_much_has_come_is_told_as_it_comes() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::default());
    let mut incoming = bench.begin("core.tar.gz", &packed).await;
    let half = packed.bytes.len() / 2;
    incoming.write(&packed.bytes[..half]).await.expect("room");
    let (half, whole) = (half as u64, packed.bytes.len() as u64);
    bench
        .until(|job| {
            matches!(job, InstallJob::Running(told) if told.received == half
                && told.total == Some(whole) && told.tag.as_deref() == Some("core.tar.gz"))
        })
        .await;
    assert_eq!(incoming.received(), half);
}

#[tokio::test]
async fn what_has_come_is_unpacked_next_and_looked_for_nowhere() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::default());
    let incoming = bench.begin("core.tar.gz", &packed).await;
    let mut progress = bench.installer.progress();
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        while progress.changed().await.is_ok() {
            let Some(told) = progress.borrow_and_update().clone() else {
                return seen;
            };
            assert_eq!(told.tag.as_deref(), Some("core.tar.gz"), "{told:?}");
            if seen.last() != Some(&told.phase) {
                seen.push(told.phase);
            }
        }
        seen
    });
    send(&bench, incoming, &packed.bytes).await;
    bench
        .until(|job| matches!(job, InstallJob::Unconfirmed { .. }))
        .await;
    let seen = watching.await.expect("it is told");
    assert!(seen.starts_with(&[InstallPhase::Uploading]), "{seen:?}");
    assert!(!seen.contains(&InstallPhase::LookingForRelease), "{seen:?}");
}

#[tokio::test]
async fn what_cannot_become_a_core_is_refused_before_anything_comes() {
    let bench = Bench::new().await;
    let limit = bench.installer.largest_upload();
    for (size, wanted) in [
        (0, "the file is empty"),
        (limit + 1, "the file exceeds the 500 MB limit"),
    ] {
        let refused = bench.installer.receive("core.zip", Some(size)).await;
        let Err(ReceiveError::Upload(error)) = refused else {
            panic!("{size}: {refused:?}");
        };
        assert!(error.to_string().starts_with(wanted), "{error}");
        assert_eq!(bench.job(), InstallJob::Idle);
    }
    bench.nothing_left();
}

#[tokio::test]
async fn what_is_no_archive_ends_with_its_first_bytes() {
    let bench = Bench::new().await;
    for bytes in [
        &b"<!DOCTYPE html>"[..],
        b"\x7fELF program",
        b"MZ\x90\x00",
        b"PK",
        b"\x00",
    ] {
        let incoming = bench.installer.receive("core.zip", None).await;
        let mut incoming = incoming.expect("it may come");
        let coming = async move {
            incoming.write(bytes).await?;
            incoming.finish().await
        };
        let ended = coming.await;
        assert!(
            matches!(ended, Err(UploadError::NotAnArchive)),
            "{bytes:?}: {ended:?}"
        );
        bench.failed("this is not an archive").await;
        bench.nothing_left();
    }
    let empty = bench.installer.receive("core.zip", None).await;
    let ended = empty.expect("it may come").finish().await;
    assert!(matches!(ended, Err(UploadError::Empty)), "{ended:?}");
    bench.failed("the file is empty").await;
    bench.nothing_left();
}

#[tokio::test]
async fn one_that_lies_about_its_size_is_cut_at_the_limit() {
    let bench = Bench::with(|options| options.fetch.patience.largest = 1000).await;
    let incoming = bench.installer.receive("core.tar.gz", None).await;
    let mut incoming = incoming.expect("it may come");
    let mut piece = vec![0x1f, 0x8b];
    piece.resize(600, 0);
    incoming.write(&piece).await.expect("within the limit");
    let cut = incoming.write(&piece).await;
    assert!(matches!(cut, Err(UploadError::TooLarge(1000))), "{cut:?}");
    bench.failed("the file exceeds").await;
    drop(incoming);
    bench.nothing_left();
}

#[tokio::test]
async fn whoever_goes_leaves_nothing_and_the_next_one_may_come() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::default());
    let mut incoming = bench.begin("core.tar.gz", &packed).await;
    incoming.write(&packed.bytes[..1000]).await.expect("room");
    drop(incoming);
    bench.failed("the upload broke off after 1000 bytes").await;
    bench.nothing_left();
    let incoming = bench.begin("core.tar.gz", &packed).await;
    send(&bench, incoming, &packed.bytes).await;
    bench
        .until(|job| matches!(job, InstallJob::Unconfirmed { .. }))
        .await;
}

#[tokio::test]
async fn one_that_is_called_off_takes_no_more() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::default());
    let mut incoming = bench.begin("core.tar.gz", &packed).await;
    incoming.write(&packed.bytes[..1000]).await.expect("room");
    bench.installer.cancel().await;
    incoming.called_off().await;
    bench.until(|job| *job == InstallJob::Idle).await;
    let more = incoming.write(&packed.bytes[1000..]).await;
    assert!(matches!(more, Err(UploadError::Canceled)), "{more:?}");
    let ended = incoming.finish().await;
    assert!(matches!(ended, Err(UploadError::Canceled)), "{ended:?}");
    bench.nothing_left();
    assert_eq!(bench.job(), InstallJob::Idle);
}

#[tokio::test]
async fn there_is_one_job_whoever_wants_which() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::default());
    let incoming = bench.begin("core.tar.gz", &packed).await;
    let second = bench.installer.receive("core.tar.gz", None).await;
    assert!(
        matches!(second, Err(ReceiveError::Refused(_))),
        "{second:?}"
    );
    let other = bench.installer.install(InstallRequest::default()).await;
    assert!(matches!(other, Err(InstallProblem::Failed(_))), "{other:?}");
    // An account that needs a core waits for the one that comes, and hears what a person has to do.
    let installer = bench.installer.clone();
    let account = tokio::spawn(async move { installer.ensure().await });
    send(&bench, incoming, &packed.bytes).await;
    let heard = account.await.expect("no panic");
    assert!(
        matches!(heard, Err(InstallProblem::Unconfirmed { .. })),
        "{heard:?}"
    );
}

#[tokio::test]
async fn one_for_another_system_and_one_made_to_fill_disks_are_refused() {
    let bench = Bench::new().await;
    let elsewhere = Rid(if cfg!(windows) {
        "linux-x64"
    } else {
        "win-x64"
    });
    let other = bench.archives().pack(elsewhere, &Build::default());
    let other = other.expect("an archive");
    let bomb = Packed::new("core.tar.gz".to_owned(), zeros(50_000_000));
    for (packed, wanted) in [
        (other, "it holds the core for another system"),
        (bomb, "the archive"),
    ] {
        let incoming = bench.begin(&packed.name, &packed).await;
        send(&bench, incoming, &packed.bytes).await;
        bench
            .until(|job| matches!(job, InstallJob::Unconfirmed { .. }))
            .await;
        let refused = bench.accept(&packed.sha256).await;
        let Err(InstallProblem::Failed(words)) = refused else {
            panic!("{}: {refused:?}", packed.name);
        };
        assert!(words.to_string().contains(wanted), "{words}");
        bench.nothing_left();
    }
    assert_eq!(bench.current(), None);
}

#[tokio::test]
async fn one_that_waits_goes_when_a_person_has_another_or_none_or_at_the_next_start() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::numbered(1));
    waits(&bench, &packed).await;
    bench.publish(&Build::numbered(2));
    let wanted = bench.installer.install(InstallRequest::default()).await;
    wanted.expect("from the sources");
    bench.nothing_left();
    waits(&bench, &packed).await;
    bench.installer.cancel().await;
    bench.until(|job| *job == InstallJob::Idle).await;
    bench.nothing_left();
    waits(&bench, &packed).await;
    assert_ne!(bench.left(), Vec::<String>::new());
    // As after `kill -9`: nobody has tidied up.
    let _again = Installer::new(options(&bench.folder, &bench.server)).expect("an installer");
    bench.nothing_left();
}

#[tokio::test]
async fn one_that_is_compared_stays_until_its_right_digest_is_confirmed() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::numbered(1));
    waits(&bench, &packed).await;
    let asked = bench.job();
    // An account tries again while a person compares.
    for _ in 0..2 {
        let heard = bench.installer.ensure().await;
        assert!(
            matches!(heard, Err(InstallProblem::Unconfirmed { .. })),
            "{heard:?}"
        );
        assert_eq!(bench.job(), asked);
    }
    let wrong = bench.accept(&"0".repeat(64)).await;
    assert!(matches!(wrong, Err(InstallProblem::Failed(_))), "{wrong:?}");
    let page = bench.installer.receive("page.html", None).await;
    let mut page = page.expect("it may come");
    let refused = page.write(b"<!DOCTYPE html>").await;
    assert!(refused.is_err(), "{refused:?}");
    drop(page);
    bench.until(|job| *job == asked).await;
    let installed = bench.accept(&packed.sha256).await.expect("it is there");
    assert_eq!(installed.origin, "core.tar.gz");
    bench.nothing_left();
}

/// Uploads one, for which a person is asked.
async fn waits(bench: &Bench, packed: &Packed) {
    let incoming = bench.begin("core.tar.gz", packed).await;
    send(bench, incoming, &packed.bytes).await;
    bench
        .until(|job| matches!(job, InstallJob::Unconfirmed { .. }))
        .await;
}

#[tokio::test]
async fn a_path_is_confirmed_by_its_digest_alone() {
    let bench = Bench::new().await;
    let packed = bench.pack(&Build::numbered(4));
    let path = bench.folder.path().join(&packed.name);
    fs::write(&path, &packed.bytes).expect("written");
    let named = InstallRequest {
        source: Some(ReleaseSource::Local { path: path.clone() }),
        accept: None,
    };
    let asked = bench.installer.install(named).await;
    assert!(
        matches!(asked, Err(InstallProblem::Unconfirmed { .. })),
        "{asked:?}"
    );
    let installed = bench.accept(&packed.sha256).await.expect("installed");
    assert_eq!(installed.origin, path.display().to_string());
}

/// Sends all of it in pieces as a socket gives them.
async fn send(bench: &Bench, mut incoming: IncomingCore, bytes: &[u8]) {
    for piece in bytes.chunks(16 * 1024) {
        incoming.write(piece).await.expect("room");
    }
    incoming.finish().await.expect("whole");
    bench.until(|job| !matches!(job, InstallJob::Idle)).await;
}

/// So many zeros, packed to almost nothing.
fn zeros(count: usize) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(&vec![0; count]).expect("memory");
    packed.finish().expect("memory")
}
