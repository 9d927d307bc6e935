use std::net::IpAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use proptest::prelude::*;

use super::Sender;

const PROXY: &str = "127.0.0.1";

#[test]
fn without_a_sign_of_a_proxy_the_peer_counts() {
    for peer in [PROXY, "192.168.1.5"] {
        assert_eq!(sender(peer, &[("host", "bot.example")]), Sender::Peer);
    }
}

#[test]
fn a_proxy_that_nobody_trusts_is_not_believed_and_seen() {
    for sign in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-whatever", ""),
        ("x-real-ip", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("via", "1.1 proxy"),
        ("cf-connecting-ip", "127.0.0.1"),
    ] {
        assert_eq!(sender("10.0.0.9", &[sign]), hidden(false), "{sign:?}");
    }
}

#[test]
fn whatever_proxies_write_is_a_sign_in_any_case() {
    for name in [
        "Forwarded",
        "Via",
        "X-Forwarded",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Client-Cert",
        "X-Original-Forwarded-For",
        "X-Envoy-External-Address",
        "X-Envoy-Peer-Metadata",
        "X-Vercel-Proxied-For",
        "Client-IP",
        "X-Client-IP",
        "X-ClientIP",
        "X-Cluster-Client-IP",
        "True-Client-IP",
        "Fastly-Client-IP",
        "Fly-Client-IP",
        "Incap-Client-IP",
        "EO-Client-IP",
        "Proxy-Client-IP",
        "WL-Proxy-Client-IP",
        "X-Azure-ClientIP",
        "X-Azure-SocketIP",
        "X-Sucuri-ClientIP",
        "CF-Connecting-IP",
        "CF-Connecting-IPv6",
        "CF-Ray",
        "CDN-Loop",
        "DO-Connecting-IP",
        "X-Real-IP",
        "Ali-CDN-Real-IP",
        "Cdn-Src-Ip",
        "X-ProxyUser-Ip",
        "X-Appengine-User-Ip",
        "X-Remote-IP",
        "X-Remote-Addr",
        "Remote-Addr",
        "X-Originating-IP",
        "X-Coming-From",
        "X-ARR-LOG-ID",
        "X-NF-Client-Connection-IP",
        "CloudFront-Viewer-Address",
        "Forwarded-For",
        "X-Forwarded-For-IP",
        "Z-Forwarded-For",
    ] {
        for written in [name.to_owned(), name.to_lowercase(), name.to_uppercase()] {
            let line = HeaderName::from_bytes(written.as_bytes()).expect("a name");
            let headers = HeaderMap::from_iter([(line, HeaderValue::from_static("127.0.0.1"))]);
            for peer in [[127, 0, 0, 1], [10, 0, 0, 9]] {
                let found = Sender::of(peer.into(), &headers, &[]);
                assert_eq!(found, hidden(false), "{written}");
            }
        }
    }
    for plain in ["host", "user-agent", "x-request-id", "accept", "x-ip"] {
        assert_eq!(sender("10.0.0.9", &[(plain, "1")]), Sender::Peer, "{plain}");
    }
}

