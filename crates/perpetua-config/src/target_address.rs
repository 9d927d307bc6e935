//! The address of a server that we go to, however it is spelled.

use http::Uri;

use crate::{HttpUrl, Server, WebSocketUrl};

/// Equal for two spellings of one address: scheme and server as they are compared, the port written out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TargetAddress(String);

impl TargetAddress {
    fn of(uri: &Uri, server: &Server) -> Self {
        let scheme = uri.scheme_str().unwrap_or_default().to_ascii_lowercase();
        let rest = uri.path_and_query().map_or("/", |rest| rest.as_str());
        Self(format!("{scheme}://{server}{rest}"))
    }
}

impl From<&WebSocketUrl> for TargetAddress {
    fn from(url: &WebSocketUrl) -> Self {
        Self::of(url.uri(), &url.server())
    }
}

impl From<&HttpUrl> for TargetAddress {
    fn from(url: &HttpUrl) -> Self {
        Self::of(&url.uri(), &url.server())
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
        let here = address("ws://localhost:6199/ws");
        assert_eq!(here, address("ws://127.0.0.1:6199/ws"));
        assert_eq!(here, address("ws://[::1]:6199/ws"));
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
