//! Keys that are set and taken out, and tables that are added and removed, by [`perpetua_config::edit`].

use std::time::Duration;

use perpetua_config::edit::{
    EditError, NewClient, Place, Written, add_client, remove_account, remove_client, remove_signer,
    set, set_account_enabled,
};
use perpetua_config::{
    Account, Client, ClientKind, Config, ForwardClient, LanguageChoice, ListenerToken, Name,
    QuietSpan, TokenSource, Upstream, default_text, parse,
};
use proptest::prelude::*;

fn name(text: &str) -> Name {
    Name::new(text).expect(text)
}

#[track_caller]
fn parsed(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems}\nfor\n{text}"))
}

/// The same settings, written in every way that TOML has for them.
const TEXTS: [&str; 4] = [
    r#"# c0
[[signers]]
name = "s1" # c1
url = "http://a.example"

# c2
[[signers]]
name = "s2"
url = "http://b.example"

# c3
[[accounts]] # c4
name = "main"
# c5
[accounts.upstream]
kind = "onebot"
url = "ws://127.0.0.1:3001"  # c6

  # c7
  [[accounts.clients]]
  name = "bot"
  kind = "forward"
  listen = "127.0.0.1:6700" # c8
  # c9

[[accounts.clients]]
name = "koishi"
kind = "forward"
listen = "127.0.0.1:6701"
# c10
[[accounts]]
name = "other"
upstream = { kind = "simulator" }

# c11
"#,
    r#"signers = [ # c0
  { name = "s1", url = "http://a.example" }, # c1
  { name = "s2", url = "http://b.example" } # c2
]
accounts = [
  # c3
  { name = "main", upstream = { kind = "onebot", url = "ws://127.0.0.1:3001" }, clients = [
    { name = "bot", kind = "forward", listen = "127.0.0.1:6700" }, # c4
    { kind = "forward", listen = "127.0.0.1:6701", name = "koishi" }, # c5
  ] }, # c6
  { name = "other", upstream = { kind = "simulator" } }
  # c7
] # c8
"#,
    r#"# c0
[[accounts]]
name = "main"
upstream.kind = "onebot" # c1
upstream.url = "ws://127.0.0.1:3001"
clients = [ { name = "bot", kind = "forward", listen = "127.0.0.1:6700" } # c2
  , { name = "koishi", kind = "forward", listen = "127.0.0.1:6701" } ]
[[accounts]]
name = "other"
[accounts.upstream]
kind = "simulator"
[[signers]]
name = "s1"
url = "http://a.example"
[[signers]]
name = "s2"
url = "http://b.example""#,
    r#"[[accounts]]
name = "main"
[[signers]]
name = "s1"
url = "http://a.example"
[accounts.upstream]
kind = "onebot"
url = "ws://127.0.0.1:3001"
[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:6700"
[[signers]]
name = "s2"
url = "http://b.example"
[[accounts.clients]]
name = "koishi"
kind = "forward"
listen = "127.0.0.1:6701"
[[accounts]]
name = "other"
[accounts.upstream]
kind = "simulator"
"#,
];

fn comments(text: &str) -> Vec<&str> {
    text.split('#')
        .skip(1)
        .map(|rest| rest.split_whitespace().next().unwrap_or_default())
        .collect()
}

fn main_of(config: &mut Config) -> &mut Account {
    config
        .accounts
        .iter_mut()
        .find(|account| account.name == "main")
        .expect("it is there")
}

fn bot_of(config: &mut Config) -> &mut Client {
    &mut main_of(config).clients[0]
}

/// Texts with both line ends, with and without a mark.
fn written(text: &str) -> impl Iterator<Item = String> {
    let text = text.to_owned();
    [("", "\n"), ("", "\r\n"), ("\u{feff}", "\r\n")]
        .into_iter()
        .map(move |(mark, end)| format!("{mark}{}", text.replace('\n', end)))
}

#[track_caller]
fn line_ends_fit(text: &str, of: &str) {
    let (windows, all) = (text.matches("\r\n").count(), text.matches('\n').count());
    assert_eq!(windows, if of.contains("\r\n") { all } else { 0 }, "{text}");
}

