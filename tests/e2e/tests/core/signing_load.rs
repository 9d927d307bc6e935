//! Signatures that take from nothing to two minutes while several clients call: no core is ended for it, and each
//! call is answered once, by its own answer or at its `action-timeout`.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use fake_core::{RunningCore, Scenario, SignerFault};
use perpetua_e2e::Node;
use perpetua_e2e::world::{World, confirming};
use perpetua_testkit::Client;
use serde_json::{Value, json};

/// Who calls, all of them with the same echoes.
const CLIENTS: [&str; 3] = ["nonebot", "koishi", "probe"];

/// In seconds of the real thing, the core's own limit of a signature.
const CORE_WAITS: u32 = 100;

/// In the same seconds, how long the signatures of a round may take: the first round answers everybody in time,
/// and the first signature of the last one outlasts every `action-timeout`.
const ROUNDS: [(u64, u64); 3] = [(0, 15), (0, 60), (60, 120)];

/// A busy machine may be so late with an answer.
const LATE: Duration = Duration::from_secs(5);

/// The codes of a message that was not signed, and of a call that ran out of time.
const UNSIGNED: i64 = 9057;
const OUT_OF_TIME: i64 = 1504;

/// What a client has asked for.
struct Question {
    /// What the answer holds, or what was sent.
    user: u64,
    text: Option<String>,
    begun: Instant,
}

/// How a message was answered.
struct Sent {
    text: String,
    code: i64,
}

/// An account that is online, its clients, and how long a minute of the real thing is here, which is their
/// `action-timeout`.
struct Load {
    world: World,
    _node: Node,
    core: RunningCore,
    clients: Vec<Client>,
    minute: Duration,
    chance: fastrand::Rng,
    sent: Vec<Sent>,
}

impl Load {
    async fn begin(minute: Duration, seed: u64) -> Result<Self> {
        let core_waits = minute / 60 * CORE_WAITS;
        let scenario = Scenario {
            signer_timeout_ms: u64::try_from(core_waits.as_millis())?,
            ..confirming()
        };
        let world = World::with(&scenario, |settings| {
            settings.account_key(&format!("action-timeout = \"{}s\"", minute.as_secs()))
        })
        .await?;
        let node = world.node().await?;
        let core = world.online().await?;
        let mut clients = Vec::new();
        for name in CLIENTS {
            let token = world.folder.token(name).await?;
            clients.push(Client::connect(node.client(name).await?, &token).await?);
        }
        Ok(Self {
            world,
            _node: node,
            core,
            clients,
            minute,
            chance: fastrand::Rng::with_seed(seed),
            sent: Vec::new(),
        })
    }

    /// Each client sends a message and asks for something, all at once; then the core reads to the end.
    async fn round(&mut self, number: usize) -> Result<()> {
        let (first, most) = ROUNDS[number];
        let mut times: Vec<u64> = CLIENTS.map(|_| self.chance.u64(0..=most)).to_vec();
        times[0] = self.chance.u64(first..=most);
        let (minute, second) = (self.minute, self.minute / 60);
        let slow = times.iter().map(|seconds| {
            let took = second * u32::try_from(*seconds).unwrap_or(0);
            Some(SignerFault::SlowToSign(took))
        });
        self.world.signer.next_signatures(slow);
        let mut players = self.clients.iter_mut().enumerate();
        let mut player = || {
            let (place, client) = players.next().context("a client for each place")?;
            Ok::<_, anyhow::Error>(play(client, number * CLIENTS.len() + place, minute))
        };
        let (a, b, c) = tokio::try_join!(player()?, player()?, player()?)
            .with_context(|| format!("signatures of {times:?} s, a second is {second:?}"))?;
        self.sent.extend([a, b, c]);
        self.is_idle().await
    }

    /// Waits until the core has read everything: what comes late for a call has come before that.
    async fn is_idle(&mut self) -> Result<()> {
        let Some(client) = self.clients.last_mut() else {
            return Ok(());
        };
        loop {
            let echo = client.ask("get_login_info", json!({})).await?;
            if answer(client, &echo).await?["retcode"] == 0 {
                return Ok(());
            }
        }
    }

