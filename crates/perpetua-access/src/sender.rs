//! Whom a request comes from when something stands between.
//!
//! Anybody can write the headers in which proxies tell whom they speak for, so only those of proxies are believed that
//! the owner trusts. That somebody writes them at all is believed of everybody: who does is no program that asks
//! this machine by itself.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

/// What proxies, load balancers and the networks of content add under names of their own.
const SIGNS: [&str; 14] = [
    "forwarded",
    "via",
    "cdn-loop",
    "remote-addr",
    "x-remote-addr",
    "x-remote-ip",
    "x-originating-ip",
    "x-coming-from",
    "x-azure-socketip",
    "x-arr-log-id",
    "cf-ray",
    "cf-connecting-ipv6",
    "cloudfront-viewer-address",
    "x-nf-client-connection-ip",
];
/// What names of whole families of theirs begin with.
const BEGINNINGS: [&str; 3] = ["x-forwarded", "x-envoy-", "x-vercel-"];
/// What they end with, whoever stands before: `X-Real-IP`, `CF-Connecting-IP`, `X-Original-Forwarded-For`.
const ENDINGS: [&str; 8] = [
    "client-ip",
    "clientip",
    "connecting-ip",
    "real-ip",
    "user-ip",
    "src-ip",
    "forwarded-for",
    "forwarded-for-ip",
];
const FORWARDED: &str = "forwarded";
const FORWARDED_FOR: &str = "x-forwarded-for";
const FORWARDED_PROTO: &str = "x-forwarded-proto";

/// Who sent a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sender {
    /// The peer of the connection.
    Peer,
    /// Somebody whom trusted proxies name.
    Named {
        /// Where it is.
        address: IpAddr,
        /// Whether it came to them over HTTPS.
        over_https: bool,
    },
    /// Somebody behind a proxy that is not trusted to say whom it speaks for, or does not say it.
    Hidden {
        /// Whether a trusted proxy says that it came over HTTPS.
        over_https: bool,
    },
}

impl Sender {
    /// Who sent a request with these headers, over a connection of `peer`. Of the names in a chain of proxies, the last
    /// one counts that a trusted proxy has written and that is no trusted proxy itself: whatever stands
    /// before it was written by somebody else.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |address| trusted.iter().any(|range| range.contains(&address));
        if !headers.keys().any(is_sign) {
            return Self::Peer;
        }
        if !is_trusted(peer) {
            return Self::Hidden { over_https: false };
        }
        let mut sender = Self::Hidden { over_https: false };
        for hop in hops(headers).into_iter().rev() {
            let over_https = hop.over_https;
            let Some(address) = hop.address else {
                return Self::Hidden { over_https };
            };
            sender = Self::Named {
                address,
                over_https,
            };
            if !is_trusted(address) {
                break;
            }
        }
        sender
    }
}

fn is_sign(name: &HeaderName) -> bool {
    let name = name.as_str();
    SIGNS.contains(&name)
        || BEGINNINGS.iter().any(|part| name.starts_with(part))
        || ENDINGS.iter().any(|part| name.ends_with(part))
}

/// What one proxy tells of whoever came to it.
struct Hop {
    /// `None` for what is no address.
    address: Option<IpAddr>,
    over_https: bool,
}

/// What all proxies tell, the nearest one last. Where there is an `X-Forwarded-For`, `Forwarded` tells nothing: a proxy
/// that writes one of the two often passes on the other as it came.
fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let protocols = items(headers, FORWARDED_PROTO);
    let is_https = |protocol: &str| protocol.eq_ignore_ascii_case("https");
    if !headers.contains_key(FORWARDED_FOR) && headers.contains_key(FORWARDED) {
        return items(headers, FORWARDED)
            .iter()
            .map(|hop| element(hop))
            .collect();
    }
    let addresses = items(headers, FORWARDED_FOR);
    // One protocol for each address, or fewer: the first then counts for all before it.
    let missing = addresses.len().saturating_sub(protocols.len());
    let protocol = |number: usize| protocols.get(number.saturating_sub(missing));
    let surplus = protocols.len().saturating_sub(addresses.len());
    let mut hops: Vec<_> = addresses
        .iter()
        .enumerate()
        .map(|(number, address)| Hop {
            address: node(address),
            over_https: protocol(number + surplus).is_some_and(|protocol| is_https(protocol)),
        })
        .collect();
    if hops.is_empty() {
        hops.push(Hop {
            address: None,
            over_https: protocols.last().is_some_and(|protocol| is_https(protocol)),
        });
    }
    hops
}

/// One element of `Forwarded`, such as `for="[2001:db8::1]:4711";proto=https`.
fn element(text: &str) -> Hop {
    let mut hop = Hop {
        address: None,
        over_https: false,
    };
    for pair in split(text, ';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = node(value),
            "proto" => hop.over_https = value.eq_ignore_ascii_case("https"),
            _ => {}
        }
    }
    hop
}

/// An address, with or without a port.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address| address.to_canonical())
}

/// The items of all lines of a header, in their order. A line that is no text is one item that nobody can read.
fn items(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lines = headers.get_all(name).into_iter();
    lines
        .flat_map(|line| split(line.to_str().unwrap_or("?"), ','))
        .map(|item| item.trim().to_owned())
        .collect()
}

/// Takes a text apart, but for what stands in quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let mut is_quoted = false;
    text.split(move |letter| {
        is_quoted ^= letter == '"';
        letter == separator && !is_quoted
    })
    .collect()
}

#[cfg(test)]
mod tests {
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
}
