//! The address of a server that we go to, however it is spelled.

use http::Uri;

use crate::{HttpUrl, WebSocketUrl};

/// Equal for two spellings of one address: host and scheme in small letters, the port written out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetAddress(String);

impl TargetAddress {
    fn of(uri: &Uri, port: u16) -> Self {
        let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let rest = uri.path_and_query().map_or("/", |rest| rest.as_str());
        Self(format!("{scheme}://{host}:{port}{rest}"))
    }
}

impl From<&WebSocketUrl> for TargetAddress {
    fn from(url: &WebSocketUrl) -> Self {
        Self::of(url.uri(), url.port())
    }
}

impl From<&HttpUrl> for TargetAddress {
    fn from(url: &HttpUrl) -> Self {
        Self::of(&url.uri(), url.port())
    }
}

#[cfg(test)]
mod tests {
    use super::TargetAddress;
    use crate::WebSocketUrl;

    #[test]
    fn spellings_of_one_address_are_one() {
        let address = |text: &str| TargetAddress::from(&WebSocketUrl::new(text).expect(text));
        let one = address("ws://bot.example/ws?x=A");
        assert_eq!(one, address("WS://BOT.example:80/ws?x=A"));
        for other in [
            "wss://bot.example:80/ws?x=A",
            "ws://bot.example/ws?x=a",
            "ws://bot.example/ws/?x=A",
            "ws://bot.example:81/ws?x=A",
        ] {
            assert_ne!(one, address(other), "{other}");
        }
    }
}
