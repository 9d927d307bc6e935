//! The request that carries an event (OneBot v11, "HTTP POST"). Pure.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;
use perpetua_onebot::post::{canonical, signature};
use perpetua_secrets::Secret;

/// Version and end of the line of a request.
const REQUEST_LINE_REST: &str = " HTTP/1.1\r\n";
/// What stands between a header's name and its value, and behind that.
const HEADER_REST: &str = ": \r\n";

/// An event, ready to be posted, again and again.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) body: Bytes,
    signature: Option<HeaderValue>,
}

impl Letter {
    /// Brings the text of an event into the form that is posted, and signs that.
    pub(super) fn new(text: &Bytes, secret: Option<&Secret>) -> Self {
        let body = match std::str::from_utf8(text).map(canonical) {
            Ok(std::borrow::Cow::Owned(written)) => Bytes::from(written),
            Ok(std::borrow::Cow::Borrowed(_)) | Err(_) => text.clone(),
        };
        let signature = secret.and_then(|secret| {
            let signature = signature(secret.expose().as_bytes(), &body);
            HeaderValue::try_from(signature).ok()
        });
        Self { body, signature }
    }

    /// The request, and how many bytes it has on the wire.
    pub(super) fn request(&self, to: &Uri, self_id: i64) -> (Request<Full<Bytes>>, u64) {
        let target = to.path_and_query().map_or("", |target| target.as_str());
        // An address may have a query and no path.
        let slash = if target.starts_with('/') { "" } else { "/" };
        let target = format!("{slash}{target}");
        let mut request = Request::new(Full::new(self.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = target.parse().unwrap_or_default();
        let headers = request.headers_mut();
        let host = to.authority().map_or("", |authority| authority.as_str());
        if let Ok(host) = HeaderValue::from_str(host) {
            headers.insert(header::HOST, host);
        }
        let agent = HeaderValue::from_static(concat!("perpetua/", env!("CARGO_PKG_VERSION")));
        headers.insert(header::USER_AGENT, agent);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        headers.insert("x-self-id", HeaderValue::from(self_id));
        if let Some(signature) = &self.signature {
            headers.insert("x-signature", signature.clone());
        }
        let bytes = length(&request) + self.body.len();
        (request, bytes as u64)
    }
}

/// How many bytes the head of a request has. hyper adds nothing to these headers.
fn length<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query();
    let target = target.map_or("/", |target| target.as_str());
    let line = request.method().as_str().len() + 1 + target.len() + REQUEST_LINE_REST.len();
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| name.as_str().len() + value.len() + HEADER_REST.len());
    line + headers.sum::<usize>() + "\r\n".len()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::Uri;
    use perpetua_secrets::Secret;

    use super::Letter;

    #[test]
    fn what_is_signed_is_what_is_sent() {
        let event = r#"{"time":1700000000,"self_id":10001,"post_type":"message","message":"你好😀 a/b\u4f60"}"#;
        let secret = Secret::new("k1").expect("a secret");
        let letter = Letter::new(&Bytes::from(event), Some(&secret));
        assert_eq!(letter.body.len(), 87);
        let to = Uri::from_static("http://127.0.0.1:8081/onebot?x=1");
        let (request, _) = letter.request(&to, 10_001);
        let header = |name: &str| {
            let value = request.headers().get(name).expect(name);
            value.to_str().expect("text").to_owned()
        };
        assert!(header("x-signature").starts_with("sha1=eabaf66a"));
        assert_eq!(header("content-length"), "87");
        assert_eq!(header("host"), "127.0.0.1:8081");
        assert_eq!(request.uri(), "/onebot?x=1");
        let unsigned = Letter::new(&Bytes::from(event), None);
        assert_eq!(unsigned.body, letter.body);
        let (request, _) = unsigned.request(&Uri::from_static("http://h"), 1);
        assert!(request.headers().get("x-signature").is_none());
        assert_eq!(request.uri(), "/");
        let (request, _) = unsigned.request(&Uri::from_static("http://h?x=1"), 1);
        assert_eq!(request.uri(), "/?x=1");
    }
}
