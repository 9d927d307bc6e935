//! What the parts of the program share: the node, the window's state, the tray, and the ways to the system.

use std::sync::Arc;

use perpetua_desktop::{
    ButtonAction, DesktopNotifier, KeeperOptions, NodeKeeper, NodeSituation, Notification,
    NotificationState, ProgramFacts, ShellEvent, ShellStatus, ShownNotification, Streams,
    SystemWays, TrayAction, Updater, UpdaterOptions, WindowState, Wish,
};
use perpetua_fs::Folders;
use perpetua_schema::{NodeStatus, Preferences, RpcError};
use perpetua_words::Language;
use tauri::{AppHandle, async_runtime::spawn};
use tokio::sync::{broadcast, watch};
use tracing::warn;

use crate::{BUILD, clipboard, quit, tray::Tray, update::PendingInstall, watching, window};

/// Events of the program that may wait for a slow page.
const EVENTS: usize = 64;

/// What the parts of the program share. A cheap clone.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) app: AppHandle,
    pub(crate) keeper: NodeKeeper,
    pub(crate) system: SystemWays,
    pub(crate) streams: Streams,
    pub(crate) window: WindowState,
    /// How the node stands; nothing while none answers.
    pub(crate) node: watch::Receiver<Option<Arc<NodeStatus>>>,
    pub(crate) preferences: watch::Receiver<Preferences>,
    pub(crate) tray: Tray,
    pub(crate) updater: Updater,
    /// What the end of the program installs.
    pub(crate) pending: PendingInstall,
    notifier: DesktopNotifier,
    events: broadcast::Sender<ShellEvent>,
}

impl Desk {
    /// Begins to start the node, and everything that follows it. Inside the runtime.
    pub(crate) fn begin(
        app: &AppHandle,
        options: KeeperOptions,
        folders: Option<Folders>,
        updates: UpdaterOptions,
        pending: PendingInstall,
    ) -> Self {
        let system = SystemWays::new(options.place.clone(), folders);
        let keeper = NodeKeeper::start(options);
        let (notifier, clicks) = DesktopNotifier::start();
        let (tray, tray_clicks) = Tray::start(app);
        let desk = Self {
            app: app.clone(),
            node: keeper.status(),
            preferences: keeper.preferences(),
            keeper,
            system,
            streams: Streams::default(),
            window: WindowState::default(),
            tray,
            updater: Updater::start(updates),
            pending,
            notifier,
            events: broadcast::channel(EVENTS).0,
        };
        watching::begin(&desk, clicks, tray_clicks);
        desk
    }

    /// Shows the window, at a path where one is given.
    pub(crate) fn show(&self, path: Option<String>, activation: Option<String>) {
        let desk = self.clone();
        let shown = self.app.run_on_main_thread(move || {
            window::show(&desk, Wish { path, activation });
        });
        if let Err(cause) = shown {
            warn!(%cause, "the window cannot be shown");
        }
    }

    pub(crate) fn page_is_ready(&self) {
        if let Some(window) = window::find(&self.app)
            && let Some(entrance) = self.window.page_is_ready()
        {
            window::reveal(&window, entrance);
        }
    }

    pub(crate) fn page_went_to(&self, path: String) {
        self.window.lock().path = path;
    }

    /// Closes the window, and says once where it went.
    pub(crate) fn close_window(&self) {
        let desk = self.clone();
        spawn(async move {
            let has_tray = desk.tray.is_visible_now().await;
            let closing = desk.clone();
            let closed = desk
                .app
                .run_on_main_thread(move || window::close(&closing, has_tray));
            if closed.is_ok() && desk.window.begin_to_tell() {
                desk.notify(Notification::closed(has_tray));
            }
        });
    }

    /// Does what was clicked in the tray.
    pub(crate) async fn act(&self, action: TrayAction, activation: Option<String>) {
        match action {
            TrayAction::Open => self.show(None, activation),
            TrayAction::Do { deed, or_page } => {
                if !self.carry_out(deed, activation.clone()).await {
                    self.show(Some(or_page), activation);
                }
            }
            TrayAction::Copy(address) => {
                if self.write_clipboard(address).await.is_err() {
                    self.show(Some("/clients".to_owned()), activation);
                }
            }
            TrayAction::OpenLogs => {
                let logs = perpetua_desktop::KnownFolder::Logs;
                if let Err(refused) = self.system.open_folder(logs).await {
                    warn!(%refused, "the folder of the log files cannot be opened");
                }
            }
            TrayAction::Language(language) => self.keeper.choose_language(language).await,
            TrayAction::Quit => quit::by_person(self),
        }
    }

    /// Does what a button says; says whether it was done.
    pub(crate) async fn carry_out(&self, deed: ButtonAction, activation: Option<String>) -> bool {
        match deed {
            ButtonAction::Go(path) => {
                self.show(Some(path), activation);
                true
            }
            ButtonAction::Call { name, params } => self.keeper.call(name, &params).await.is_ok(),
        }
    }

    pub(crate) fn events(&self) -> broadcast::Receiver<ShellEvent> {
        self.events.subscribe()
    }

    /// Tells the page, if there is one.
    pub(crate) fn emit(&self, event: ShellEvent) {
        let _no_page = self.events.send(event);
    }

    /// Tells the page how the program stands, as far as it is known without asking.
    pub(crate) async fn tell_status(&self) -> ShellStatus {
        let status = self.status(self.notifier.state()).await;
        let told = Box::new(status.clone());
        self.emit(ShellEvent::Status { status: told });
        status
    }

    /// How the program stands; the service for notifications is asked anew.
    pub(crate) async fn asked_status(&self) -> ShellStatus {
        self.status(self.notifier.look().await).await
    }

    async fn status(&self, notifications: NotificationState) -> ShellStatus {
        let node = NodeSituation::from(&*self.keeper.state().borrow());
        let program = ProgramFacts {
            version: env!("CARGO_PKG_VERSION"),
            build: BUILD,
            update: self.updater.status().borrow().clone(),
        };
        let (system, tray) = (&self.system, self.tray.is_visible());
        system.status(program, node, notifications, tray).await
    }

    /// How many clients and cores an end concerns.
    pub(crate) fn to_be_told(&self) -> (usize, usize) {
        let node = self.node.borrow();
        node.as_deref().map_or((0, 0), perpetua_desktop::to_be_told)
    }

    /// The language of tray and notifications.
    pub(crate) fn language(&self) -> Language {
        perpetua_desktop::language_of(self.preferences.borrow().language)
    }

    pub(crate) fn notify(&self, notification: Notification) {
        let shown = ShownNotification::new(notification, self.language());
        self.notifier.show(shown);
    }

    /// Shows a notification, and says how the program stands with what became of it.
    pub(crate) async fn test_notification(&self) -> ShellStatus {
        let shown = ShownNotification::new(Notification::test(), self.language());
        self.status(self.notifier.show_and_wait(shown).await).await
    }

    /// Whether the system shows notifications, and each change.
    pub(crate) fn notifications(&self) -> watch::Receiver<NotificationState> {
        self.notifier.changes()
    }

    /// The window cannot show its page: a notification says so, for node and tray go on.
    #[cfg(target_os = "linux")]
    pub(crate) fn tell_no_window(&self, cause: &str) {
        warn!(cause, "the window cannot be shown; the node goes on");
        self.notify(Notification::no_window(cause));
    }

    /// Puts a text into the clipboard.
    pub(crate) async fn write_clipboard(&self, text: String) -> Result<(), RpcError> {
        clipboard::write(&self.app, text).await
    }
}
