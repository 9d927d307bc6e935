//! The installed cores, as RPC asks about them: the same with a running node and on its data folder
//! alone.

mod sources;
mod upload;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use perpetua_accounts::Tokens;
use perpetua_config as config;
use perpetua_fetch::{
    ClientError, FetcherOptions, Installed, Pinned, ReleaseSource, Sha256, Versions, VersionsError,
};
use perpetua_fs::Folders;
use perpetua_lifecycle::InstallProblem;
use perpetua_schema::{
    Applied, CoreInstall, CoreJob, CoreList, CoreVerified, ErrorCode, Imported, RpcError,
};
use perpetua_supervisor::{
    Launcher,
    installer::{InstallRequest, Installer, InstallerError, InstallerOptions},
};
use perpetua_task::blocking;
use perpetua_words::{Message, core as words, import};
use tokio::time::timeout;
use tracing::warn;

use crate::{
    StartError,
    import::program_of,
    refusal,
    renames::{Belonging, Carriage, Register, Rename, came},
    wire,
};
pub(crate) use sources::download_proxy;
use sources::{installer_settings, source};

/// How long a start waits for the secret of the downloads' proxy.
const SECRET_LIMIT: Duration = Duration::from_secs(1);

/// The installer, and what RPC asks of it. A cheap clone.
#[derive(Clone, Debug)]
pub(crate) struct InstalledCores {
    pub(crate) installer: Installer,
    tokens: Tokens,
    /// Its settings were complete when it was opened; else they have to be applied again.
    pub(crate) knows_proxy: bool,
}

/// What came over from another installation and what did not, a sentence each.
#[derive(Debug, Default)]
pub(crate) struct Sentences {
    taken: Vec<Message>,
    not_taken: Vec<Message>,
}

impl Sentences {
    /// Adds them to what an import tells.
    pub(crate) fn add_to(self, mut imported: Imported) -> Imported {
        imported.taken.extend(self.taken);
        imported.not_taken.extend(self.not_taken);
        imported
    }
}

impl InstalledCores {
    /// Opens the folder of the installed cores. The future is the installer's task.
    pub(crate) async fn open(
        folders: &Folders,
        config: &config::CoreInstallSettings,
        tokens: Tokens,
        launcher: Arc<dyn Launcher>,
    ) -> Result<(Self, impl Future<Output = ()> + Send + 'static), StartError> {
        // A proxy that cannot be had soon is no reason not to start: what is installed works without it.
        let resolving = installer_settings(config, &tokens);
        let resolved = timeout(SECRET_LIMIT, resolving).await.ok();
        let knows_proxy = resolved.is_some();
        let settings = if let Some(settings) = resolved {
            settings
        } else {
            let offline = config::CoreInstallSettings {
                proxy: None,
                auto_install: false,
                check_every: None,
                ..config.clone()
            };
            installer_settings(&offline, &tokens).await
        };
        let options = InstallerOptions {
            folder: folders.core(),
            settings,
            fetch: FetcherOptions {
                pinned: Pinned::built_in().unwrap_or_default(),
                ..FetcherOptions::default()
            },
            launcher,
            trial_limit: InstallerOptions::TRIAL_LIMIT,
        };
        let (installer, task) = blocking(move || Installer::new(options)).await?;
        let cores = Self {
            installer,
            tokens,
            knows_proxy,
        };
        Ok((cores, task))
    }

    /// Takes new settings over.
    pub(crate) async fn apply(
        &self,
        config: &config::CoreInstallSettings,
    ) -> Result<(), ClientError> {
        let settings = installer_settings(config, &self.tokens).await;
        self.installer.change(settings).await
    }

