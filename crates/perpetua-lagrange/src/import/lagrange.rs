//! The folder in which a Lagrange.OneBot works.

use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

use perpetua_fs::FileError;
use perpetua_secrets::{InvalidSecret, Secret};
use perpetua_words::{Message, import as words};
use serde_json::{Value, json};

use super::inside::Place;
use super::{
    ClientUrl, FoundInstallation, ImportedPort, ImportedToken, InstallationOrigin, NodeSettings,
    PROGRAMS, SuggestedClient,
};
use crate::login::{judged_device, judged_keystore};
use crate::settings::{Implementation, implementations};
use crate::{CoreProtocol, Device, Keystore, ProxyUrl, ResolvedSigner, SignerUrl, files, jsonc};

pub(super) const SETTINGS: &str = "appsettings.json";
/// The archive of a release holds the program this deep: `Lagrange.OneBot/bin/Release/net9.0/<rid>/publish/`.
const DEEPEST: usize = 7;
/// A folder with more entries is not only a core's.
const MOST_ENTRIES: usize = 5000;
/// What an entry of its clients may be.
const KINDS: [&str; 4] = ["ForwardWebSocket", "Http", "ReverseWebSocket", "HttpPost"];
/// What is repeated of a text that is no port.
const LONGEST_PORT: usize = 20;
/// The signer that the core has built in, which was switched off.
const OFFICIAL_SIGNER: &str = "sign.lagrangecore.org";

/// What the folder holds; nothing at all if it is another program's.
pub(super) fn look(folder: &Path) -> Result<FoundInstallation, FileError> {
    let mut remarks = Vec::new();
    let settings = settings(folder, &mut remarks)?;
    let has_settings = settings.as_object().is_some_and(|keys| !keys.is_empty());
    let mut file = |key: &str, usual: &str| {
        let named = at(&settings, &["ConfigPath", key]).and_then(Value::as_str);
        let named = named.unwrap_or(usual);
        let path = Place::of(folder, named).told(named, &mut remarks);
        path.filter(|path| path.is_file())
    };
    let (keystore, device) = (
        file("Keystore", "keystore.json"),
        file("DeviceInfo", "device.json"),
    );
    let mut uin = at(&settings, &["Account", "Uin"])
        .and_then(number)
        .filter(|&uin| uin != 0);
    let keystore = keystore.filter(|path| is_usable(path, &mut uin, &mut remarks));
    let device_problem = device.as_deref().and_then(device_problem);
    remarks.extend(databases(folder)?);
    Ok(FoundInstallation {
        origin: InstallationOrigin::Lagrange,
        folder: folder.to_owned(),
        has_settings,
        keystore,
        device: device.filter(|_| device_problem.is_none()),
        device_problem,
        uin,
        protocol: protocol(&settings, &mut remarks),
        signer: signer(&settings, &mut remarks),
        program: program(folder),
        clients: clients(&settings, &mut remarks),
        node: NodeSettings::default(),
        remarks,
    })
}

fn settings(folder: &Path, remarks: &mut Vec<Message>) -> Result<Value, FileError> {
    let Some(path) = Place::of(folder, SETTINGS).told(SETTINGS, remarks) else {
        return Ok(Value::Null);
    };
    let Some(bytes) = files::read(&path)? else {
        return Ok(Value::Null);
    };
    let read = jsonc::texts(&jsonc::text_of(&bytes));
    if read.as_ref().is_ok_and(|settings| settings == &json!({})) {
        remarks.push(words::SettingsEmpty { path: SETTINGS }.into());
    }
    Ok(read.unwrap_or_else(|error| {
        let text = match str::from_utf8(&bytes) {
            Err(_) if !is_utf16(&bytes) => words::NotUtf8.into(),
            _ => Message::from(error),
        };
        let path = SETTINGS;
        remarks.push(words::SettingsDamaged { path, text }.into());
        Value::Null
    }))
}

/// Whether it begins with the mark of UTF-16.
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff")
}

