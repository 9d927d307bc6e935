//! What can be found out before something is saved.

use perpetua_node::Node;
use perpetua_schema::{
    Framework, Guide, GuideText, ListSigners, PortCheck, PortReport, PortState, SignerTest,
    Snippet, Status, Token, UpstreamReport, UpstreamTest, WebhookTest,
};
use perpetua_testkit::FakeUpstream;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::harness::Place;

const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
upstream = { kind = "simulator" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"

[[accounts.clients]]
name = "open"
kind = "forward"
listen = "127.0.0.1:0"
token = "off"
"#;

async fn check(node: &Node, listen: &str, client: Option<&str>) -> PortReport {
    let call = PortCheck {
        listen: listen.into(),
        account: client.map(|_| "main".into()),
        client: client.map(Into::into),
    };
    node.rpc().call(&call).await.expect("answered")
}

async fn listen(node: &Node, client: usize) -> String {
    let status = node.rpc().call(&Status {}).await.expect("a status");
    status.accounts[0].clients[client]
        .listen
        .clone()
        .expect("it listens")
}

#[tokio::test]
async fn who_has_a_port_is_told_and_the_next_free_one() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let ours = listen(&node, 0).await;
    let report = check(&node, &ours, None).await;
    let expected = PortState::Ours {
        account: "main".into(),
        client: Some("bot".into()),
    };
    assert_eq!(report.state, expected);
    let own = check(&node, &ours, Some("bot")).await;
    assert_eq!((own.state, own.next_free), (PortState::Free, None));
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = taken.local_addr().expect("bound");
    let report = check(&node, &address.to_string(), Some("bot")).await;
    assert!(
        matches!(report.state, PortState::Taken { .. }),
        "{report:?}"
    );
    if cfg!(target_os = "linux") {
        let pid = format!("(pid {})", std::process::id());
        assert!(
            matches!(&report.state, PortState::Taken { holder: Some(holder) } if holder.ends_with(&pid))
        );
    }
    let next = report.next_free.expect("there is one");
    let free = check(&node, &next, None).await;
    assert_eq!((free.state, free.beyond_loopback), (PortState::Free, false));
    let beyond = check(&node, "0.0.0.0:0", None).await;
    assert!(
        beyond.beyond_loopback && beyond.state == PortState::Free,
        "{beyond:?}"
    );
    let mut unusable = vec![
        ("somewhere:1", "edit.listen_address"),
        ("192.0.2.1:6700", "edit.not_our_address"),
        ("224.0.0.1:6700", "port.no_host"),
        ("[ff02::1]:6700", "port.no_host"),
        ("255.255.255.255:6700", "port.no_host"),
    ];
    if cfg!(target_os = "linux") {
        // The broadcast of a network of this machine's own, at which Linux lets programs listen.
        unusable.push(("127.255.255.255:0", "port.no_host"));
    }
    for (listen, code) in unusable {
        let report = check(&node, listen, None).await;
        assert!(
            matches!(&report.state, PortState::Unusable { problem } if problem.code == code),
            "{report:?}"
        );
    }
    node.drain().await;
}

#[tokio::test]
async fn who_asks_for_a_token_that_is_none_hears_the_right_reason() {
    let resting = "[[accounts]]\nname = \"resting\"\nenabled = false\nupstream = { kind = \"onebot-reverse\", listen = \"127.0.0.1:0\" }\n";
    let place = Place::new(&format!("{SETTINGS}\n{resting}"));
    let node = place.start().await.expect("started");
    for (account, client, code) in [
        ("nobody", None, "rpc.no_such_account"),
        ("nobody", Some("bot"), "rpc.no_such_account"),
        ("resting", None, "rpc.account_disabled"),
        ("main", None, "rpc.no_upstream_token"),
        ("main", Some("nobody"), "rpc.no_such_client"),
    ] {
        let call = Token {
            account: account.into(),
            client: client.map(Into::into),
        };
        let refused = node.rpc().call(&call).await.expect_err("there is none");
        assert_eq!(refused.message.code, code, "{account} {client:?}");
    }
    node.drain().await;
}

