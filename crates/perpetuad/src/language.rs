//! The language that the program speaks: the one asked for with `--lang`, else that of its environment.

use std::ffi::OsString;

use perpetua_words::Language;

/// The languages as `--lang` names them.
pub(crate) const TAGS: [&str; 2] = ["zh-CN", "en"];

/// The language for these arguments, the variables and the system of this process.
pub(crate) fn of_process(arguments: impl IntoIterator<Item = OsString>) -> Language {
    asked_for(arguments).unwrap_or_else(perpetua_locale::of_environment)
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

#[cfg(test)]
mod tests {
    use perpetua_words::Language;

    use super::asked_for;

    #[test]
    fn an_argument_chooses_wherever_it_stands() {
        let asked = |line: &str| asked_for(line.split_whitespace().map(Into::into));
        assert_eq!(
            asked("perpetuad --lang zh-CN status"),
            Some(Language::Chinese)
        );
        assert_eq!(asked("perpetuad status --lang=en"), Some(Language::English));
        assert_eq!(asked("perpetuad --lang"), None);
        assert_eq!(asked("perpetuad --language zh-CN"), None);
        assert_eq!(asked("perpetuad say -- --lang zh-CN"), None);
    }
}
