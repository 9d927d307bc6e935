//! Clients that answer no ping: one whose system still acknowledges what it is sent is busy, one that
//! acknowledges nothing is dead. The limits met here are the program's own, on the wall clock;
//! `perpetua-proxy` has short tests of the same with a clock of their own.

mod long {
    use std::time::{Duration, Instant};

    use anyhow::{Context as _, Result, ensure};
    use perpetua_e2e::{DataFolder, Node, Opcode, Settings, Upgrade, run, until_within};
    use perpetua_testkit::Dial;
    use serde_json::json;

    /// A ping each 15 s, of which one is unanswered for 25 s; and a busy machine.
    const FOUND_BUSY: Duration = Duration::from_mins(1);

    /// Their answers are more than a system takes for a program that does not read, and less than it holds back
    /// for one that does not either.
    const QUESTIONS: usize = 2000;

    /// When a ping is unanswered for this long, its connection is ended.
    const ENDED: Duration = Duration::from_mins(2);

    /// A system that acknowledges nothing for 25 s is dead; it is sent something at least every 15 s.
    #[cfg(target_os = "linux")]
    const FOUND_DEAD: Duration = Duration::from_secs(42);

    #[tokio::test]
    async fn a_busy_client_is_shown_so_and_has_two_minutes() -> Result<()> {
        let settings = Settings::simulator()
            .open_client("painter")
            .open_client("witness");
        let folder = DataFolder::with(&settings)?;
        let mut node = Node::start(&folder).await?;
        // It reads nothing, and its system acknowledges everything and has no more room.
        let mut busy = Upgrade::ask(node.client("painter").await?, "/", &[])
            .await?
            .open()?;
        for _ in 0..QUESTIONS {
            let question = br#"{"action":"get_version_info"}"#;
            busy.send(Opcode::Text, question).await?;
        }
        let begun = Instant::now();
        until_within(FOUND_BUSY, "the client to be shown as busy", async || {
            let page = run(&folder, &["status"]).await?.stdout;
            Ok(page.contains("busy").then_some(()))
        })
        .await?;
        busy.ended(ENDED + FOUND_BUSY)
            .await?
            .context("it was told nothing at its end")?;
        let lasted = begun.elapsed();
        ensure!(lasted >= ENDED, "it was ended after {lasted:?}");
        node.logged("ping").await?;
        let mut witness = Dial::to(node.client("witness").await?).connect().await?;
        witness.data_of("get_login_info", json!({})).await.map(drop)
    }

    /// Networks of a program's own are Linux's.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_dead_client_is_found_out_while_a_busy_one_is_waited_for() -> Result<()> {
        let Some(machine) = crate::machine::Machine::new() else {
            eprintln!("skipped: this user may not make a network of its own");
            return Ok(());
        };
        let settings = Settings::simulator()
            .open_client("painter")
            .client("dead")
            .to_string();
        let (before, client) = settings
            .rsplit_once("127.0.0.1:0")
            .context("a client listens")?;
        let folder = DataFolder::empty()?;
        folder.write_settings(&format!("{before}{}:0{client}", machine.ours))?;
        let mut node = Node::start(&folder).await?;
        let token = folder.token("dead").await?;
        let connections = async |client: &str| {
            let client = node.client_status(client).await?;
            Ok::<_, anyhow::Error>(client["connections"].as_array().map_or(0, Vec::len))
        };
        let _busy = Upgrade::ask(node.client("painter").await?, "/", &[])
            .await?
            .open()?;
        let _dead = machine.client(node.client("dead").await?, &token)?;
        until_within(FOUND_DEAD, "the client to connect", async || {
            Ok((connections("dead").await? == 1).then_some(()))
        })
        .await?;
        machine.cut_off()?;
        until_within(FOUND_DEAD, "the dead client to be found out", async || {
            Ok((connections("dead").await? == 0).then_some(()))
        })
        .await?;
        ensure!(
            connections("painter").await? == 1,
            "a busy client was ended"
        );
        node.logged("client left").await.map(drop)
    }
}
