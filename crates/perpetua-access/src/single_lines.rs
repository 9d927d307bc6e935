//! Header lines that a request has once.
//!
//! Of two lines each program on the way may believe another one: what a proxy has let through by the first is not what
//! we would act upon by the second (RFC 9112, sections 3.2 and 6.3; RFC 6454, section 7.3).

use http::HeaderMap;

/// Their names.
pub const SINGLE_LINES: [&str; 3] = ["host", "origin", "content-length"];

/// The name of the first that stands there more than once.
pub fn doubled_line(headers: &HeaderMap) -> Option<&'static str> {
    let mut names = SINGLE_LINES.into_iter();
    names.find(|&name| headers.get_all(name).iter().nth(1).is_some())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::doubled_line;

    #[test]
    fn one_line_of_each_is_right_and_a_second_is_named_though_it_is_the_same() {
        for (lines, doubled) in [
            (
                &[
                    ("host", "a"),
                    ("origin", "http://a"),
                    ("content-length", "1"),
                ][..],
                None,
            ),
            (&[("cookie", "a"), ("cookie", "b"), ("host", "a")], None),
            (&[("host", "a"), ("host", "a")], Some("host")),
            (
                &[("origin", "http://a"), ("host", "a"), ("origin", "null")],
                Some("origin"),
            ),
            (
                &[("content-length", "1"), ("content-length", "2")],
                Some("content-length"),
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                );
            }
            assert_eq!(doubled_line(&headers), doubled, "{lines:?}");
        }
    }
}
