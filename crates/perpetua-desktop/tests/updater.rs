//! An `AppImage` and its successor: scripts stand in for both.
#![cfg(target_os = "linux")]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use perpetua_desktop::{UpdateStage, UpdateStatus, Updater, UpdaterOptions};
use perpetua_fs::Folders;
use perpetua_node::NodePlace;
use perpetua_testkit::{PATIENCE, ReleaseSigner, UpdateAnswer, UpdateServer};
use perpetua_update::{Package, Project, ReleaseKey, UpdatePace, Version};
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

/// How long a new version has here.
const TRIAL: Duration = Duration::from_millis(1500);
/// A version that is ready at once, and notes how it was started.
const READY: &str =
    r#"printf '{"start":"ready","version":"0.2.0"}' > "$report.new"; mv "$report.new" "$report""#;

struct World {
    folder: TempDir,
    server: UpdateServer,
    signer: ReleaseSigner,
    project: Project,
}

impl World {
    /// Version 0.1.0 runs, looks at once, and has these settings.
    async fn new(settings: &str) -> Self {
        let server = UpdateServer::start().await.expect("a port");
        let signer = ReleaseSigner::new().expect("a key");
        let project = Project {
            version: Version::new(0, 1, 0),
            key: ReleaseKey::new(&signer.key().expect("a text")),
            page: "https://host.example/v{version}".to_owned(),
            pace: UpdatePace {
                first: Duration::ZERO,
                trial: TRIAL,
                ..UpdatePace::default()
            },
            ..Project::built_in().expect("the project")
        };
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            server,
            signer,
            project,
        };
        let addresses = world.server.url("/latest.json");
        let text =
            format!("secrets = \"file\"\n[updates]\naddresses = [\"{addresses}\"]\n{settings}");
        fs::create_dir(world.data()).expect("a folder");
        fs::write(world.data().join("perpetua.toml"), text).expect("written");
        fs::create_dir(world.image().parent().expect("a folder")).expect("made");
        fs::write(world.image(), world.script("old", "")).expect("written");
        fs::set_permissions(world.image(), fs::Permissions::from_mode(0o755)).expect("set");
        world
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// As people keep it: with a space, and beside other things of theirs.
    fn image(&self) -> PathBuf {
        self.folder
            .path()
            .join("my programs")
            .join("perpetua.AppImage")
    }

    fn kept(&self) -> PathBuf {
        self.image().with_file_name(".perpetua-updates")
    }

    /// A program that notes its name and its arguments, and then does this.
    fn script(&self, name: &str, deed: &str) -> String {
        let log = self.log();
        let log = log.display();
        format!(
            "#!/bin/sh\necho \"{name} $*\" >> '{log}'\nwhile [ $# -gt 0 ]; do [ \"$1\" = --report-ready ] && report=$2; shift; done\n{deed}\n"
        )
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// How programs were started so far.
    fn started(&self) -> Vec<String> {
        let log = fs::read_to_string(self.log()).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }

    /// Offers version 0.2.0, which does this.
    fn offer(&self, deed: &str) {
        let new = self.script("new", deed);
        let signature = self
            .signer
            .sign(new.as_bytes(), "perpetua_0.2.0_amd64.AppImage");
        let url = self.server.url("/perpetua.AppImage");
        self.server
            .offer("/latest.json", "0.2.0", &url, &signature.expect("signed"));
        self.server
            .put("/perpetua.AppImage", UpdateAnswer::Whole(new.into_bytes()));
    }

    fn start(&self) -> Updater {
        let place = NodePlace {
            data_dir: Some(self.data()),
            config: None,
        };
        Updater::start(UpdaterOptions {
            folders: Some(Folders::at(&self.data()).expect("folders")),
            package: Package::Image(self.image()),
            project: self.project.clone(),
            place,
        })
    }

    /// Installs what is ready, as the end of the program does; says how long that took.
    async fn install(&self, updater: &Updater, restart: bool) -> Duration {
        let install = updater.install(restart).expect("something is ready");
        let begun = Instant::now();
        tokio::task::spawn_blocking(move || install.carry_out())
            .await
            .expect("done");
        begun.elapsed()
    }

    fn runs_old(&self) -> bool {
        fs::read_to_string(self.image())
            .expect("an image")
            .contains("old $*")
    }
}

async fn until(updater: &Updater, wanted: impl Fn(&UpdateStatus) -> bool) -> UpdateStatus {
    let mut status = updater.status();
    let stands = timeout(PATIENCE, status.wait_for(|status| wanted(status))).await;
    stands.expect("in time").expect("it runs").clone()
}

fn is_ready(status: &UpdateStatus) -> bool {
    matches!(status.stage, UpdateStage::Ready { .. })
}

async fn started(world: &World, wanted: usize) -> Vec<String> {
    let begun = Instant::now();
    while world.started().len() < wanted && begun.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20)).await;
    }
    world.started()
}

