//! Clients of several frameworks, and frameworks that are spoken to over two connections.

use perpetua_config::edit::{self, NewClient};
use perpetua_config::{
    ClientKind, Config, DialRole, Name, ReverseClient, ReverseRoles, ReverseTarget, TokenSource,
    WebSocketUrl, parse,
};

/// An account with a client that dials by these lines, and more behind it.
fn settings(lines: &str) -> String {
    format!(
        "[[accounts]]\nname = \"a\"\nupstream = {{ kind = \"simulator\" }}\n[[accounts.clients]]\nname = \"bots\"\nkind = \"reverse\"\n{lines}\n"
    )
}

fn read(lines: &str) -> Config {
    parse(&settings(lines)).unwrap_or_else(|wrong| panic!("{lines}: {wrong}"))
}

fn reverse(config: &Config) -> ReverseClient {
    match &config.accounts[0].clients[0].kind {
        ClientKind::Reverse(reverse) => reverse.clone(),
        other => panic!("{other:?}"),
    }
}

fn refused(lines: &str) -> String {
    let refused = parse(&settings(lines)).expect_err(lines);
    refused.to_string()
}

#[test]
fn each_address_has_its_token_or_that_of_the_client() {
    let config = read(
        "urls = [\"ws://h:1/ws\", { url = \"wss://h:2/ws\", token = { secret = \"b\" } }, { url = \"ws://h:3/\" }, { url = \"ws://h:4/\", token = \"off\" }]\ntoken = { secret = \"a\" }",
    );
    let client = &config.accounts[0].clients[0];
    let reverse = reverse(&config);
    let secret = |name: &str| Some(TokenSource::Secret(name.into()));
    let tokens: Vec<_> = reverse.targets().map(|one| one.token.clone()).collect();
    assert_eq!(tokens, [secret("a"), secret("b"), secret("a"), None]);
    assert_eq!(
        client.dialled(),
        ["ws://h:1/ws", "wss://h:2/ws", "ws://h:3/", "ws://h:4/"]
    );
    assert_eq!(client.max_connections, 4);
    assert_eq!(client.secrets().len(), 3);
    assert_eq!(client.sent_token(), secret("a").as_ref());
}

#[test]
fn two_connections_are_made_to_each_where_that_is_said() {
    for (lines, roles, connections) in [
        ("url = \"ws://h/ws\"", ReverseRoles::Universal, 1),
        (
            "url = \"ws://h/ws\"\nroles = \"universal\"",
            ReverseRoles::Universal,
            1,
        ),
        (
            "url = \"ws://h/ws\"\nroles = \"split\"",
            ReverseRoles::Split,
            2,
        ),
        (
            "urls = [\"ws://h/ws\", \"ws://i/ws\"]\nroles = \"split\"",
            ReverseRoles::Split,
            4,
        ),
    ] {
        let config = read(lines);
        assert_eq!(reverse(&config).roles, roles, "{lines}");
        let client = &config.accounts[0].clients[0];
        assert_eq!(client.max_connections, connections, "{lines}");
        assert_eq!(client.dialled().len(), connections, "{lines}");
    }
    let config = read("urls = [\"ws://h/ws\", \"ws://i/ws\"]\nroles = \"split\"");
    let reverse = reverse(&config);
    let roles: Vec<_> = reverse.dials().iter().map(|dial| dial.role).collect();
    let (api, event) = (DialRole::Api, DialRole::Event);
    assert_eq!(roles, [api, event, api, event]);
}

