//! A node is started and ended again and again in one process, and fails in between.

use std::{net::TcpListener, time::Duration};

use perpetua_fs::faults::{DiskFault, FaultyDisk};
use perpetua_node::{ExitCode, StartError};
use tokio::{runtime::Builder, time::timeout};

use crate::{
    harness::Place,
    leftovers::{Held, gone_since},
};

const SETTINGS: &str = r#"
[api]
listen = "127.0.0.1:0"

[[accounts]]
name = "main"
upstream = { kind = "simulator" }

[[accounts.clients]]
name = "bot"
kind = "forward"
listen = "127.0.0.1:0"

[[accounts]]
name = "away"
upstream = { kind = "onebot", url = "ws://127.0.0.1:9/" }

[[accounts]]
name = "reverse"
upstream = { kind = "onebot-reverse", listen = "127.0.0.1:0" }

[[accounts]]
name = "managed"
upstream = { kind = "lagrange" }

[core]
auto-install = false
"#;

/// What goes wrong in one round.
#[derive(Clone, Copy, Debug)]
enum Round {
    Well,
    /// Somebody else has a client's port.
    PortTaken,
    /// The keyring waits for its owner.
    LockedKeyring,
    /// A file of the node's own is a folder.
    BrokenFile,
    /// Whoever starts the node gives up waiting.
    GivenUp,
    /// Nobody ends the node in order.
    Dropped,
}

/// Each of them; those that wait for something come less often.
const ROUNDS: [Round; 10] = [
    Round::Well,
    Round::PortTaken,
    Round::LockedKeyring,
    Round::BrokenFile,
    Round::GivenUp,
    Round::Dropped,
    Round::Well,
    Round::BrokenFile,
    Round::PortTaken,
    Round::Dropped,
];

#[test]
fn fifty_starts_and_ends_leave_nothing() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        // Threads for blocking work that end soon, so that they can be counted.
        .thread_keep_alive(Duration::from_millis(50))
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let place = Place::new(SETTINGS);
        // The first round opens what a process opens once, such as its source of randomness.
        round(&place, Round::Well).await;
        let mut before = Held::now();
        for number in 0..50 {
            round(&place, ROUNDS[number % ROUNDS.len()]).await;
            if number == 0 {
                before = Held::now();
            }
        }
        gone_since(before).await;
    });
}

async fn round(place: &Place, round: Round) {
    match round {
        Round::Well => {
            let node = place.start().await.expect("started");
            node.drain().await;
        }
        Round::PortTaken => {
            let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
            let address = taken.local_addr().expect("bound");
            let listen = format!("name = \"bot\"\nkind = \"forward\"\nlisten = \"{address}\"");
            let free = "name = \"bot\"\nkind = \"forward\"\nlisten = \"127.0.0.1:0\"";
            place.write(&SETTINGS.replace(free, &listen));
            let error = place.start().await.expect_err("the port is taken");
            assert!(matches!(error, StartError::Bind { .. }), "{error}");
            assert_eq!(error.exit_code(), ExitCode::Unavailable);
            assert!(error.to_string().contains("main/bot"), "{error}");
            place.write(SETTINGS);
        }
        Round::LockedKeyring => {
            place.keyring.lock();
            let node = place.start().await.expect("it runs without");
            let ended = timeout(Duration::from_secs(5), node.drain()).await;
            place.keyring.unlock();
            ended.expect("the end does not wait for a keyring");
        }
        Round::BrokenFile => {
            let disk = FaultyDisk::under(place.folders().data());
            disk.fail(DiskFault::Full, "session.json");
            place.start().await.expect_err("the file cannot be written");
            disk.mend();
        }
        Round::GivenUp => {
            place.keyring.lock();
            let start = timeout(Duration::from_millis(100), place.start()).await;
            assert!(start.is_err(), "a locked keyring is waited for a little");
            place.keyring.unlock();
        }
        Round::Dropped => drop(place.start().await.expect("started")),
    }
    wait_for_folder(place).await;
    assert!(!place.folders().session().exists(), "{round:?}");
}

/// The folder is free once the last task of a node has ended.
async fn wait_for_folder(place: &Place) {
    let free = timeout(Duration::from_secs(5), async {
        while let Err(_held) = perpetua_fs::FolderLock::acquire(&place.folders()) {
            // A lock tells nobody that it is free.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    free.await.expect("the folder is free again");
}
