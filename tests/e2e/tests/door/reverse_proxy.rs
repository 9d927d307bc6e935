//! The pages behind a real reverse proxy, with the lines of the documentation.

use std::net::Ipv4Addr;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{
    Answer, DataFolder, Front, Node, ReverseProxy, documented, get, line_with, run, say,
};
use serde_json::{Value, json};

/// A browser of the owner, and one that guesses; each a machine of its own as the proxy sees it.
const OWNER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 8);
const GUESSER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

#[tokio::test]
async fn nginx_with_the_documented_lines() -> Result<()> {
    works_behind(ReverseProxy::Nginx).await
}

#[tokio::test]
async fn caddy_with_the_documented_lines() -> Result<()> {
    works_behind(ReverseProxy::Caddy).await
}

async fn works_behind(proxy: ReverseProxy) -> Result<()> {
    let folder = DataFolder::empty()?;
    folder.write_settings(&settings()?)?;
    let node = Node::start(&folder).await?;
    let front = Front::start(proxy, node.api()).await?;
    let page = [("accept", "text/html")];
    let opened = front.ask(OWNER, "GET /", &page, "").await?;
    ensure!(opened.status == 200, "{opened:?}");

    what_is_private_stays_inside(&front, &node).await?;
    guesses_are_those_of_the_guesser(&front, &node).await?;

    let cookie = sign_in(&front, &token(&folder).await?).await?;
    hears_what_is_said(&front, &folder, &cookie).await
}

/// Events come while they happen.
async fn hears_what_is_said(front: &Front, folder: &DataFolder, cookie: &str) -> Result<()> {
    let path = "GET /rpc/events?topics=state,simulator";
    let headers = [("cookie", cookie)];
    let (head, mut events) = front.open(OWNER, path, &headers, "").await?;
    ensure!(head.status == 200, "{head:?}");
    line_with(&mut events, "snapshot").await?;
    say(folder, "小明", "through the proxy").await?;
    line_with(&mut events, "through the proxy").await?;
    Ok(())
}

/// The page that comes says it without any other file, since none is found below another site's path.
#[tokio::test]
async fn below_a_path_of_another_site_the_page_says_what_it_needs() -> Result<()> {
    let folder = DataFolder::empty()?;
    folder.write_settings(&settings()?)?;
    let node = Node::start(&folder).await?;
    let location = "location /perpetua/ { proxy_pass http://127.0.0.1:8080/; }";
    let front = Front::nginx_with(location, node.api()).await?;
    let page = [("accept", "text/html")];
    for path in ["/perpetua/", "/perpetua/clients"] {
        let asking = format!("GET {path}");
        let opened = front.ask(OWNER, &asking, &page, "").await?;
        ensure!(opened.status == 200, "{path}: {opened:?}");
        for said in ["a host name or a port of its own", "单独的域名或端口"] {
            ensure!(opened.body.contains(said), "{path}: {opened:?}");
        }
        let mut named = opened.body.split('"');
        let script = named.find(|text| {
            std::path::Path::new(text)
                .extension()
                .is_some_and(|ending| ending == "js")
        });
        let script = script.context("the page has a script")?;
        let missing = front.ask(OWNER, &format!("GET {script}"), &[], "").await?;
        ensure!(missing.status == 404, "{script}: {missing:?}");
    }
    let without = front.ask(OWNER, "GET /perpetua", &page, "").await?;
    let leads = without.header("location").unwrap_or_default();
    ensure!(
        without.status == 301 && leads.ends_with("/perpetua/"),
        "{without:?}"
    );
    Ok(())
}