#[test]
fn what_is_wrong_with_a_list_is_told() {
    let url = "url = \"ws://h:1/ws\"";
    let many: Vec<_> = (1..=17).map(|port| format!("ws://h:{port}/")).collect();
    for (lines, words) in [
        (
            &*format!("{url}\nurls = [\"ws://h:2/\"]"),
            "keep one of the two",
        ),
        ("", "`url` is missing"),
        ("urls = []", "this list is empty"),
        ("urls = \"ws://h:1/\"", "expected a list"),
        (
            "urls = [1]",
            "expected an address in quotes, or one with a token",
        ),
        ("urls = [\"http://h:1/\"]", "`ws://`"),
        ("urls = [{ token = \"off\" }]", "`url` is missing"),
        (
            "urls = [{ url = \"ws://h:1/\", secret = \"b\" }]",
            "`secret`",
        ),
        (
            "urls = [{ url = \"ws://h:1/\", token = \"s3cret\" }]",
            "token",
        ),
        (
            &format!("urls = {many:?}"),
            "17 addresses, and a client has 16 at most",
        ),
        (&format!("{url}\nroles = \"both\""), "`universal`"),
        (
            "urls = [\"ws://h:1/\", \"ws://h:2/\"]\nca-file = \"ca.pem\"",
            "`wss://`",
        ),
        (
            "urls = [\"ws://h:1/\", \"ws://H:1\"]",
            "`ws://h:1/` goes to the same address",
        ),
    ] {
        let told = refused(lines);
        assert!(told.contains(words), "{lines}: {told}");
        assert!(!told.contains("s3cret"), "{told}");
    }
    // One that is dialled with TLS is enough for a certificate to be pinned.
    let pinned = format!(
        "urls = [\"ws://h:1/\", \"wss://h:2/\"]\npin-sha256 = \"{}\"",
        "ab".repeat(32)
    );
    assert!(reverse(&read(&pinned)).trust.is_some());
}

#[test]
fn an_account_goes_to_an_address_once() {
    let second = |keys: &str| format!("[[accounts.clients]]\nname = \"other\"\n{keys}\n");
    let first = "urls = [\"ws://h/ws\", \"ws://h:2/ws\"]\n";
    let dialled = second("kind = \"reverse\"\nurl = \"WS://H:80/ws\"");
    let told = refused(&format!("{first}{dialled}"));
    assert!(told.contains("`bots` goes to the same address"), "{told}");
    assert!(told.contains("`accounts[0].clients[1].url`"), "{told}");
    let posted = "kind = \"post\"\nurl = \"http://h/ws\"";
    let third = second(posted).replace("other", "third");
    let told = refused(&format!("{first}{}{third}", second(posted)));
    assert!(told.contains("`accounts[0].clients[2].url`"), "{told}");
    // The same address by POST is another way in; what is switched off goes nowhere, and other accounts are other bots.
    for rest in [
        second(posted),
        second("kind = \"reverse\"\nenabled = false\nurl = \"ws://h/ws\""),
        format!(
            "[[accounts]]\nname = \"b\"\nupstream = {{ kind = \"simulator\" }}\n{}",
            second("kind = \"reverse\"\nurl = \"ws://h/ws\"")
        ),
    ] {
        read(&format!("{first}{rest}"));
    }
}

#[test]
fn a_list_that_is_added_reads_as_it_was() {
    let url = |text: &str| WebSocketUrl::new(text).expect(text);
    let secret = |name: &str| Some(TokenSource::Secret(name.into()));
    let target = |text: &str, token| ReverseTarget {
        url: url(text),
        token,
    };
    let several = ReverseClient {
        others: vec![
            target("ws://h:2/ws", secret("a")),
            target("wss://h:3/ws", secret("b")),
            target("ws://h:4/ws", None),
        ],
        is_list: true,
        roles: ReverseRoles::Split,
        ..ReverseClient::new(url("ws://h:1/ws"), secret("a"))
    };
    let new = NewClient {
        name: Name::new("new").expect("a name"),
        kind: ClientKind::Reverse(several.clone()),
        framework: None,
    };
    let account = Name::new("a").expect("a name");
    let text = edit::add_client(&settings("url = \"ws://h:9/\""), &account, &new);
    let text = text.expect("added");
    let config = parse(&text).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    assert_eq!(
        config.accounts[0].clients[1].kind,
        ClientKind::Reverse(several)
    );
    assert!(
        text.contains("\"ws://h:2/ws\", { url = \"wss://h:3/ws\""),
        "{text}"
    );
}
