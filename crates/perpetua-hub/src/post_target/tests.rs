use std::time::{Duration, Instant};

use perpetua_backoff::Backoff;
use perpetua_words::link;
use proptest::prelude::*;

use crate::DisconnectReason;

use super::{
    AGAIN, AfterFailure, MOST_TRIES, PostCounts, PostFailure, PostState, PostTarget, Posted,
};

fn target() -> PostTarget {
    let mut target = PostTarget::new(1);
    target.again = Backoff {
        jitter: 0.0,
        ..AGAIN
    };
    target.named();
    target
}

fn cut() -> PostFailure {
    PostFailure::Cut(link::Vanished.into())
}

fn interrupted(is_whole: bool) -> PostFailure {
    let cut = Some(DisconnectReason::Removed);
    PostFailure::Interrupted { is_whole, cut }
}

fn unreachable() -> PostFailure {
    PostFailure::Unreachable(link::Ended.into())
}

/// One attempt for an event; gives what follows, and the seconds of the wait.
fn attempt(target: &mut PostTarget, failure: PostFailure, now: Instant) -> (AfterFailure, u64) {
    target.began();
    let after = target.failed(failure, None, Posted::Event, now);
    let until = target.waits_until(now).unwrap_or(now);
    (after, (until - now).as_secs())
}

fn code(after: &AfterFailure) -> &str {
    match after {
        AfterFailure::Again => "again",
        AfterFailure::Over(None) => "over",
        AfterFailure::Over(Some(message)) => &message.code,
    }
}

#[test]
fn each_failure_has_its_consequence() {
    let status = PostFailure::Status;
    for (failure, consequence) in [
        (PostFailure::NobodyHere, "again"),
        (unreachable(), "again"),
        (PostFailure::Tls(link::Ended.into()), "again"),
        (cut(), "again"),
        (status(408), "again"),
        (status(425), "again"),
        (status(429), "again"),
        (status(502), "again"),
        (status(503), "again"),
        (status(504), "again"),
        (PostFailure::NoAnswer(30), "post.unsure"),
        (PostFailure::NoHttp(link::Ended.into()), "post.unsure"),
        (interrupted(true), "post.unsure"),
        (interrupted(false), "post.not_taken"),
        (PostFailure::Redirected(301, None), "post.not_taken"),
        (status(101), "post.not_taken"),
        (status(400), "post.not_taken"),
        (status(401), "post.not_taken"),
        (status(404), "post.not_taken"),
        (status(413), "post.not_taken"),
        (status(500), "post.not_taken"),
        (status(501), "post.not_taken"),
        (status(505), "post.not_taken"),
    ] {
        let mut target = target();
        let (after, wait) = attempt(&mut target, failure.clone(), Instant::now());
        assert_eq!(code(&after), consequence, "{failure:?}");
        assert_eq!(wait > 0, after == AfterFailure::Again, "{failure:?}");
        let counts = target.counts();
        let counted = match consequence {
            "again" => counts.repeated,
            "post.unsure" => counts.unsure,
            _ => counts.refused,
        };
        assert_eq!(counted, 1, "{failure:?}");
    }
}

#[test]
fn five_failures_open_the_breaker_and_each_probe_that_fails_doubles_the_pause() {
    let (mut target, mut now) = (target(), Instant::now());
    let mut waits = Vec::new();
    for _ in 0..12 {
        let (after, wait) = attempt(&mut target, PostFailure::NobodyHere, now);
        assert_eq!(after, AfterFailure::Again);
        waits.push(wait);
        now += Duration::from_secs(wait);
        assert_eq!(target.waits_until(now), None);
    }
    assert_eq!(waits, [1, 2, 4, 8, 10, 20, 40, 80, 160, 300, 300, 300]);
    assert!(target.state().is_paused());
    target.began();
    assert!(matches!(target.state(), PostState::Probing { .. }));
    target.took(Posted::Event);
    assert_eq!(*target.state(), PostState::Taking);
    let (_, wait) = attempt(&mut target, PostFailure::NobodyHere, now);
    assert_eq!((wait, target.failures()), (1, 1));
}

#[test]
fn failures_of_every_kind_count_and_one_that_is_taken_starts_over() {
    let (mut target, now) = (target(), Instant::now());
    for failure in [
        cut(),
        PostFailure::Status(500),
        PostFailure::Redirected(308, None),
        PostFailure::NoAnswer(30),
    ] {
        attempt(&mut target, failure, now);
        assert!(!target.state().is_paused());
    }
    target.took(Posted::Heartbeat);
    for failure in 0..5 {
        assert!(!target.state().is_paused(), "{failure}");
        attempt(&mut target, PostFailure::Status(401), now);
    }
    assert!(target.state().is_paused());
    let refused = PostCounts {
        refused: 7,
        repeated: 1,
        unsure: 1,
        ..PostCounts::default()
    };
    assert_eq!(target.counts(), refused);
}

#[test]
fn an_event_that_breaks_its_target_gives_way_and_one_that_finds_nobody_waits() {
    for (failure, is_given_up) in [
        (cut(), true),
        (PostFailure::Status(502), true),
        (unreachable(), false),
        (PostFailure::NobodyHere, false),
    ] {
        let (mut target, now) = (target(), Instant::now());
        for _ in 1..MOST_TRIES {
            let (after, _) = attempt(&mut target, failure.clone(), now);
            assert_eq!(after, AfterFailure::Again, "{failure:?}");
        }
        let (after, _) = attempt(&mut target, failure.clone(), now);
        assert_eq!(code(&after) == "post.given_up", is_given_up, "{failure:?}");
    }
}

