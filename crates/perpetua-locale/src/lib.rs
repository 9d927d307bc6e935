//! `perpetua-locale`: the language that the user of this process speaks, by its variables or its system.

use std::env;

use perpetua_words::Language;

/// The language of the environment of this process.
pub fn of_environment() -> Language {
    let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    of_variables(variable).unwrap_or_else(of_system)
}

/// The language that the variables of POSIX choose; `None` when none of them is set.
///
/// Chinese is only for a terminal that can show it, which is one whose locale is in UTF-8.
fn of_variables(variable: impl Fn(&str) -> Option<String>) -> Option<Language> {
    let first_of = |names: [&str; 3]| names.iter().find_map(|name| variable(name));
    let locale = first_of(["LC_ALL", "LC_MESSAGES", "LANG"])?;
    let characters = first_of(["LC_ALL", "LC_CTYPE", "LANG"]).unwrap_or_default();
    if !is_utf8(&characters) {
        return Some(Language::English);
    }
    // GNU's list of languages counts only where a locale is in use at all.
    let preferred = variable("LANGUAGE").filter(|_| !is_posix(&locale));
    let preferred = preferred.as_deref().unwrap_or_default();
    Some(Language::prefer(preferred.split(':').chain([&*locale])))
}

fn is_utf8(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// `C`, `POSIX`, `C.UTF-8`: no language was chosen.
fn is_posix(locale: &str) -> bool {
    matches!(locale.split('.').next(), Some("C" | "POSIX"))
}

/// Windows and macOS have a language of their own.
#[cfg(any(windows, target_os = "macos"))]
fn of_system() -> Language {
    let tags: Vec<String> = sys_locale::get_locales().collect();
    Language::prefer(tags.iter().map(String::as_str))
}

/// Elsewhere there are only the variables.
#[cfg(not(any(windows, target_os = "macos")))]
fn of_system() -> Language {
    Language::English
}

#[cfg(test)]
mod tests {
    use perpetua_words::Language::{self, Chinese, English};

    use super::of_variables;

    /// The language for variables that are written as a shell has them.
    fn with(variables: &str) -> Option<Language> {
        of_variables(|name| {
            let mut variables = variables.split(' ').filter_map(|one| one.split_once('='));
            let found = variables.find(|(known, _)| *known == name);
            found.map(|(_, value)| value.to_owned())
        })
    }

    #[test]
    fn the_variables_of_posix_count_in_their_order() {
        let rows = [
            ("", None),
            ("LANG=zh_CN.UTF-8", Some(Chinese)),
            ("LANG=zh_TW.utf8", Some(Chinese)),
            ("LANG=de_DE.UTF-8", Some(English)),
            ("LANG=C", Some(English)),
            ("LANG=C.UTF-8", Some(English)),
            ("LANG=zh_CN.GB18030", Some(English)),
            ("LANG=zh_CN", Some(English)),
            ("LANG=zh_CN.UTF-8 LC_ALL=en_GB.UTF-8", Some(English)),
            ("LANG=en_US.UTF-8 LC_MESSAGES=zh_CN.UTF-8", Some(Chinese)),
            ("LANG=C LC_MESSAGES=zh_CN.UTF-8", Some(English)),
            ("LC_ALL=C LANG=zh_CN.UTF-8", Some(English)),
        ];
        for (variables, language) in rows {
            assert_eq!(with(variables), language, "{variables}");
        }
    }

    #[test]
    fn the_list_of_gnu_goes_before_the_locale_but_not_without_one() {
        assert_eq!(with("LANGUAGE=fr:zh_CN:en LANG=en_US.UTF-8"), Some(Chinese));
        assert_eq!(with("LANGUAGE=zh_CN LANG=C.UTF-8"), Some(English));
        assert_eq!(with("LANGUAGE=zh_CN"), None);
    }
}
