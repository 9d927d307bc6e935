//! What nobody may read: tokens, QR codes, signers' paths, sessions.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Phone, Qq, RunningCore};
use perpetua_e2e::{Node, get};
use perpetua_testkit::Client;
use serde_json::{Value, json};
use tokio::process::Command;

use crate::installation::gather;
use crate::stage::{append_to_settings, replace_in_settings};
use perpetua_e2e::world::{World, quick, signer_section};

/// Part of the signer's address, which whoever has it may use.
const SIGNER_PATH: &str = "/api/sign/30366";
const HOOK_SECRET: &str = "key-of-the-hooks-address";
const HOOK_TOKEN: &str = "t0ken-of-the-hook";

/// A secret and what it is called in a failure.
type Secrets = Vec<(&'static str, String)>;

/// Everything at its most talkative, and each secret outside of the settings.
fn whisper(world: &World) -> Result<()> {
    let folder = world.folder.path();
    std::fs::write(folder.join("signer"), world.signer.url())?;
    let dead = format!("http://127.0.0.1:1/{HOOK_SECRET}");
    std::fs::write(folder.join("hook"), dead)?;
    std::fs::write(folder.join("hook-token"), HOOK_TOKEN)?;
    let open = signer_section("mine", &world.signer);
    let kept = "[[signers]]\nname = \"mine\"\nurl = { file = \"signer\" }\n";
    replace_in_settings(world, &open, kept)?;
    let hook = "[[notify]]\npost = { file = \"hook\" }\ntoken = { file = \"hook-token\" }\n";
    append_to_settings(world, &format!("[log]\nlevel = \"trace\"\n\n{hook}"))
}

/// All that a run has made secret.
async fn secrets(world: &World, core: &RunningCore, qr: String) -> Result<Secrets> {
    let mut all = vec![
        ("the QR code", qr),
        ("the signer's path", SIGNER_PATH.to_owned()),
        ("the hook's address", HOOK_SECRET.to_owned()),
        ("the hook's token", HOOK_TOKEN.to_owned()),
    ];
    for client in ["nonebot", "koishi", "probe"] {
        all.push(("a client's token", world.folder.token(client).await?));
    }
    let keystore = std::fs::read(core.folder().join("keystore.json"))?;
    let keystore: Value = serde_json::from_slice(&keystore)?;
    for key in ["D2Key", "D2", "Tgt", "TempPassword"] {
        let secret = keystore["Session"][key].as_str();
        all.push(("the session", secret.context("a session")?.to_owned()));
    }
    let session = std::fs::read(world.folder.path().join("run").join("session.json"))?;
    let session: Value = serde_json::from_slice(&session)?;
    let token = session["token"].as_str().context("a token")?;
    all.push(("the node's own token", token.to_owned()));
    all.extend(core_token(core)?.map(|token| ("the core's token", token)));
    ensure!(all.iter().all(|(_, secret)| secret.len() > 5), "{all:?}");
    Ok(all)
}

/// The token that the core was given, where a process's environment can be read.
fn core_token(core: &RunningCore) -> Result<Option<String>> {
    let Ok(environment) = std::fs::read(format!("/proc/{}/environ", core.pid())) else {
        return Ok(None);
    };
    let environment = String::from_utf8(environment)?;
    let mut variables = environment.split('\0');
    let token = variables.find_map(|variable| {
        let (name, value) = variable.split_once('=')?;
        name.ends_with("AccessToken").then(|| value.to_owned())
    });
    token.context("the core was given no token").map(Some)
}

/// The command lines of every process of this machine.
async fn process_list() -> Result<String> {
    let mut command = if cfg!(windows) {
        let mut command = Command::new("powershell");
        command.args(["-Command", "Get-CimInstance Win32_Process | % CommandLine"]);
        command
    } else {
        let mut command = Command::new("ps");
        command.args(["-Aww", "-o", "args"]);
        command
    };
    let listed = command.output().await.context("cannot list processes")?;
    Ok(String::from_utf8_lossy(&listed.stdout).into_owned())
}

/// Everything that others read, by name.
async fn readable(world: &World, node: &Node) -> Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let mut files = BTreeMap::new();
    gather(&world.folder.path().join("logs"), &mut files)?;
    ensure!(files.len() >= 2, "the node's log and the core's: {files:?}");
    for (path, bytes) in files {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        all.insert(path.display().to_string(), text);
    }
    for page in ["/healthz", "/metrics"] {
        all.insert(page.to_owned(), get(node.api(), page, &[]).await?.body);
    }
    for command in [
        &["status"][..],
        &["log", "main", "--lines", "500"],
        &["signer", "test"],
        &["core", "list"],
        &["core", "verify"],
    ] {
        let finished = perpetua_e2e::run(&world.folder, command).await?;
        let text = finished.stdout + &finished.stderr;
        all.insert(command.join(" "), text);
    }
    all.insert("the log on stderr".to_owned(), node.log());
    all.insert("the process list".to_owned(), process_list().await?);
    all.insert("the settings".to_owned(), world.folder.read_settings()?);
    Ok(all)
}

async fn nobody_reads(world: &World, node: &Node, secrets: &Secrets) -> Result<()> {
    for (place, text) in readable(world, node).await? {
        for (name, secret) in secrets {
            let line = text.lines().find(|line| line.contains(secret));
            ensure!(line.is_none(), "{name} stands in {place}: {line:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_secret_is_where_others_read() -> Result<()> {
    let mut world = World::new(&quick()).await?;
    whisper(&world)?;
    let node = world.node().await?;
    let mut core = world.qq.core().await?;
    let shown = core.qr_shown().await?;
    world.reaches("waiting_for_scan").await?;
    nobody_reads(&world, &node, &vec![("the QR code", shown.clone())]).await?;
    core.phone(Phone::Confirm).await?;
    world.reaches("online").await?;

    let token = world.folder.token("probe").await?;
    let mut client = Client::connect(node.client("probe").await?, &token).await?;
    client.data_of("get_login_info", json!({})).await?;
    let secrets = secrets(&world, &core, shown).await?;
    nobody_reads(&world, &node, &secrets).await?;

    // Faults are told with many words.
    world.signer.go_down().await;
    let send = json!({ "user_id": 10_002, "message": "hello" });
    client.call("send_private_msg", send).await?;
    let has_problem = |status: &Value| status["signer_problem"].is_object();
    world.stands("a signer problem", has_problem).await?;
    core.qq(Qq::Kick).await?;
    core.ended(PATIENCE).await?;
    // Its session needs no signature.
    world.stands("a signer problem again", has_problem).await?;
    nobody_reads(&world, &node, &secrets).await
}
