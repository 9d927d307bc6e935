//! What is added to the text by [`perpetua_config::edit`], and what stays as it was.

use std::time::Duration;

use perpetua_config::edit::{EditError, NewClient, add_account, add_signer};
use perpetua_config::{
    AddressSource, ClientKind, Config, Fingerprint, ForwardClient, Framework, HttpUrl,
    LagrangeUpstream, ListenerToken, Name, Protocol, ProxySource, ReverseClient, SignThrough,
    TokenSource, Trust, Upstream, WebSocketUrl, default_text, parse,
};
use proptest::prelude::*;

fn parsed(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems}\nfor\n{text}"))
}

fn name(text: &str) -> Name {
    Name::new(text).expect(text)
}

fn signer_address() -> AddressSource {
    AddressSource::Plain(HttpUrl::new("https://signer.example/api/sign/30366").expect("an address"))
}

fn client(client_name: &str, port: u16, token: ListenerToken) -> NewClient {
    NewClient {
        framework: None,
        name: name(client_name),
        kind: ClientKind::Forward(ForwardClient {
            listen: ([127, 0, 0, 1], port).into(),
            token,
        }),
    }
}

fn dialled(client_name: &str, url: &str, token: Option<TokenSource>) -> NewClient {
    NewClient {
        framework: Some(Framework::Astrbot),
        name: name(client_name),
        kind: ClientKind::Reverse(ReverseClient {
            trust: url
                .starts_with("wss://")
                .then_some(Trust::Certificate(Fingerprint([0xAB; 32]))),
            ..ReverseClient::new(WebSocketUrl::new(url).expect(url), token)
        }),
    }
}

/// An upstream with nothing as by default.
fn upstream() -> LagrangeUpstream {
    LagrangeUpstream {
        uin: Some(123_456_789),
        protocol: Protocol::Windows,
        signers: Some(vec![name("mine")]),
        sign_proxy: Some(ProxySource::From(TokenSource::Secret("a \"proxy\"".into()))),
        sign_through: SignThrough::Core,
        sign_patience: Duration::from_secs(8),
        auto_start: false,
        memory_limit: Some(512 << 20),
        memory_limit_written: None,
        start_timeout: Duration::from_secs(90),
        log_messages: true,
    }
}

/// Texts that people write, each with no account `new` and no signer `mine`.
const TEXTS: [&str; 9] = [
    "",
    "# only a comment, without an end of line",
    "\u{feff}secrets = \"file\"\r\n\r\n[api]\r\nlisten = \"127.0.0.1:1\"",
    "secrets   =   'file' # odd\n\n\n[log]\nlevel=\"warn\"\n\n",
    "accounts = []\nsigners = [ ]\nsecrets = \"file\"\n",
    "accounts = [{ name = \"a\", upstream = { kind = \"simulator\" } }] # 注\n[api]\n",
    "\u{feff}signers = [\n  { name = \"a\", url = \"http://a\" }, # one ]\n  # two\n]\naccounts = [\n  { name = \"a\", upstream = { kind = \"simulator\" } } # last\n]\n",
    "[[signers]]\nname = \"a\"\nurl = \"http://a\"\n[[accounts]]\nname = \"a\"\nupstream.kind = \"simulator\"\n[api]\n",
    "[[accounts]]\nname = \"a\"\n[accounts.upstream]\nkind = \"simulator\"\n[[accounts.clients]]\nname = \"new\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"",
];

#[test]
fn the_new_block_is_what_a_person_would_write() {
    let text = add_account(
        "secrets = \"file\" # 注\n",
        &name("new"),
        &Upstream::Lagrange(LagrangeUpstream {
            uin: Some(123_456_789),
            ..LagrangeUpstream::default()
        }),
        &[
            client("bot", 6700, ListenerToken::Generated),
            client(
                "koishi",
                0,
                ListenerToken::From(TokenSource::Env("KOISHI".into())),
            ),
        ],
    );
    let text = add_signer(&text.expect("added"), &name("mine"), &signer_address());
    assert_eq!(
        text.expect("added"),
        r#"secrets = "file" # 注

[[accounts]]
name = "new"

[accounts.upstream]
kind = "lagrange"
uin = 123456789

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:6700"

[[accounts.clients]]
name = "koishi"
kind = "forward"
listen = "127.0.0.1:0"
token = { env = "KOISHI" }

[[signers]]
name = "mine"
url = "https://signer.example/api/sign/30366"
"#
    );
}

#[test]
fn into_every_kind_of_text_goes_what_was_given() {
    let clients = [
        client("bot", 0, ListenerToken::Off),
        client(
            "file",
            0,
            ListenerToken::From(TokenSource::File("a\\b.txt".into())),
        ),
        dialled("open", "ws://127.0.0.1:6199/ws?x=1", None),
        dialled(
            "astrbot",
            "wss://bot.example/ws",
            Some(TokenSource::Secret("a \"b\"".into())),
        ),
    ];
    for text in TEXTS.into_iter().chain([default_text()]) {
        let before = parsed(text);
        let with_signer = add_signer(text, &name("mine"), &signer_address()).expect(text);
        let added = add_account(
            &with_signer,
            &name("new"),
            &Upstream::Lagrange(upstream()),
            &clients,
        )
        .expect(text);
        let after = parsed(&added);

        let (account, others) = after.accounts.split_last().expect("an account");
        assert_eq!(others, before.accounts, "{added}");
        assert_eq!(account.name, "new");
        assert_eq!(account.upstream, Upstream::Lagrange(upstream()));
        let new: Vec<NewClient> = account
            .clients
            .iter()
            .map(|client| NewClient {
                framework: client.framework,
                name: client.name.clone(),
                kind: client.kind.clone(),
            })
            .collect();
        assert_eq!(new, clients, "{added}");
        let (signer, others) = after.signers.split_last().expect("a signer");
        assert_eq!(others, before.signers, "{added}");
        assert_eq!(
            (signer.name.as_str(), &signer.url),
            ("mine", &signer_address())
        );
        assert_eq!(after.api, before.api, "{added}");
    }
}

