//! What runs with a secret that the settings name.

use perpetua_config::{
    self as config, AddressSource, ListenerToken, Name, ProxySource, TokenSource,
};

use super::{Desired, DesiredAccount};

/// Something that runs with a secret which the settings name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretUser {
    /// A client lets in who shows it, or is shown it.
    Client(Name, Name),
    /// An account's upstream: what it shows, or what it is shown.
    Upstream(Name),
    /// The core of an account is signed for with it: by these signers, or through a proxy.
    Signing(Name, Vec<Name>),
    /// A webhook, counted from 1.
    Webhook(usize),
    /// The downloads of cores, through a proxy.
    Cores,
    /// Programs that lease ports.
    Leases,
}

impl Desired {
    /// Everything that is to run with the secret that the settings call so.
    pub fn users_of_secret(&self, secret: &str) -> Vec<SecretUser> {
        let mut users: Vec<_> = self
            .accounts
            .iter()
            .flat_map(|one| one.users_of_secret(secret))
            .collect();
        for (index, hook) in self.webhooks.iter().enumerate() {
            let token = hook.token.as_ref();
            if is_address(&hook.post, secret) || token.is_some_and(|one| is_secret(one, secret)) {
                users.push(SecretUser::Webhook(index + 1));
            }
        }
        if self
            .cores
            .proxy
            .as_ref()
            .is_some_and(|proxy| is_proxy(proxy, secret))
        {
            users.push(SecretUser::Cores);
        }
        if is_listener(&self.access.discovery.token, secret) {
            users.push(SecretUser::Leases);
        }
        users
    }
}

impl DesiredAccount {
    fn users_of_secret(&self, secret: &str) -> Vec<SecretUser> {
        let account = || self.name.clone();
        let mut users = Vec::new();
        match &self.upstream.settings {
            config::Upstream::Simulator => {}
            config::Upstream::Onebot(onebot) => {
                let shows_it = onebot
                    .token
                    .as_ref()
                    .is_some_and(|one| is_secret(one, secret));
                users.extend(shows_it.then(|| SecretUser::Upstream(account())));
            }
            config::Upstream::OnebotReverse(reverse) => {
                let asks_for_it = is_listener(&reverse.token, secret);
                users.extend(asks_for_it.then(|| SecretUser::Upstream(account())));
            }
            config::Upstream::Lagrange(lagrange) => {
                let signers = self.upstream.signers.iter();
                let signers = signers.filter(|signer| is_address(&signer.url, secret));
                let signers: Vec<_> = signers.map(|signer| signer.name.clone()).collect();
                let proxy = lagrange.sign_proxy.as_ref();
                if !signers.is_empty() || proxy.is_some_and(|proxy| is_proxy(proxy, secret)) {
                    users.push(SecretUser::Signing(account(), signers));
                }
            }
        }
        let uses_it = |client: &&config::Client| {
            let mut named = client.secrets().into_iter();
            named.any(|source| is_secret(source, secret))
        };
        let clients = self.clients.iter().filter(uses_it);
        users.extend(clients.map(|client| SecretUser::Client(account(), client.name.clone())));
        users
    }
}

fn is_secret(source: &TokenSource, secret: &str) -> bool {
    matches!(source, TokenSource::Secret(name) if name == secret)
}

fn is_listener(token: &ListenerToken, secret: &str) -> bool {
    matches!(token, ListenerToken::From(source) if is_secret(source, secret))
}

fn is_address(address: &AddressSource, secret: &str) -> bool {
    matches!(address, AddressSource::From(source) if is_secret(source, secret))
}

fn is_proxy(proxy: &ProxySource, secret: &str) -> bool {
    matches!(proxy, ProxySource::From(source) if is_secret(source, secret))
}

#[cfg(test)]
mod tests {
    use super::SecretUser;
    use crate::Desired;

    const SETTINGS: &str = r#"
[core]
proxy = { secret = "proxy" }
[discovery]
token = { secret = "lease" }
[[signers]]
name = "first"
url = { secret = "signer" }
[[signers]]
name = "second"
url = "http://127.0.0.1:1/sign"
[[notify]]
post = "http://a.example/"
[[notify]]
post = { secret = "hook" }
[[notify]]
post = "http://b.example/"
token = { secret = "mine" }

[[accounts]]
name = "main"
upstream = { kind = "lagrange", sign-proxy = { secret = "proxy" } }
[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:6700"
token = { secret = "mine" }

[[accounts]]
name = "dials"
upstream = { kind = "onebot", url = "ws://127.0.0.1:5700/", token = { secret = "mine" } }
[[accounts.clients]]
name = "astrbot"
kind = "reverse"
urls = ["ws://127.0.0.1:6199/ws", { url = "ws://127.0.0.1:6299/ws", token = { secret = "own" } }]
token = { secret = "sent" }
[[accounts.clients]]
name = "hook"
kind = "post"
url = "http://127.0.0.1:8081/"
secret = { secret = "signs" }

[[accounts]]
name = "waits"
upstream = { kind = "onebot-reverse", listen = "127.0.0.1:5701", token = { secret = "shown" } }

[[accounts]]
name = "rests"
enabled = false
upstream = { kind = "onebot", url = "ws://127.0.0.1:5700/", token = { secret = "mine" } }
"#;

    #[test]
    fn everything_that_runs_with_a_secret_is_known_and_nothing_else() {
        let config = perpetua_config::parse(SETTINGS).unwrap_or_else(|wrong| panic!("{wrong}"));
        let desired = Desired::new(&config);
        let name = |name: &str| perpetua_config::Name::new(name).expect("a name");
        let main = || name("main");
        for (secret, users) in [
            ("nobodys", vec![]),
            (
                "signer",
                vec![SecretUser::Signing(main(), vec![name("first")])],
            ),
            (
                "proxy",
                vec![SecretUser::Signing(main(), vec![]), SecretUser::Cores],
            ),
            ("lease", vec![SecretUser::Leases]),
            ("hook", vec![SecretUser::Webhook(2)]),
            (
                "signs",
                vec![SecretUser::Client(name("dials"), name("hook"))],
            ),
            (
                "sent",
                vec![SecretUser::Client(name("dials"), name("astrbot"))],
            ),
            (
                "own",
                vec![SecretUser::Client(name("dials"), name("astrbot"))],
            ),
            ("shown", vec![SecretUser::Upstream(name("waits"))]),
            (
                "mine",
                vec![
                    SecretUser::Client(main(), name("bot")),
                    SecretUser::Upstream(name("dials")),
                    SecretUser::Webhook(3),
                ],
            ),
        ] {
            assert_eq!(desired.users_of_secret(secret), users, "{secret}");
        }
    }
}