/// Whether the session can be used; tells whose it is.
fn is_usable(path: &Path, uin: &mut Option<u64>, remarks: &mut Vec<Message>) -> bool {
    let bytes = files::read(path);
    let bytes = match bytes {
        Ok(bytes) => bytes.unwrap_or_default(),
        Err(error) => {
            remarks.push(Message::from(&error));
            return false;
        }
    };
    match judged_keystore(&jsonc::text_of(&bytes)) {
        Keystore::Usable { uin: found } => {
            *uin = found.or(*uin);
            true
        }
        Keystore::Unreadable(why) => {
            remarks.push(words::SessionUnusable { cause: why }.into());
            false
        }
        Keystore::Absent => false,
    }
}

/// Why the device cannot be used: the core crashes on such a one, and its session would be blamed for that.
fn device_problem(path: &Path) -> Option<Message> {
    let judged = match files::read(path) {
        Ok(bytes) => judged_device(&jsonc::text_of(&bytes.unwrap_or_default())),
        Err(error) => Device::Unreadable((&error).into()),
    };
    match judged {
        Device::Unreadable(why) => Some(why),
        Device::Usable | Device::Absent => None,
    }
}

fn protocol(settings: &Value, remarks: &mut Vec<Message>) -> CoreProtocol {
    let Some(text) = at(settings, &["Account", "Protocol"]).and_then(Value::as_str) else {
        return CoreProtocol::default();
    };
    text.parse().unwrap_or_else(|_| {
        remarks.push(Message::from(words::ProtocolUnknown {
            protocol: text,
            used: CoreProtocol::default().name(),
        }));
        CoreProtocol::default()
    })
}

fn signer(settings: &Value, remarks: &mut Vec<Message>) -> Option<ResolvedSigner> {
    let text = |key: &str| {
        let text = at(settings, &[key]).and_then(Value::as_str)?.trim();
        (!text.is_empty()).then_some(text)
    };
    let url = match SignerUrl::new(text("SignServerUrl")?) {
        Ok(url) => url,
        Err(error) => {
            let cause = Message::from(&error);
            remarks.push(words::BadSigner { cause }.into());
            return None;
        }
    };
    if url.host() == OFFICIAL_SIGNER {
        remarks.push(Message::from(words::SignerGone {
            host: OFFICIAL_SIGNER,
        }));
        return None;
    }
    let proxy = text("SignProxyUrl").map(ProxyUrl::new).transpose();
    let proxy = proxy.unwrap_or_else(|error| {
        let cause = Message::from(&error);
        remarks.push(words::BadProxy { cause }.into());
        None
    });
    Some(ResolvedSigner {
        name: "imported".to_owned(),
        url,
        proxy,
    })
}

fn clients(settings: &Value, remarks: &mut Vec<Message>) -> Vec<SuggestedClient> {
    let entries = ["Implementation", "Implementations"]
        .iter()
        .filter_map(|key| at(settings, &[key]))
        .flat_map(implementations);
    let mut clients = Vec::new();
    for entry in entries {
        let Some(client) = client(&entry, remarks) else {
            continue;
        };
        if text(&entry, "Enable").eq_ignore_ascii_case("false") {
            let client = Message::from(&client);
            remarks.push(words::EnableNotText { client }.into());
        }
        clients.push(client);
    }
    clients
}

fn text<'a>(entry: &'a Implementation, key: &str) -> &'a str {
    let value = jsonc::get(&entry.keys, key);
    value.and_then(Value::as_str).unwrap_or_default()
}

