//! What `System.Text.Json` makes of a file, and how it dies of one that it makes nothing of.

use serde_json::error::Category;
use serde_json::{Map, Value};

use crate::crash::crash_at;

/// An object of .NET, as it stands in a file.
pub(crate) struct Class {
    pub(crate) name: &'static str,
    /// Where it is read; the lambdas of a method are numbered.
    pub(crate) place: &'static str,
    pub(crate) fields: &'static [(&'static str, Kind)],
}

/// The type of a field. What a file has beside the known fields is passed over.
pub(crate) enum Kind {
    Guid,
    Bytes,
    Text,
    Number,
    Date,
    Object(&'static str, &'static [(&'static str, Kind)]),
}

impl Class {
    /// The fields; `None` where the file says `null`.
    pub(crate) fn read(&self, bytes: &[u8]) -> Option<Map<String, Value>> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let value = serde_json::from_slice(text)
            .unwrap_or_else(|error| self.die(&syntax_fault(&error, text.len())));
        match value {
            Value::Null => None,
            Value::Object(fields) => {
                self.check("$", self.fields, &fields);
                Some(fields)
            }
            _ => self.die(&wrong_type(self.name, "$")),
        }
    }

    fn check(&self, path: &str, kinds: &[(&str, Kind)], fields: &Map<String, Value>) {
        for (name, kind) in kinds {
            let Some(value) = fields.get(*name) else {
                continue;
            };
            let path = format!("{path}.{name}");
            if !kind.takes(value) {
                self.die(&wrong_type(kind.name(), &path));
            }
            if let (Kind::Object(_, kinds), Value::Object(fields)) = (kind, value) {
                self.check(&path, kinds, fields);
            }
        }
    }

    fn die(&self, words: &str) -> ! {
        let exception = format!("System.Text.Json.JsonException: {words}");
        crash_at(&exception, self.place)
    }
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Guid => "System.Guid",
            Self::Bytes => "System.Byte[]",
            Self::Text => "System.String",
            Self::Number => "System.UInt32",
            Self::Date => "System.DateTime",
            Self::Object(name, _) => name,
        }
    }

    fn takes(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Text | Self::Bytes | Self::Object(..), Value::Null)
            | (Self::Text, Value::String(_))
            | (Self::Object(..), Value::Object(_)) => true,
            (Self::Bytes, Value::String(text)) => is_base64(text),
            (Self::Guid, Value::String(text)) => {
                text.len() == 36 && text.parse::<uuid::Uuid>().is_ok()
            }
            (Self::Date, Value::String(text)) => is_date(text),
            (Self::Number, Value::Number(number)) => number.is_u64(),
            _ => false,
        }
    }
}

/// With an offset or without one.
fn is_date(text: &str) -> bool {
    text.parse::<jiff::Timestamp>().is_ok() || text.parse::<jiff::civil::DateTime>().is_ok()
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

fn syntax_fault(error: &serde_json::Error, length: usize) -> String {
    let words = match error.classify() {
        Category::Eof if length == 0 => {
            "The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true."
        }
        Category::Eof => {
            "Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed."
        }
        _ => "'0x00' is an invalid start of a value.",
    };
    let (line, column) = (error.line().saturating_sub(1), error.column());
    format!("{words} Path: $ | LineNumber: {line} | BytePositionInLine: {column}.")
}

fn wrong_type(name: &str, path: &str) -> String {
    format!(
        "The JSON value could not be converted to {name}. Path: {path} | LineNumber: 0 | BytePositionInLine: 1."
    )
}
