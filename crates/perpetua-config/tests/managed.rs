//! The managed core, its signers, its accounts and its hooks: what good settings resolve to.

use std::time::Duration;

use perpetua_config::{
    AddressSource, Config, CoreInstallSettings, CoreSource, Hook, HttpUrl, LagrangeUpstream, Name,
    Protocol, ProxySource, SignThrough, TokenSource, Upstream, parse,
};

/// A managed account with nothing but what it must have.
const ACCOUNT: &str = r#"[[accounts]]
name = "main"
[accounts.upstream]
kind = "lagrange"
"#;

fn parsed(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems}"))
}

fn lagrange(config: &Config) -> &LagrangeUpstream {
    match &config.accounts[0].upstream {
        Upstream::Lagrange(upstream) => upstream,
        other => panic!("{other:?}"),
    }
}

fn url(text: &str) -> HttpUrl {
    HttpUrl::new(text).expect(text)
}

fn name(text: &str) -> Name {
    Name::new(text).expect(text)
}

#[test]
fn a_managed_account_needs_nothing_but_its_kind() {
    let config = parsed(ACCOUNT);
    assert_eq!(config.core, CoreInstallSettings::default());
    assert!(config.signers.is_empty() && config.notify.is_empty());
    assert_eq!(
        *lagrange(&config),
        LagrangeUpstream {
            uin: None,
            protocol: Protocol::Linux,
            signers: None,
            sign_proxy: None,
            sign_through: SignThrough::Node,
            sign_patience: Duration::from_secs(5),
            auto_start: true,
            memory_limit: None,
            memory_limit_written: None,
            start_timeout: Duration::from_mins(1),
            log_messages: false,
        }
    );
}

#[test]
fn the_core_is_installed_from_its_own_release_unless_said_otherwise() {
    let core = parsed("").core;
    assert!(core.auto_install && core.proxy.is_none());
    assert_eq!(core.check_every, Some(Duration::from_hours(24)));
    assert_eq!(
        core.sources,
        [CoreSource::Github {
            api: url("https://api.github.com"),
            repository: "LagrangeDev/Lagrange.Core".into(),
            tag: "nightly".into(),
            asset: "Lagrange.OneBot_{rid}_net*_SelfContained.{archive}".into(),
        }]
    );
    assert_eq!(
        parsed("[[core.sources]]\nkind = \"github\"\n").core.sources,
        core.sources
    );
    assert_eq!(parsed("[core]\nsources = []\n").core.sources, []);
}

#[test]
fn everything_of_the_core_and_its_sources() {
    let core = parsed(
        r#"
[core]
auto-install = false
check-every = "0s"
proxy = "http://127.0.0.1:7890"
[[core.sources]]
kind = "local"
path = "downloads"
[[core.sources]]
kind = "mirror"
prefix = "https://proxy.example/"
[[core.sources]]
kind = "github"
api = "http://127.0.0.1:9000/api"
repository = "me/core"
tag = "v1.2+3"
asset = "core-{rid}.{archive}"
[[core.sources]]
kind = "index"
url = "https://host.example/core.json"
"#,
    )
    .core;
    assert!(!core.auto_install);
    assert_eq!(core.check_every, None);
    assert_eq!(
        core.proxy,
        Some(ProxySource::Plain(url("http://127.0.0.1:7890")))
    );
    assert_eq!(
        core.sources,
        [
            CoreSource::Local {
                path: "downloads".into()
            },
            CoreSource::Mirror {
                prefix: url("https://proxy.example/")
            },
            CoreSource::Github {
                api: url("http://127.0.0.1:9000/api"),
                repository: "me/core".into(),
                tag: "v1.2+3".into(),
                asset: "core-{rid}.{archive}".into(),
            },
            CoreSource::Index {
                url: url("https://host.example/core.json")
            },
        ]
    );
}

