//! Pictures that came inside messages, for those who watch.

use std::{collections::VecDeque, sync::Arc};

/// How many bytes of pictures are kept, the newest.
const BYTES_KEPT: usize = 16 << 20;

/// The longest picture that is kept, in bytes of base64: what people can paste is no longer, and what bots
/// draw seldom is.
const LONGEST: usize = 2 << 20;

/// The newest pictures, as data URLs, by numbers that are never used again.
#[derive(Debug, Default)]
pub(crate) struct Pictures {
    kept: VecDeque<(u64, Arc<str>)>,
    bytes: usize,
    count: u64,
}

impl Pictures {
    /// Keeps a picture given in base64, and gives its number; `None` for what no browser shows as one.
    pub(crate) fn add(&mut self, base64: &str) -> Option<u64> {
        let kind = kind(base64).filter(|_| base64.len() <= LONGEST && is_base64(base64))?;
        let url: Arc<str> = format!("data:image/{kind};base64,{base64}").into();
        self.bytes += url.len();
        self.count += 1;
        self.kept.push_back((self.count, url));
        while self.bytes > BYTES_KEPT {
            self.bytes -= self.kept.pop_front().map_or(0, |(_, gone)| gone.len());
        }
        Some(self.count)
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Arc<str>> {
        let index = self
            .kept
            .binary_search_by_key(&number, |(number, _)| *number);
        Some(&self.kept.get(index.ok()?)?.1)
    }
}

/// What a picture is, by how its base64 begins.
fn kind(base64: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 5] = [
        ("iVBORw0KGgo", "png"),
        ("/9j/", "jpeg"),
        ("R0lGOD", "gif"),
        ("UklGR", "webp"),
        ("Qk", "bmp"),
    ];
    let mut kinds = KINDS.iter();
    kinds
        .find(|(begin, _)| base64.starts_with(begin))
        .map(|(_, kind)| *kind)
}

/// Whether nothing stands there that would mean something in a URL.
fn is_base64(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::{BYTES_KEPT, LONGEST, Pictures};

    fn png(bytes: usize) -> String {
        let begin = "iVBORw0KGgo";
        format!("{begin}{}", "A".repeat(bytes - begin.len()))
    }

    #[test]
    fn a_picture_is_kept_as_what_it_is() {
        let mut pictures = Pictures::default();
        for (begin, kind) in [
            ("iVBORw0KGgo=", "png"),
            ("/9j/4AAQ", "jpeg"),
            ("R0lGODlh", "gif"),
        ] {
            let number = pictures.add(begin).expect("a picture");
            let url = pictures.get(number).expect("kept");
            assert_eq!(&**url, format!("data:image/{kind};base64,{begin}"));
        }
        for other in ["", "PHN2Zz4=", "iVBORw0KGgo\"onload", &png(LONGEST + 1)] {
            assert_eq!(pictures.add(other), None);
        }
        assert!(pictures.add(&png(LONGEST)).is_some());
    }

    #[test]
    fn the_oldest_pictures_go_beyond_the_bound() {
        let mut pictures = Pictures::default();
        for _ in 0..9 {
            pictures.add(&png(LONGEST));
        }
        assert!(pictures.bytes <= BYTES_KEPT);
        assert_eq!(pictures.kept.len(), 7);
        assert_eq!(pictures.get(2), None);
        assert!(pictures.get(3).is_some() && pictures.get(9).is_some());
        assert_eq!(pictures.get(10), None);
    }
}
