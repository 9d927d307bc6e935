//! Who comes in at a client's port, as what, and what the others are told.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result};
use perpetua_access::Auth;
use perpetua_hub::{ClientSettings, DisconnectReason};
use perpetua_proxy::{ClientListener, serve_clients};
use perpetua_secrets::Secret;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::{
    time::{Frozen, settle, until_holds},
    wire::{CLOSE, TEXT, Wire, request},
    world::{CLIENT, World, access, event, is_event, parse},
};

/// The whole answer to a request that does not lead to a connection.
async fn answer(address: SocketAddr, method: &str, headers: &[&str]) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = request(address, method, "/", headers);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test(start_paused = true)]
async fn a_token_is_asked_for_before_the_upgrade() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let auth = Auth::Token(Secret::new("s3cret")?);
    let port = world
        .port_of(CLIENT, ClientSettings::default(), auth)
        .await?;
    for (headers, status, words) in [
        (&[][..], "401", "a token is needed here"),
        (
            &["authorization: Bearer nope"],
            "403",
            "not the token of this port",
        ),
        (
            &["authorization: Bearer", "origin: null"],
            "401",
            "a token is needed here",
        ),
        (
            &["authorization: nope", "authorization: Basic dTpw"],
            "403",
            "not the token of this port",
        ),
    ] {
        let answer = answer(port, "GET", headers).await?;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert!(answer.contains("content-type: text/plain"), "{answer}");
        assert!(answer.contains(words), "{answer}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_right_token_lets_in_whatever_else_is_sent() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let auth = Auth::Token(Secret::new("s3cret")?);
    let port = world
        .port_of(CLIENT, ClientSettings::default(), auth)
        .await?;
    let own_origin = format!("origin: http://{port}");
    for (path, headers) in [
        ("/", &["authorization: s3cret", &*own_origin][..]),
        (
            "/",
            &[
                "authorization: Bearer s3cret",
                "origin: https://bot.example",
            ],
        ),
        ("/", &["authorization: s3cret", "origin: null"]),
        (
            "/",
            &["authorization: Basic dTpw", "authorization: Bearer s3cret"],
        ),
        (
            "/",
            &["authorization: token s3cret", "host: backend", "origin: x"],
        ),
        ("/?access_token=s3cret", &[]),
        ("/?access_token=s3cret", &["authorization: Bearer "]),
        (
            "/?access_token=s3cret",
            &["authorization: Bearer undefined"],
        ),
        ("/?access_token=s3cret", &["authorization: Basic dTpw"]),
        (
            "/?access_token=s3cret",
            &["sec-fetch-site: cross-site", "origin: http://evil.example"],
        ),
    ] {
        let dialled = Wire::dial(port, path, headers).await;
        let dialled = dialled.with_context(|| format!("{path} {headers:?}"))?;
        dialled.reset()?;
        until_holds("it has left", || world.connections() == 0).await;
    }
    assert_eq!(world.client().notices.len(), 0);
    Ok(())
}

/// The codes of what the owner is told about a client, newest first, with their counts.
fn notices(world: &World) -> Vec<(String, u64)> {
    let notices = world.client().notices;
    let told = notices.iter();
    told.map(|notice| (notice.message.code.to_string(), notice.count))
        .collect()
}

/// Everything that is answered to these bytes.
async fn answer_to(address: SocketAddr, sent: &[u8]) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(sent).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

/// What is sent, and the status, the words and the notice that follow from it.
type Refusal<'a> = (String, u16, &'a str, &'a str);

/// Sends each of these to a client's port with a token, twice.
async fn are_refused(world: &World, port: SocketAddr, refusals: Vec<Refusal<'_>>) -> Result<()> {
    for (sent, status, words, notice) in refusals {
        let before = notices(world)
            .into_iter()
            .find_map(|(code, count)| (code == notice).then_some(count))
            .unwrap_or_default();
        for count in 1..=2 {
            let answer = answer_to(port, sent.as_bytes()).await?;
            let status = format!("HTTP/1.1 {status}");
            assert!(answer.starts_with(&status), "{sent}: {answer}");
            assert!(answer.contains(words), "{sent}: {answer}");
            assert!(!answer.contains("s3cret"), "{answer}");
            let told = notices(world);
            assert_eq!(told[0], (notice.to_owned(), before + count), "{told:?}");
        }
        let notices = world.client().notices;
        let sentence = notices[0].message.to_string();
        assert!(sentence.starts_with("127.0.0.1 "), "{sentence}");
        assert!(!sentence.contains("s3cret"), "{sentence}");
    }
    Ok(())
}

async fn guarded(world: &World) -> Result<SocketAddr> {
    let auth = Auth::Token(Secret::new("s3cret")?);
    world.port_of(CLIENT, ClientSettings::default(), auth).await
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_is_told_why_and_so_is_the_owner() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = guarded(&world).await?;
    let upgrade = |path: &str| request(port, "GET", path, &[]);
    let behind_proxy = format!(
        "GET /?access_token=s3cret HTTP/1.1\r\nhost: {port}\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nconnection: close\r\n\r\n"
    );
    let bare_target = "refused.target_without_slash";
    let (slash, tls) = ("does not begin with `/`", "`ws://` instead of `wss://`");
    let refusals = vec![
        (upgrade("/"), 401, "a token is needed", "refused.no_token"),
        (
            upgrade("/?access_token=nope"),
            403,
            "not the token",
            "refused.wrong_token",
        ),
        (upgrade("?access_token=s3cret"), 400, slash, bare_target),
        (upgrade("onebot/v11/ws"), 400, slash, bare_target),
        (
            behind_proxy,
            426,
            "proxy_set_header Upgrade",
            "refused.proxy_without_upgrade",
        ),
        (
            upgrade("/?access_token=s3cret")
                .replace("sec-websocket-version: 13", "sec-websocket-version: 8"),
            426,
            "sec-websocket-version: 13",
            "refused.old_websocket",
        ),
        (
            "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}".into(),
            400,
            tls,
            "refused.tls",
        ),
    ];
    are_refused(&world, port, refusals).await
}

#[tokio::test(start_paused = true)]
async fn browsers_and_programs_in_http_mode_are_told_apart() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = guarded(&world).await?;
    for token in ["?access_token=s3cret", "?access_token=nope", "?token=x", ""] {
        are_told_apart(&world, port, token).await?;
    }
    Ok(())
}

