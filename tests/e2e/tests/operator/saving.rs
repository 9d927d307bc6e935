//! Settings as editors and other programs save them while a node is at work: whatever a file looks like
//! on the way, no client notices.

use std::time::Duration;

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings};
use perpetua_testkit::{Client, Dial};
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often a file is saved.
const SAVES: usize = 100;

/// How long it is empty, and then half there, each time: together longer than it is whole, so that
/// whoever looks at it now and then sees what is unfinished more often than not.
const PAUSE: Duration = Duration::from_millis(15);

/// How long it was once seen to be empty while it was saved.
const LONG_PAUSE: Duration = Duration::from_millis(1200);

/// A node, its settings, and a client that calls without a pause.
struct Setup {
    folder: DataFolder,
    node: Node,
    settings: Settings,
    load: Load,
}

impl Setup {
    async fn start() -> Result<Self> {
        let settings = Settings::simulator().open_client("busy");
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;
        let client = Dial::to(node.client("busy").await?).connect().await?;
        Ok(Self {
            load: Load::start(client),
            folder,
            node,
            settings,
        })
    }

    /// The settings with one client more.
    fn with_client(&self, name: &str) -> String {
        self.settings.clone().open_client(name).to_string()
    }

    /// What is saved last is applied, and until then nothing has been.
    async fn only_the_last_is_applied(self, last: &str) -> Result<()> {
        let log = self.node.log();
        ensure!(
            !log.contains("applied"),
            "what was never meant was applied: {log}"
        );
        self.folder.write_settings(last)?;
        Dial::to(self.node.client("last").await?).connect().await?;
        self.load.nobody_was_cut().await
    }
}

/// A client that calls again as soon as it is answered.
struct Load {
    answered: watch::Receiver<u64>,
    calling: JoinHandle<Result<Client>>,
    end: watch::Sender<bool>,
}

impl Load {
    fn start(mut client: Client) -> Self {
        let (end, ended) = watch::channel(false);
        let (count, answered) = watch::channel(0);
        let calling = tokio::spawn(async move {
            while !*ended.borrow() {
                client.data_of("get_login_info", json!({})).await?;
                count.send_modify(|count| *count += 1);
            }
            Ok(client)
        });
        Self {
            answered,
            calling,
            end,
        }
    }

    /// Ends the load; the connection is the one that it began with, and works.
    async fn nobody_was_cut(self) -> Result<()> {
        self.end.send_replace(true);
        let mut client = self.calling.await??;
        client.data_of("get_status", json!({})).await?;
        let answered = *self.answered.borrow();
        ensure!(answered > 0, "the load was no load");
        Ok(())
    }
}

#[tokio::test]
async fn a_file_written_in_place_100_times_under_load_is_never_taken_by_half() -> Result<()> {
    let setup = Setup::start().await?;
    let text = setup.settings.to_string();
    let folder = &setup.folder;
    for _ in 0..SAVES {
        folder
            .write_settings_in_place(text.as_bytes(), PAUSE)
            .await?;
    }
    folder
        .write_settings_in_place(text.as_bytes(), LONG_PAUSE)
        .await?;
    let last = setup.with_client("last");
    setup.only_the_last_is_applied(&last).await
}

#[tokio::test]
async fn a_file_renamed_over_and_removed_100_times_under_load_is_none_of_a_clients_business()
-> Result<()> {
    let setup = Setup::start().await?;
    let text = setup.settings.to_string();
    for save in 0..SAVES {
        if save % 2 == 0 {
            std::fs::remove_file(setup.folder.settings_path())?;
        }
        tokio::time::sleep(PAUSE).await;
        setup.folder.write_settings(&text)?;
    }
    let last = setup.with_client("last");
    setup.only_the_last_is_applied(&last).await
}

/// How an editor of Windows writes a text.
fn encoded(text: &str, encoding: &str) -> Vec<u8> {
    if encoding == "UTF-8 with BOM" {
        return [b"\xef\xbb\xbf", text.as_bytes()].concat();
    }
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

#[tokio::test]
async fn every_encoding_that_is_unambiguous_is_read_and_gbk_is_refused_by_its_name() -> Result<()> {
    let setup = Setup::start().await?;
    // The others are tried without a program around them, in `perpetua-config`.
    let encodings = [("a", "UTF-8 with BOM"), ("b", "UTF-16 LE")];
    for (name, encoding) in encodings {
        let text = format!("# 设置\r\n{}", setup.with_client(name));
        let bytes = encoded(&text, encoding);
        setup.folder.write_settings_in_place(&bytes, PAUSE).await?;
        Dial::to(setup.node.client(name).await?).connect().await?;
    }

    // `设置` as GBK has it.
    let gbk = [
        b"# \xc9\xe8\xd6\xc3\n",
        setup.with_client("last").as_bytes(),
    ]
    .concat();
    setup.folder.write_settings_in_place(&gbk, PAUSE).await?;
    setup.node.health_says("GBK").await?;
    let status = setup.node.status().await?;
    ensure!(
        status["problems"].to_string().contains("GBK"),
        "the status does not name the encoding: {status}"
    );
    let applied = setup.node.client_status("b").await?;
    ensure!(!applied.is_null(), "what was read before stays: {status}");
    let last = setup.node.client_status("last").await?;
    ensure!(last.is_null(), "what cannot be read was applied: {last}");

    // Put right, it is as if nothing had been.
    setup.folder.write_settings(&setup.with_client("last"))?;
    Dial::to(setup.node.client("last").await?).connect().await?;
    let status = setup.node.status().await?;
    ensure!(status["problems"] == json!([]), "still: {status}");
    setup.load.nobody_was_cut().await
}