/// Whether `after` is `before` with one piece put in, and perhaps a comma before that.
fn only_grew(before: &str, after: &str) -> bool {
    let mut rest = after.chars();
    before
        .chars()
        .all(|wanted| rest.any(|found| found == wanted))
}

#[test]
fn what_stands_there_stays_byte_for_byte() {
    for text in TEXTS {
        let added = add_signer(text, &name("mine"), &signer_address()).expect(text);
        let is_inline = text.contains("signers = [");
        assert!(is_inline || added.starts_with(text), "{added}");
        assert!(only_grew(text, &added), "{added}");
        let added =
            add_account(text, &name("new"), &Upstream::Lagrange(upstream()), &[]).expect(text);
        let is_inline = text.contains("accounts = [");
        assert!(is_inline || added.starts_with(text), "{added}");
        assert!(only_grew(text, &added), "{added}");
        let line_ends = |text: &str| (text.matches("\r\n").count(), text.matches('\n').count());
        let (windows, all) = line_ends(&added);
        assert!(windows == 0 || windows == all, "{added}");
    }
}

#[test]
fn into_a_list_in_one_value_goes_an_element() {
    assert_eq!(
        add_signer(TEXTS[6], &name("mine"), &signer_address()).expect("added"),
        TEXTS[6].replacen(
            "# two\n]",
            "# two\n{ name = \"mine\", url = \"https://signer.example/api/sign/30366\" }]",
            1
        )
    );
    assert_eq!(
        add_account(
            TEXTS[5],
            &name("new"),
            &Upstream::Lagrange(LagrangeUpstream::default()),
            &[]
        )
        .expect("added"),
        TEXTS[5].replacen(
            "} }]",
            "} }, { name = \"new\", upstream = { kind = \"lagrange\" } }]",
            1
        )
    );
}

#[test]
fn a_name_is_taken_once() {
    for text in [TEXTS[5], TEXTS[6], TEXTS[7]] {
        let error = add_account(
            text,
            &name("a"),
            &Upstream::Lagrange(LagrangeUpstream::default()),
            &[],
        );
        assert_eq!(error, Err(EditError::AccountTaken(name("a"))));
    }
    for text in [TEXTS[6], TEXTS[7]] {
        let error = add_signer(text, &name("a"), &signer_address());
        assert_eq!(error, Err(EditError::SignerTaken(name("a"))));
    }
    assert_eq!(
        EditError::SignerTaken(name("a")).to_string(),
        "`perpetua.toml` already has a signer `a`; choose another name"
    );
}

#[test]
fn a_text_that_is_not_in_order_is_left_alone() {
    assert!(matches!(
        add_signer("[api", &name("a"), &signer_address()),
        Err(EditError::Syntax(_))
    ));
    for text in [
        "signers = 3\n",
        "[signers]\nname = \"a\"\n",
        "signers.a = 1\n",
    ] {
        assert_eq!(
            add_signer(text, &name("a"), &signer_address()),
            Err(EditError::NotTables("signers"))
        );
    }
}

/// Lists in one value, with white space and comments wherever they may stand.
fn lists() -> impl Strategy<Value = String> {
    let gap = || prop::sample::select(vec!["", " ", "\n  ", " # ]\n", "\n# { 注\n  "]);
    let element = (gap(), gap());
    let parts = (
        prop::sample::select(vec!["", "\u{feff}", "# 注\n"]),
        prop::collection::vec(element, 0..3),
        any::<bool>(),
        gap(),
        prop::sample::select(vec!["", "\n", " # ]\n[api]\n"]),
        prop::sample::select(vec!["\n", "\r\n"]),
    );
    parts.prop_map(|(start, elements, comma, gap, end, line_end)| {
        let comma = if comma && !elements.is_empty() {
            ","
        } else {
            ""
        };
        let element = |(number, (before, behind))| {
            format!("{before}{{ name = \"s{number}\", url = \"http://a\" }}{behind}")
        };
        let list: Vec<String> = elements.into_iter().enumerate().map(element).collect();
        let list = list.join(",");
        format!("{start}signers = [{list}{comma}{gap}]{end}").replace('\n', line_end)
    })
}

proptest! {
    #[test]
    fn a_list_takes_one_more_however_it_is_written(text in lists()) {
        let before = parsed(&text);
        let added = add_signer(&text, &name("mine"), &signer_address()).expect("a good text");
        let mut signers = parsed(&added).signers;
        prop_assert_eq!(signers.pop().map(|signer| signer.name), Some(name("mine")));
        prop_assert_eq!(signers, before.signers);
        prop_assert!(only_grew(&text, &added));
    }
}
