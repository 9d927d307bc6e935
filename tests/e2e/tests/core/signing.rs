//! The node between a core and its signers: whatever one of them does, the next one signs the same message, and
//! the core runs on and knows none of them.

use std::{path::Path, time::Duration};

use anyhow::{Context as _, Result, ensure};
use fake_core::{RunningCore, Scenario, SessionFate, SignerFault, SignerServer};
use perpetua_e2e::world::{World, confirming, quick, signer_section};
use perpetua_e2e::{Node, Settings, files_with, sentence};
use perpetua_testkit::Client;
use serde_json::{Value, json};

/// Within it, a start that nobody wants would have come: those that are wanted come at once.
const QUIET: Duration = Duration::from_millis(500);
/// The code of a message that was not signed.
const UNSIGNED: i64 = 9057;
/// Part of a signer's address, which whoever has it may use.
const KEY: &str = "key=SECRETKEY";

/// An account that is online with two signers, and a client of it.
struct Stage {
    world: World,
    node: Node,
    core: RunningCore,
    client: Client,
    spare: SignerServer,
}

impl Stage {
    async fn online() -> Result<Self> {
        Self::online_as(|settings| settings).await
    }

    async fn online_as(change: impl FnOnce(Settings) -> Settings) -> Result<Self> {
        let spare = SignerServer::start().await?;
        let section = signer_section("spare", &spare);
        let world = World::with(&confirming(), |settings| {
            let patient = settings.upstream_key("sign-patience = \"1s\"");
            change(patient.section(&section))
        })
        .await?;
        Self::in_world(world, spare).await
    }

    async fn in_world(world: World, spare: SignerServer) -> Result<Self> {
        let node = world.node().await?;
        let core = world.online().await?;
        let token = world.folder.token("probe").await?;
        let client = Client::connect(node.client("probe").await?, &token).await?;
        Ok(Self {
            world,
            node,
            core,
            client,
            spare,
        })
    }

    /// The signer that is asked first, and the one after it, where they take turns.
    fn turn(&self, number: usize) -> [&SignerServer; 2] {
        let signers = [&self.world.signer, &self.spare];
        if number.is_multiple_of(2) {
            signers
        } else {
            [signers[1], signers[0]]
        }
    }

    /// Sends a message; gives the code of the answer.
    async fn send(&mut self, text: &str) -> Result<i64> {
        let params = json!({ "user_id": 10_002, "message": text });
        let answer = self.client.call("send_private_msg", params).await?;
        answer["retcode"].as_i64().context("a code")
    }

    /// Sends a message that goes out, by the core that has run from the beginning.
    async fn is_sent(&mut self, text: &str) -> Result<()> {
        let code = self.send(text).await?;
        let status = self.world.core_status().await?;
        ensure!(code == 0, "{text}: {code}, {status}");
        ensure!(
            status["process"]["pid"] == self.core.pid(),
            "{text}: {status}"
        );
        Ok(())
    }
}

fn cannot_send(status: &Value) -> bool {
    status["state"] == "online" && status["signer_problem"].is_object()
}

fn is_well(status: &Value) -> bool {
    status["state"] == "online" && status["signer_problem"].is_null()
}

/// What was measured of a signer.
fn times(status: &Value, name: &str) -> Value {
    let signers = status["signers"].as_array().cloned().unwrap_or_default();
    let found = signers.into_iter().find(|signer| signer["name"] == name);
    found.unwrap_or_default()
}

#[tokio::test]
async fn whatever_a_signer_does_the_next_message_goes_out_by_the_other_one() -> Result<()> {
    let mut stage = Stage::online().await?;
    let faults = [
        SignerFault::RefusesToSign,
        SignerFault::Status(401),
        SignerFault::Status(404),
        SignerFault::NullSign,
        SignerFault::BadHex,
        SignerFault::NoValue,
        SignerFault::WebPage,
        SignerFault::SlowToSign(Duration::from_mins(1)),
    ];
    // One that has failed is asked last for a while, so that they take turns.
    for (number, fault) in faults.into_iter().enumerate() {
        let [bad, good] = stage.turn(number);
        bad.fault(Some(fault));
        good.fault(None);
        let before = [bad.signed().len(), good.signed().len()];
        stage.is_sent(&format!("{fault:?}")).await?;
        let asked = stage.turn(number).map(|signer| signer.signed().len());
        ensure!(
            asked == before.map(|count| count + 1),
            "{fault:?}: {before:?} -> {asked:?}"
        );
    }
    let status = stage
        .world
        .stands("its times", |status| times(status, "mine")["failures"] == 4);
    let status = status.await?;
    assert!(
        times(&status, "spare")["last_failure"].is_object(),
        "{status}"
    );
    stage.world.qq.stays_alone(QUIET).await
}

