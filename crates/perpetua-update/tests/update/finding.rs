//! Which newer versions there are.

use std::time::Instant;

use perpetua_testkit::UpdateAnswer;
use serde_json::json;

use crate::harness::{LIMIT, World, codes};

#[tokio::test]
async fn the_highest_version_of_all_addresses_counts_whatever_the_others_do() {
    let world = World::new().await;
    let server = &world.server;
    server.put("/silent", UpdateAnswer::Silence);
    server.put("/page", UpdateAnswer::Page);
    server.put("/text", UpdateAnswer::Whole(b"<!doctype html>".to_vec()));
    world.offer("/older", "0.0.9", b"old", "perpetua_0.0.9_amd64.AppImage");
    world.offer("/same", "0.1.0", b"same", "perpetua_0.1.0_amd64.AppImage");
    world.offer("/new", "0.2.0", b"new", "perpetua_0.2.0_amd64.AppImage");
    world.offer(
        "/newest",
        "0.3.0-rc.1",
        b"rc",
        "perpetua_0.3.0-rc.1_amd64.AppImage",
    );
    let listing = json!({ "version": "9.0.0" }).to_string().into_bytes();
    server.put(
        "/stall",
        UpdateAnswer::Stall(listing.clone(), listing.len() - 3),
    );
    server.list(
        "/other-system",
        "0.4.0",
        &json!({ "plan9-mips": { "url": "u", "signature": "s" } }),
    );

    let begun = Instant::now();
    let paths = [
        "/silent",
        "/gone",
        "/page",
        "/text",
        "/older",
        "/same",
        "/stall",
        "/other-system",
        "/new",
        "/newest",
    ];
    let found = world.find(&paths).await.expect("some answer");
    assert!(
        begun.elapsed() < LIMIT * 4,
        "they are asked beside each other"
    );
    let versions: Vec<_> = found
        .newer
        .iter()
        .map(|newer| newer.version.to_string())
        .collect();
    assert_eq!(versions, ["0.3.0-rc.1", "0.2.0"]);
    assert_eq!(found.newer[1].notes, "What is new in 0.2.0");
    assert!(found.is_known);
    let said = [
        "install.stalled",
        "install.status_gone",
        "install.web_page",
        "install.not_a_listing",
        "update.older",
        "install.stalled",
        "update.no_file",
    ];
    let codes = codes(&found);
    assert_eq!(codes.len(), said.len(), "{codes:?}");
    for (number, (code, wanted)) in codes.iter().zip(said).enumerate() {
        // Which of the two limits ends a silence is chance.
        let is_late = ["install.stalled", "install.overdue"].contains(&code.as_str());
        assert!(
            code == wanted || wanted == "install.stalled" && is_late,
            "{number}: {codes:?}"
        );
    }
}

#[tokio::test]
async fn an_address_with_the_version_that_runs_is_an_answer() {
    let world = World::new().await;
    world.offer("/same", "0.1.0+7", b"same", "perpetua_0.1.0_amd64.AppImage");
    let found = world.find(&["/gone", "/same"]).await.expect("it answered");
    assert!(found.is_known && found.newer.is_empty());
}

#[tokio::test]
async fn where_nobody_answers_each_address_is_named_with_its_fault() {
    let world = World::new().await;
    world.offer("/older", "0.0.9", b"old", "perpetua_0.0.9_amd64.AppImage");
    let problem = world
        .find(&["/gone", "/older"])
        .await
        .expect_err("nobody knows");
    assert_eq!(problem.code, "update.nobody_answered");
    let words = problem.to_string();
    assert!(
        words.contains("/gone") && words.contains("0.0.9, which is older"),
        "{words}"
    );
}

#[tokio::test]
async fn a_build_without_addresses_says_so_and_asks_nobody() {
    let world = World::new().await;
    let problem = world.find(&[]).await;
    let code = problem
        .expect_err("the project of the repository has no address yet")
        .code;
    assert_eq!(code, "update.no_channel");
    assert_eq!(world.server.asked(), [""; 0]);
}
