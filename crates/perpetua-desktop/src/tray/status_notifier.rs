//! The tray of freedesktop: an item of our own on the bus, with a picture and no file, and no library of the system.
//!
//! ```text
//!  no watcher, or no host ◄──── the host ends ────┐
//!        │ nobody sees the icon                   │
//!        └──── a host registers ────► the icon is seen: a closed window leaves it there
//! ```

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ksni::{
    Category, Handle, Icon, MenuItem as ShownItem, OfflineReason, ToolTip, TrayMethods as _,
    menu::{CheckmarkItem, StandardItem, SubMenu},
};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tracing::{debug, info};
use zbus::{Connection, proxy, proxy::CacheProperties};

use super::{Ink, MenuEntry, MenuItem, TrayAction, TrayImage, TrayView, panel};

/// Clicks that may wait; a person makes them one by one.
const CLICKS: usize = 16;
/// How long the watcher may take to say whether anybody shows icons.
const ANSWER_LIMIT: Duration = Duration::from_secs(1);
/// How long the bus may take to have the item.
const ITEM_LIMIT: Duration = Duration::from_secs(5);
/// How long until a bus that did not take the item is tried again.
const AGAIN_IN: Duration = Duration::from_secs(10);

#[proxy(
    interface = "org.kde.StatusNotifierWatcher",
    default_service = "org.kde.StatusNotifierWatcher",
    default_path = "/StatusNotifierWatcher",
    gen_blocking = false
)]
trait Watcher {
    // It may change without a signal, as its owner does.
    #[zbus(property(emits_changed_signal = "false"))]
    fn is_status_notifier_host_registered(&self) -> zbus::Result<bool>;
}

/// The tray of a freedesktop session. A cheap clone.
#[derive(Clone, Debug)]
pub struct StatusNotifier {
    view: watch::Sender<TrayView>,
    visible: watch::Receiver<bool>,
    /// The item is on the bus, for any host to show.
    is_there: Arc<AtomicBool>,
}

/// A click, with the desktop's leave to come to the front where it gives one.
type Click = (TrayAction, Option<String>);

impl StatusNotifier {
    /// Puts the item on the session's bus and keeps it there. Needs a runtime.
    pub fn start(first: TrayView) -> (Self, mpsc::Receiver<(TrayAction, Option<String>)>) {
        let (view, shown) = watch::channel(first);
        let (seen, visible) = watch::channel(false);
        let (clicked, clicks) = mpsc::channel(CLICKS);
        let is_there = Arc::new(AtomicBool::new(false));
        tokio::spawn(keep(shown, seen, clicked, Arc::clone(&is_there)));
        let tray = Self {
            view,
            visible,
            is_there,
        };
        (tray, clicks)
    }

    /// Shows something else; what is the same already changes nothing.
    pub fn show(&self, view: TrayView) {
        self.view.send_if_modified(|shown| {
            let changed = *shown != view;
            *shown = view;
            changed
        });
    }

    /// Whether somebody shows the icon, and each change.
    pub fn visible(&self) -> watch::Receiver<bool> {
        self.visible.clone()
    }

    /// Whether somebody shows the icon at this moment, asked anew.
    pub async fn is_visible_now(&self) -> bool {
        if !self.is_there.load(Ordering::Relaxed) {
            return false;
        }
        match session().await {
            Some(bus) => is_hosted(&bus).await,
            None => false,
        }
    }
}

/// Keeps the item on the bus until the program no longer shows anything.
async fn keep(
    mut shown: watch::Receiver<TrayView>,
    seen: watch::Sender<bool>,
    clicked: mpsc::Sender<Click>,
    is_there: Arc<AtomicBool>,
) {
    while shown.has_changed().is_ok() {
        if let Some((bus, handle)) = put(&mut shown, &clicked).await {
            is_there.store(true, Ordering::Relaxed);
            tokio::join!(follow_view(shown, handle), follow_hosts(bus, seen));
            return;
        }
        sleep(AGAIN_IN).await;
    }
}

/// Puts the item on the bus; `None` where there is no bus, or where it does not take one now.
async fn put(
    shown: &mut watch::Receiver<TrayView>,
    clicked: &mpsc::Sender<Click>,
) -> Option<(Connection, Handle<Item>)> {
    let bus = session().await?;
    let item = Item {
        ink: panel::ink(&bus).await,
        view: shown.borrow_and_update().clone(),
        clicked: clicked.clone(),
    };
    // Inside a sandbox names like that of an item are refused, and not needed.
    let spawned = item.assume_sni_available(true).spawn();
    match timeout(ITEM_LIMIT, spawned).await {
        Ok(Ok(handle)) => Some((bus, handle)),
        Ok(Err(cause)) => {
            info!(%cause, "no icon can be put into the tray yet");
            None
        }
        Err(_silent) => None,
    }
}

