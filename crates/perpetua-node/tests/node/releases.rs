//! Who asks a release server, and who does not: nobody looks for a core that no account needs.

use std::time::Duration;

use perpetua_schema::{CoreCheck, ListCores, SettingsWrite};
use tokio::{net::TcpListener, time::timeout};

use crate::harness::Place;

/// Three looks of a node that looks as often as it may.
const THREE_LOOKS: Duration = Duration::from_mins(30);

/// A release server, the settings of a node that would look there, and its accounts.
async fn releases(accounts: &str) -> (TcpListener, String) {
    let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = server.local_addr().expect("bound");
    let settings = format!(
        "[api]\nlisten = \"127.0.0.1:0\"\n\
         [core]\ncheck-every = \"10m\"\n\
         [[core.sources]]\nkind = \"index\"\nurl = \"http://{address}/index.json\"\n{accounts}"
    );
    (server, settings)
}

fn account(name: &str, more: &str, upstream: &str) -> String {
    format!("[[accounts]]\nname = \"{name}\"\n{more}\n[accounts.upstream]\n{upstream}\n")
}

fn managed(more: &str) -> String {
    account("main", more, "kind = \"lagrange\"\nauto-start = false")
}

fn simulated() -> String {
    account("sim", "", "kind = \"simulator\"")
}

/// Whether somebody comes to the server.
async fn is_asked(server: &TcpListener) -> bool {
    timeout(THREE_LOOKS, server.accept()).await.is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_node_asks_by_itself_only_for_a_managed_account() {
    let dialled = account("a", "", "kind = \"onebot\"\nurl = \"ws://127.0.0.1:9/\"");
    let listening = account(
        "b",
        "",
        "kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"",
    );
    for (accounts, expected) in [
        (String::new(), false),
        (simulated(), false),
        (dialled, false),
        (listening, false),
        (simulated() + &managed("enabled = false"), false),
        (managed(""), true),
        (simulated() + &managed(""), true),
    ] {
        let (server, settings) = releases(&accounts).await;
        let place = Place::new(&settings);
        let node = place.start().await.expect("started");
        node.rpc().call(&ListCores {}).await.expect("a list");
        assert_eq!(is_asked(&server).await, expected, "{accounts}");
        node.drain().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_of_the_accounts_begins_and_ends_it() {
    let (server, settings) = releases(&simulated()).await;
    let place = Place::new(&settings);
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    for (more, expected) in [
        ("enabled = false", false),
        ("", true),
        ("enabled = false", false),
    ] {
        let write = SettingsWrite {
            text: settings.clone() + &managed(more),
            instead_of: None,
            ..SettingsWrite::default()
        };
        rpc.call(&write).await.expect("valid settings");
        assert_eq!(is_asked(&server).await, expected, "`{more}`");
    }
    node.drain().await;
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_for_a_newer_core_has_it_looked_for() {
    let (server, settings) = releases(&simulated()).await;
    let place = Place::new(&settings);
    let node = place.start().await.expect("started");
    let rpc = node.rpc();
    let (_refused, asked) = tokio::join!(rpc.call(&CoreCheck {}), async {
        let came = is_asked(&server).await;
        drop(server);
        came
    });
    assert!(asked);
    node.drain().await;
}
