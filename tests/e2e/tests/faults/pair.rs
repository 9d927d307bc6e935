//! Two frameworks at one account whose upstream the test plays.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run, until};
use perpetua_testkit::{Client, Dial, FakeUpstream, UpstreamLink, group_message};
use serde_json::{Value, json};

pub(crate) const SELF_ID: u64 = 10001;

/// The node, its two clients, and the link to its upstream.
pub(crate) struct Pair {
    pub(crate) upstream: FakeUpstream,
    pub(crate) link: UpstreamLink,
    pub(crate) first: Client,
    pub(crate) second: Client,
    pub(crate) node: Node,
    pub(crate) folder: DataFolder,
}

impl Pair {
    /// Dials the upstream, with these further keys of the account.
    pub(crate) async fn dialling(account_keys: &str) -> Result<Self> {
        let upstream = FakeUpstream::bind().await?;
        let settings = Settings::onebot(&upstream.url()).account_key(account_keys);
        Self::with(upstream, settings, false).await
    }

    /// Is dialled by the upstream, with these further keys of the account.
    pub(crate) async fn dialled(account_keys: &str) -> Result<Self> {
        let upstream = FakeUpstream::bind().await?;
        let settings = Settings::onebot_reverse().account_key(account_keys);
        Self::with(upstream, settings, true).await
    }

    async fn with(upstream: FakeUpstream, settings: Settings, dialled: bool) -> Result<Self> {
        let folder = DataFolder::with(&settings.open_client("first").open_client("second"))?;
        let node = Node::start(&folder).await?;
        let mut link = if dialled {
            UpstreamLink::dial(node.upstream().await?, "none", SELF_ID).await?
        } else {
            upstream.accept().await?
        };
        proven(&mut link).await?;
        asked_what_it_is(&mut link).await?;
        let mut pair = Self {
            first: Dial::to(node.client("first").await?).connect().await?,
            second: Dial::to(node.client("second").await?).connect().await?,
            upstream,
            link,
            node,
            folder,
        };
        pair.events_arrive("hello").await?;
        Ok(pair)
    }

    /// The second client's call, as it came to the upstream, where it waits for its answer.
    pub(crate) async fn second_waits(&mut self) -> Result<(Value, Value)> {
        let echo = self.second.ask("get_friend_list", json!({})).await?;
        Ok((
            json!(echo),
            self.link.expect_action("get_friend_list").await?,
        ))
    }

    /// The second client gets the answer to its call over the link on which it was sent.
    pub(crate) async fn second_is_answered(&mut self, waiting: (Value, Value)) -> Result<()> {
        let (echo, action) = waiting;
        self.link.answer(&action, &json!(["its own"])).await?;
        let response = self.second.response(&echo).await?;
        ensure!(response["data"] == json!(["its own"]), "{response}");
        self.events_arrive("and the link is the same").await
    }

    /// What comes over the link reaches both.
    pub(crate) async fn events_arrive(&mut self, text: &str) -> Result<()> {
        self.link.emit(&group_message(SELF_ID, 1, text)).await?;
        self.first.heard(text).await?;
        self.second.heard(text).await.map(drop)
    }

    /// Takes the link that follows, as soon as it is there.
    pub(crate) async fn linked_anew(&mut self) -> Result<()> {
        self.link = self.upstream.accept().await?;
        proven(&mut self.link).await
    }

    /// Waits until a line of `perpetuad status` says all of this.
    pub(crate) async fn says(&self, texts: &[&str]) -> Result<()> {
        until(&format!("{texts:?} in `perpetuad status`"), async || {
            let page = run(&self.folder, &["status"]).await?.stdout;
            let said = page
                .lines()
                .any(|line| texts.iter().all(|text| line.contains(text)));
            Ok(said.then_some(()))
        })
        .await
    }
}

/// Shows which account the link is of.
pub(crate) async fn proven(link: &mut UpstreamLink) -> Result<()> {
    let question = link.next_action().await?;
    ensure!(question["action"] == "get_login_info", "{question}");
    let login = json!({ "user_id": SELF_ID, "nickname": "Ada" });
    link.answer(&question, &login).await?;
    link.greet(SELF_ID).await
}

/// Answers what the node asks of every link behind all that waits for it, so that nothing else comes.
pub(crate) async fn asked_what_it_is(link: &mut UpstreamLink) -> Result<()> {
    let question = link.expect_action("get_version_info").await?;
    link.answer(&question, &json!({ "app_name": "fake" })).await
}
