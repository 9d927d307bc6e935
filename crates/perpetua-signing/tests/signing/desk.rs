//! Which signers a core's requests reach, and what becomes of them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use perpetua_lagrange::CoreProtocol;
use perpetua_lifecycle::SignerProblem;
use perpetua_signing::{PROBE_TIMEOUT, SignerFault};
use tokio::time::{Instant, advance};

use crate::{
    core::{Core, HeldClock, PATIENCE, Played, nobody, settle, signer},
    probe::{INFO, SIGNED},
    server::Answer,
};

/// Words of the desk when nobody has signed.
fn problem(core: &Core) -> String {
    let problem = core.desk.view().borrow().problem.clone();
    problem.map_or_else(String::new, |problem| problem.to_string())
}

#[tokio::test]
async fn whatever_is_wrong_with_a_signer_the_next_one_signs_the_same_request() {
    let other = SIGNED.replace("30366", "39038");
    let mac = SIGNED.replace("Linux", "MacOs");
    let no_hex = SIGNED.replace("\"00\"", "\"0x\"");
    let none = SIGNED.replace("\"00\"", "null");
    for (status, body) in [
        (401, ""),
        (404, "<h1>NotFound</h1>"),
        (429, "slow down"),
        (500, SIGNED),
        (521, ""),
        (200, "<html>parked</html>"),
        (200, "{\"code\":1}"),
        (200, &*other),
        (200, &*mac),
        (200, &*no_hex),
        (200, &*none),
    ] {
        let answer = Answer::new(status, body);
        let bad = Played::new("bad", move |_| answer.clone()).await;
        let spare = Played::signing("spare").await;
        let core = Core::with(&[bad.resolved(), spare.resolved()]).await;
        core.is_signed("one").await;
        assert_eq!(
            (bad.questions(), spare.questions()),
            (1, 1),
            "{status} {body}"
        );
        assert_eq!(core.signer().as_deref(), Some("spare"));
        assert_eq!(problem(&core), "");
        // It is the last to be asked for a while.
        core.is_signed("two").await;
        assert_eq!(
            (bad.questions(), spare.questions()),
            (1, 2),
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn one_that_cannot_be_reached_or_breaks_off_is_followed_at_once() {
    let cut = Played::new("cut", |_| Answer::new(200, SIGNED).cut()).await;
    let spare = Played::signing("spare").await;
    let gone = signer("gone", &nobody());
    let core = Core::with(&[gone.clone(), cut.resolved(), spare.resolved()]).await;
    core.is_signed("one").await;
    let view = core.desk.view().borrow().clone();
    let failures: Vec<_> = view
        .signers
        .iter()
        .map(|signer| {
            (
                &*signer.name,
                signer.figures.answers,
                signer.figures.failures,
            )
        })
        .collect();
    assert_eq!(failures, [("gone", 0, 1), ("cut", 0, 1), ("spare", 1, 0)]);
    let failure = core.prober.figures(&gone.url).last_failure;
    let fault = failure.map(|(fault, _)| fault);
    assert!(
        matches!(fault, Some(SignerFault::Unreachable(_))),
        "{fault:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_silent_one_is_given_its_time_and_then_another_is_asked_as_well() {
    let clock = HeldClock::hold();
    let silent = Played::new("silent", |_| Answer::never()).await;
    let spare = Played::signing("spare").await;
    let core = Core::with(&[silent.resolved(), spare.resolved()]).await;
    let asks = core.asks("one");
    silent.was_asked(1).await;
    advance(PATIENCE.checked_sub(Duration::from_millis(1)).unwrap()).await;
    settle().await;
    assert_eq!(spare.questions(), 0, "too soon");
    advance(Duration::from_millis(1)).await;
    spare.was_asked(1).await;
    assert_eq!(asks.await.expect("it runs").0, 200);
    assert_eq!(core.signer().as_deref(), Some("spare"));
    let slow = core.prober.figures(&silent.resolved().url);
    assert_eq!((slow.slowest, slow.fails), (Some(PATIENCE), false));
    // The faster one is asked first for a while.
    core.is_signed("two").await;
    assert_eq!((silent.questions(), spare.questions()), (1, 2));
    drop(clock);
}

#[tokio::test(start_paused = true)]
async fn the_first_answer_wins_also_that_of_the_slow_one() {
    let clock = HeldClock::hold();
    let wait = PATIENCE + Duration::from_secs(2);
    let slow = Played::new("slow", move |_| Answer::new(200, SIGNED).after(wait)).await;
    let silent = Played::new("silent", |_| Answer::never()).await;
    let core = Core::with(&[slow.resolved(), silent.resolved()]).await;
    let asks = core.asks("one");
    slow.was_asked(1).await;
    settle().await;
    advance(PATIENCE).await;
    silent.was_asked(1).await;
    advance(Duration::from_secs(2)).await;
    assert_eq!(asks.await.expect("it runs").0, 200);
    assert_eq!(core.signer().as_deref(), Some("slow"));
    let last = core.prober.figures(&slow.resolved().url).last;
    assert_eq!(last, Some(wait), "the time that it takes is measured");
    drop(clock);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_alone_is_waited_for_up_to_ninety_seconds() {
    let clock = HeldClock::hold();
    let silent = Played::new("silent", |_| Answer::never()).await;
    let core = Core::with(&[silent.resolved()]).await;
    let asks = core.asks("one");
    silent.was_asked(1).await;
    settle().await;
    advance(Duration::from_secs(89)).await;
    settle().await;
    assert!(!asks.is_finished());
    advance(Duration::from_secs(1)).await;
    assert_eq!(asks.await.expect("it runs"), (502, String::new()));
    assert!(
        problem(&core).contains("`silent`: it did not answer within 90 s"),
        "{}",
        problem(&core)
    );
    let figures = core.prober.figures(&silent.resolved().url);
    assert_eq!((figures.failures, figures.fails), (1, true), "counted once");
    drop(clock);
}

#[tokio::test(start_paused = true)]
async fn only_who_was_asked_before_the_winner_counts_as_slow() {
    let clock = HeldClock::hold();
    let wait = PATIENCE + Duration::from_secs(2);
    let first = Played::new("first", |_| Answer::never()).await;
    let winner = Played::new("winner", move |_| Answer::new(200, SIGNED).after(wait)).await;
    let late = Played::new("late", |_| Answer::never()).await;
    let signers = [&first, &winner, &late].map(Played::resolved);
    let core = Core::with(&signers).await;
    let asks = core.asks("one");
    for asked in [&first, &winner, &late] {
        asked.was_asked(1).await;
        settle().await;
        advance(PATIENCE).await;
    }
    assert_eq!(asks.await.expect("it runs").0, 200);
    let took = signers
        .each_ref()
        .map(|signer| core.prober.figures(&signer.url).latest);
    assert!(took[0].is_some() && took[1].is_some(), "{took:?}");
    assert_eq!(took[2], None, "it had less time than the one that signed");
    drop(clock);
}

#[tokio::test(start_paused = true)]
async fn a_core_that_waits_is_seen_and_one_that_leaves_a_silent_signer_is_remembered() {
    let clock = HeldClock::hold();
    let silent = Played::new("silent", |_| Answer::never()).await;
    let core = Core::with(&[silent.resolved()]).await;
    let waits = || core.desk.view().borrow().waiting_since;
    assert_eq!(waits(), None);
    for (after, is_slow) in [(PATIENCE / 2, false), (PATIENCE * 3, true)] {
        let (begun, before) = (Instant::now().into_std(), silent.questions());
        let asks = [core.asks("one"), core.asks("other")];
        silent.was_asked(before + 2).await;
        assert_eq!(waits(), Some(begun));
        advance(after).await;
        for asked in asks {
            assert_eq!(waits(), Some(begun));
            asked.abort();
            settle().await;
        }
        assert_eq!(waits(), None);
        let figures = core.prober.figures(&silent.resolved().url);
        let took = figures.latest.map(|(took, _)| took);
        assert_eq!(took, is_slow.then_some(after));
        assert!(!figures.fails, "nobody waited for its answer");
    }
    assert_eq!(core.desk.view().borrow().answered, 0);
    drop(clock);
}

#[tokio::test]
async fn what_a_signer_is_to_another_account_shuts_nobody_out() {
    let core = Core::with(&[]).await;
    for (system, asked_as, is_asked) in [
        ("Linux", CoreProtocol::MacOs, true),
        ("Linux", CoreProtocol::Windows, true),
        ("Mac", CoreProtocol::Windows, false),
        ("Mac", CoreProtocol::Linux, false),
    ] {
        let info = INFO.replace("Linux", system);
        let signer = Played::saying("shared", &info, |_| Answer::new(200, SIGNED)).await;
        core.desk.change(vec![signer.resolved()], PATIENCE);
        let report = core.prober.probe(&signer.resolved(), asked_as).await;
        assert!(
            matches!(report.answer, Err(SignerFault::OtherPlatform { .. })),
            "{report:?}"
        );
        let status = core
            .asks(&format!("{system} {asked_as:?}"))
            .await
            .expect("it runs")
            .0;
        assert_eq!(
            (status == 200, signer.questions() == 1),
            (is_asked, is_asked),
            "{system}"
        );
        if !is_asked {
            assert!(
                problem(&core).contains("uses `Linux`"),
                "{}",
                problem(&core)
            );
        }
    }
}

#[tokio::test]
async fn a_signer_that_answers_and_does_not_sign_does_not_count_as_working() {
    for (status, sign) in [
        (
            200,
            "{\"value\":{\"sign\":null,\"token\":\"\",\"extra\":\"\"}}",
        ),
        (
            200,
            "{\"value\":{\"sign\":\"0A0B0\",\"token\":\"\",\"extra\":\"\"}}",
        ),
        (200, "{\"value\":{\"sign\":\"00\"}}"),
        (200, "{\"value\":1}"),
        (201, SIGNED),
        (400, "{\"message\":\"no\"}"),
        (429, "{\"message\":\"slow down\"}"),
    ] {
        let answer = Answer::new(status, sign);
        let idle = Played::new("idle", move |_| answer.clone()).await;
        let core = Core::with(&[idle.resolved()]).await;
        assert_eq!(core.asks("one").await.expect("it runs").0, 502);
        for _ in 0..2 {
            let report = core
                .prober
                .probe(&idle.resolved(), CoreProtocol::Linux)
                .await;
            assert!(report.answer.is_err(), "{status} {sign}: {report:?}");
        }
        let figures = core.prober.figures(&idle.resolved().url);
        assert_eq!(
            (figures.answers, figures.fails),
            (0, true),
            "{status} {sign}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_does_not_wait_longer_than_it_may_behind_the_requests_of_cores() {
    let clock = HeldClock::hold();
    let fails = AtomicBool::new(true);
    let busy = Played::new("busy", move |_| {
        if fails.swap(false, Relaxed) {
            Answer::new(500, "")
        } else {
            Answer::never()
        }
    })
    .await;
    let core = Core::with(&[busy.resolved()]).await;
    assert_eq!(core.asks("failed").await.expect("it runs").0, 502);
    let _under_way = ["one", "two", "three", "four"].map(|question| core.asks(question));
    busy.was_asked(5).await;
    let (prober, signer) = (Arc::clone(&core.prober), busy.resolved());
    let probe = tokio::spawn(async move { prober.probe(&signer, CoreProtocol::Linux).await });
    settle().await;
    advance(PROBE_TIMEOUT).await;
    settle().await;
    assert!(probe.is_finished(), "it waits for a place for ever");
    let answer = probe.await.expect("it runs").answer;
    assert_eq!(answer, Err(SignerFault::Crowded(1)));
    drop(clock);
}

#[tokio::test]
async fn nobody_who_signs_for_another_version_is_asked() {
    let newer = INFO.replace("30366", "39038");
    let newer = Played::saying("newer", &newer, |_| Answer::new(200, SIGNED)).await;
    let core = Core::with(&[newer.resolved()]).await;
    core.prober
        .probe(&newer.resolved(), CoreProtocol::Linux)
        .await;
    assert_eq!(core.asks("one").await.expect("it runs").0, 502);
    assert_eq!(newer.questions(), 0);
    assert!(
        problem(&core).contains("`newer`: it signs for QQ 3.2.15-39038"),
        "{}",
        problem(&core)
    );
}

#[tokio::test(start_paused = true)]
async fn one_that_lies_about_its_version_is_left_alone_for_a_minute() {
    let clock = HeldClock::hold();
    let other = SIGNED.replace("30366", "39038");
    let liar = Played::new("liar", move |_| Answer::new(200, &other)).await;
    let core = Core::with(&[liar.resolved()]).await;
    let report = core
        .prober
        .probe(&liar.resolved(), CoreProtocol::Linux)
        .await;
    assert!(report.answer.is_ok(), "{report:?}");
    for question in ["one", "two"] {
        assert_eq!(core.asks(question).await.expect("it runs").0, 502);
        assert!(
            problem(&core).contains("it signs for QQ 3.2.15-39038"),
            "{}",
            problem(&core)
        );
    }
    assert_eq!(liar.questions(), 1);
    let report = core
        .prober
        .probe(&liar.resolved(), CoreProtocol::Linux)
        .await;
    let fault = SignerFault::OtherVersion {
        theirs: "3.2.15-39038".to_owned(),
        ours: "3.2.15-30366".to_owned(),
    };
    assert_eq!(
        report.answer,
        Err(fault),
        "a probe makes it sign from now on"
    );
    advance(Duration::from_mins(1)).await;
    assert_eq!(core.asks("three").await.expect("it runs").0, 502);
    assert_eq!(liar.questions(), 3);
    drop(clock);
}

#[tokio::test]
async fn one_that_has_stopped_lying_is_used_once_a_probe_has_seen_it() {
    let lies = Arc::new(AtomicBool::new(true));
    let does = Arc::clone(&lies);
    let liar = Played::new("liar", move |_| {
        let version = if does.load(Relaxed) { "39038" } else { "30366" };
        Answer::new(200, &SIGNED.replace("30366", version))
    })
    .await;
    let core = Core::with(&[liar.resolved()]).await;
    assert_eq!(core.asks("one").await.expect("it runs").0, 502);
    lies.store(false, Relaxed);
    let report = core
        .prober
        .probe(&liar.resolved(), CoreProtocol::Linux)
        .await;
    assert!(report.answer.is_ok(), "{report:?}");
    core.is_signed("two").await;
}

#[tokio::test]
async fn one_that_failed_has_to_sign_before_it_counts_as_working_again() {
    let signs = Arc::new(AtomicBool::new(false));
    let may = Arc::clone(&signs);
    let refusing = Played::new("refusing", move |_| {
        let signs = may.load(Relaxed);
        Answer::new(if signs { 200 } else { 500 }, SIGNED)
    })
    .await;
    let core = Core::with(&[refusing.resolved()]).await;
    let works = async || {
        let report = core
            .prober
            .probe(&refusing.resolved(), CoreProtocol::Linux)
            .await;
        report.answer.is_ok()
    };
    assert!(works().await, "it says what it is");
    assert_eq!(refusing.questions(), 0, "and is not bothered for more");
    assert_eq!(core.asks("one").await.expect("it runs").0, 502);
    assert!(!works().await);
    signs.store(true, Relaxed);
    assert!(works().await);
    assert!(!core.prober.figures(&refusing.resolved().url).fails);
}

#[tokio::test(start_paused = true)]
async fn equal_requests_under_way_are_one_question() {
    let clock = HeldClock::hold();
    let slow = Duration::from_secs(1);
    let only = Played::new("only", move |_| Answer::new(200, SIGNED).after(slow)).await;
    let core = Core::with(&[only.resolved()]).await;
    let asks = ["same", "same", "other", "same"].map(|question| core.asks(question));
    only.was_asked(2).await;
    settle().await;
    advance(slow).await;
    for asked in asks {
        assert_eq!(asked.await.expect("it runs").0, 200);
    }
    assert_eq!(only.questions(), 2);
    // What is over is asked anew.
    let asks = core.asks("same");
    only.was_asked(3).await;
    settle().await;
    advance(slow).await;
    assert_eq!(asks.await.expect("it runs").0, 200);
    drop(clock);
}

#[tokio::test(start_paused = true)]
async fn a_signer_that_refuses_stampedes_gets_four_at_once() {
    let clock = HeldClock::hold();
    let slow = Duration::from_secs(1);
    let only = Played::new("only", move |_| Answer::new(200, SIGNED).after(slow)).await;
    // Two accounts that use it count together.
    let core = Core::with(&[only.resolved()]).await;
    let asks: Vec<_> = (0..6)
        .map(|number| core.asks(&format!("{number}")))
        .collect();
    only.was_asked(4).await;
    settle().await;
    assert_eq!(only.questions(), 4);
    advance(slow).await;
    only.was_asked(6).await;
    settle().await;
    advance(slow).await;
    for asked in asks {
        assert_eq!(asked.await.expect("it runs").0, 200);
    }
    drop(clock);
}

#[tokio::test]
async fn a_signer_that_wants_a_length_gets_it_and_the_question_as_it_was() {
    let strict = Played::new("strict", |request| {
        let head = request.to_lowercase();
        let has_length = head.contains("content-length: ") && !head.contains("transfer-encoding");
        Answer::new(if has_length { 200 } else { 411 }, SIGNED)
    })
    .await;
    let core = Core::with(&[strict.resolved()]).await;
    core.is_signed(r#"{"cmd":"MessageSvc.PbSendMsg","seq":7,"src":"0A1B"}"#)
        .await;
}

#[tokio::test]
async fn other_signers_count_from_the_next_request_on() {
    let former = Played::signing("former").await;
    let next = Played::signing("next").await;
    let core = Core::with(&[former.resolved()]).await;
    core.is_signed("one").await;
    core.desk.change(vec![next.resolved()], PATIENCE);
    core.is_signed("two").await;
    assert_eq!((former.questions(), next.questions()), (1, 1));
    let names: Vec<_> = core
        .desk
        .view()
        .borrow()
        .signers
        .iter()
        .map(|signer| signer.name.clone())
        .collect();
    assert_eq!(names, ["next"]);
    core.desk.change(Vec::new(), PATIENCE);
    assert_eq!(core.asks("three").await.expect("it runs").0, 502);
    let problem = core.desk.view().borrow().problem.clone();
    assert_eq!(problem, Some(SignerProblem::NoneConfigured));
}

#[tokio::test]
async fn no_key_stands_in_what_is_said_of_a_signer() {
    let gone = signer("gone", &nobody());
    let core = Core::with(&[gone]).await;
    assert_eq!(core.asks("one").await.expect("it runs").0, 502);
    let view = core.desk.view().borrow().clone();
    for said in [
        format!("{view:?}"),
        format!("{:?}", core.desk),
        problem(&core),
    ] {
        assert!(
            !said.contains("key") && !said.contains(&core.url()[20..]),
            "{said}"
        );
    }
}