#[test]
fn a_target_may_ask_for_a_wait_but_not_for_a_day() {
    for (asked, waits) in [(0, 1), (3, 3), (120, 120), (86_400, 300)] {
        let (mut target, now) = (target(), Instant::now());
        let asked = Some(Duration::from_secs(asked));
        target.failed(PostFailure::Status(429), asked, Posted::Event, now);
        let until = target.waits_until(now).expect("it waits");
        assert_eq!((until - now).as_secs(), waits);
    }
}

#[test]
fn heartbeats_are_not_repeated_and_not_posted_in_a_pause_but_may_end_one() {
    let (mut target, now) = (target(), Instant::now());
    for _ in 0..5 {
        assert!(target.takes_heartbeats(now));
        let after = target.failed(PostFailure::NobodyHere, None, Posted::Heartbeat, now);
        assert_eq!(after, AfterFailure::Over(None));
    }
    assert!(!target.takes_heartbeats(now));
    let later = now + Duration::from_secs(10);
    assert!(target.takes_heartbeats(later));
    target.began();
    target.took(Posted::Heartbeat);
    assert_eq!(*target.state(), PostState::Taking);
    assert_eq!(target.counts(), PostCounts::default());
}

/// Many programs read `message_type` of whatever comes, and fail on heartbeats alone.
#[test]
fn a_heartbeat_that_is_refused_holds_no_message_back() {
    for failure in [
        PostFailure::Status(500),
        PostFailure::Status(400),
        PostFailure::Status(404),
        PostFailure::Redirected(301, None),
    ] {
        let (mut target, now) = (target(), Instant::now());
        for _ in 0..20 {
            target.began();
            target.failed(failure.clone(), None, Posted::Heartbeat, now);
            assert_eq!(target.state().failure(), Some(&failure));
            assert_eq!(target.waits_until(now), None, "{failure:?}");
            assert!(!target.state().is_paused());
        }
        assert_eq!(target.counts(), PostCounts::default());
    }
    // Where messages have opened the breaker, one that is refused makes the pause no longer.
    let (mut target, now) = (target(), Instant::now());
    for _ in 0..5 {
        attempt(&mut target, PostFailure::Status(500), now);
    }
    let later = target.waits_until(now).expect("a pause");
    for _ in 0..5 {
        target.began();
        target.failed(PostFailure::Status(500), None, Posted::Heartbeat, later);
        assert!(target.state().is_paused());
        assert_eq!(target.waits_until(later), None);
    }
    target.began();
    target.took(Posted::Event);
    assert_eq!(*target.state(), PostState::Taking);
}

/// A heartbeat that we end ourselves is no event that is lost, and each reason is told.
#[test]
fn what_we_end_ourselves_is_told_with_its_reason_and_a_heartbeat_is_not() {
    let failure = |cut| PostFailure::Interrupted {
        is_whole: true,
        cut,
    };
    for (cut, words) in [
        (Some(DisconnectReason::QueueFull), "queue"),
        (Some(DisconnectReason::HeldMost), "`memory`"),
        (Some(DisconnectReason::SettingsChanged), "changed"),
        (Some(DisconnectReason::AccountChanged), "account left"),
        (None, "account left"),
    ] {
        let mut target = target();
        let after = target.interrupted(&failure(cut), Posted::Heartbeat);
        assert_eq!(after, AfterFailure::Over(None));
        assert_eq!(target.counts(), PostCounts::default());
        let AfterFailure::Over(Some(said)) = target.interrupted(&failure(cut), Posted::Event)
        else {
            panic!("an event is told")
        };
        assert!(said.to_string().contains(words), "{said}");
        assert_eq!(target.counts().unsure, 1);
    }
}

#[test]
fn a_certificate_is_no_missing_tls() {
    let said = |code: perpetua_words::Message| PostFailure::Tls(code).to_string();
    let unknown = said(perpetua_words::io::CertificateIssuer.into());
    assert!(
        unknown.contains("`pin-sha256`") && !unknown.contains("`http://`"),
        "{unknown}"
    );
    let plain = said(perpetua_words::io::NotTls.into());
    assert!(plain.contains("`http://`"), "{plain}");
}

proptest! {
    /// Whatever happens, every event has one end, and no wait is longer than five minutes.
    #[test]
    fn every_event_ends_once(kinds in prop::collection::vec(0..8_usize, 0..200), seed: u64) {
        let mut target = PostTarget::new(seed);
        target.named();
        let mut now = Instant::now();
        let mut ended = 0;
        for kind in kinds {
            let failure = match kind {
                0 | 1 => { target.began(); target.took(Posted::Event); ended += 1; continue; }
                2 => PostFailure::NobodyHere,
                3 => cut(),
                4 => PostFailure::Status(503),
                5 => PostFailure::Status(404),
                6 => PostFailure::NoAnswer(30),
                _ => PostFailure::Redirected(307, None),
            };
            target.began();
            if target.failed(failure, None, Posted::Event, now) != AfterFailure::Again {
                ended += 1;
            }
            let until = target.waits_until(now).unwrap_or(now);
            prop_assert!(until - now <= Duration::from_mins(5));
            prop_assert_eq!(target.failures() >= 5, target.state().is_paused());
            now = until;
        }
        let counts = target.counts();
        prop_assert_eq!(counts.delivered + counts.unsure + counts.refused, ended);
    }
}
