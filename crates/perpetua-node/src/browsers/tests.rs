//! Where the token and the sessions of browsers are kept, on stores and disks that fail.

use std::path::Path;

use perpetua_accounts::Tokens;
use perpetua_fs::{FileAction, FileError, Folders};
use perpetua_http::Pages;
use perpetua_proxy::Clock;
use perpetua_secrets::{Secret, SecretBackend, SecretError, SecretStore};

use super::{AGAIN_AFTER, Browsers, write_own};

#[tokio::test]
async fn the_token_is_made_once_and_survives_the_node() {
    let (folder, store) = (folder(), SecretStore::in_memory());
    let first = browsers(folder.path(), store.clone()).await;
    let token = first.token().await.expect("made");
    let second = browsers(folder.path(), store.clone()).await;
    assert_eq!(second.token().await.expect("kept"), token);
    let new = second.renew_token().await.expect("replaced");
    let third = browsers(folder.path(), store).await;
    let third = third.token().await.expect("kept");
    assert_eq!(new.token.as_deref(), Some(third.expose()));
    assert_ne!(third, token);
}

#[tokio::test]
async fn a_damaged_file_of_sessions_is_said_and_made_anew() {
    for garbage in ["{", "", "null", "[{}]", "\u{0}"] {
        let folder = folder();
        let file = folder.path().join("sessions.json");
        std::fs::write(&file, garbage).expect("written");
        let browsers = browsers(folder.path(), SecretStore::in_memory()).await;
        assert!(browsers.sign_in().kept().is_empty());
        let said = browsers.problem().expect("a problem").to_string();
        assert!(said.contains("browsers have to sign in again"), "{said}");
        assert!(said.contains("sessions.json"), "{said}");
        browsers.keep().await;
        let text = std::fs::read_to_string(&file).expect("written");
        assert_eq!((text.as_str(), browsers.problem()), ("[]", None));
    }
}

#[tokio::test]
async fn sessions_that_cannot_be_kept_are_said_and_work_meanwhile() {
    let folder = folder();
    let file = folder.path().join("sessions.json");
    std::fs::create_dir(&file).expect("a folder");
    let browsers = browsers(folder.path(), SecretStore::in_memory()).await;
    let said = browsers.problem().expect("a problem").to_string();
    assert!(said.contains("not a regular file"), "{said}");
    browsers.keep().await;
    let said = browsers.problem().expect("a problem").to_string();
    assert!(said.contains("after the next start"), "{said}");
    assert!(browsers.link().await.is_ok());
    std::fs::remove_dir(&file).expect("removed");
    browsers.keep().await;
    assert_eq!(browsers.problem(), None);
}

#[tokio::test]
async fn on_a_full_disk_no_file_keeps_a_session_that_has_ended() {
    let folder = folder();
    let file = folder.path().join("sessions.json");
    std::fs::write(&file, "[]").expect("written");
    let browsers = browsers(folder.path(), SecretStore::in_memory()).await;
    browsers.file.lock().await.write = disk_is_full;
    browsers.keep().await;
    assert!(file.is_file(), "what it holds is still good");
    assert_eq!(browsers.keep_without_ended().await, Ok(()));
    assert!(!file.exists(), "the next run lets nobody in");
    let said = browsers.problem().expect("a problem").to_string();
    assert!(said.contains("have to sign in again"), "{said}");
    browsers.file.lock().await.write = write_own;
    browsers.keep_at_end().await;
    assert!(file.is_file(), "kept when there is room again");
    assert_eq!(browsers.problem(), None);
    std::fs::remove_file(&file).expect("removed");
    browsers.keep_at_end().await;
    assert!(!file.exists(), "nothing was left to be kept");
}

#[tokio::test]
async fn whoever_signs_out_is_told_that_the_file_cannot_be_deleted_either() {
    let folder = folder();
    let file = folder.path().join("sessions.json");
    let browsers = browsers(folder.path(), SecretStore::in_memory()).await;
    browsers.file.lock().await.write = disk_is_full;
    std::fs::create_dir(&file).expect("a folder");
    let told = browsers.keep_without_ended().await.expect_err("it is left");
    assert!(told.to_string().contains("sessions.json"), "{told}");
    assert_eq!(browsers.problem(), Some(told));
    std::fs::remove_dir(&file).expect("removed");
    std::fs::write(&file, "[]").expect("written");
    browsers.keep().await;
    assert!(!file.exists(), "the next change deletes it");
}

