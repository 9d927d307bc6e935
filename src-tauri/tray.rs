//! The tray of this system: the same values on each.

use perpetua_desktop::{IconKeeper, TrayAction, TrayView};
use tauri::AppHandle;
use tokio::sync::{mpsc, watch};

#[cfg(not(target_os = "linux"))]
mod native;

/// Clicks with the desktop's leave to come to the front.
type Clicks = mpsc::Receiver<(TrayAction, Option<String>)>;

/// The tray. A cheap clone.
#[derive(Clone)]
pub(crate) struct Tray {
    #[cfg(target_os = "linux")]
    item: perpetua_desktop::StatusNotifier,
    #[cfg(not(target_os = "linux"))]
    item: native::NativeTray,
}

impl Tray {
    /// Puts the icon there. Inside the runtime.
    #[cfg_attr(
        target_os = "linux",
        expect(unused_variables, reason = "the item is on a bus of its own")
    )]
    pub(crate) fn start(app: &AppHandle) -> (Self, Clicks) {
        let icon = IconKeeper::default().next(None, std::time::Instant::now(), 0);
        let language = perpetua_locale::of_environment();
        let chosen = perpetua_schema::UiLanguage::Auto;
        let first = perpetua_desktop::tray_view(None, icon, language, chosen, 0);
        #[cfg(target_os = "linux")]
        let (item, clicks) = perpetua_desktop::StatusNotifier::start(first);
        #[cfg(not(target_os = "linux"))]
        let (item, clicks) = native::NativeTray::start(app, first);
        (Self { item }, clicks)
    }

    /// Shows something else; what is the same already changes nothing.
    pub(crate) fn show(&self, view: TrayView) {
        self.item.show(view);
    }

    /// Whether a person sees the icon, and each change.
    pub(crate) fn visible(&self) -> watch::Receiver<bool> {
        self.item.visible()
    }

    pub(crate) fn is_visible(&self) -> bool {
        *self.visible().borrow()
    }

    /// Whether a person sees the icon at this moment, asked anew.
    pub(crate) async fn is_visible_now(&self) -> bool {
        self.item.is_visible_now().await
    }
}
