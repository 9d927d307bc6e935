//! Where the API listens.

use std::net::SocketAddr;

use super::{EditError, Place, Written, set};

/// Changes the address that the API listens on.
///
/// # Errors
/// If the text is no TOML, or `api` is something else than a table.
pub fn set_api_listen(text: &str, address: SocketAddr) -> Result<String, EditError> {
    let listen = Written::Text(address.to_string());
    set(text, Place::Section("api"), "listen", Some(&listen))
}

#[cfg(test)]
mod tests {
    use super::set_api_listen;

    #[test]
    fn the_address_changes_and_the_rest_stays() {
        let address = "127.0.0.1:8081".parse().expect("an address");
        let set = |text| set_api_listen(text, address).expect("TOML");
        assert_eq!(
            set("# a\n[api]\nlisten = \"127.0.0.1:8080\" # b\nx = 1\n"),
            "# a\n[api]\nlisten = \"127.0.0.1:8081\" # b\nx = 1\n"
        );
        assert_eq!(
            set("secrets = \"file\"\n"),
            "secrets = \"file\"\n\n[api]\nlisten = \"127.0.0.1:8081\"\n"
        );
        assert_eq!(
            set("[api]\r\nlisten = \"127.0.0.1:1\"\r\n"),
            "[api]\r\nlisten = \"127.0.0.1:8081\"\r\n"
        );
        assert!(set_api_listen("api = 3", address).is_err());
    }
}
