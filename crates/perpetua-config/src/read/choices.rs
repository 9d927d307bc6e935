//! Words to choose from: the nearest to a written one, and all of them in a row.

use perpetua_words::{Message, config as words};

/// A longer row is cut: nobody reads it, and each word nests the message deeper.
const MAX_LISTED: usize = 20;

/// A longer word is no slip of a known one, and comparing takes its length in time and memory.
const MAX_COMPARED: usize = 40;

/// The known word that the written one was most likely meant to be.
pub(super) fn nearest<'w>(written: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    if written.len() > MAX_COMPARED {
        return None;
    }
    let written = written.replace('_', "-").to_lowercase();
    known
        .map(|word| (strsim::damerau_levenshtein(&written, word), word))
        // One slip per three letters; more makes any two short words alike.
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3).min(3))
        .min()
        .map(|(_, word)| word)
}

/// `a`, `b` and `c`.
pub(super) fn all<'w>(known: impl Iterator<Item = &'w str>) -> Message {
    row(known, |before, last| words::ListAnd { before, last }.into())
}

/// `a`, `b` or `c`.
pub(super) fn either<'w>(known: impl Iterator<Item = &'w str>) -> Message {
    row(known, |before, last| words::ListOr { before, last }.into())
}

fn row<'w>(
    mut known: impl Iterator<Item = &'w str>,
    join_last: impl FnOnce(Message, Message) -> Message,
) -> Message {
    let quoted = |word| Message::from(words::Quoted { word });
    let mut first: Vec<Message> = known.by_ref().take(MAX_LISTED).map(quoted).collect();
    let rest = known.count();
    let last = first.pop().unwrap_or_else(|| quoted(""));
    let comma = |before, last| Message::from(words::ListComma { before, last });
    match first.into_iter().reduce(comma) {
        None => last,
        Some(before) if rest == 0 => join_last(before, last),
        Some(before) => {
            let listed = comma(before, last);
            words::ListMore { listed, rest }.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use perpetua_words::Language;

    use super::{MAX_LISTED, all, either, nearest};

    #[test]
    fn one_two_and_three_words_in_both_languages() {
        let say = |words: &[&str], language| all(words.iter().copied()).in_language(language);
        assert_eq!(say(&["a"], Language::English), "`a`");
        assert_eq!(say(&["a", "b"], Language::English), "`a` and `b`");
        assert_eq!(say(&["a", "b", "c"], Language::English), "`a`, `b` and `c`");
        assert_eq!(say(&["a", "b", "c"], Language::Chinese), "`a`、`b` 和 `c`");
        let choice = either(["a", "b", "c"].into_iter());
        assert_eq!(choice.to_string(), "`a`, `b` or `c`");
        assert_eq!(choice.in_language(Language::Chinese), "`a`、`b` 或 `c`");
    }

    #[test]
    fn a_long_row_is_cut() {
        let many = vec!["x"; MAX_LISTED + 1];
        let exactly = all(many.iter().copied().skip(1)).to_string();
        assert!(exactly.ends_with("`x` and `x`"), "{exactly}");
        let said = all(many.into_iter()).to_string();
        assert!(said.ends_with("`x`, `x` and 1 more"), "{said}");
        assert_eq!(said.matches("`x`").count(), MAX_LISTED);
    }

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["listen", "allow-hosts"];
        assert_eq!(nearest("lisen", known.into_iter()), Some("listen"));
        assert_eq!(
            nearest("Allow_Hosts", known.into_iter()),
            Some("allow-hosts")
        );
        assert_eq!(nearest("colour", known.into_iter()), None);
    }
}
