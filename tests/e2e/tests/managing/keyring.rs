//! With a real Secret Service no secret is in any file of the data folder, in any log, or in any process.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use fake_core::{PATIENCE, Phone, RunningCore, SignerFault, SignerServer};
use perpetua_e2e::{KeyringSession, Node, files_with, processes_with, run, run_with_input};
use perpetua_testkit::Client;
use serde_json::{Value, json};

use crate::stage::{append_to_settings, replace_in_settings};
use perpetua_e2e::world::{World, quick, signer_section};

/// Part of a signer's address, which whoever has it may use.
const KEYS: [&str; 2] = ["key=FirstSignersKey", "key=SecondSignersKey"];
const CLIENTS: [&str; 3] = ["nonebot", "koishi", "probe"];

/// A secret and what it is called in a failure.
type Secrets = Vec<(String, Vec<u8>)>;

struct Stage {
    session: KeyringSession,
    world: World,
    signers: [SignerServer; 2],
}

impl Stage {
    /// Everything at its most talkative, and each secret in the keyring: also the signers' addresses, which their owner
    /// has stored there.
    async fn set() -> Result<Self> {
        let session = KeyringSession::start().await?;
        let mut world = World::new(&quick()).await?;
        session.adopt(&mut world.folder);
        let signers = [
            SignerServer::start_with_key(KEYS[0]).await?,
            SignerServer::start_with_key(KEYS[1]).await?,
        ];
        replace_in_settings(&world, "secrets = \"file\"", "secrets = \"keyring\"")?;
        let sections = ["first", "second"].map(|name| {
            format!("[[signers]]\nname = \"{name}\"\nurl = {{ secret = \"{name}-signer\" }}\n")
        });
        let open = signer_section("mine", &world.signer);
        replace_in_settings(&world, &open, &sections.join("\n"))?;
        append_to_settings(&world, "[log]\nlevel = \"trace\"\n")?;
        let stage = Self {
            session,
            world,
            signers,
        };
        for (name, signer) in ["first-signer", "second-signer"].iter().zip(&stage.signers) {
            let command = ["secret", "set", name];
            let set = run_with_input(&stage.world.folder, &command, &signer.url()).await?;
            ensure!(set.code == Some(0), "{set:?}");
        }
        Ok(stage)
    }

    /// A message is sent, by whichever signer signs.
    async fn is_sent(&self, node: &Node, text: &str) -> Result<()> {
        let token = self.world.folder.token("probe").await?;
        let mut client = Client::connect(node.client("probe").await?, &token).await?;
        let send = json!({ "user_id": 10_002, "message": text });
        client.data_of("send_private_msg", send).await?;
        client.close().await
    }

    /// All that the keyring keeps, and what is secret of the signers' addresses.
    async fn secrets(&self) -> Result<Secrets> {
        let mut all = self.session.secrets().await?;
        for client in CLIENTS {
            let token = self.world.folder.token(client).await?;
            let is_kept = all.iter().any(|(_, secret)| secret == token.as_bytes());
            ensure!(is_kept, "the token of `{client}` is not in the keyring");
        }
        all.extend(KEYS.map(|key| (key.to_owned(), key.as_bytes().to_vec())));
        // The signers' addresses, the tokens, and what copies of the login are sealed with.
        ensure!(all.len() > 2 * KEYS.len() + CLIENTS.len(), "{all:?}");
        let is_short = |(_, secret): &(String, Vec<u8>)| secret.len() < 10;
        ensure!(!all.iter().any(is_short), "{all:?}");
        Ok(all)
    }

    /// No file, no process, no log and no answer of a command holds any of them.
    async fn nobody_reads(&self, node: &Node, secrets: &Secrets) -> Result<()> {
        let mut said = node.log();
        for command in [
            &["status"][..],
            &["status", "--json"],
            &["signer", "test"],
            &["log", "main", "--lines", "500"],
        ] {
            let finished = run(&self.world.folder, command).await?;
            said = said + &finished.stdout + &finished.stderr;
        }
        for (name, secret) in secrets {
            let files = files_with(self.world.folder.path(), secret)?;
            ensure!(files.is_empty(), "{name} stands in {files:?}");
            let processes = processes_with(secret)?;
            ensure!(processes.is_empty(), "{name} stands in {processes:?}");
            let text = String::from_utf8_lossy(secret);
            let line = said.lines().find(|line| line.contains(&*text));
            ensure!(line.is_none(), "{name} is said: {line:?}");
        }
        Ok(())
    }
}

/// What is searched with does find: a secret in a file deep below, and one in an environment.
fn the_scanner_finds(folder: &Path, secret: &[u8], core: &RunningCore) -> Result<()> {
    let deep = folder.join("accounts/main/planted");
    std::fs::create_dir_all(&deep)?;
    let file = deep.join("file");
    std::fs::write(&file, [&[0xFF, 0x00][..], secret, b"\n"].concat())?;
    ensure!(files_with(folder, secret)? == [file.clone()], "not found");
    std::fs::remove_dir_all(&deep)?;
    ensure!(files_with(folder, secret)?.is_empty(), "it is gone");
    // The core has the address of the node's own desk there.
    let found = processes_with(b"\0SignServerUrl=http://127.0.0.1:")?;
    let mine = format!("/proc/{}/environ", core.pid());
    ensure!(found.contains(&mine.into()), "{found:?}");
    Ok(())
}

#[tokio::test]
async fn no_secret_of_a_keyring_is_anywhere_else() -> Result<()> {
    let stage = Stage::set().await?;
    let mut node = stage.world.node().await?;
    let mut core = stage.world.qq.core().await?;
    core.qr_shown().await?;
    core.phone(Phone::Confirm).await?;
    stage.world.reaches("online").await?;
    stage.is_sent(&node, "by the first").await?;
    // Faults are told with many words.
    stage.signers[0].fault(Some(SignerFault::Status(500)));
    stage.is_sent(&node, "by the second").await?;
    let copy = core.folder().join("backup");
    let copies = std::fs::read_dir(&copy).context("a copy of the login")?;
    ensure!(copies.count() > 0, "a copy of the login");

    let secrets = stage.secrets().await?;
    the_scanner_finds(stage.world.folder.path(), &secrets[0].1, &core)?;
    stage.nobody_reads(&node, &secrets).await?;

    // The copy is sealed with what only the keyring has, and brings the login back.
    std::fs::write(core.folder().join("keystore.json"), "{ half")?;
    node.terminate().await?;
    node.ended(PATIENCE).await?;
    stage.world.direct(&quick())?;
    let node = stage.world.node().await?;
    let core = stage.world.online().await?;
    ensure!(stage.secrets().await? == secrets, "they are the same");
    stage.is_sent(&node, "after a restart").await?;
    let has_no_problem = |status: &Value| status["signer_problem"].is_null();
    stage.world.stands("a signer", has_no_problem).await?;
    the_scanner_finds(stage.world.folder.path(), &secrets[0].1, &core)?;
    stage.nobody_reads(&node, &secrets).await
}
