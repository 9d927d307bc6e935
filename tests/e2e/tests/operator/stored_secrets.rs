//! Secrets that are stored anew or removed while what runs with them is in use: nobody stays by the former one.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{DataFolder, HookServer, Node, Settings, run, run_with_input};
use perpetua_testkit::{Client, Dial, FakeUpstream, UpstreamLink, group_message};
use serde_json::json;

/// What is asked of a node happens at once; this leaves room for a busy machine.
const AT_ONCE: Duration = Duration::from_secs(5);
const OLD: &str = "the-former-secret";
const NEW: &str = "another-secret";

/// Stores a secret; gives what is said.
async fn set(folder: &DataFolder, name: &str, value: &str) -> Result<String> {
    change(folder, &["secret", "set", name], value).await
}

async fn remove(folder: &DataFolder, name: &str) -> Result<String> {
    change(folder, &["secret", "remove", name], "").await
}

async fn change(folder: &DataFolder, arguments: &[&str], input: &str) -> Result<String> {
    let done = run_with_input(folder, arguments, input).await?;
    ensure!(done.code == Some(0), "{arguments:?}: {done:?}");
    ensure!(!done.stdout.contains(NEW), "it is shown: {done:?}");
    Ok(done.stdout)
}

/// Who must not notice anything.
async fn works(witness: &mut Client) -> Result<()> {
    let worked = witness.data_of("get_status", json!({})).await;
    worked.map(drop).context("the witness")
}

/// A connection that is ended, with words.
async fn ended(client: &mut Client) -> Result<()> {
    let close = client.ended(AT_ONCE).await?;
    let close = close.context("it was not told why")?;
    ensure!(!close.reason.is_empty(), "no words: {close:?}");
    Ok(())
}

#[tokio::test]
async fn clients_show_the_new_token_from_then_on() -> Result<()> {
    let token = "token = { secret = \"shared\" }";
    let settings = Settings::simulator()
        .open_client("witness")
        .client_with("one", token)
        .client_with("two", token)
        .client_with("other", "token = { secret = \"other\" }");
    let folder = DataFolder::with(&settings)?;
    set(&folder, "shared", OLD).await?;
    set(&folder, "other", OLD).await?;
    let node = Node::start(&folder).await?;
    let mut witness = Dial::to(node.client("witness").await?).connect().await?;
    let other = node.client("other").await?;
    let mut other = Client::connect(other, OLD).await?;
    let (one, two) = (node.client("one").await?, node.client("two").await?);
    let mut connected = [
        Client::connect(one, OLD).await?,
        Client::connect(one, OLD).await?,
        Client::connect(two, OLD).await?,
    ];

    let said = set(&folder, "shared", NEW).await?;
    for named in ["`main/one`", "`main/two`"] {
        ensure!(said.contains(named), "{said}");
    }
    ensure!(
        !said.contains("other") && !said.contains("witness"),
        "{said}"
    );
    for client in &mut connected {
        ended(client).await?;
    }
    for address in [one, two] {
        ensure!(Client::connect(address, OLD).await.is_err(), "the old one");
        let mut client = Client::connect(address, NEW).await?;
        works(&mut client).await?;
    }
    works(&mut witness).await?;
    works(&mut other).await
}

#[tokio::test]
async fn a_client_whose_token_is_gone_lets_nobody_in_and_says_so() -> Result<()> {
    let settings = Settings::simulator()
        .open_client("witness")
        .client_with("bot", "token = { secret = \"mine\" }");
    let folder = DataFolder::with(&settings)?;
    set(&folder, "mine", OLD).await?;
    let node = Node::start(&folder).await?;
    let mut witness = Dial::to(node.client("witness").await?).connect().await?;
    let address = node.client("bot").await?;
    let mut client = Client::connect(address, OLD).await?;

    let said = remove(&folder, "mine").await?;
    ensure!(said.contains("`main/bot`"), "{said}");
    ended(&mut client).await?;
    ensure!(Client::connect(address, OLD).await.is_err(), "it lets in");
    let status = node.client_status("bot").await?;
    ensure!(status["problem"].to_string().contains("mine"), "{status}");
    node.health_says("mine").await?;

    // No half a minute later.
    set(&folder, "mine", NEW).await?;
    works(&mut Client::connect(node.client("bot").await?, NEW).await?).await?;
    works(&mut witness).await
}

#[tokio::test]
async fn an_upstream_is_dialled_anew_with_its_new_token_under_connected_clients() -> Result<()> {
    let upstream = FakeUpstream::bind().await?;
    let (url, keys) = (upstream.url(), "token = { secret = \"shown\" }");
    let settings = Settings::upstream(&format!("kind = \"onebot\"\nurl = \"{url}\"\n{keys}"));
    let folder = DataFolder::with(&settings.open_client("bot"))?;
    set(&folder, "shown", OLD).await?;
    let node = Node::start(&folder).await?;
    let mut link = upstream.accept().await?;
    let shown = |token: &str| Some(format!("Bearer {token}"));
    assert_eq!(link.authorization(), shown(OLD).as_deref());
    link.greet(10001).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;

    let said = set(&folder, "shown", NEW).await?;
    ensure!(said.contains("`main`"), "{said}");
    let mut link = upstream.accept().await?;
    assert_eq!(link.authorization(), shown(NEW).as_deref());
    link.greet(10001).await?;
    link.emit(&group_message(10001, 1, "still there?")).await?;
    client.heard("still there?").await.map(drop)
}

