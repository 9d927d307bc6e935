//! The accounts that run: what the settings want of them, what runs, and the steps from one to the other.
//!
//! It owns hubs, listeners, dials, managed cores and webhooks. It reads no settings file and takes no
//! request; `perpetua-node` does, carries the steps out, and shows what is published here.
//!
//! ```text
//!  Config ──► Desired ──┐
//!                       ├──► plan ──► steps ──► Accounts ──► AccountView
//!             Actual ───┘                          │
//!               ▲                                  ├── hub, whose presence webhooks hear of
//!               │                                  ├── slot of each client
//!               └────────── slots ─────────────────┴── slot of the upstream: simulator,
//!                                                      managed core, dialled, listening
//! ```

mod account;
mod accounts;
mod client;
mod context;
mod desired;
mod events;
mod managed;
mod panics;
mod plan;
mod ports;
mod presence;
mod simulator;
mod slot;
mod stop;
mod tokens;
mod translate;
mod trust;
mod upstream;
mod view;
mod webhooks;
mod wire;

pub use account::{ChangedPart, PartOutcome, PartStep};
pub use accounts::{Accounts, Redial, Renewal};
pub use context::{Context, find_token};
pub use desired::{Claim, Desired, DesiredAccess, DesiredAccount, SecretUser};
pub use events::Events;
pub use managed::{ManagedContext, core_protocol, sign_proxy, signer_url};
pub use panics::{PanicReporter, Panicked, Panics};
pub use plan::{Actual, ActualAccount, Change, RunningAccount, Step, plan};
pub use ports::{PortOwner, PortRegistry, UnusablePort};
pub use simulator::SimulatorHandle;
pub use slot::Slot;
pub use stop::StopRequest;
pub use tokens::{
    TokenProblem, Tokens, client_secret_name, named_secret_name, upstream_secret_name,
};
pub use view::{AccountView, ClientView, RunningView, TargetTrial, TrialWay, View};
pub use webhooks::{Notifier, Poster, Webhook, WebhookAnswer};
pub use wire::{core_line, core_status, install_progress, signer_report, signer_times};
