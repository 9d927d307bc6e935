//! A gap in the node's own time ends no link and no connection: whoever is there is asked again first.

use std::time::Duration;

use anyhow::Result;
use perpetua_hub::{ClientSettings, LinkFailure};
use tokio::time::advance;

use crate::{
    dialling::{Dialled, until_failed},
    time::{Frozen, settle, until_holds},
    wire::{PING, Wire},
    world::{World, perpetua},
};

/// Gaps that end before and after every limit.
const GAPS: [u64; 4] = [20, 75, 3600, 8 * 3600];

/// Nobody runs for so long.
async fn gap(seconds: u64) {
    settle().await;
    advance(Duration::from_secs(seconds)).await;
    settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_outlives_a_gap_and_is_pinged_anew() -> Result<()> {
    for seconds in GAPS {
        let time = Frozen::time();
        let dialled = Dialled::start().await?;
        dialled.world.see_gaps();
        let mut upstream = dialled.open().await?;
        time.pass(Duration::from_secs(12)).await;
        gap(seconds).await;
        time.pass(Duration::from_secs(20)).await;
        assert_eq!(dialled.failure(), None, "{seconds} s");
        upstream.frame_of(PING).await?;
        // One that says nothing in all that time is found out all the same.
        let ((), waited) = time.until(until_failed(&dialled.world.account)).await;
        assert!(waited <= Duration::from_secs(6), "{seconds} s: {waited:?}");
        assert_eq!(dialled.failure(), Some(LinkFailure::Silent(25)));
    }
    Ok(())
}

/// A client that answers nothing, and the account that it is at.
async fn silent(settings: ClientSettings) -> Result<(World, Wire, perpetua_proxy::Embedded)> {
    let world = World::new();
    world.see_gaps();
    let upstream = world.embedded_with(None).await;
    let port = world.port(settings).await?;
    let client = Wire::dial(port, "/", &[]).await?;
    until_holds("it is in", || world.connections() == 1).await;
    Ok((world, client, upstream))
}

#[tokio::test(start_paused = true)]
async fn a_client_is_not_called_busy_or_cut_off_for_a_gap() -> Result<()> {
    for seconds in GAPS {
        let time = Frozen::time();
        let (world, _client, _upstream) = silent(ClientSettings::default()).await?;
        let is_busy = || world.client().connections[0].busy_since.is_some();
        // Its first ping is 15 s old, or 10, when the gap begins.
        time.pass(Duration::from_secs(30)).await;
        gap(seconds).await;
        time.pass(Duration::from_secs(20)).await;
        assert!(!is_busy(), "{seconds} s");
        time.pass(Duration::from_secs(30)).await;
        assert!(is_busy(), "{seconds} s: it has answered nothing since");
        gap(seconds).await;
        time.pass(Duration::from_secs(100)).await;
        assert_eq!(world.connections(), 1, "{seconds} s");
        time.pass(Duration::from_mins(1)).await;
        assert_eq!(world.connections(), 0, "{seconds} s");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_client_that_may_not_be_pinged_outlives_every_gap() -> Result<()> {
    for seconds in GAPS {
        let time = Frozen::time();
        let (world, _client, _upstream) = silent(perpetua()).await?;
        for _ in 0..3 {
            gap(seconds).await;
            time.pass(Duration::from_secs(30)).await;
            assert_eq!(world.connections(), 1, "{seconds} s");
        }
    }
    Ok(())
}
