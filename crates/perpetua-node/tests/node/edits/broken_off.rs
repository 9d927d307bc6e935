//! Changes of secrets and settings that broke off: what a killed node leaves goes, and what is a person's stays.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use perpetua_fs::FileError;
use perpetua_node::{MadeSecrets, Node};
use perpetua_schema::{
    AccountAdd, AccountChange, AccountEdit, AccountRemove, ClientRemove, Framework, Method,
    NetworkChange, NetworkEdit, NewUpstream, SignerAdd, SignerEdit, SignerRemove, TokenNew,
};
use perpetua_secrets::Secret;
use tokio::sync::mpsc;

use super::{SETTINGS, done, new_client, refused, started, text};
use crate::harness::{Place, Secrets};

/// A secret that a person has stored, and one whose name perpetua might have given.
const OWN: [&str; 2] = ["named/mine", "named/signer-sign-example"];

/// What is on the disk and in the keyring when a node is killed.
#[derive(Clone, Debug)]
struct Moment {
    settings: String,
    made: Option<Vec<u8>>,
    secrets: Secrets,
}

impl Moment {
    fn seen(settings: &Path, made: &Path, secrets: &Secrets) -> Self {
        Self {
            settings: fs::read_to_string(settings).expect("readable"),
            made: fs::read(made).ok(),
            secrets: secrets.clone(),
        }
    }

    /// The folder and the keyring that a later node finds.
    fn place(&self) -> Place {
        let place = Place::new(&self.settings);
        if let Some(made) = &self.made {
            fs::write(place.folders().made_secrets(), made).expect("written");
        }
        for (name, secret) in &self.secrets {
            place.keyring.store(name, secret.clone());
        }
        place
    }

    /// What the settings name of what the store has, and what a person has stored.
    fn needed(&self) -> BTreeSet<String> {
        let config = perpetua_config::parse(&self.settings).expect("valid");
        let accounts = config.accounts.iter();
        let of_clients = accounts.flat_map(|account| {
            let clients = account.clients.iter();
            clients.map(|client| format!("client/{}/{}", account.name, client.name))
        });
        let of_clients: Vec<_> = of_clients.collect();
        let is_needed = |name: &&String| match name.strip_prefix("named/") {
            Some(named) => {
                OWN.contains(&name.as_str()) || self.settings.contains(&format!("\"{named}\""))
            }
            None => of_clients.contains(name),
        };
        self.secrets.keys().filter(is_needed).cloned().collect()
    }
}

/// Everything at which a node could be killed from now on.
fn moments(place: &Place) -> Arc<Mutex<Vec<Moment>>> {
    let (settings, made): (PathBuf, PathBuf) =
        (place.settings_path(), place.folders().made_secrets());
    let all = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&all);
    place.keyring.watch(move |secrets| {
        let moment = Moment::seen(&settings, &made, secrets);
        kept.lock().expect("moments").push(moment);
    });
    all
}

/// Whatever a node sweeps is swept when this is answered.
async fn swept(node: &Node) {
    let name = "nobody".into();
    refused(node, SignerRemove { name }).await;
}

async fn edited<M: Method>(node: &Node, call: M) {
    done(node, call).await;
}

fn signer(key: &str) -> SignerAdd {
    SignerAdd {
        name: None,
        url: format!("https://sign.example/{key}/sign"),
    }
}

fn upstream_token(token: &str) -> AccountEdit {
    AccountEdit {
        account: "onebot".into(),
        change: AccountChange {
            token: Some(token.into()),
            ..AccountChange::default()
        },
        instead_of: None,
    }
}

fn through(proxy: &str) -> NetworkEdit {
    NetworkEdit {
        change: NetworkChange {
            download_proxy: Some(proxy.into()),
            ..NetworkChange::default()
        },
        instead_of: None,
        opens: false,
        keeps_host: None,
    }
}

/// Each change that has to do with secrets, one after another.
async fn every_change(node: &Node) {
    edited(node, signer("hunter1")).await;
    let moved = SignerEdit {
        name: "sign-example".into(),
        url: Some("https://sign.example/hunter2/sign".into()),
        rename: None,
        instead_of: None,
    };
    edited(node, moved).await;
    edited(
        node,
        SignerRemove {
            name: "sign-example".into(),
        },
    )
    .await;
    edited(node, new_client(Framework::Koishi)).await;
    let client = Some("koishi".to_owned());
    let renewed = TokenNew {
        account: "main".into(),
        client,
    };
    edited(node, renewed).await;
    let removed = ClientRemove {
        account: "main".into(),
        client: "koishi".into(),
    };
    edited(node, removed).await;
    let upstream = NewUpstream::Onebot {
        url: "ws://127.0.0.1:1".into(),
        token: Some("first".into()),
    };
    edited(
        node,
        AccountAdd {
            name: None,
            upstream,
        },
    )
    .await;
    edited(node, upstream_token("second")).await;
    edited(
        node,
        AccountRemove {
            account: "onebot".into(),
        },
    )
    .await;
    for proxy in ["http://me:one@127.0.0.1:1", "http://me:two@127.0.0.1:1", ""] {
        edited(node, through(proxy)).await;
    }
}