    /// What is installed; `in_use_by` names the accounts that run a version.
    pub(crate) async fn list(
        &self,
        config: &config::CoreInstallSettings,
        in_use_by: impl Fn(&str) -> Vec<String>,
    ) -> Result<CoreList, RpcError> {
        let versions = self.installer.versions().clone();
        let (installed, current, previous) = blocking(move || {
            let named = |one: Option<Installed>| one.map(|one| one.id);
            Ok((
                versions.list()?,
                named(versions.current()?),
                named(versions.previous()?),
            ))
        })
        .await
        .map_err(|error: VersionsError| refused(&error))?;
        let version = |installed: Installed| {
            let users = in_use_by(&installed.id);
            wire::installed_version(installed, current.as_deref(), previous.as_deref(), users)
        };
        Ok(CoreList {
            installed: installed.into_iter().map(version).collect(),
            available: self
                .installer
                .available()
                .borrow()
                .as_ref()
                .map(wire::available_release),
            job: self.job(),
            auto_install: config.auto_install,
            sources: config.sources.iter().map(wire::core_source).collect(),
            default_sources: config.sources == [config::CoreSource::default()],
            checked_ms: self.installer.checked_at().borrow().map(wire::unix_ms),
            upload_limit: self.installer.largest_upload(),
        })
    }

    /// The installation under way, or how the last one ended.
    pub(crate) fn job(&self) -> CoreJob {
        wire::install_job(&self.installer.job().borrow())
    }

    /// Looks for a newer core now.
    pub(crate) async fn check(&self) -> Result<(), RpcError> {
        let checked = self.installer.check().await;
        checked
            .map(drop)
            .map_err(|problem| RpcError::new(ErrorCode::NotSupported, problem))
    }

    /// Begins an installation and gives how it stands then.
    pub(crate) async fn install(&self, install: CoreInstall) -> CoreJob {
        let request = InstallRequest {
            source: install.from.as_deref().map(source),
            accept: install.accept,
        };
        let (installer, mut job_seen) = (self.installer.clone(), self.installer.job());
        job_seen.mark_unchanged();
        let installing = tokio::spawn(async move { installer.install(request).await });
        // What cannot begin at all is told at once.
        tokio::select! {
            outcome = installing => match outcome {
                Ok(Err(problem)) => wire::refused_job(problem),
                Ok(Ok(_)) | Err(_) => self.job(),
            },
            _ = job_seen.changed() => self.job(),
        }
    }

    /// Installs the program of a folder that is to be imported, when there is none yet and its publisher vouches for
    /// it; else it needs a person's word like any other file. The sentences go into what the import tells.
    pub(crate) async fn take_program(&self, folder: &str) -> Sentences {
        let mut told = Sentences::default();
        let folder = PathBuf::from(folder);
        let Some(program) = blocking(move || program_of(&folder)).await else {
            return told;
        };
        let path = &program;
        let installed = self.on_disk(Versions::list).await.unwrap_or_default();
        if !installed.is_empty() {
            let program = program.clone();
            let same = blocking(move || same_program(&program, installed)).await;
            told.not_taken.push(match same {
                Some(version) => import::CoreSameInstalled { path, version }.into(),
                None => import::CoreOtherInstalled { path }.into(),
            });
            return told;
        }
        let request = InstallRequest {
            source: Some(ReleaseSource::Local {
                path: program.clone(),
            }),
            accept: None,
        };
        match self.installer.install(request).await {
            Err(InstallProblem::Unconfirmed { name, sha256, .. }) => {
                told.not_taken
                    .push(import::CoreUnconfirmed { name, path, sha256 }.into());
            }
            Ok(installed) => told.taken.push(Message::from(import::CoreInstalled {
                path,
                sha256: installed.sha256.to_string(),
                version: installed.id,
            })),
            Err(problem) => {
                let cause = Message::from(&problem);
                told.not_taken
                    .push(import::CoreNotInstalled { cause, path }.into());
            }
        }
        told
    }

    /// Calls the installation off.
    pub(crate) async fn cancel(&self) {
        self.installer.cancel().await;
    }

    /// Makes a version, or the one before the current one, the current one; gives its name too.
    pub(crate) async fn use_version(&self, version: String) -> Result<(Applied, String), RpcError> {
        let switched = match version.as_str() {
            "previous" => self.installer.roll_back().await,
            _ => self.installer.use_version(version).await,
        };
        let installed = switched.map_err(|error| refused(&error))?;
        let version = installed.id.as_str();
        let applied = done(words::NowCurrent { version }.into());
        Ok((applied, installed.id))
    }