#[test]
fn a_key_is_put_in_replaced_and_taken_out_and_comments_stay() {
    let (main, bot) = (name("main"), name("bot"));
    let heartbeat = |seconds| Written::Duration(Duration::from_secs(seconds));
    for before in TEXTS.iter().flat_map(|text| written(text)) {
        let mut wanted = parsed(&before);
        let mut text = before.clone();
        let client = Place::Client(&main, &bot);
        for seconds in [3, 4, 4] {
            text = set(&text, client, "heartbeat", Some(&heartbeat(seconds))).expect("set");
            bot_of(&mut wanted).heartbeat = Duration::from_secs(seconds);
            assert_eq!(parsed(&text), wanted, "{text}");
        }
        let token = Written::Secret(TokenSource::Secret("t".into()));
        text = set(&text, Place::Upstream(&main), "token", Some(&token)).expect("set");
        text = set(
            &text,
            Place::Upstream(&main),
            "uin",
            Some(&Written::Number(12_345)),
        )
        .expect("set");
        let Upstream::Onebot(onebot) = &mut main_of(&mut wanted).upstream else {
            panic!("it is dialled");
        };
        (onebot.token, onebot.uin) = (Some(TokenSource::Secret("t".into())), Some(12_345));
        let timeout = Written::Duration(Duration::from_millis(1500));
        text = set(
            &text,
            Place::Account(&main),
            "action-timeout",
            Some(&timeout),
        )
        .expect("set");
        main_of(&mut wanted).action_timeout = Duration::from_millis(1500);
        assert_eq!(parsed(&text), wanted, "{text}");
        assert_eq!(comments(&text), comments(&before));
        line_ends_fit(&text, &before);
        for (place, key) in [
            (Place::Account(&main), "action-timeout"),
            (Place::Upstream(&main), "token"),
            (Place::Upstream(&main), "uin"),
            (client, "heartbeat"),
            (client, "heartbeat"),
        ] {
            text = set(&text, place, key, None).expect("taken out");
        }
        assert_eq!(parsed(&text), parsed(&before), "{text}");
        let squeezed = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!(squeezed(&text), squeezed(&before));
    }
}

#[test]
fn a_comment_behind_what_is_taken_out_stays() {
    let (main, bot) = (name("main"), name("bot"));
    let text = set(TEXTS[0], Place::Client(&main, &bot), "listen", None).expect("taken out");
    assert!(
        text.contains("\n  kind = \"forward\"\n  # c8\n  # c9\n"),
        "{text}"
    );
}

#[test]
fn a_section_is_added_once_and_then_edited() {
    for before in TEXTS
        .iter()
        .flat_map(|text| written(text))
        .chain([String::new()])
    {
        let mut wanted = parsed(&before);
        let word = |word: &str| Written::Text(word.into());
        let mut text =
            set(&before, Place::Section("ui"), "language", Some(&word("en"))).expect("set");
        assert_eq!(text.matches("[ui]").count(), 1);
        text = set(
            &text,
            Place::Section("ui"),
            "language",
            Some(&word("zh-CN")),
        )
        .expect("set");
        let kinds = Written::Texts(vec!["kicked".into()]);
        text = set(
            &text,
            Place::Section("notifications"),
            "kinds",
            Some(&kinds),
        )
        .expect("set");
        let hours = word("22:30-06:00");
        text = set(
            &text,
            Place::Section("notifications"),
            "quiet-hours",
            Some(&hours),
        )
        .expect("set");
        wanted.ui.language = LanguageChoice::Chinese;
        wanted.notifications.kinds.truncate(1);
        wanted.notifications.quiet_hours = QuietSpan::new(1350, 360);
        assert_eq!(parsed(&text), wanted, "{text}");
        assert_eq!(comments(&text), comments(&before));
        let text = set(&text, Place::Section("notifications"), "quiet-hours", None).expect("set");
        assert_eq!(parsed(&text).notifications.quiet_hours, None);
        let empty = set(
            "ui = {}",
            Place::Section("ui"),
            "language",
            Some(&word("en")),
        )
        .expect("set");
        assert_eq!(empty, "ui = { language = \"en\" }");
    }
    let bare = set(
        "[ui] # c\n[api]\n",
        Place::Section("ui"),
        "language",
        Some(&Written::Text("en".into())),
    );
    assert_eq!(bare.expect("set"), "[ui] # c\nlanguage = \"en\"\n[api]\n");
}

