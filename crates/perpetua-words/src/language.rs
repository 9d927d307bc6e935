//! The languages there are, and how an environment names them.

use serde::{Deserialize, Serialize};

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Chinese in simplified characters.
    #[serde(rename = "zh-CN")]
    Chinese,
}

impl Language {
    /// The language of a tag or a POSIX locale: `zh-CN`, `zh_CN.UTF-8`, `en`; `None` for one that
    /// the catalogue does not have.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_', '.', '@']).next().unwrap_or(tag);
        match primary.to_ascii_lowercase().as_str() {
            "zh" => Some(Self::Chinese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The first of several tags that the catalogue has, else English.
    pub fn prefer<'a>(tags: impl IntoIterator<Item = &'a str>) -> Self {
        tags.into_iter()
            .find_map(Self::from_tag)
            .unwrap_or_default()
    }

    /// Its tag, as BCP 47 writes it; also the name of its folder in `locales`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn locales_of_three_systems_are_understood() {
        for (tag, language) in [
            ("zh_CN.UTF-8", Some(Language::Chinese)),
            ("zh-Hans-CN", Some(Language::Chinese)),
            ("ZH", Some(Language::Chinese)),
            ("en_US.UTF-8", Some(Language::English)),
            ("en-GB", Some(Language::English)),
            ("C.UTF-8", None),
            ("", None),
            ("de_DE", None),
        ] {
            assert_eq!(Language::from_tag(tag), language, "{tag}");
        }
        assert_eq!(Language::prefer(["C", "zh_CN"]), Language::Chinese);
        assert_eq!(Language::prefer(["fr"]), Language::English);
    }
}
