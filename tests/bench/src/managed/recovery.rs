//! How long an account is away when its core ends.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fake_core::kill;

use crate::{frame, socket};

use super::{Managed, account::Account, by_hand, outside::Way};

/// One core after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recovery {
    /// A start of the core by hand, with a session.
    pub(super) by_hand: Duration,
    /// From a client's `set_restart` until the account is online with another core.
    pub(super) restart: Duration,
    /// From the core's sudden end until the account is online with another one. A wait of 0.7 to 1 s,
    /// which the supervisor leaves between a failure and the next start, is part of it.
    pub(super) kill: Duration,
}

/// Restarts a core, and kills the next one. On a node that was just started: failures are counted.
pub(super) async fn round(managed: &Managed) -> Result<Recovery> {
    let [by_hand, _] = by_hand::start_times(&managed.core)
        .await
        .context("the core by hand failed")?;
    let mut account = Account::set_up(managed).await?;
    let measured = restart_and_kill(&mut account).await;
    let [restart, kill] = account.clear(measured).await?;
    Ok(Recovery {
        by_hand,
        restart,
        kill,
    })
}

async fn restart_and_kill(account: &mut Account) -> Result<[Duration; 2]> {
    let (_core, _times) = account.log_in(Way::QrCode).await?;
    let (_reader, mut client) = socket::dial(account.running.clients).await?;
    let begin = Instant::now();
    let wish = br#"{"action":"set_restart","params":{}}"#;
    client.send(frame::TEXT, wish).await?;
    let core = account.online_again().await?;
    let restart = begin.elapsed();

    let begin = Instant::now();
    kill(core.pid()).await?;
    let _core = account.online_again().await?;
    Ok([restart, begin.elapsed()])
}