fn forward(listen: &str, token: ListenerToken) -> ClientKind {
    let listen = listen.parse().expect("an address");
    ClientKind::Forward(ForwardClient { listen, token })
}

#[test]
fn a_client_goes_behind_the_others_of_its_account() {
    for before in TEXTS.iter().flat_map(|text| written(text)) {
        for account in ["main", "other"] {
            let new = NewClient {
                framework: None,
                name: name("new"),
                kind: forward("127.0.0.1:6799", ListenerToken::Generated),
            };
            let text = add_client(&before, &name(account), &new).expect("added");
            let mut after = parsed(&text);
            let place = after.accounts.iter_mut().find(|one| one.name == account);
            let added = place.expect("it is there").clients.pop().expect("added");
            assert_eq!(
                (added.name.as_str(), added.listen()),
                ("new", "127.0.0.1:6799".parse().ok())
            );
            assert_eq!(after, parsed(&before), "{text}");
            assert_eq!(comments(&text), comments(&before));
            line_ends_fit(&text, &before);
            assert_eq!(
                add_client(&text, &name(account), &new),
                Err(EditError::ClientTaken {
                    account: name(account),
                    client: name("new")
                })
            );
            let back = remove_client(&text, &name(account), &name("new")).expect("removed");
            assert_eq!(parsed(&back), parsed(&before), "{back}");
        }
    }
}

#[test]
fn the_block_of_a_client_stands_below_the_comment_of_the_one_before() {
    let new = NewClient {
        framework: None,
        name: name("koishi"),
        kind: forward("127.0.0.1:6701", ListenerToken::Generated),
    };
    let text = add_client(default_text(), &name("main"), &new).expect("added");
    let block = "# token = \"off\"                       # 不要令牌，只限本机 / no token, on this machine only\n\n[[accounts.clients]]\nname = \"koishi\"\nkind = \"forward\"\nlisten = \"127.0.0.1:6701\"\n\n# 第二个";
    assert!(text.contains(block), "{text}");
    let back = remove_client(&text, &name("main"), &name("koishi")).expect("removed");
    assert_eq!(back, default_text());
}

#[test]
fn what_is_removed_is_gone_and_all_else_stays() {
    for before in TEXTS.iter().flat_map(|text| written(text)) {
        let mut wanted = parsed(&before);
        let text = remove_client(&before, &name("main"), &name("bot")).expect("removed");
        main_of(&mut wanted).clients.remove(0);
        assert_eq!(parsed(&text), wanted, "{text}");
        let text = remove_client(&text, &name("main"), &name("koishi")).expect("removed");
        main_of(&mut wanted).clients.clear();
        assert_eq!(parsed(&text), wanted, "{text}");
        let text = remove_signer(&text, &name("s1")).expect("removed");
        let text = remove_signer(&text, &name("s2")).expect("removed");
        wanted.signers.clear();
        assert_eq!(parsed(&text), wanted, "{text}");
        for account in ["main", "other"] {
            let text = remove_account(&before, &name(account)).expect("removed");
            let mut wanted = parsed(&before);
            wanted.accounts.retain(|one| one.name != account);
            let after = parsed(&text);
            assert_eq!(
                (after.accounts, after.signers),
                (wanted.accounts, wanted.signers),
                "{text}"
            );
            line_ends_fit(&text, &before);
        }
    }
    let text = remove_account(TEXTS[0], &name("main")).expect("removed");
    assert!(
        text.contains("\n# c3\n# c10\n[[accounts]]\nname = \"other\""),
        "{text}"
    );
    assert_eq!(
        remove_account("", &name("a")),
        Err(EditError::UnknownAccount(name("a")))
    );
    assert_eq!(
        remove_signer("", &name("a")),
        Err(EditError::UnknownSigner(name("a")))
    );
    assert_eq!(
        remove_client(TEXTS[0], &name("main"), &name("a")),
        Err(EditError::UnknownClient {
            account: name("main"),
            client: name("a")
        })
    );
}

