//! Errors of other libraries, which have no code: of which kind they are, or their text for a parameter.

use std::{error::Error, io};

use crate::{Message, io as words};

/// An error and its causes in one line, in the words of those who made them.
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Why something failed: the first of its causes that is of a kind with a sentence, else the words of the innermost
/// one, which say most.
pub fn cause(error: &(dyn Error + 'static)) -> Message {
    let mut innermost = error;
    loop {
        let of_system = innermost.downcast_ref::<io::Error>().map(Message::from);
        let known = of_system.filter(|message| message.code != "io.other");
        if let Some(known) = known.or_else(|| told_by_library(&innermost.to_string())) {
            return known;
        }
        match innermost.source() {
            Some(source) => innermost = source,
            None => break,
        }
    }
    let text = innermost.to_string();
    words::Other { text }.into()
}

/// What resolvers, TLS and HTTP libraries say of what the standard library has no kind for.
pub(crate) fn told_by_library(text: &str) -> Option<Message> {
    // `TcpStream::connect` and hyper; the rest is rustls, then hyper with a proxy.
    if text.contains("failed to lookup address") {
        return Some(words::UnknownHost.into());
    }
    if let Some((_, why)) = text.split_once("invalid peer certificate: ") {
        return certificate(why);
    }
    if text.contains("received corrupt message of type InvalidContentType") {
        return Some(words::NotTls.into());
    }
    match text {
        "deadline has elapsed" | "operation timed out" => Some(words::TimedOut.into()),
        "tunnel error: proxy authorization required" => Some(words::ProxyLogin.into()),
        "tunnel error: unsuccessful" => Some(words::ProxyRefuses.into()),
        _ => None,
    }
}

fn certificate(why: &str) -> Option<Message> {
    let says = |words: &[&str]| words.iter().any(|word| why.contains(word));
    if says(&["Expired", "expired", "NotValidYet", "not valid yet"]) {
        Some(words::CertificateTime.into())
    } else if says(&["NotValidForName", "not valid for name"]) {
        Some(words::CertificateName.into())
    } else if says(&["UnknownIssuer", "CaUsedAsEndEntity"]) {
        // What `openssl req -x509` makes is an authority, and here is its own server too.
        Some(words::CertificateIssuer.into())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, fmt, io};

    use super::{cause, with_causes};

    #[test]
    fn a_cause_of_a_known_kind_has_a_code_however_deep_it_is() {
        let lookup = "failed to lookup address information: Name or service not known";
        let tls = |why: &str| io::Error::other(format!("invalid peer certificate: {why}"));
        for (error, code) in [
            (io::Error::other(lookup), "io.unknown_host"),
            (
                io::Error::from_raw_os_error(if cfg!(windows) { 10_061 } else { 111 }),
                "io.connection_refused",
            ),
            (tls("UnknownIssuer"), "io.certificate_issuer"),
            (
                tls("Other(OtherError(CaUsedAsEndEntity))"),
                "io.certificate_issuer",
            ),
            (tls("Expired"), "io.certificate_time"),
            (
                tls("certificate expired: verification time 3 (UNIX)"),
                "io.certificate_time",
            ),
            (
                tls("certificate not valid for name \"a.example\""),
                "io.certificate_name",
            ),
            (tls("BadEncoding"), "io.other"),
            (
                io::Error::other("received corrupt message of type InvalidContentType"),
                "io.not_tls",
            ),
            (
                io::Error::other("tunnel error: unsuccessful"),
                "io.proxy_refuses",
            ),
            (
                io::Error::other("tunnel error: proxy authorization required"),
                "io.proxy_login",
            ),
            (io::Error::other("something new"), "io.other"),
        ] {
            let said = error.to_string();
            assert_eq!(cause(&Outer(error)).code, code, "{said}");
        }
    }

    #[derive(Debug)]
    struct Outer(io::Error);

    impl fmt::Display for Outer {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("error sending request")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    #[derive(Debug)]
    struct Broken(&'static str, Option<Box<Self>>);

    impl fmt::Display for Broken {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str(self.0)
        }
    }

    impl Error for Broken {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn each_cause_follows_what_it_caused() {
        let cause = Broken("no route", None);
        let error = Broken("no connection", Some(Box::new(cause)));
        let error = Broken("no answer", Some(Box::new(error)));
        assert_eq!(with_causes(&error), "no answer: no connection: no route");
    }
}
