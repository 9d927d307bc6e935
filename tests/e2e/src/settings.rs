//! `perpetua.toml` for tests: the node chooses every port, secrets are in a file.

use std::fmt::{self, Display, Formatter, Write as _};

/// The account that test settings have.
pub const ACCOUNT: &str = "main";

/// Settings with one account.
#[derive(Clone)]
pub struct Settings {
    api: String,
    sections: String,
    account_keys: String,
    upstream: String,
    clients: String,
}

impl Settings {
    /// An account on the simulator, without clients.
    pub fn simulator() -> Self {
        Self::upstream("kind = \"simulator\"")
    }

    /// An account on a OneBot server at this address.
    pub fn onebot(url: &str) -> Self {
        Self::upstream(&format!("kind = \"onebot\"\nurl = \"{url}\""))
    }

    /// An account whose upstream dials us ([`Node::upstream`](crate::Node::upstream)).
    pub fn onebot_reverse() -> Self {
        Self::upstream("kind = \"onebot-reverse\"\nlisten = \"127.0.0.1:0\"\ntoken = \"off\"")
    }

    /// An account whose upstream has these keys.
    pub fn upstream(keys: &str) -> Self {
        Self {
            api: "127.0.0.1:0".to_owned(),
            sections: String::new(),
            account_keys: String::new(),
            upstream: keys.to_owned(),
            clients: String::new(),
        }
    }

    /// With the node's own address instead of one that it chooses.
    #[must_use]
    pub fn api(mut self, listen: &str) -> Self {
        listen.clone_into(&mut self.api);
        self
    }

    /// With a further section, such as `[discovery]`.
    #[must_use]
    pub fn section(mut self, text: &str) -> Self {
        self.sections.push_str(text);
        self.sections.push('\n');
        self
    }

    /// With a further key of the account.
    #[must_use]
    pub fn account_key(mut self, line: &str) -> Self {
        self.account_keys.push_str(line);
        self.account_keys.push('\n');
        self
    }

    /// With a further key of the upstream.
    #[must_use]
    pub fn upstream_key(mut self, line: &str) -> Self {
        self.upstream.push('\n');
        self.upstream.push_str(line);
        self
    }

    /// With a forward client whose token the node makes.
    #[must_use]
    pub fn client(self, name: &str) -> Self {
        self.client_with(name, "")
    }

    /// With a forward client that needs no token.
    #[must_use]
    pub fn open_client(self, name: &str) -> Self {
        self.client_with(name, "token = \"off\"")
    }

    /// With a forward client with further keys.
    #[must_use]
    pub fn client_with(self, name: &str, keys: &str) -> Self {
        self.client_at(name, 0, keys)
    }

    /// With a client that is dialled at this address, with further keys.
    #[must_use]
    pub fn reverse_client(mut self, name: &str, url: &str, keys: &str) -> Self {
        let _ = writeln!(
            self.clients,
            "\n[[accounts.clients]]\nname = \"{name}\"\nkind = \"reverse\"\nurl = \"{url}\"\n{keys}"
        );
        self
    }

    /// With a client that dials these addresses, written as in the settings, with further keys.
    #[must_use]
    pub fn reverse_client_of(mut self, name: &str, urls: &[String], keys: &str) -> Self {
        let urls = urls.join(", ");
        let _ = writeln!(
            self.clients,
            "\n[[accounts.clients]]\nname = \"{name}\"\nkind = \"reverse\"\nurls = [{urls}]\n{keys}"
        );
        self
    }

    /// With a client that is posted to at this address, with further keys.
    #[must_use]
    pub fn post_client(mut self, name: &str, url: &str, keys: &str) -> Self {
        let _ = writeln!(
            self.clients,
            "\n[[accounts.clients]]\nname = \"{name}\"\nkind = \"post\"\nurl = \"{url}\"\n{keys}"
        );
        self
    }

    /// With a client that calls over HTTP, with further keys.
    #[must_use]
    pub fn http_client(mut self, name: &str, keys: &str) -> Self {
        let _ = writeln!(
            self.clients,
            "\n[[accounts.clients]]\nname = \"{name}\"\nkind = \"http\"\nlisten = \"127.0.0.1:0\"\n{keys}"
        );
        self
    }

    /// With a forward client on this port, for tests that are about a port.
    #[must_use]
    pub fn client_at(mut self, name: &str, port: u16, keys: &str) -> Self {
        self.clients.push_str(&client_entry(name, port, keys));
        self
    }
}

fn client_entry(name: &str, port: u16, keys: &str) -> String {
    let mut entry = String::new();
    let _ = writeln!(
        entry,
        "\n[[accounts.clients]]\nname = \"{name}\"\nkind = \"forward\""
    );
    let _ = writeln!(entry, "listen = \"127.0.0.1:{port}\"\n{keys}");
    entry
}

impl Display for Settings {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            api,
            sections,
            account_keys,
            upstream,
            clients,
        } = self;
        writeln!(
            formatter,
            "secrets = \"file\"\n\n[api]\nlisten = \"{api}\"\n\n{sections}"
        )?;
        writeln!(
            formatter,
            "[[accounts]]\nname = \"{ACCOUNT}\"\n{account_keys}"
        )?;
        writeln!(formatter, "[accounts.upstream]\n{upstream}\n{clients}")
    }
}
