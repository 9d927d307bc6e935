//! From the bytes of a settings file to its text: what editors on Windows write is read where the bytes
//! say what they are, and refused by its name where it could only be guessed.

use encoding_rs::{BIG5, Encoding, GB18030};
use perpetua_words::{Message, config as words};

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF16_LE_MARK: &[u8] = b"\xff\xfe";
const UTF16_BE_MARK: &[u8] = b"\xfe\xff";
/// It begins like the mark of UTF-16 LE, so it is looked for first.
const UTF32_LE_MARK: &[u8] = b"\xff\xfe\0\0";
const UTF32_BE_MARK: &[u8] = b"\0\0\xfe\xff";

/// Why bytes are no text that is read here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Message::from(self))]
#[non_exhaustive]
pub enum EncodingError {
    /// They appear to be in an encoding that is not read.
    Unread(&'static str),
    /// They are in this encoding, but not all of them.
    Damaged(&'static str),
    /// They end within a character, as a file does that was not written to its end.
    CutOff,
    /// They are in no encoding known here, if they are text at all.
    NotText,
}

impl From<&EncodingError> for Message {
    fn from(error: &EncodingError) -> Self {
        match *error {
            EncodingError::Unread(encoding) => words::NotUtf8 { encoding }.into(),
            EncodingError::Damaged(encoding) => words::Damaged { encoding }.into(),
            EncodingError::CutOff => words::CutOff.into(),
            EncodingError::NotText => words::NotText.into(),
        }
    }
}

/// The text of a settings file: UTF-8 with or without a byte order mark, or UTF-16 with one. The mark is
/// no part of the text.
///
/// # Errors
/// Everything else is refused with the name of its encoding, where that can be told, and with what to do.
pub fn decode(bytes: &[u8]) -> Result<String, EncodingError> {
    if bytes.starts_with(UTF32_LE_MARK) || bytes.starts_with(UTF32_BE_MARK) {
        return Err(EncodingError::Unread("UTF-32"));
    }
    let text = if let Some(units) = bytes.strip_prefix(UTF16_LE_MARK) {
        utf16(units, u16::from_le_bytes, "UTF-16 LE")?
    } else if let Some(units) = bytes.strip_prefix(UTF16_BE_MARK) {
        utf16(units, u16::from_be_bytes, "UTF-16 BE")?
    } else if let Some(marked) = bytes.strip_prefix(UTF8_MARK) {
        utf8(marked).map_err(|error| error.unwrap_or(EncodingError::Damaged("UTF-8")))?
    } else if let Some(encoding) = unmarked_utf16(bytes) {
        return Err(EncodingError::Unread(encoding));
    } else {
        utf8(bytes).map_err(|error| error.unwrap_or_else(|| unmarked(bytes)))?
    };
    // No text holds one; files do after a crash of the system, and programs.
    if text.contains('\0') {
        return Err(EncodingError::NotText);
    }
    Ok(text)
}

/// Reads UTF-8; `None` for an error that says nothing by itself.
fn utf8(bytes: &[u8]) -> Result<String, Option<EncodingError>> {
    match str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            Err(Some(EncodingError::CutOff))
        }
        Err(_) => Err(None),
    }
}

fn utf16(
    bytes: &[u8],
    unit: fn([u8; 2]) -> u16,
    encoding: &'static str,
) -> Result<String, EncodingError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let is_cut_off = units.clone().next_back().is_some_and(is_first_of_two) || !rest.is_empty();
    let text: Result<String, _> = char::decode_utf16(units).collect();
    match text {
        _ if is_cut_off => Err(EncodingError::CutOff),
        Ok(text) => Ok(text),
        Err(_) => Err(EncodingError::Damaged(encoding)),
    }
}

/// Whether a character needs another unit behind this one.
fn is_first_of_two(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// UTF-16 without a mark, which nearly every line of a settings file gives away: the upper half of an
/// ASCII letter is a zero.
fn unmarked_utf16(bytes: &[u8]) -> Option<&'static str> {
    let (pairs, _) = bytes.as_chunks::<2>();
    let [first, second] = [0, 1].map(|half| pairs.iter().filter(|pair| pair[half] == 0).count());
    let (unit, encoding): (fn([u8; 2]) -> u16, _) = match first.cmp(&second) {
        std::cmp::Ordering::Equal => return None,
        std::cmp::Ordering::Less => (u16::from_le_bytes, "UTF-16 LE"),
        std::cmp::Ordering::Greater => (u16::from_be_bytes, "UTF-16 BE"),
    };
    let text = utf16(bytes, unit, encoding).ok()?;
    is_plausible(&text).then_some(encoding)
}

/// What bytes are that are no UTF-8 and have no mark.
fn unmarked(bytes: &[u8]) -> EncodingError {
    let fits = |encoding: &'static Encoding| {
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        text.is_some_and(|text| is_plausible(&text))
    };
    // Most texts in either can be read as the other as well.
    if fits(BIG5) && is_common_in_big5(bytes) {
        EncodingError::Unread("Big5 (ANSI)")
    } else if fits(GB18030) {
        EncodingError::Unread("GBK (ANSI)")
    } else {
        EncodingError::NotText
    }
}

