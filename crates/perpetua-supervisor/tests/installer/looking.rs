//! Newer releases are looked for and told, and not installed.

use std::time::Duration;

use fake_core::{Build, Fault, PATIENCE};
use perpetua_supervisor::installer::InstallRequest;
use tokio::time::timeout;

use crate::bench::Bench;

#[tokio::test]
async fn a_newer_release_is_told_until_it_is_installed_and_never_after_it_was_rolled_back() {
    let bench = Bench::new().await;
    let installer = &bench.installer;
    bench.publish(&Build::numbered(1));
    installer.ensure().await.expect("installed");
    assert_eq!(installer.check().await, Ok(None), "it is the current one");
    let packed = bench.publish(&Build::numbered(2));
    let found = installer
        .check()
        .await
        .expect("an answer")
        .expect("a newer one");
    assert_eq!(found.tag, "nightly");
    assert_eq!(
        found.sha256.map(|sha256| sha256.to_string()),
        Some(packed.sha256)
    );
    assert_eq!(found.size, Some(packed.bytes.len() as u64));
    assert_eq!(installer.available().borrow().as_ref(), Some(&found));
    assert_eq!(
        bench.server.counts().downloads,
        1,
        "only the listing was asked for"
    );
    installer
        .install(InstallRequest::default())
        .await
        .expect("installed");
    assert_eq!(*installer.available().borrow(), None);
    installer.roll_back().await.expect("rolled back");
    assert_eq!(
        installer.check().await,
        Ok(None),
        "it was tried and found wanting"
    );
}

#[tokio::test]
async fn without_a_digest_the_size_tells() {
    let bench = Bench::new().await;
    let packed = bench.publish_unknown(&Build::numbered(1));
    let accept = InstallRequest {
        accept: Some(packed.sha256),
        ..InstallRequest::default()
    };
    bench.installer.install(accept).await.expect("installed");
    assert_eq!(bench.installer.check().await, Ok(None));
}

#[tokio::test]
async fn it_looks_by_itself_as_often_as_the_settings_say() {
    let every = Some(Duration::from_millis(20));
    let bench = Bench::with(|options| options.settings.check_every = every).await;
    bench.server.next_listing(Fault::ServerError);
    bench.publish(&Build::default());
    let mut available = bench.installer.available();
    let found = timeout(PATIENCE, available.wait_for(Option::is_some)).await;
    assert!(found.is_ok(), "it goes on after a failure");
    assert_eq!(bench.current(), None, "nobody asked for a core");
}

#[tokio::test]
async fn offline_it_says_so_and_keeps_what_it_knew() {
    let bench = Bench::new().await;
    bench.publish(&Build::default());
    let known = bench.installer.check().await.expect("an answer");
    assert!(known.is_some());
    bench.server.every_listing(Some(Fault::ServerError));
    let words = bench.installer.check().await.expect_err("nobody answers");
    assert!(
        words.to_string().starts_with("no release source answers"),
        "{words}"
    );
    assert_eq!(*bench.installer.available().borrow(), known);
}
