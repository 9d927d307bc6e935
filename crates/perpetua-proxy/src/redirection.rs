//! Where somebody redirects to that we call, for people. It is never followed. Pure.

use std::fmt::Write as _;

use http::{HeaderMap, Uri, header};

/// What is kept of an address that somebody else names.
const LONGEST_ADDRESS: usize = 200;

/// The address of a redirection as the settings write it, without its query, which may hold a secret. `schemes` are those
/// that the settings have: the plain one, and the one over TLS.
pub(crate) fn address(headers: &HeaderMap, asked: &str, schemes: [&str; 2]) -> Option<String> {
    let written = ascii(headers.get(header::LOCATION)?.as_bytes());
    let there: Uri = written.parse().ok()?;
    let here: Uri = asked.parse().ok()?;
    let scheme = match there.scheme_str().or(here.scheme_str())? {
        "http" | "ws" => schemes[0],
        "https" | "wss" => schemes[1],
        _ => return None,
    };
    let authority = there.authority().or(here.authority())?.as_str();
    let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let address = format!("{scheme}://{host}{}", there.path());
    Some(address.chars().take(LONGEST_ADDRESS).collect())
}

/// An address as it may be written in one of HTTP: some servers leave the letters of their languages as they are.
fn ascii(written: &[u8]) -> String {
    let mut ascii = String::with_capacity(written.len());
    for byte in written {
        match char::from(*byte) {
            letter if letter.is_ascii() => ascii.push(letter),
            _ => {
                let _never_fails = write!(ascii, "%{byte:02X}");
            }
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header};

    use super::address;

    #[test]
    fn a_redirection_is_told_as_the_address_to_write() {
        for (written, rest) in [
            ("/ws/", Some("://127.0.0.1:6199/ws/")),
            ("/ws/?token=abc", Some("://127.0.0.1:6199/ws/")),
            ("https://other.example/ws", Some("s://other.example/ws")),
            ("http://u:p@other.example/ws?x", Some("://other.example/ws")),
            ("ftp://other.example/", None),
            ("not an address", None),
            ("/机", Some("://127.0.0.1:6199/%E6%9C%BA")),
            ("/机?key=机", Some("://127.0.0.1:6199/%E6%9C%BA")),
            ("/\u{202e}ws", Some("://127.0.0.1:6199/%E2%80%AEws")),
            ("http://机器人.example/ws", None),
        ] {
            let value = HeaderValue::from_bytes(written.as_bytes()).expect("a header");
            let headers = HeaderMap::from_iter([(header::LOCATION, value)]);
            for (asked, schemes) in [
                ("ws://127.0.0.1:6199/ws?x=1", ["ws", "wss"]),
                ("http://127.0.0.1:6199/onebot", ["http", "https"]),
            ] {
                let expected = rest.map(|rest| format!("{}{rest}", schemes[0]));
                assert_eq!(address(&headers, asked, schemes), expected, "{written}");
            }
        }
    }
}
