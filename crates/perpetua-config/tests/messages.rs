//! Every kind of mistake, with the exact line, column and words that its writer gets to see.

use perpetua_config::parse;

/// An account on four lines and its client on four more; what a case adds stands on line 9.
const NODE: &str = r#"[[accounts]]
name = "main"
[accounts.upstream]
kind = "simulator"
[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:6700"
"#;

/// Asserts that the text has exactly these problems, one per line.
#[track_caller]
fn refused(text: &str, expected: &str) {
    let problems = parse(text).expect_err("the text should have been refused");
    assert_eq!(problems.to_string(), expected, "for\n{text}");
}

/// Asserts the problems of a line added to the client of [`NODE`].
#[track_caller]
fn refused_in_client(line: &str, expected: &str) {
    refused(&format!("{NODE}{line}\n"), expected);
}

#[test]
fn text_that_is_not_toml() {
    refused(
        "[api\n",
        "line 1, column 5: this is not TOML: unclosed table, expected `]`",
    );
    refused(
        "a",
        "line 1, column 2: this is not TOML: key with no value, expected `=`",
    );
    refused(
        "# 注释\n[api]\nlisten = \"127.0.0.1:80\n",
        "line 3, column 23: this is not TOML: invalid basic string, expected `\"`",
    );
}

#[test]
fn several_faults_are_told_at_once_in_the_order_of_lines() {
    refused(
        "secrets = \"vault\"\n[log]\nlevel = 3\n[api]\nlisen = 1\n",
        "line 1, column 11: `secrets`: `vault` is not known here; expected `keyring` or `file`\n\
         line 3, column 9: `log.level`: expected `off`, `error`, `warn`, `info`, `debug` or `trace`, found a whole number\n\
         line 5, column 1: `api.lisen`: unknown key `lisen` in `[api]`; did you mean `listen`?",
    );
}

#[test]
fn duplicates() {
    refused(
        "[api]\nlisten = \"127.0.0.1:1\"\nlisten = \"127.0.0.1:2\"\n",
        "line 3, column 1: `listen` is set twice; keep one of them",
    );
    refused(
        "[api]\n[api]\n",
        "line 2, column 2: `api` is set twice; keep one of them",
    );
}

#[test]
fn unknown_keys() {
    refused_in_client(
        "max_connections = 3",
        "line 9, column 1: `accounts[0].clients[0].max_connections`: \
         unknown key `max_connections` in `[[accounts.clients]]`; did you mean `max-connections`?",
    );
    refused_in_client(
        "secrets = \"file\"",
        "line 9, column 1: `accounts[0].clients[0].secrets`: unknown key `secrets` in `[[accounts.clients]]`; \
         it belongs at the top of the file, before the first `[table]`",
    );
    refused(
        "[api]\ncolour = 1\n",
        "line 2, column 1: `api.colour`: unknown key `colour` in `[api]`; the keys here are `listen` and `allow-hosts`",
    );
    refused(
        "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"simulator\"\naction-timeout = \"5s\"\n",
        "line 5, column 1: `accounts[0].upstream.action-timeout`: unknown key `action-timeout` in `[accounts.upstream]`; \
         it belongs in `[[accounts]]`, before `[accounts.upstream]`",
    );
}

#[test]
fn missing_keys() {
    refused(
        "[[accounts]]\n",
        "line 1, column 1: `accounts[0]`: `name` is missing in `[[accounts]]`: a short name such as `name = \"main\"`\n\
         line 1, column 1: `accounts[0]`: `upstream` is missing in `[[accounts]]`: \
         it says where the events come from; add `[accounts.upstream]` with a `kind`",
    );
    refused(
        "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot\"\n",
        "line 3, column 1: `accounts[0].upstream`: `url` is missing in `[accounts.upstream]`: \
         the address of the OneBot implementation, such as `url = \"ws://127.0.0.1:5700/\"`",
    );
}

#[test]
fn wrong_types_and_words() {
    for (line, expected) in [
        (
            "enabled = \"yes\"",
            "line 9, column 11: `accounts[0].clients[0].enabled`: expected `true` or `false`, found a text",
        ),
        (
            "max-connections = 1.5",
            "line 9, column 19: `accounts[0].clients[0].max-connections`: expected a whole number, without quotes, found a number",
        ),
        (
            "profile = \"perpetual\"",
            "line 9, column 11: `accounts[0].clients[0].profile`: `perpetual` is not known here; did you mean `perpetua`?",
        ),
        (
            "when-full = \"drop\"",
            "line 9, column 13: `accounts[0].clients[0].when-full`: `drop` is not known here; expected `drop-oldest` or `disconnect`",
        ),
        (
            "heartbeat = 5",
            "line 9, column 13: `accounts[0].clients[0].heartbeat`: expected a time with its unit (`ms`, `s`, `m`, `h` or `d`) in quotes, such as `\"5s\"`, found a whole number",
        ),
        (
            "queue-bytes = \"64\"",
            "line 9, column 15: `accounts[0].clients[0].queue-bytes`: expected a size with its unit (`KB`, `MB` or `GB`) in quotes, such as `\"10MB\"`",
        ),
    ] {
        refused_in_client(line, expected);
    }
    refused(
        "accounts = [3]\n",
        "line 1, column 13: `accounts[0]`: expected a table, written `[[accounts]]` on a line of its own, found a whole number",
    );
    refused(
        "api = true\n",
        "line 1, column 7: `api`: expected a table, written `[api]` on a line of its own, found `true` or `false`",
    );
}

#[test]
fn values_out_of_their_limits() {
    for (line, expected) in [
        (
            "heartbeat = \"20s\"",
            "line 9, column 13: `accounts[0].clients[0].heartbeat`: must be from `1s` to `15s`",
        ),
        (
            "heartbeat = \"999ms\"",
            "line 9, column 13: `accounts[0].clients[0].heartbeat`: must be from `1s` to `15s`",
        ),
        (
            "max-connections = 0",
            "line 9, column 19: `accounts[0].clients[0].max-connections`: must be from 1 to 10000",
        ),
        (
            "max-pending-actions = 16385",
            "line 9, column 23: `accounts[0].clients[0].max-pending-actions`: must be from 1 to 16384",
        ),
        (
            "queue-events = -1",
            "line 9, column 16: `accounts[0].clients[0].queue-events`: must be from 16 to 1000000",
        ),
        (
            "queue-bytes = \"3GB\"",
            "line 9, column 15: `accounts[0].clients[0].queue-bytes`: must be from `64KB` to `2GB`",
        ),
    ] {
        refused_in_client(line, expected);
    }
}

#[test]
fn a_token_in_the_file_is_refused_without_being_repeated() {
    refused_in_client(
        "token = \"hunter2\"",
        "line 9, column 9: `accounts[0].clients[0].token`: a token does not stand in this file, because settings are copied, shown and sent around; \
         write `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }` instead, or `\"off\"` for none",
    );
    refused_in_client(
        "token = { env = \"A\", file = \"b\" }",
        "line 9, column 9: `accounts[0].clients[0].token`: a token comes from exactly one place: \
         `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }`",
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
fn a_fault_in_an_account_brings_no_second_problem_where_its_name_is_used() {
    refused(
        "[discovery]\naccount = \"a\"\n[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"milky\"\n",
        "line 6, column 8: `accounts[0].upstream.kind`: `milky` is not available in this version; \
         use `simulator`, `lagrange`, `onebot` or `onebot-reverse`",
    );
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
                  remove this line to have a token made, or listen on `127.0.0.1`";
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

#[test]
fn an_address_is_used_once() {
    let second = "[[accounts.clients]]\nname = \"two\"\nkind = \"forward\"\n";
    refused_in_client(
        &format!("{second}listen = \"0.0.0.0:6700\""),
        "line 12, column 10: `accounts[0].clients[1].listen`: `accounts[0].clients[0].listen` listens on port 6700 of this address already; \
         choose another port, or 0 for a free one",
    );
    refused_in_client(
        &format!("{second}listen = \"127.0.0.1:8080\""),
        "line 12, column 10: `accounts[0].clients[1].listen`: `api.listen` listens on port 8080 of this address already; \
         choose another port, or 0 for a free one",
    );
    let disabled = format!("{NODE}{second}listen = \"127.0.0.1:6700\"\nenabled = false\n");
    assert!(
        parse(&disabled).is_ok(),
        "a disabled client listens nowhere"
    );
    let any_port = format!("{NODE}{second}listen = \"127.0.0.1:0\"\n").replace(":6700", ":0");
    assert!(
        parse(&any_port).is_ok(),
        "port 0 is a different one each time"
    );
}

#[test]
fn names() {
    refused(
        &NODE.replace("\"bot\"", "\"机器人\""),
        "line 6, column 8: `accounts[0].clients[0].name`: a name has 1 to 32 characters out of `a`-`z`, `0`-`9`, `_` and `-`, \
         because it becomes part of web addresses, metrics and the names of secrets",
    );
    refused(
        &format!("{NODE}{}", NODE.replace("6700", "6701")),
        "line 10, column 8: `accounts[1].name`: another account is named `main` already; give each its own name",
    );
}

#[test]
fn kinds_of_later_versions_are_told_apart_from_slips() {
    for (kind, told) in [
        (
            "telegram",
            "`telegram` is not available in this version; use `simulator`, `lagrange`, `onebot` or `onebot-reverse`",
        ),
        ("onebt", "`onebt` is not known here; did you mean `onebot`?"),
    ] {
        refused(
            &format!(
                "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"{kind}\"\nuin = 1\n"
            ),
            &format!("line 4, column 8: `accounts[0].upstream.kind`: {told}"),
        );
    }
    refused(
        &NODE.replace("\"forward\"", "\"reverse\""),
        "line 7, column 8: `accounts[0].clients[0].kind`: `reverse` is not available in this version; use `forward`",
    );
}

#[test]
fn settings_of_the_node() {
    for (text, expected) in [
        (
            "[api]\nlisten = \"localhost:80\"\n",
            "line 2, column 10: `api.listen`: write `localhost` as the address it means: `\"127.0.0.1:80\"`",
        ),
        (
            "[api]\nlisten = \"8080\"\n",
            "line 2, column 10: `api.listen`: `8080` is not an address; expected an IP address with a port in quotes, such as `\"127.0.0.1:6700\"`",
        ),
        (
            "[api]\nallow-hosts = [\"http://bot.example\"]\n",
            "line 2, column 16: `api.allow-hosts[0]`: expected a host name without `http://`, port or path, such as `\"bot.example\"`",
        ),
        (
            "[log.targets]\nperpetua-proxy = \"debug\"\n",
            "line 2, column 18: `log.targets.perpetua-proxy`: a log target is a module path such as `perpetua_proxy`, with `_` where the crate's name has `-`",
        ),
        (
            "[log]\nmax-age-days = 0\n",
            "line 2, column 16: `log.max-age-days`: must be from 1 to 3650",
        ),
        (
            "[discovery]\naccount = \"nobody\"\n",
            "line 2, column 11: `discovery.account`: no account has this name; write the `name` of one of the `[[accounts]]`, or remove this line for the first",
        ),
        (
            "[discovery]\nrange = \"18110-18100\"\n",
            "line 2, column 9: `discovery.range`: expected two ports from 1 to 65535 in quotes, the lower one first, such as `\"18100-18110\"`",
        ),
        (
            "[discovery]\nallow = [\"192.168.1.5:80\"]\n",
            "line 2, column 10: `discovery.allow[0]`: expected an IP address without a port in quotes, such as `\"192.168.1.5\"`",
        ),
    ] {
        refused(text, expected);
    }
}
