//! The first signer that works.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use perpetua_lagrange::{CoreProtocol, ResolvedSigner};
use perpetua_lifecycle::SignerProblem;
use perpetua_words::{Message, signer as words};

use crate::{ProbeReport, Prober, SignerFault};

/// What a signer has to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The client of QQ that it signs for.
    pub protocol: CoreProtocol,
    /// The version that it had better sign for; one that signs for another is taken only where none of those
    /// works that sign for this one, or do not say.
    pub version: Option<String>,
    /// The core will ask it by itself, so that nothing can be filled in.
    pub is_asked_by_core: bool,
}

/// A signer that works.
#[derive(Clone, PartialEq, Debug)]
pub struct Chosen {
    /// Which.
    pub signer: ResolvedSigner,
    /// What it said.
    pub report: ProbeReport,
}

impl Prober {
    /// Asks all signers at once and gives the first in their order that works.
    ///
    /// A later one that answers fast does not overtake one that is preferred and slow; nobody waits
    /// for those behind the chosen one.
    pub async fn choose(
        &self,
        signers: &[ResolvedSigner],
        wanted: &Wanted,
    ) -> Result<Chosen, SignerProblem> {
        if signers.is_empty() {
            return Err(SignerProblem::NoneConfigured);
        }
        let mut reports: FuturesOrdered<_> = signers
            .iter()
            .map(|signer| async move { (signer, self.probe(signer, wanted.protocol).await) })
            .collect();
        let (mut other, mut problems, mut silence) = (None, Vec::new(), Silence::default());
        while let Some((signer, report)) = reports.next().await {
            let signer = signer.clone();
            match wanted.judge(&report) {
                Ok(Fit::Version) => return Ok(Chosen { signer, report }),
                Ok(Fit::OtherVersion) => other = other.or(Some(Chosen { signer, report })),
                Err(fault) => {
                    silence.heard(&signer, &fault);
                    problems.push(named(&signer.name, &fault));
                }
            }
        }
        other.ok_or_else(|| {
            if silence.may_be_the_network() {
                SignerProblem::NoneReached(problems)
            } else {
                SignerProblem::NoneWorks(problems)
            }
        })
    }
}

/// Whether it may be the network that keeps signers from answering: nobody has, and not all are on this machine.
#[derive(Debug, Default)]
struct Silence {
    somebody_answered: bool,
    is_somebody_elsewhere: bool,
}

impl Silence {
    fn heard(&mut self, signer: &ResolvedSigner, fault: &SignerFault) {
        self.somebody_answered |=
            !matches!(fault, SignerFault::Silent(_) | SignerFault::Unreachable(_));
        self.is_somebody_elsewhere |= !signer.url.is_loopback();
    }

    fn may_be_the_network(&self) -> bool {
        !self.somebody_answered && self.is_somebody_elsewhere
    }
}

/// How well a signer that works fits.
enum Fit {
    Version,
    OtherVersion,
}

impl Wanted {
    fn judge(&self, report: &ProbeReport) -> Result<Fit, SignerFault> {
        let answer = report.answer.as_ref().map_err(SignerFault::clone)?;
        if self.is_asked_by_core && !answer.filled_in.is_empty() {
            return Err(SignerFault::Incomplete(answer.filled_in.join(", ")));
        }
        let is_other = match (&self.version, &answer.version) {
            (Some(wanted), Some(said)) => wanted != said,
            _ => false,
        };
        Ok(if is_other {
            Fit::OtherVersion
        } else {
            Fit::Version
        })
    }
}

/// What is wrong with the signer of this name.
pub(crate) fn named(name: &str, fault: &SignerFault) -> Message {
    let cause = Message::from(fault);
    words::Named { name, cause }.into()
}

#[cfg(test)]
mod tests {
    use perpetua_lagrange::SignerUrl;
    use perpetua_words::signer as words;

    use super::*;

    fn signer(url: &str) -> ResolvedSigner {
        ResolvedSigner {
            name: "one".to_owned(),
            url: SignerUrl::new(url).expect("an address"),
            proxy: None,
        }
    }

    #[test]
    fn the_network_is_suspected_where_nobody_answers_and_somebody_is_elsewhere() {
        const HERE: &str = "http://127.0.0.1:9/sign";
        const THERE: &str = "https://sign.example/sign";
        let silent = || SignerFault::Silent(10);
        let unreachable = || SignerFault::Unreachable(words::NoSignature.into());
        let refused = || SignerFault::Refused(401);
        let not_asked = || SignerFault::NotAsked("no proxy".to_owned());
        for (asked, is_suspected) in [
            (vec![(THERE, silent())], true),
            (vec![(THERE, unreachable()), (THERE, silent())], true),
            (vec![(THERE, unreachable()), (HERE, unreachable())], true),
            (vec![(HERE, unreachable())], false),
            (
                vec![(HERE, silent()), ("http://localhost/", silent())],
                false,
            ),
            (vec![(THERE, silent()), (THERE, refused())], false),
            (vec![(THERE, unreachable()), (HERE, refused())], false),
            (vec![(THERE, not_asked())], false),
            (vec![], false),
        ] {
            let mut silence = Silence::default();
            for (url, fault) in &asked {
                silence.heard(&signer(url), fault);
            }
            assert_eq!(silence.may_be_the_network(), is_suspected, "{asked:?}");
        }
    }
}
