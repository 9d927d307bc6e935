//! One launch: everything between the wish for a process and the process.
//!
//! ```text
//! leftover ended -> core verified -> signer chosen -> folder, port, token, settings -> process
//! ```
//!
//! It can be called off at every point before the process.

use std::{path::PathBuf, sync::Arc};

use perpetua_lagrange::{Chosen, Signer, log::LogMark};
use perpetua_lifecycle::{LaunchFailure, SignerProblem};
use perpetua_secrets::Secret;
use tokio_util::sync::CancellationToken;

use crate::{
    CorePorts, CoreSettings, Started, VerifiedCore,
    furnish::{Furnished, Furnishing},
    in_words, leftover,
    options::Place,
    steps::blocking,
};

/// What one launch is made from.
#[derive(Debug)]
pub(crate) struct Preparation {
    pub(crate) ports: CorePorts,
    pub(crate) place: Place,
    pub(crate) settings: CoreSettings,
    /// Whom to ask for signatures, in this order.
    pub(crate) signers: Result<Vec<Signer>, SignerProblem>,
    pub(crate) mark: LogMark,
    pub(crate) cancel: CancellationToken,
}

/// A process that has just been started.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) started: Started,
    pub(crate) core: VerifiedCore,
    pub(crate) chosen: Chosen,
    pub(crate) port: u16,
    pub(crate) token: Secret,
    /// Where the picture of its QR code will be.
    pub(crate) picture: PathBuf,
    pub(crate) mark: LogMark,
    /// What people should know of it, a sentence each.
    pub(crate) remarks: Vec<String>,
}

impl Preparation {
    /// Prepares and starts, unless it is called off before.
    pub(crate) async fn launch(self) -> Result<Ready, LaunchFailure> {
        let prepared = self.cancel.run_until_cancelled(self.prepare()).await;
        let (core, chosen, furnished) = prepared.ok_or(LaunchFailure::CalledOff)??;
        if self.cancel.is_cancelled() {
            return Err(LaunchFailure::CalledOff);
        }
        let Furnished {
            port,
            token,
            launch,
            mut remarks,
        } = furnished;
        let launcher = Arc::clone(&self.ports.launcher);
        let started = blocking(move || launcher.start(&launch)).await;
        let started = started.map_err(|error| LaunchFailure::NotStarted(in_words(&error)))?;
        let picture = self.place.folder.qr_picture(self.settings.policy.expected);
        let (run_file, identity) = (self.place.run_file, started.process.identity());
        let written = blocking(move || leftover::remember(&run_file, &identity)).await;
        remarks.extend(written.err());
        Ok(Ready {
            started,
            core,
            chosen,
            port,
            token,
            picture,
            mark: self.mark,
            remarks,
        })
    }

    async fn prepare(&self) -> Result<(VerifiedCore, Chosen, Furnished), LaunchFailure> {
        let ended = leftover::end(&*self.ports.launcher, &self.place.run_file).await;
        ended.map_err(|error| LaunchFailure::Machine(in_words(&error)))?;
        let core = self.ports.cores.current().await?;
        let signers = self.signers.clone()?;
        let protocol = self.settings.protocol;
        let choice = Arc::clone(&self.ports.signers);
        let chosen = choice.choose(signers, protocol).await?;
        let furnishing = Furnishing {
            place: self.place.clone(),
            program: core.program.clone(),
            uin: self.settings.policy.expected,
            protocol,
            chosen: chosen.clone(),
            mark: self.mark.clone(),
        };
        let furnished = blocking(move || furnishing.furnish()).await?;
        Ok((core, chosen, furnished))
    }
}
