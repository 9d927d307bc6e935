//! Readers that take their time, and bursts.

use anyhow::Result;
use fake_core::{Process, Qq, Scenario};
use perpetua_testkit::{Client, Dial, number_of};

use crate::run::{Stage, TOKEN};

const LATE: &str = "[LagrangeWebSvcCollection]: WebService send message failed.";

fn say(text: String, count: u32) -> Qq {
    Qq::Say {
        text,
        count,
        per_second: 0,
    }
}

#[tokio::test]
async fn each_event_that_waits_too_long_is_said_to_be_late_once_and_comes_yet() -> Result<()> {
    const MANY: u32 = 100;
    let scenario = Scenario {
        late_ms: 100,
        ..Scenario::default()
    };
    let (stage, mut run) = Stage::online(&scenario).await?;
    let address = ([127, 0, 0, 1], stage.port).into();
    let mut slow = Dial::to(address).token(TOKEN)?.connect().await?;
    slow.next_where("a greeting", |frame| frame["sub_type"] == "connect")
        .await?;
    // More than the system takes for a reader.
    run.core.qq(say("x".repeat(100_000), MANY)).await?;
    // That it is late shows only when time has passed, which on a busy machine the core needs to come so far.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    for number in 1..=u64::from(MANY) {
        slow.next_where("the next message", |frame| number_of(frame) == Some(number))
            .await?;
    }
    run.core.process(Process::Exit(0)).await?;
    let stdout = run.ended().await?.stdout;
    let late = stdout.matches(LATE).count();
    assert!((10..=usize::try_from(MANY)? + 10).contains(&late), "{late}");
    assert!(stdout.contains("LagrangeWebSvcCollection[6]\n"));
    assert_eq!(stdout.matches("System.TimeoutException").count(), late);
    Ok(())
}

#[tokio::test]
async fn a_burst_changes_its_order_where_the_scenario_wants_it() -> Result<()> {
    for scatters_bursts in [false, true] {
        let scenario = Scenario {
            scatters_bursts,
            ..Scenario::default()
        };
        let (stage, mut run) = Stage::online(&scenario).await?;
        let mut client = Client::connect(([127, 0, 0, 1], stage.port).into(), TOKEN).await?;
        client
            .next_where("a greeting", |frame| frame["sub_type"] == "connect")
            .await?;
        run.core.qq(say("{n}".to_owned(), 200)).await?;
        let mut numbers = Vec::new();
        while numbers.len() < 200 {
            numbers.extend(number_of(&client.next().await?));
        }
        assert_eq!(numbers.is_sorted(), !scatters_bursts);
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=200).collect::<Vec<_>>(), "all of them come");
    }
    Ok(())
}
