//! Mistakes about what is written where: syntax, keys, names, kinds.

use super::{NODE, refused, refused_in_client};
use perpetua_config::parse;

#[test]
fn text_that_is_not_toml() {
    refused("[api\n", "line 1, column 5: `]` is missing");
    refused("a", "line 1, column 2: a setting is written `key = value`");
    refused(
        "# 注释\n[api]\nlisten = \"127.0.0.1:80\n",
        "line 3, column 23: a quote is missing: text stands between `\"` and `\"` on one line",
    );
}

#[test]
fn what_people_write_wrongly_in_toml_is_said_in_sentences_of_ours() {
    let value = "this is no value; text is written in quotes, numbers without them and without a leading zero";
    let quote = "a quote is missing: text stands between `\"` and `\"` on one line";
    for (text, said) in [
        ("a = [1, 2", "`]` is missing"),
        ("a = { b = 1\n", "`}` is missing"),
        ("[[accounts]\n", "`]` is missing"),
        ("a = [\"x\" \"y\"]\n", "a comma is missing before this"),
        ("a = 'hello\n", quote),
        ("a = \"hello\n", quote),
        ("a 1\n", "a setting is written `key = value`"),
        ("a = \n", value),
        ("a = hello\n", value),
        ("a = forward\n", value),
        ("a = true1\n", value),
        ("a = 007\n", value),
        (
            "a = \"b\" c = 2\n",
            "this may not stand here; each setting has a line of its own",
        ),
        ("键 = 1\n", "a key is made of letters, digits, `_` and `-`"),
    ] {
        let problems = parse(text).expect_err(text).to_string();
        let first = problems.lines().next().unwrap_or_default();
        assert!(first.ends_with(said), "{text}: {first}");
    }
    let problems = parse("a = \"C:\\bots\\qq\"\n").expect_err("escapes");
    let problems = problems.to_string();
    assert!(problems.contains("write it twice"), "{problems}");
}

#[test]
fn a_broken_head_makes_no_duplicates() {
    let text = "[api]\nlisten = \"127.0.0.1:1\"\n[log\nlevel = \"info\"\n[[accounts]]\nname = \"main\"\n\
                [accounts.upstream]\nkind = \"simulator\"\n[[accounts]\nname = \"qq\"\n";
    let problems = parse(text).expect_err("broken").to_string();
    assert!(problems.contains("`]` is missing"), "{problems}");
    assert!(!problems.contains("twice"), "{problems}");
    // Before the first fault it is one, as ever.
    let text = "[log]\nlevel = \"info\"\nlevel = \"warn\"\n[api\n";
    let problems = parse(text).expect_err("broken").to_string();
    assert!(problems.contains("`level` is set twice"), "{problems}");
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
        "line 2, column 1: `api.colour`: unknown key `colour` in `[api]`; the keys here are `listen`, `allow-hosts` and `trusted-proxies`",
    );
    refused(
        "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"simulator\"\naction-timeout = \"5s\"\n",
        "line 5, column 1: `accounts[0].upstream.action-timeout`: unknown key `action-timeout` in `[accounts.upstream]`; \
         it belongs in `[[accounts]]`, before `[accounts.upstream]`",
    );
}

#[test]
fn a_file_of_something_else_brings_no_more_problems_than_are_read() {
    let long = "x".repeat(1_000_000);
    let keys = (0..1000).map(|number| format!("unknown-{number}"));
    let text: String = keys.chain([long]).map(|key| key + " = 1\n").collect();
    let problems = parse(&text).expect_err("unknown keys");
    assert_eq!(problems.as_slice().len(), 100);
}

