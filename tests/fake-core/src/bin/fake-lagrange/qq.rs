//! What QQ does to an account that is online.

use std::sync::Arc;
use std::time::Duration;

use fake_core::Qq;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::actions::{FRIEND, GROUP};
use crate::connection::Connection;
use crate::log::Stamp;
use crate::server::Shared;
use crate::wire;

/// The words of a kick, as in real logs.
const KICK: (&str, &str) = ("你的帐号当前登录已失效，请重新登录。", "下线通知");

/// Messages of a burst that may change places with each other.
const SCATTERED: usize = 8;

/// The ends that the server listens to.
pub(crate) struct Levers {
    pub(crate) silent: watch::Sender<bool>,
    pub(crate) cuts: watch::Sender<u64>,
}

/// Carries out orders for as long as the core runs.
pub(crate) async fn obey(
    mut orders: mpsc::Receiver<Qq>,
    levers: Levers,
    connection: Connection,
    shared: Arc<Shared>,
) {
    while let Some(order) = orders.recv().await {
        match order {
            Qq::Kick => {
                tokio::spawn(kick(shared.clone()));
            }
            // The connection hears of it by itself.
            Qq::Network(_) => {}
            Qq::Flap(milliseconds) => {
                let connection = connection.clone();
                let away = Duration::from_millis(milliseconds);
                tokio::spawn(async move { connection.flap(away).await });
            }
            Qq::SigningFails(words) => shared.signer.fail_with(words),
            Qq::Say {
                text,
                count,
                per_second,
            } => {
                tokio::spawn(say(text, count, per_second, shared.clone()));
            }
            Qq::Emit(event) => shared.broadcast(&wire::dotnet_json(&event)).await,
            Qq::FallSilent => {
                levers.silent.send_replace(true);
            }
            Qq::DropSockets => levers.cuts.send_modify(|cuts| *cuts += 1),
        }
    }
}

/// The session ends; everything else goes on as if nothing had happened.
async fn kick(shared: Arc<Shared>) {
    let (tips, title) = KICK;
    let words = format!("KickNTEvent: {tips}: {title}");
    let follows = "Bot will be offline in 5 seconds...";
    shared.log.neighbours([
        ("WtExchangeLogic", Stamp::Fatal, &words),
        ("WtExchangeLogic", Stamp::Fatal, follows),
    ]);
    // Lagrange's own wait.
    sleep(Duration::from_millis(shared.scenario.kick_offline_ms)).await;
    let notice = wire::bot_offline(shared.account.self_id, tips, title);
    shared.broadcast(&notice).await;
}

async fn say(text: String, count: u32, per_second: u32, shared: Arc<Shared>) {
    let Some(distance) = Duration::from_secs(1).checked_div(per_second) else {
        return burst(&text, count, &shared).await;
    };
    let mut ticks = interval(distance);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for number in 1..=count {
        ticks.tick().await;
        say_once(&text, number, &shared).await;
    }
}

/// As fast as it goes, and so, where the scenario wants it, in another order than they were written in.
async fn burst(text: &str, count: u32, shared: &Shared) {
    let mut numbers: Vec<u32> = (1..=count).collect();
    if shared.scenario.scatters_bursts {
        for few in numbers.chunks_mut(SCATTERED) {
            fastrand::shuffle(few);
        }
    }
    for number in numbers {
        say_once(text, number, shared).await;
    }
}

async fn say_once(text: &str, number: u32, shared: &Shared) {
    let text = text.replace("{n}", &number.to_string());
    let record = format!("[MessageChain({GROUP})({FRIEND})] [Text]: {text}");
    shared.log.core("MessagingLogic", Stamp::Verbose, &record);
    shared.database.keep();
    let event = wire::group_message(shared.account.self_id, i64::from(number), &text);
    shared.broadcast(&event).await;
}