fn own(place: &Place) {
    for name in OWN {
        let secret = Secret::new("hunter2").expect("a secret");
        place.keyring.store(name, secret);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whenever_a_node_is_killed_the_next_one_keeps_what_is_needed_and_nothing_else() {
    let (place, node) = started(SETTINGS).await;
    own(&place);
    let moments = moments(&place);
    every_change(&node).await;
    assert_eq!(
        place.keyring.names(),
        OWN,
        "nothing is left without a kill either"
    );
    node.drain().await;
    let moments = std::mem::take(&mut *moments.lock().expect("moments"));
    assert!(moments.len() > 20, "{}", moments.len());
    let mut had_more = 0;
    for moment in &moments {
        let needed = moment.needed();
        had_more += usize::from(needed.len() < moment.secrets.len());
        let place = moment.place();
        let node = place.start().await.expect("started");
        swept(&node).await;
        let kept: BTreeSet<_> = place.keyring.names().into_iter().collect();
        assert_eq!(kept, needed, "{moment:?}");
        node.drain().await;
    }
    assert!(
        had_more > 8,
        "{had_more} moments with a secret that nothing names"
    );
}

/// What is there when a node is killed after it has stored the address of a signer.
async fn killed_while_adding() -> Moment {
    let (place, node) = started(SETTINGS).await;
    own(&place);
    let moments = moments(&place);
    done(&node, signer("hunter1")).await;
    node.drain().await;
    let moments = moments.lock().expect("moments");
    let stored = moments
        .iter()
        .find(|moment| moment.secrets.len() > OWN.len());
    stored.expect("it was stored").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_alone_removes_what_a_killed_change_has_stored() {
    let place = killed_while_adding().await.place();
    let (removed, mut removals) = mpsc::channel(16);
    place.keyring.watch(move |secrets| {
        let _test_over = removed.try_send(secrets.len());
    });
    let node = place.start().await.expect("started");
    while removals.recv().await != Some(OWN.len()) {}
    node.drain().await;
    assert_eq!(place.keyring.names(), OWN);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_removed_while_the_settings_cannot_be_read_or_the_keyring_is_away() {
    let moment = killed_while_adding().await;
    let place = moment.place();
    place.keyring.set_absent(true);
    let node = place.start().await.expect("started");
    swept(&node).await;
    place.keyring.set_absent(false);
    assert_eq!(place.keyring.names().len(), OWN.len() + 1);
    place.write("[api]\nlisten = ");
    swept(&node).await;
    assert_eq!(
        place.keyring.names().len(),
        OWN.len() + 1,
        "they may name it"
    );
    place.write(&moment.settings);
    swept(&node).await;
    assert_eq!(place.keyring.names(), OWN);
    node.drain().await;
}

#[tokio::test]
async fn what_a_person_stores_in_place_of_a_secret_of_perpetua_is_theirs() {
    let (place, node) = started(SETTINGS).await;
    done(&node, signer("hunter1")).await;
    assert_eq!(place.keyring.names(), ["named/signer-sign-example"]);
    let made = MadeSecrets::new(&place.folders());
    let stored = made.stored_by_a_person("signer-sign-example", || Ok::<_, FileError>(()));
    stored.expect("noted");
    let removed = done(
        &node,
        SignerRemove {
            name: "sign-example".into(),
        },
    )
    .await;
    assert_eq!(removed.pending[0].code, "edit.secret_kept");
    assert_eq!(place.keyring.names(), ["named/signer-sign-example"]);
    node.drain().await;
}

#[tokio::test]
async fn a_secret_with_a_name_of_the_owner_survives_every_change_that_replaces_or_removes_it() {
    let settings = format!(
        "{SETTINGS}[[accounts.clients]]\nname = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"\n\
         token = {{ secret = \"mine\" }}\n\
         [[accounts]]\nname = \"onebot\"\n[accounts.upstream]\nkind = \"onebot\"\n\
         url = \"ws://127.0.0.1:1\"\ntoken = {{ secret = \"onebot-upstream\" }}\n"
    );
    let (place, node) = started(&settings).await;
    for name in ["named/mine", "named/onebot-upstream"] {
        place
            .keyring
            .store(name, Secret::new("hunter2").expect("a secret"));
    }
    let all_stay = || {
        let names = place.keyring.names();
        names.contains(&"named/mine".to_owned())
            && names.contains(&"named/onebot-upstream".to_owned())
    };
    done(&node, upstream_token("another")).await;
    assert!(all_stay() && text(&place).contains("onebot-upstream-2"));
    place.write(&settings);
    let removed = done(
        &node,
        AccountRemove {
            account: "onebot".into(),
        },
    )
    .await;
    assert!(
        removed
            .pending
            .iter()
            .any(|one| one.code == "edit.secret_kept")
    );
    assert!(all_stay());
    let renewed = TokenNew {
        account: "main".into(),
        client: Some("bot".into()),
    };
    done(&node, renewed).await;
    assert!(all_stay());
    place.write(&settings);
    let removed = ClientRemove {
        account: "main".into(),
        client: "bot".into(),
    };
    let removed = done(&node, removed).await;
    assert!(
        removed
            .pending
            .iter()
            .any(|one| one.code == "edit.secret_kept")
    );
    assert!(all_stay());
    node.drain().await;
}
