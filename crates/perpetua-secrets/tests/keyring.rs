//! The real keyring of the system, in processes that see one, a locked one, a silent one or none.
//!
//! Linux has the Secret Service; where `dbus-run-session` and `gnome-keyring-daemon` are installed
//! (Debian: `dbus-daemon`, `gnome-keyring`) the tests run them in a session of their own and leave the user's alone.
//! On Windows the Credential Manager of this user is asked, under a service name of the tests.
//! On macOS a prompt may come up, so nothing runs by itself there.
#![cfg(any(windows, target_os = "linux"))]

use std::time::Duration;

use perpetua_secrets::{Secret, SecretStore};

/// The keyring under a name that no node uses.
fn keyring() -> SecretStore {
    SecretStore::keyring("perpetua-test", Duration::from_secs(10))
}

/// What the keyring of every system does.
fn keeps_and_forgets() {
    let (one, two) = (
        Secret::new("one").expect("secret"),
        Secret::new("two").expect("secret"),
    );
    let store = keyring();
    store.remove("main/bot").expect("left by an earlier test");
    assert_eq!(store.get("main/bot").expect("read"), None);
    store.set("main/bot", &one).expect("kept");
    store.set("main/bot", &two).expect("replaced");
    assert_eq!(
        keyring().get("main/bot").expect("read by another"),
        Some(two)
    );
    store.remove("main/bot").expect("forgotten");
    assert_eq!(keyring().get("main/bot").expect("read by another"), None);
}

#[cfg(windows)]
#[test]
fn the_credential_manager_keeps_and_forgets() {
    keeps_and_forgets();
}

#[cfg(target_os = "linux")]
mod secret_service {
    use super::*;
    use perpetua_secrets::SecretError;
    use std::env;
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::process::{Command, Output, Stdio};
    use std::time::Instant;

    /// Set in the processes that the tests start, to the part of the test that they do in their own session.
    const INSIDE: &str = "PERPETUA_TEST_INSIDE";

    fn is_inside() -> bool {
        env::var_os(INSIDE).is_some()
    }

    /// This test program, set to do the inside of one test with its own folders and bus.
    fn inside(mut program: Command, test: &str, home: &Path) -> Output {
        program
            .args([test, "--exact", "--nocapture"])
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env_remove("XDG_DATA_HOME")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdin(Stdio::null())
            .output()
            .expect("this test program started again")
    }

    #[track_caller]
    fn assert_passed(output: &Output) {
        let text =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success() && text.contains("1 passed"),
            "{text}"
        );
    }

    /// The session with a real keyring daemon, which the command `daemon` starts, for one part of a test; `None` where it is not installed.
    fn session(test: &str, part: &str, daemon: &str, home: &Path) -> Option<Output> {
        let is_installed = |program: &str| {
            let path = env::var_os("PATH").unwrap_or_default();
            env::split_paths(&path).any(|folder| folder.join(program).is_file())
        };
        for program in ["dbus-run-session", "gnome-keyring-daemon"] {
            if !is_installed(program) {
                eprintln!(
                    "skipped: `{program}` is not installed (Debian: `apt-get install dbus-daemon gnome-keyring`)"
                );
                return None;
            }
        }
        let mut program = Command::new("dbus-run-session");
        program.env(INSIDE, part);
        let script = format!("{daemon}; exec \"$0\" \"$@\"");
        program
            .args(["--", "sh", "-c", &script])
            .arg(env::current_exe().expect("this test program"));
        Some(inside(program, test, home))
    }

    /// Starts the daemon with its keyring opened by an empty password, or with nobody to open it.
    const OPEN: &str =
        "printf '\\n' | gnome-keyring-daemon --unlock --components=secrets >/dev/null";
    const LOCKED: &str = "gnome-keyring-daemon --start --components=secrets >/dev/null";

    #[test]
    fn an_open_one_keeps_and_forgets() {
        if is_inside() {
            return keeps_and_forgets();
        }
        let home = tempfile::tempdir().expect("temporary folder");
        let test = "secret_service::an_open_one_keeps_and_forgets";
        if let Some(output) = session(test, "only", OPEN, home.path()) {
            assert_passed(&output);
        }
    }

    #[test]
    fn a_secret_is_there_in_the_next_session_unless_that_is_locked() {
        let secret = Secret::new("one").expect("secret");
        match env::var(INSIDE).as_deref() {
            Ok("first") => return keyring().set("main/bot", &secret).expect("kept"),
            Ok("next") => {
                let kept = keyring().get_or_generate("main/bot");
                return assert_eq!(kept.expect("read"), secret);
            }
            Ok("locked") => {
                for refused in [
                    keyring().get("main/bot").map(drop),
                    keyring().set("main/new", &secret),
                ] {
                    let error = refused.expect_err("locked");
                    assert!(
                        matches!(error, SecretError::KeyringLocked { .. }),
                        "{error:?}"
                    );
                    assert!(
                        error.to_string().contains("write `secrets = \"file\"`"),
                        "{error}"
                    );
                }
                return;
            }
            _ => {}
        }
        let home = tempfile::tempdir().expect("temporary folder");
        let test = "secret_service::a_secret_is_there_in_the_next_session_unless_that_is_locked";
        for (part, daemon) in [("first", OPEN), ("next", OPEN), ("locked", LOCKED)] {
            if let Some(output) = session(test, part, daemon, home.path()) {
                assert_passed(&output);
            }
        }
    }

    #[test]
    fn a_server_without_one_is_told_of_the_file() {
        if is_inside() {
            let error = keyring().get("main/bot").expect_err("no bus");
            assert!(
                matches!(error, SecretError::KeyringAbsent { .. }),
                "{error:?}"
            );
            assert!(
                error
                    .to_string()
                    .contains("write `secrets = \"file\"` at the top of `perpetua.toml`"),
                "{error}"
            );
            return;
        }
        let home = tempfile::tempdir().expect("temporary folder");
        let mut program = Command::new(env::current_exe().expect("this test program"));
        program.env(INSIDE, "no keyring").env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}/none", home.path().display()),
        );
        assert_passed(&inside(
            program,
            "secret_service::a_server_without_one_is_told_of_the_file",
            home.path(),
        ));
    }

    #[test]
    fn one_that_never_answers_holds_nobody_up() {
        if is_inside() {
            let limit = Duration::from_millis(300);
            let store = SecretStore::keyring("perpetua-test", limit);
            let ask = || {
                let started = Instant::now();
                let error = store.get("main/bot").expect_err("no answer");
                assert!(
                    matches!(error, SecretError::KeyringTimeout { .. }),
                    "{error:?}"
                );
                assert!(
                    error.to_string().contains("did not answer within"),
                    "{error}"
                );
                started.elapsed()
            };
            let first = ask();
            assert!(first >= limit && first < limit * 10, "{first:?}");
            // Known by now: twenty more together take less than one alone.
            let more: Duration = (0..20).map(|_| ask()).sum();
            assert!(more < limit, "{more:?}");
            store.try_again();
            let again = ask();
            assert!(again >= limit && again < limit * 10, "{again:?}");
            return;
        }
        let home = tempfile::tempdir().expect("temporary folder");
        let bus = home.path().join("bus");
        // Connections are taken by the system and never answered.
        let _silent = UnixListener::bind(&bus).expect("listener");
        let mut program = Command::new(env::current_exe().expect("this test program"));
        program.env(INSIDE, "no keyring").env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", bus.display()),
        );
        assert_passed(&inside(
            program,
            "secret_service::one_that_never_answers_holds_nobody_up",
            home.path(),
        ));
    }
}
