//! The settings of the network.

use perpetua_schema::{
    ErrorCode, NetworkChange, NetworkEdit, NetworkRead, PortCheck, PortState, ProxyKept,
    ProxyShown, SettingsRead, SettingsWrite, SignProxy,
};

use super::{SETTINGS, done, refused, started, text};

fn change(change: NetworkChange) -> NetworkEdit {
    NetworkEdit {
        change,
        ..NetworkEdit::default()
    }
}

fn listening(address: &str, opens: bool) -> NetworkEdit {
    NetworkEdit {
        opens,
        ..change(NetworkChange {
            listen: Some(address.into()),
            ..NetworkChange::default()
        })
    }
}

fn downloading(proxy: &str) -> NetworkEdit {
    change(NetworkChange {
        download_proxy: Some(proxy.into()),
        ..NetworkChange::default()
    })
}

fn signing(proxy: &str) -> NetworkEdit {
    change(NetworkChange {
        sign_proxy: Some(proxy.into()),
        ..NetworkChange::default()
    })
}

/// Two accounts with a core, which do not start.
fn with_cores() -> String {
    let lagrange = "upstream = { kind = \"lagrange\", auto-start = false } # built in\n\n\
                    [[accounts]]\nname = \"second\"\n\
                    upstream = { kind = \"lagrange\", auto-start = false, sign-proxy = \"http://127.0.0.1:3\" }";
    SETTINGS.replace("upstream = { kind = \"simulator\" } # built in", lagrange)
}

#[tokio::test]
async fn each_setting_is_changed_and_given_back() {
    let (place, node) = started(SETTINGS).await;
    let before = done(&node, NetworkRead {}).await;
    assert_eq!((&*before.listen, before.hosts.len()), ("127.0.0.1:0", 0));
    assert_eq!(
        (before.download_proxy.clone(), before.lease_ports.clone()),
        (None, None)
    );
    let all = NetworkChange {
        listen: Some("127.0.0.1:8099".into()),
        hosts: Some(vec![" Bot.Example.com ".into(), String::new()]),
        download_proxy: Some("127.0.0.1:7890".into()),
        sign_proxy: None,
        lease_ports: Some("18100-18110".into()),
    };
    let edited = done(&node, change(all)).await;
    let after = done(&node, NetworkRead {}).await;
    assert_eq!(after.listen, "127.0.0.1:8099");
    assert_eq!(after.hosts, ["bot.example.com"]);
    let proxy = ProxyShown {
        address: "http://127.0.0.1:7890".into(),
        kept: ProxyKept::Settings,
    };
    assert_eq!(after.download_proxy, Some(proxy));
    assert_eq!(after.lease_ports.as_deref(), Some("18100-18110"));
    let pending = &edited.applied.pending;
    assert_eq!(pending.len(), 1, "{pending:?}");
    assert_eq!(pending[0].code, "node.needs_restart");
    assert!(text(&place).contains("# any"));

    done(&node, change(edited.undo.expect("no secret"))).await;
    assert_eq!(done(&node, NetworkRead {}).await, before);
    node.drain().await;
}

