//! `perpetua-signing`: what a core asks for signatures, and who answers.
//!
//! ```text
//!  core ── POST http://127.0.0.1:port/<secret> ──► server ─► its desk ─► race ─► ask ──► signer
//!                                                              │           │             signer
//!                                        joined, fitting, in line           └ pure: who is asked when
//! ```
//!
//! A core is given one signer, an address of this node with a secret path of its own ([`Desks`]); the real ones,
//! with their keys, are asked from here. So one that fails costs a request a moment and the core nothing.
//! [`Prober`] asks the same signers in the same way what they sign for, before a start and when a person wants
//! to know.

mod ask;
mod choose;
mod desk;
mod fault;
mod judge;
mod probe;
mod race;
mod record;
mod server;

pub use choose::{Chosen, Wanted};
pub use desk::{Desk, DeskError, DeskSigner, DeskStart, DeskView, Desks};
pub use fault::SignerFault;
pub use probe::{LastReport, PROBE_TIMEOUT, ProbeReport, Prober, SignerAnswer};
pub use record::SignerFigures;
pub use server::SigningListener;