/// Without a line of its own nginx changes `Host`, speaks HTTP 1.0 and passes no `Upgrade` on: what needs none of that
/// works, and the way in says what is missing.
#[tokio::test]
async fn nginx_that_only_passes_on_is_told_what_is_missing() -> Result<()> {
    let folder = DataFolder::empty()?;
    folder.write_settings(&settings()?)?;
    let node = Node::start(&folder).await?;
    let bare = "location / { proxy_pass http://127.0.0.1:8080; }";
    let front = Front::nginx_with(bare, node.api()).await?;
    let right = json!({ "token": token(&folder).await? }).to_string();
    let refused = post(&front, OWNER, &right).await?;
    ensure!(refused.status == 403, "{refused:?}");
    ensure!(
        refused.body.contains(r#""http.foreign_origin""#),
        "{refused:?}"
    );

    // With `Host` alone everything works: events are no WebSocket, and say themselves that they are not collected.
    let host = "location / { proxy_pass http://127.0.0.1:8080; proxy_set_header Host $http_host; }";
    let front = Front::nginx_with(host, node.api()).await?;
    let signed_in = post(&front, OWNER, &right).await?;
    ensure!(signed_in.status == 200, "{signed_in:?}");
    let set = signed_in.header("set-cookie").context("no cookie")?;
    let (cookie, _) = set.split_once(';').context("no attributes")?;
    hears_what_is_said(&front, &folder, cookie).await
}

/// What the documentation says to write, on a port that the node chooses.
fn settings() -> Result<String> {
    let api = documented("toml")?.replace("127.0.0.1:8080", "127.0.0.1:0");
    Ok(format!(
        "secrets = \"file\"\n{api}\n[[accounts]]\nname = \"main\"\nupstream = {{ kind = \"simulator\" }}\n"
    ))
}

async fn what_is_private_stays_inside(front: &Front, node: &Node) -> Result<()> {
    for path in [
        "/metrics",
        "/healthz",
        "/api/get_ws_port",
        "//metrics",
        "/%6detrics",
    ] {
        let asked = front.ask(OWNER, &format!("GET {path}"), &[], "").await?;
        ensure!(
            asked.status == 404 || asked.status == 401,
            "{path}: {asked:?}"
        );
        ensure!(!asked.body.contains("perpetua_"), "{path}: {asked:?}");
    }
    let here = get(node.api(), "/metrics", &[]).await?;
    ensure!(here.status == 200, "{here:?}");
    Ok(())
}

/// Their address is locked, and told to the owner; no other one is.
async fn guesses_are_those_of_the_guesser(front: &Front, node: &Node) -> Result<()> {
    let guess = json!({ "token": "guess" }).to_string();
    let mut last = post(front, GUESSER, &guess).await?;
    for _ in 0..6 {
        last = post(front, GUESSER, &guess).await?;
    }
    ensure!(last.status == 429, "{last:?}");
    ensure!(session(front, GUESSER).await?["locked_s"].is_u64());
    ensure!(session(front, OWNER).await?["locked_s"].is_null());
    let told = node.status().await?["notices"].to_string();
    ensure!(told.contains(&GUESSER.to_string()), "{told}");
    Ok(())
}

/// The cookie that the right token brings.
async fn sign_in(front: &Front, token: &str) -> Result<String> {
    let signed_in = post(front, OWNER, &json!({ "token": token }).to_string()).await?;
    ensure!(signed_in.status == 200, "{signed_in:?}");
    let set = signed_in.header("set-cookie").context("no cookie")?;
    ensure!(set.contains("; Secure"), "{set}");
    let (cookie, _) = set.split_once(';').context("no attributes")?;
    Ok(cookie.to_owned())
}

async fn post(front: &Front, from: Ipv4Addr, body: &str) -> Result<Answer> {
    let origin = format!("https://{}", front.host());
    let headers = [
        ("origin", origin.as_str()),
        ("content-type", "application/json"),
    ];
    front.ask(from, "POST /session", &headers, body).await
}

async fn session(front: &Front, from: Ipv4Addr) -> Result<Value> {
    let asked = front.ask(from, "GET /session", &[], "").await?;
    asked.json()
}

/// The token that `perpetuad ui` prints behind the link.
async fn token(folder: &DataFolder) -> Result<String> {
    let printed = run(folder, &["ui"]).await?;
    let line = printed.stdout.lines().nth(1).context("no second line")?;
    let token = line.rsplit(' ').next().context("no token")?;
    Ok(token.to_owned())
}
