//! How long a login takes with the node and without.

use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{
    Managed,
    account::{Account, Times},
    by_hand,
    outside::Way,
};

/// One login.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login {
    /// The core's own time: from its start until it says that it has started.
    pub(super) by_hand: Duration,
    /// From `perpetuad login` until the account is online.
    pub(super) online: Duration,
    /// From `perpetuad login` until it returns.
    pub(super) returned: Duration,
}

/// A login with a session and one with a QR code.
pub(super) async fn round(managed: &Managed) -> Result<[Login; 2]> {
    let by_hand = by_hand::start_times(&managed.core)
        .await
        .context("the core by hand failed")?;
    let mut account = Account::set_up(managed).await?;
    let measured = both_ways(&mut account).await;
    let [session, qr_code] = account.clear(measured).await?;
    Ok([
        Login::of(by_hand[0], session),
        Login::of(by_hand[1], qr_code),
    ])
}

async fn both_ways(account: &mut Account) -> Result<[Times; 2]> {
    // The login with a code leaves the session.
    let (_core, qr_code) = account.log_in(Way::QrCode).await?;
    account.stop().await?;
    let (_core, session) = account.log_in(Way::Session).await?;
    Ok([session, qr_code])
}

impl Login {
    fn of(by_hand: Duration, times: Times) -> Self {
        Self {
            by_hand,
            online: times.online,
            returned: times.returned,
        }
    }
}
