//! An upstream that dials us: who is let in, what it tells about itself, and how it ends.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result};
use perpetua_access::{Auth, NormalPath};
use perpetua_hub::{ClientSettings, LinkState};
use perpetua_proxy::{ReverseAccess, run_reverse};
use perpetua_secrets::Secret;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, TEXT, Wire},
    world::{SELF_ID, World, access, answer, event},
};

const TOKEN: &str = "authorization: Bearer s3cret";
const NAMED: &str = "x-self-id: 10001";

/// An account that waits for its upstream.
pub(crate) struct Reverse {
    pub(crate) world: World,
    pub(crate) address: SocketAddr,
}

impl Reverse {
    pub(crate) async fn start() -> Result<Self> {
        let world = World::new();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let access = ReverseAccess {
            access: access(Auth::Token(Secret::new("s3cret")?)),
            path: Some(NormalPath::new("/onebot")),
        };
        let run = run_reverse(listener, world.account.clone(), access, world.tasks.clone());
        world.tasks.tracker.spawn("reverse", run);
        Ok(Self { world, address })
    }

    pub(crate) async fn connect(&self) -> Result<Wire> {
        Wire::dial(self.address, "/onebot", &[TOKEN, NAMED]).await
    }

    /// What is answered to someone who is not let in.
    pub(crate) async fn refusal(&self, path: &str, headers: &[&str]) -> String {
        match Wire::dial(self.address, path, headers).await {
            Ok(_) => "let in".into(),
            Err(refusal) => refusal.to_string(),
        }
    }

