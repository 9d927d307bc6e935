//! What good settings resolve to: what is written, and the defaults of what is not.

use std::net::SocketAddr;
use std::time::Duration;

use perpetua_config::{
    ClientFormat, ClientKind, Config, Fingerprint, Framework, ListenerToken, LogFormat, LogLevel,
    Profile, SecretsBackend, TokenSource, Trust, Upstream, WhenFull, default_text, parse,
};
use proptest::prelude::*;

fn address(text: &str) -> SocketAddr {
    text.parse().expect(text)
}

fn parsed(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn the_first_settings_run_the_simulator_with_one_client() {
    let config = parsed(default_text());
    assert_eq!(config.api.listen, address("127.0.0.1:8080"));
    assert_eq!(config.secrets, SecretsBackend::Keyring);
    let [account] = config.accounts.as_slice() else {
        panic!("{config:?}")
    };
    assert_eq!(
        (account.name.as_str(), &account.upstream),
        ("main", &Upstream::Simulator)
    );
    let [client] = account.clients.as_slice() else {
        panic!("{account:?}")
    };
    assert_eq!(
        (client.name.as_str(), client.listen()),
        ("bot", Some(address("127.0.0.1:6700")))
    );
    let ClientKind::Forward(forward) = &client.kind else {
        panic!("{client:?}")
    };
    assert_eq!(forward.token, ListenerToken::Generated);
}

/// The first settings with some of their commented lines in force.
fn uncommented(lines: &[&str]) -> String {
    let mut text = default_text().to_owned();
    for line in lines {
        let comment = format!("\n# {line}");
        assert_eq!(text.matches(&comment).count(), 1, "{line}");
        text = text.replace(&comment, &format!("\n{line}"));
    }
    text
}

#[test]
fn the_commented_examples_of_the_first_settings_are_right() {
    let second_client = uncommented(&[
        "[[accounts.clients]]",
        "name = \"koishi\"",
        "kind = \"forward\"",
        "listen = \"127.0.0.1:6701\"",
    ]);
    assert_eq!(parsed(&second_client).accounts[0].clients.len(), 2);

    let onebot = uncommented(&[
        "kind = \"onebot\"",
        "url = \"ws://127.0.0.1:5700/\"",
        "token = { env = \"UPSTREAM_TOKEN\" }",
    ]);
    let onebot = onebot.replace("kind = \"simulator\"", "");
    assert!(matches!(
        parsed(&onebot).accounts[0].upstream,
        Upstream::Onebot(_)
    ));

    let lagrange = uncommented(&[
        "kind = \"lagrange\"",
        "uin = 123456789",
        "[[signers]]",
        "name = \"mine\"",
        "url = \"https://signer.example/api/sign/30366\"",
    ]);
    let lagrange = parsed(&lagrange.replace("kind = \"simulator\"", ""));
    let Upstream::Lagrange(upstream) = &lagrange.accounts[0].upstream else {
        panic!("{lagrange:?}")
    };
    assert_eq!(upstream.uin, Some(123_456_789));
    assert_eq!(lagrange.signers_of(upstream).len(), 1);

    let tokens: Vec<&str> = default_text()
        .lines()
        .filter(|line| line.starts_with("# token = "))
        .collect();
    assert_eq!(tokens.len(), 5);
    for line in tokens {
        let client = format!(
            "{}\n[[accounts.clients]]\nname = \"x\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\n",
            default_text()
        );
        parsed(&format!("{client}{}\n", line.trim_start_matches("# ")));
    }
}

#[test]
fn an_empty_file_is_a_node_without_accounts() {
    let config = parsed("");
    assert_eq!(config.api.listen, address("127.0.0.1:8080"));
    assert!(config.accounts.is_empty() && config.discovery.account.is_none());
    assert_eq!(
        (config.log.max_file_size, config.log.max_files),
        (10_000_000, 7)
    );
    assert_eq!(config.log.max_age, Duration::from_hours(14 * 24));
    assert_eq!(
        (config.log.level, config.log.format),
        (LogLevel::Info, None)
    );
    assert_eq!(
        (config.discovery.wait, config.discovery.pending_per_address),
        (Duration::from_secs(15), 4)
    );
    assert!(config.discovery.enabled);
}

#[test]
fn defaults_of_an_account_and_a_client() {
    let config = parsed(default_text());
    let account = &config.accounts[0];
    assert_eq!(
        (account.action_timeout, account.unsent_timeout),
        (Duration::from_mins(1), Duration::from_secs(8))
    );
    assert_eq!(account.max_frame_size, 64 << 20);
    let client = &account.clients[0];
    assert!(account.enabled && client.enabled);
    assert_eq!(
        (
            client.profile,
            client.max_connections,
            client.max_pending_actions
        ),
        (Profile::Standard, 8, 2048)
    );
    assert_eq!(client.heartbeat, Duration::from_secs(5));
    assert_eq!(
        (client.queue.events, client.queue.bytes),
        (4096, 64_000_000)
    );
    assert_eq!(client.queue.when_full, WhenFull::DropOldest);
    assert_eq!(
        (client.format, client.framework),
        (ClientFormat::AsSent, None)
    );
    assert_eq!(config.discovery.account.as_ref(), Some(&account.name));
}

#[test]
fn the_memory_of_messages_is_a_size() {
    assert_eq!(parsed(default_text()).limits.memory, 256_000_000);
    let text = format!("{}\n[limits]\nmemory = \"1GB\"\n", default_text());
    assert_eq!(parsed(&text).limits.memory, 1_000_000_000);
}

#[test]
fn the_limit_of_frames_is_a_size() {
    let text = default_text().replace(
        "[[accounts]]\n",
        "[[accounts]]\nmax-frame-size = \"200MB\"\n",
    );
    assert_eq!(parsed(&text).accounts[0].max_frame_size, 200_000_000);
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a list")]
fn everything_that_can_be_written() {
    let config = parsed(
        r#"
secrets = "file"
[api]
listen = "[::1]:9000"
allow-hosts = ["Bot.example"]
trusted-proxies = ["127.0.0.1", "::ffff:10.0.0.1", "172.16.5.0/12", "fd00::/8"]
[log]
level = "warn"
targets = { "perpetua_proxy::client" = "trace" }
format = "json"
max-file-size = "1MiB"
max-files = 3
max-age-days = 2
[discovery]
enabled = false
account = "second"
range = "18100-18110"
wait = "2s"
allow = ["192.168.1.5", "fe80::1"]
token = { env = "DISCOVERY" }
pending-per-address = 1
[[accounts]]
name = "first"
enabled = false
action-timeout = "10s"
unsent-timeout = "500ms"
upstream = { kind = "onebot", url = "wss://bot.example/ws", token = { file = "up.txt" }, uin = 9223372036854775807 }
[[accounts]]
name = "second"
upstream = { kind = "onebot-reverse", listen = "0.0.0.0:0", path = "/ws", uin = 10001 }
[[accounts.clients]]
name = "sdk"
kind = "forward"
listen = "0.0.0.0:6700"
enabled = false
token = { secret = "sdk" }
profile = "perpetua"
max-connections = 1
heartbeat = "15s"
queue-events = 100
queue-bytes = "100KB"
when-full = "disconnect"
max-pending-actions = 3
format = "string"
framework = "koishi"
"#,
    );
    assert_eq!(config.secrets, SecretsBackend::File);
    assert_eq!(config.api.allow_hosts, ["bot.example"]);
    let trusted = config.api.trusted_proxies.iter().map(ToString::to_string);
    assert_eq!(
        trusted.collect::<Vec<_>>(),
        ["127.0.0.1/32", "10.0.0.1/32", "172.16.0.0/12", "fd00::/8"]
    );
    assert_eq!(config.log.format, Some(LogFormat::Json));
    assert_eq!(
        config.log.targets["perpetua_proxy::client"],
        LogLevel::Trace
    );
    assert_eq!(
        (config.log.max_file_size, config.log.max_files),
        (1 << 20, 3)
    );
    assert!(!config.discovery.enabled);
    assert_eq!(config.discovery.range, Some(18100..=18110));
    assert_eq!(
        config.discovery.token,
        ListenerToken::From(TokenSource::Env("DISCOVERY".into()))
    );
    assert_eq!(config.discovery.allow.len(), 2);
    let [first, second] = config.accounts.as_slice() else {
        panic!("{config:?}")
    };
    let Upstream::Onebot(onebot) = &first.upstream else {
        panic!("{first:?}")
    };
    assert_eq!((onebot.url.host(), onebot.url.port()), ("bot.example", 443));
    assert_eq!(onebot.token, Some(TokenSource::File("up.txt".into())));
    let Upstream::OnebotReverse(reverse) = &second.upstream else {
        panic!("{second:?}")
    };
    assert_eq!(
        (reverse.path.as_deref(), &reverse.token),
        (Some("/ws"), &ListenerToken::Generated)
    );
    assert_eq!(
        [&first.upstream, &second.upstream].map(Upstream::uin),
        [Some(i64::MAX), Some(10_001)]
    );
    assert_eq!(config.discovery.account.as_ref(), Some(&second.name));
    let client = &second.clients[0];
    let ClientKind::Forward(forward) = &client.kind else {
        panic!("{client:?}")
    };
    assert_eq!(
        forward.token,
        ListenerToken::From(TokenSource::Secret("sdk".into()))
    );
    assert_eq!(
        (
            client.queue.events,
            client.queue.bytes,
            client.queue.when_full
        ),
        (100, 100_000, WhenFull::Disconnect)
    );
    assert_eq!(
        (
            client.heartbeat,
            client.max_connections,
            client.max_pending_actions
        ),
        (Duration::from_secs(15), 1, 3)
    );
    assert_eq!(client.format, ClientFormat::String);
    assert_eq!(client.framework, Some(Framework::Koishi));
}

/// Two ways to one account end nothing: only two cores of one account end each other's session.
#[test]
fn several_upstreams_may_serve_one_account() {
    let upstream = |name: &str, rest: &str| {
        format!("[[accounts]]\nname = \"{name}\"\nupstream = {{ {rest}, uin = 10001 }}\n")
    };
    let text = [
        upstream("a", "kind = \"onebot\", url = \"ws://127.0.0.1:1/\""),
        upstream("b", "kind = \"onebot-reverse\", listen = \"127.0.0.1:0\""),
        upstream("c", "kind = \"lagrange\""),
    ];
    let config = parsed(&text.concat());
    let uins = config.accounts.iter().map(|account| account.upstream.uin());
    assert_eq!(uins.collect::<Vec<_>>(), [Some(10_001); 3]);
    let simulator = parsed(default_text());
    assert_eq!(simulator.accounts[0].upstream.uin(), None);
}

/// A client that is dialled, with these lines.
fn dialled(lines: &str) -> String {
    format!(
        "[[accounts]]\nname = \"a\"\nupstream = {{ kind = \"simulator\" }}\n[[accounts.clients]]\nname = \"astrbot\"\nkind = \"reverse\"\n{lines}\n"
    )
}

#[test]
fn a_client_may_be_one_that_is_dialled() {
    let url = "url = \"wss://bot.example/ws?x=1\"";
    for (token, sent) in [
        ("", None),
        ("token = \"off\"", None),
        (
            "token = { secret = \"astrbot\" }",
            Some(TokenSource::Secret("astrbot".into())),
        ),
    ] {
        let config = parsed(&dialled(&format!("{url}\n{token}\nqueue-events = 100")));
        let client = &config.accounts[0].clients[0];
        let ClientKind::Reverse(reverse) = &client.kind else {
            panic!("{client:?}")
        };
        assert_eq!(reverse.first.url.to_string(), "wss://bot.example/ws?x=1");
        assert_eq!(reverse.first.token, sent);
        assert_eq!((client.listen(), client.max_connections), (None, 1));
        assert_eq!(client.queue.events, 100);
    }
}

#[test]
fn whom_a_client_that_is_dialled_has_to_be() {
    let pin = "ab".repeat(32);
    for (lines, trust) in [
        (
            format!("pin-sha256 = \"{pin}\""),
            Trust::Certificate(Fingerprint([0xAB; 32])),
        ),
        (
            "ca-file = \"own/ca.pem\"".to_owned(),
            Trust::Authorities("own/ca.pem".into()),
        ),
    ] {
        let config = parsed(&dialled(&format!("url = \"wss://192.0.2.7/\"\n{lines}")));
        let client = &config.accounts[0].clients[0];
        let ClientKind::Reverse(reverse) = &client.kind else {
            panic!("{client:?}")
        };
        assert_eq!(reverse.trust, Some(trust));
    }
}

#[test]
fn a_client_may_call_over_http() {
    let of = |lines: &str| {
        let settings = dialled(&format!("listen = \"127.0.0.1:5701\"\n{lines}"));
        let config = parsed(&settings.replace("\"reverse\"", "\"http\""));
        config.accounts[0].clients[0].clone()
    };
    for (lines, token, connections) in [
        ("", ListenerToken::Generated, 256),
        ("token = \"off\"", ListenerToken::Off, 256),
        ("max-connections = 3", ListenerToken::Generated, 3),
    ] {
        let client = of(lines);
        let ClientKind::Http(http) = &client.kind else {
            panic!("{client:?}")
        };
        assert_eq!((&http.token, client.max_connections), (&token, connections));
        assert_eq!(client.listen(), Some(http.listen));
        assert_eq!(client.listener_token(), Some(&token));
        assert_eq!((client.dialled().len(), client.sent_token()), (0, None));
        assert_eq!(client.kind.word(), "http");
    }
}

#[test]
fn what_a_client_that_is_dialled_cannot_have_is_told() {
    let url = "url = \"ws://127.0.0.1:6199/ws\"";
    let secure = "url = \"wss://127.0.0.1:6199/ws\"";
    for (lines, words) in [
        (&*format!("{url}\npin-sha256 = \"00\""), "`wss://`"),
        (&format!("{url}\nca-file = \"ca.pem\""), "`wss://`"),
        (
            &format!("{secure}\npin-sha256 = \"00\""),
            "64 hexadecimal digits",
        ),
        (
            &format!(
                "{secure}\npin-sha256 = \"{}\"\nca-file = \"ca.pem\"",
                "ab".repeat(32)
            ),
            "not both",
        ),
        ("", "`url` is missing"),
        ("url = \"http://127.0.0.1:6199/\"", "`ws://`"),
        ("url = \"ws://127.0.0.1/?access_token=x\"", "token"),
        (&format!("{url}\nlisten = \"127.0.0.1:0\""), "`listen`"),
        (&format!("{url}\nmax-connections = 2"), "`max-connections`"),
        (&format!("{url}\ntoken = \"s3cret\""), "token"),
    ] {
        let refused = parse(&dialled(lines)).expect_err(lines).to_string();
        assert!(refused.contains(words), "{lines}: {refused}");
        assert!(!refused.contains("s3cret"), "{refused}");
    }
}

#[test]
fn an_upstream_may_be_expected_at_any_path() {
    for path in [
        "/",
        "/onebot/v11/ws/",
        "//ws",
        "/机器人",
        "/a b",
        "/%E6%9C%BA",
        "/\\\"<>",
    ] {
        let text = format!(
            "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\npath = '{path}'\n"
        );
        let config = parsed(&text);
        let Upstream::OnebotReverse(reverse) = &config.accounts[0].upstream else {
            panic!("{config:?}")
        };
        assert_eq!(reverse.path.as_deref(), Some(path));
    }
}

#[test]
fn carriage_returns_and_a_byte_order_mark_as_windows_editors_write_them() {
    let windows = format!("\u{feff}{}", default_text().replace('\n', "\r\n"));
    assert_eq!(parsed(&windows), parsed(default_text()));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
    }

    /// Texts that are nearly right reach the readers, where random ones stop at the syntax.
    #[test]
    fn no_damaged_settings_make_it_panic(at in 0usize..4000, length in 0usize..40, put in "[\\[\\]{}\"'=.,#\n a-z0-9我-]{0,6}") {
        let mut text: Vec<char> = default_text().chars().collect();
        let start = at.min(text.len());
        let end = (start + length).min(text.len());
        text.splice(start..end, put.chars());
        if let Err(problems) = parse(&text.into_iter().collect::<String>()) {
            prop_assert!(problems.as_slice().iter().all(|problem| problem.line >= 1 && problem.column >= 1));
        }
    }
}
