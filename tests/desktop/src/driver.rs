//! `WebDriver`, the protocol by which a page is worked from outside, as far as the tests speak it.
//!
//! `WebKitWebDriver` starts the program by itself, so nothing stands between: `tauri-driver` would only
//! pass on the same requests under another name of the program's path.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use perpetua_e2e::{Program, ReservedPort, until};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::process::Command;

/// An answer may take as long as the start of the program on a machine that is busy with tests.
const LIMIT: Duration = Duration::from_mins(2);

/// The key under which the protocol names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What passes by itself while a page is being drawn.
const PASSING: [&str; 7] = [
    "element click intercepted",
    "element not interactable",
    "javascript error",
    "no such element",
    "no such frame",
    "no such window",
    "stale element reference",
];

/// A refusal of the driver.
#[derive(Debug)]
struct Refusal {
    code: String,
    message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

/// An element of the page.
#[derive(Clone, Debug)]
pub struct Element(String);

impl Element {
    /// The element that a script has found.
    pub(crate) fn read(value: &Value) -> Option<Self> {
        Some(Self(value[ELEMENT].as_str()?.to_owned()))
    }
}

/// A running driver with the program that it has started.
pub struct Driver {
    _program: Program,
    client: reqwest::Client,
    session: String,
    _port: ReservedPort,
}

impl Driver {
    /// Starts the driver, `command`, and lets it start the program with these arguments.
    pub(crate) async fn start(
        mut command: Command,
        program: &Path,
        arguments: &[impl AsRef<OsStr>],
    ) -> Result<Self> {
        let port = ReservedPort::for_the_node()?;
        command.args(["--host=127.0.0.1", &format!("--port={}", port.number())]);
        let driver = Program::start("WebKitWebDriver", command)?;
        listens(port.address()).await?;
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| argument.as_ref().to_string_lossy())
            .collect();
        let options = json!({ "binary": program, "args": arguments });
        let wanted = json!({ "webkitgtk:browserOptions": options });
        let client = perpetua_fetch::loopback_client()?;
        let mut driver = Self {
            _program: driver,
            client,
            session: format!("http://{}/session", port.address()),
            _port: port,
        };
        let wanted = json!({ "capabilities": { "alwaysMatch": wanted } });
        let session = driver.ask(Method::POST, "", Some(wanted)).await?;
        let id = session["sessionId"]
            .as_str()
            .context("a session has an id")?;
        driver.session = format!("{}/{id}", driver.session);
        Ok(driver)
    }

    /// Runs the body of a function in the page, and gives what it returns.
    pub async fn run(&self, script: &str, arguments: Value) -> Result<Value> {
        let body = json!({ "script": script, "args": arguments });
        self.ask(Method::POST, "/execute/sync", Some(body)).await
    }

    /// Clicks in the middle of an element, as a mouse does.
    pub async fn click(&self, element: &Element) -> Result<()> {
        let path = format!("/element/{}/click", element.0);
        self.ask(Method::POST, &path, Some(json!({})))
            .await
            .map(drop)
    }

    /// Empties a field.
    pub async fn clear(&self, element: &Element) -> Result<()> {
        let path = format!("/element/{}/clear", element.0);
        self.ask(Method::POST, &path, Some(json!({})))
            .await
            .map(drop)
    }

    /// Types into an element.
    pub async fn keys(&self, element: &Element, text: &str) -> Result<()> {
        let path = format!("/element/{}/value", element.0);
        let body = json!({ "text": text });
        self.ask(Method::POST, &path, Some(body)).await.map(drop)
    }

    /// Presses and releases a key of the keyboard, which goes to whatever has the focus.
    pub async fn key(&self, key: char) -> Result<()> {
        let presses =
            json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": presses });
        let body = json!({ "actions": [keyboard] });
        self.ask(Method::POST, "/actions", Some(body))
            .await
            .map(drop)
    }

    /// The element that has the focus.
    pub async fn focused(&self) -> Result<Element> {
        let element = self.ask(Method::GET, "/element/active", None).await?;
        Element::read(&element).context("something has the focus")
    }

    /// Works in the window that there is now, after the one before is gone.
    pub async fn take_window(&self) -> Result<()> {
        let handles = self.ask(Method::GET, "/window/handles", None).await?;
        let handle = handles[0].as_str().context("there is no window")?;
        let body = json!({ "handle": handle });
        self.ask(Method::POST, "/window", Some(body))
            .await
            .map(drop)
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.session));
        request = request.timeout(LIMIT);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.context("the driver does not answer")?;
        let is_good = answer.status().is_success();
        let mut answer: Value = answer.json().await.context("the driver answers in JSON")?;
        let value = answer["value"].take();
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        ensure!(
            is_good,
            Refusal {
                code: text("error"),
                message: text("message"),
            }
        );
        Ok(value)
    }
}

/// `None` for a refusal that passes while the page is being drawn.
pub(crate) fn passing<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) => match error.downcast_ref::<Refusal>() {
            Some(refusal) if PASSING.contains(&refusal.code.as_str()) => Ok(None),
            _ => Err(error),
        },
    }
}

async fn listens(address: SocketAddr) -> Result<()> {
    until("the driver to listen", async || {
        Ok(TcpStream::connect(address).await.ok().map(drop))
    })
    .await
}
