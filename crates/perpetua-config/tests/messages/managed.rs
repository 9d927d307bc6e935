//! Mistakes about the managed core, its signers, its accounts and its hooks, with the exact words that
//! their writer gets to see.

use super::refused;
use perpetua_config::parse;

/// A managed account on four lines; what a case adds stands on line 5.
const ACCOUNT: &str = r#"[[accounts]]
name = "main"
[accounts.upstream]
kind = "lagrange"
"#;

/// Asserts the problems of a line added to [`ACCOUNT`].
#[track_caller]
fn refused_in_account(line: &str, expected: &str) {
    refused(&format!("{ACCOUNT}{line}\n"), expected);
}

#[test]
fn faults_of_the_core() {
    for (line, expected) in [
        (
            "check-every = \"1m\"",
            "line 2, column 15: `core.check-every`: must be from `10m` to `30d`, or `0s` for never",
        ),
        (
            "check-every = \"31d\"",
            "line 2, column 15: `core.check-every`: must be from `10m` to `30d`, or `0s` for never",
        ),
        (
            "auto-instal = true",
            "line 2, column 1: `core.auto-instal`: unknown key `auto-instal` in `[core]`; did you mean `auto-install`?",
        ),
        (
            "proxy = \"https://127.0.0.1:7890\"",
            "line 2, column 9: `core.proxy`: expected an HTTP proxy, such as `\"http://127.0.0.1:7890\"`, with nothing after its port",
        ),
        (
            "proxy = 7890",
            "line 2, column 9: `core.proxy`: expected an address in quotes, or `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }`, found a whole number",
        ),
        (
            "proxy = { env = \"A\", file = \"b\" }",
            "line 2, column 9: `core.proxy`: write exactly one of `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }`",
        ),
        (
            "proxy = { evn = \"A\" }",
            "line 2, column 11: `core.proxy.evn`: unknown key `evn` in `proxy`; did you mean `env`?",
        ),
        (
            "sources = \"local\"",
            "line 2, column 11: `core.sources`: expected a list, found text",
        ),
        (
            "notify = []",
            "line 2, column 1: `core.notify`: unknown key `notify` in `[core]`; it belongs at the top of the file, before the first `[table]`, or in `[[notify]]`",
        ),
    ] {
        refused(&format!("[core]\n{line}\n"), expected);
    }
}

#[test]
fn faults_of_a_source() {
    let pattern = "expected the name of a file, in which `{rid}` stands for the system, such as `linux-x64`, \
                   `{archive}` for `zip` or `tar.gz`, and `*` for anything";
    for (lines, expected) in [
        (
            "path = \"x\"",
            "line 1, column 1: `core.sources[0]`: `kind` is missing in `[[core.sources]]`; use `github`, `index`, `mirror` or `local`".to_owned(),
        ),
        (
            "kind = \"gitub\"",
            "line 2, column 8: `core.sources[0].kind`: `gitub` is not known here; did you mean `github`?".to_owned(),
        ),
        (
            "kind = \"index\"",
            "line 1, column 1: `core.sources[0]`: `url` is missing in `[[core.sources]]`: the address of the index, such as `url = \"https://host.example/core.json\"`".to_owned(),
        ),
        (
            "kind = \"mirror\"\nprefix = \"proxy.example\"\n[[core.sources]]\nkind = \"github\"",
            "line 3, column 10: `core.sources[0].prefix`: the address must begin with `http://` or `https://`, for example `https://host.example/path`".to_owned(),
        ),
        (
            "kind = \"mirror\"\nprefix = \"https://proxy.example/\"",
            "line 1, column 1: `core.sources[0]`: a mirror is put before the addresses of a `github` source, and there is none; add a `[[core.sources]]` with `kind = \"github\"`".to_owned(),
        ),
        (
            "kind = \"mirror\"\nprefix = \"https://proxy.example/\"\n[[core.sources]]\nkind = \"githb\"",
            "line 5, column 8: `core.sources[1].kind`: `githb` is not known here; did you mean `github`?".to_owned(),
        ),
        (
            "kind = \"local\"\npath = \"\"\nurl = \"x\"",
            "line 3, column 8: `core.sources[0].path`: must not be empty and must stand on one line\n\
             line 4, column 1: `core.sources[0].url`: unknown key `url` in `[[core.sources]]`; the keys here are `kind` and `path`".to_owned(),
        ),
        (
            "kind = \"github\"\nrepository = \"https://github.com/a/b\"",
            "line 3, column 14: `core.sources[0].repository`: expected `owner/name` in quotes, such as `\"LagrangeDev/Lagrange.Core\"`".to_owned(),
        ),
        (
            "kind = \"github\"\nrepository = \"../..\"\ntag = \"a/b\"",
            "line 3, column 14: `core.sources[0].repository`: expected `owner/name` in quotes, such as `\"LagrangeDev/Lagrange.Core\"`\n\
             line 4, column 7: `core.sources[0].tag`: expected the tag of a release in quotes, such as `\"nightly\"`".to_owned(),
        ),
        (
            "kind = \"github\"\nasset = \"core-{os}.zip\"",
            format!("line 3, column 9: `core.sources[0].asset`: {pattern}"),
        ),
        (
            "kind = \"github\"\nasset = \"../core-{rid}\"",
            format!("line 3, column 9: `core.sources[0].asset`: {pattern}"),
        ),
    ] {
        refused(&format!("[[core.sources]]\n{lines}\n"), &expected);
    }
    refused(
        "sources = []\n",
        "line 1, column 1: `sources`: unknown key `sources` at the top of the file; it belongs in `[[core.sources]]`",
    );
}

