//! Whether the core can read the files of its login: they are judged as `System.Text.Json` reads them.
//!
//! What is missing has a default there, and what is not known is passed over; a value of another kind ends the core
//! with a `JsonException` before it has said a word. Comments are refused, a byte order mark is taken.

use data_encoding::BASE64;
use perpetua_words::{Message, login as words};
use serde_json::{Map, Value};

/// What the session file is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Keystore {
    /// There is none: a QR code will be asked for.
    Absent,
    /// It can be read; whose it is, once it knows.
    Usable {
        /// The account.
        uin: Option<u64>,
    },
    /// The core would crash on it; why.
    Unreadable(Message),
}

/// What the device file is worth.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Device {
    /// There is none: the core makes one.
    Absent,
    /// It can be read.
    Usable,
    /// The core would crash on it, or take it for another device; why.
    Unreadable(Message),
}

/// What a value has to be, where it is there.
enum Kind {
    /// A number without a fraction, up to this one.
    Whole(u64),
    /// A text, or `null`.
    Text,
    /// Bytes in base64.
    Bytes,
    /// The same, or `null`.
    BytesOrNull,
    /// ISO 8601, as `2026-01-31T23:59:59.1234567+08:00`.
    Moment,
    /// 32 hex digits in groups of 8, 4, 4, 4 and 12.
    Guid,
    /// An object with values of these kinds, or `null`.
    ObjectOrNull(&'static [(&'static str, Kind)]),
}

/// `BotKeystore.cs`.
const KEYSTORE: &[(&str, Kind)] = &[
    ("Uin", Kind::Whole(u32::MAX as u64)),
    ("Uid", Kind::Text),
    ("PasswordMd5", Kind::Text),
    ("Session", Kind::ObjectOrNull(SESSION)),
    ("Info", Kind::ObjectOrNull(INFO)),
];
const SESSION: &[(&str, Kind)] = &[
    ("D2Key", Kind::Bytes),
    ("D2", Kind::Bytes),
    ("Tgt", Kind::Bytes),
    ("SessionDate", Kind::Moment),
    ("TempPassword", Kind::BytesOrNull),
];
const INFO: &[(&str, Kind)] = &[
    ("Age", Kind::Whole(u32::MAX as u64)),
    ("Gender", Kind::Whole(u32::MAX as u64)),
    ("Name", Kind::Text),
];
/// `BotDeviceInfo.cs`.
const DEVICE: &[(&str, Kind)] = &[
    ("Guid", Kind::Guid),
    ("MacAddress", Kind::Bytes),
    ("DeviceName", Kind::Text),
    ("SystemKernel", Kind::Text),
    ("KernelVersion", Kind::Text),
];

/// Without a session the core asks for a QR code, and `"Session": null` ends it.
pub(crate) fn judged_keystore(text: &str) -> Keystore {
    let keystore = match object(text) {
        Ok(keystore) => keystore,
        Err(why) => return Keystore::Unreadable(why),
    };
    if !keystore.get("Session").is_some_and(Value::is_object) {
        return Keystore::Unreadable(words::KeystoreNoSession.into());
    }
    if let Some(key) = misfit(&keystore, KEYSTORE) {
        return Keystore::Unreadable(words::BadValue { key }.into());
    }
    let uin = keystore.get("Uin").and_then(Value::as_u64);
    Keystore::Usable {
        uin: uin.filter(|&uin| uin != 0),
    }
}

/// Of one without a `Guid` or a `MacAddress` the core would make a device of zeros.
pub(crate) fn judged_device(text: &str) -> Device {
    let device = match object(text) {
        Ok(device) => device,
        Err(why) => return Device::Unreadable(why),
    };
    if !["Guid", "MacAddress"]
        .iter()
        .all(|key| device.contains_key(*key))
    {
        return Device::Unreadable(words::DeviceIncomplete.into());
    }
    match misfit(&device, DEVICE) {
        Some(key) => Device::Unreadable(words::BadValue { key }.into()),
        None => Device::Usable,
    }
}

fn object(text: &str) -> Result<Map<String, Value>, Message> {
    if text.trim().is_empty() {
        return Err(words::KeystoreEmpty.into());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(words::NotAnObject.into()),
        Err(error) => Err(words::KeystoreDamaged {
            line: error.line(),
            column: error.column(),
        }
        .into()),
    }
}

/// The first value of another kind, as `Session.D2`.
fn misfit(object: &Map<String, Value>, kinds: &[(&str, Kind)]) -> Option<String> {
    kinds.iter().find_map(|(key, kind)| {
        let value = object.get(*key)?;
        match (kind, value) {
            (Kind::ObjectOrNull(kinds), Value::Object(inner)) => {
                misfit(inner, kinds).map(|inner| format!("{key}.{inner}"))
            }
            _ => (!fits(value, kind)).then(|| (*key).to_owned()),
        }
    })
}

fn fits(value: &Value, kind: &Kind) -> bool {
    let is_text = |is: fn(&str) -> bool| value.as_str().is_some_and(is);
    match kind {
        Kind::Whole(most) => value.as_u64().is_some_and(|number| number <= *most),
        Kind::Text => value.is_null() || value.is_string(),
        Kind::Bytes => is_text(is_base64),
        Kind::BytesOrNull => value.is_null() || is_text(is_base64),
        Kind::Moment => is_text(is_moment),
        Kind::Guid => is_text(is_guid),
        Kind::ObjectOrNull(_) => value.is_null(),
    }
}

fn is_base64(text: &str) -> bool {
    BASE64.decode(text.as_bytes()).is_ok()
}

fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.bytes().all(|digit| digit.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}

/// A date and a time of the day, with or without its distance from UTC.
fn is_moment(text: &str) -> bool {
    let has_time = text.as_bytes().get(10) == Some(&b'T');
    has_time
        && (text.parse::<jiff::Timestamp>().is_ok()
            || text.parse::<jiff::civil::DateTime>().is_ok())
}
