//! Whom a change of the network lets in or locks out, and whether the next start can listen.

use std::net::{SocketAddr, TcpListener};

use perpetua_schema::{
    ErrorCode, Framework, MAX_SETTINGS_BYTES, NetworkChange, NetworkEdit, NetworkRead,
    SettingsRead, SettingsWrite, Status,
};

use super::{SETTINGS, done, new_client, refused, started, text};

const NAMED: &str = "allow-hosts = [\"bot.example.com\", \"my.example\"]";

fn named() -> String {
    SETTINGS.replace("# any", &format!("# any\n{NAMED}"))
}

fn write(text: &str) -> SettingsWrite {
    SettingsWrite {
        text: text.into(),
        ..SettingsWrite::default()
    }
}

fn listening(address: &str) -> NetworkEdit {
    NetworkEdit {
        change: NetworkChange {
            listen: Some(address.into()),
            ..NetworkChange::default()
        },
        opens: true,
        ..NetworkEdit::default()
    }
}

#[tokio::test]
async fn the_name_by_which_a_page_was_opened_goes_only_with_thought() {
    let (place, node) = started(&named()).await;
    let edit = |hosts: &[&str], keeps: Option<&str>| NetworkEdit {
        change: NetworkChange {
            hosts: Some(hosts.iter().map(ToString::to_string).collect()),
            ..NetworkChange::default()
        },
        keeps_host: keeps.map(Into::into),
        ..NetworkEdit::default()
    };
    for hosts in [&[][..], &["bot.exmaple.com", "my.example"][..]] {
        let error = refused(&node, edit(hosts, Some("Bot.Example.com"))).await;
        assert_eq!(error.message.code, "edit.locks_out");
        assert!(error.message.to_string().contains("bot.example.com"));
    }
    let without = SettingsWrite {
        keeps_host: Some("bot.example.com".into()),
        ..write(SETTINGS)
    };
    let error = refused(&node, without.clone()).await;
    assert_eq!(error.message.code, "edit.locks_out");
    assert_eq!(text(&place), named());

    // Another name may go, and one that never was here locks nobody out.
    done(&node, edit(&["bot.example.com"], Some("bot.example.com"))).await;
    let elsewhere = SettingsWrite {
        keeps_host: Some("tauri.localhost".into()),
        ..write(&named())
    };
    done(&node, elsewhere).await;
    done(&node, edit(&["my.example"], None)).await;
    assert_eq!(done(&node, NetworkRead {}).await.hosts, ["my.example"]);
    node.drain().await;
}

#[tokio::test]
async fn a_text_that_lets_others_in_is_written_only_with_thought() {
    let (place, node) = started(SETTINGS).await;
    let open = SETTINGS.replace("127.0.0.1:0", "0.0.0.0:0");
    let error = refused(&node, write(&open)).await;
    assert_eq!(error.message.code, "edit.opens_to_others");
    assert_eq!(text(&place), SETTINGS);
    let agreed = SettingsWrite {
        opens: true,
        ..write(&open)
    };
    done(&node, agreed).await;
    // It is open already.
    done(&node, write(&open.replace("# any", "# all"))).await;
    assert!(text(&place).contains("0.0.0.0:0\" # all"));
    node.drain().await;
}

#[tokio::test]
async fn an_address_with_which_the_next_start_would_fail_is_not_saved() {
    let (place, node) = started(SETTINGS).await;
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("bound").to_string();
    let ours: SocketAddr = {
        let api = done(&node, Status {}).await.api;
        let api = api.strip_prefix("http://").unwrap_or(&api);
        api.parse().expect("an address")
    };
    for (address, codes) in [
        ("192.0.2.7:8099", &["edit.not_our_address"][..]),
        // Where we hold the port, its address is still looked at.
        (
            &format!("192.0.2.7:{}", ours.port()),
            &["edit.not_our_address"],
        ),
        (&taken, &["port.in_use", "port.in_use_by_us"]),
    ] {
        let error = refused(&node, listening(address)).await;
        assert!(codes.contains(&&*error.message.code), "{error}");
        let whole = SettingsWrite {
            opens: true,
            ..write(&SETTINGS.replace("127.0.0.1:0", address))
        };
        let error = refused(&node, whole).await;
        assert!(codes.contains(&&*error.message.code), "{error}");
    }
    assert_eq!(text(&place), SETTINGS);
    // Our own port is free for us.
    for address in [ours.to_string(), format!("0.0.0.0:{}", ours.port())] {
        done(&node, listening(&address)).await;
        assert_eq!(done(&node, NetworkRead {}).await.listen, address);
    }
    node.drain().await;
}

#[tokio::test]
async fn settings_up_to_the_limit_are_saved_and_read_again_and_longer_ones_are_refused() {
    let (place, node) = started(SETTINGS).await;
    let filled = |length: usize| {
        let begun = format!("{SETTINGS}# ");
        let missing = length - begun.len();
        begun + &"x".repeat(missing)
    };
    let longest = filled(MAX_SETTINGS_BYTES);
    done(&node, write(&longest)).await;
    let read = done(&node, SettingsRead {}).await.text;
    assert!(read == longest);
    let mut shorter = write(SETTINGS);
    shorter.instead_of = Some(read);
    let error = refused(&node, write(&filled(MAX_SETTINGS_BYTES + 1))).await;
    assert_eq!(error.code, ErrorCode::InvalidSettings);
    assert_eq!(error.message.code, "node.settings_text_too_large");
    // What grows by a typed change is held to the same.
    let error = refused(&node, new_client(Framework::Koishi)).await;
    assert_eq!(error.message.code, "node.settings_text_too_large");
    assert!(text(&place) == longest && place.keyring.names().is_empty());
    done(&node, shorter).await;
    assert_eq!(text(&place), SETTINGS);
    node.drain().await;
}
