//! A framework that is tried on its owner's behalf, by its own dialler.

use std::time::Duration;

use anyhow::{Context as _, Result};
use perpetua_hub::{ClientSettings, DialFailure, FrameworkKind, RefusalCause};
use perpetua_proxy::Tried;

use super::{Dialled, answered, nobody_dials};
use crate::{
    time::{Frozen, settle},
    wire::CLOSE,
    world::CLIENT,
};

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";

/// Refuses so often, so that the next attempt is seconds away.
async fn refused(dialled: &Dialled, time: &Frozen, times: usize) -> Result<()> {
    for _ in 0..times {
        let (stream, _) = time.until(dialled.stream()).await;
        answered(stream?, FORBIDDEN).await?;
        dialled.until_waiting().await;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_succeeds_is_the_clients_connection_and_is_not_tried_again() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    refused(&dialled, &time, 4).await?;
    let trial = dialled.trial.clone();
    let tried = tokio::spawn(async move { trial.run().await });
    let (accepted, waited) = time.until(dialled.accept()).await;
    let (mut framework, _head) = accepted?;
    assert!(waited < Duration::from_millis(500), "{waited:?}");
    let (hello, _) = time.until(framework.json()).await;
    hello?;
    let (tried, _) = time.until(tried).await;
    assert_eq!(tried?, Tried::Connected);
    assert!(dialled.is_connected());
    assert_eq!(dialled.trial.run().await, Tried::ConnectedBefore);
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(5)).await);
    assert!(dialled.is_connected(), "nothing was done to it");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_told_with_the_cause_that_fits_the_framework() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    refused(&dialled, &time, 3).await?;
    assert_eq!(dialled.failure(), Some(DialFailure::Refused(403)));
    // The settings name it while it is dialled.
    let settings = ClientSettings {
        max_connections: 1,
        framework: Some(FrameworkKind::Nonebot),
        ..ClientSettings::default()
    };
    dialled.world.account.set_client(CLIENT, settings);
    let trial = dialled.trial.clone();
    let tried = tokio::spawn(async move { trial.run().await });
    let (stream, _) = time.until(dialled.stream()).await;
    answered(stream?, FORBIDDEN).await?;
    let (tried, _) = time.until(tried).await;
    let cause = RefusalCause::OtherPath(FrameworkKind::Nonebot, "/onebot/v11/ws");
    assert!(
        matches!(tried?, Tried::Failed(DialFailure::Unwanted { cause: found, .. }) if found == cause)
    );
    Ok(())
}

/// The answer of one that is far away comes when the connection has settled.
#[tokio::test(start_paused = true)]
async fn who_closes_after_the_upgrade_has_refused_the_trial() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    refused(&dialled, &time, 2).await?;
    let trial = dialled.trial.clone();
    let tried = tokio::spawn(async move { trial.run().await });
    let (accepted, _) = time.until(dialled.accept()).await;
    let (mut framework, _head) = accepted?;
    time.pass(Duration::from_secs(2)).await;
    assert!(dialled.is_connected());
    framework.send(CLOSE, &3001_u16.to_be_bytes()).await?;
    framework.frame_of(CLOSE).await?;
    drop(framework);
    let (tried, _) = time.until(tried).await;
    let Tried::Failed(failure) = tried? else {
        anyhow::bail!("it refused");
    };
    assert!(failure.is_refusal(), "{failure}");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn who_stops_waiting_ends_nothing_and_the_attempt_is_one() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    refused(&dialled, &time, 3).await?;
    let trial = dialled.trial.clone();
    let left = tokio::spawn(async move { trial.run().await });
    settle().await;
    left.abort();
    let (stream, waited) = time.until(dialled.stream()).await;
    assert!(waited < Duration::from_millis(500), "{waited:?}");
    // One that says nothing: whoever tries it meanwhile waits for the attempt that is under way.
    let stream = stream?;
    let trial = dialled.trial.clone();
    let tried = tokio::spawn(async move { trial.run().await });
    let (tried, waited) = time.until(tried).await;
    assert_eq!(tried?, Tried::Failed(DialFailure::NoUpgrade(30)));
    assert!(waited <= Duration::from_secs(31), "{waited:?}");
    drop(stream);
    // The wish is over: the next attempt has its wait.
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(3)).await);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn before_the_account_is_known_and_after_the_end_nothing_is_tried() -> Result<()> {
    let time = Frozen::time();
    let dialled = Dialled::unnamed(None).await?;
    settle().await;
    assert_eq!(dialled.trial.run().await, Tried::Unnamed);
    assert!(nobody_dials(&time, &dialled.listener, Duration::from_secs(5)).await);
    let _upstream = dialled.world.embedded().await;
    refused(&dialled, &time, 2).await?;
    dialled.no_more.cancel();
    let trial = dialled.trial.clone();
    let (tried, _) = time.until(async move { trial.run().await }).await;
    assert_eq!(tried, Tried::Gone);
    dialled.task.await.context("ended")?;
    Ok(())
}

/// Nobody waits for minutes who says that the framework is there now.
#[tokio::test(start_paused = true)]
async fn who_tries_one_that_does_not_answer_has_it_dialled_anew() -> Result<()> {
    let time = Frozen::time();
    let (dialled, _upstream) = Dialled::start().await?;
    let (stuck, _) = time.until(dialled.stream()).await;
    let stuck = stuck?;
    time.pass(Duration::from_secs(40)).await;
    assert_eq!(dialled.failure(), Some(DialFailure::NoUpgrade(30)));
    let trial = dialled.trial.clone();
    let _tried = tokio::spawn(async move { trial.run().await });
    let (again, waited) = time.until(dialled.accept()).await;
    again?;
    assert!(waited < Duration::from_secs(1), "{waited:?}");
    drop(stuck);
    Ok(())
}
