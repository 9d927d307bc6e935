//! A client that is disabled and enabled in the text by [`perpetua_config::edit`].

use perpetua_config::edit::{EditError, set_client_enabled};
use perpetua_config::{Name, default_text, parse};
use proptest::prelude::*;

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

/// Two clients as tables, their keys in any order, with comments and indents wherever they may stand.
fn settings() -> impl Strategy<Value = String> {
    let indent = || prop::sample::select(vec!["", "  ", "\t"]);
    let comment = || prop::sample::select(vec!["", " # name = 'bot'", "#注", "\n\n"]);
    let keys = move || {
        let keys = vec!["kind = 'forward'", "listen = \"127.0.0.1:0\"", "NAME"];
        let keys = Just(keys).prop_shuffle();
        let enabled =
            prop::sample::select(vec![None, Some("enabled=true"), Some("enabled = false")]);
        let layout = prop::collection::vec((indent(), comment()), 4);
        (keys, enabled, layout).prop_map(|(keys, enabled, layout)| {
            let lines = keys.into_iter().chain(enabled).zip(layout);
            lines.fold(String::new(), |text, (key, (indent, comment))| {
                format!("{text}{indent}{key}{comment}\n")
            })
        })
    };
    let ends = prop::sample::select(vec!["\n", "\r\n"]);
    (keys(), keys(), ends, any::<bool>()).prop_map(|(one, other, end, has_mark)| {
        let mark = if has_mark { "\u{feff}" } else { "" };
        let one = one.replace("NAME", "\"name\" = '''other'''");
        let other = other.replace("NAME", "name = 'bot'");
        let head = "[[accounts]]\nname = 'main'\nupstream.kind = 'simulator'\n";
        let client = "[[accounts.clients]]\n";
        format!("{mark}{head}{client}{one}{client}{other}").replace('\n', end)
    })
}

proptest! {
    #[test]
    fn one_client_changes_and_nothing_else(text in settings(), enabled in any::<bool>()) {
        let mut wanted = parse(&text).expect("valid settings");
        let changed = set(&text, enabled);
        wanted.accounts[0].clients[1].enabled = enabled;
        prop_assert_eq!(parse(&changed), Ok(wanted), "{}", changed);
        let ends = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
        let (windows, all) = ends(&changed);
        prop_assert!(windows == 0 || windows == all, "{}", changed);
        prop_assert!(all <= ends(&text).1 + 1);
    }

    #[test]
    fn no_damaged_settings_make_it_panic(at in 0usize..4000, length in 0usize..40, put in "[\\[\\]{}\"'=.,#\n a-z我-]{0,6}") {
        let mut text: Vec<char> = default_text().chars().collect();
        let start = at.min(text.len());
        let end = (start + length).min(text.len());
        text.splice(start..end, put.chars());
        let text: String = text.into_iter().collect();
        let _ = set_client_enabled(&text, &name("main"), &name("bot"), false);
    }
}
