//! Which signers are asked, in which order: the choice outlives a run of the core.

mod way;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use perpetua_config::SignThrough;
use perpetua_lagrange::ResolvedSigner;
use perpetua_lifecycle::SignerProblem;
use perpetua_signing::{Chosen, Prober, Wanted};
use perpetua_words::{Message, signer as words};
use tokio::time::Instant;

pub(crate) use way::{OpenWay, SigningWay};

/// A signer that failed a core is not trusted again before this, however well it answers a probe:
/// probes ask for less than a signature.
const DISTRUST: Duration = Duration::from_mins(1);

/// Asks signers: a port.
pub trait SignerChoice: Send + Sync + fmt::Debug {
    /// Asks all of them at once and gives the first in their order that works and fits best.
    fn choose(
        self: Arc<Self>,
        signers: Vec<ResolvedSigner>,
        wanted: Wanted,
    ) -> BoxFuture<'static, Result<Chosen, SignerProblem>>;
}

impl SignerChoice for Prober {
    fn choose(
        self: Arc<Self>,
        signers: Vec<ResolvedSigner>,
        wanted: Wanted,
    ) -> BoxFuture<'static, Result<Chosen, SignerProblem>> {
        Box::pin(async move { Self::choose(&self, &signers, &wanted).await })
    }
}

/// What is remembered of signers.
#[derive(Debug, Default)]
pub(crate) struct Signing {
    chosen: Option<String>,
    /// Who failed a core; one entry for each signer of the settings at most.
    failed: Vec<Failed>,
}

/// A signer that failed a core.
#[derive(Debug)]
struct Failed {
    name: String,
    /// When last.
    at: Instant,
    /// What the core said.
    words: String,
}

impl Signing {
    /// This one failed a core, in these words.
    pub(crate) fn failed(&mut self, name: &str, words: &str, now: Instant) {
        self.failed.retain(|failed| failed.name != name);
        self.failed.push(Failed {
            name: name.to_owned(),
            at: now,
            words: words.to_owned(),
        });
    }

    /// A person wants another try: what has failed may be tried again.
    pub(crate) fn forgive(&mut self) {
        self.failed.clear();
    }

    /// This one works, and is used from now on.
    pub(crate) fn chose(&mut self, name: &str) {
        self.failed.retain(|failed| failed.name != name);
        self.chosen = Some(name.to_owned());
    }

    /// The settings have other signers: what is known of those that are not the same any more,
    /// perhaps under the same name, is forgotten.
    pub(crate) fn changed(&mut self, former: &[ResolvedSigner], signers: &[ResolvedSigner]) {
        let is_same = |name: &str| {
            let by_name = |signer: &&ResolvedSigner| signer.name == name;
            let signer = signers.iter().find(by_name);
            signer.is_some() && signer == former.iter().find(by_name)
        };
        self.chosen.take_if(|name| !is_same(name));
        self.failed.retain(|failed| is_same(&failed.name));
    }

    /// Another one is preferred now: the next start takes the first that works.
    pub(crate) fn forget_choice(&mut self) {
        self.chosen = None;
    }

    /// Whom to ask before a start: the one in use first, so that the core is the same client of QQ, then as the settings
    /// have them. Where the core asks by itself, those who failed it have to wait.
    pub(crate) fn for_launch(
        &self,
        through: SignThrough,
        signers: &[ResolvedSigner],
        now: Instant,
    ) -> Result<Vec<ResolvedSigner>, SignerProblem> {
        if signers.is_empty() {
            return Err(SignerProblem::NoneConfigured);
        }
        let mut trusted = match through {
            SignThrough::Core => self.trusted(signers, now),
            SignThrough::Node => signers.to_vec(),
        };
        trusted.sort_by_key(|signer| Some(&signer.name) != self.chosen.as_ref());
        self.some_or_distrusted(trusted, signers)
    }

    /// Whom to ask when none signs for a core that runs. Where it asks one by itself: all others, and that one last
    /// if it is trusted again.
    pub(crate) fn for_switch(
        &self,
        way: &SigningWay,
        signers: &[ResolvedSigner],
        now: Instant,
    ) -> Result<Vec<ResolvedSigner>, SignerProblem> {
        match way {
            SigningWay::Node(_) => Ok(signers.to_vec()),
            SigningWay::Core(_) => self.others(signers, now),
        }
    }

    fn others(
        &self,
        signers: &[ResolvedSigner],
        now: Instant,
    ) -> Result<Vec<ResolvedSigner>, SignerProblem> {
        let mut trusted = self.trusted(signers, now);
        trusted.sort_by_key(|signer| Some(&signer.name) == self.chosen.as_ref());
        self.some_or_distrusted(trusted, signers)
    }

