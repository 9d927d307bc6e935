//! What a busy machine does to the log. Each seed gives one order, and always the same.
#![cfg(unix)]

use std::collections::BTreeSet;

use anyhow::Result;
use fake_core::{Phone, Process, Qq, Scenario, SessionFate};

use crate::run::{Stage, quick};

const SEEDS: u64 = 12;

/// Pairs of records that come at the same moment.
const PAIRS: [(&str, &str); 5] = [
    ("Socket Error: ", "Socket Disconnected"),
    ("KickNTEvent: ", "Bot will be offline"),
    ("Session has not expired", "Server: http"),
    (
        "Key Exchange successfully!",
        "Trying to Login by EasyLogin...",
    ),
    (
        "QrCode State Queried: Confirmed",
        "QrCode Confirmed, Logging in",
    ),
];

/// A run with a session that is dead, a code, a flap and a kick.
async fn log_of(seed: Option<u64>) -> Result<String> {
    let (stage, run) = Stage::online(&Scenario::default()).await?;
    drop(run);
    let scenario = Scenario {
        seed,
        session: SessionFate::Dead,
        kick_offline_ms: 1,
        ..quick()
    };
    stage.direct(&scenario)?;
    let mut run = stage.start(&[]).await?;
    run.core.qr_shown().await?;
    run.core.phone(Phone::Confirm).await?;
    run.core.serving().await?;
    run.core.qq(Qq::Flap(0)).await?;
    let is_back = |report: &fake_core::Report| matches!(report, fake_core::Report::Redialled);
    run.core.reported("that it is back", is_back).await?;
    run.core.qq(Qq::Kick).await?;
    run.core
        .process(Process::Print("the end\n".to_owned()))
        .await?;
    run.core.process(Process::Exit(0)).await?;
    Ok(run.ended().await?.stdout)
}

/// The part of the log that comes before a record, if it is there.
fn before<'a>(log: &'a str, words: &str) -> Option<&'a str> {
    log.split_once(words).map(|(before, _)| before)
}

#[tokio::test]
async fn neighbours_change_places_and_a_record_falls_into_the_drawing() -> Result<()> {
    let mut orders = BTreeSet::new();
    let mut places = BTreeSet::new();
    for seed in 0..SEEDS {
        let log = log_of(Some(seed)).await?;
        for (first, second) in PAIRS {
            let ahead = |one: &str, other: &str| {
                before(&log, one).is_some_and(|before| !before.contains(other))
            };
            orders.insert((first, ahead(first, second)));
        }
        let fetched = before(&log, "QrCode Fetched").unwrap_or_default();
        let row = fetched.lines().rev().nth(1).unwrap_or_default();
        places.insert(match (fetched.contains('▄'), row.contains("info: ")) {
            (false, _) => "before",
            (true, true) if row.starts_with("info: ") => "between rows",
            (true, true) => "within a row",
            (true, false) => "unknown",
        });
    }
    for (pair, _) in PAIRS {
        for first in [false, true] {
            assert!(orders.contains(&(pair, first)), "{pair}: {first}");
        }
    }
    assert!(places.contains("within a row"), "{places:?}");
    Ok(())
}

#[tokio::test]
async fn a_quiet_machine_keeps_the_order() -> Result<()> {
    let log = log_of(None).await?;
    for (first, second) in PAIRS {
        assert!(
            before(&log, second).is_some_and(|before| before.contains(first)),
            "{first}: {log}"
        );
    }
    assert!(
        !before(&log, "QrCode Fetched")
            .unwrap_or_default()
            .contains('▄')
    );
    Ok(())
}
