//! Whether the framework of a client takes us, tried on a person's behalf.

use perpetua_node::Node;
use perpetua_schema::{
    ClientTest, ErrorCode, Framework, RpcError, Status, TargetTested, TestOutcome,
};
use perpetua_testkit::FakeFramework;
use tokio::{io::AsyncReadExt as _, net::TcpListener};

use crate::harness::Place;

async fn tested(node: &Node, client: &str) -> Result<TargetTested, RpcError> {
    let call = ClientTest {
        account: "main".into(),
        client: client.into(),
    };
    let mut targets = node.rpc().call(&call).await?;
    assert_eq!(targets.len(), 1, "{targets:?}");
    Ok(targets.remove(0))
}

fn client(name: &str, keys: &str) -> String {
    format!("[[accounts.clients]]\nname = \"{name}\"\n{keys}\n")
}

fn reverse(name: &str, url: &str, keys: &str) -> String {
    client(
        name,
        &format!("kind = \"reverse\"\nurl = \"{url}\"\n{keys}"),
    )
}

fn settings(upstream: &str, clients: &[String]) -> String {
    let account = format!("[[accounts]]\nname = \"main\"\nupstream = {{ {upstream} }}\n");
    format!(
        "[api]\nlisten = \"127.0.0.1:0\"\n{account}{}",
        clients.concat()
    )
}

#[tokio::test]
async fn a_framework_is_never_tried_beside_a_live_connection() {
    let framework = FakeFramework::start().await.expect("a port");
    let port = framework.address().port();
    let clients = [
        reverse("astrbot", &framework.url("/ws"), "framework = \"astrbot\""),
        client(
            "hook",
            &format!("kind = \"post\"\nurl = \"http://localhost:{port}/\""),
        ),
        client("port", "kind = \"forward\"\nlisten = \"127.0.0.1:0\""),
        reverse("off", "ws://127.0.0.1:1/", "enabled = false"),
    ];
    let place = Place::new(&settings("kind = \"simulator\"", &clients));
    let node = place.start().await.expect("started");
    let mut link = framework.next().await.expect("dialled");
    link.greeted().await.expect("greeted");
    // What it is tried by is told before its state is.
    for client in ["astrbot", "hook"] {
        let found = tested(&node, client).await.expect("answered");
        assert_eq!(found.outcome, TestOutcome::Untested, "{found:?}");
        assert_eq!(found.message.code, "trial.already", "{found:?}");
        assert!(
            found.message.to_string().contains("`main/astrbot`"),
            "{found:?}"
        );
    }
    for (client, code) in [
        ("port", "rpc.client_comes"),
        ("off", "rpc.client_disabled"),
        ("nobody", "rpc.no_such_client"),
    ] {
        let refused = tested(&node, client).await.expect_err(client);
        assert_eq!(refused.message.code, code);
    }
    let status = link.call("get_status", serde_json::json!({})).await;
    assert!(status.is_ok(), "it was left alone: {status:?}");
    node.drain().await;
}

#[tokio::test]
async fn what_a_framework_says_is_told_with_the_cause_that_fits_it() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let refusing = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        while let Ok((mut stream, _node)) = listener.accept().await {
            let _request = stream.read(&mut [0; 4096]).await;
            let refusal = b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
            let _either_way = stream.write_all(refusal).await;
        }
    });
    let url = format!("ws://{address}/onebot/v11/ws");
    let clients = [reverse("bot", &url, "framework = \"nonebot\"")];
    let place = Place::new(&settings("kind = \"simulator\"", &clients));
    let node = place.start().await.expect("started");
    let found = tested(&node, "bot").await.expect("answered");
    assert_eq!(found.outcome, TestOutcome::Fails, "{found:?}");
    assert_eq!(found.message.code, "dial.nonebot_refused_bare");
    assert_eq!(found.address, url);
    refusing.abort();
    node.drain().await;
}

#[tokio::test]
async fn a_target_is_reached_and_nothing_is_posted_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let clients = [
        client(
            "hook",
            &format!("kind = \"post\"\nurl = \"http://{address}/\""),
        ),
        client("nowhere", "kind = \"post\"\nurl = \"http://127.0.0.1:1/\""),
        reverse("bot", "ws://127.0.0.1:1/", ""),
    ];
    // Nobody knows whose account this is, so nothing is posted by itself either.
    let upstream = "kind = \"onebot\", url = \"ws://127.0.0.1:1/\"";
    let place = Place::new(&settings(upstream, &clients));
    let node = place.start().await.expect("started");
    let (found, came) = tokio::join!(tested(&node, "hook"), async {
        let (mut stream, _node) = listener.accept().await.expect("reached");
        let mut came = Vec::new();
        let _until_it_ends = stream.read_to_end(&mut came).await;
        came
    });
    let found = found.expect("answered");
    assert_eq!(
        (found.outcome, &*found.message.code),
        (TestOutcome::Works, "trial.reached")
    );
    assert!(came.is_empty(), "{came:?}");
    let found = tested(&node, "nowhere").await.expect("answered");
    assert_eq!(
        (found.outcome, &*found.message.code),
        (TestOutcome::Fails, "post.nobody_here")
    );
    let found = tested(&node, "bot").await.expect("answered");
    assert_eq!(
        (found.outcome, &*found.message.code),
        (TestOutcome::Untested, "dial.unnamed")
    );
    node.drain().await;
}

#[tokio::test]
async fn what_cannot_work_is_shown_at_the_client_with_its_framework() {
    let astrbot = "framework = \"astrbot\"\nformat = \"string\"";
    let clients = [
        reverse("astrbot", "ws://127.0.0.1:1/ws", astrbot),
        client(
            "open",
            "kind = \"forward\"\nlisten = \"127.0.0.1:0\"\ntoken = \"off\"",
        ),
        client("bot", "kind = \"forward\"\nlisten = \"127.0.0.1:0\""),
    ];
    let place = Place::new(&settings("kind = \"simulator\"", &clients));
    let node = place.start().await.expect("started");
    let status = node.rpc().call(&Status {}).await.expect("a status");
    let [shown, open, bot] = &status.accounts[0].clients[..] else {
        panic!("{status:?}");
    };
    assert_eq!(shown.framework, Some(Framework::Astrbot));
    let codes: Vec<_> = shown.remarks.iter().map(|remark| &*remark.code).collect();
    assert_eq!(codes, ["config.astrbot_takes_arrays"]);
    assert_eq!((open.framework, open.remarks.len()), (None, 0));
    assert_eq!(
        (shown.has_token, open.has_token, bot.has_token),
        (false, false, true)
    );
    let refused = tested(&node, "open").await.expect_err("it comes by itself");
    assert_eq!(refused.code, ErrorCode::NotSupported);
    node.drain().await;
}