#[test]
fn faults_of_a_managed_account() {
    for (line, expected) in [
        (
            "uin = \"123456789\"",
            "line 5, column 7: `accounts[0].upstream.uin`: expected a whole number without quotes, found text",
        ),
        (
            "uin = 4294967296",
            "line 5, column 7: `accounts[0].upstream.uin`: must be from 10000 to 4294967295",
        ),
        (
            "uin = 0",
            "line 5, column 7: `accounts[0].upstream.uin`: must be from 10000 to 4294967295",
        ),
        (
            "protocol = \"MacOs\"",
            "line 5, column 12: `accounts[0].upstream.protocol`: `MacOs` is not known here; did you mean `macos`?",
        ),
        (
            "memory-limit = \"1001GB\"",
            "line 5, column 16: `accounts[0].upstream.memory-limit`: must be from `250MB` to `1000GB`",
        ),
        (
            "sign-through = \"proxy\"",
            "line 5, column 16: `accounts[0].upstream.sign-through`: `proxy` is not known here; expected `node` or `core`",
        ),
        (
            "sign-patience = \"500ms\"",
            "line 5, column 17: `accounts[0].upstream.sign-patience`: must be from `1s` to `1m`",
        ),
        (
            "start-timeout = \"11m\"",
            "line 5, column 17: `accounts[0].upstream.start-timeout`: must be from `5s` to `10m`",
        ),
        (
            "autostart = false",
            "line 5, column 1: `accounts[0].upstream.autostart`: unknown key `autostart` in `[accounts.upstream]`; did you mean `auto-start`?",
        ),
        (
            "sign-proxy = \"socks5://127.0.0.1:1\"",
            "line 5, column 14: `accounts[0].upstream.sign-proxy`: the address must begin with `http://` or `https://`, for example `https://host.example/path`",
        ),
        (
            "signers = []",
            "line 5, column 11: `accounts[0].upstream.signers`: without a signer no login succeeds; name at least one of the `[[signers]]`, or remove this line to use all of them",
        ),
        (
            "signers = [\"mine\"]",
            "line 5, column 12: `accounts[0].upstream.signers[0]`: no signer has this name, and there are none; add a `[[signers]]` with this `name` and a `url`",
        ),
    ] {
        refused_in_account(line, expected);
    }
}

