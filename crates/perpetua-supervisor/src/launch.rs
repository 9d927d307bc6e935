//! One launch: everything between the wish for a process and the process.
//!
//! ```text
//! orphan ended -> core verified -> signer chosen -> folder, port, token, settings -> process
//! ```
//!
//! It can be called off at every point before the process.

use std::{path::PathBuf, sync::Arc};

use perpetua_config::SignThrough;
use perpetua_lagrange::{ResolvedSigner, SessionBackup, log::LogMark};
use perpetua_lifecycle::{LaunchFailure, SignerProblem};
use perpetua_secrets::Secret;
use perpetua_signing::{Chosen, Wanted};
use perpetua_words::Message;
use tokio_util::sync::CancellationToken;

use crate::{
    CorePorts, CoreSettings, StartedProcess, VerifiedCore,
    options::CorePaths,
    orphan,
    signing::{OpenWay, SigningWay},
    steps::blocking,
    workdir::{PrepareWorkdir, PreparedWorkdir},
};

/// What one launch is made from.
#[derive(Debug)]
pub(crate) struct LaunchPlan {
    pub(crate) account: String,
    pub(crate) ports: CorePorts,
    pub(crate) paths: CorePaths,
    pub(crate) settings: CoreSettings,
    /// Whom to ask for signatures, in this order.
    pub(crate) signers: Result<Vec<ResolvedSigner>, SignerProblem>,
    /// Whether a saved session may be tried without a signer.
    pub(crate) may_start_unsigned: bool,
    /// Where copies of the login are.
    pub(crate) backup: SessionBackup,
    pub(crate) cancel: CancellationToken,
}

/// A process that has just been started.
#[derive(Debug)]
pub(crate) struct Launched {
    pub(crate) started: StartedProcess,
    pub(crate) core: VerifiedCore,
    /// The signer that it was started with; none where its session has to do without.
    pub(crate) chosen: Result<Chosen, SignerProblem>,
    pub(crate) way: SigningWay,
    pub(crate) port: u16,
    pub(crate) token: Secret,
    /// Where the picture of its QR code will be.
    pub(crate) picture: PathBuf,
    pub(crate) mark: LogMark,
    /// What people should know of it, a sentence each.
    pub(crate) remarks: Vec<Message>,
}

/// What has to be there before there is a process.
struct PreparedLaunch {
    core: VerifiedCore,
    chosen: Result<Chosen, SignerProblem>,
    workdir: PreparedWorkdir,
    mark: LogMark,
}

impl LaunchPlan {
    /// Prepares and starts, unless it is called off before.
    pub(crate) async fn launch(self) -> Result<Launched, LaunchFailure> {
        let prepared = self.cancel.run_until_cancelled(self.prepare()).await;
        let PreparedLaunch {
            core,
            chosen,
            workdir,
            mark,
        } = prepared.ok_or(LaunchFailure::CalledOff)??;
        if self.cancel.is_cancelled() {
            return Err(LaunchFailure::CalledOff);
        }
        let PreparedWorkdir {
            port,
            token,
            way,
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
            way,
            port,
            token,
            picture,
            mark,
            remarks,
        })
    }

    async fn prepare(&self) -> Result<PreparedLaunch, LaunchFailure> {
        let ended = orphan::end(&*self.ports.launcher, &self.paths.run_file).await;
        ended.map_err(|error| LaunchFailure::Machine(Message::from(&error)))?;
        let core = self.ports.cores.current(&self.account).await?;
        let chosen = self.choose().await;
        let mark = LogMark::generate();
        let mark = mark.map_err(|error| LaunchFailure::Machine(Message::from(&error)))?;
        let workdir = PrepareWorkdir {
            paths: self.paths.clone(),
            program: core.program.clone(),
            uin: self.settings.policy.expected,
            protocol: self.settings.protocol,
            way: OpenWay {
                account: self.account.clone(),
                through: self.settings.sign_through,
                protocol: self.settings.protocol,
                signers: self.settings.signers.clone(),
                patience: self.settings.sign_patience,
                desks: self.ports.desks.clone(),
                chosen: chosen.clone(),
                may_start_unsigned: self.may_start_unsigned,
            },
            backup: self.backup.clone(),
            wall: self.ports.wall.clone(),
            mark: mark.clone(),
        };
        match blocking(move || workdir.prepare()).await {
            Ok(workdir) => Ok(PreparedLaunch {
                core,
                chosen,
                workdir,
                mark,
            }),
            Err(LaunchFailure::Signer(problem)) => Err(self.without_signer(problem).await),
            Err(failure) => Err(failure),
        }
    }

    /// Names are looked up before signers are blamed that could not be reached.
    async fn without_signer(&self, problem: SignerProblem) -> LaunchFailure {
        let names_found = !problem.may_be_the_network() || self.ports.names.are_found().await;
        LaunchFailure::without_signer(problem, names_found)
    }

    async fn choose(&self) -> Result<Chosen, SignerProblem> {
        let wanted = Wanted {
            protocol: self.settings.protocol,
            version: None,
            is_asked_by_core: self.settings.sign_through == SignThrough::Core,
        };
        let choice = Arc::clone(&self.ports.signers);
        choice.choose(self.signers.clone()?, wanted).await
    }
}
