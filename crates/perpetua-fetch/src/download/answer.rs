//! Whether an answer goes on with what is there.

use reqwest::header::{CONTENT_RANGE, ETAG, HeaderMap, LAST_MODIFIED};
use reqwest::{Response, StatusCode};
use url::Url;

use super::Part;

/// Whether the answer has just the bytes that are missing, of the same file.
pub(super) fn goes_on(response: &Response, part: &Part, url: &Url) -> bool {
    if response.status() != StatusCode::PARTIAL_CONTENT {
        return false;
    }
    let range = response.headers().get(CONTENT_RANGE);
    let range = range
        .and_then(|range| range.to_str().ok())
        .and_then(content_range);
    let Some((first, total)) = range else {
        return false;
    };
    let same_stamp = match (part.stamp_of(url), validator(response.headers())) {
        (Some(had), Some(has)) => had == has,
        _ => true,
    };
    let same_total = part.total().is_none() || total.is_none() || total == part.total();
    first == part.len() && same_total && same_stamp
}

/// The first byte and the whole size of `bytes 100-199/200`.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.trim().parse().ok()?, total.trim().parse().ok()))
}

/// What tells whether a file is still the same: its `ETag`, unless that is a weak one, or its date.
pub(super) fn validator(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let etag = text(ETAG).filter(|etag| !etag.starts_with("W/"));
    etag.or_else(|| text(LAST_MODIFIED)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::content_range;

    #[test]
    fn a_content_range_is_read() {
        assert_eq!(content_range("bytes 100-199/200"), Some((100, Some(200))));
        assert_eq!(content_range("bytes 0-1/*"), Some((0, None)));
        for text in ["bytes */200", "items 0-1/2", "bytes 0-1", ""] {
            assert_eq!(content_range(text), None, "{text}");
        }
    }
}
