//! Mistakes about values: types, words, limits, addresses.

use super::{NODE, refused, refused_in_client};
use perpetua_config::parse;

#[test]
fn wrong_types_and_words() {
    for (line, expected) in [
        (
            "enabled = \"yes\"",
            "line 9, column 11: `accounts[0].clients[0].enabled`: expected `true` or `false`, found text",
        ),
        (
            "max-connections = 1.5",
            "line 9, column 19: `accounts[0].clients[0].max-connections`: expected a whole number without quotes, found a decimal number",
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
            "format = \"arrays\"",
            "line 9, column 10: `accounts[0].clients[0].format`: `arrays` is not known here; did you mean `array`?",
        ),
        (
            "framework = \"nonebot2\"",
            "line 9, column 13: `accounts[0].clients[0].framework`: `nonebot2` is not known here; did you mean `nonebot`?",
        ),
        (
            "framework = \"yunzai\"",
            "line 9, column 13: `accounts[0].clients[0].framework`: `yunzai` is not known here; expected `nonebot`, `koishi` or `astrbot`",
        ),
        (
            "heartbeat = 5",
            "line 9, column 13: `accounts[0].clients[0].heartbeat`: expected a time with its unit (`ms`, `s`, `m`, `h` or `d`) in quotes, such as `\"5s\"`, found a whole number",
        ),
        (
            "queue-bytes = \"64\"",
            "line 9, column 15: `accounts[0].clients[0].queue-bytes`: expected a size with its unit (`KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`) in quotes, such as `\"10MB\"`",
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
fn an_address_is_used_once() {
    let second = "[[accounts.clients]]\nname = \"two\"\nkind = \"forward\"\n";
    refused_in_client(
        &format!("{second}listen = \"0.0.0.0:6700\""),
        "line 12, column 10: `accounts[0].clients[1].listen`: `accounts[0].clients[0].listen` already listens on port 6700 of this address; \
         choose another port, or 0 for a free one",
    );
    refused_in_client(
        &format!("{second}listen = \"127.0.0.1:8080\""),
        "line 12, column 10: `accounts[0].clients[1].listen`: `api.listen` already listens on port 8080 of this address; \
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
            "[api]\ntrusted-proxies = [\"localhost\"]\n",
            "line 2, column 20: `api.trusted-proxies[0]`: expected an IP address or a range of them, not of all, in quotes, such as `\"127.0.0.1\"` or `\"172.16.0.0/12\"`",
        ),
        (
            "[api]\ntrusted-proxies = [\"127.0.0.1:8080\"]\n",
            "line 2, column 20: `api.trusted-proxies[0]`: expected an IP address or a range of them, not of all, in quotes, such as `\"127.0.0.1\"` or `\"172.16.0.0/12\"`",
        ),
        (
            "[api]\ntrusted-proxies = [\"10.0.0.0/33\"]\n",
            "line 2, column 20: `api.trusted-proxies[0]`: expected an IP address or a range of them, not of all, in quotes, such as `\"127.0.0.1\"` or `\"172.16.0.0/12\"`",
        ),
        (
            "[api]\ntrusted-proxies = [\"0.0.0.0/0\"]\n",
            "line 2, column 20: `api.trusted-proxies[0]`: expected an IP address or a range of them, not of all, in quotes, such as `\"127.0.0.1\"` or `\"172.16.0.0/12\"`",
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
            "line 2, column 11: `discovery.account`: no account has this name; write the `name` of one of the `[[accounts]]`, or remove this line to use the first",
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

#[test]
fn an_upstream_names_its_account_by_a_number() {
    const OUTSIDE: &str =
        "must be a QQ number, such as 123456789; leave the line out to serve any account";
    for (kind, line) in [
        ("kind = \"onebot\"\nurl = \"ws://127.0.0.1:1/\"", 6),
        ("kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"", 6),
    ] {
        for (value, told) in [
            (
                "\"10001\"",
                "expected a whole number without quotes, found text",
            ),
            ("0", OUTSIDE),
            ("-1", OUTSIDE),
            ("9223372036854775808", OUTSIDE),
            ("99999999999999999999999", OUTSIDE),
        ] {
            refused(
                &format!(
                    "[[accounts]]\nname = \"a\"\n[accounts.upstream]\n{kind}\nuin = {value}\n"
                ),
                &format!("line {line}, column 7: `accounts[0].upstream.uin`: {told}"),
            );
        }
    }
}

#[test]
fn a_path_begins_with_a_slash_and_ends_before_a_query() {
    for path in ["ws", "", "/ws?a=b", "/ws#x", "/a\\nb"] {
        refused(
            &format!(
                "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\npath = \"{path}\"\n"
            ),
            "line 6, column 8: `accounts[0].upstream.path`: expected a path that begins with `/` and has no `?` or `#`, such as `\"/onebot/v11/ws\"`",
        );
    }
}