/// A place for clients, if it was switched on: port 0 is that of a section that nobody filled in. What else comes to
/// nothing is told.
fn client(entry: &Implementation, remarks: &mut Vec<Message>) -> Option<SuggestedClient> {
    let kind = entry.kind.as_str();
    if text(entry, "Enable") == "false" {
        return None;
    }
    if !KINDS.contains(&kind) {
        let told = (!kind.is_empty()).then(|| words::UnknownKind { kind }.into());
        remarks.extend(told);
        return None;
    }
    let written = text(entry, "Port").trim();
    let Some(number) = jsonc::get(&entry.keys, "Port").and_then(port) else {
        let is_filled_in = !matches!(written, "" | "0");
        let told = is_filled_in.then(|| {
            let port: String = written.chars().take(LONGEST_PORT).collect();
            words::BadPort { kind, port }.into()
        });
        remarks.extend(told);
        return None;
    };
    let host = host(text(entry, "Host").trim());
    let token = |key: &str| token(jsonc::get(&entry.keys, key));
    let listen = || ImportedPort {
        listen: format!("{host}:{number}"),
        token: token("AccessToken"),
    };
    let url = |scheme: &str, token_key: &str| {
        let scheme = if host.contains("://") {
            String::new()
        } else {
            format!("{scheme}://")
        };
        ClientUrl {
            url: format!("{scheme}{host}:{number}{}", text(entry, "Suffix")),
            token: token(token_key).usable(),
        }
    };
    match kind {
        "ForwardWebSocket" => Some(SuggestedClient::Forward(listen())),
        "Http" => Some(SuggestedClient::Http(listen())),
        "ReverseWebSocket" => Some(SuggestedClient::Reverse(url("ws", "AccessToken"))),
        "HttpPost" => Some(SuggestedClient::Post(url("http", "Secret"))),
        _ => None,
    }
}

/// A host as it stands before a port. `*` and `+` are every address in .NET.
fn host(text: &str) -> String {
    match text {
        "" => "127.0.0.1".to_owned(),
        "*" | "+" => "0.0.0.0".to_owned(),
        host if host.parse::<Ipv6Addr>().is_ok() => format!("[{host}]"),
        host => host.to_owned(),
    }
}

/// Message databases are left: they are large, and only old messages need them.
fn databases(folder: &Path) -> Result<Vec<Message>, FileError> {
    let names = files::names(folder, |name| name.starts_with("lagrange-"))?;
    let remark = |name: String| {
        if name.ends_with("-db") {
            Some(Message::from(words::DatabaseLeft { name }))
        } else if Path::new(&name)
            .extension()
            .is_some_and(|extension| extension == "db")
        {
            Some(words::OldDatabaseLeft { name }.into())
        } else {
            None
        }
    };
    Ok(names.into_iter().filter_map(remark).collect())
}

/// The program, a regular file: a folder of a release has the same name.
fn program(folder: &Path) -> Option<PathBuf> {
    let mut entries = 0;
    let mut level = vec![folder.to_owned()];
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for folder in &level {
            for entry in folder.read_dir().into_iter().flatten().flatten() {
                entries += 1;
                if entries > MOST_ENTRIES {
                    return None;
                }
                let kind = entry.file_type().ok()?;
                let is_program = PROGRAMS[..2].iter().any(|name| entry.file_name() == *name);
                if kind.is_file() && is_program {
                    return Some(entry.path());
                }
                if kind.is_dir() {
                    below.push(entry.path());
                }
            }
        }
        below.sort();
        level = below;
    }
    None
}

fn at<'value>(value: &'value Value, path: &[&str]) -> Option<&'value Value> {
    path.iter()
        .try_fold(value, |value, key| jsonc::get(value, key))
}

/// .NET takes numbers as texts too.
fn number(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// A port that something listens on.
pub(super) fn port(value: &Value) -> Option<u16> {
    number(value)
        .and_then(|port| port.try_into().ok())
        .filter(|&port| port != 0)
}

/// A token as it was written, and whether it can be ours.
pub(super) fn token(value: Option<&Value>) -> ImportedToken {
    match value {
        None | Some(Value::Null) => ImportedToken::Absent,
        Some(Value::String(text)) if text.is_empty() => ImportedToken::Absent,
        Some(Value::String(text)) => match Secret::new(text) {
            Ok(secret) => ImportedToken::Usable(secret),
            Err(why) => ImportedToken::Unusable(why),
        },
        Some(Value::Array(_) | Value::Object(_)) => {
            ImportedToken::Unusable(InvalidSecret::Unprintable)
        }
        Some(scalar) => token(Some(&Value::String(scalar.to_string()))),
    }
}
