//! What an edit of the settings touches, and edits that leave the rest of the text alone.

use std::collections::BTreeSet;

use perpetua_config::diff::{
    AccountChange, AccountPart, ClientChange, ClientPart, NodePart, changes,
};
use perpetua_config::edit::{EditError, set_client_enabled};
use perpetua_config::{Config, Name, default_text, parse};
use proptest::prelude::*;

fn parsed(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn name(text: &str) -> Name {
    Name::new(text).expect(text)
}

/// The first settings with some text replaced, as someone edits them.
fn edited(from: &str, to: &str) -> Config {
    assert!(default_text().contains(from), "{from}");
    parsed(&default_text().replacen(from, to, 1))
}

/// The changes of the one account between the first settings and the edited ones.
fn account_change(new: &Config) -> (BTreeSet<AccountPart>, Vec<ClientChange>) {
    let mut all = changes(&parsed(default_text()), new);
    assert_eq!((all.node.len(), all.accounts.len()), (0, 1), "{all:?}");
    match all.accounts.remove(0) {
        AccountChange::Changed { parts, clients, .. } => (parts, clients),
        other => panic!("{other:?}"),
    }
}

#[test]
fn comments_and_order_change_nothing() {
    let reordered = format!(
        "# new comment\n{}",
        default_text().replace(
            "name = \"bot\"\nkind = \"forward\"",
            "kind = \"forward\"\nname = \"bot\""
        )
    );
    assert!(changes(&parsed(default_text()), &parsed(&reordered)).is_empty());
}

#[test]
fn each_part_of_a_client_is_told_apart() {
    let client = "listen = \"127.0.0.1:6700\"";
    for (to, part) in [
        ("listen = \"127.0.0.1:6799\"".to_owned(), ClientPart::Listen),
        (format!("{client}\nenabled = false"), ClientPart::Enabled),
        (format!("{client}\ntoken = \"off\""), ClientPart::Token),
        (
            format!("{client}\nprofile = \"perpetua\""),
            ClientPart::Profile,
        ),
        (
            format!("{client}\nmax-connections = 2"),
            ClientPart::Connections,
        ),
        (
            format!("{client}\nheartbeat = \"2s\""),
            ClientPart::Heartbeat,
        ),
        (format!("{client}\nqueue-events = 20"), ClientPart::Queue),
    ] {
        let new = edited(client, &to);
        let (parts, clients) = account_change(&new);
        assert!(parts.is_empty());
        let client = new.accounts[0].clients[0].clone();
        assert_eq!(
            clients,
            [ClientChange::Changed {
                client,
                parts: BTreeSet::from([part])
            }]
        );
    }
}

#[test]
fn a_new_client_disturbs_no_other() {
    let more = format!(
        "{}[[accounts.clients]]\nname = \"new\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\n",
        default_text()
    );
    let new = parsed(&more);
    let (parts, clients) = account_change(&new);
    assert!(parts.is_empty());
    assert_eq!(
        clients,
        [ClientChange::Added(new.accounts[0].clients[1].clone())]
    );
    let back = changes(&new, &parsed(default_text()));
    let [AccountChange::Changed { clients, .. }] = back.accounts.as_slice() else {
        panic!("{back:?}")
    };
    assert_eq!(clients, &[ClientChange::Removed(name("new"))]);
}

#[test]
fn parts_of_an_account() {
    for (from, to, part) in [
        (
            "kind = \"simulator\"",
            "kind = \"onebot\"\nurl = \"ws://h/\"",
            AccountPart::Upstream,
        ),
        (
            "name = \"main\"",
            "name = \"main\"\nenabled = false",
            AccountPart::Enabled,
        ),
        (
            "name = \"main\"",
            "name = \"main\"\naction-timeout = \"3s\"",
            AccountPart::Limits,
        ),
    ] {
        let (parts, clients) = account_change(&edited(from, to));
        assert_eq!((parts, clients), (BTreeSet::from([part]), vec![]));
    }
}

#[test]
fn a_renamed_account_goes_before_its_successor_comes() {
    let new = edited("name = \"main\"", "name = \"other\"");
    let all = changes(&parsed(default_text()), &new);
    assert_eq!(
        all.accounts,
        [
            AccountChange::Removed(name("main")),
            AccountChange::Added(new.accounts[0].clone())
        ]
    );
    assert_eq!(
        all.node,
        BTreeSet::from([NodePart::Discovery]),
        "leased ports lead to another account now"
    );
}

#[test]
fn parts_of_the_node() {
    for (from, to, part) in [
        (
            "127.0.0.1:8080\"\n\n",
            "127.0.0.1:8081\"\n\n",
            NodePart::ApiListen,
        ),
        ("[log]", "allow-hosts = [\"x\"]\n[log]", NodePart::ApiHosts),
        ("level = \"info\"", "level = \"debug\"", NodePart::Log),
        (
            "secrets = \"keyring\"",
            "secrets = \"file\"",
            NodePart::Secrets,
        ),
        (
            "[log]",
            "[discovery]\nwait = \"3s\"\n[log]",
            NodePart::Discovery,
        ),
    ] {
        let all = changes(&parsed(default_text()), &edited(from, to));
        assert_eq!(
            (all.node, all.accounts),
            (BTreeSet::from([part]), vec![]),
            "{to}"
        );
    }
}

#[test]
fn disabling_and_enabling_a_client_keeps_every_comment() {
    let disabled =
        set_client_enabled(default_text(), &name("main"), &name("bot"), false).expect("edited");
    let added: Vec<&str> = disabled
        .lines()
        .filter(|line| !default_text().lines().any(|old| old == *line))
        .collect();
    assert_eq!(added, ["enabled = false"]);
    assert!(!parsed(&disabled).accounts[0].clients[0].enabled);
    let enabled = set_client_enabled(&disabled, &name("main"), &name("bot"), true).expect("edited");
    assert_eq!(
        enabled,
        disabled.replace("enabled = false", "enabled = true")
    );
    assert_eq!(parsed(&enabled), parsed(default_text()));
}

#[test]
fn an_edit_keeps_the_layout_of_the_line_and_of_inline_tables() {
    let text = "accounts = [ { name = \"a\", upstream = { kind = \"simulator\" }, clients = [\n  { name = \"b\", kind = \"forward\", listen = \"127.0.0.1:0\", enabled  =  true }, # keep\n] } ]\n";
    let disabled = set_client_enabled(text, &name("a"), &name("b"), false).expect("edited");
    assert_eq!(
        disabled,
        text.replace("enabled  =  true", "enabled  =  false")
    );
}

#[test]
fn an_edit_that_changes_nothing_gives_the_text_back() {
    let same = set_client_enabled(default_text(), &name("main"), &name("bot"), true);
    assert_eq!(same.as_deref(), Ok(default_text()));
}

#[test]
fn edits_of_what_is_not_there_say_so() {
    let edit = |text: &str, account: &str, client: &str| {
        set_client_enabled(text, &name(account), &name(client), true)
            .map_err(|error| error.to_string())
    };
    let refused = edit(default_text(), "other", "bot");
    assert_eq!(
        refused,
        Err("`perpetua.toml` has no account `other`".to_owned())
    );
    let refused = edit(default_text(), "main", "other");
    assert_eq!(
        refused,
        Err("account `main` has no client `other` in `perpetua.toml`".to_owned())
    );
    let damaged = set_client_enabled("\n[api", &name("main"), &name("bot"), true);
    let Err(EditError::Syntax(problem)) = damaged else {
        panic!("{damaged:?}")
    };
    assert_eq!((problem.line, problem.column), (2, 5));
}

proptest! {
    /// Any settings made of these choices equal themselves, and an edit of one client touches only it.
    #[test]
    fn nothing_differs_from_itself(clients in 1usize..6, chosen in 0usize..6, heartbeat in 1u32..16) {
        let chosen = chosen % clients;
        let client = |index| format!(
            "[[accounts.clients]]\nname = \"c{index}\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\nheartbeat = \"{heartbeat}s\"\n"
        );
        let account = "[[accounts]]\nname = \"a\"\nupstream = { kind = \"simulator\" }\n";
        let text = account.to_owned() + &(0..clients).map(client).collect::<String>();
        let old = parsed(&text);
        prop_assert!(changes(&old, &old).is_empty());
        let text = set_client_enabled(&text, &name("a"), &name(&format!("c{chosen}")), false).expect("edited");
        let new = parsed(&text);
        let client = new.accounts[0].clients[chosen].clone();
        let expected = ClientChange::Changed { client, parts: BTreeSet::from([ClientPart::Enabled]) };
        let all = changes(&old, &new);
        let [AccountChange::Changed { clients, .. }] = all.accounts.as_slice() else { panic!("{all:?}") };
        prop_assert_eq!(clients, &vec![expected]);
    }
}