#[tokio::test]
async fn a_signer_that_lies_about_what_it_signs_for_is_left_alone() -> Result<()> {
    for lie in [SignerFault::WrongVersion, SignerFault::WrongPlatform] {
        let mut stage = Stage::online().await?;
        stage.world.signer.fault(Some(lie));
        let asked = stage.world.signer.signed().len();
        for text in ["one", "two"] {
            stage.is_sent(text).await?;
        }
        ensure!(stage.world.signer.signed().len() == asked + 1, "{lie:?}");
        stage.world.qq.stays_alone(QUIET).await?;
    }
    Ok(())
}

#[tokio::test]
async fn signers_that_die_and_come_back_cost_no_start() -> Result<()> {
    let mut stage = Stage::online().await?;
    stage.world.signer.go_down().await;
    stage.is_sent("one is down").await?;
    stage.spare.go_down().await;
    assert_eq!(stage.send("both are down").await?, UNSIGNED);
    let status = stage.world.stands("a signer problem", cannot_send).await?;
    let said = sentence(&status["message"]);
    ensure!(
        said.contains("`mine`") && said.contains("`spare`"),
        "{said}"
    );

    // What ends it is the next message, if not the node's own question before.
    stage.world.signer.come_up().await?;
    stage.is_sent("one is up").await?;
    stage.world.stands("no signer problem", is_well).await?;
    stage.world.qq.stays_alone(QUIET).await
}

#[tokio::test]
async fn a_signer_that_needs_a_length_and_lacks_fields_is_as_good_as_any() -> Result<()> {
    let world = World::new(&confirming()).await?;
    world
        .signer
        .fault(Some(SignerFault::LacksFields(&["PackageName", "SubAppId"])));
    let report = world.command(&["signer", "test", "mine"]).await?;
    ensure!(report.contains("PackageName"), "{report}");
    let mut stage = Stage::in_world(world, SignerServer::start().await?).await?;
    stage.world.signer.fault(Some(SignerFault::NeedsLength));
    stage.is_sent("with its length").await
}

/// A world whose two signers have keys in their addresses, which stand outside of the data folder.
async fn world_with_keys(outside: &Path) -> Result<(World, [SignerServer; 2])> {
    let signers = [
        SignerServer::start_with_key(&format!("{KEY}1")).await?,
        SignerServer::start_with_key(&format!("{KEY}2")).await?,
    ];
    let world = World::with(&confirming(), |settings| {
        settings.section("[log]\nlevel = \"trace\"\n")
    })
    .await?;
    let mut sections = String::new();
    for (name, signer) in ["first", "second"].into_iter().zip(&signers) {
        let file = outside.join(name);
        std::fs::write(&file, signer.url())?;
        let file = file.display().to_string();
        let section = format!("[[signers]]\nname = \"{name}\"\nurl = {{ file = {file:?} }}\n\n");
        sections.push_str(&section);
    }
    let text = world.folder.read_settings()?;
    let mine = signer_section("mine", &world.signer);
    ensure!(text.contains(&mine), "{text}");
    world
        .folder
        .write_settings(&text.replace(&mine, &sections))?;
    Ok((world, signers))
}

/// The variables of a process.
#[cfg(target_os = "linux")]
fn environment(pid: u32) -> Result<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ"))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn a_signers_key_reaches_no_file_no_log_and_not_the_core() -> Result<()> {
    let outside = tempfile::tempdir()?;
    let (world, [first, second]) = world_with_keys(outside.path()).await?;
    let mut stage = Stage::in_world(world, second).await?;
    stage.is_sent("signed by the first").await?;
    first.fault(Some(SignerFault::Status(500)));
    stage.is_sent("signed by the second").await?;
    stage.spare.fault(Some(SignerFault::Status(401)));
    assert_eq!(stage.send("signed by nobody").await?, UNSIGNED);
    stage.world.stands("a signer problem", cannot_send).await?;

    let found = files_with(stage.world.folder.path(), KEY.as_bytes())?;
    ensure!(found.is_empty(), "the key stands in {found:?}");
    for command in [
        &["status"][..],
        &["status", "--json"],
        &["signer", "test"],
        &["log", "main"],
    ] {
        let finished = perpetua_e2e::run(&stage.world.folder, command).await?;
        let said = finished.stdout + &finished.stderr;
        ensure!(
            !said.contains(KEY),
            "the key stands in what {command:?} says"
        );
    }
    ensure!(!stage.node.log().contains(KEY), "the key stands in the log");
    #[cfg(target_os = "linux")]
    {
        let variables = environment(stage.core.pid())?;
        ensure!(
            !variables.contains(KEY),
            "the key stands in the core's environment"
        );
        let way = "\0SignServerUrl=http://127.0.0.1:";
        ensure!(variables.contains(way), "{variables}");
        ensure!(!variables.contains("SignProxyUrl"), "{variables}");
        ensure!(variables.contains("\0NO_PROXY=127.0.0.1,"), "{variables}");
    }
    Ok(())
}

