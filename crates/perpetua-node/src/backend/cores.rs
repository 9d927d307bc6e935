//! The part of RPC that is about managed cores.

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use perpetua_accounts::{core_line, core_status};
use perpetua_schema::{
    Applied, CoreList, CoreLog, CoreStatus, ErrorCode, LoginBackupStatus, LoginForget,
    LoginRestore, ReadCoreLog, RpcError,
};
use perpetua_supervisor::{CoreHandle, CoreView, LoginError};
use perpetua_words::{Message, core, rpc as words};
use tokio::{sync::watch, time::timeout};

use super::NodeBackend;

/// How long a reply waits for the first effect of what was asked for.
const FIRST_EFFECT: Duration = Duration::from_millis(300);

impl NodeBackend {
    /// Asks something of a core, and tells how it stands then.
    pub(super) async fn lead(
        &self,
        account: &str,
        ask: impl AsyncFnOnce(&CoreHandle),
    ) -> Result<CoreStatus, RpcError> {
        let core = self.core(account)?;
        let mut view = core.view();
        view.mark_unchanged();
        ask(&core).await;
        let _it_may_have_been_so_already = timeout(FIRST_EFFECT, view.changed()).await;
        Ok(self.core_status(&view))
    }

    /// A person looks: what is stopped or has given up is started.
    pub(super) async fn look_at_login(&self, account: &str) -> Result<CoreStatus, RpcError> {
        let core = self.core(account)?;
        core.look().await;
        let view = core.view();
        let needs_start = needs_start(&view.borrow());
        if needs_start {
            return self.lead(account, async |core| core.start().await).await;
        }
        Ok(self.core_status(&view))
    }

    pub(super) async fn restore_login(&self, call: LoginRestore) -> Result<Applied, RpcError> {
        let restored = self.core(&call.account)?.restore_login().await;
        restored.map_err(|error| {
            let code = match &error {
                LoginError::Online => ErrorCode::Conflict,
                LoginError::UnderWay | LoginError::Failed(_) | LoginError::Ended => {
                    ErrorCode::Unavailable
                }
            };
            RpcError::new(code, &error)
        })?;
        Ok(Applied {
            changes: vec![
                words::LoginRestored {
                    account: call.account,
                }
                .into(),
            ],
            pending: Vec::new(),
        })
    }

    /// Another QR code, which only a login from the beginning brings.
    pub(super) async fn new_login_code(&self, account: &str) -> Result<CoreStatus, RpcError> {
        let core = self.core(account)?;
        if core.view().borrow().state.is_online() {
            let words = words::CodeNotNeeded { account };
            return Err(RpcError::new(ErrorCode::Conflict, words));
        }
        core.look().await;
        self.lead(account, async |core| core.restart().await).await
    }

    pub(super) async fn kept_login(&self, account: &str) -> Result<LoginBackupStatus, RpcError> {
        let made = self.core(account)?.kept_login().await;
        let made = made.map_err(|error| RpcError::new(ErrorCode::Internal, &error))?;
        let since_epoch = made.map(|made| made.duration_since(UNIX_EPOCH).unwrap_or_default());
        Ok(LoginBackupStatus {
            made_ms: since_epoch.map(|made| i64::try_from(made.as_millis()).unwrap_or(i64::MAX)),
        })
    }

    pub(super) async fn forget_login(&self, call: LoginForget) -> Result<Applied, RpcError> {
        let core = self.core(&call.account)?;
        let was_running = core.view().borrow().pid.is_some();
        let forgotten = core.forget_login().await;
        let forgotten = forgotten.map_err(|error| RpcError::new(ErrorCode::Conflict, &error))?;
        let account = call.account.as_str();
        let mut changes = Vec::new();
        if was_running {
            changes.push(words::ForgotRunning { account }.into());
        }
        if forgotten.session {
            changes.push(words::ForgotSession { account }.into());
        }
        if forgotten.copies > 0 {
            let count = forgotten.copies;
            changes.push(words::ForgotCopies { count }.into());
        }
        if !forgotten.session && forgotten.copies == 0 {
            changes.push(words::ForgotNothing { account }.into());
        }
        Ok(Applied {
            changes,
            pending: vec![words::ForgotNext { account }.into()],
        })
    }