#[tokio::test]
async fn on_a_full_disk_a_new_token_deletes_the_sessions_of_the_former() {
    let folder = folder();
    let file = folder.path().join("sessions.json");
    std::fs::write(&file, "[]").expect("written");
    let browsers = browsers(folder.path(), SecretStore::in_memory()).await;
    browsers.file.lock().await.write = disk_is_full;
    assert!(browsers.renew_token().await.is_ok());
    assert!(!file.exists());
}

fn disk_is_full(path: &Path, _: &[u8]) -> Result<(), FileError> {
    let full = std::io::ErrorKind::StorageFull.into();
    Err(FileError::new(FileAction::Write, path, full))
}

#[tokio::test]
async fn a_file_that_nobody_may_write_is_replaced() {
    let folder = folder();
    let file = folder.path().join("sessions.json");
    std::fs::write(&file, "[]").expect("written");
    let mut rights = std::fs::metadata(&file).expect("there").permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&file, rights).expect("changed");
    let browsers = browsers(folder.path(), SecretStore::in_memory()).await;
    browsers.keep().await;
    // Windows replaces no such file: there it is said.
    assert_eq!(browsers.problem().is_some(), cfg!(windows));
}

#[tokio::test]
async fn a_token_that_cannot_be_stored_leaves_the_old_one() {
    #[derive(Debug)]
    struct Full;
    impl SecretBackend for Full {
        fn get(&self, _: &str) -> Result<Option<Secret>, SecretError> {
            Ok(Secret::new("t0ken").ok())
        }
        fn set(&self, _: &str, _: &Secret) -> Result<(), SecretError> {
            Err(SecretError::Random {
                reason: "the disk is full".into(),
            })
        }
        fn remove(&self, _: &str) -> Result<(), SecretError> {
            Ok(())
        }
    }
    let folder = folder();
    let browsers = browsers(folder.path(), SecretStore::own(Full)).await;
    assert_eq!(browsers.token().await.expect("there").expose(), "t0ken");
    let refused = browsers.renew_token().await.expect_err("not stored");
    assert!(
        refused.to_string().contains("the disk is full"),
        "{refused}"
    );
    assert_eq!(browsers.token().await.expect("there").expose(), "t0ken");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_again_seldom() {
    #[derive(Debug, Default)]
    struct Locked(std::sync::Mutex<u32>);
    impl SecretBackend for Locked {
        fn get(&self, _: &str) -> Result<Option<Secret>, SecretError> {
            let mut asked = self.0.lock().expect("whole");
            *asked += 1;
            if *asked > 1 {
                return Ok(Secret::new("t0ken").ok());
            }
            Err(SecretError::Random {
                reason: "locked".into(),
            })
        }
        fn set(&self, _: &str, _: &Secret) -> Result<(), SecretError> {
            Ok(())
        }
        fn remove(&self, _: &str) -> Result<(), SecretError> {
            Ok(())
        }
    }
    let folder = folder();
    let browsers = browsers(folder.path(), SecretStore::own(Locked::default())).await;
    for _ in 0..2 {
        let refused = browsers.token().await.expect_err("locked").to_string();
        assert!(refused.contains("locked"), "{refused}");
    }
    let refused = browsers.shown_token().await.expect_err("locked");
    assert_eq!(refused.code, perpetua_schema::ErrorCode::Unavailable);
    tokio::time::advance(AGAIN_AFTER).await;
    assert_eq!(browsers.token().await.expect("open").expose(), "t0ken");
}

async fn browsers(folder: &Path, store: SecretStore) -> Browsers {
    let folders = Folders::at(folder).expect("a folder");
    let tokens = Tokens::new(store, &folders.settings());
    Browsers::open(&folders, tokens, &Clock::system(), Pages::NONE).await
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}
