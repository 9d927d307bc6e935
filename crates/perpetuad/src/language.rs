//! The language that the program speaks: the one asked for with `--lang`, else that of its environment.

use std::{env, ffi::OsString};

use perpetua_words::Language;

/// The languages as `--lang` names them.
pub(crate) const TAGS: [&str; 2] = ["zh-CN", "en"];

/// The language for these arguments, the variables and the system of this process.
pub(crate) fn of_process(arguments: impl IntoIterator<Item = OsString>) -> Language {
    asked_for(arguments).unwrap_or_else(|| {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        of_variables(variable).unwrap_or_else(of_system)
    })
}

/// What `--lang` says. It is read before the other arguments, because their help and their errors
/// are in that language too; a wrong value is refused with them.
fn asked_for(arguments: impl IntoIterator<Item = OsString>) -> Option<Language> {
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let argument = argument.to_string_lossy();
        let value = match argument.strip_prefix("--lang") {
            Some("") => arguments.next()?.to_string_lossy().into_owned(),
            Some(rest) => match rest.strip_prefix('=') {
                Some(value) => value.to_owned(),
                None => continue,
            },
            None if argument == "--" => return None,
            None => continue,
        };
        return Language::from_tag(&value);
    }
    None
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

    use super::{asked_for, of_variables};

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

    #[test]
    fn an_argument_chooses_wherever_it_stands() {
        let asked = |line: &str| asked_for(line.split_whitespace().map(Into::into));
        assert_eq!(asked("perpetuad --lang zh-CN status"), Some(Chinese));
        assert_eq!(asked("perpetuad status --lang=en"), Some(English));
        assert_eq!(asked("perpetuad --lang"), None);
        assert_eq!(asked("perpetuad --language zh-CN"), None);
        assert_eq!(asked("perpetuad say -- --lang zh-CN"), None);
    }
}
