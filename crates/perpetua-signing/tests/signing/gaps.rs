//! A gap in the node's own time is no signer's silence.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use perpetua_signing::Prober;
use perpetua_task::GapWatch;
use tokio::time::{advance, sleep};

use crate::{
    core::{Core, HeldClock, Played, settle},
    probe::{SIGNED, client},
    server::Answer,
};

/// Beyond the patience of a question.
const GAPS: [u64; 3] = [100, 3600, 8 * 3600];

#[tokio::test(start_paused = true)]
async fn a_signer_that_was_asked_before_a_gap_is_asked_again_and_not_blamed() {
    for seconds in GAPS {
        let gaps = GapWatch::default();
        let looks = gaps.clone();
        tokio::spawn(async move { looks.run().await });
        sleep(Duration::from_secs(2)).await;
        let clock = HeldClock::hold();
        // It answers nothing to the first question, as if it had slept too.
        let sleeps = Arc::new(AtomicBool::new(true));
        let answers = Arc::clone(&sleeps);
        let signer = Played::new("signer", move |_| {
            let answer = Answer::new(200, SIGNED);
            if answers.load(Relaxed) {
                answer.after(Duration::from_hours(24))
            } else {
                answer
            }
        })
        .await;
        let prober = Prober::with_gaps(client, gaps);
        let core = Core::asking(prober, &[signer.resolved()]).await;
        let asked = core.asks("one");
        signer.was_asked(1).await;
        sleeps.store(false, Relaxed);
        settle().await;
        advance(Duration::from_secs(seconds)).await;
        let (status, _) = asked.await.expect("it runs");
        assert_eq!(status, 200, "{seconds} s");
        let view = core.desk.view().borrow().clone();
        assert_eq!(view.signers[0].figures.failures, 0, "{seconds} s");
        assert_eq!(view.problem, None, "{seconds} s");
        drop(clock);
    }
}