#[tokio::test]
async fn an_upstream_that_dials_shows_the_new_token_from_then_on() -> Result<()> {
    let keys = "kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\ntoken = { secret = \"in\" }";
    let folder = DataFolder::with(&Settings::upstream(keys).open_client("bot"))?;
    set(&folder, "in", OLD).await?;
    let node = Node::start(&folder).await?;
    let address = node.upstream().await?;
    let mut link = UpstreamLink::dial(address, OLD, 10001).await?;
    link.greet(10001).await?;
    let mut client = Dial::to(node.client("bot").await?).connect().await?;

    set(&folder, "in", NEW).await?;
    link.socket().ended(AT_ONCE).await?;
    let address = node.upstream().await?;
    ensure!(
        UpstreamLink::dial(address, OLD, 10001).await.is_err(),
        "the old one"
    );
    let mut link = UpstreamLink::dial(address, NEW, 10001).await?;
    link.greet(10001).await?;
    link.emit(&group_message(10001, 1, "still there?")).await?;
    client.heard("still there?").await.map(drop)
}

#[tokio::test]
async fn webhooks_are_told_at_the_new_address_with_the_new_token() -> Result<()> {
    let (mut former, mut next) = (HookServer::start().await?, HookServer::start().await?);
    let upstream = FakeUpstream::bind().await?;
    let hook = "[[notify]]\npost = { secret = \"hook\" }\ntoken = { secret = \"hook-token\" }\n";
    let settings = Settings::onebot(&upstream.url()).section(hook);
    let folder = DataFolder::with(&settings)?;
    set(&folder, "hook", &former.url("/old")).await?;
    set(&folder, "hook-token", OLD).await?;
    let _node = Node::start(&folder).await?;
    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    link.close().await?;
    let told = former.told("offline").await?;
    assert_eq!(told.authorization, Some(format!("Bearer {OLD}")));

    let said = set(&folder, "hook", &next.url("/new")).await?;
    ensure!(said.contains("webhook 1"), "{said}");
    set(&folder, "hook-token", NEW).await?;
    let mut link = upstream.accept().await?;
    link.greet(10001).await?;
    let told = next.told("online").await?;
    assert_eq!(
        (&*told.path, told.authorization),
        ("/new", Some(format!("Bearer {NEW}")))
    );
    Ok(())
}

/// What signs is sent nowhere and may be any text; what is shown to somebody has to fit a header, and is refused in words
/// wherever it comes from.
#[tokio::test]
async fn any_text_signs_and_only_what_a_header_takes_is_a_token() -> Result<()> {
    const ANY: &str = "两个 词";
    let framework = "[[accounts.clients]]\nname = \"away\"\nkind = \"reverse\"\nurl = \"ws://127.0.0.1:9/\"\ntoken = { secret = \"shown\" }\n";
    let settings = Settings::simulator().post_client(
        "hook",
        "http://127.0.0.1:9/",
        "secret = { secret = \"signs\" }",
    );
    let folder = DataFolder::with(&settings)?;
    let text = folder.read_settings()?;
    folder.write_settings(&format!("{text}\n{framework}"))?;
    let refused = async |name: &str| {
        let done = run_with_input(&folder, &["secret", "set", name], ANY).await?;
        ensure!(done.code == Some(64), "{name}: {done:?}");
        ensure!(done.stderr.contains("HTTP header"), "{done:?}");
        ensure!(!done.stderr.contains(ANY), "it is shown: {done:?}");
        anyhow::Ok(())
    };
    // Without a node, and with one.
    for runs in [false, true] {
        let node = if runs {
            Some(Node::start(&folder).await?)
        } else {
            None
        };
        set(&folder, "signs", ANY).await?;
        for name in ["shown", "nobodys"] {
            refused(name).await?;
        }
        drop(node);
    }
    // One that was stored to sign with, and is to be shown now.
    folder.write_settings(&format!("{text}\n{framework}").replace("\"shown\"", "\"signs\""))?;
    let node = Node::start(&folder).await?;
    node.health_says("the secret `signs` cannot be used as a token")
        .await?;
    drop(node);
    // `check` reads files, and asks of each what it is for.
    std::fs::write(folder.path().join("key.txt"), ANY)?;
    let by_file =
        format!("{text}\n{framework}").replace("secret = \"shown\"", "file = \"key.txt\"");
    let by_file = by_file.replace("secret = \"signs\"", "file = \"key.txt\"");
    folder.write_settings(&by_file)?;
    let said = run(&folder, &["check"]).await?.stdout;
    ensure!(
        said.matches("cannot be used as a token").count() == 1,
        "{said}"
    );
    Ok(())
}
