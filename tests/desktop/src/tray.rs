//! Who shows tray icons on the desktop: the test.
#![expect(
    clippy::used_underscore_binding,
    reason = "the interface's macro names what the tests leave alone"
)]

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use perpetua_e2e::{bus, until};
use tokio::sync::watch;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, Proxy};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const ITEM_PATH: &str = "/StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// The layout of a menu on the bus: number, properties, children.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

/// A line of an icon's menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MenuEntry {
    /// Its words, as a person reads them.
    pub label: String,
    /// Whether it can be chosen.
    pub enabled: bool,
    /// What opens behind it.
    pub entries: Vec<MenuEntry>,
    id: i32,
}

/// The tray of a desktop, with the one icon in it.
pub struct Tray {
    connection: Connection,
    item: watch::Receiver<Option<String>>,
}

impl Tray {
    pub(crate) async fn serve(address: &str) -> Result<Self> {
        let (sender, item) = watch::channel(None);
        let connection = bus::connect(address).await?;
        let watcher = Watcher { item: sender };
        connection
            .object_server()
            .at("/StatusNotifierWatcher", watcher)
            .await?;
        connection.request_name(WATCHER).await?;
        Ok(Self { connection, item })
    }

    /// Clicks on the icon.
    pub async fn click(&self) -> Result<()> {
        let item = self.item().await?;
        item.call_method("Activate", &(0, 0)).await?;
        Ok(())
    }

    /// What the icon says when the mouse rests on it: title and text.
    pub async fn tooltip(&self) -> Result<String> {
        type ToolTip = (String, Vec<(i32, i32, Vec<u8>)>, String, String);
        let item = self.item().await?;
        let (_, _, title, text) = item.get_property::<ToolTip>("ToolTip").await?;
        Ok(format!("{title} {text}").trim().to_owned())
    }

    /// The icon's sizes and pictures.
    pub async fn pictures(&self) -> Result<Vec<(i32, i32, Vec<u8>)>> {
        let item = self.item().await?;
        Ok(item.get_property("IconPixmap").await?)
    }

    /// The menu as it stands.
    pub async fn menu(&self) -> Result<Vec<MenuEntry>> {
        let menu = self.menu_proxy().await?;
        let all: &[&str] = &[];
        let (_, layout): (u32, Layout) = menu.call("GetLayout", &(0, -1, all)).await?;
        entries(&layout)
    }

    /// Chooses the line with these words, wherever it stands in the menu.
    pub async fn choose(&self, label: &str) -> Result<()> {
        let id = until(&format!("`{label}` in the tray's menu"), async || {
            Ok(find(&self.menu().await?, label).map(|entry| entry.id))
        })
        .await?;
        let menu = self.menu_proxy().await?;
        menu.call_method("Event", &(id, "clicked", Value::from(0), 0_u32))
            .await?;
        Ok(())
    }

    async fn menu_proxy(&self) -> Result<Proxy<'static>> {
        let item = self.item().await?;
        let path: zbus::zvariant::OwnedObjectPath = item.get_property("Menu").await?;
        let name = item.destination().to_owned();
        Ok(Proxy::new(&self.connection, name, path, MENU).await?)
    }

    async fn item(&self) -> Result<Proxy<'static>> {
        let mut item = self.item.clone();
        let name = until("the tray's icon", async || {
            Ok(item.borrow_and_update().clone())
        })
        .await?;
        Ok(Proxy::new(&self.connection, name, ITEM_PATH, ITEM).await?)
    }
}

fn find<'a>(entries: &'a [MenuEntry], label: &str) -> Option<&'a MenuEntry> {
    entries.iter().find_map(|entry| {
        let is_it = entry.label == label && entry.enabled;
        if is_it {
            Some(entry)
        } else {
            find(&entry.entries, label)
        }
    })
}

fn entries((_, _, children): &Layout) -> Result<Vec<MenuEntry>> {
    children
        .iter()
        .map(|child| {
            let layout: Layout = child.try_clone()?.try_into().context("a line of a menu")?;
            let text = |name: &str| {
                let value = layout.1.get(name)?;
                value.downcast_ref::<&str>().ok().map(str::to_owned)
            };
            let enabled = layout.1.get("enabled");
            Ok(MenuEntry {
                // An underscore marks the letter that chooses; two are one.
                label: text("label").unwrap_or_default().replace("__", "_"),
                enabled: enabled.is_none_or(|value| value.downcast_ref::<bool>().unwrap_or(true)),
                entries: entries(&layout)?,
                id: layout.0,
            })
        })
        .collect()
}

struct Watcher {
    item: watch::Sender<Option<String>>,
}

#[expect(
    clippy::unused_self,
    reason = "the desktop's specification says what is passed"
)]
#[zbus::interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    async fn register_status_notifier_item(
        &self,
        service: String,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) {
        // Some give their name on the bus, some the path of their icon.
        let sender = header.sender().map(ToString::to_string);
        let name = if service.starts_with('/') {
            sender.unwrap_or_default()
        } else {
            service
        };
        let _told = Self::status_notifier_item_registered(&emitter, &name).await;
        self.item.send_replace(Some(name));
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.item.borrow().iter().cloned().collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;
}
