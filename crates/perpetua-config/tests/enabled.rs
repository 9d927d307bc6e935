//! A client that is disabled and enabled in the text by [`perpetua_config::edit`].

use perpetua_config::edit::{EditError, set_client_enabled};
use perpetua_config::{Name, default_text, parse};

fn name(text: &str) -> Name {
    Name::new(text).expect(text)
}

fn set(text: &str, enabled: bool) -> String {
    set_client_enabled(text, &name("main"), &name("bot"), enabled).expect(text)
}

/// Whether the first client of the first account is enabled.
#[track_caller]
fn is_enabled(text: &str) -> bool {
    let config = parse(text).unwrap_or_else(|problems| panic!("{problems}\nfor\n{text}"));
    config.accounts[0].clients[0].enabled
}

const CLIENT: &str =
    "[[accounts]]\nname='main'\nupstream.kind='simulator'\n  [[accounts.clients]]\n";

#[test]
fn one_line_is_added_and_nothing_else_is_changed() {
    for (before, after) in [
        (
            "  name = \"bot\" # 我的\n  kind = \"forward\"\n  listen = \"127.0.0.1:0\"",
            "  name = \"bot\" # 我的\n  enabled = false\n  kind = \"forward\"\n  listen = \"127.0.0.1:0\"",
        ),
        (
            "listen='127.0.0.1:0'\nkind='forward'\nname='bot'",
            "listen='127.0.0.1:0'\nkind='forward'\nname='bot'\nenabled = false",
        ),
        (
            "name='bot'\nenabled  =  true # yes\nlisten='127.0.0.1:0'\nkind='forward'\n\n",
            "name='bot'\nenabled  =  false # yes\nlisten='127.0.0.1:0'\nkind='forward'\n\n",
        ),
    ] {
        for (start, line_end) in [("", "\n"), ("", "\r\n"), ("\u{feff}", "\r\n")] {
            let whole = |end: &str| format!("{start}{CLIENT}{end}").replace('\n', line_end);
            let (before, after) = (whole(before), whole(after));
            assert_eq!(set(&before, false), after);
            assert!(is_enabled(&before) && !is_enabled(&after), "{after}");
            assert_eq!(set(&after, false), after, "a second time");
        }
    }
}

#[test]
fn in_one_value_too() {
    let text = |client: &str| {
        format!(
            "accounts = [ # 注\r\n  {{ name = 'main', upstream = {{ kind = 'simulator' }}, clients = [\r\n    {client} ] }} ]\r\n"
        )
    };
    let before = text("{ kind = 'forward', name = 'bot', listen = '127.0.0.1:0' },");
    let after =
        text("{ kind = 'forward', name = 'bot', enabled = false, listen = '127.0.0.1:0' },");
    assert_eq!(set(&before, false), after);
    assert!(!is_enabled(&after));
    let enabled = after.replace("enabled = false", "enabled = true");
    assert_eq!(set(&after, true), enabled);
    assert_eq!(set(&enabled, true), enabled);
}

#[test]
fn what_is_enabled_by_default_stays_unsaid() {
    assert_eq!(set(default_text(), true), default_text());
    let disabled = set(default_text(), false);
    let enabled = set(&disabled, true);
    assert_eq!(
        enabled,
        disabled.replace("enabled = false", "enabled = true")
    );
    assert!(is_enabled(&enabled));
}

#[test]
fn what_does_not_exist_is_named() {
    let text = default_text();
    assert_eq!(
        set_client_enabled(text, &name("other"), &name("bot"), true),
        Err(EditError::UnknownAccount(name("other")))
    );
    assert_eq!(
        set_client_enabled(text, &name("main"), &name("other"), true),
        Err(EditError::UnknownClient {
            account: name("main"),
            client: name("other"),
        })
    );
    assert!(matches!(
        set_client_enabled("[api", &name("main"), &name("bot"), true),
        Err(EditError::Syntax(_))
    ));
}