#[tokio::test]
async fn a_core_that_asks_by_itself_is_started_anew_with_the_next_signer() -> Result<()> {
    let by_itself = |settings: Settings| settings.upstream_key("sign-through = \"core\"");
    let mut stage = Stage::online_as(by_itself).await?;
    stage.is_sent("signed by the first").await?;
    let address = stage.world.signer.url();
    #[cfg(target_os = "linux")]
    ensure!(
        environment(stage.core.pid())?.contains(&format!("\0SignServerUrl={address}\0")),
        "the core is told the address itself"
    );
    let found = files_with(
        &stage.world.folder.path().join("accounts"),
        address.as_bytes(),
    )?;
    ensure!(found.is_empty(), "the address stands in {found:?}");

    stage.world.signer.go_down().await;
    assert_eq!(stage.send("signed by nobody").await?, UNSIGNED);
    stage.core.ended(fake_core::PATIENCE).await?;
    stage.core = stage.world.online().await?;
    stage.is_sent("signed by the second").await?;
    ensure!(!stage.spare.signed().is_empty());
    let uses_spare = |status: &Value| status["signer"]["name"] == "spare";
    stage
        .world
        .stands("the spare in use", uses_spare)
        .await
        .map(drop)
}

/// A world with a saved session, whose signers are down.
async fn logged_in_before() -> Result<World> {
    let mut world = World::new(&confirming()).await?;
    let mut node = world.node().await?;
    world.online().await?;
    node.terminate().await?;
    node.ended(fake_core::PATIENCE).await?;
    world.signer.go_down().await;
    world.direct(&quick())?;
    Ok(world)
}

#[tokio::test]
async fn a_saved_session_comes_online_without_a_signer_and_sends_when_there_is_one() -> Result<()> {
    let world = logged_in_before().await?;
    let mut stage = Stage::in_world(world, SignerServer::start().await?).await?;
    let status = stage.world.stands("a signer problem", cannot_send).await?;
    let said = sentence(&status["message"]);
    ensure!(said.contains("`mine`"), "{said}");
    let text = fake_core::Qq::Say {
        text: "can you hear me?".to_owned(),
        count: 1,
        per_second: 0,
    };
    stage.core.qq(text).await?;
    stage.client.heard("can you hear me?").await?;
    assert_eq!(stage.send("nobody signs").await?, UNSIGNED);

    stage.world.signer.come_up().await?;
    stage.is_sent("somebody does").await?;
    stage.world.stands("no signer problem", is_well).await?;
    stage.world.qq.stays_alone(QUIET).await
}

#[tokio::test]
async fn a_session_that_needs_a_signature_after_all_is_not_tried_again_without_a_signer()
-> Result<()> {
    let mut world = logged_in_before().await?;
    world.direct(&Scenario {
        session: SessionFate::Dead,
        ..quick()
    })?;
    let _node = world.node().await?;
    let mut tried = world.qq.core().await?;
    tried.ended(fake_core::PATIENCE).await?;
    let status = world.reaches("signer_problem").await?;
    ensure!(sentence(&status["message"]).contains("`mine`"), "{status}");
    world.qq.stays_alone(QUIET).await?;

    world.signer.come_up().await?;
    world.command(&["start", "main"]).await?;
    let mut core = world.qq.core().await?;
    core.qr_shown().await.map(drop)
}

/// What takes its time, because signers are asked again every half minute: `cargo xtask test --long`.
mod long {
    use super::*;

    #[tokio::test]
    async fn a_signer_that_is_up_again_is_found_without_a_message() -> Result<()> {
        let world = logged_in_before().await?;
        let mut stage = Stage::in_world(world, SignerServer::start().await?).await?;
        stage.world.stands("a signer problem", cannot_send).await?;
        stage.world.signer.come_up().await?;
        stage.world.stands("no signer problem", is_well).await?;
        stage.is_sent("found").await
    }

    #[tokio::test]
    async fn a_signer_that_takes_its_time_is_named_and_kills_nobody() -> Result<()> {
        let mut stage = Stage::online().await?;
        stage.spare.go_down().await;
        let slow = SignerFault::SlowToSign(Duration::from_secs(12));
        stage.world.signer.fault(Some(slow));
        stage.is_sent("late").await?;
        let is_told = |status: &Value| status["slow_signer"].is_object();
        let status = stage.world.stands("a slow signer", is_told).await?;
        let said = sentence(&status["slow_signer"]);
        ensure!(said.contains("`mine`") && said.contains("12 s"), "{said}");
        let shown = stage.world.command(&["status"]).await?;
        ensure!(shown.contains("12 s"), "{shown}");
        Ok(())
    }
}
