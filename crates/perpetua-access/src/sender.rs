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
mod tests;
