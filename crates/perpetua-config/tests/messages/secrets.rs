//! Secrets that are written where they must not be, and ports without one.

use super::{NODE, refused, refused_in_client};
use perpetua_config::parse;

#[test]
fn a_token_in_the_file_is_refused_without_being_repeated() {
    refused_in_client(
        "token = \"hunter2\"",
        "line 9, column 9: `accounts[0].clients[0].token`: tokens must not be written in this file; \
         write `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }` instead, or `\"off\"` for none",
    );
    refused_in_client(
        "token = { env = \"A\", file = \"b\" }",
        "line 9, column 9: `accounts[0].clients[0].token`: write exactly one of `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }`",
    );
    refused_in_client(
        "token = { envv = \"A\" }",
        "line 9, column 11: `accounts[0].clients[0].token.envv`: unknown key `envv` in `token`; did you mean `env`?",
    );
}

#[test]
fn no_way_of_writing_a_token_down_gets_it_into_a_message() {
    for line in [
        "token = hunter2",
        "token = \"hunter2",
        "token = 'hunter2",
        "token: \"hunter2\"",
        "token = \"hunter2\" extra",
        "token = \"\"\"\nhunter2\"\"\"",
        "token = [\"hunter2\"]",
        "token = { token = \"hunter2\" }",
        "token = { env = \"A\", value = \"hunter2\" }",
        "token = { env = [\"hunter2\"] }",
        "tokn = \"hunter2\"",
        "password = \"hunter2\"",
    ] {
        let problems = parse(&format!("{NODE}{line}\n")).expect_err(line);
        assert!(
            !format!("{problems} {problems:?}").contains("hunter2"),
            "{problems}"
        );
    }
}

#[test]
fn a_secret_in_an_address_is_refused_without_being_repeated() {
    for url in [
        "ws://me:hunter2@host/",
        "ws://host/?access_token=hunter2",
        "http://host/?token=hunter2",
        "hunter2",
    ] {
        let text = format!(
            "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot\"\nurl = \"{url}\"\n"
        );
        let problems = parse(&text).expect_err(url).to_string();
        assert!(
            problems.starts_with("line 5, column 7: `accounts[0].upstream.url`: the address"),
            "{problems}"
        );
        assert!(!problems.contains("hunter2"), "{problems}");
    }
}

#[test]
fn nothing_listens_beyond_loopback_without_a_token() {
    let advice = "would let everyone who reaches `0.0.0.0:7000` use the account; \
                  remove this line to have a token generated, or listen on `127.0.0.1`";
    refused(
        &NODE.replace("\"127.0.0.1:6700\"", "\"0.0.0.0:7000\"\ntoken = \"off\""),
        &format!("line 9, column 9: `accounts[0].clients[0].token`: `\"off\"` {advice}"),
    );
    refused(
        "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot-reverse\"\nlisten = \"0.0.0.0:7000\"\ntoken = \"off\"\n",
        &format!("line 6, column 9: `accounts[0].upstream.token`: `\"off\"` {advice}"),
    );
    refused(
        "[api]\nlisten = \"0.0.0.0:7000\"\n[discovery]\ntoken = \"off\"\n",
        &format!("line 4, column 9: `discovery.token`: `\"off\"` {advice}"),
    );
    for loopback in ["127.0.0.1:6700", "127.8.9.1:0", "[::1]:6700"] {
        let text = NODE.replace("127.0.0.1:6700", loopback) + "token = \"off\"\n";
        assert!(parse(&text).is_ok(), "{text}");
    }
}