/// Whether at least a fifth of the characters end with an ASCII byte, as two fifths of Big5 do and hardly
/// any of those that people write with in GBK.
fn is_common_in_big5(bytes: &[u8]) -> bool {
    let (mut characters, mut ending_in_ascii) = (0, 0);
    let mut rest = bytes.iter();
    while let Some(first) = rest.next() {
        if !first.is_ascii() {
            characters += 1;
            ending_in_ascii += usize::from(rest.next().is_some_and(u8::is_ascii));
        }
    }
    ending_in_ascii * 5 >= characters
}

fn is_plausible(text: &str) -> bool {
    let is_odd = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\r' | '\n');
    !text.contains(is_odd)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHINESE: &str = "# 密码和令牌存在哪里\r\nsecrets = \"file\"\r\n";

    fn utf16_bytes(mark: &[u8], text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = text.encode_utf16().flat_map(bytes);
        mark.iter().copied().chain(units).collect()
    }

    /// The text in every encoding that is read.
    fn encodings(text: &str) -> [Vec<u8>; 4] {
        [
            text.as_bytes().to_vec(),
            [UTF8_MARK, text.as_bytes()].concat(),
            utf16_bytes(UTF16_LE_MARK, text, u16::to_le_bytes),
            utf16_bytes(UTF16_BE_MARK, text, u16::to_be_bytes),
        ]
    }

    #[test]
    fn what_windows_editors_write_is_read() {
        for bytes in encodings(CHINESE) {
            assert_eq!(decode(&bytes).as_deref(), Ok(CHINESE));
        }
        assert_eq!(decode(b"").as_deref(), Ok(""));
    }

    #[test]
    fn other_encodings_are_refused_by_their_names() {
        let unread = |name| Err(EncodingError::Unread(name));
        let (gbk, ..) = GB18030.encode(CHINESE);
        assert_eq!(decode(&gbk), unread("GBK (ANSI)"));
        for rare in ["# 朱镕基的设置文件\n", "# 㐀\n"] {
            let (gbk, ..) = GB18030.encode(rare);
            assert_eq!(decode(&gbk), unread("GBK (ANSI)"), "{rare}");
        }
        let (big5, ..) = BIG5.encode("# 密碼和權杖存在哪裡\nsecrets = \"file\"\n");
        assert_eq!(decode(&big5), unread("Big5 (ANSI)"));
        assert_eq!(
            decode(&utf16_bytes(b"", CHINESE, u16::to_le_bytes)),
            unread("UTF-16 LE")
        );
        assert_eq!(
            decode(&utf16_bytes(b"", CHINESE, u16::to_be_bytes)),
            unread("UTF-16 BE")
        );
        assert_eq!(decode(b"\xff\xfe\0\0a\0\0\0"), unread("UTF-32"));
    }

    #[test]
    fn what_is_cut_off_or_damaged_says_so() {
        for whole in encodings("a = \"令\u{1f600}\"") {
            // Without the quotation mark and the last byte before it.
            let quote = if whole.contains(&0) { 2 } else { 1 };
            let cut = &whole[..whole.len() - quote - 1];
            assert_eq!(decode(cut), Err(EncodingError::CutOff), "{cut:x?}");
        }
        assert_eq!(
            decode(b"\xff\xfea\0\x00\xdcb\0"),
            Err(EncodingError::Damaged("UTF-16 LE"))
        );
        assert_eq!(
            decode(b"\xef\xbb\xbfa\xffb"),
            Err(EncodingError::Damaged("UTF-8"))
        );
    }

    #[test]
    fn what_is_no_text_says_so() {
        let zeros = [0; 64];
        let picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01";
        let latin = b"# caf\xe9 \xe0 la carte\n";
        for bytes in [&zeros[..], picture, latin, b"a = 1\n\0\0\0\0\0\0"] {
            assert_eq!(decode(bytes), Err(EncodingError::NotText), "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_every_encoding(text in "[^\\x00]*") {
            prop_assume!(!text.starts_with('\u{feff}'));
            for bytes in encodings(&text) {
                prop_assert_eq!(decode(&bytes), Ok(text.clone()));
            }
        }

        #[test]
        fn no_bytes_make_it_panic_and_none_are_guessed(
            mark in prop::sample::select(vec![b"".as_slice(), UTF8_MARK, UTF16_LE_MARK, UTF16_BE_MARK]),
            bytes in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let bytes = [mark, &bytes].concat();
            if let Ok(text) = decode(&bytes) {
                let [plain, marked, little, big] = encodings(&text);
                prop_assert!([plain, marked, little, big].contains(&bytes));
            }
        }

        #[test]
        fn chinese_in_gbk_is_never_taken_for_something_else(text in "[a-z =]{0,9}[\u{4e00}-\u{9fa5}]{2,20}\n") {
            let (bytes, _, lossy) = GB18030.encode(&text);
            // Some of its pairs happen to be UTF-8; a text of nothing but those cannot be told apart.
            prop_assume!(!lossy && str::from_utf8(&bytes).is_err());
            prop_assert!(decode(&bytes).is_err());
        }
    }
}