    /// The core has run from the beginning, and each message was answered as the core says.
    async fn nothing_was_falsified(&mut self) -> Result<()> {
        let status = self.world.core_status().await?;
        ensure!(status["state"] == "online", "{status}");
        ensure!(status["process"]["pid"] == self.core.pid(), "{status}");
        ensure!(status["restarts"] == 0, "{status}");
        self.world
            .qq
            .stays_alone(Duration::from_millis(200))
            .await?;
        for client in &mut self.clients {
            // What nobody waits for would be the first thing to be heard.
            let echo = client.ask("get_status", json!({})).await?;
            answer(client, &echo).await?;
        }
        let codes: Vec<_> = self.sent.iter().map(|sent| sent.code).collect();
        for Sent { text, code } in &self.sent {
            if *code != OUT_OF_TIME {
                self.core.called(text, i32::try_from(*code)?).await?;
            }
        }
        ensure!(
            codes.contains(&0) && codes.contains(&OUT_OF_TIME),
            "{codes:?}"
        );
        Ok(())
    }
}

/// Sends a message and asks for something, and hears each answered once and in time.
async fn play(client: &mut Client, number: usize, timeout: Duration) -> Result<Sent> {
    let user = 10_000 + u64::try_from(number)?;
    let text = format!("message {user}.");
    let mut open = HashMap::new();
    for said in [Some(text), None] {
        let (action, params) = match &said {
            Some(text) => (
                "send_private_msg",
                json!({ "user_id": user, "message": text }),
            ),
            None => ("get_stranger_info", json!({ "user_id": user })),
        };
        let begun = Instant::now();
        let echo = client.ask(action, params).await?;
        let text = said;
        open.insert(echo, Question { user, text, begun });
    }
    let mut sent = None;
    while !open.is_empty() {
        let frame = client.next().await?;
        if !frame["post_type"].is_null() {
            continue;
        }
        let echo = frame["echo"].as_str().context("an echo")?;
        let question = open.remove(echo);
        let question = question.with_context(|| format!("nobody waits for this: {frame}"))?;
        let code = judge(&frame, &question, timeout)?;
        if let Some(text) = question.text {
            sent = Some(Sent { text, code });
        }
    }
    sent.context("the message was answered")
}

/// Gives the code of an answer to this question.
fn judge(frame: &Value, question: &Question, timeout: Duration) -> Result<i64> {
    let waited = question.begun.elapsed();
    let code = frame["retcode"].as_i64().context("a code")?;
    ensure!(waited < timeout + LATE, "after {waited:?}: {frame}");
    match (code, &question.text) {
        // Clocks of two programs.
        (OUT_OF_TIME, _) => ensure!(
            waited + Duration::from_millis(50) >= timeout,
            "after {waited:?}: {frame}"
        ),
        (0, Some(_)) => ensure!(frame["data"]["message_id"].is_number(), "{frame}"),
        (UNSIGNED, Some(_)) => {}
        (0, None) => ensure!(frame["data"]["user_id"] == question.user, "{frame}"),
        _ => ensure!(false, "{frame}"),
    }
    Ok(code)
}

/// The next answer, which has to be the one to this call.
async fn answer(client: &mut Client, echo: &str) -> Result<Value> {
    loop {
        let frame = client.next().await?;
        if frame["post_type"].is_null() {
            ensure!(frame["echo"] == echo, "nobody waits for this: {frame}");
            return Ok(frame);
        }
    }
}

async fn signatures_of_up_to_two_minutes(minute: Duration) -> Result<()> {
    let seed = u64::from(std::process::id());
    let mut load = Load::begin(minute, seed).await?;
    for number in 0..ROUNDS.len() {
        let played = load.round(number).await;
        played.with_context(|| format!("round {number}; the seed: {seed}"))?;
    }
    load.nothing_was_falsified().await
}

/// A minute is a second here.
#[tokio::test]
async fn signatures_under_load_end_no_core_and_falsify_no_answer() -> Result<()> {
    signatures_of_up_to_two_minutes(Duration::from_secs(1)).await
}

/// In true seconds: up to ten minutes. `cargo xtask test --long`
mod long {
    use super::*;

    #[tokio::test]
    async fn signatures_under_load_end_no_core_and_falsify_no_answer() -> Result<()> {
        signatures_of_up_to_two_minutes(Duration::from_mins(1)).await
    }
}
