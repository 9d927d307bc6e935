//! What an upstream tells of itself: kept as it came, to be told again, and read for people.

use serde::{Deserialize, Deserializer};

/// The longest name that is shown; real ones have a few dozen characters.
const LONGEST_NAME: usize = 128;

/// The answer to `get_login_info`.
#[derive(Debug)]
pub(super) struct LoginInfo {
    data: String,
    nickname: Option<String>,
}

/// The answer to `get_version_info`.
#[derive(Debug)]
pub(super) struct VersionInfo {
    data: String,
    implementation: Option<String>,
}

/// What is read of both; what is no string counts as absent.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    #[serde(deserialize_with = "text")]
    nickname: Option<String>,
    #[serde(deserialize_with = "text")]
    app_name: Option<String>,
    #[serde(deserialize_with = "text")]
    app_version: Option<String>,
}

impl LoginInfo {
    pub(super) fn new(data: String) -> Self {
        let nickname = said(&data).nickname;
        Self { data, nickname }
    }

    /// As it came.
    pub(super) fn data(&self) -> &str {
        &self.data
    }

    pub(super) fn nickname(&self) -> Option<&str> {
        self.nickname.as_deref()
    }
}

impl VersionInfo {
    pub(super) fn new(data: String) -> Self {
        let said = said(&data);
        let implementation = match (said.app_name, said.app_version) {
            (Some(name), Some(version)) => Some(format!("{name} {version}")),
            (name, version) => name.or(version),
        };
        Self {
            data,
            implementation,
        }
    }

    /// As it came.
    pub(super) fn data(&self) -> &str {
        &self.data
    }

    /// Its name and version, as `NapCat.Onebot 4.8.90`.
    pub(super) fn implementation(&self) -> Option<&str> {
        self.implementation.as_deref()
    }
}

fn said(data: &str) -> Said {
    serde_json::from_str(data).unwrap_or_default()
}

/// A string, as it is shown.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value.as_str().and_then(shown_name))
}

/// A name as it is shown: what says nothing is none, and what is too long to be a name is cut.
pub fn shown_name(text: &str) -> Option<String> {
    let name = text.trim();
    (!name.is_empty()).then(|| name.chars().take(LONGEST_NAME).collect())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_NAME, LoginInfo, VersionInfo};

    #[test]
    fn a_name_is_read_where_there_is_one() {
        let nickname = |data: &str| {
            let login = LoginInfo::new(data.to_owned());
            assert_eq!(login.data(), data);
            login.nickname().map(str::to_owned)
        };
        assert_eq!(
            nickname(r#"{"user_id":1,"nickname":" 小助手 "}"#).as_deref(),
            Some("小助手")
        );
        for nothing in ["{}", r#"{"nickname":7}"#, r#"{"nickname":" "}"#, "[]"] {
            assert_eq!(nickname(nothing), None, "{nothing}");
        }
        let long = format!(r#"{{"nickname":"{}"}}"#, "名".repeat(500));
        let shown = nickname(&long).expect("a name");
        assert_eq!(shown.chars().count(), LONGEST_NAME);
    }

    #[test]
    fn an_implementation_is_its_name_and_its_version() {
        let said = |data: &str| {
            let version = VersionInfo::new(data.to_owned());
            version.implementation().map(str::to_owned)
        };
        assert_eq!(
            said(r#"{"app_name":"NapCat.Onebot","app_version":"4.8.90"}"#).as_deref(),
            Some("NapCat.Onebot 4.8.90")
        );
        assert_eq!(said(r#"{"app_name":"a"}"#).as_deref(), Some("a"));
        assert_eq!(said(r#"{"app_name":null}"#), None);
    }
}
