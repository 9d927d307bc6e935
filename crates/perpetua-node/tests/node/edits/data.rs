//! What is said of the data folder.

use perpetua_node::Node;
use perpetua_schema::{CoreSourceKind, DataKind, DataRead, ListCores, SecretsPlace};

use super::{SETTINGS, done, started};
use crate::harness::Place;

#[tokio::test]
async fn the_room_of_each_kind_is_told() {
    let (place, node) = started(SETTINGS).await;
    let before = done(&node, DataRead {}).await;
    let folder = std::path::Path::new(&before.folder);
    for (part, name) in [("core/versions", "x"), ("accounts/main", "y")] {
        std::fs::create_dir_all(folder.join(part)).expect("made");
        std::fs::write(folder.join(part).join(name), [0; 5000]).expect("written");
    }
    let after = done(&node, DataRead {}).await;
    let grown = |kind: DataKind| {
        let of = |facts: &perpetua_schema::DataFacts| {
            let mut parts = facts.uses.iter().filter(|part| part.kind == kind);
            let part = parts.next().expect("each kind");
            assert!(parts.next().is_none(), "{kind:?} twice");
            part.bytes
        };
        of(&after) - of(&before)
    };
    assert_eq!(grown(DataKind::Cores), 5000);
    assert_eq!(grown(DataKind::Accounts), 5000);
    assert!(after.uses.iter().any(|part| part.kind == DataKind::Logs));
    assert_eq!(after.settings, place.settings_path().display().to_string());
    assert!(!after.settings_elsewhere);
    assert!(after.free.is_some_and(|free| free > 0));
    assert_eq!(after.secrets, SecretsPlace::Keyring);
    node.drain().await;
}

#[tokio::test]
async fn settings_outside_the_folder_are_told_so() {
    let place = Place::new(SETTINGS);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let path = elsewhere.path().join("mine.toml");
    std::fs::write(&path, SETTINGS).expect("written");
    let mut options = place.options();
    options.settings = perpetua_node::read_settings(path.clone()).expect("in order");
    let node = Node::start(options).await.expect("started");
    let facts = done(&node, DataRead {}).await;
    assert!(facts.settings_elsewhere);
    assert_eq!(facts.settings, path.display().to_string());
    node.drain().await;
}

#[tokio::test]
async fn the_sources_of_cores_are_told_in_their_order() {
    let settings = SETTINGS.to_owned()
        + "\n[core]\nauto-install = false\n[[core.sources]]\nkind = \"mirror\"\nprefix = \"https://mirror.example/\"\n\
           [[core.sources]]\nkind = \"github\"\n[[core.sources]]\nkind = \"local\"\npath = \"cores\"\n";
    let (_place, node) = started(&settings).await;
    let told = done(&node, ListCores {}).await;
    assert!(!told.auto_install);
    let sources: Vec<_> = told
        .sources
        .iter()
        .map(|one| (one.kind, &*one.place))
        .collect();
    let expected = [
        (CoreSourceKind::Mirror, "https://mirror.example/"),
        (
            CoreSourceKind::Github,
            "LagrangeDev/Lagrange.Core · nightly",
        ),
        (CoreSourceKind::Local, "cores"),
    ];
    assert_eq!(sources, expected);
    node.drain().await;
}
