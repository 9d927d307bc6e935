//! `[accounts.upstream]` of the kind `lagrange`.

use std::ops::RangeInclusive;
use std::time::Duration;

use perpetua_words::config as words;

use crate::read::address::proxy;
use crate::read::choices::all;
use crate::read::item::Item;
use crate::read::section::Section;
use crate::{LEAST_MEMORY_LIMIT, LagrangeUpstream, Name, Protocol, SignThrough};

/// QQ has given out none below; the core takes 32 bits (`Account.Uin`).
const UINS: RangeInclusive<usize> = 10_000..=4_294_967_295;
const PROTOCOLS: [(&str, Protocol); 3] = [
    ("linux", Protocol::Linux),
    ("windows", Protocol::Windows),
    ("macos", Protocol::Macos),
];
const WAYS_TO_SIGN: [(&str, SignThrough); 2] =
    [("node", SignThrough::Node), ("core", SignThrough::Core)];
/// The core itself waits 100 s for a signature.
const SIGN_PATIENCES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(1);
const MEMORY_LIMITS: RangeInclusive<u64> = LEAST_MEMORY_LIMIT..=1_000_000_000_000;
const START_TIMEOUTS: RangeInclusive<Duration> = Duration::from_secs(5)..=Duration::from_mins(10);

/// What the managed accounts have to agree on.
pub(in crate::read) struct Logins<'n> {
    /// The signers of the file.
    signers: &'n [Name],
    /// The accounts that log in, each with the path that says so.
    uins: Vec<(u64, String)>,
}

impl<'n> Logins<'n> {
    pub(in crate::read) fn new(signers: &'n [Name]) -> Self {
        Self {
            signers,
            uins: Vec::new(),
        }
    }

    /// The account that may log in. One that is not enabled may be given twice.
    fn uin(&mut self, item: &Item<'_>, enabled: bool) -> Option<u64> {
        let uin = item.number(&UINS)? as u64;
        if !enabled {
            return Some(uin);
        }
        if let Some((_, holder)) = self.uins.iter().find(|(other, _)| *other == uin) {
            item.problem::<()>(words::UinTwice { holder });
        }
        self.uins.push((uin, item.path().to_owned()));
        Some(uin)
    }

    /// Signers by their names, at least one, none twice.
    fn signers(&self, item: &Item<'_>) -> Option<Vec<Name>> {
        let items = item.array()?;
        if items.is_empty() {
            return item.problem(words::SignersEmpty);
        }
        let mut chosen = Vec::with_capacity(items.len());
        for item in items {
            match self.signer(&item) {
                Some(name) if chosen.contains(&name) => {
                    let name = name.as_str();
                    item.problem::<()>(words::ListedTwice { name });
                }
                Some(name) => chosen.push(name),
                None => {}
            }
        }
        Some(chosen)
    }

    fn signer(&self, item: &Item<'_>) -> Option<Name> {
        let written = item.string(words::SignerName)?;
        let name = self.signers.iter().find(|name| **name == *written);
        name.cloned().or_else(|| match self.signers {
            [] => item.problem(words::NoSigners),
            names => {
                let signers = all(names.iter().map(Name::as_str));
                item.problem(words::NoSuchSigner { signers })
            }
        })
    }
}

pub(super) fn lagrange(
    section: &mut Section<'_>,
    enabled: bool,
    logins: &mut Logins<'_>,
) -> LagrangeUpstream {
    let default = LagrangeUpstream::default();
    let uin = section
        .take("uin")
        .and_then(|item| logins.uin(&item, enabled));
    let protocol = section
        .take("protocol")
        .and_then(|item| item.word(&PROTOCOLS));
    let signers = section
        .take("signers")
        .and_then(|item| logins.signers(&item));
    let sign_proxy = section
        .take("sign-proxy")
        .and_then(|item| proxy(&item, "sign-proxy"));
    let sign_through = section
        .take("sign-through")
        .and_then(|item| item.word(&WAYS_TO_SIGN));
    let sign_patience = section
        .take("sign-patience")
        .and_then(|item| item.duration(&SIGN_PATIENCES));
    let auto_start = section.take("auto-start").and_then(|item| item.boolean());
    let memory_limit = section
        .take("memory-limit")
        .and_then(|item| item.size_up_to(&MEMORY_LIMITS))
        // As everywhere, zero is no limit.
        .filter(|bytes| *bytes > 0);
    let start_timeout = section
        .take("start-timeout")
        .and_then(|item| item.duration(&START_TIMEOUTS));
    let log_messages = section.take("log-messages").and_then(|item| item.boolean());
    LagrangeUpstream {
        uin,
        protocol: protocol.unwrap_or_default(),
        signers,
        sign_proxy,
        sign_through: sign_through.unwrap_or_default(),
        sign_patience: sign_patience.unwrap_or(default.sign_patience),
        auto_start: auto_start.unwrap_or(default.auto_start),
        memory_limit: memory_limit.map(|written| written.max(LEAST_MEMORY_LIMIT)),
        memory_limit_written: memory_limit.filter(|written| *written < LEAST_MEMORY_LIMIT),
        start_timeout: start_timeout.unwrap_or(default.start_timeout),
        log_messages: log_messages.unwrap_or(default.log_messages),
    }
}
