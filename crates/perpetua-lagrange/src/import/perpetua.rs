//! `config.yml` of the original perpetua.

use std::path::Path;

use perpetua_fs::FileError;
use perpetua_words::{Message, import as words};
use serde_json::Value;

use super::inside::Place;
use super::{ClientUrl, FoundInstallation, NodeSettings, SuggestedClient};
use crate::import::lagrange::{port, token};
use crate::{files, jsonc};

const NAMES: [&str; 2] = ["config.yml", "config.yaml"];
/// Keys by which the file is known.
const KEYS: [&str; 5] = [
    "ntqq-impl",
    "web-socket",
    "http",
    "http-post",
    "reverse-web-socket",
];

/// The settings of an original perpetua in this folder, or why they cannot be read; `None` if it is another
/// program's folder.
pub(super) fn config(folder: &Path) -> Result<Option<Result<Value, Message>>, FileError> {
    for name in NAMES {
        let path = match Place::of(folder, name) {
            Place::Inside(path) => path,
            Place::Nowhere => continue,
            Place::Outside => return Ok(Some(Err(words::LeadsOut { path: name }.into()))),
        };
        let Some(bytes) = files::read(&path)? else {
            continue;
        };
        let text = jsonc::text_of(&bytes);
        return Ok(match serde_saphyr::from_str::<Value>(&text) {
            Ok(value) => KEYS
                .iter()
                .any(|key| value.get(key).is_some())
                .then_some(Ok(value)),
            Err(error) => Some(Err(reason(name, &error))),
        });
    }
    Ok(None)
}

/// Where the text stops being YAML; its own words would repeat lines of the file, which may hold tokens.
fn reason(name: &str, error: &serde_saphyr::Error) -> Message {
    match error.location() {
        Some(place) => words::ConfigDamagedAt {
            path: name,
            line: place.line(),
            column: place.column(),
        }
        .into(),
        None => words::ConfigDamaged { path: name }.into(),
    }
}

/// Adds what the settings say of the node and its clients.
pub(super) fn add(config: &Result<Value, Message>, found: &mut FoundInstallation) {
    let config = match config {
        Ok(config) => config,
        Err(words) => return found.remarks.push(words.clone()),
    };
    found.node = NodeSettings {
        api_port: config.pointer("/http/port").and_then(port),
        lease_range: lease_range(config),
        external: external(config),
    };
    if let Some(external) = &found.node.external {
        found.remarks.push(Message::from(words::External {
            address: external.shown(),
        }));
    }
    let urls = |section: &str, token_key: &str| {
        let entries = config.get(section).and_then(Value::as_array);
        let entries = entries.into_iter().flatten();
        let urls: Vec<ClientUrl> = entries
            .filter_map(|entry| client_url(entry, token_key))
            .collect();
        urls
    };
    let reverse = urls("reverse-web-socket", "access-token").into_iter();
    found.clients.extend(reverse.map(SuggestedClient::Reverse));
    let posts = urls("http-post", "secret").into_iter();
    found.clients.extend(posts.map(SuggestedClient::Post));
}

fn client_url(entry: &Value, token_key: &str) -> Option<ClientUrl> {
    let url = entry.get("url")?.as_str()?.trim();
    (!url.is_empty()).then(|| ClientUrl {
        url: url.to_owned(),
        token: token(entry.get(token_key)).usable(),
    })
}

fn lease_range(config: &Value) -> Option<(u16, u16)> {
    let range = config.pointer("/web-socket/range-port")?;
    if range.get("enabled") != Some(&Value::Bool(true)) {
        return None;
    }
    let (start, end) = (port(range.get("start")?)?, port(range.get("end")?)?);
    (start <= end).then_some((start, end))
}

fn external(config: &Value) -> Option<ClientUrl> {
    let section = config.get("ntqq-impl")?;
    let url = section.get("external-web-socket")?.as_str()?.trim();
    (!url.is_empty()).then(|| ClientUrl {
        url: url.to_owned(),
        token: token(section.get("external-access-token")).usable(),
    })
}