    pub(super) fn read_core_log(&self, call: &ReadCoreLog) -> Result<CoreLog, RpcError> {
        let recent = self.core(&call.account)?.lines().recent;
        let wanted = call.lines.unwrap_or(recent.len());
        let skipped = recent.len().saturating_sub(wanted);
        Ok(CoreLog {
            lines: recent.iter().skip(skipped).map(core_line).collect(),
        })
    }

    pub(super) async fn list_cores(&self) -> Result<CoreList, RpcError> {
        let config = self.view.borrow().config.clone();
        let users = |id: &str| self.users_of(id);
        self.cores.list(&config.core, users).await
    }

    /// Makes a version the current one; accounts that have not come online take it at once, the others say when.
    pub(super) async fn use_core(&self, version: String) -> Result<Applied, RpcError> {
        let before = self.core_views();
        let (mut applied, chosen) = self.cores.use_version(version).await?;
        for (account, view) in before {
            let runs = view.version.as_ref().filter(|_| view.pid.is_some());
            if view.state.yields_to_chosen_core() && runs != Some(&chosen) {
                applied.changes.push(core::StartsWithIt { account }.into());
            } else if let Some(version) = runs.filter(|runs| **runs != chosen) {
                applied
                    .pending
                    .push(core::FromNextStart { account, version }.into());
            }
        }
        Ok(applied)
    }

    /// The cores of all accounts that have one.
    fn core_views(&self) -> Vec<(String, Arc<CoreView>)> {
        let view = self.view.borrow().clone();
        let cores = view.accounts.iter().filter_map(|account| {
            let core = account.running.as_ref()?.core.as_ref()?;
            Some((account.name.clone(), core.view().borrow().clone()))
        });
        cores.collect()
    }

    /// The accounts that run a version now.
    pub(super) fn users_of(&self, id: &str) -> Vec<String> {
        let view = self.view.borrow().clone();
        let running = view.accounts.iter().filter_map(|account| {
            let core = account.running.as_ref()?.core.as_ref()?.view();
            let core = core.borrow();
            let uses = core.pid.is_some() && core.version.as_deref() == Some(id);
            uses.then(|| account.name.clone())
        });
        running.collect()
    }

    fn core_status(&self, view: &watch::Receiver<Arc<CoreView>>) -> CoreStatus {
        let (view, at) = (view.borrow().clone(), self.moment());
        core_status(&view, None, at.now.instant, &at.calendar)
    }

    /// The core of an account that this node manages.
    fn core(&self, account: &str) -> Result<CoreHandle, RpcError> {
        let view = self.view.borrow().clone();
        let Some(found) = view.account(account) else {
            let words = words::NoSuchAccount { account };
            return Err(RpcError::new(ErrorCode::NotFound, words));
        };
        let core = found
            .running
            .as_ref()
            .and_then(|running| running.core.clone());
        core.ok_or_else(|| {
            let words: Message = match (&found.problem, found.kind) {
                (Some(problem), "lagrange") => problem.clone(),
                (None, "lagrange") => words::AccountDisabled { account }.into(),
                _ => words::NoCore { account }.into(),
            };
            RpcError::new(ErrorCode::NotSupported, words)
        })
    }
}

/// Whether it stands still, or waits for something that a person may have put right.
fn needs_start(view: &CoreView) -> bool {
    use perpetua_lifecycle::LifecycleState;
    matches!(
        view.state,
        LifecycleState::Stopped
            | LifecycleState::Stopping { .. }
            | LifecycleState::Refused { .. }
            | LifecycleState::GivenUp { .. }
            | LifecycleState::Absent { .. }
            | LifecycleState::SignerProblem { .. }
            | LifecycleState::Backoff { .. }
    )
}
