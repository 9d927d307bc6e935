//! The language of the system, as the page is told it.

use perpetua_words::Language;

/// What runs in the page before anything of its own: which language the system speaks.
///
/// A view finds that out by rules of its own (by the locales that are installed, by what a bundle says), and
/// the page would then speak another language than the tray and the notifications do.
pub fn page_language_script() -> String {
    script(perpetua_locale::of_environment())
}

fn script(language: Language) -> String {
    let tag = serde_json::Value::from(language.tag());
    format!("globalThis.perpetuaLanguage = {tag};")
}

#[cfg(test)]
mod tests {
    use perpetua_words::Language;

    use super::script;

    #[test]
    fn the_page_is_told_the_language_under_the_name_that_it_reads() {
        let read = include_str!("../../../ui/src/words/language.ts");
        for language in [Language::Chinese, Language::English] {
            let said = script(language);
            let (name, tag) = said.split_once(" = ").expect("an assignment");
            assert!(read.contains(name), "the page reads no `{name}`");
            assert_eq!(tag, format!("\"{}\";", language.tag()));
        }
    }
}
