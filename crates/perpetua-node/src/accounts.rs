//! All accounts of the node, with one owner.

use std::{net::IpAddr, sync::Arc};

use perpetua_access::{AccessPolicy, Auth, Origins};
use perpetua_config::{self as config, Config};
use perpetua_hub::DisconnectReason;
use perpetua_proxy::{BindError, LeaseSettings, Leases};
use perpetua_words::Message;
use tracing::warn;

use crate::{
    account::{AccountRuntime, kind},
    supplies::{DISCOVERY_SECRET, Supplies},
    tokens::TokenProblem,
    view::{AccountView, View},
};

/// All accounts, as the settings want them.
#[derive(Debug)]
pub(crate) struct Accounts {
    supplies: Supplies,
    running: Vec<AccountRuntime>,
    config: Config,
}

impl Accounts {
    /// Starts every account that the settings enable.
    pub(crate) async fn start(config: Config, supplies: Supplies) -> Self {
        let mut accounts = Self {
            supplies,
            running: Vec::new(),
            config: Config {
                accounts: Vec::new(),
                ..config.clone()
            },
        };
        accounts.apply(config).await;
        accounts
    }

    /// Makes what runs what the settings want, touching nothing else; says in words what was done.
    pub(crate) async fn apply(&mut self, config: Config) -> Vec<String> {
        let mut done = Vec::new();
        let signers_changed = config.signers != self.config.signers;
        self.supplies.managed.apply(&config);
        let mut former = std::mem::take(&mut self.running);
        let wanted =
            |name: &config::Name| config.account(name).is_some_and(|account| account.enabled);
        // Those that go, go first: their ports may be wanted by others.
        for gone in former.extract_if(.., |account| !wanted(account.name())) {
            done.push(format!("account `{}` was stopped", gone.name()));
            gone.stop(DisconnectReason::Removed).await;
        }
        for account in config.accounts.iter().filter(|account| account.enabled) {
            let place = former
                .iter()
                .position(|running| *running.name() == account.name);
            let running = match place.map(|place| former.remove(place)) {
                None => {
                    done.push(format!("account `{}` was started", account.name));
                    AccountRuntime::start(account.clone(), &mut self.supplies).await
                }
                Some(mut running) => {
                    done.extend(running.change(account.clone(), &mut self.supplies).await);
                    running
                }
            };
            self.running.push(running);
        }
        if signers_changed {
            for account in &mut self.running {
                account.change_signers(&mut self.supplies).await;
            }
        }
        self.config = config;
        self.start_leases().await;
        for problem in self.problems() {
            warn!(%problem, "not everything could be started");
        }
        done
    }

    /// Tries again to install a core where one is waited for.
    pub(crate) async fn sources_changed(&self) {
        for account in &self.running {
            account.sources_changed().await;
        }
    }

    /// Tries again what could not be started; says whether anything has changed.
    pub(crate) async fn retry(&mut self) -> bool {
        let mut changed = false;
        for account in &mut self.running {
            changed |= account.retry(&mut self.supplies).await;
        }
        changed
    }

    /// Dials an account's upstream now; false when no such account runs.
    pub(crate) async fn reconnect(&mut self, name: &str) -> bool {
        let Some(account) = self
            .running
            .iter_mut()
            .find(|account| account.name().as_str() == name)
        else {
            return false;
        };
        account.reconnect(&mut self.supplies).await;
        true
    }

    /// Takes the first port that could not be bound out.
    pub(crate) fn take_bind_error(&mut self) -> Option<(Message, BindError)> {
        let place = self
            .running
            .iter()
            .position(AccountRuntime::has_bind_error)?;
        self.running.remove(place).take_bind_error()
    }

    /// What could not be started, in words.
    pub(crate) fn problems(&self) -> Vec<String> {
        self.running
            .iter()
            .flat_map(AccountRuntime::problems)
            .collect()
    }

    /// Ends all accounts at once.
    pub(crate) async fn stop(self) {
        let stopping = self
            .running
            .into_iter()
            .map(|account| tokio::spawn(account.stop(DisconnectReason::ShuttingDown)));
        for stopped in stopping.collect::<Vec<_>>() {
            let _ended = stopped.await;
        }
    }

    pub(crate) fn supplies(&self) -> &Supplies {
        &self.supplies
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn view(&self, problems: Vec<Message>) -> Arc<View> {
        let accounts = self.config.accounts.iter().map(|settings| {
            let running = self
                .running
                .iter()
                .find(|running| *running.name() == settings.name);
            running.map_or_else(|| disabled(settings), AccountRuntime::view)
        });
        Arc::new(View {
            accounts: accounts.collect(),
            problems,
            config: Arc::new(self.config.clone()),
            leases_for: self
                .config
                .discovery
                .account
                .as_ref()
                .map(ToString::to_string),
        })
    }

    async fn start_leases(&mut self) {
        let settings = match self.lease_settings().await {
            Ok(settings) => settings,
            Err(problem) => {
                warn!(%problem, "no ports are leased");
                return;
            }
        };
        for account in &mut self.running {
            account.set_leases(|account, tasks| Leases::new(account, settings.clone(), tasks));
        }
    }

    async fn lease_settings(&self) -> Result<LeaseSettings, TokenProblem> {
        let discovery = &self.config.discovery;
        let address: IpAddr = self.config.api.listen.ip();
        let auth = if address.is_loopback() {
            Auth::Open
        } else {
            self.supplies
                .gate(discovery.token.clone(), DISCOVERY_SECRET.into())
                .await?
        };
        Ok(LeaseSettings {
            address,
            range: discovery.range.clone(),
            wait: discovery.wait,
            pending_per_address: discovery.pending_per_address,
            access: AccessPolicy {
                auth,
                origins: Origins {
                    allowed_hosts: self.config.api.allow_hosts.clone(),
                },
            },
        })
    }
}

fn disabled(settings: &config::Account) -> AccountView {
    AccountView {
        name: settings.name.to_string(),
        kind: kind(&settings.upstream),
        address: None,
        problem: None,
        running: None,
    }
}
