//! The ways to the system that need no window: its folders, its editor, its browser, its autostart, its fonts.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use perpetua_fs::{Folders, read_bounded};
use perpetua_node::NodePlace;
use perpetua_schema::{ErrorCode, RpcError};
use perpetua_task::blocking;
use perpetua_words::desktop as words;
use tokio::sync::OnceCell;

use crate::{
    Autostart, KnownFolder, NodeSituation, NotificationState, NotificationsStatus, ShellStatus,
    ShippedText, System, UpdateStatus, autostart, fonts, open,
};

/// How long a hidden window lasts.
const HIDDEN_WINDOW_LASTS: Duration = Duration::from_mins(10);
/// What a release calls the licences of its parts.
const NOTICES: &str = "THIRD-PARTY.txt";
/// They take one or two megabytes.
const LARGEST_NOTICES: u64 = 8_000_000;
/// The variable by which a test makes that shorter, in seconds.
const HIDDEN_WINDOW_VARIABLE: &str = "PERPETUA_HIDDEN_WINDOW_SECONDS";

/// The ways to the system. A cheap clone.
#[derive(Clone, Debug)]
pub struct SystemWays {
    place: NodePlace,
    folders: Option<Folders>,
    hidden_window_lasts: Duration,
    /// Asking costs a process, and fonts do not come and go.
    has_cjk_font: Arc<OnceCell<bool>>,
}

/// The folders as they are shown to a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShownFolders {
    /// The data folder.
    pub data: String,
    /// The folder of the log files.
    pub logs: String,
    /// The settings file.
    pub settings: String,
}

/// What the program says of itself.
#[derive(Clone, Debug)]
pub struct ProgramFacts {
    /// Its version.
    pub version: &'static str,
    /// The commit that it was built from.
    pub build: &'static str,
    /// How it stands towards newer versions of itself.
    pub update: UpdateStatus,
}

impl SystemWays {
    /// The ways of a program with this node; the folders are absent where none can be had.
    pub fn new(place: NodePlace, folders: Option<Folders>) -> Self {
        let seconds = std::env::var(HIDDEN_WINDOW_VARIABLE).ok();
        let seconds = seconds.and_then(|text| text.parse().ok());
        Self {
            place,
            folders,
            hidden_window_lasts: seconds.map_or(HIDDEN_WINDOW_LASTS, Duration::from_secs),
            has_cjk_font: Arc::default(),
        }
    }

    /// How long a hidden window lasts before it is taken apart.
    pub fn hidden_window_lasts(&self) -> Duration {
        self.hidden_window_lasts
    }

    /// Where it is kept which newer version was told of.
    pub fn told_version_file(&self) -> Option<PathBuf> {
        let folders = self.folders.as_ref()?;
        Some(folders.data().join("told-version"))
    }

    /// Where the window's place is kept.
    pub fn window_file(&self) -> Option<PathBuf> {
        let folders = self.folders.as_ref()?;
        Some(folders.data().join("window.json"))
    }

    /// Where the page keeps what it has.
    pub fn page_folder(&self) -> Option<PathBuf> {
        let folders = self.folders.as_ref()?;
        Some(folders.data().join("window"))
    }

    /// The folders as they are shown to a person.
    pub fn shown_folders(&self) -> ShownFolders {
        let shown = |path: &Path| path.display().to_string();
        let Some(folders) = &self.folders else {
            return ShownFolders::default();
        };
        ShownFolders {
            data: shown(folders.data()),
            logs: shown(&folders.logs()),
            settings: shown(&self.settings_file(folders)),
        }
    }

    /// How the program stands, with what is known of it already: which node it shows, whether
    /// notifications are shown, and whether its icon can be seen.
    pub async fn status(
        &self,
        program: ProgramFacts,
        node: NodeSituation,
        notifications: NotificationState,
        tray: bool,
    ) -> ShellStatus {
        let folders = self.shown_folders();
        ShellStatus {
            version: program.version.to_owned(),
            build: program.build.to_owned(),
            system: System::this(),
            node,
            autostart: self.autostart().await,
            notifications: NotificationsStatus {
                state: notifications,
            },
            tray,
            data_folder: folders.data,
            log_folder: folders.logs,
            settings_file: folders.settings,
            cjk_font: self.has_cjk_font().await,
            update: program.update,
        }
    }

    fn settings_file(&self, folders: &Folders) -> PathBuf {
        let explicit = self.place.config.clone();
        explicit.unwrap_or_else(|| folders.settings())
    }

    /// Whether the program starts with the session.
    pub async fn autostart(&self) -> Autostart {
        let place = self.place.clone();
        blocking(move || autostart::read(&place)).await
    }

    /// Starts it with the session from now on, or no longer.
    pub async fn set_autostart(&self, enabled: bool) -> Result<(), RpcError> {
        let place = self.place.clone();
        let set = blocking(move || autostart::set(&place, enabled)).await;
        set.map_err(|refused| RpcError::new(ErrorCode::NotSupported, refused))
    }

    /// Mends the entry that starts it with the session.
    pub async fn mend_autostart(&self) {
        let place = self.place.clone();
        blocking(move || autostart::mend(&place)).await;
    }

    /// Opens a folder of ours in the system's file manager.
    pub async fn open_folder(&self, folder: KnownFolder) -> Result<(), RpcError> {
        let folders = self.folders.clone().ok_or_else(no_folder)?;
        let path = match folder {
            KnownFolder::Data => folders.data().to_owned(),
            KnownFolder::Logs => folders.logs(),
        };
        open::path(path).await
    }

    /// Opens the settings in an editor, at a line where an editor is known that can.
    pub async fn open_settings(&self, line: Option<usize>) -> Result<(), RpcError> {
        let folders = self.folders.clone().ok_or_else(no_folder)?;
        open::text_file(self.settings_file(&folders), line).await
    }

    /// Whether a font with Chinese letters is there.
    pub async fn has_cjk_font(&self) -> bool {
        let found = self.has_cjk_font.get_or_init(|| blocking(fonts::has_cjk));
        *found.await
    }
}

fn no_folder() -> RpcError {
    RpcError::new(ErrorCode::NotFound, perpetua_words::folder::NoHome)
}

/// The licences of what the program is made of, as a release puts them into its folder of resources.
pub async fn shipped_notices(resources: Option<PathBuf>) -> ShippedText {
    let read = move || {
        let text = read_bounded(&resources?.join(NOTICES), LARGEST_NOTICES).ok()??;
        String::from_utf8(text).ok()
    };
    let text = blocking(read).await;
    ShippedText { text }
}

/// A call that needs a channel came without one.
pub fn channel_missing(call: &str) -> RpcError {
    RpcError::new(ErrorCode::BadRequest, words::ChannelMissing { call })
}

/// The system took no text into its clipboard.
pub fn clipboard_refused(cause: &str) -> RpcError {
    RpcError::new(ErrorCode::NotSupported, words::ClipboardRefused { cause })
}
