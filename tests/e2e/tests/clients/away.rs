//! What is answered while the upstream is away, where it is known.

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, until};
use perpetua_testkit::{Client, Dial, FakeUpstream, UpstreamLink};
use serde_json::{Value, json};

const SELF_ID: u64 = 10001;

const PROFILES: [&str; 2] = ["standard", "perpetua"];

struct Setup {
    upstream: FakeUpstream,
    node: Node,
    clients: Vec<Client>,
    _folder: DataFolder,
}

impl Setup {
    async fn start() -> Result<Self> {
        let upstream = FakeUpstream::bind().await?;
        let mut settings = Settings::onebot(&upstream.url()).account_key("unsent-timeout = \"1s\"");
        for profile in PROFILES {
            let keys = format!("token = \"off\"\nprofile = \"{profile}\"");
            settings = settings.client_with(profile, &keys);
        }
        let folder = DataFolder::with(&settings)?;
        let node = Node::start(&folder).await?;
        let mut clients = Vec::new();
        for profile in PROFILES {
            clients.push(Dial::to(node.client(profile).await?).connect().await?);
        }
        Ok(Self {
            upstream,
            node,
            clients,
            _folder: folder,
        })
    }

    async fn link(&self) -> Result<UpstreamLink> {
        let mut link = self.upstream.accept().await?;
        let question = link.expect_action("get_login_info").await?;
        let login = json!({ "user_id": SELF_ID, "nickname": "Ada" });
        link.answer(&question, &login).await?;
        link.greet(SELF_ID).await?;
        // The node asks too, and learns nothing.
        let question = link.expect_action("get_version_info").await?;
        link.answer(&question, &Value::Null).await?;
        Ok(link)
    }
}

#[tokio::test]
async fn what_was_known_of_an_account_is_answered_in_every_profile() -> Result<()> {
    let mut setup = Setup::start().await?;
    let mut link = setup.link().await?;
    // The version is known from an answer that passed through.
    let version =
        json!({ "app_name": "an implementation", "app_version": "1.2", "protocol_version": "v11" });
    let echo = setup.clients[0].ask("get_version_info", json!({})).await?;
    let action = link.expect_action("get_version_info").await?;
    link.answer(&action, &version).await?;
    setup.clients[0].response(&json!(echo)).await?;
    link.reset()?;
    until("the account to be offline", async || {
        let status = setup.node.status().await?;
        Ok((status["accounts"][0]["online"] == false).then_some(()))
    })
    .await?;

    for client in &mut setup.clients {
        let login = client.data_of("get_login_info", json!({})).await?;
        assert_eq!(login["user_id"], SELF_ID);
        assert_eq!(login["nickname"], "Ada");
        let status = client.data_of("get_status", json!({})).await?;
        ensure!(
            status["online"] == false && status["good"] == false,
            "{status}"
        );
        assert_eq!(
            client.data_of("get_version_info", json!({})).await?,
            version
        );
        // Whatever else is asked needs the upstream.
        let other = client.call("get_friend_list", json!({})).await?;
        assert_eq!(other["retcode"], 1503, "{other}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_known_is_not_made_up() -> Result<()> {
    let mut setup = Setup::start().await?;
    for client in &mut setup.clients {
        let login = client.call("get_login_info", json!({})).await?;
        assert_eq!(login["retcode"], 1503, "{login}");
        assert_eq!(login["data"], Value::Null);
        let version = client.call("get_version_info", json!({})).await?;
        assert_eq!(version["retcode"], 1503, "{version}");
        let status = client.data_of("get_status", json!({})).await?;
        assert_eq!(status["online"], false);
    }
    Ok(())
}