#[test]
fn everything_of_an_account_its_signers_and_the_hooks() {
    let config = parsed(
        r#"
notify = [{ post = "https://hook.example/a", token = { env = "HOOK" } }, { post = { secret = "hook" } }]
[core]
proxy = { env = "PROXY" }
check-every = "7d"
[[accounts]]
name = "main"
[accounts.upstream]
kind = "lagrange"
uin = 4294967295
protocol = "macos"
signers = ["second", "first"]
sign-proxy = { file = "proxy.txt" }
sign-through = "core"
sign-patience = "1m"
auto-start = false
memory-limit = "1GB"
start-timeout = "5s"
log-messages = true
[[signers]]
name = "first"
url = "https://signer.example/api/sign/30366/"
[[signers]]
name = "second"
url = { secret = "signer" }
[[signers]]
name = "unused"
url = "http://127.0.0.1:1"
"#,
    );
    assert_eq!(
        config.notify,
        [
            Hook {
                post: AddressSource::Plain(url("https://hook.example/a")),
                token: Some(TokenSource::Env("HOOK".into())),
            },
            Hook {
                post: AddressSource::From(TokenSource::Secret("hook".into())),
                token: None,
            },
        ]
    );
    assert_eq!(
        config.core.proxy,
        Some(ProxySource::From(TokenSource::Env("PROXY".into())))
    );
    assert_eq!(config.core.check_every, Some(Duration::from_hours(7 * 24)));
    let upstream = lagrange(&config);
    assert_eq!(
        *upstream,
        LagrangeUpstream {
            uin: Some(4_294_967_295),
            protocol: Protocol::Macos,
            signers: Some(vec![name("second"), name("first")]),
            sign_proxy: Some(ProxySource::From(TokenSource::File("proxy.txt".into()))),
            sign_through: SignThrough::Core,
            sign_patience: Duration::from_mins(1),
            auto_start: false,
            memory_limit: Some(1_000_000_000),
            memory_limit_written: None,
            start_timeout: Duration::from_secs(5),
            log_messages: true,
        }
    );
    let used: Vec<&AddressSource> = config
        .signers_of(upstream)
        .into_iter()
        .map(|signer| &signer.url)
        .collect();
    assert_eq!(
        used,
        [
            &AddressSource::From(TokenSource::Secret("signer".into())),
            &AddressSource::Plain(url("https://signer.example/api/sign/30366/")),
        ]
    );
    assert_eq!(config.signers_of(&LagrangeUpstream::default()).len(), 3);
}

#[test]
fn both_ways_of_writing_a_list_say_the_same() {
    let tables =
        "[[notify]]\npost = \"https://a.example/\"\n[[notify]]\npost = \"https://b.example/\"\n";
    let inline =
        "notify = [{ post = \"https://a.example/\" }, { post = \"https://b.example/\" }]\n";
    assert_eq!(parsed(tables), parsed(inline));
}

#[test]
fn nobody_looks_for_a_core_that_no_enabled_account_needs() {
    let account = |name: &str, rest: &str| format!("[[accounts]]\nname = \"{name}\"\n{rest}\n");
    let simulator = account("sim", "upstream = { kind = \"simulator\" }");
    let lagrange = account("main", "upstream = { kind = \"lagrange\" }");
    let disabled = account(
        "main",
        "enabled = false\nupstream = { kind = \"lagrange\" }",
    );
    let written = "[core]\ncheck-every = \"2h\"\nauto-install = false\n";
    for (accounts, looks) in [
        (String::new(), None),
        (simulator.clone(), None),
        (disabled, None),
        (lagrange.clone(), Some(Duration::from_hours(2))),
        (simulator + &lagrange, Some(Duration::from_hours(2))),
    ] {
        let config = parsed(&format!("{written}{accounts}"));
        let expected = CoreInstallSettings {
            check_every: looks,
            ..config.core.clone()
        };
        assert_eq!(config.core_install(), expected, "{accounts}");
    }
}

#[test]
fn a_memory_limit_that_no_core_can_live_in_is_raised_and_said() {
    for (written, used, said) in [
        ("0B", None, None),
        ("0MB", None, None),
        ("0GB", None, None),
        ("1B", Some(250_000_000), Some("1 MB")),
        ("1MB", Some(250_000_000), Some("1 MB")),
        ("100MB", Some(250_000_000), Some("100 MB")),
        ("249999KB", Some(250_000_000), Some("250 MB")),
        ("250MB", Some(250_000_000), None),
        ("1GB", Some(1_000_000_000), None),
    ] {
        let config = parsed(&format!(
            "[[accounts]]\nname = \"main\"\n[accounts.upstream]\nkind = \"lagrange\"\nmemory-limit = \"{written}\"\n"
        ));
        let upstream = lagrange(&config);
        assert_eq!(upstream.memory_limit, used, "{written}");
        let remark = upstream.remark().map(|remark| remark.to_string());
        match said {
            None => assert_eq!(remark, None, "{written}"),
            Some(said) => {
                let remark = remark.expect("it is said");
                assert!(
                    remark.contains(said) && remark.contains("250 MB"),
                    "{remark}"
                );
            }
        }
    }
}
