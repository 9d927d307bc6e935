//! A real panel with a real tray in it: Xfce's, with nothing else on it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use perpetua_e2e::{Program, bus, until};

use crate::Desktop;

/// A panel at the upper edge whose only part is the tray.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array"><value type="int" value="1"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=6;x=0;y=0"/>
      <property name="length" type="uint" value="100"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="size" type="uint" value="30"/>
      <property name="plugin-ids" type="array"><value type="int" value="1"/></property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="systray">
      <property name="icon-size" type="int" value="24"/>
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"#;

/// The middle of the first icon.
const ICON: (i32, i32) = (15, 15);

/// A running panel, with room for icons at its left end.
pub struct Panel<'d> {
    desktop: &'d Desktop,
    _settings: Program,
    _program: Program,
    bus: zbus::Connection,
}

impl<'d> Panel<'d> {
    pub(crate) async fn start(desktop: &'d Desktop) -> Result<Self> {
        let channels = "config/xfce4/xfconf/xfce-perchannel-xml";
        let channels = desktop.home().join(channels);
        fs::create_dir_all(&channels)?;
        fs::write(channels.join("xfce4-panel.xml"), SETTINGS)?;
        let keeper = settings_keeper().context("the panel's settings need `xfconfd`")?;
        let settings = Program::start("xfconfd", desktop.command(keeper))?;
        let mut panel = desktop.command("xfce4-panel");
        panel.arg("--disable-wm-check");
        let panel = Self {
            desktop,
            _settings: settings,
            _program: Program::start("xfce4-panel", panel)?,
            bus: bus::connect(desktop.address()).await?,
        };
        until("the panel's tray", async || Ok(panel.icons().await)).await?;
        Ok(panel)
    }

    /// Waits until it shows this many icons.
    pub async fn has_icons(&self, count: usize) -> Result<()> {
        until(&format!("{count} icons on the panel"), async || {
            Ok(self.icons().await.filter(|icons| *icons == count).map(drop))
        })
        .await
    }

    /// Clicks on its first icon as the mouse's left button does, until `done` has come of it: an icon is
    /// there before it is drawn.
    pub async fn click(&self, done: impl AsyncFn() -> Result<bool>) -> Result<()> {
        until("a click on the icon to be heard", async || {
            self.desktop.click_at(ICON.0, ICON.1, 1).await?;
            Ok(done().await?.then_some(()))
        })
        .await
    }

    /// Opens the menu of its first icon by the right button, and chooses the last line by keyboard, until
    /// `done` has come of it.
    pub async fn choose_last(&self, done: impl AsyncFn() -> Result<bool>) -> Result<()> {
        until("the last line of the icon's menu to be heard", async || {
            let closed = self.desktop.picture().await?;
            self.desktop.click_at(ICON.0, ICON.1, 3).await?;
            // A choice may have been heard that takes its time.
            let is_open = until("the icon's menu", async || {
                if done().await? {
                    return Ok(Some(false));
                }
                Ok((self.desktop.picture().await? != closed).then_some(true))
            })
            .await?;
            if !is_open {
                return Ok(Some(()));
            }
            self.desktop.press_key("Up").await?;
            self.desktop.press_key("Return").await?;
            Ok(done().await?.then_some(()))
        })
        .await
    }

    async fn icons(&self) -> Option<usize> {
        let name = "org.kde.StatusNotifierWatcher";
        let path = "/StatusNotifierWatcher";
        let watcher = zbus::Proxy::new(&self.bus, name, path, name).await.ok()?;
        let items = "RegisteredStatusNotifierItems";
        let items: Vec<String> = watcher.get_property(items).await.ok()?;
        Some(items.len())
    }
}

/// Where distributions put what keeps Xfce's settings.
fn settings_keeper() -> Option<PathBuf> {
    let libraries = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let below = libraries.map(|folder| folder.path().join("xfce4/xfconf/xfconfd"));
    let more = ["/usr/lib/xfce4/xfconf/xfconfd", "/usr/libexec/xfconfd"].map(PathBuf::from);
    below.chain(more).find(|program| program.is_file())
}
