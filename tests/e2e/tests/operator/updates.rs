//! A node without a window says that there is a newer version, and does no more.

use std::time::Duration;

use anyhow::{Result, ensure};
use perpetua_e2e::{DataFolder, Node, Settings, run, until};
use perpetua_testkit::{UpdateAnswer, UpdateServer};
use serde_json::{Value, json};

/// A project whose version 0.1.0 runs, which looks at once at these addresses.
fn project(addresses: &[String]) -> String {
    json!({ "key": "", "addresses": addresses, "page": "https://host.example/v{version}", "version": "0.1.0", "first_ms": 0, "limit_ms": 1000 })
        .to_string()
}

async fn start(folder: &DataFolder, addresses: &[String]) -> Result<Node> {
    Node::start_with(folder, &[("PERPETUA_TEST_UPDATES", &project(addresses))]).await
}

fn settings(updates: &str) -> Settings {
    Settings::simulator().section(&format!("[updates]\n{updates}"))
}

#[tokio::test]
async fn a_newer_version_stands_in_the_log_and_in_the_status_with_the_way_to_it() -> Result<()> {
    let server = UpdateServer::start().await?;
    server.put("/silent", UpdateAnswer::Silence);
    server.list("/latest.json", "0.2.0", &json!({}));
    let addresses = [server.url("/silent"), server.url("/latest.json")];
    let folder = DataFolder::with(&settings("channel = \"beta\""))?;
    let mut node = start(&folder, &addresses).await?;
    let said = node.logged("perpetua 0.2.0 is out").await?;
    ensure!(said.contains("https://host.example/v0.2.0"), "{said}");
    let newer = node.status().await?["update"]["newer"].take();
    assert_eq!(newer["version"], "0.2.0");
    assert_eq!(newer["notes"], "What is new in 0.2.0");
    let shown = run(&folder, &["status"]).await?.stdout;
    ensure!(
        shown.contains("perpetua 0.2.0 is out; this is 0.1.0"),
        "{shown}"
    );
    // Only listings were asked for.
    let mut asked = server.asked();
    asked.sort();
    assert_eq!(asked, ["/latest.json", "/silent"]);
    Ok(())
}

#[tokio::test]
async fn nobody_is_asked_where_the_settings_say_no_until_a_person_asks() -> Result<()> {
    let server = UpdateServer::start().await?;
    server.list("/latest.json", "0.2.0", &json!({}));
    let folder = DataFolder::with(&settings("check = false"))?;
    let node = start(&folder, &[server.url("/latest.json")]).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.asked(), [""; 0]);
    let status = node.status().await?;
    assert_eq!(
        status["update"],
        json!({ "asked_ms": null, "newer": null, "problem": null })
    );
    Ok(())
}

#[tokio::test]
async fn an_address_that_fails_is_no_fault_of_the_node() -> Result<()> {
    let server = UpdateServer::start().await?;
    let folder = DataFolder::with(&settings(&format!(
        "addresses = [\"{}\"]",
        server.url("/gone")
    )))?;
    let node = start(&folder, &[server.url("/latest.json")]).await?;
    let problem = until("what became of it", async || {
        let status = node.status().await?;
        let problem: &Value = &status["update"]["problem"];
        Ok((!problem.is_null()).then(|| problem.clone()))
    });
    assert_eq!(problem.await?["code"], "update.nobody_answered");
    assert_eq!(
        server.asked(),
        ["/gone"],
        "the owner's addresses take the place of the project's"
    );
    node.is_healthy().await
}
