//! `X-Signature` (OneBot v11, "HTTP POST").

use std::fmt::Write as _;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

/// The value of the header for exactly this body: `sha1=` and the HMAC-SHA1 in hexadecimal digits.
///
/// # Panics
/// Never: HMAC takes keys of any length.
pub fn signature(key: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(body);
    let mut text = String::from("sha1=");
    for byte in mac.finalize().into_bytes() {
        let _never_fails = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::signature;
    use crate::post::canonical;

    #[test]
    fn it_is_that_of_the_rfc_and_of_the_reports() {
        // RFC 2202, cases 1, 2 and 6.
        for (key, body, digits) in [
            (
                &[0x0b; 20][..],
                &b"Hi There"[..],
                "b617318655057264e28bc0b6fb378c8ef146be00",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            ),
            (
                &[0xaa; 80],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112",
            ),
        ] {
            assert_eq!(signature(key, body), format!("sha1={digits}"));
        }
        let event = r#"{"time":1700000000,"self_id":10001,"post_type":"message","message":"你好😀 a/b\u4f60"}"#;
        assert_eq!(
            signature(b"k1", event.as_bytes()),
            "sha1=a1353c4f660351b5a77ad67e83475f3c4d998971"
        );
        let posted = canonical(event);
        let signed = signature(b"k1", posted.as_bytes());
        assert!(signed.starts_with("sha1=eabaf66a"), "{signed}");
        let with_newline = signature(b"k1\n", event.as_bytes());
        assert!(with_newline.starts_with("sha1=c6fe0fbd"), "{with_newline}");
    }
}
