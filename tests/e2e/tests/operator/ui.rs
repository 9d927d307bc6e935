//! `perpetuad ui`: the way into the web pages, and what is said where there is none.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{Answer, DataFolder, Finished, Node, Settings, run, send_raw};
use serde_json::json;

/// The exit code where there is no node.
const UNAVAILABLE: i32 = 69;

async fn ui(folder: &DataFolder, options: &[&str]) -> Result<Finished> {
    let printed = run(folder, &[&["ui"], options].concat()).await?;
    ensure!(printed.code == Some(0), "{printed:#?}");
    Ok(printed)
}

/// What a browser does with what was printed.
async fn sign_in(api: SocketAddr, shown: &serde_json::Value) -> Result<Answer> {
    let body = shown.to_string();
    let request = format!(
        "POST /session HTTP/1.1\r\nhost: {api}\r\norigin: http://{api}\r\nconnection: close\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = send_raw(api, request.as_bytes()).await?;
    answer.context("no answer")
}

fn code_of(printed: &Finished) -> Result<&str> {
    let link = printed.stdout.lines().next().context("no line")?;
    let (_, code) = link.split_once("/signin#code=").context("no link")?;
    Ok(code)
}

fn token_of(printed: &Finished) -> Result<&str> {
    let line = printed.stdout.lines().nth(1).context("no second line")?;
    line.rsplit(' ').next().context("no token")
}

#[tokio::test]
async fn the_link_signs_in_once_and_the_token_for_as_long_as_it_is_the_token() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let node = Node::start(&folder).await?;
    let printed = ui(&folder, &[]).await?;
    ensure!(
        printed
            .stdout
            .starts_with(&format!("http://{}/signin#code=", node.api()))
    );
    ensure!(printed.stderr.contains("ssh -L "), "{printed:#?}");
    let code = json!({ "code": code_of(&printed)? });
    assert_eq!(sign_in(node.api(), &code).await?.status, 200);
    let again = sign_in(node.api(), &code).await?;
    ensure!(again.body.contains("code_used"), "{again:?}");

    let token = json!({ "token": token_of(&printed)? });
    assert_eq!(sign_in(node.api(), &token).await?.status, 200);
    let replaced = ui(&folder, &["--new-token"]).await?;
    assert_eq!(sign_in(node.api(), &token).await?.status, 401);
    let token = json!({ "token": token_of(&replaced)? });
    assert_eq!(sign_in(node.api(), &token).await?.status, 200);
    ensure!(
        !node.log().contains(token_of(&replaced)?),
        "a token in the log"
    );

    // Both survive a restart, and nothing that lets in stands in the file.
    let kept = std::fs::read_to_string(folder.path().join("sessions.json"))?;
    ensure!(!kept.contains(token_of(&replaced)?), "{kept}");
    node.kill().await?;
    let node = Node::start(&folder).await?;
    assert_eq!(sign_in(node.api(), &token).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn without_a_node_it_says_so() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator())?;
    let name = folder.path().display().to_string();
    run(&folder, &["ui"])
        .await?
        .refused_with(UNAVAILABLE, &["perpetua is not running", &name])
}

#[tokio::test]
async fn a_node_that_others_can_reach_is_warned_of() -> Result<()> {
    let folder = DataFolder::with(&Settings::simulator().api("0.0.0.0:0"))?;
    let node = Node::start(&folder).await?;
    let printed = ui(&folder, &[]).await?;
    let here = format!("http://127.0.0.1:{}/signin#", node.api().port());
    ensure!(printed.stdout.starts_with(&here), "{printed:#?}");
    for words in ["without HTTPS", "this machine's address"] {
        ensure!(printed.stderr.contains(words), "{printed:#?}");
    }
    Ok(())
}