    pub(crate) async fn until_open(&self) {
        let account = &self.world.account;
        until_holds("the link is open", || account.snapshot().link.is_open()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn token_and_path_are_asked_for() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    for (path, headers, status, words) in [
        ("/onebot", &[NAMED][..], "401", "a token is needed"),
        (
            "/onebot",
            &[NAMED, "authorization: Bearer no"],
            "403",
            "not the token",
        ),
        ("/", &[NAMED, TOKEN], "404", "another path"),
    ] {
        let refusal = reverse.refusal(path, headers).await;
        assert!(
            refusal.starts_with(&format!("HTTP/1.1 {status}")),
            "{refusal}"
        );
        assert!(refusal.contains(words), "{refusal}");
    }
    let account = reverse.world.account.snapshot();
    assert_eq!(account.link, LinkState::Closed);
    let told = account.upstream_notices.iter();
    let told: Vec<_> = told.map(|notice| notice.message.to_string()).collect();
    for (notice, words) in told.iter().zip([
        "asked for the path `/`, and `path` of `[accounts.upstream]` says `/onebot`",
        "came with a wrong token; run `perpetuad token main` and put what it prints",
        "came without a token",
    ]) {
        assert!(notice.starts_with("127.0.0.1 "), "{notice}");
        assert!(notice.contains(words), "{notice}");
    }
    assert_eq!(told.len(), 3);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_browser_is_told_where_this_address_belongs() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    let mut stream = TcpStream::connect(reverse.address).await?;
    let asked = format!(
        "GET /onebot?access_token=s3cret HTTP/1.1\r\nhost: {}\r\naccept: text/html\r\n\r\n",
        reverse.address
    );
    stream.write_all(asked.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
    assert!(answer.contains("in the OneBot implementation"), "{answer}");
    let told = &reverse.world.account.snapshot().upstream_notices[0].message;
    assert_eq!(told.code, "refused.no_upstream_websocket");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_path_and_the_origin_may_be_written_in_many_ways() -> Result<()> {
    let _time = Frozen::time();
    for (path, header) in [
        ("/onebot/", NAMED),
        ("//onebot", NAMED),
        ("/%6fnebot?x=1", NAMED),
        ("/onebot//", "origin: http://evil.example"),
        ("/onebot", "authorization: Basic dTpw"),
    ] {
        let reverse = Reverse::start().await?;
        let upstream = Wire::dial(reverse.address, path, &[TOKEN, header]).await;
        upstream.with_context(|| path.to_owned())?.reset()?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn the_id_is_learnt_from_the_header_and_clients_are_greeted_with_it() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    let client = reverse.world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(client, "/", &[]).await?;
    let _upstream = reverse.connect().await?;
    let lifecycle = client.json().await?;
    assert_eq!(lifecycle["meta_event_type"], "lifecycle");
    assert_eq!(lifecycle["self_id"], SELF_ID);
    assert_eq!(reverse.world.account.snapshot().self_id, Some(SELF_ID));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn frames_go_both_ways() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    let mut upstream = reverse.connect().await?;
    let probe = upstream.json().await?;
    assert_eq!(probe["action"], "get_login_info");
    let login = json!({ "user_id": SELF_ID });
    upstream.send_json(&answer(&probe, &login)).await?;
    let client = reverse.world.port(ClientSettings::default()).await?;
    let mut client = Wire::dial(client, "/", &[]).await?;
    client
        .send(TEXT, br#"{"action":"ask","echo":{"seq":1}}"#)
        .await?;
    let action = upstream
        .json_where(|frame| frame["action"] == "ask")
        .await?;
    upstream.send_json(&answer(&action, &7.into())).await?;
    let response = client.json_where(|frame| frame["data"] == 7).await?;
    assert_eq!(response["echo"], json!({ "seq": 1 }));
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn it_may_come_again_at_once_after_it_has_left() -> Result<()> {
    let _time = Frozen::time();
    for is_orderly in [true, false] {
        let reverse = Reverse::start().await?;
        for _ in 0..3 {
            let mut upstream = reverse.connect().await?;
            reverse.until_open().await;
            if is_orderly {
                upstream.send(CLOSE, &1000_u16.to_be_bytes()).await?;
                upstream.frame_of(CLOSE).await?;
            } else {
                upstream.reset()?;
            }
        }
        reverse.connect().await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn one_whose_links_end_at_once_has_to_wait_longer_and_longer() -> Result<()> {
    let time = Frozen::time();
    let reverse = Reverse::start().await?;
    let flap = async || {
        let mut upstream = reverse.connect().await?;
        reverse.until_open().await;
        upstream.send(CLOSE, &1000_u16.to_be_bytes()).await?;
        upstream.frame_of(CLOSE).await?;
        settle().await;
        anyhow::Ok(())
    };
    for _ in 0..3 {
        flap().await?;
    }
    for seconds in [1, 2, 4] {
        flap().await?;
        for role in ["Universal", "API", "Event"] {
            let role = format!("x-client-role: {role}");
            let refusal = reverse.refusal("/onebot", &[TOKEN, NAMED, &role]).await;
            assert!(refusal.starts_with("HTTP/1.1 503"), "{refusal}");
            let retry = format!("retry-after: {seconds}\r\n");
            assert!(refusal.contains(&retry), "{refusal}");
            let words = format!("connect again in {seconds} s");
            assert!(refusal.contains(&words), "{refusal}");
        }
        time.pass(Duration::from_secs(seconds)).await;
    }
    let told = reverse.world.account.snapshot().upstream_notices;
    assert_eq!(told[0].message.code, "refused.ends_too_soon");
    assert_eq!((told.len(), told[0].count), (1, 9));
    // One that lasts is healthy, and what was before is forgotten.
    let mut lasting = reverse.connect().await?;
    for number in 1..=3 {
        lasting.send(TEXT, event(number, 1).as_bytes()).await?;
        time.pass(Duration::from_secs(10)).await;
    }
    lasting.reset()?;
    settle().await;
    for _ in 0..3 {
        flap().await?;
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn once_cancelled_the_link_is_closed_and_stays_so() -> Result<()> {
    let _time = Frozen::time();
    let reverse = Reverse::start().await?;
    let _upstream = reverse.connect().await?;
    reverse.until_open().await;
    reverse.world.tasks.cancel.cancel();
    reverse.world.tasks.tracker.close();
    reverse.world.tasks.tracker.wait().await;
    assert_eq!(reverse.world.account.snapshot().link, LinkState::Closed);
    assert!(
        Wire::dial(reverse.address, "/onebot", &[TOKEN])
            .await
            .is_err()
    );
    Ok(())
}