#[tokio::test]
async fn the_guide_names_the_port_and_the_place_of_the_token() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let guide = async |client: &str, framework| -> GuideText {
        let call = Guide {
            account: "main".into(),
            client: client.into(),
            framework,
        };
        node.rpc().call(&call).await.expect("a guide")
    };
    let address = format!("ws://{}", listen(&node, 0).await);
    let nonebot = guide("bot", Framework::Nonebot).await;
    assert!(nonebot.snippets[0].text.contains(&address));
    assert!(nonebot.snippets[0].text.contains(Snippet::TOKEN));
    let koishi = guide("bot", Framework::Koishi).await;
    assert!(
        koishi.snippets[0].text.contains("selfId: \"10000\""),
        "{koishi:?}"
    );
    let open = guide("open", Framework::Nonebot).await;
    assert!(!open.snippets[0].text.contains(Snippet::TOKEN));
    let call = Guide {
        account: "main".into(),
        client: "nobody".into(),
        framework: Framework::Other,
    };
    assert!(node.rpc().call(&call).await.is_err());
    node.drain().await;
}

async fn test(node: &Node, url: &str, token: Option<&str>) -> UpstreamReport {
    let call = UpstreamTest {
        url: url.into(),
        token: token.map(Into::into),
    };
    node.rpc().call(&call).await.expect("a report")
}

fn problem(report: &UpstreamReport) -> &str {
    report.problem.as_ref().map_or("", |problem| &*problem.code)
}

/// Answers one request on a port, and ends the connection.
async fn answered_once(listener: &TcpListener, answer: &str) -> String {
    let (mut stream, _) = listener.accept().await.expect("a connection");
    let mut request = vec![0; 4096];
    let read = stream.read(&mut request).await.expect("a request");
    stream.write_all(answer.as_bytes()).await.expect("answered");
    stream.shutdown().await.expect("ended");
    String::from_utf8_lossy(&request[..read]).into_owned()
}

#[tokio::test]
async fn an_upstream_that_answers_says_who_it_is() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let upstream = FakeUpstream::bind().await.expect("a port");
    for (online, code) in [(true, ""), (false, "probe.offline")] {
        let url = upstream.url();
        let testing = test(&node, &url, Some("s3cret"));
        let answering = async {
            let mut link = upstream.accept().await.expect("dialled");
            assert_eq!(link.authorization(), Some("Bearer s3cret"));
            link.greet(10_001).await.expect("greeted");
            for _ in 0..3 {
                let action = link.next_action().await.expect("asked");
                let data = match action["action"].as_str().expect("a name") {
                    "get_login_info" => json!({ "user_id": 10_001, "nickname": "小明" }),
                    "get_version_info" => {
                        json!({ "app_name": "NapCat.Onebot", "app_version": "4.8.90" })
                    }
                    _ => json!({ "online": online, "good": true }),
                };
                link.answer(&action, &data).await.expect("answered");
            }
            link
        };
        let (report, _link) = tokio::join!(testing, answering);
        assert_eq!(problem(&report), code);
        assert!(report.reachable && report.token_accepted == Some(true));
        assert_eq!(
            (report.self_id, report.online),
            (Some(10_001), Some(online))
        );
        assert_eq!(report.nickname.as_deref(), Some("小明"));
        assert_eq!(
            report.implementation.as_deref(),
            Some("NapCat.Onebot 4.8.90")
        );
        assert!(report.latency_ms.is_some());
    }
    node.drain().await;
}