/// Whatever token they show: nothing is given away by the answer.
async fn are_told_apart(world: &World, port: SocketAddr, token: &str) -> Result<()> {
    let plain = |method: &str, path: &str, more: &str| {
        let target = format!("{path}{token}");
        format!("{method} {target} HTTP/1.1\r\nhost: {port}\r\n{more}\r\n")
    };
    let (page, http) = ("refused.no_websocket", "refused.plain_http");
    let (browser, mode) = ("in a bot framework", "WebSocket instead of HTTP");
    let navigation =
        "accept: text/html,application/xhtml+xml;q=0.9\r\nsec-fetch-mode: navigate\r\n";
    let icon = "accept: image/avif,*/*\r\nsec-fetch-mode: no-cors\r\n";
    let action = "accept: text/html\r\ncontent-type: application/json\r\ncontent-length: 0\r\n";
    let refusals = vec![
        (plain("GET", "/", navigation), 426, browser, page),
        (
            plain("GET", "/", "accept: text/html\r\n"),
            426,
            browser,
            page,
        ),
        (plain("GET", "/favicon.ico", icon), 426, browser, page),
        (plain("POST", "/send_private_msg", action), 426, mode, http),
        (
            plain("GET", "/get_status", "accept: */*\r\n"),
            426,
            mode,
            http,
        ),
        (plain("GET", "/", ""), 426, mode, http),
    ];
    are_refused(world, port, refusals).await
}

