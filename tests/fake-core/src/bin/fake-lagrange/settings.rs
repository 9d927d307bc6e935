//! `appsettings.json` and what overrides it, read as .NET's configuration does: one flat table whose keys
//! are paths with `:`, in any case, and whose values are strings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jsonc_parser::{CollectOptions, ParseOptions, ast, parse_to_ast};
use serde_json::Value;

use crate::crash::crash;

/// The file's name in the working folder.
pub(crate) const FILE: &str = "appsettings.json";

/// What Lagrange writes when it finds no file; the parts of it that matter here.
pub(crate) const DEFAULT: &str = r#"{
    "Logging": { "LogLevel": { "Default": "Information" } },
    "SignServerUrl": "",
    "SignProxyUrl": "",
    "MusicSignServerUrl": "",
    "Account": { "Uin": 0, "Protocol": "Linux", "AutoReconnect": true, "GetOptimumServer": true },
    "Message": { "IgnoreSelf": true, "StringPost": false },
    "QrCode": { "ConsoleCompatibilityMode": false },
    "Implementations": [
        {
            "Type": "ReverseWebSocket",
            "Host": "127.0.0.1",
            "Port": 8080,
            "Suffix": "/onebot/v11/ws",
            "ReconnectInterval": 5000,
            "HeartBeatInterval": 5000,
            "AccessToken": ""
        }
    ]
}
"#;

/// The settings of one run.
pub(crate) struct Settings {
    values: BTreeMap<String, String>,
}

/// An entry of `Implementations` with the type `ForwardWebSocket`.
#[derive(Clone)]
pub(crate) struct ForwardWebSocket {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) token: Option<String>,
    /// Milliseconds; `None` without heartbeats.
    pub(crate) heartbeat: Option<u64>,
}

impl Settings {
    /// Reads the folder's file and then these variables; crashes on a file that is no JSON.
    pub(crate) fn load(folder: &Path, variables: impl Iterator<Item = (String, String)>) -> Self {
        let mut values = BTreeMap::new();
        let path = folder.join(FILE);
        if let Ok(text) = std::fs::read_to_string(&path) {
            let text = text.trim_start_matches('\u{feff}');
            match object_of(text) {
                Some(value) => flatten("", &value, &mut values),
                None => crash(&format!(
                    "System.IO.InvalidDataException: Failed to load configuration from file '{}'.",
                    path.display()
                )),
            }
        }
        for (name, value) in variables {
            values.insert(name.replace("__", ":").to_lowercase(), value);
        }
        Self { values }
    }

    /// A value that is there and not empty.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        let value = self.values.get(&key.to_lowercase())?;
        (!value.is_empty()).then_some(value)
    }

    /// Whether a value is true; crashes on what is neither true nor false.
    pub(crate) fn flag(&self, key: &str, default: bool) -> bool {
        let Some(value) = self.text(key) else {
            return default;
        };
        value
            .to_ascii_lowercase()
            .parse()
            .unwrap_or_else(|_| unconvertible(key, "System.Boolean"))
    }

    /// A number; crashes on what is none.
    pub(crate) fn number(&self, key: &str, default: u64) -> u64 {
        let Some(value) = self.text(key) else {
            return default;
        };
        value
            .parse()
            .unwrap_or_else(|_| unconvertible(key, "System.UInt32"))
    }

    /// The account that names files.
    pub(crate) fn uin(&self) -> u64 {
        self.number("Account:Uin", 0)
    }

    /// How many implementations there are, of whatever type.
    pub(crate) fn implementations(&self) -> usize {
        let mut count = 0;
        while self.type_of(count).is_some() {
            count += 1;
        }
        count
    }

    /// The WebSocket servers among the implementations; this stand-in has no others.
    pub(crate) fn servers(&self) -> Vec<ForwardWebSocket> {
        (0..self.implementations())
            .filter(|index| self.type_of(*index) == Some("ForwardWebSocket"))
            .map(|index| self.server(index))
            .collect()
    }

    fn server(&self, index: usize) -> ForwardWebSocket {
        let key = |name| entry(index, name);
        let port = self.number(&key("Port"), 0);
        let beats = self.flag(&key("HeartBeatEnable"), true);
        ForwardWebSocket {
            host: self.text(&key("Host")).unwrap_or_default().to_owned(),
            port: u16::try_from(port).unwrap_or(0),
            token: self.text(&key("AccessToken")).map(str::to_owned),
            heartbeat: beats.then(|| self.number(&key("HeartBeatInterval"), 5000)),
        }
    }

    fn type_of(&self, index: usize) -> Option<&str> {
        self.text(&entry(index, "Type"))
    }
}

/// The object that a text holds, with comments and trailing commas, which .NET's configuration skips.
fn object_of(text: &str) -> Option<Value> {
    let options = ParseOptions::default();
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).ok()?;
    let ast::Value::Object(object) = parsed.value? else {
        return None;
    };
    if has_key_twice(&object) {
        return None;
    }
    jsonc_parser::parse_to_serde_value(text, &options).ok()
}

/// Keys that differ only in their case are one.
fn has_key_twice(object: &ast::Object<'_>) -> bool {
    let mut names = BTreeSet::new();
    object.properties.iter().any(|property| {
        let inner = match &property.value {
            ast::Value::Object(inner) => has_key_twice(inner),
            _ => false,
        };
        inner || !names.insert(property.name.as_str().to_lowercase())
    })
}

fn unconvertible(key: &str, class: &str) -> ! {
    crash(&format!(
        "System.InvalidOperationException: Failed to convert configuration value at '{key}' to type '{class}'."
    ))
}

fn entry(index: usize, name: &str) -> String {
    format!("Implementations:{index}:{name}")
}

fn flatten(path: &str, value: &Value, values: &mut BTreeMap<String, String>) {
    let below = |name: &str| {
        let separator = if path.is_empty() { "" } else { ":" };
        format!("{path}{separator}{}", name.to_lowercase())
    };
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                flatten(&below(name), value, values);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                flatten(&below(&index.to_string()), item, values);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            values.insert(path.to_owned(), text.clone());
        }
        Value::Bool(flag) => {
            let text = if *flag { "True" } else { "False" };
            values.insert(path.to_owned(), text.to_owned());
        }
        Value::Number(number) => {
            values.insert(path.to_owned(), number.to_string());
        }
    }
}