    /// Accounts have other names: the versions that they need stay theirs. What cannot be noted is noted later.
    pub(crate) async fn rename_accounts(
        &self,
        mut register: Register,
        folders: Folders,
    ) -> Register {
        let versions = self.installer.versions().clone();
        let noted = blocking(move || {
            let rename = |one: &Carriage| {
                let renamed = versions.rename_account(&one.from, &one.to);
                came(renamed, &[Belonging::Core])
            };
            for (Rename { from, to, .. }, error) in
                register.carry(Belonging::Core, &folders, rename)
            {
                warn!(%error, from, to, "which core a renamed account needs is noted later");
            }
            register
        });
        noted.await
    }

    /// Accounts that neither the settings nor a folder have any more, and that are not being renamed: no version is kept
    /// for them.
    pub(crate) async fn forget_gone(&self, config: &config::Config, folders: &Folders) {
        let accounts = config.accounts.iter();
        let wanted: BTreeSet<_> = accounts.map(|one| one.name.to_string()).collect();
        let folders = folders.clone();
        let forgotten = self.on_disk(move |versions| {
            let register = Register::read(&folders);
            let is_gone = |name: &str| {
                let may_come = register.is_unreadable() || register.has_on_its_way(name);
                let is_left = wanted.contains(name) || may_come;
                !is_left && !folders.account(name).exists()
            };
            versions.forget_accounts(is_gone)
        });
        if let Err(error) = forgotten.await {
            warn!(%error, "the cores that accounts needed which are gone are kept");
        }
    }

    /// An account is removed: no version is kept for it.
    pub(crate) async fn forget_account(&self, account: String) {
        let forgotten = self.on_disk(move |versions| versions.forget_account(&account));
        if let Err(error) = forgotten.await {
            warn!(%error, "the cores that a removed account needed are kept");
        }
    }

    /// Deletes a version that nobody runs.
    pub(crate) async fn remove(&self, id: String, users: &[String]) -> Result<Applied, RpcError> {
        if !users.is_empty() {
            let in_use = words::VersionInUse {
                accounts: users.join(", "),
                version: id,
            };
            return Err(RpcError::new(ErrorCode::Conflict, in_use));
        }
        self.on_disk({
            let id = id.clone();
            move |versions| versions.remove(&id)
        })
        .await?;
        Ok(done(words::VersionRemoved { version: id }.into()))
    }

    /// Compares versions with what was installed.
    pub(crate) async fn verify(
        &self,
        version: Option<String>,
    ) -> Result<Vec<CoreVerified>, RpcError> {
        self.on_disk(move |versions| {
            let ids = match version {
                Some(id) => vec![id],
                None => versions.list()?.into_iter().map(|one| one.id).collect(),
            };
            let verified = ids.into_iter().map(|id| match versions.verify_whole(&id) {
                Err(error @ VersionsError::NotInstalled { .. }) => Err(error),
                outcome => Ok(CoreVerified {
                    problem: outcome.err().as_ref().map(Message::from),
                    id,
                }),
            });
            verified.collect()
        })
        .await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Versions) -> Result<T, VersionsError> + Send + 'static,
    ) -> Result<T, RpcError> {
        let versions = self.installer.versions().clone();
        blocking(move || work(&versions))
            .await
            .map_err(|error| refused(&error))
    }
}

/// The installed version whose program is the same file. Blocks while it reads them.
fn same_program(program: &Path, installed: Vec<Installed>) -> Option<String> {
    let digest = Sha256::of_file(program).ok()?;
    let is_it = |one: &Installed| {
        one.sha256 == digest || Sha256::of_file(&one.program).is_ok_and(|other| other == digest)
    };
    installed.into_iter().find(is_it).map(|one| one.id)
}

fn done(change: Message) -> Applied {
    Applied {
        changes: vec![change],
        pending: Vec::new(),
    }
}

fn refused(error: &VersionsError) -> RpcError {
    match error {
        VersionsError::File(error) => refusal::of_file(error),
        VersionsError::NotInstalled { .. } => RpcError::new(ErrorCode::NotFound, error),
        error => RpcError::new(ErrorCode::Conflict, error),
    }
}

impl From<InstallerError> for StartError {
    fn from(error: InstallerError) -> Self {
        Self::Cores(error)
    }
}
