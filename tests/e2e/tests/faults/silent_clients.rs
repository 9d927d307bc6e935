//! Clients that answer no ping: one whose system still acknowledges what it is sent is busy, one that
//! acknowledges nothing is dead. The limits met here are the program's own, on the wall clock;
//! `perpetua-proxy` has short tests of the same with a clock of their own.

mod long {
    use std::net::SocketAddr;
    use std::process::Command;
    use std::time::{Duration, Instant};

    use anyhow::{Context as _, Result, ensure};
    use perpetua_e2e::{DataFolder, Node, Settings, Upgrade, run, until_within};
    use perpetua_testkit::Dial;
    use serde_json::json;

    /// A ping each 15 s, of which one is unanswered for 25 s; and a busy machine.
    const FOUND_BUSY: Duration = Duration::from_secs(60);

    /// When a ping is unanswered for this long, its connection is ended.
    const ENDED: Duration = Duration::from_secs(120);

    /// What a system acknowledges nothing of for 25 s is dead; the ping comes 15 s after the last word.
    const FOUND_DEAD: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_busy_client_is_shown_so_and_has_two_minutes() -> Result<()> {
        let settings = Settings::simulator()
            .open_client("busy")
            .open_client("witness");
        let folder = DataFolder::with(&settings)?;
        let mut node = Node::start(&folder).await?;
        let mut witness = Dial::to(node.client("witness").await?).connect().await?;
        // It reads nothing, but its system takes what comes.
        let mut busy = Upgrade::ask(node.client("busy").await?, "/", &[])
            .await?
            .open()?;
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
        witness.data_of("get_login_info", json!({})).await.map(drop)
    }

    /// A machine of its own, as far as its network goes, whose cable can be cut.
    #[cfg(target_os = "linux")]
    struct Machine {
        name: String,
        ours: String,
    }

    #[cfg(target_os = "linux")]
    impl Machine {
        /// `None` where this user may not make one.
        fn new() -> Option<Self> {
            let id = std::process::id();
            let name = format!("perpetua-{id}");
            let (near, far) = (format!("pn{id}"), format!("pf{id}"));
            // Of the addresses for tests between networks (RFC 2544) a pair that no other test run has.
            let [.., third, fourth] = (id << 2).to_be_bytes();
            let network = format!("198.18.{third}");
            let (ours, theirs) = (
                format!("{network}.{}", fourth | 1),
                format!("{network}.{}", fourth | 2),
            );
            let made = [
                format!("netns add {name}"),
                format!("link add {near} type veth peer name {far} netns {name}"),
                format!("address add {ours}/30 dev {near}"),
                format!("link set {near} up"),
                format!("-n {name} address add {theirs}/30 dev {far}"),
                format!("-n {name} link set {far} up"),
            ]
            .iter()
            .all(|line| ip(line));
            let machine = Self { name, ours };
            made.then_some(machine)
        }

        /// Starts a client there that says nothing once it is in.
        fn client(&self, address: SocketAddr, token: &str) -> Result<tokio::process::Child> {
            let (host, port) = (address.ip(), address.port());
            let request = format!(
                "GET / HTTP/1.1\\r\\nHost: {address}\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\
                 Sec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\
                 Authorization: Bearer {token}\\r\\n\\r\\n"
            );
            let script =
                format!("exec 3<>/dev/tcp/{host}/{port} && printf '{request}' >&3 && exec cat <&3");
            tokio::process::Command::new("ip")
                .args(["netns", "exec", &self.name, "bash", "-c", &script])
                .stdout(std::process::Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .context("cannot start a client on the other machine")
        }

        /// From now on nothing that it says reaches us.
        fn cut_off(&self) -> Result<()> {
            let line = format!("-n {} route replace blackhole {}/32", self.name, self.ours);
            ensure!(ip(&line), "`ip {line}` failed");
            Ok(())
        }
    }

    #[cfg(target_os = "linux")]
    impl Drop for Machine {
        fn drop(&mut self) {
            // Its end of the cable goes with it, and ours with that.
            ip(&format!("netns delete {}", self.name));
        }
    }

    #[cfg(target_os = "linux")]
    fn ip(line: &str) -> bool {
        let made = Command::new("ip").args(line.split(' ')).output();
        made.is_ok_and(|made| made.status.success())
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_dead_client_is_found_out_while_a_busy_one_is_waited_for() -> Result<()> {
        let Some(machine) = Machine::new() else {
            eprintln!("skipped: this user may not make a network of its own");
            return Ok(());
        };
        let settings = Settings::simulator()
            .open_client("busy")
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
        let _busy = Upgrade::ask(node.client("busy").await?, "/", &[])
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
        ensure!(connections("busy").await? == 1, "a busy client was ended");
        node.logged("client left").await.map(drop)
    }
}
