//! The sentences of both languages, and how parameters are put into them.

use std::collections::BTreeSet;

use crate::{Language, Message, Param, harmless};

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// The sentence of a code as it stands in the catalogue, `{{…}}` and all. A code with plurals has one
/// sentence for each form (`lost_one`, `lost_other`).
pub fn sentence(code: &str, language: Language) -> Option<&'static str> {
    let sentences = match language {
        Language::English => ENGLISH,
        Language::Chinese => CHINESE,
    };
    let place = sentences
        .binary_search_by_key(&code, |(code, _)| code)
        .ok()?;
    Some(sentences[place].1)
}

/// The codes of one language as they stand in the catalogue, sorted.
pub fn codes(language: Language) -> BTreeSet<&'static str> {
    let sentences = match language {
        Language::English => ENGLISH,
        Language::Chinese => CHINESE,
    };
    sentences.iter().map(|(code, _)| *code).collect()
}

/// A message as a sentence.
pub(crate) fn render(message: &Message, language: Language) -> String {
    let Some(mut rest) = form_of(message, language) else {
        return unknown(message, language);
    };
    let mut text = String::new();
    while let Some((before, name, after)) = next_parameter(rest) {
        text.push_str(before);
        if let Some(param) = message.params.get(name) {
            push_param(&mut text, param, language);
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The sentence, or its form for the number in `count` (i18next: `_one`, `_other`).
fn form_of(message: &Message, language: Language) -> Option<&'static str> {
    if let Some(sentence) = sentence(&message.code, language) {
        return Some(sentence);
    }
    let singular = message.params.get("count") == Some(&Param::Number(1));
    let one = singular.then(|| sentence(&format!("{}_one", message.code), language));
    one.flatten()
        .or_else(|| sentence(&format!("{}_other", message.code), language))
}

/// What comes before the next `{{name}}`, the name, and what comes after it.
fn next_parameter(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once("{{")?;
    let (name, after) = rest.split_once("}}")?;
    Some((before, name.trim(), after))
}

fn push_param(text: &mut String, param: &Param, language: Language) {
    match param {
        Param::Number(number) => text.push_str(&number.to_string()),
        Param::Text(words) => text.extend(words.chars().map(harmless)),
        Param::Message(message) => text.push_str(&render(message, language)),
        Param::Messages(messages) => {
            let all: Vec<_> = messages
                .iter()
                .map(|message| render(message, language))
                .collect();
            text.push_str(&all.join(match language {
                Language::English => "; ",
                Language::Chinese => "；",
            }));
        }
    }
}

fn unknown(message: &Message, language: Language) -> String {
    let mut text = message.code.chars().map(harmless).collect::<String>();
    for (name, param) in &message.params {
        text.push(' ');
        text.extend(name.chars().map(harmless));
        text.push('=');
        push_param(&mut text, param, language);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::proptest;

    use super::{codes, next_parameter, sentence};
    use crate::{Language, Message, Param};

    /// A code without the ending of a plural.
    fn base(key: &str) -> &str {
        key.strip_suffix("_one")
            .or_else(|| key.strip_suffix("_other"))
            .unwrap_or(key)
    }

    fn parameters(mut text: &str) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        while let Some((_, name, rest)) = next_parameter(text) {
            names.insert(name);
            text = rest;
        }
        names
    }

    /// The parameters of each code, from all its forms.
    fn by_code(
        language: Language,
    ) -> std::collections::BTreeMap<&'static str, BTreeSet<&'static str>> {
        let mut found = std::collections::BTreeMap::<_, BTreeSet<_>>::new();
        for key in codes(language) {
            let text = sentence(key, language).expect("listed");
            found.entry(base(key)).or_default().extend(parameters(text));
        }
        found
    }

    #[test]
    fn every_code_has_both_languages_and_each_uses_every_parameter() {
        let (english, chinese) = (by_code(Language::English), by_code(Language::Chinese));
        assert!(english.len() > 10, "the catalogue is not empty");
        for (code, parameters) in &english {
            assert_eq!(chinese.get(code), Some(parameters), "`{code}` in Chinese");
        }
        for code in chinese.keys() {
            assert!(english.contains_key(code), "`{code}` has no English");
        }
    }

    /// What is called, or written, the same in every language.
    const NAMES: [&str; 6] = ["English", "GitHub", "Lagrange", "MB", "QQ", "perpetua"];

    /// Names, and an address as an example.
    fn is_the_same(text: &str) -> bool {
        NAMES.contains(&text) || (text.contains("://") && !text.contains(' '))
    }

    #[test]
    fn sentences_follow_the_rules_of_words() {
        for language in [Language::English, Language::Chinese] {
            for code in codes(language) {
                let text = sentence(code, language).expect("listed");
                assert!(
                    !text.contains("..."),
                    "`{code}`: an ellipsis is one character"
                );
                assert!(
                    !text.contains(['!', '！']),
                    "`{code}`: no exclamation marks"
                );
                assert!(!text.trim().is_empty() && text.trim() == text, "`{code}`");
            }
        }
        for code in codes(Language::Chinese) {
            let text = sentence(code, Language::Chinese).expect("listed");
            let has_chinese = text.chars().any(|letter| letter > '\u{2e80}');
            assert!(
                has_chinese || !parameters(text).is_empty() || is_the_same(text),
                "`{code}` is not Chinese: {text}"
            );
        }
    }

    #[test]
    fn a_number_chooses_between_singular_and_plural() {
        let say = |count: u64, language| {
            Message::from(crate::unit::Seconds { count }).in_language(language)
        };
        assert_eq!(say(1, Language::English), "1 second");
        assert_eq!(say(2, Language::English), "2 seconds");
        assert_eq!(say(1, Language::Chinese), "1 秒");
    }

    #[test]
    fn words_from_outside_cannot_drive_a_terminal() {
        let hostile = "a\u{1b}[2Jb\u{202e}c\n";
        let text = Message::from(crate::io::Other { text: hostile }).to_string();
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\n']), "{text:?}");
    }

    #[test]
    fn words_from_outside_cannot_turn_a_line_begin_one_or_hide_letters_in_it() {
        let hostile = [
            '\u{61c}'..='\u{61c}',
            '\u{200b}'..='\u{200f}',
            '\u{2028}'..='\u{202e}',
            '\u{2066}'..='\u{2069}',
            '\u{feff}'..='\u{feff}',
            '\u{e0000}'..='\u{e007f}',
        ];
        for letter in hostile.into_iter().flatten() {
            let said = format!("a{letter}b");
            let text = Message::from(crate::io::Other { text: &said }).to_string();
            assert_eq!(text, "a\u{fffd}b", "{letter:?}");
        }
        let harmless = "机器人 naïve עברית 🤖 ‚—…";
        let text = Message::from(crate::io::Other { text: harmless }).to_string();
        assert_eq!(text, harmless);
    }

    #[test]
    fn a_code_from_a_newer_program_is_shown_with_its_parameters() {
        let json = r#"{"code":"new.thing","params":{"port":6700,"why":{"code":"io.disk_full"}}}"#;
        let message: Message = serde_json::from_str(json).expect("valid");
        let text = message.to_string();
        assert!(text.starts_with("new.thing port=6700 why="), "{text}");
    }

    proptest! {
        #[test]
        fn any_message_can_be_said(code in ".*", name in ".*", text in ".*") {
            let message = Message { code: code.into(), params: [(name.into(), Param::Text(text))].into() };
            let _said = message.in_language(Language::Chinese);
        }
    }
}
