//! A newer version on the disk, and what never gets there.

use perpetua_testkit::{ReleaseSigner, UpdateAnswer};
use perpetua_update::{ObtainError, Project};
use tokio::time::{Duration, sleep};

use crate::harness::World;

const GOOD: &[u8] = b"#!/bin/sh\necho a new version\n";
const NAME: &str = "perpetua_0.2.0_amd64.AppImage";

fn words(error: ObtainError) -> String {
    match error {
        ObtainError::Failed(message) => message.to_string(),
        ObtainError::Canceled => "canceled".to_owned(),
    }
}

#[tokio::test]
async fn a_proven_file_is_kept_and_not_downloaded_twice() {
    let world = World::new().await;
    world.offer("/a", "0.2.0", GOOD, NAME);
    let obtained = world.obtain(&["/a"]).await.expect("obtained");
    assert_eq!(std::fs::read(&obtained.path).expect("a file"), GOOD);
    assert_eq!(world.files(), ["perpetua_0.2.0.AppImage"]);
    world.obtain(&["/a"]).await.expect("it is there");
    let files = world
        .server
        .asked()
        .into_iter()
        .filter(|path| path.starts_with("/files"));
    assert_eq!(files.count(), 1);
    // What was changed there meanwhile is fetched anew.
    std::fs::write(&obtained.path, "something else").expect("written");
    let again = world.obtain(&["/a"]).await.expect("obtained");
    assert_eq!(std::fs::read(&again.path).expect("a file"), GOOD);
}

#[tokio::test]
async fn what_one_address_does_wrong_the_next_one_does_right() {
    let bad: [(&str, UpdateAnswer); 6] = [
        (
            "install.stalled",
            UpdateAnswer::Stall(GOOD.to_vec(), GOOD.len() * 4 / 5),
        ),
        (
            "install.cut",
            UpdateAnswer::Cut(GOOD.to_vec(), GOOD.len() - 1),
        ),
        ("install.web_page", UpdateAnswer::Page),
        ("install.status_gone", UpdateAnswer::Gone),
        (
            "truncated, with a length that fits",
            UpdateAnswer::Whole(GOOD[..GOOD.len() - 1].to_vec()),
        ),
        (
            "changed",
            UpdateAnswer::Whole(b"#!/bin/sh\nevil\n".to_vec()),
        ),
    ];
    for (fault, answer) in bad {
        let world = World::new().await;
        world.offer("/bad", "0.2.0", GOOD, NAME);
        world.server.put("/files/bad.AppImage", answer);
        world.offer("/good", "0.2.0", GOOD, NAME);
        let refused = words(world.obtain(&["/bad"]).await.expect_err(fault));
        assert!(
            refused.contains("/files/bad.AppImage"),
            "{fault}: {refused}"
        );
        let whole: Vec<_> = world
            .files()
            .into_iter()
            .filter(|name| name.ends_with(".AppImage"))
            .collect();
        assert_eq!(whole, [""; 0], "{fault}");
        let obtained = world.obtain(&["/bad", "/good"]).await.expect(fault);
        assert_eq!(
            std::fs::read(&obtained.path).expect("a file"),
            GOOD,
            "{fault}"
        );
    }
}

#[tokio::test]
async fn somebody_elses_signature_makes_no_file_good() {
    let world = World::new().await;
    world.offer("/a", "0.2.0", GOOD, NAME);
    let url = world.server.url("/files/a.AppImage");
    let stranger = ReleaseSigner::new().expect("a key");
    let theirs = stranger.sign(GOOD, NAME).expect("signed");
    for (signature, said) in [
        (
            theirs.as_str(),
            "is not what the makers of perpetua have signed",
        ),
        ("", "cannot be read"),
        ("not base64 at all", "cannot be read"),
        ("bm90IG1pbmlzaWdu", "cannot be read"),
    ] {
        world.server.offer("/a", "0.2.0", &url, signature);
        let refused = words(world.obtain(&["/a"]).await.expect_err(signature));
        assert!(refused.contains(said), "{refused}");
        assert_eq!(world.files(), [""; 0]);
    }
}

#[tokio::test]
async fn an_old_version_cannot_be_passed_off_as_a_new_one() {
    let world = World::new().await;
    let old = b"#!/bin/sh\necho full of holes\n";
    // Signed by the project, long ago, and offered as the newest.
    world.offer("/a", "9.9.9", old, "perpetua_0.0.9_amd64.AppImage");
    let refused = words(world.obtain(&["/a"]).await.expect_err("a downgrade"));
    assert!(
        refused.contains("signed as another version than 9.9.9"),
        "{refused}"
    );
    assert_eq!(world.files(), [""; 0]);
    // It hides no version that is really there.
    world.offer("/b", "0.2.0", GOOD, NAME);
    let obtained = world.obtain(&["/a", "/b"]).await.expect("the real one");
    assert_eq!(obtained.version.to_string(), "0.2.0");
}

#[tokio::test]
async fn a_build_without_a_key_downloads_nothing() {
    let mut world = World::new().await;
    world.offer("/a", "0.2.0", GOOD, NAME);
    world.project = Project {
        key: None,
        ..world.project
    };
    let refused = words(world.obtain(&["/a"]).await.expect_err("no key"));
    assert!(refused.contains("no key"), "{refused}");
    assert_eq!(world.server.asked(), ["/a"]);
}

#[tokio::test]
async fn a_download_can_be_called_off_and_goes_on_later() {
    let world = World::new().await;
    let long = vec![7; 400_000];
    world.offer("/a", "0.2.0", &long, NAME);
    world
        .server
        .put("/files/a.AppImage", UpdateAnswer::Slow(long.clone(), 40));
    let cancel = world.cancel.clone();
    let canceling = async {
        sleep(Duration::from_millis(500)).await;
        cancel.cancel();
    };
    let (obtained, ()) = tokio::join!(world.obtain(&["/a"]), canceling);
    assert_eq!(obtained, Err(ObtainError::Canceled));
    assert_eq!(
        world
            .files()
            .iter()
            .filter(|name| name.ends_with(".AppImage"))
            .count(),
        0
    );
}
