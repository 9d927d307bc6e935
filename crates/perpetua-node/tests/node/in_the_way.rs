//! What somebody has put in the place of the node's own files, or keeps from being read, stops no start.

use std::fs;

use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_schema::{ListCores, Status};
use serde_json::Value;

use crate::harness::Place;

const SETTINGS: &str = "[api]\nlisten = \"127.0.0.1:0\"\n\n[[accounts]]\nname = \"main\"\nupstream = { kind = \"simulator\" }\n";

#[tokio::test]
async fn a_folder_in_the_place_of_a_file_that_each_start_writes_is_put_aside() {
    for name in ["session.json", "pid"] {
        let place = Place::new(SETTINGS);
        place.folders().create().expect("folders");
        let path = place.folders().run().join(name);
        for aside in ["aside", "aside-2"] {
            fs::create_dir(&path).expect("a folder");
            fs::write(path.join("letters"), "mine").expect("written");
            let node = place.start().await.expect(name);
            let written = fs::read(&path).expect("a file of the node");
            if name == "session.json" {
                let session: Value = serde_json::from_slice(&written).expect("JSON");
                assert!(session["token"].is_string(), "{name}");
            }
            let aside = path.with_file_name(format!("{name}.{aside}"));
            let kept = fs::read_to_string(aside.join("letters"));
            assert_eq!(kept.expect("nothing was deleted"), "mine", "{name}");
            node.drain().await;
            assert!(!path.exists(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_record_of_cores_that_may_not_be_read_is_said_and_read_later() {
    let place = Place::new(SETTINGS);
    place.folders().create().expect("folders");
    let core = place.folders().core();
    let version = core.join("nightly-3fa9c1d2");
    fs::create_dir_all(&version).expect("a folder");
    let record = core.join("versions.json");
    let written = r#"{"current":null,"previous":null,"installed":[]}"#;
    fs::write(&record, written).expect("written");
    let disk = FaultyDisk::under(place.folders().data());
    disk.fail(DiskFault::Unreadable, "versions.json");
    let node = place.start().await.expect("started");
    let said = || async {
        let status = node.rpc().call(&Status {}).await.expect("a status");
        let problems = status.problems.iter().map(ToString::to_string);
        problems.collect::<Vec<_>>().join("\n")
    };
    let told = said().await;
    assert!(told.contains("versions.json"), "{told}");
    assert!(told.contains("this user may not read it"), "{told}");
    node.rpc().call(&ListCores {}).await.expect_err("unknown");
    assert!(version.exists(), "nobody knows that it may go");
    disk.mend();
    // Nobody asks for the cores.
    assert_eq!(said().await, "");
    node.rpc().call(&ListCores {}).await.expect("known");
    node.drain().await;
}
