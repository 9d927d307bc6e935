//! The screen of a desktop, and what stands on it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use perpetua_e2e::{Program, until};
use tokio::process::Command;

use crate::Desktop;

/// How long the screen may take to begin, or to end.
const LIMIT: Duration = Duration::from_secs(20);

/// A screen that nobody sees. Dropping it ends it.
pub(crate) struct Screen {
    server: Program,
    /// By which programs find it.
    pub(crate) display: String,
}

/// Where a window stands, in points of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The left edge.
    pub x: i32,
    /// The upper edge.
    pub y: i32,
    /// How wide.
    pub width: i32,
    /// How high.
    pub height: i32,
}

impl Screen {
    pub(crate) async fn start(size: &str) -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-nolisten", "tcp"]);
        command.args(["-screen", "0", &format!("{size}x24")]);
        let mut server = Program::start("Xvfb", command)?;
        let is_number = |line: &str| line.trim().parse::<u32>().is_ok();
        let number = server
            .stdout
            .next_where("the screen's number", LIMIT, is_number)
            .await?;
        let display = format!(":{}", number.trim());
        Ok(Self { server, display })
    }

    pub(crate) async fn end(&mut self) -> Result<()> {
        self.server.terminate().await?;
        self.server.ended(LIMIT).await.map(drop)
    }
}

impl Desktop {
    /// Waits until so many windows of the program can be seen.
    pub async fn shows_windows(&self, count: usize) -> Result<()> {
        until(&format!("{count} windows on the screen"), async || {
            Ok(self.has_windows(count).await?.then_some(()))
        })
        .await
    }

    /// Whether so many windows of the program can be seen now.
    pub async fn has_windows(&self, count: usize) -> Result<bool> {
        Ok(self.windows().await?.len() == count)
    }

    /// Moves the one window and gives it a size, as a person does by its frame.
    pub async fn put_window(&self, place: Place) -> Result<()> {
        let window = self.one_window().await?;
        let text = |number: i32| number.to_string();
        let [x, y] = [place.x, place.y].map(text);
        let [width, height] = [place.width, place.height].map(text);
        self.xdotool(&["windowsize", "--sync", &window, &width, &height])
            .await?;
        self.xdotool(&["windowmove", "--sync", &window, &x, &y])
            .await?;
        self.window_is_at(place).await
    }

    /// Waits until the one window stands there.
    pub async fn window_is_at(&self, place: Place) -> Result<()> {
        let mut last = None;
        let what = format!("the window at {place:?}");
        let found = until(&what, async || {
            last = self.place().await?;
            Ok((last == Some(place)).then_some(()))
        })
        .await;
        found.with_context(|| format!("it stands at {last:?}"))
    }

    /// Clicks on a point of the screen: 1 is the left button, 3 the right one.
    pub async fn click_at(&self, x: i32, y: i32, button: u8) -> Result<()> {
        let [x, y] = [x, y].map(|number| number.to_string());
        let button = button.to_string();
        self.xdotool(&["mousemove", &x, &y, "click", &button])
            .await
            .map(drop)
    }

    /// Presses a key of the keyboard, by its name on X11.
    pub async fn press_key(&self, key: &str) -> Result<()> {
        self.xdotool(&["key", key]).await.map(drop)
    }

    /// Waits for the dialog with this title, in which files are chosen, types a path into it and takes that.
    ///
    /// A dialog that is still building its list loses keys, so the path is typed until the dialog is gone.
    pub async fn choose_file(&self, title: &str, path: &str) -> Result<()> {
        let named = format!("^{title}$");
        let dialog = until("the dialog for files", async || self.dialog(&named).await).await?;
        until("the dialog to take the file", async || {
            if self.dialog(&named).await?.is_none() {
                return Ok(Some(()));
            }
            self.xdotool(&["windowfocus", &dialog]).await?;
            self.xdotool(&["key", "--delay", "200", "ctrl+l", "ctrl+a"])
                .await?;
            self.xdotool(&["type", "--delay", "50", path]).await?;
            self.press_key("Return").await?;
            tokio::time::sleep(Duration::from_secs(2)).await;
            Ok(None)
        })
        .await
    }

    async fn dialog(&self, named: &str) -> Result<Option<String>> {
        let search = ["search", "--onlyvisible", "--name", named];
        let found = self.xdotool(&search).await?;
        Ok(found.lines().next().map(str::to_owned))
    }

    /// What the screen shows, point by point.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        let mut import = self.command("import");
        import.args(["-window", "root", "-depth", "8", "rgb:-"]);
        let drawn = import.output().await.context("cannot run `import`")?;
        anyhow::ensure!(drawn.status.success(), "`import` failed: {drawn:?}");
        Ok(drawn.stdout)
    }

    /// The windows of the program that can be seen.
    async fn windows(&self) -> Result<Vec<String>> {
        let found = self
            .xdotool(&["search", "--onlyvisible", "--name", "^perpetua$"])
            .await?;
        Ok(found.lines().map(str::to_owned).collect())
    }

    /// Gives the one window the focus, and presses these keys one after the other.
    pub async fn press_keys(&self, keys: &[&str]) -> Result<()> {
        let window = self.one_window().await?;
        self.xdotool(&["windowfocus", "--sync", &window]).await?;
        let press = ["key", "--delay", "200"];
        self.xdotool(&[&press[..], keys].concat()).await.map(drop)
    }

    async fn one_window(&self) -> Result<String> {
        until("the window", async || {
            let mut windows = self.windows().await?;
            Ok(windows.pop().filter(|_| windows.is_empty()))
        })
        .await
    }

    async fn place(&self) -> Result<Option<Place>> {
        let window = self.one_window().await?;
        let told = self
            .xdotool(&["getwindowgeometry", "--shell", &window])
            .await?;
        let value = |name: &str| {
            let mut lines = told.lines().filter_map(|line| line.split_once('='));
            let (_, value) = lines.find(|(known, _)| *known == name)?;
            value.parse().ok()
        };
        let place = || {
            Some(Place {
                x: value("X")?,
                y: value("Y")?,
                width: value("WIDTH")?,
                height: value("HEIGHT")?,
            })
        };
        Ok(place())
    }

    async fn xdotool(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command("xdotool");
        let done = command.args(arguments).output().await;
        let done = done.context("cannot run `xdotool`")?;
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    }
}