    fn trusted(&self, signers: &[ResolvedSigner], now: Instant) -> Vec<ResolvedSigner> {
        let is_trusted = |signer: &&ResolvedSigner| {
            let failed = self.failed.iter().find(|failed| failed.name == signer.name);
            failed.is_none_or(|failed| now.duration_since(failed.at) >= DISTRUST)
        };
        signers.iter().filter(is_trusted).cloned().collect()
    }

    fn some_or_distrusted(
        &self,
        trusted: Vec<ResolvedSigner>,
        signers: &[ResolvedSigner],
    ) -> Result<Vec<ResolvedSigner>, SignerProblem> {
        if !trusted.is_empty() {
            return Ok(trusted);
        }
        let sentence = |signer: &ResolvedSigner| {
            let failed = self.failed.iter().find(|failed| failed.name == signer.name);
            failed_a_core(&signer.name, failed.map_or("", |failed| &failed.words))
        };
        Err(SignerProblem::NoneWorks(
            signers.iter().map(sentence).collect(),
        ))
    }
}

/// The signer of this name failed a core, in these words of the core.
pub(crate) fn failed_a_core(name: &str, text: &str) -> Message {
    let cause = Message::from(words::JustFailed { text });
    words::Named { cause, name }.into()
}

#[cfg(test)]
mod tests {
    use perpetua_lagrange::SignerUrl;

    use super::*;

    const BY_ITSELF: SignThrough = SignThrough::Core;

    fn signers() -> Vec<ResolvedSigner> {
        let signer = |name: &str| ResolvedSigner {
            name: name.into(),
            url: SignerUrl::new("http://127.0.0.1:1/api/sign/1").unwrap(),
            proxy: None,
        };
        ["a", "b", "c"].map(signer).into()
    }

    fn names(signers: Result<Vec<ResolvedSigner>, SignerProblem>) -> Vec<String> {
        let signers = signers.unwrap();
        signers.into_iter().map(|signer| signer.name).collect()
    }

    #[test]
    fn the_choice_is_kept_for_the_next_start() {
        let (mut signing, now) = (Signing::default(), Instant::now());
        assert_eq!(
            names(signing.for_launch(BY_ITSELF, &signers(), now)),
            ["a", "b", "c"]
        );
        signing.chose("b");
        assert_eq!(
            names(signing.for_launch(BY_ITSELF, &signers(), now)),
            ["b", "a", "c"]
        );
    }

    #[test]
    fn one_that_failed_is_not_asked_again_within_a_minute() {
        let (mut signing, now) = (Signing::default(), Instant::now());
        signing.chose("a");
        signing.failed("a", "521", now);
        assert_eq!(names(signing.others(&signers(), now)), ["b", "c"]);
        assert_eq!(
            names(signing.for_launch(BY_ITSELF, &signers(), now)),
            ["b", "c"]
        );
        let later = now + DISTRUST;
        assert_eq!(names(signing.others(&signers(), later)), ["b", "c", "a"]);
    }

    #[test]
    fn a_choice_clears_the_mark_and_so_does_another_address() {
        let (mut signing, now) = (Signing::default(), Instant::now());
        signing.chose("a");
        signing.failed("a", "521", now);
        signing.chose("a");
        assert_eq!(
            names(signing.for_launch(BY_ITSELF, &signers(), now)),
            ["a", "b", "c"]
        );
        signing.failed("a", "521", now);
        signing.changed(&signers(), &signers());
        assert_eq!(
            names(signing.for_launch(BY_ITSELF, &signers(), now)),
            ["b", "c"]
        );
        let mut others = signers();
        others[0].url = SignerUrl::new("http://127.0.0.1:2/api/sign/1").unwrap();
        signing.changed(&signers(), &others);
        assert_eq!(
            names(signing.for_launch(BY_ITSELF, &others, now)),
            ["a", "b", "c"]
        );
    }

    #[test]
    fn the_only_one_that_failed_is_named() {
        let (mut signing, now) = (Signing::default(), Instant::now());
        let only = &signers()[..1];
        signing.chose("a");
        signing.failed("a", "521", now);
        let problem = signing.for_launch(BY_ITSELF, only, now).unwrap_err();
        assert!(problem.to_string().contains("`a`"), "{problem}");
        assert_eq!(
            signing.for_launch(BY_ITSELF, &[], now),
            Err(SignerProblem::NoneConfigured)
        );
    }
}
