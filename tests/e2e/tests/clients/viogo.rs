//! A bot of the older kind, as `VioGo` is: it waits for perpetua, knows messages only as strings with CQ codes, answers in
//! such strings, and does one thing after another.

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, say};
use perpetua_testkit::{FakeFramework, FakeUpstream, FrameworkLink, UpstreamLink, group_message};
use serde_json::{Value, json};

/// What it looks for at the beginning of a message: that it is meant.
fn mention(self_id: u64) -> String {
    format!("[CQ:at,qq={self_id}]")
}

struct Bot {
    _framework: FakeFramework,
    link: FrameworkLink,
    self_id: u64,
}

impl Bot {
    /// Its entry in the settings.
    fn entry(framework: &FakeFramework, settings: Settings) -> Settings {
        settings.reverse_client("viogo", &framework.url("/ws"), "format = \"string\"")
    }

    async fn begin(framework: FakeFramework, self_id: u64) -> Result<Self> {
        let mut link = framework.next().await?;
        link.greeted().await?;
        Ok(Self {
            _framework: framework,
            link,
            self_id,
        })
    }

    /// The next message that is meant for it: what is asked, and the event.
    async fn asked(&mut self) -> Result<(String, Value)> {
        let mention = mention(self.self_id);
        let is_meant = |frame: &Value| {
            let text = frame["message"].as_str();
            text.is_some_and(|text| text.starts_with(&mention))
        };
        let event = self.link.next_where("a message for it", is_meant).await?;
        let text = event["message"].as_str().context("a string")?;
        let asked = text.strip_prefix(&mention).context("a mention")?;
        Ok((asked.trim().to_owned(), event))
    }

    /// Does one thing, and waits for what comes of it.
    async fn act(&mut self, action: &str, params: Value) -> Result<Value> {
        let answer = self.link.call(action, params).await?;
        ensure!(answer["status"] == "ok", "{action}: {answer}");
        Ok(answer["data"].clone())
    }
}