#[test]
fn an_account_is_disabled_and_enabled() {
    for before in TEXTS {
        let text = set_account_enabled(before, &name("main"), false).expect("set");
        assert!(!main_of(&mut parsed(&text)).enabled, "{text}");
        let text = set_account_enabled(&text, &name("main"), true).expect("set");
        assert_eq!(parsed(&text), parsed(before), "{text}");
        assert_eq!(
            set_account_enabled(before, &name("main"), true).as_deref(),
            Ok(before)
        );
    }
}

/// A text with white space and comments put between its lines.
fn spaced() -> impl Strategy<Value = String> {
    let gap = prop::sample::select(vec!["", "", "\n", "# x\n", "  # y\n\n", "\n\n\n"]);
    let gaps = prop::collection::vec(gap, 40);
    (prop::sample::select(TEXTS.to_vec()), gaps, any::<bool>()).prop_map(|(text, gaps, windows)| {
        let lines = text.split_inclusive('\n').zip(gaps.into_iter().cycle());
        let text: String = lines.flat_map(|(line, gap)| [gap, line]).collect();
        if windows {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    })
}

proptest! {
    #[test]
    fn edits_and_their_inverses_restore_the_meaning(before in spaced(), seconds in 1u64..=15, uin in 10_000u64..99_999) {
        let (main, bot) = (name("main"), name("bot"));
        let client = Place::Client(&main, &bot);
        let heartbeat = Written::Duration(Duration::from_secs(seconds));
        let text = set(&before, client, "heartbeat", Some(&heartbeat)).expect("set");
        let text = set(&text, Place::Upstream(&main), "uin", Some(&Written::Number(uin))).expect("set");
        let mut wanted = parsed(&before);
        bot_of(&mut wanted).heartbeat = Duration::from_secs(seconds);
        if let Upstream::Onebot(onebot) = &mut main_of(&mut wanted).upstream {
            onebot.uin = Some(uin);
        }
        prop_assert_eq!(parsed(&text), wanted, "{}", text);
        prop_assert_eq!(comments(&text), comments(&before));
        let text = set(&text, Place::Upstream(&main), "uin", None).expect("taken out");
        let usual = Written::Duration(Duration::from_secs(5));
        let text = set(&text, client, "heartbeat", Some(&usual)).expect("set");
        prop_assert_eq!(parsed(&text), parsed(&before), "{}", text);
    }

    #[test]
    fn what_was_added_can_be_removed(before in spaced(), account in prop::sample::select(vec!["main", "other"])) {
        let new = NewClient { framework: None, name: name("new"), kind: forward("127.0.0.1:1", ListenerToken::Off) };
        let text = add_client(&before, &name(account), &new).expect("added");
        prop_assert_eq!(comments(&text), comments(&before));
        let back = remove_client(&text, &name(account), &name("new")).expect("removed");
        prop_assert_eq!(parsed(&back), parsed(&before), "{}", back);
        prop_assert_eq!(comments(&back), comments(&before));
        let gone = remove_account(&text, &name(account)).expect("removed");
        let mut wanted = parsed(&before);
        wanted.accounts.retain(|one| one.name != account);
        wanted.discovery.account = wanted.accounts.first().map(|one| one.name.clone());
        prop_assert_eq!(parsed(&gone), wanted, "{}", gone);
    }

    #[test]
    fn no_damaged_settings_make_it_panic(at in 0usize..900, length in 0usize..30, which in 0usize..4, put in "[\\[\\]{}\"'=.,#\n a-z我-]{0,6}") {
        let mut text: Vec<char> = TEXTS[which].chars().collect();
        let start = at.min(text.len());
        let end = (start + length).min(text.len());
        text.splice(start..end, put.chars());
        let text: String = text.into_iter().collect();
        let (main, bot) = (name("main"), name("bot"));
        let _ = set(&text, Place::Client(&main, &bot), "heartbeat", None);
        let _ = set(&text, Place::Upstream(&main), "uin", Some(&Written::Number(1)));
        let _ = remove_account(&text, &main);
        let _ = remove_client(&text, &main, &bot);
        let _ = remove_signer(&text, &name("s1"));
    }
}