#[test]
fn the_last_name_counts_that_is_no_trusted_proxy() {
    for (line, address) in [
        ("203.0.113.7", "203.0.113.7"),
        ("1.2.3.4, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 192.168.7.1", "203.0.113.7"),
        (
            "1.2.3.4, 203.0.113.7,192.168.7.1 , 192.168.7.2",
            "203.0.113.7",
        ),
        ("192.168.7.1, 192.168.7.2", "192.168.7.1"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:192.168.7.1", "192.168.7.1"),
    ] {
        let named = named(address, false);
        assert_eq!(sender(PROXY, &[("x-forwarded-for", line)]), named, "{line}");
    }
    let twice = [
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-for", "203.0.113.7"),
    ];
    assert_eq!(sender(PROXY, &twice), named("203.0.113.7", false));
    assert_eq!(
        sender("::ffff:127.0.0.1", &twice),
        named("203.0.113.7", false)
    );
}

#[test]
fn whom_a_trusted_proxy_does_not_name_is_hidden_and_not_the_proxy() {
    for line in [
        "203.0.113.7, unknown",
        "203.0.113.7, unknown, 192.168.7.1",
        "203.0.113.7, _hidden",
        "203.0.113.7,",
        "fe80::1%eth0",
        "localhost",
        "",
    ] {
        let found = sender(PROXY, &[("x-forwarded-for", line)]);
        assert_eq!(found, hidden(false), "{line}");
    }
    for sign in [("via", "1.1 proxy"), ("x-real-ip", "203.0.113.7")] {
        assert_eq!(sender(PROXY, &[sign]), hidden(false), "{sign:?}");
    }
}

#[test]
fn the_protocol_is_that_of_whoever_came_to_the_outermost_trusted_proxy() {
    let through = |addresses, protocols| {
        let lines = [
            ("x-forwarded-for", addresses),
            ("x-forwarded-proto", protocols),
        ];
        match sender(PROXY, &lines) {
            Sender::Named { over_https, .. } => over_https,
            other => panic!("{other:?}"),
        }
    };
    for (addresses, protocols, over_https) in [
        ("203.0.113.7", "https", true),
        ("203.0.113.7", "HTTPS", true),
        ("203.0.113.7", "http", false),
        ("203.0.113.7", "", false),
        ("203.0.113.7", "https, http", false),
        ("203.0.113.7", "http, https", true),
        ("1.2.3.4, 203.0.113.7", "http, https", true),
        ("203.0.113.7, 192.168.7.1", "https, http", true),
        ("203.0.113.7, 192.168.7.1", "https", true),
        (
            "1.2.3.4, 203.0.113.7, 192.168.7.1",
            "http, https, http",
            true,
        ),
    ] {
        let found = through(addresses, protocols);
        assert_eq!(found, over_https, "{addresses} | {protocols}");
    }
    let alone = [("x-forwarded-proto", "https")];
    assert_eq!(sender(PROXY, &alone), hidden(true));
}

#[test]
fn the_standard_header_counts_where_the_older_one_is_missing() {
    for (line, address, over_https) in [
        ("for=203.0.113.7;proto=https", "203.0.113.7", true),
        (
            "For=\"[2001:db8::7]:4711\"; Proto=https",
            "2001:db8::7",
            true,
        ),
        (
            "for=1.2.3.4, for=203.0.113.7;proto=http",
            "203.0.113.7",
            false,
        ),
        (
            "for=203.0.113.7;proto=https, for=192.168.7.1",
            "203.0.113.7",
            true,
        ),
    ] {
        let found = sender(PROXY, &[("forwarded", line)]);
        assert_eq!(found, named(address, over_https), "{line}");
    }
    for (line, over_https) in [
        ("for=\"1.2.3.4, for=203.0.113.7\"", false),
        ("for=_secret;proto=https", true),
        ("by=203.0.113.7", false),
        ("garbage", false),
    ] {
        let found = sender(PROXY, &[("forwarded", line)]);
        assert_eq!(found, hidden(over_https), "{line}");
    }
    let both = [
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=1.2.3.4;proto=https"),
    ];
    assert_eq!(sender(PROXY, &both), named("203.0.113.7", false));
}

proptest! {
    /// Whatever a peer writes that is not trusted, it names nobody.
    #[test]
    fn nobody_else_is_believed(lines in garbage(), peer in any::<[u8; 4]>()) {
        let peer = IpAddr::from(peer);
        prop_assume!(!trusted().iter().any(|range| range.contains(&peer)));
        let found = Sender::of(peer, &lines, &trusted());
        let is_believed = !matches!(found, Sender::Peer | Sender::Hidden { over_https: false });
        prop_assert!(!is_believed);
    }

    /// Whatever somebody writes before a trusted proxy adds who it is, that one counts.
    #[test]
    fn what_stands_before_a_trusted_name_changes_nothing(
        mut lines in garbage(),
        client in prop_oneof![
            any::<[u8; 4]>().prop_map(IpAddr::from),
            any::<[u8; 16]>().prop_map(|bytes| IpAddr::from(bytes).to_canonical()),
        ],
        port in any::<Option<u16>>(),
        inner in 0_u8..4,
    ) {
        prop_assume!(!trusted().iter().any(|range| range.contains(&client)));
        let shown = match port {
            Some(port) => std::net::SocketAddr::new(client, port).to_string(),
            None => client.to_string(),
        };
        let mut written = vec![shown];
        written.extend((0..inner).map(|number| format!("192.168.7.{number}")));
        for one in written {
            let value = HeaderValue::from_str(&one).expect("text");
            lines.append("x-forwarded-for", value);
        }
        let Sender::Named { address, .. } = Sender::of(IpAddr::from([127, 0, 0, 1]), &lines, &trusted()) else {
            return Err(TestCaseError::fail("not believed"));
        };
        prop_assert_eq!(address, client);
    }
}

/// Lines that anybody may have written.
fn garbage() -> impl Strategy<Value = HeaderMap> {
    let name = prop_oneof![
        Just("x-forwarded-for"),
        Just("x-forwarded-proto"),
        Just("forwarded"),
        Just("via"),
    ];
    let text = prop_oneof![
        "[0-9a-f.:,\\[\\] \"=;_%]{0,40}",
        "(for=)?\"?(127\\.0\\.0\\.1|192\\.168\\.7\\.1|1\\.2\\.3\\.4)\"?(, ?|;proto=https)?",
    ];
    let bytes = prop::collection::vec(any::<u8>(), 0..20);
    let value = prop_oneof![
        text.prop_map(|text| HeaderValue::from_str(&text).ok()),
        bytes.prop_map(|bytes| HeaderValue::from_bytes(&bytes).ok()),
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|lines| {
        let lines = lines.into_iter();
        let lines = lines.filter_map(|(name, value)| Some((name, value?)));
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    })
}

fn hidden(over_https: bool) -> Sender {
    Sender::Hidden { over_https }
}

fn named(address: &str, over_https: bool) -> Sender {
    Sender::Named {
        address: address.parse().expect("an address"),
        over_https,
    }
}

fn trusted() -> [IpNet; 2] {
    ["127.0.0.1/32", "192.168.7.0/24"].map(|range| range.parse().expect("a range"))
}

fn sender(peer: &str, lines: &[(&'static str, &str)]) -> Sender {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        let value = HeaderValue::from_str(value).expect("valid");
        headers.append(HeaderName::from_static(name), value);
    }
    Sender::of(peer.parse().expect("an address"), &headers, &trusted())
}