#[tokio::test]
async fn an_upstream_is_read_as_its_account_would_be() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let upstream = FakeUpstream::bind().await.expect("a port");
    let long = "名".repeat(100_000);
    for (login, code, self_id, name) in [
        (json!(null), "probe.no_account", None, 0),
        (json!({ "user_id": 0 }), "probe.no_account", None, 0),
        (json!({ "user_id": -5 }), "probe.no_account", None, 0),
        (json!({ "user_id": "12345" }), "", Some(12_345), 0),
        (
            json!({ "user_id": 12_345, "nickname": long }),
            "",
            Some(12_345),
            128,
        ),
    ] {
        let url = upstream.url();
        let testing = test(&node, &url, None);
        let answering = async {
            let mut link = upstream.accept().await.expect("dialled");
            for _ in 0..3 {
                let action = link.next_action().await.expect("asked");
                let data = match action["action"].as_str().expect("a name") {
                    "get_login_info" => login.clone(),
                    _ => json!({}),
                };
                link.answer(&action, &data).await.expect("answered");
            }
            link
        };
        let (report, _link) = tokio::join!(testing, answering);
        assert_eq!((problem(&report), report.self_id), (code, self_id));
        let nickname = report.nickname.unwrap_or_default();
        assert_eq!(nickname.chars().count(), name);
    }
    node.drain().await;
}

#[tokio::test]
async fn what_is_no_upstream_is_told_apart() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let url = format!("ws://{address}/");
    for (status, token, code) in [
        ("401 Unauthorized", None, "probe.token_needed"),
        ("403 Forbidden", Some("s3cret"), "probe.wrong_token"),
        ("404 Not Found", None, "probe.wrong_path"),
        ("200 OK", None, "probe.web_page"),
        ("500 Oops", None, "probe.other_status"),
    ] {
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
        let (report, _) = tokio::join!(test(&node, &url, token), answered_once(&listener, &answer));
        assert_eq!((problem(&report), report.reachable), (code, true));
        let refuses = code.contains("token");
        assert_eq!(report.token_accepted, refuses.then_some(false), "{code}");
        assert!(!format!("{report:?}").contains("s3cret"));
    }
    let (report, _) = tokio::join!(
        test(&node, &url, None),
        answered_once(&listener, "SSH-2.0-x\r\n\r\n")
    );
    assert_eq!(problem(&report), "probe.no_websocket");
    let secure = format!("wss://{address}/");
    let (report, _) = tokio::join!(
        test(&node, &secure, None),
        answered_once(&listener, "HTTP/1.1 400 Bad\r\n\r\n")
    );
    assert_eq!((problem(&report), report.reachable), ("probe.no_tls", true));
    drop(listener);
    let report = test(&node, &url, None).await;
    assert_eq!(
        (problem(&report), report.reachable),
        ("probe.nobody_listens", false)
    );
    for (url, token, code) in [
        ("http://127.0.0.1", None, "config.url_scheme"),
        (
            "ws://127.0.0.1/?access_token=x",
            None,
            "config.websocket_url_secret",
        ),
        ("ws://127.0.0.1", Some("密码"), "edit.token_unusable"),
    ] {
        assert_eq!(problem(&test(&node, url, token).await), code);
    }
    node.drain().await;
}

#[tokio::test]
async fn a_token_that_is_refused_after_the_upgrade_is_a_wrong_one() {
    let place = Place::new(SETTINGS);
    let node = place.start().await.expect("started");
    let upstream = FakeUpstream::bind().await.expect("a port");
    let url = upstream.url();
    let refusing = async {
        let mut link = upstream.accept().await.expect("dialled");
        let refusal = json!({ "status": "failed", "retcode": 1403, "data": null, "message": "token", "echo": null });
        link.emit(&refusal).await.expect("sent");
        let _gone = link.close().await;
    };
    let (report, ()) = tokio::join!(test(&node, &url, Some("s3cret")), refusing);
    assert_eq!(
        (problem(&report), report.token_accepted),
        ("probe.wrong_token", Some(false))
    );
    let foreign = async {
        let mut link = upstream.accept().await.expect("dialled");
        link.emit(&json!("hello")).await.expect("sent");
        let _gone = link.close().await;
    };
    let (report, ()) = tokio::join!(test(&node, &url, None), foreign);
    assert_eq!(problem(&report), "probe.not_onebot");
    node.drain().await;
}

