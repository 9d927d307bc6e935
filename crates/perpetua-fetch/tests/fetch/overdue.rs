//! Servers that are never silent and never done, and what stays of a file that was refused.

use std::time::{Duration, Instant};

use perpetua_fetch::{AddressProblem, Pace, Sha256};

use crate::bench::index;
use crate::download::{FILE, LISTING, archive, bench, server};
use crate::refusals::problems;
use crate::server::{Manner, Reply, Request, Server};

#[tokio::test]
async fn a_listing_that_drips_is_given_up() {
    let long = format!("{}{}", index(FILE, None), " ".repeat(100_000));
    for (text, step) in [(index(FILE, None), 1), (long.clone(), 5), (long, 400)] {
        let server =
            Server::start(move |_| Reply::new(200, text.clone()).manner(Manner::Slow(step))).await;
        let mut bench = bench(&server);
        bench.options.patience.listing = Duration::from_millis(200);
        let begun = Instant::now();
        assert_eq!(
            problems(&bench).await,
            [AddressProblem::Overdue(0)],
            "{step}"
        );
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "{:?}",
            begun.elapsed()
        );
        assert!(server.requests(LISTING).len() <= 3);
    }
}

#[tokio::test]
async fn a_download_that_drips_is_given_up_and_goes_on_later() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    for step in [2_000, 1_000, 10] {
        let archive = archive.clone();
        let dripping =
            move |request: &Request| Reply::file(request, &archive, "a").manner(Manner::Slow(step));
        let server = server(Some(digest), dripping).await;
        let mut bench = bench(&server);
        bench.options.patience.slowest = Pace {
            bytes: 150_000,
            within: Duration::from_millis(300),
        };
        assert_eq!(
            problems(&bench).await,
            [AddressProblem::TooSlow(150)],
            "{step}"
        );
        assert!(!bench.downloads().is_empty(), "what came is kept");
    }
}

#[tokio::test]
async fn a_download_that_keeps_its_pace_may_take_as_long_as_it_wants() {
    let archive = archive(1);
    let digest = Sha256::of(&archive);
    let slow =
        move |request: &Request| Reply::file(request, &archive, "a").manner(Manner::Slow(4_000));
    let server = server(Some(digest), slow).await;
    let mut bench = bench(&server);
    // It takes a second, ten times as long as each of these.
    bench.options.patience.slowest = Pace {
        bytes: 100,
        within: Duration::from_millis(100),
    };
    bench.install().await.expect("installed");
}

/// What a server answers for the file.
type Answer = Box<dyn Fn(&Request) -> Reply + Send + Sync>;

#[tokio::test]
async fn nothing_is_kept_of_what_was_refused() {
    let (good, other) = (archive(1), Sha256::of(b"another file"));
    let resumed = |request: &Request, archive: &[u8]| {
        let cut = if request.nth == 0 {
            Manner::Cut(70_000)
        } else {
            Manner::Whole
        };
        Reply::file(request, archive, "a").manner(cut)
    };
    let whole = |manner: Manner| -> Answer {
        let archive = good.clone();
        Box::new(move |request| Reply::file(request, &archive, "a").manner(manner))
    };
    let body = |text: String| -> Answer { Box::new(move |_| Reply::new(200, text.clone())) };
    let resuming: Answer = {
        let archive = good.clone();
        Box::new(move |request| resumed(request, &archive))
    };
    let cases: Vec<(&str, Option<Sha256>, u64, Answer)> = vec![
        (
            "too large by its length",
            None,
            100_000,
            whole(Manner::Whole),
        ),
        (
            "too large without one",
            None,
            100_000,
            whole(Manner::Lengthless),
        ),
        (
            "too large in pieces",
            None,
            100_000,
            whole(Manner::Slow(30_000)),
        ),
        ("too large once it went on", Some(other), 100_000, resuming),
        ("another file", Some(other), u64::MAX, whole(Manner::Whole)),
        (
            "no archive",
            None,
            u64::MAX,
            body("something else ".repeat(9_000)),
        ),
        ("a page", None, u64::MAX, body("<html>".repeat(20_000))),
        ("an object", None, u64::MAX, body("{}".to_owned())),
        ("nothing", None, u64::MAX, body(String::new())),
    ];
    for (what, sha256, largest, answer) in cases {
        let server = server(sha256, answer).await;
        let mut bench = bench(&server);
        bench.options.patience.largest = largest;
        let problems = problems(&bench).await;
        assert_eq!(bench.downloads(), [""; 0], "{what}: {problems:?}");
    }
}
