//! What an answer of a signer is worth, by the rules of the core (`OneBotSigner.cs`).

use perpetua_lagrange::{AppInfo, CoreProtocol};
use perpetua_words::signer as words;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{SignerFault, ask::Answer};

/// What one start of a core was told that it is: what is signed for anything else is of no use to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Told {
    pub(crate) protocol: CoreProtocol,
    pub(crate) version: String,
}

impl Told {
    /// An app info of this protocol, where it does not say another one.
    pub(crate) fn of(app_info: &AppInfo, protocol: CoreProtocol) -> Self {
        Self {
            protocol: app_info.protocol().unwrap_or(protocol),
            version: app_info.version().unwrap_or_default().to_owned(),
        }
    }

    /// Whether a signer that says this of itself signs for it; what it does not say does not count.
    pub(crate) fn fits(
        &self,
        platform: Option<&str>,
        version: Option<&str>,
    ) -> Result<(), SignerFault> {
        if let Some(theirs) = platform
            && CoreProtocol::of_system(theirs) != Some(self.protocol)
        {
            let (theirs, ours) = (theirs.to_owned(), self.protocol);
            return Err(SignerFault::OtherPlatform { theirs, ours });
        }
        match version {
            Some(theirs) if theirs != self.version => Err(SignerFault::OtherVersion {
                theirs: theirs.to_owned(),
                ours: self.version.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// The answer as the core takes it, if there is a signature in it that it would take.
    pub(crate) fn signature(&self, answer: &Answer) -> Result<String, SignerFault> {
        let signature = answer.signature()?;
        self.fits(signature.platform, signature.version)?;
        let Signature {
            sign, token, extra, ..
        } = signature;
        Ok(json!({
            "platform": self.protocol.name(),
            "version": self.version,
            "value": { "sign": sign, "token": token, "extra": extra },
        })
        .to_string())
    }
}

/// What a signer has signed, and for which client by its own words.
pub(crate) struct Signature<'a> {
    pub(crate) platform: Option<&'a str>,
    pub(crate) version: Option<&'a str>,
    sign: &'a str,
    token: &'a Value,
    extra: &'a Value,
}

impl Answer {
    /// What it says when it is none that the core takes: by its status alone.
    fn fault(&self) -> SignerFault {
        match (self.status.as_u16(), &self.redirects_to) {
            (_, Some(host)) => SignerFault::Redirects(host.clone()),
            (404, _) => SignerFault::Gone,
            (status @ (401 | 403), _) => SignerFault::Refused(status),
            (status @ 500.., _) => SignerFault::OutOfOrder(status),
            (status, None) => SignerFault::Declined(status),
        }
    }

    /// What the core would take of it, whatever client it is for. A refusal is none, in whatever words.
    pub(crate) fn signature(&self) -> Result<Signature<'_>, SignerFault> {
        let status = self.status.as_u16();
        if self.status != StatusCode::OK {
            return Err(self.fault());
        }
        let body = self.body.as_ref().filter(|body| body.is_object());
        let body = body.ok_or_else(|| SignerFault::NoSigner(words::NoJson { status }.into()))?;
        let text = |key: &str| body.get(key).and_then(Value::as_str);
        let part = |key: &str| body.get("value")?.get(key).filter(|part| is_hex(part));
        let sign = part("sign").and_then(Value::as_str);
        match (sign, part("token"), part("extra")) {
            (Some(sign), Some(token), Some(extra)) => Ok(Signature {
                platform: text("platform"),
                version: text("version"),
                sign,
                token,
                extra,
            }),
            _ => Err(said(body).map_or_else(
                || SignerFault::NoSigner(words::NoSignature.into()),
                SignerFault::Said,
            )),
        }
    }
}

/// Why it does not sign, in its own words, shortened; none that may repeat an address.
fn said(body: &Value) -> Option<String> {
    const LONGEST: usize = 120;
    let words = ["message", "msg", "error"]
        .iter()
        .find_map(|key| body.get(key)?.as_str())?
        .trim();
    let fits = !words.is_empty() && !words.contains("://");
    fits.then(|| words.chars().take(LONGEST).collect())
}

/// Whether the core reads it as bytes (`Convert.FromHexString`); nothing stands for none.
fn is_hex(part: &Value) -> bool {
    match part {
        Value::Null => true,
        Value::String(text) => {
            text.len() % 2 == 0 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> Told {
        Told {
            protocol: CoreProtocol::MacOs,
            version: "6.9.23-20139".to_owned(),
        }
    }

    fn judged(status: u16, body: &str) -> Result<Value, SignerFault> {
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("status"),
            redirects_to: None,
            body: serde_json::from_str(body).ok(),
        };
        let signature = told().signature(&answer)?;
        Ok(serde_json::from_str(&signature).expect("JSON"))
    }

    #[test]
    fn what_the_core_would_take_is_passed_on_complete() {
        for value in [
            r#"{"sign":"0aFF","token":"00","extra":""}"#,
            r#"{"sign":"","token":null,"extra":null,"more":[1]}"#,
        ] {
            let said = serde_json::from_str::<Value>(value).expect("JSON");
            for about in ["", r#""platform":"MacOs","version":"6.9.23-20139","#] {
                let passed = judged(200, &format!(r#"{{{about}"value":{value}}}"#)).expect("good");
                assert_eq!(
                    (&passed["platform"], &passed["version"]),
                    (&json!("MacOs"), &json!("6.9.23-20139"))
                );
                for part in ["sign", "token", "extra"] {
                    assert_eq!(passed["value"][part], said[part], "{value}");
                }
                assert_eq!(
                    passed["value"].as_object().map(serde_json::Map::len),
                    Some(3)
                );
            }
        }
    }

    #[test]
    fn what_the_core_would_not_take_is_none() {
        for value in [
            r#"{"sign":null,"token":"","extra":""}"#,
            r#"{"sign":"0","token":"","extra":""}"#,
            r#"{"sign":"0x","token":"","extra":""}"#,
            r#"{"sign":5,"token":"","extra":""}"#,
            r#"{"sign":"00","token":"zz","extra":""}"#,
            r#"{"sign":"00","token":""}"#,
            r#"{"token":"","extra":""}"#,
            "null",
            "\"00\"",
        ] {
            let judged = judged(200, &format!(r#"{{"value":{value}}}"#));
            assert!(
                matches!(judged, Err(SignerFault::NoSigner(_))),
                "{value}: {judged:?}"
            );
        }
        for body in ["", "<html>", "[]", "null", "{}"] {
            let judged = judged(200, body);
            assert!(
                matches!(judged, Err(SignerFault::NoSigner(_))),
                "{body}: {judged:?}"
            );
        }
    }

    #[test]
    fn a_signer_that_says_why_it_does_not_sign_is_repeated() {
        for (body, said) in [
            (
                r#"{"code":-1,"message":"version not supported"}"#,
                Some("version not supported"),
            ),
            (r#"{"error":" no quota "}"#, Some("no quota")),
            (r#"{"msg":""}"#, None),
            (r#"{"msg":5}"#, None),
            (r#"{"error":"see https://sign.example/?key=theirs"}"#, None),
        ] {
            let judged = judged(200, body);
            match said {
                Some(said) => assert_eq!(judged, Err(SignerFault::Said(said.to_owned()))),
                None => assert!(matches!(judged, Err(SignerFault::NoSigner(_))), "{body}"),
            }
        }
        let fault = judged(200, r#"{"message":"version not supported"}"#);
        let fault = fault.expect_err("no signature").to_string();
        assert!(fault.contains("version not supported"), "{fault}");
    }

    #[test]
    fn what_is_signed_for_another_client_is_named() {
        let with = |about: &str| {
            judged(
                200,
                &format!(r#"{{{about},"value":{{"sign":"","token":"","extra":""}}}}"#),
            )
        };
        assert_eq!(
            with(r#""version":"6.9.20-17153""#),
            Err(SignerFault::OtherVersion {
                theirs: "6.9.20-17153".to_owned(),
                ours: "6.9.23-20139".to_owned()
            })
        );
        let other = with(r#""platform":"Linux","version":"6.9.23-20139""#);
        assert!(
            matches!(other, Err(SignerFault::OtherPlatform { .. })),
            "{other:?}"
        );
    }

    #[test]
    fn only_a_status_of_200_is_an_answer() {
        let good = r#"{"value":{"sign":"","token":"","extra":""}}"#;
        for (status, fault) in [
            (201, SignerFault::Declined(201)),
            (400, SignerFault::Declined(400)),
            (401, SignerFault::Refused(401)),
            (404, SignerFault::Gone),
            (411, SignerFault::Declined(411)),
            (429, SignerFault::Declined(429)),
            (521, SignerFault::OutOfOrder(521)),
        ] {
            assert_eq!(judged(status, good), Err(fault));
        }
    }
}
