//! What QQ does to an account that is online.

use std::sync::Arc;
use std::time::Duration;

use fake_core::Qq;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::actions::{FRIEND, GROUP};
use crate::log::{Log, Stamp};
use crate::server::Shared;
use crate::wire;

/// The words of a kick, as in real logs.
const KICK: (&str, &str) = ("你的帐号当前登录已失效，请重新登录。", "下线通知");

pub(crate) const SERVER: &str = "http://222.94.109.78:8080/";
/// The tag of what is said of the connection to QQ.
pub(crate) const SOCKET: &str = "SocketContext";

/// The ends that the server listens to.
pub(crate) struct Levers {
    pub(crate) silent: watch::Sender<bool>,
    pub(crate) cuts: watch::Sender<u64>,
}

/// Carries out orders for as long as the core runs.
pub(crate) async fn obey(mut orders: mpsc::Receiver<Qq>, levers: Levers, shared: Arc<Shared>) {
    while let Some(order) = orders.recv().await {
        match order {
            Qq::Kick => {
                tokio::spawn(kick(shared.clone()));
            }
            Qq::Flap(milliseconds) => {
                tokio::spawn(flap(milliseconds, shared.clone()));
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
    let fatal = |text: &str| shared.log.core("WtExchangeLogic", Stamp::Fatal, text);
    fatal(&format!("KickNTEvent: {tips}: {title}"));
    fatal("Bot will be offline in 5 seconds...");
    // Lagrange's own wait.
    sleep(Duration::from_millis(shared.scenario.kick_offline_ms)).await;
    let notice = wire::bot_offline(shared.account.self_id, tips, title);
    shared.broadcast(&notice).await;
}

async fn flap(milliseconds: u64, shared: Arc<Shared>) {
    broken_socket(&shared.log, "Connection reset by peer");
    // How long QQ is away is what the test orders.
    sleep(Duration::from_millis(milliseconds)).await;
    let redials = format!("Reconnect to {SERVER}");
    shared.log.core(SOCKET, Stamp::Information, &redials);
    shared.log.core(
        "WtExchangeLogic",
        Stamp::Information,
        "Register Status: register success",
    );
}

/// The three records of a connection that ends, of which neighbours may swap.
pub(crate) fn broken_socket(log: &Log, words: &str) {
    let error = format!("Socket Error: {words}");
    let mut records = [
        error.as_str(),
        "   at System.Net.Sockets.Socket.AwaitableSocketAsyncEventArgs.ThrowException(SocketError error)",
        "Socket Disconnected, Scheduling Reconnect",
    ];
    if fastrand::bool() {
        records.swap(0, 2);
    }
    for record in records {
        log.core(SOCKET, Stamp::Fatal, record);
    }
}

async fn say(text: String, count: u32, per_second: u32, shared: Arc<Shared>) {
    let distance = Duration::from_secs(1).checked_div(per_second);
    let mut ticks = distance.map(interval);
    if let Some(ticks) = &mut ticks {
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    }
    for number in 1..=count {
        if let Some(ticks) = &mut ticks {
            ticks.tick().await;
        }
        let text = text.replace("{n}", &number.to_string());
        let record = format!("[MessageChain({GROUP})({FRIEND})] [Text]: {text}");
        shared.log.core("MessagingLogic", Stamp::Verbose, &record);
        let event = wire::group_message(shared.account.self_id, i64::from(number), &text);
        shared.broadcast(&event).await;
    }
}