#[tokio::test(start_paused = true)]
async fn heads_that_http_does_not_allow_are_answered_in_words() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = guarded(&world).await?;
    let upgrade = |path: &str, headers: &[&str]| request(port, "GET", path, headers);
    let lines: Vec<_> = (0..130).map(|number| format!("x-{number}: 1")).collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let (much, large) = ("100 lines or 64 KiB", "refused.head_too_large");
    let (bad, header) = ("a header that HTTP", "refused.bad_header");
    let refusals = vec![
        (
            "hello\r\n\r\n".into(),
            400,
            "not a valid HTTP request",
            "refused.not_http",
        ),
        (
            upgrade("/", &["authorization: Bearer s3\u{1}cret"]),
            400,
            bad,
            header,
        ),
        (upgrade("/", &["x y: z"]), 400, bad, header),
        (upgrade("/", &lines), 431, much, large),
        (
            upgrade("/", &[&format!("x-long: {}", "x".repeat(500_000))]),
            431,
            much,
            large,
        ),
        (
            upgrade(&format!("/{}", "x".repeat(100_000)), &[]),
            431,
            much,
            large,
        ),
    ];
    are_refused(&world, port, refusals).await
}

#[tokio::test(start_paused = true)]
async fn what_two_programs_on_the_way_may_read_differently_is_refused() -> Result<()> {
    let _time = Frozen::time();
    for (name, values) in [
        ("host", ["127.0.0.1:1", "127.0.0.1:1"]),
        ("host", ["127.0.0.1:1", "evil.example"]),
        ("origin", ["http://127.0.0.1:1", "http://127.0.0.1:1"]),
        ("origin", ["null", "http://127.0.0.1:1"]),
        ("content-length", ["0", "0"]),
        ("content-length", ["0", "9"]),
    ] {
        let world = World::new();
        let port = guarded(&world).await?;
        let lines = [
            format!("{name}: {}", values[0]),
            format!("{}: {}", name.to_ascii_uppercase(), values[1]),
        ];
        let headers = ["authorization: Bearer s3cret", &lines[0], &lines[1]];
        let sent = request(port, "GET", "/", &headers);
        let words = format!("more than one `{name}`");
        let refusals = vec![(sent, 400, &*words, "refused.doubled_line")];
        are_refused(&world, port, refusals).await?;
    }
    for [first, second] in [
        ["content-length: 0", "transfer-encoding: chunked"],
        ["transfer-encoding: chunked", "content-length: 0"],
        ["Content-Length: 9", "Transfer-Encoding: identity"],
    ] {
        let world = World::new();
        let port = guarded(&world).await?;
        let headers = ["authorization: Bearer s3cret", first, second];
        let sent = request(port, "GET", "/", &headers);
        let refusals = vec![(sent, 400, "`Transfer-Encoding`", "refused.two_lengths")];
        are_refused(&world, port, refusals).await?;
    }
    let world = World::new();
    let port = guarded(&world).await?;
    let sent = request(port, "GET", "/", &["authorization: Bearer s3cret"]);
    let without = sent.replace(&format!("host: {port}\r\n"), "");
    let refusals = vec![(without, 400, "`Host`", "refused.no_host")];
    are_refused(&world, port, refusals).await?;
    let world = World::new();
    let lines = ["authorization: Bearer s3cret", "cookie: a", "cookie: b"];
    Wire::dial(guarded(&world).await?, "/", &lines).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_websocket_needs_its_version_of_http_and_a_key() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = guarded(&world).await?;
    let right = request(port, "GET", "/", &["authorization: Bearer s3cret"]);
    let key = |key: &str| right.replace("dGhlIHNhbXBsZSBub25jZQ==", key);
    let second = format!("sec-websocket-key: {}\r\n\r\n", "A".repeat(22) + "==");
    let (words, notice) = ("not the base64 of 16 bytes", "refused.bad_key");
    let faulty = [
        key(""),
        key("dGhlIHNhbXBsZQ=="),
        key("dGhlIHNhbXBsZSBub25jZTE3"),
        key("dGhlIHNhbXBsZSBub25j*Q=="),
        right.replace("sec-websocket-key", "x-key"),
        right.trim_end().to_owned() + "\r\n" + &second,
    ];
    let refusals = faulty.into_iter().map(|sent| (sent, 400, words, notice));
    are_refused(&world, port, refusals.collect()).await?;
    let old = answer_to(port, right.replace("HTTP/1.1", "HTTP/1.0").as_bytes()).await?;
    assert!(old.split(' ').nth(1) == Some("400"), "{old}");
    assert!(old.contains("proxy_http_version"), "{old}");
    assert_eq!(notices(&world)[0].0, "refused.old_http");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_place_or_a_word_that_does_not_come_is_told_too() -> Result<()> {
    let time = Frozen::time();
    let world = World::new();
    let settings = ClientSettings {
        max_connections: 1,
        ..ClientSettings::default()
    };
    let port = world.port(settings).await?;
    let _first = Wire::dial(port, "/", &[]).await?;
    assert!(answer(port, "GET", &[]).await?.contains("its limit"));
    let too_many = ("refused.too_many".to_owned(), 1);
    assert_eq!(notices(&world), std::slice::from_ref(&too_many));
    // Who leaves without a word, as a check of the port does, is nobody.
    drop(TcpStream::connect(port).await?);
    let _silent = TcpStream::connect(port).await?;
    let mut half = TcpStream::connect(port).await?;
    half.write_all(b"GET / HTTP/1.1\r\nhost: x").await?;
    time.pass(Duration::from_secs(21)).await;
    assert_eq!(
        notices(&world),
        [("refused.too_slow".to_owned(), 2), too_many]
    );
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_of_a_page_comes_in_and_the_owner_sees_it() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = world.port(ClientSettings::default()).await?;
    for (headers, notice) in [
        (&["origin: null"][..], "refused.foreign_origin"),
        (&["origin: http://localhost:1"], "refused.foreign_origin"),
        (&["host: evil.example"], "refused.foreign_host"),
        (&["sec-fetch-site: same-site"], "refused.foreign_site"),
        (
            &["sec-fetch-site: cross-site", "authorization: Bearer any"],
            "refused.foreign_site",
        ),
    ] {
        let answer = answer(port, "GET", headers).await?;
        assert!(answer.starts_with("HTTP/1.1 403"), "{headers:?} {answer}");
        assert_eq!(notices(&world)[0].0, notice, "{headers:?}");
    }
    assert_eq!(world.connections(), 0);
    let own_origin = format!("origin: http://{port}");
    Wire::dial(port, "/", &[&own_origin, "sec-fetch-site: same-origin"]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn handshakes_end_with_their_port() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    world.account.set_client(CLIENT, ClientSettings::default());
    let port = ClientListener {
        account: world.account.clone(),
        client: CLIENT.into(),
        access: access(Auth::Token(Secret::new("revoked")?)),
    };
    let (stop, tasks) = (CancellationToken::new(), world.tasks.clone());
    let serving = tokio::spawn(serve_clients(listener, port, stop.clone(), tasks));
    let headers = ["authorization: Bearer revoked"];
    let _there = Wire::dial(address, "/", &headers).await?;
    let whole = request(address, "GET", "/", &headers);
    let mut begun = Vec::new();
    for length in [0, 1, 30, whole.len() - 1] {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(&whole.as_bytes()[..length]).await?;
        settle().await;
        begun.push((stream, length));
    }
    stop.cancel();
    serving.await?;
    for (mut stream, length) in begun {
        let rest = &whole.as_bytes()[length..];
        let mut answer = Vec::new();
        let _broken_is_well = stream.write_all(rest).await;
        let _broken_is_well = stream.read_to_end(&mut answer).await;
        assert_eq!(answer, b"", "after {length} bytes");
    }
    assert_eq!(world.connections(), 1, "who was in stays");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn without_a_token_the_name_must_be_ours() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = world.port(ClientSettings::default()).await?;
    for host in ["host: evil.example", "host: 127.0.0.1.evil.example:6700"] {
        let answer = answer(port, "GET", &[host]).await?;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    }
    let rebound = ["host: evil.example", "origin: http://evil.example"];
    assert!(
        answer(port, "GET", &rebound)
            .await?
            .starts_with("HTTP/1.1 403")
    );
    Wire::dial(port, "/", &["host: localhost:1"]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn what_asks_for_no_websocket_is_told_what_this_port_is() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let port = world.port(ClientSettings::default()).await?;
    let mut stream = TcpStream::connect(port).await?;
    let page = format!("GET / HTTP/1.1\r\nhost: {port}\r\n\r\n");
    stream.write_all(page.as_bytes()).await?;
    let mut told = String::new();
    stream.read_to_string(&mut told).await?;
    let posted = answer(port, "POST", &["content-length: 0"]).await?;
    for answer in [told, posted] {
        assert!(answer.starts_with("HTTP/1.1 426"), "{answer}");
        assert!(answer.contains("upgrade: websocket"), "{answer}");
        assert!(
            answer.contains("speaks OneBot v11 over WebSocket"),
            "{answer}"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn connections_up_to_the_limit_and_their_places_again() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let settings = ClientSettings {
        max_connections: 2,
        ..ClientSettings::default()
    };
    let port = world.port(settings).await?;
    let first = Wire::dial(port, "/", &[]).await?;
    let _second = Wire::dial(port, "/", &[]).await?;
    until_holds("both are in", || world.connections() == 2).await;
    let refusal = answer(port, "GET", &[]).await?;
    assert!(refusal.starts_with("HTTP/1.1 409"), "{refusal}");
    assert!(refusal.contains("2 connections, its limit"), "{refusal}");
    first.reset()?;
    until_holds("one has left", || world.connections() == 1).await;
    Wire::dial(port, "/", &[]).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn paths_choose_what_a_connection_hears_and_may_say() -> Result<()> {
    let _time = Frozen::time();
    let world = World::new();
    let upstream = world.embedded().await;
    let port = world.port(ClientSettings::default()).await?;
    let mut api = Wire::dial(port, "//api", &[]).await?;
    let mut events = Wire::dial(port, "//%65vent/", &[]).await?;
    let mut both = Wire::dial(port, "/?x=1", &[]).await?;
    until_holds("all are in", || world.connections() == 3).await;

    events
        .send(TEXT, br#"{"action":"ignored","echo":1}"#)
        .await?;
    api.send(TEXT, br#"{"action":"asked","echo":2}"#).await?;
    let action = parse(&upstream.next_action().await);
    assert_eq!(action["action"], "asked");
    upstream.send(&event(1, 1));
    upstream.send(&crate::world::answer(&action, &7.into()).to_string());

    // To `/api` nothing comes before the response, not even a lifecycle.
    assert_eq!(api.json().await?["echo"], 2);
    assert_eq!(events.json().await?["meta_event_type"], "lifecycle");
    events.json_where(is_event(1)).await?;
    both.json_where(is_event(1)).await?;
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn close_reasons_arrive() -> Result<()> {
    let _time = Frozen::time();
    for (cut, code) in [
        (DisconnectReason::ShuttingDown, 1001),
        (DisconnectReason::SettingsChanged, 1012),
        (DisconnectReason::Removed, 1008),
    ] {
        let world = World::new();
        let _upstream = world.embedded().await;
        let port = world.port(ClientSettings::default()).await?;
        let mut client = Wire::dial(port, "/", &[]).await?;
        client.json().await?;
        world.account.cut_all(cut);
        let farewell = client.frame_of(CLOSE).await?;
        assert_eq!(farewell.close_reason()?, (code, &*cut.to_string()));
        assert_eq!(world.connections(), 0);
        // And the connection ends, without waiting for us.
        assert!(client.frame().await.is_err());
    }
    Ok(())
}
