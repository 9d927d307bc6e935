//! `appsettings.json`: what is ours in it is set, the rest stays as the user wrote it.

use std::path::Path;
use std::time::SystemTime;

use jsonc_parser::cst::{CstInputValue, CstObject};
use jsonc_parser::json;
use perpetua_fs::{Access, write_changed};
use perpetua_words::{Message, login as words};
use serde_json::Value;

use crate::{LagrangeSettings, LagrangeSettingsError, WrittenSettings, files, jsonc};

const FILE: &str = "appsettings.json";
/// .NET reads it after the other one, so that its values win.
const PRODUCTION_FILE: &str = "appsettings.Production.json";
/// What a user may want to know of or change is there from the start.
const FIRST: &str = r#"{
    "MusicSignServerUrl": "",
    "Account": {
        "AutoReconnect": true,
        "GetOptimumServer": true
    },
    "Message": {
        "IgnoreSelf": true,
        "StringPost": false
    }
}
"#;
/// How often the core's server shows that it lives, in milliseconds.
const HEARTBEAT: &str = "5000";

pub(super) fn write(
    settings: &LagrangeSettings,
    folder: &Path,
) -> Result<WrittenSettings, LagrangeSettingsError> {
    perpetua_fs::create_private_folder(folder)?;
    let path = folder.join(FILE);
    let mut written = WrittenSettings::default();
    let production = folder.join(PRODUCTION_FILE);
    if production.exists() {
        let aside = files::set_aside(&production, "unused", SystemTime::now())?;
        written.dropped.push(Message::from(words::ProductionFile {
            path: PRODUCTION_FILE,
            aside: name(&aside),
        }));
    }
    let former = files::read(&path)?.map(|bytes| jsonc::text_of(&bytes));
    let text = match former.as_deref().map(|text| edited(text, settings)) {
        Some(Ok((text, dropped))) => {
            written.dropped.extend(dropped);
            text
        }
        Some(Err(error)) => {
            let aside = files::set_aside(&path, "broken", SystemTime::now())?;
            written.dropped.push(Message::from(words::SettingsRenewed {
                path: FILE,
                text: error.to_string(),
                aside: name(&aside),
            }));
            first(settings)
        }
        None => first(settings),
    };
    write_changed(&path, text.as_bytes(), Access::Owner)?;
    Ok(written)
}

fn name(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn first(settings: &LagrangeSettings) -> String {
    edited(FIRST, settings).map_or_else(|_| String::new(), |(text, _)| text)
}

fn edited(
    text: &str,
    settings: &LagrangeSettings,
) -> Result<(String, Vec<Message>), jsonc::NotJson> {
    let (root, object) = jsonc::tree(text)?;
    let dropped = own(&object, settings);
    Ok((root.to_string(), dropped))
}

/// Sets what is ours; gives what of the user's is not used any more.
fn own(object: &CstObject, settings: &LagrangeSettings) -> Vec<Message> {
    let mut dropped = Vec::new();
    // Both may hold a key, so they travel in the environment.
    for key in ["SignServerUrl", "SignProxyUrl"] {
        jsonc::set(object, key, json!(""));
    }

    let account = jsonc::object_of(object, "Account");
    let uin = CstInputValue::Number(settings.uin.unwrap_or(0).to_string());
    jsonc::set(&account, "Uin", uin);
    jsonc::set(&account, "Protocol", json!(settings.protocol.name()));
    let qr_code = jsonc::object_of(object, "QrCode");
    jsonc::set(&qr_code, "ConsoleCompatibilityMode", json!(false));

    // What the log says is what we know of the core, so its levels are not the user's.
    let levels = Value::from_iter(LEVELS);
    let logging = jsonc::remove(object, "Logging");
    if logging.is_some_and(|logging| jsonc::get(&logging, "LogLevel") != Some(&levels)) {
        dropped.push(words::LoggingReplaced { path: FILE }.into());
    }
    let entries = LEVELS.map(|(class, level)| (class.to_owned(), json!(level)));
    let levels = CstInputValue::Object(entries.into());
    let logging = CstInputValue::Object(vec![("LogLevel".to_owned(), levels)]);
    jsonc::set(object, "Logging", logging);

    if jsonc::remove(object, "ConfigPath").is_some() {
        dropped.push(words::ConfigPathRemoved { path: FILE }.into());
    }
    for key in ["Implementation", "Implementations"] {
        if let Some(former) = jsonc::remove(object, key) {
            dropped.extend(
                implementations(&former)
                    .iter()
                    .filter_map(dropped_implementation),
            );
        }
    }
    jsonc::set(object, "Implementations", server());
    dropped
}

/// The levels of the core's default file; lower ones would log every packet.
const LEVELS: [(&str, &str); 3] = [
    ("Default", "Information"),
    ("Microsoft", "Warning"),
    ("Microsoft.Hosting.Lifetime", "Information"),
];

/// The one server that the core has, without its token. Its port is another one at each start and travels in the
/// environment, so that the file stays as it is: a full disk does not keep an account from starting again.
fn server() -> CstInputValue {
    CstInputValue::Array(vec![CstInputValue::Object(vec![
        ("Type".to_owned(), json!("ForwardWebSocket")),
        ("Host".to_owned(), json!("127.0.0.1")),
        ("Port".to_owned(), CstInputValue::Number("0".to_owned())),
        (
            "HeartBeatInterval".to_owned(),
            CstInputValue::Number(HEARTBEAT.to_owned()),
        ),
        ("HeartBeatEnable".to_owned(), json!(true)),
    ])])
}

/// An implementation of a settings file and its type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Implementation {
    /// `ForwardWebSocket`, `ReverseWebSocket`, `Http`, `HttpPost`, or what the file says.
    pub(crate) kind: String,
    /// Its keys.
    pub(crate) keys: Value,
}

/// The entries of `Implementations`: a list, or sections whose names are the types.
pub(crate) fn implementations(value: &Value) -> Vec<Implementation> {
    let kind_of = |keys: &Value| {
        let kind = jsonc::get(keys, "Type")?.as_str()?;
        Some(kind.to_owned())
    };
    let entry = |name: Option<&str>, keys: &Value| Implementation {
        kind: kind_of(keys)
            .or(name.map(str::to_owned))
            .unwrap_or_default(),
        keys: keys.clone(),
    };
    match value {
        Value::Array(entries) => entries.iter().map(|keys| entry(None, keys)).collect(),
        Value::Object(sections) => sections
            .iter()
            .map(|(name, keys)| entry(Some(name), keys))
            .collect(),
        _ => Vec::new(),
    }
}

/// What to tell of an entry that is not used any more; nothing if it is our own of a former start.
fn dropped_implementation(entry: &Implementation) -> Option<Message> {
    let text = |key: &str| jsonc::get(&entry.keys, key).and_then(Value::as_str);
    let port = jsonc::get(&entry.keys, "Port").map_or_else(String::new, |port| format!(":{port}"));
    let is_ours = entry.kind == "ForwardWebSocket"
        && text("Host") == Some("127.0.0.1")
        && jsonc::get(&entry.keys, "AccessToken").is_none()
        && entry.keys.as_object().is_some_and(|keys| keys.len() == 5);
    (!is_ours).then(|| {
        Message::from(words::ImplementationRemoved {
            kind: &entry.kind,
            address: format!("{}{port}", text("Host").unwrap_or_default()),
            path: FILE,
        })
    })
}