fn is_gone(path: &Path) -> bool {
    !path.exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_comes_by_itself_and_takes_the_place_of_the_image() {
    let world = World::new("").await;
    world.offer(READY);
    let updater = world.start();
    let status = until(&updater, is_ready).await;
    assert_eq!(
        (status.by_hand, status.problem, status.undone),
        (None, None, None)
    );
    assert!(world.runs_old(), "until it is installed nothing changes");
    world.install(&updater, true).await;
    assert!(!world.runs_old());
    let mode = fs::metadata(world.image())
        .expect("an image")
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111, "it can be run");
    assert!(is_gone(&world.kept()), "nothing is left beside it");
    let started = world.started();
    assert_eq!(started.len(), 1, "{started:?}");
    let data = format!("new --data-dir {} --report-ready", world.data().display());
    assert!(
        started[0].starts_with(&data) && !started[0].contains("--trial"),
        "{started:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_of_the_program_the_new_version_only_shows_that_it_can_start() {
    let world = World::new("").await;
    world.offer(READY);
    let updater = world.start();
    until(&updater, is_ready).await;
    world.install(&updater, false).await;
    assert!(!world.runs_old());
    let started = world.started();
    assert!(
        started.len() == 1 && started[0].ends_with("--trial"),
        "{started:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_not_ready_is_ended_and_the_former_one_put_back() {
    let report = |told: &str| format!("printf '{told}' > \"$report\"; sleep 60");
    let never = ("sleep 60", "within 1 s", true);
    let crash = ("exit 1", "ended before it was ready", false);
    let failed = (
        &*report(r#"{"start":"failed"}"#),
        "its node did not start",
        false,
    );
    let other = (
        &*report(r#"{"start":"ready","version":"0.0.9"}"#),
        "signed as another version",
        false,
    );
    for (deed, said, takes_long) in [never, crash, failed, other] {
        let world = World::new("").await;
        world.offer(deed);
        let updater = world.start();
        until(&updater, is_ready).await;
        let took = world.install(&updater, true).await;
        assert_eq!(took >= TRIAL, takes_long, "{deed}: {took:?}");
        assert!(world.runs_old(), "{deed}");
        let started = started(&world, 2).await;
        assert_eq!(started.len(), 2, "{deed}: {started:?}");
        assert_eq!(
            started[1],
            format!("old --data-dir {}", world.data().display())
        );
        // The former version says what became of the new one, and does not fetch it again by itself.
        let again = world.start();
        let offered = until(&again, |status| {
            matches!(status.stage, UpdateStage::Out { .. })
        });
        let undone = offered.await.undone.expect("it is told").to_string();
        assert!(
            undone.contains("0.2.0") && undone.contains(said),
            "{undone}"
        );
        sleep(Duration::from_millis(300)).await;
        assert!(again.install(true).is_none(), "{deed}");
        // A person may try it once more.
        again.download();
        until(&again, is_ready).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_after_it_was_proven_is_not_installed_and_the_former_version_goes_on() {
    let world = World::new("").await;
    world.offer(READY);
    let updater = world.start();
    until(&updater, is_ready).await;
    let file = world.kept().join("perpetua_0.2.0.AppImage");
    fs::write(&file, world.script("evil", READY)).expect("written");
    world.install(&updater, true).await;
    assert!(world.runs_old() && is_gone(&file));
    let started = started(&world, 1).await;
    assert!(
        started.len() == 1 && started[0].starts_with("old "),
        "{started:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_downloaded_that_nobody_wants_and_a_download_can_be_called_off() {
    let world = World::new("check = false\n").await;
    world.offer(READY);
    let file = vec![b'x'; 300_000];
    world
        .server
        .put("/perpetua.AppImage", UpdateAnswer::Slow(file, 50));
    let updater = world.start();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(world.server.asked(), [""; 0], "nobody asked for it");
    updater.look();
    until(&updater, |status| {
        matches!(status.stage, UpdateStage::Out { .. })
    })
    .await;
    assert_eq!(world.server.asked(), ["/latest.json"]);
    updater.download();
    let downloading = until(&updater, |status| {
        matches!(status.stage, UpdateStage::Downloading { received: 1.., .. })
    });
    let UpdateStage::Downloading { total, .. } = downloading.await.stage else {
        panic!("it is downloading");
    };
    assert_eq!(total, Some(300_000));
    updater.cancel();
    let status = until(&updater, |status| {
        matches!(status.stage, UpdateStage::Out { .. })
    })
    .await;
    assert_eq!(status.problem, None);
    assert!(updater.install(true).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_good_leaves_the_program_as_it_is_and_says_why() {
    let world = World::new("").await;
    world.offer(READY);
    world.server.put(
        "/perpetua.AppImage",
        UpdateAnswer::Whole(b"#!/bin/sh\nevil\n".to_vec()),
    );
    let updater = world.start();
    let status = until(&updater, |status| status.problem.is_some()).await;
    assert!(
        matches!(status.stage, UpdateStage::Out { .. }),
        "{status:?}"
    );
    let problem = status.problem.expect("it is told").to_string();
    assert!(
        problem.contains("is not what the makers of perpetua have signed"),
        "{problem}"
    );
    assert!(world.runs_old() && updater.install(false).is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_the_package_manager_only_says_that_there_is_a_newer_version() {
    let world = World::new("").await;
    world.offer(READY);
    let updater = Updater::start(UpdaterOptions {
        place: NodePlace {
            data_dir: Some(world.data()),
            config: None,
        },
        folders: Some(Folders::at(&world.data()).expect("folders")),
        package: Package::System,
        project: world.project.clone(),
    });
    let status = until(&updater, |status| {
        matches!(status.stage, UpdateStage::Out { .. })
    })
    .await;
    assert_eq!(
        status.by_hand.expect("it says so").code,
        "update.by_package"
    );
    updater.download();
    sleep(Duration::from_millis(300)).await;
    assert_eq!(world.server.asked(), ["/latest.json"], "no file is fetched");
    let UpdateStage::Out { newer } = status.stage else {
        panic!("it is out");
    };
    assert_eq!(newer.page.as_deref(), Some("https://host.example/v0.2.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_update_left_beside_the_image_is_tidied_by_the_version_that_runs() {
    let world = World::new("").await;
    fs::create_dir(world.kept()).expect("a folder");
    for name in ["former.AppImage", "start.json", "perpetua_0.0.9.AppImage"] {
        fs::write(world.kept().join(name), "x").expect("written");
    }
    fs::write(
        world.image().with_file_name("perpetua_0.0.8.AppImage"),
        "mine",
    )
    .expect("written");
    let updater = world.start();
    updater.confirm_version().await;
    assert!(
        is_gone(&world.kept()),
        "{:?}",
        fs::read_dir(world.kept()).map(Iterator::count)
    );
    assert!(
        world
            .image()
            .with_file_name("perpetua_0.0.8.AppImage")
            .exists()
    );
}
