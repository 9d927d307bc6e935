//! What becomes of what runs with a secret when that is stored anew or removed, in words. Pure.

use perpetua_accounts::SecretUser;
use perpetua_config::{ClientKind, Config, Name};
use perpetua_words::{Message, node as words};

/// What was done to a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecretChange {
    /// It was stored, and there was none before.
    First,
    /// It was stored in the place of another.
    Replaced,
    /// It was removed.
    Removed,
}

/// What becomes of something that runs with it.
pub(super) fn said(user: &SecretUser, change: SecretChange, config: &Config) -> Message {
    match (user, change) {
        (SecretUser::Client(account, client), _) => of_client(account, client, change, config),
        (SecretUser::Upstream(account), SecretChange::Removed) => {
            let account = account.as_str();
            words::SecretGoneUpstream { account }.into()
        }
        (SecretUser::Upstream(account), _) => {
            let account = account.as_str();
            words::SecretOfUpstream { account }.into()
        }
        (SecretUser::Leases, SecretChange::Removed) => words::SecretGoneLeases.into(),
        (SecretUser::Leases, _) => words::SecretOfLeases.into(),
        (_, SecretChange::Removed) => words::SecretGone.into(),
        (SecretUser::Signing(account, signers), _) => of_signing(account, signers),
        (SecretUser::Webhook(number), _) => words::SecretOfWebhook { number: *number }.into(),
        (SecretUser::Cores, _) => words::SecretOfCores.into(),
    }
}

fn of_client(account: &Name, client: &Name, change: SecretChange, config: &Config) -> Message {
    let found = config.account(account).and_then(|one| one.client(client));
    let (account, client) = (account.as_str(), client.as_str());
    match (found.map(|found| &found.kind), change) {
        (Some(ClientKind::Reverse(_)), SecretChange::Removed) => {
            words::SecretGoneClientDialled { account, client }.into()
        }
        (Some(ClientKind::Reverse(_)), _) => {
            words::SecretOfClientDialled { account, client }.into()
        }
        (Some(ClientKind::Post(_)), SecretChange::Removed) => {
            words::SecretGoneClientPosted { account, client }.into()
        }
        (Some(ClientKind::Post(_)), _) => words::SecretOfClientPosted { account, client }.into(),
        (_, SecretChange::First) => words::SecretOfClientFirst { account, client }.into(),
        (_, SecretChange::Replaced) => words::SecretOfClient { account, client }.into(),
        (_, SecretChange::Removed) => words::SecretGoneClient { account, client }.into(),
    }
}

fn of_signing(account: &Name, signers: &[Name]) -> Message {
    let account = account.as_str();
    if signers.is_empty() {
        return words::SecretOfSignProxy { account }.into();
    }
    let signers: Vec<_> = signers.iter().map(|signer| format!("`{signer}`")).collect();
    let signers = signers.join(", ");
    words::SecretOfSigner { account, signers }.into()
}

#[cfg(test)]
mod tests {
    use perpetua_accounts::SecretUser;
    use perpetua_config::Name;

    use super::{SecretChange, said};

    const SETTINGS: &str = r#"
[[accounts]]
name = "main"
upstream = { kind = "simulator" }
[[accounts.clients]]
name = "forward"
kind = "forward"
listen = "127.0.0.1:6700"
token = { secret = "x" }
[[accounts.clients]]
name = "http"
kind = "http"
listen = "127.0.0.1:6701"
token = { secret = "x" }
[[accounts.clients]]
name = "reverse"
kind = "reverse"
url = "ws://127.0.0.1:6199/ws"
token = { secret = "x" }
[[accounts.clients]]
name = "post"
kind = "post"
url = "http://127.0.0.1:8081/"
secret = { secret = "x" }
"#;

    #[test]
    fn what_is_said_is_true_of_each_kind_and_of_each_change() {
        use SecretChange::{First, Removed, Replaced};
        let config = perpetua_config::parse(SETTINGS).expect("valid");
        let name = |name: &str| Name::new(name).expect("a name");
        for (client, change, code) in [
            ("forward", First, "node.secret_of_client_first"),
            ("forward", Replaced, "node.secret_of_client"),
            ("http", First, "node.secret_of_client_first"),
            ("http", Replaced, "node.secret_of_client"),
            ("http", Removed, "node.secret_gone_client"),
            ("reverse", First, "node.secret_of_client_dialled"),
            ("reverse", Replaced, "node.secret_of_client_dialled"),
            ("reverse", Removed, "node.secret_gone_client_dialled"),
            ("post", First, "node.secret_of_client_posted"),
            ("post", Removed, "node.secret_gone_client_posted"),
        ] {
            let user = SecretUser::Client(name("main"), name(client));
            assert_eq!(
                said(&user, change, &config).code,
                code,
                "{client} {change:?}"
            );
        }
        let user = SecretUser::Upstream(name("main"));
        for (change, code) in [
            (First, "node.secret_of_upstream"),
            (Removed, "node.secret_gone_upstream"),
        ] {
            assert_eq!(said(&user, change, &config).code, code);
        }
        let user = SecretUser::Webhook(1);
        assert_eq!(said(&user, Removed, &config).code, "node.secret_gone");
    }
}