#[test]
fn missing_keys() {
    refused(
        "[[accounts]]\n",
        "line 1, column 1: `accounts[0]`: `name` is missing in `[[accounts]]`: a short name, such as `name = \"main\"`\n\
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
fn a_fault_in_an_account_brings_no_second_problem_where_its_name_is_used() {
    refused(
        "[discovery]\naccount = \"a\"\n[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"milky\"\n",
        "line 6, column 8: `accounts[0].upstream.kind`: `milky` is not available in this version; \
         use `simulator`, `lagrange`, `onebot` or `onebot-reverse`",
    );
}

#[test]
fn names() {
    refused(
        &NODE.replace("\"bot\"", "\"机器人\""),
        "line 6, column 8: `accounts[0].clients[0].name`: a name has 1 to 32 characters out of `a`-`z`, `0`-`9`, `_` and `-`, \
         and does not begin with `-`, \
         because it becomes part of web addresses, metrics and the names of secrets",
    );
    refused(
        &NODE.replace("\"main\"", "\"aux\""),
        "line 2, column 8: `accounts[0].name`: `aux` is a device name on Windows and cannot be the name of a file there; \
         choose another name",
    );
    refused(
        &format!("{NODE}{}", NODE.replace("6700", "6701")),
        "line 10, column 8: `accounts[1].name`: another account is already named `main`; give each its own name",
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
}

#[test]
fn a_key_of_the_upstream_that_stands_in_the_account_is_sent_there() {
    refused(
        "[[accounts]]\nname = \"a\"\nuin = 10001\n[accounts.upstream]\nkind = \"simulator\"\n",
        "line 3, column 1: `accounts[0].uin`: unknown key `uin` in `[[accounts]]`; it belongs in `[accounts.upstream]`",
    );
    // It stands where it belongs, and this kind has none.
    refused(
        "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"simulator\"\nuin = 10001\n",
        "line 5, column 1: `accounts[0].upstream.uin`: unknown key `uin` in `[accounts.upstream]`; did you mean `kind`?",
    );
}

#[test]
fn the_bounds_of_a_frame_are_told_in_the_units_that_may_be_written() {
    for (size, fits) in [
        ("1MB", true),
        ("512MB", true),
        ("512MiB", true),
        ("513MiB", false),
        ("1KiB", false),
        ("1GiB", false),
    ] {
        let text = format!(
            "[[accounts]]\nname = \"a\"\nmax-frame-size = \"{size}\"\n[accounts.upstream]\nkind = \"simulator\"\n"
        );
        if fits {
            assert!(parse(&text).is_ok(), "{size}");
        } else {
            refused(
                &text,
                "line 3, column 18: `accounts[0].max-frame-size`: must be from `1MB` to `512MiB`",
            );
        }
    }
}

#[test]
fn a_list_with_one_bracket_too_few_is_said_once_for_each_head() {
    let client = |number: u16, head: &str| {
        format!(
            "{head}\nname = \"c{number}\"\nkind = \"forward\"\nlisten = \"127.0.0.1:{number}\"\n"
        )
    };
    let account = "[[accounts]]\nname = \"main\"\nupstream = { kind = \"simulator\" }\n";
    let (one, two) = ("[accounts.clients]", "[[accounts.clients]]");
    for (heads, wrong) in [
        ([two, one, one], vec![8, 12]),
        ([one, two, two], vec![4]),
        ([two, two, " [ accounts . clients ] # a bot"], vec![12]),
    ] {
        let numbered = (6700_u16..).zip(heads);
        let clients: String = numbered.map(|(port, head)| client(port, head)).collect();
        let said = parse(&format!("{account}{clients}"))
            .expect_err("heads")
            .to_string();
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines.len(), wrong.len(), "{said}");
        for (line, number) in lines.iter().zip(wrong) {
            assert!(line.starts_with(&format!("line {number},")), "{said}");
            assert!(line.contains("write `[[accounts.clients]]`"), "{said}");
        }
    }
    let single = account.replace("[[accounts]]", "[accounts]");
    for (text, count) in [
        (format!("{account}{single}"), 1),
        (format!("{single}{single}"), 2),
    ] {
        let said = parse(&text).expect_err("heads").to_string();
        assert_eq!(
            said.matches("write `[[accounts]]`").count(),
            count,
            "{said}"
        );
        assert_eq!(said.lines().count(), count, "{said}");
    }
}

#[test]
fn a_websocket_is_two_kinds_and_both_are_named() {
    for kind in ["ws", "websocket", "WS-reverse", "ws-server"] {
        let text = format!(
            "[[accounts]]\nname = \"a\"\nupstream = {{ kind = \"simulator\" }}\n\
             [[accounts.clients]]\nname = \"b\"\nkind = \"{kind}\"\n"
        );
        let said = parse(&text).expect_err(kind).to_string();
        assert!(
            said.contains("`forward` if the framework connects"),
            "{said}"
        );
        assert!(said.contains("`reverse` if perpetua connects"), "{said}");
    }
}
