//! One launch: everything between the wish for a process and the process.
//!
//! ```text
//! orphan ended -> core verified -> signer chosen -> folder, port, token, settings -> process
//! ```
//!
//! It can be called off at every point before the process.

use std::{path::PathBuf, sync::Arc};

use perpetua_lagrange::{Chosen, ResolvedSigner, SessionBackup, log::LogMark};
use perpetua_lifecycle::{LaunchFailure, SignerProblem};
use perpetua_secrets::Secret;
use perpetua_words::Message;
use tokio_util::sync::CancellationToken;

use crate::{
    CorePorts, CoreSettings, StartedProcess, VerifiedCore,
    options::CorePaths,
    orphan,
    steps::blocking,
    workdir::{PrepareWorkdir, PreparedWorkdir},
};

/// What one launch is made from.
#[derive(Debug)]
pub(crate) struct LaunchPlan {
    pub(crate) ports: CorePorts,
    pub(crate) paths: CorePaths,
    pub(crate) settings: CoreSettings,
    /// Whom to ask for signatures, in this order.
    pub(crate) signers: Result<Vec<ResolvedSigner>, SignerProblem>,
    /// Where copies of the login are.
    pub(crate) backup: SessionBackup,
    pub(crate) mark: LogMark,
    pub(crate) cancel: CancellationToken,
}

/// A process that has just been started.
#[derive(Debug)]
pub(crate) struct Launched {
    pub(crate) started: StartedProcess,
    pub(crate) core: VerifiedCore,
    pub(crate) chosen: Chosen,
    pub(crate) port: u16,
    pub(crate) token: Secret,
    /// Where the picture of its QR code will be.
    pub(crate) picture: PathBuf,
    pub(crate) mark: LogMark,
    /// What people should know of it, a sentence each.
    pub(crate) remarks: Vec<Message>,
}

impl LaunchPlan {
    /// Prepares and starts, unless it is called off before.
    pub(crate) async fn launch(self) -> Result<Launched, LaunchFailure> {
        let prepared = self.cancel.run_until_cancelled(self.prepare()).await;
        let (core, chosen, workdir) = prepared.ok_or(LaunchFailure::CalledOff)??;
        if self.cancel.is_cancelled() {
            return Err(LaunchFailure::CalledOff);
        }
        let PreparedWorkdir {
            port,
            token,
            launch,
            mut remarks,
        } = workdir;
        let launcher = Arc::clone(&self.ports.launcher);
        let started = blocking(move || launcher.start(&launch)).await;
        let started = started.map_err(|error| LaunchFailure::NotStarted(Message::from(&error)))?;
        let picture = self.paths.folder.qr_picture(self.settings.policy.expected);
        let (run_file, identity) = (self.paths.run_file, started.process.identity());
        let written = blocking(move || orphan::remember(&run_file, &identity)).await;
        remarks.extend(written.err());
        Ok(Launched {
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

    async fn prepare(&self) -> Result<(VerifiedCore, Chosen, PreparedWorkdir), LaunchFailure> {
        let ended = orphan::end(&*self.ports.launcher, &self.paths.run_file).await;
        ended.map_err(|error| LaunchFailure::Machine(Message::from(&error)))?;
        let core = self.ports.cores.current().await?;
        let signers = self.signers.clone()?;
        let protocol = self.settings.protocol;
        let choice = Arc::clone(&self.ports.signers);
        let chosen = choice.choose(signers, protocol).await?;
        let workdir = PrepareWorkdir {
            paths: self.paths.clone(),
            program: core.program.clone(),
            uin: self.settings.policy.expected,
            protocol,
            chosen: chosen.clone(),
            backup: self.backup.clone(),
            mark: self.mark.clone(),
        };
        let workdir = blocking(move || workdir.prepare()).await?;
        Ok((core, chosen, workdir))
    }
}