#[tokio::test]
async fn an_address_for_others_is_taken_only_with_thought() {
    let (place, node) = started(SETTINGS).await;
    for address in ["192.0.2.7:8099", "8.8.8.8:28099", "[fe80::1]:1"] {
        let error = refused(&node, listening(address, false)).await;
        assert_eq!(error.message.code, "edit.not_our_address", "{address}");
        let check = PortCheck {
            listen: address.into(),
            account: None,
            client: None,
        };
        let state = done(&node, check).await.state;
        assert!(
            matches!(&state, PortState::Unusable { problem } if problem.code == "edit.not_our_address"),
            "{state:?}"
        );
    }
    for address in ["0.0.0.0:0", "[::]:0"] {
        let error = refused(&node, listening(address, false)).await;
        assert_eq!(error.message.code, "edit.opens_to_others", "{address}");
    }
    assert_eq!(text(&place), SETTINGS);
    let edited = done(&node, listening("0.0.0.0:0", true)).await;
    assert!(text(&place).contains("listen = \"0.0.0.0:0\" # any"));
    assert!(edited.undo.is_some());
    done(&node, listening("[::]:0", false)).await;
    done(&node, listening("8098", false)).await;
    assert_eq!(done(&node, NetworkRead {}).await.listen, "127.0.0.1:8098");
    // Each further change waits for the next start as the first one did.
    for port in ["8097", "[::ffff:127.0.0.1]:8096"] {
        let pending = done(&node, listening(port, false)).await.applied.pending;
        let codes: Vec<_> = pending.iter().map(|one| &*one.code).collect();
        assert_eq!(codes, ["node.needs_restart"], "{port}");
    }
    assert_eq!(done(&node, NetworkRead {}).await.listen, "127.0.0.1:8096");
    node.drain().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_nothing_is_written() {
    let (place, node) = started(SETTINGS).await;
    let hosts = change(NetworkChange {
        hosts: Some(vec!["https://bot.example.com/".into()]),
        ..NetworkChange::default()
    });
    let ports = |range: &str| {
        change(NetworkChange {
            lease_ports: Some(range.into()),
            ..NetworkChange::default()
        })
    };
    for (call, code) in [
        (listening("bot.example.com:80", true), "edit.listen_address"),
        (listening("", true), "edit.listen_address"),
        (hosts, "config.expected"),
        (ports("many"), "config.expected"),
        (ports("9-3"), "config.expected"),
        (downloading("https://127.0.0.1:1"), "config.expected"),
        (downloading("socks5://127.0.0.1:1"), "config.url_scheme"),
        (
            downloading("socks5://me:hunter2@127.0.0.1:1"),
            "config.url_scheme",
        ),
        (signing("127.0.0.1:1"), "edit.no_core_account"),
    ] {
        let error = refused(&node, call.clone()).await;
        assert_eq!(error.message.code, code, "{call:?}");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
    assert_eq!(text(&place), SETTINGS);
    assert!(place.keyring.names().is_empty());
    node.drain().await;
}

#[tokio::test]
async fn a_proxy_with_a_password_is_kept_in_the_store() {
    let (place, node) = started(SETTINGS).await;
    place.keyring.set_absent(true);
    let error = refused(&node, downloading("me:hunter2@127.0.0.1:7890")).await;
    assert_eq!(error.message.code, "secret.keyring_absent");
    assert_eq!(text(&place), SETTINGS);
    place.keyring.set_absent(false);

    let edited = done(&node, downloading("me:hunter2@127.0.0.1:7890")).await;
    assert_eq!(edited.undo, None);
    assert_eq!(place.keyring.names(), ["named/download-proxy"]);
    let shown = done(&node, NetworkRead {}).await.download_proxy;
    let expected = ProxyShown {
        address: "download-proxy".into(),
        kept: ProxyKept::Store,
    };
    assert_eq!(shown, Some(expected));
    let read = done(&node, SettingsRead {}).await.text;
    assert!(!read.contains("hunter2"), "{read}");

    done(&node, downloading("")).await;
    assert!(place.keyring.names().is_empty());
    assert_eq!(done(&node, NetworkRead {}).await.download_proxy, None);
    node.drain().await;
}

#[tokio::test]
async fn the_proxy_to_signers_is_that_of_all_accounts_with_a_core() {
    let (place, node) = started(&with_cores()).await;
    assert_eq!(
        done(&node, NetworkRead {}).await.sign_proxy,
        SignProxy::Different
    );
    let edited = done(&node, signing("http://127.0.0.1:7890")).await;
    assert_eq!(edited.undo, None);
    assert_eq!(
        text(&place)
            .matches("sign-proxy = \"http://127.0.0.1:7890\"")
            .count(),
        2
    );
    let edited = done(&node, signing("")).await;
    assert!(!text(&place).contains("sign-proxy"));
    let same = SignProxy::Same { proxy: None };
    assert_eq!(done(&node, NetworkRead {}).await.sign_proxy, same);
    done(&node, change(edited.undo.expect("no secret"))).await;
    assert_eq!(text(&place).matches("sign-proxy").count(), 2);
    node.drain().await;
}

#[tokio::test]
async fn what_was_changed_elsewhere_meanwhile_is_not_changed_unseen() {
    let (place, node) = started(SETTINGS).await;
    let seen = NetworkChange {
        download_proxy: Some(String::new()),
        ..NetworkChange::default()
    };
    let first = NetworkEdit {
        instead_of: Some(seen.clone()),
        ..downloading("http://127.0.0.1:1")
    };
    done(&node, first).await;
    let before = text(&place);
    let second = NetworkEdit {
        instead_of: Some(seen),
        ..downloading("http://127.0.0.1:2")
    };
    let error = refused(&node, second).await;
    assert_eq!(error.code, ErrorCode::Conflict);
    assert_eq!(error.message.code, "edit.changed_meanwhile");
    assert_eq!(text(&place), before);
    // Another setting is none of it.
    let other = NetworkChange {
        lease_ports: Some(String::new()),
        ..NetworkChange::default()
    };
    let third = NetworkEdit {
        instead_of: Some(other),
        ..change(NetworkChange {
            lease_ports: Some("18100-18110".into()),
            ..NetworkChange::default()
        })
    };
    done(&node, third).await;
    node.drain().await;
}

#[tokio::test]
async fn sources_without_a_section_of_their_own_are_no_reason_to_write_nothing() {
    let settings = SETTINGS.to_owned() + "\n[[core.sources]]\nkind = \"github\"\n";
    let (place, node) = started(&settings).await;
    done(&node, downloading("http://127.0.0.1:1")).await;
    assert!(text(&place).contains("[core]\nproxy = \"http://127.0.0.1:1\""));
    node.drain().await;
}

#[tokio::test]
async fn what_was_kept_elsewhere_is_not_given_back_as_an_address() {
    for (source, kept) in [
        ("{ env = \"MY_PROXY\" }", ProxyKept::Environment),
        ("{ file = \"proxy.txt\" }", ProxyKept::File),
        ("{ secret = \"shared\" }", ProxyKept::Store),
    ] {
        let hook = "\n[[notify]]\npost = { secret = \"shared\" }\n";
        let settings = with_cores()
            .replace("\"http://127.0.0.1:3\"", source)
            .replace(
                "auto-start = false } # built in",
                &format!("auto-start = false, sign-proxy = {source} }}"),
            )
            + &format!("\n[core]\nproxy = {source}\n")
            + hook;
        let (place, node) = started(&settings).await;
        let shown = done(&node, NetworkRead {}).await;
        assert_eq!(shown.download_proxy.map(|proxy| proxy.kept), Some(kept));
        for edit in [
            downloading("http://127.0.0.1:1"),
            signing("http://127.0.0.1:1"),
        ] {
            assert_eq!(done(&node, edit).await.undo, None, "{source}");
        }
        assert!(!text(&place).contains(&format!("proxy = {source}")));
        node.drain().await;
    }
}

#[tokio::test]
async fn a_proxy_of_the_owners_own_secret_is_replaced_and_the_secret_stays() {
    let settings = SETTINGS.to_owned() + "\n[core]\nproxy = { secret = \"signer-proxy-x\" }\n";
    let (place, node) = started(&settings).await;
    let own = perpetua_secrets::Secret::new("http://me:hunter2@127.0.0.1:1").expect("a secret");
    place.keyring.store("named/signer-proxy-x", own);
    let edited = done(&node, downloading("")).await;
    assert_eq!(place.keyring.names(), ["named/signer-proxy-x"]);
    let said: Vec<_> = edited
        .applied
        .pending
        .iter()
        .map(|one| &*one.code)
        .collect();
    assert_eq!(said, ["edit.secret_kept"]);
    node.drain().await;
}

#[tokio::test]
async fn names_of_hosts_are_names_that_hosts_can_have() {
    let (place, node) = started(SETTINGS).await;
    let hosts = |hosts: Vec<String>| {
        change(NetworkChange {
            hosts: Some(hosts),
            ..NetworkChange::default()
        })
    };
    let long = "a".repeat(64);
    let longer = ["a".repeat(63).as_str(); 4].join(".");
    for bad in [
        "a..b", ".", "-a", "a-.b", "a_b", "a b", &long, &longer, "a:80", "名",
    ] {
        let error = refused(&node, hosts(vec![bad.into()])).await;
        assert_eq!(error.message.code, "config.expected", "{bad}");
    }
    let error = refused(&node, hosts(vec!["a.b".into(), " A.B".into()])).await;
    assert_eq!(error.message.code, "config.listed_twice");
    let names = |count: u32| (0..count).map(|number| format!("h{number}")).collect();
    let error = refused(&node, hosts(names(65))).await;
    assert_eq!(error.message.code, "edit.too_many_hosts");
    assert_eq!(text(&place), SETTINGS);
    done(&node, hosts(names(64))).await;
    done(&node, hosts(vec!["a".repeat(63), "x-1.example".into()])).await;
    node.drain().await;
}

#[tokio::test]
async fn ports_of_which_none_is_left_are_not_leased() {
    let (_place, node) = started(SETTINGS).await;
    let leasing = |listen: Option<&str>, range: Option<&str>| {
        change(NetworkChange {
            listen: listen.map(Into::into),
            lease_ports: range.map(Into::into),
            ..NetworkChange::default()
        })
    };
    let error = refused(&node, leasing(Some("28100"), Some("28100-28100"))).await;
    assert_eq!(error.message.code, "edit.no_free_port");
    done(&node, leasing(None, Some("+28100-28100"))).await;
    let shown = done(&node, NetworkRead {}).await.lease_ports;
    assert_eq!(shown.as_deref(), Some("28100-28100"));
    let error = refused(&node, leasing(Some("28100"), None)).await;
    assert_eq!(error.message.code, "edit.no_free_port");
    done(&node, leasing(Some("28100"), Some(" +28100 - 28101"))).await;
    let shown = done(&node, NetworkRead {}).await.lease_ports;
    assert_eq!(shown.as_deref(), Some("28100-28101"));
    node.drain().await;
}

#[tokio::test]
async fn nor_are_they_written_in_a_whole_text() {
    let bot = "[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:28201\"\nenabled = false\n";
    let with = |listen: &str, range: &str| {
        let text = SETTINGS.replace("127.0.0.1:0", listen);
        format!("{text}{bot}\n[discovery]\nrange = \"{range}\"\n")
    };
    let write = |text: String| SettingsWrite {
        text,
        ..SettingsWrite::default()
    };
    let (place, node) = started(SETTINGS).await;
    for (listen, range) in [
        ("127.0.0.1:0", "28201-28201"),
        ("127.0.0.1:28200", "28200-28201"),
        ("127.0.0.1:28202", "28201-28202"),
    ] {
        let error = refused(&node, write(with(listen, range))).await;
        assert_eq!(error.message.code, "edit.no_free_port", "{range}");
        assert_eq!(text(&place), SETTINGS);
    }
    done(&node, write(with("127.0.0.1:28200", "28200-28202"))).await;
    node.drain().await;
}

#[tokio::test]
async fn a_fault_of_a_proxy_is_no_fault_of_a_signer() {
    let (place, node) = started(&with_cores()).await;
    let before = text(&place);
    let proxy = "http://me:hunter2@127.0.0.1:1/#x";
    for edit in [downloading(proxy), signing(proxy)] {
        let error = refused(&node, edit).await;
        assert_eq!(error.message.code, "config.proxy_fragment");
        assert!(!error.message.to_string().contains("hunter2"));
    }
    assert_eq!(text(&place), before);
    node.drain().await;
}
