//! The program's window, as a person uses it: by what stands on the screen.

use anyhow::{Context as _, Result};
use perpetua_e2e::until_within;
use serde_json::{Value, json};
use std::time::Duration;

use crate::driver::{Driver, Element, passing};
use crate::{Desktop, Words};

/// Finds in the page what a person would: by its words, and only if it can be seen.
const FINDER: &str = include_str!("finder.js");

/// What a framework takes to start and to connect, on a machine that is busy with tests.
const SLOW: Duration = Duration::from_mins(1);

/// Keys of the keyboard, as the driver's protocol calls them.
const TAB: char = '\u{E004}';
/// Enter.
pub const ENTER: char = '\u{E007}';
/// The arrow that points down.
pub const DOWN: char = '\u{E015}';

/// The window of a running program.
pub struct Window {
    driver: Driver,
    words: Words,
}

impl Window {
    pub(crate) async fn open(desktop: &Desktop, arguments: &[&str]) -> Result<Self> {
        let driver = desktop.command("WebKitWebDriver");
        let driver = Driver::start(driver, &Desktop::program()?, arguments).await?;
        let window = Self {
            driver,
            words: desktop.words(),
        };
        window.is_drawn().await?;
        Ok(window)
    }

    /// Waits until the page has drawn something.
    pub async fn is_drawn(&self) -> Result<()> {
        self.eventually("the page to be drawn", async || {
            let text = self.find("text", "").await?;
            Ok(text
                .as_str()
                .is_some_and(|text| !text.is_empty())
                .then_some(()))
        })
        .await
    }

    /// Presses a button, a link, a switch or whatever else has these words, once it can be pressed.
    pub async fn press(&self, code: &str) -> Result<()> {
        self.press_text(&self.words.of(code)).await
    }

    /// Presses what has this text.
    pub async fn press_text(&self, name: &str) -> Result<()> {
        self.eventually(&format!("`{name}` to be pressed"), async || {
            let Some(element) = Element::read(&self.find("control", name).await?) else {
                return Ok(None);
            };
            passing(self.driver.click(&element).await)
        })
        .await
    }

    /// Writes into the field with this label, in place of what it holds.
    pub async fn fill(&self, code: &str, text: &str) -> Result<()> {
        self.fill_labelled(&self.words.of(code), text).await
    }

    /// Writes into the field with this label.
    pub async fn fill_labelled(&self, label: &str, text: &str) -> Result<()> {
        self.eventually(&format!("`{label}` to be filled in"), async || {
            let Some(field) = Element::read(&self.find("field", label).await?) else {
                return Ok(None);
            };
            if passing(self.driver.clear(&field).await)?.is_none() {
                return Ok(None);
            }
            passing(self.driver.keys(&field, text).await)
        })
        .await
    }

    /// Presses keys where the focus is.
    pub async fn keys(&self, text: &str) -> Result<()> {
        let focused = self.driver.focused().await?;
        self.driver.keys(&focused, text).await
    }

    /// Goes by Tab alone to what has these words, as somebody without a mouse does.
    pub async fn tab_to(&self, code: &str) -> Result<()> {
        self.tab_to_text(&self.words.of(code)).await
    }

    /// Goes by Tab alone to what has this text, as soon as it can be pressed: Tab passes by a button that
    /// waits for an answer. The focus has to be seen on the way.
    pub async fn tab_to_text(&self, name: &str) -> Result<()> {
        /// More than any page has to go past.
        const STOPS: usize = 80;
        self.eventually(&format!("`{name}` to press"), async || {
            let found = self.find("control", name).await?;
            Ok((!found.is_null()).then_some(()))
        })
        .await?;
        let mut passed = Vec::new();
        for _ in 0..STOPS {
            self.driver.key(TAB).await?;
            let at = self.find("focused", "").await?;
            let names: Vec<String> = serde_json::from_value(at["names"].clone())?;
            if names.iter().any(|known| known.starts_with(name)) {
                anyhow::ensure!(
                    at["ring"] == true,
                    "the focus on `{name}` is not to be seen"
                );
                return Ok(());
            }
            passed.push(names.into_iter().next().unwrap_or_default());
        }
        anyhow::bail!("Tab never comes to `{name}`, but to {passed:?}")
    }