#[tokio::test]
async fn it_reads_and_writes_strings_alone_in_a_simulator() -> Result<()> {
    const SELF_ID: u64 = 10000;
    let framework = FakeFramework::start().await?;
    let folder = DataFolder::with(&Bot::entry(&framework, Settings::simulator()))?;
    let _node = Node::start(&folder).await?;
    let mut bot = Bot::begin(framework, SELF_ID).await?;
    let groups = bot.act("get_group_list", json!({})).await?;
    let group = groups[0]["group_id"].clone();

    let typed = format!("{} /roll &#91;d6&#93;[CQ:face,id=1]", mention(SELF_ID));
    say(&folder, &group.to_string(), &typed).await?;
    let (asked, event) = bot.asked().await?;
    ensure!(asked == "/roll &#91;d6&#93;[CQ:face,id=1]", "{asked}");
    let again = bot
        .act("get_msg", json!({ "message_id": event["message_id"] }))
        .await?;
    ensure!(again["message"] == typed.as_str(), "{again}");

    let reply = format!(
        "[CQ:reply,id={}][CQ:at,qq={}] 4 &amp; &#91;2&#93;",
        event["message_id"], event["user_id"]
    );
    let sent = bot
        .act(
            "send_group_msg",
            json!({ "group_id": group, "message": reply }),
        )
        .await?;
    let own = bot
        .act("get_msg", json!({ "message_id": sent["message_id"] }))
        .await?;
    ensure!(own["message"] == reply.as_str(), "{own}");
    let history = bot
        .act("get_group_msg_history", json!({ "group_id": group }))
        .await?;
    let said = history["messages"].as_array().context("messages")?;
    let texts: Vec<_> = said.iter().map(|one| &one["message"]).collect();
    ensure!(
        texts.ends_with(&[&json!(typed), &json!(reply)]),
        "{history}"
    );

    let node = |content: &str| json!({ "type": "node", "data": { "name": "Ada", "uin": "10001", "content": content } });
    let nodes = json!([node("one [CQ:face,id=2]"), node("a,b")]);
    let params = json!({ "group_id": group, "messages": nodes });
    let sent = bot.act("send_group_forward_msg", params).await?;
    let forwarded = bot
        .act("get_forward_msg", json!({ "id": sent["forward_id"] }))
        .await?;
    let told = forwarded.to_string();
    ensure!(
        told.contains(r#""content":"one [CQ:face,id=2]""#),
        "{forwarded}"
    );
    ensure!(told.contains(r#""content":"a,b""#), "{forwarded}");
    Ok(())
}

/// An implementation that sends arrays.
async fn upstream(upstream: &FakeUpstream, self_id: u64) -> Result<UpstreamLink> {
    let mut link = upstream.accept().await?;
    let question = link.expect_action("get_login_info").await?;
    let login = json!({ "user_id": self_id, "nickname": "Ada" });
    link.answer(&question, &login).await?;
    link.greet(self_id).await?;
    Ok(link)
}

#[tokio::test]
async fn it_works_unchanged_over_an_implementation_that_sends_arrays() -> Result<()> {
    const SELF_ID: u64 = 10001;
    let framework = FakeFramework::start().await?;
    let server = FakeUpstream::bind().await?;
    let folder = DataFolder::with(&Bot::entry(&framework, Settings::onebot(&server.url())))?;
    let _node = Node::start(&folder).await?;
    let mut link = upstream(&server, SELF_ID).await?;
    let mut bot = Bot::begin(framework, SELF_ID).await?;

    let card = r#"{"a":[1,2],"p":"[x]&"}"#;
    let mut event = group_message(SELF_ID, 1, "");
    event["message"] = json!([
        { "type": "at", "data": { "qq": SELF_ID.to_string() } },
        { "type": "text", "data": { "text": " look [at] this" } },
        { "type": "json", "data": { "data": card } },
    ]);
    event["message_format"] = "array".into();
    link.emit(&event).await?;
    let (asked, heard) = bot.asked().await?;
    ensure!(
        asked
            == r#"look &#91;at&#93; this[CQ:json,data={"a":&#91;1&#44;2&#93;&#44;"p":"&#91;x&#93;&amp;"}]"#,
        "{asked}"
    );
    ensure!(heard["message_format"] == "string", "{heard}");

    // Its strings go up as they are, one after another: the next one only when the last was answered.
    let node = json!({ "type": "node", "data": { "name": "Ada", "uin": "10001", "content": "[CQ:face,id=2]" } });
    let wanted = [
        (
            "set_group_ban",
            json!({ "group_id": 30003, "user_id": 40001, "duration": 5 }),
        ),
        (
            "send_group_msg",
            json!({ "group_id": 30003, "message": "[CQ:at,qq=40001] &#91;5 s&#93;" }),
        ),
        (
            "send_group_forward_msg",
            json!({ "group_id": 30003, "messages": [node] }),
        ),
    ];
    for (action, params) in wanted {
        let answered = async {
            let asked = link.expect_action(action).await?;
            ensure!(asked["params"] == params, "{asked}");
            link.answer(&asked, &json!({ "message_id": 2 })).await
        };
        let (data, answered) = tokio::join!(bot.act(action, params.clone()), answered);
        answered?;
        ensure!(data?["message_id"] == 2, "{action}");
    }

    // What it does not send as an action, but wants done about the event.
    let operation = json!({ "reply": "[CQ:face,id=3]", "at_sender": true });
    let params = json!({ "context": heard, "operation": operation });
    bot.act(".handle_quick_operation", params).await?;
    let asked = link.expect_action("send_group_msg").await?;
    // A string stays one: what it mentions is put before it, and nothing in it is read.
    let message = "[CQ:at,qq=40001] [CQ:face,id=3]";
    ensure!(
        asked["params"] == json!({ "group_id": 30003, "message": message }),
        "{asked}"
    );
    Ok(())
}
