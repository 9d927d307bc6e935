//! Clients that events are posted to.

use perpetua_config::edit::{NewClient, add_client};
use perpetua_config::{
    ClientKind, Config, Fingerprint, HttpUrl, Name, PostClient, TokenSource, Trust, default_text,
    parse,
};

fn parsed(text: &str) -> Config {
    parse(text).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A client that is posted to, with these lines.
fn posted(lines: &str) -> String {
    format!(
        "[[accounts]]\nname = \"a\"\nupstream = {{ kind = \"simulator\" }}\n[[accounts.clients]]\nname = \"hook\"\nkind = \"post\"\n{lines}\n"
    )
}

#[test]
fn it_has_an_address_and_perhaps_a_secret() {
    for (secret, source) in [
        ("", None),
        ("secret = \"off\"", None),
        (
            "secret = { secret = \"hook-hmac\" }",
            Some(TokenSource::Secret("hook-hmac".into())),
        ),
        (
            "secret = { file = \"hmac.txt\" }",
            Some(TokenSource::File("hmac.txt".into())),
        ),
    ] {
        let config = parsed(&posted(&format!(
            "url = \"https://bot.example/onebot?x=1\"\n{secret}\nqueue-events = 100"
        )));
        let client = &config.accounts[0].clients[0];
        let ClientKind::Post(post) = &client.kind else {
            panic!("{client:?}")
        };
        assert_eq!(post.url.as_str(), "https://bot.example/onebot?x=1");
        assert_eq!((post.url.port(), post.url.is_encrypted()), (443, true));
        assert_eq!(
            (&post.secret, client.sent_token()),
            (&source, source.as_ref())
        );
        assert_eq!((client.listen(), client.listener_token()), (None, None));
        assert_eq!((client.max_connections, client.queue.events), (1, 100));
    }
}

#[test]
fn what_it_cannot_have_is_told() {
    let url = "url = \"http://127.0.0.1:8081/\"";
    for (lines, words) in [
        ("", "`url` is missing"),
        ("url = \"ws://127.0.0.1:8081/\"", "`http://`"),
        ("url = \"http://127.0.0.1/?token=x\"", "secret"),
        (&format!("{url}\nlisten = \"127.0.0.1:0\""), "`listen`"),
        (&format!("{url}\nmax-connections = 2"), "`max-connections`"),
        (&format!("{url}\ntoken = \"off\""), "`token`"),
        (&format!("{url}\npin-sha256 = \"00\""), "`https://`"),
        (&format!("{url}\nca-file = \"ca.pem\""), "`https://`"),
        (
            &format!("{url}\nsecret = \"s3cret\""),
            "must not be written",
        ),
    ] {
        let refused = parse(&posted(lines)).expect_err(lines).to_string();
        assert!(refused.contains(words), "{lines}: {refused}");
        assert!(!refused.contains("s3cret"), "{refused}");
    }
}

#[test]
fn one_that_is_added_is_read_back() {
    let name = |text: &str| Name::new(text).expect(text);
    let pinned = Trust::Certificate(Fingerprint([0xAB; 32]));
    let stored = TokenSource::Secret("main-hook".into());
    for (address, secret, trust) in [
        (" 127.0.0.1:8081/onebot ", None, None),
        ("https://192.0.2.7/onebot", Some(stored), Some(pinned)),
    ] {
        let url = HttpUrl::entered(address).expect("an address");
        let kind = ClientKind::Post(PostClient { url, secret, trust });
        let new = NewClient {
            framework: None,
            name: name("hook"),
            kind: kind.clone(),
        };
        let text = add_client(default_text(), &name("main"), &new).expect("added");
        let config = parsed(&text);
        let added = config.accounts[0].client(&name("hook")).expect("there");
        assert_eq!(added.kind, kind);
    }
}