    /// Waits until what has this text has the focus.
    pub async fn has_focus(&self, name: &str) -> Result<()> {
        self.eventually(&format!("the focus on `{name}`"), async || {
            let at = self.find("focused", "").await?;
            let names: Vec<String> = serde_json::from_value(at["names"].clone())?;
            let is_there = names.iter().any(|known| known.starts_with(name));
            Ok(is_there.then_some(()))
        })
        .await
    }

    /// Presses a key of the keyboard; it goes to what has the focus.
    pub async fn key(&self, key: char) -> Result<()> {
        self.driver.key(key).await
    }

    /// Waits until this sentence is read somewhere.
    pub async fn sees(&self, code: &str) -> Result<()> {
        self.sees_text(&self.words.of(code)).await
    }

    /// Waits until this sentence with its parameters is read somewhere.
    pub async fn sees_with(&self, code: &str, params: Value) -> Result<()> {
        self.sees_text(&self.words.with(code, &params)).await
    }

    /// Waits until this text is read somewhere.
    pub async fn sees_text(&self, text: &str) -> Result<()> {
        self.eventually(&format!("`{text}` to be read"), async || {
            Ok(self.find("text", text).await?.is_string().then_some(()))
        })
        .await
    }

    /// Waits until something with this name is there: a picture, or something to press.
    pub async fn sees_named(&self, code: &str) -> Result<()> {
        let name = self.words.of(code);
        self.eventually(&format!("something named `{name}`"), async || {
            Ok(Element::read(&self.find("named", &name).await?).map(drop))
        })
        .await
    }

    /// Closes the window as its frame does.
    pub async fn close(&self) -> Result<()> {
        let script =
            "window.__TAURI_INTERNALS__.invoke('rpc', { name: 'window_close', params: {} })";
        self.driver.run(script, json!([])).await.map(drop)
    }

    /// Waits until this sentence is read nowhere.
    pub async fn sees_no_more(&self, code: &str) -> Result<()> {
        let text = self.words.of(code);
        self.eventually(&format!("`{text}` to be gone"), async || {
            Ok(self.find("text", &text).await?.is_null().then_some(()))
        })
        .await
    }

    /// Waits until the address of the page is this.
    pub async fn is_at(&self, path: &str) -> Result<()> {
        self.eventually(&format!("the page at `{path}`"), async || {
            Ok((self.path().await?.as_deref() == Some(path)).then_some(()))
        })
        .await
    }

    /// Waits until the address of the page begins so.
    pub async fn is_below(&self, path: &str) -> Result<()> {
        self.eventually(&format!("a page below `{path}`"), async || {
            let is_there = self.path().await?.is_some_and(|at| at.starts_with(path));
            Ok(is_there.then_some(()))
        })
        .await
    }

    /// What the page's address says now; `None` while there is no page.
    pub async fn path(&self) -> Result<Option<String>> {
        let path = passing(self.driver.run("return location.pathname", json!([])).await)?;
        Ok(path.as_ref().and_then(Value::as_str).map(str::to_owned))
    }

    /// Goes to a page by its address, as a notification does.
    pub async fn go(&self, path: &str) -> Result<()> {
        let script = "history.pushState(null, '', arguments[0]); dispatchEvent(new PopStateEvent('popstate'))";
        self.driver.run(script, json!([path])).await.map(drop)
    }

    /// All that can be read in the page now.
    pub async fn text(&self) -> Result<String> {
        let text = self.find("text", "").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The words of the desktop.
    pub fn words(&self) -> Words {
        self.words
    }

    /// Works in the window that was made after the one before was taken apart.
    pub async fn take_new(&self) -> Result<()> {
        self.eventually("another window", async || {
            passing(self.driver.take_window().await)
        })
        .await?;
        self.is_drawn().await
    }

    /// What works the page.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    async fn find(&self, kind: &str, name: &str) -> Result<Value> {
        let found = self.driver.run(FINDER, json!([kind, name])).await;
        Ok(passing(found)?.unwrap_or(Value::Null))
    }

    /// Asks until there is an answer; without one the error says what the page shows.
    async fn eventually<T>(
        &self,
        what: &str,
        ask: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let answer = until_within(SLOW, what, ask).await;
        if answer.is_ok() {
            return answer;
        }
        let path = self.path().await.ok().flatten().unwrap_or_default();
        let text = self.text().await.unwrap_or_default();
        answer.with_context(|| format!("the page `{path}` shows:\n{text}"))
    }
}