#[tokio::test]
async fn a_webhook_is_really_posted_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let hook = format!("[[notify]]\npost = \"http://{address}/told\"\n");
    let place = Place::new(&format!("{SETTINGS}{hook}"));
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    let call = WebhookTest { index: 0 };
    for (status, code) in [(204, ""), (500, "edit.webhook_status")] {
        let answer =
            format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let (report, request) = tokio::join!(rpc.call(&call), answered_once(&listener, &answer));
        let report = report.expect("a report");
        assert!(request.starts_with("POST /told "), "{request}");
        assert_eq!(report.status, Some(status));
        assert_eq!(
            report
                .problem
                .map_or(String::new(), |problem| problem.code.into_owned()),
            code
        );
    }
    let error = rpc
        .call(&WebhookTest { index: 1 })
        .await
        .expect_err("there is none");
    assert_eq!(error.message.code, "edit.no_such_webhook");
    node.drain().await;
}

#[tokio::test]
async fn what_a_signer_said_last_is_remembered() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let signers = format!(
        "[[signers]]\nname = \"mine\"\nurl = \"http://{address}/sign\"\n[[signers]]\nname = \"lost\"\nurl = {{ secret = \"nothing\" }}\n"
    );
    let place = Place::new(&format!("{SETTINGS}{signers}"));
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    let list = rpc.call(&ListSigners {}).await.expect("a list");
    assert_eq!(
        (list[0].host.clone(), &list[0].report),
        (address.to_string(), &None)
    );
    let unknown = list[1]
        .report
        .as_ref()
        .and_then(|report| report.problem.as_ref());
    assert_eq!(
        unknown.map(|problem| &*problem.code),
        Some("signer.address_unusable")
    );
    let answer = "HTTP/1.1 500 X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let call = SignerTest {
        url: None,
        name: Some("mine".into()),
    };
    let (report, _) = tokio::join!(rpc.call(&call), answered_once(&listener, answer));
    let report = report.expect("a report");
    let list = rpc.call(&ListSigners {}).await.expect("a list");
    assert_eq!(list[0].report.as_ref(), Some(&report));
    assert!(list[0].asked_ms.is_some() && list[0].used_by.is_empty());
    node.drain().await;
}

#[tokio::test]
async fn a_signer_is_asked_as_the_cores_of_accounts_reach_it() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = proxy.local_addr().expect("bound");
    let settings = format!(
        "[api]\nlisten = \"127.0.0.1:0\"\n[[accounts]]\nname = \"main\"\n\
         upstream = {{ kind = \"lagrange\", auto-start = false, sign-proxy = \"http://{address}\" }}\n\
         [[signers]]\nname = \"mine\"\nurl = \"http://nowhere.invalid/sign\"\n"
    );
    let place = Place::new(&settings);
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    let info = r#"{"Os":"Linux","VendorOs":"linux","Kernel":"Linux","CurrentVersion":"3.2.15-30366",
        "MiscBitmap":32764,"PtVersion":"2.0.0","SsoVersion":19,"PackageName":"com.tencent.qq",
        "WtLoginSdk":"nt.wtlogin.0.0.1","AppId":1600001615,"SubAppId":537258424,"AppIdQrCode":537258424,
        "AppClientVersion":30366,"MainSigMap":169742560,"SubSigMap":0,"NTLoginType":1}"#;
    let length = info.len();
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{info}");
    for call in [
        SignerTest {
            url: None,
            name: Some("mine".into()),
        },
        SignerTest {
            url: Some("http://nowhere.invalid/other".into()),
            name: None,
        },
    ] {
        let (report, _) = tokio::join!(rpc.call(&call), answered_once(&proxy, &answer));
        let report = report.expect("a report");
        assert_eq!(report.problem, None);
        assert_eq!(report.through, Some(format!("http://{address}")));
    }
    let list = rpc.call(&ListSigners {}).await.expect("a list");
    let report = list[0].report.as_ref().expect("it was asked");
    assert_eq!(report.version.as_deref(), Some("3.2.15-30366"));
    node.drain().await;
}