/// The session's bus, where there is one that answers.
async fn session() -> Option<Connection> {
    match timeout(ANSWER_LIMIT, Connection::session()).await {
        Ok(Ok(bus)) => Some(bus),
        Ok(Err(cause)) => {
            debug!(%cause, "there is no session bus, and no tray");
            None
        }
        Err(_silent) => None,
    }
}

async fn follow_view(mut shown: watch::Receiver<TrayView>, handle: Handle<Item>) {
    while shown.changed().await.is_ok() {
        let view = shown.borrow_and_update().clone();
        handle.update(|item| item.view = view).await;
    }
    handle.shutdown().await;
}

/// Tells whether anybody shows icons: after each change of the watcher's owner, and now and then, for a
/// watcher may lose its host without a word.
async fn follow_hosts(bus: Connection, seen: watch::Sender<bool>) {
    use futures_util::StreamExt as _;
    let names = zbus::fdo::DBusProxy::new(&bus).await;
    let mut owners = match &names {
        Ok(names) => names
            .receive_name_owner_changed_with_args(&[(0, "org.kde.StatusNotifierWatcher")])
            .await
            .ok(),
        Err(_) => None,
    };
    let mut is_told = false;
    while !seen.is_closed() {
        let is_hosted = is_hosted(&bus).await;
        if !is_hosted && !std::mem::replace(&mut is_told, true) {
            info!("nobody shows tray icons; a window that is closed is made small");
        }
        seen.send_if_modified(|seen| std::mem::replace(seen, is_hosted) != is_hosted);
        match &mut owners {
            Some(owners) => {
                let _either = timeout(AGAIN_IN, owners.next()).await;
                // Its host registers a moment after it.
                sleep(Duration::from_millis(300)).await;
            }
            None => sleep(AGAIN_IN).await,
        }
    }
}

async fn is_hosted(bus: &Connection) -> bool {
    let asked = async {
        // Of a watcher that is not there, no properties can be read ahead: each try would be a warning.
        let watcher = WatcherProxy::builder(bus).cache_properties(CacheProperties::No);
        let watcher = watcher.build().await?;
        watcher.is_status_notifier_host_registered().await
    };
    matches!(timeout(ANSWER_LIMIT, asked).await, Ok(Ok(true)))
}

/// What the bus has of us.
struct Item {
    ink: Ink,
    view: TrayView,
    clicked: mpsc::Sender<Click>,
}

impl Item {
    fn click(&self, action: TrayAction) {
        let click = (action, ksni::current_xdg_activation_token());
        let _many_wait = self.clicked.try_send(click);
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "perpetua".to_owned()
    }

    fn title(&self) -> String {
        "perpetua".to_owned()
    }

    fn category(&self) -> Category {
        Category::ApplicationStatus
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        self.view
            .icon
            .images(self.ink)
            .into_iter()
            .map(pixmap)
            .collect()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: self.view.tooltip.clone(),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.click(TrayAction::Open);
    }

    fn menu(&self) -> Vec<ShownItem<Self>> {
        shown(&self.view.menu)
    }

    /// It waits for the watcher's return.
    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        debug!(?reason, "nobody shows icons");
        true
    }
}

/// In the order of the network: opacity, red, green, blue.
fn pixmap(image: TrayImage) -> Icon {
    let size = i32::try_from(image.size).unwrap_or_default();
    let mut data = image.rgba;
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    Icon {
        width: size,
        height: size,
        data,
    }
}

fn shown(menu: &[MenuEntry]) -> Vec<ShownItem<Item>> {
    menu.iter()
        .map(|entry| match entry {
            MenuEntry::Separator => ShownItem::Separator,
            MenuEntry::Submenu { text, entries } => SubMenu {
                label: label(text),
                submenu: shown(entries),
                ..SubMenu::default()
            }
            .into(),
            MenuEntry::Item(item) => shown_item(item),
        })
        .collect()
}

fn shown_item(item: &MenuItem) -> ShownItem<Item> {
    let action = item.action.clone();
    let (label, enabled) = (label(&item.text), action.is_some());
    let click = move |shown: &mut Item| {
        if let Some(action) = action.clone() {
            shown.click(action);
        }
    };
    match item.checked {
        Some(checked) => CheckmarkItem {
            label,
            enabled,
            checked,
            activate: Box::new(click),
            ..CheckmarkItem::default()
        }
        .into(),
        None => StandardItem {
            label,
            enabled,
            activate: Box::new(click),
            ..StandardItem::default()
        }
        .into(),
    }
}

/// On the bus an underscore is before the letter that a keyboard chooses by; two are one.
fn label(text: &str) -> String {
    text.replace('_', "__")
}