#[test]
fn signers_are_chosen_by_names_that_exist() {
    let signers = "[[signers]]\nname = \"one\"\nurl = \"https://a.example\"\n[[signers]]\nname = \"two\"\nurl = \"ftp://b\"\n";
    refused_in_account(
        &format!("signers = [\"tow\", \"two\", \"two\", 3]\n{signers}"),
        "line 5, column 12: `accounts[0].upstream.signers[0]`: no signer has this name; the `[[signers]]` are `one` and `two`\n\
         line 5, column 26: `accounts[0].upstream.signers[2]`: `two` is already in this list; remove one of the two\n\
         line 5, column 33: `accounts[0].upstream.signers[3]`: expected the name of a signer in quotes, found a whole number\n\
         line 11, column 7: `signers[1].url`: the address must begin with `http://` or `https://`, for example `https://host.example/path`",
    );
    refused(
        "[[signers]]\nname = \"one\"\nurl = \"https://a.example\"\n[[signers]]\nname = \"one\"\n",
        "line 4, column 1: `signers[1]`: `url` is missing in `[[signers]]`: the signer's address, such as `url = \"https://host.example/api/sign/30366\"`\n\
         line 5, column 8: `signers[1].name`: another signer is already named `one`; give each its own name",
    );
}

#[test]
fn one_account_is_not_managed_twice() {
    let second = ACCOUNT.replace("main", "second");
    let twice = format!("{ACCOUNT}uin = 10001\n{second}uin = 10001\n");
    refused(
        &twice,
        "line 10, column 7: `accounts[1].upstream.uin`: `accounts[0].upstream.uin` is the same account, \
         and two cores of one account end each other's session; remove one of the two, or set its `enabled` to `false`",
    );
    let one_disabled = twice.replace("name = \"main\"", "name = \"main\"\nenabled = false");
    assert!(parse(&one_disabled).is_ok(), "{one_disabled}");
    let others = format!("{ACCOUNT}uin = 10001\n{second}uin = 10002\n");
    assert!(parse(&others).is_ok(), "{others}");
    let unknown = format!("{ACCOUNT}{second}");
    assert!(parse(&unknown).is_ok(), "{unknown}");
}

#[test]
fn a_secret_in_an_address_is_refused_without_being_repeated() {
    let take_out = "the address contains a user, a password, a key or a token, and secrets must not be written in this file; remove it";
    let elsewhere = format!(
        "{take_out}, or store the whole address elsewhere and write `{{ env = \"NAME\" }}`, `{{ file = \"path\" }}` or `{{ secret = \"name\" }}`"
    );
    for address in [
        "https://me:hunter2@host.example/",
        "https://host.example/?key=hunter2",
        "http://host.example/?a=b&access_token=hunter2",
    ] {
        for (text, expected) in [
            (
                format!("[core]\nproxy = \"{address}\"\n"),
                format!("line 2, column 9: `core.proxy`: {elsewhere}"),
            ),
            (
                format!("[[signers]]\nname = \"a\"\nurl = \"{address}\"\n"),
                format!("line 3, column 7: `signers[0].url`: {elsewhere}"),
            ),
            (
                format!("[[notify]]\npost = \"{address}\"\n"),
                format!("line 2, column 8: `notify[0].post`: {elsewhere}"),
            ),
            (
                format!("{ACCOUNT}sign-proxy = \"{address}\"\n"),
                format!("line 5, column 14: `accounts[0].upstream.sign-proxy`: {elsewhere}"),
            ),
            (
                format!("[[core.sources]]\nkind = \"index\"\nurl = \"{address}\"\n"),
                format!("line 3, column 7: `core.sources[0].url`: {take_out}"),
            ),
        ] {
            refused(&text, &expected);
        }
    }
}

#[test]
fn a_hook_shows_no_token_that_stands_in_the_file() {
    refused(
        "[[notify]]\npost = \"https://host.example/\"\ntoken = \"hunter2\"\n[[notify]]\n",
        "line 3, column 9: `notify[0].token`: tokens must not be written in this file; \
         write `{ env = \"NAME\" }`, `{ file = \"path\" }` or `{ secret = \"name\" }` instead, or `\"off\"` for none\n\
         line 4, column 1: `notify[1]`: `post` is missing in `[[notify]]`: the address to notify, such as `post = \"https://host.example/path\"`",
    );
}
