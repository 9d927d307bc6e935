//! What a person was told of newer versions, from one look to the next and from one start to the next.

use std::path::PathBuf;
use std::time::Instant;

use perpetua_fs::{Access, read_small, write_atomic};
use perpetua_schema::Preferences;
use perpetua_task::blocking;
use perpetua_update::Version;
use tracing::warn;

use crate::{
    Notification, Surroundings, UpdateStatus, VersionNews,
    wake::{minute_of_day, now_ms},
};

/// What was told, and the file that remembers it.
#[derive(Debug)]
pub struct ShownVersion {
    news: VersionNews,
    file: Option<PathBuf>,
}

impl ShownVersion {
    /// As a former start has left it; a file that says nothing of use remembers nothing.
    pub async fn read(file: Option<PathBuf>) -> Self {
        let kept = file.clone();
        let told = blocking(move || {
            let bytes = read_small(&kept?).ok()??;
            String::from_utf8(bytes)
                .ok()?
                .trim()
                .parse::<Version>()
                .ok()
        });
        let news = VersionNews::after(told.await);
        Self { news, file }
    }

    /// The notification that is due now that updates stand like this. `looked_at` is the path of the page that a
    /// person has before them.
    pub async fn look(
        &mut self,
        update: &UpdateStatus,
        preferences: &Preferences,
        looked_at: Option<&str>,
    ) -> Option<Notification> {
        let surroundings = Surroundings {
            now: Instant::now(),
            now_ms: now_ms(),
            minute: minute_of_day(),
            looked_at,
            preferences: &preferences.notifications,
        };
        let before = self.news.told().cloned();
        let due = self.news.observe(update, &surroundings);
        if self.news.told() != before.as_ref() {
            self.remember().await;
        }
        due
    }

    async fn remember(&self) {
        let (Some(file), Some(told)) = (self.file.clone(), self.news.told()) else {
            return;
        };
        let line = format!("{told}\n");
        let written = blocking(move || write_atomic(&file, line.as_bytes(), Access::Usual));
        if let Err(cause) = written.await {
            warn!(%cause, "the next start may tell of the same version again");
        }
    }
}

#[cfg(test)]
mod tests {
    use perpetua_schema::NewerVersion;

    use super::ShownVersion;
    use crate::{UpdateStage, UpdateStatus, node_keeper::usual};

    fn ready() -> UpdateStatus {
        let newer = NewerVersion {
            version: "0.2.0".to_owned(),
            notes: String::new(),
            page: None,
        };
        UpdateStatus {
            stage: UpdateStage::Ready { newer },
            ..UpdateStatus::default()
        }
    }

    #[tokio::test]
    async fn the_next_start_tells_of_no_version_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("told-version");
        for (kept, is_told) in [(None, true), (None, false), (Some("no version"), true)] {
            if let Some(kept) = kept {
                std::fs::write(&file, kept).expect("written");
            }
            let mut shown = ShownVersion::read(Some(file.clone())).await;
            let due = shown.look(&ready(), &usual(), None).await;
            assert_eq!(due.is_some(), is_told, "{kept:?}");
        }
        let read = std::fs::read_to_string(&file).expect("remembered");
        assert_eq!(read, "0.2.0\n");
    }

    #[tokio::test]
    async fn without_a_folder_a_version_is_told_once_in_each_start() {
        let gone = tempfile::tempdir().expect("a folder");
        let file = gone.path().join("gone").join("told-version");
        for file in [None, Some(file)] {
            let mut shown = ShownVersion::read(file).await;
            assert!(shown.look(&ready(), &usual(), None).await.is_some());
            assert!(shown.look(&ready(), &usual(), None).await.is_none());
        }
    }
}
