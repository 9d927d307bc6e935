//! The first signer that works.

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use perpetua_lifecycle::SignerProblem;
use perpetua_words::{Message, signer as words};

use crate::{CoreProtocol, ProbeReport, Prober, ResolvedSigner};

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
        expected: CoreProtocol,
    ) -> Result<Chosen, SignerProblem> {
        if signers.is_empty() {
            return Err(SignerProblem::NoneConfigured);
        }
        let mut reports: FuturesOrdered<_> = signers
            .iter()
            .map(|signer| async move { (signer, self.probe(signer, expected).await) })
            .collect();
        let mut problems = Vec::new();
        while let Some((signer, report)) = reports.next().await {
            match &report.answer {
                Ok(_) => {
                    let signer = signer.clone();
                    return Ok(Chosen { signer, report });
                }
                Err(fault) => problems.push(Message::from(words::Named {
                    name: &signer.name,
                    cause: Message::from(fault),
                })),
            }
        }
        Err(SignerProblem::NoneWorks(problems))
    }
}
