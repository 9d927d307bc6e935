//! `perpetua-update`: newer versions of perpetua itself: found, downloaded, and proven by their signature.
//!
//! ```text
//!  address ─► latest.json ─┐
//!  address ─► latest.json ─┼─► the versions above ours, the highest first ─► file ─► signature ─► obtained
//!  address ─► silence ─────┘   (each says who offers it)                       │ wrong, cut, silent: the next
//! ```
//!
//! All addresses are asked beside each other: one that hangs costs its limit and no more, and one that has not
//! changed for a year hides nothing. Only a listing is believed without proof, and only as a word about a version;
//! a file counts once the project's key has signed it, under the name of the very version that was offered. So no
//! address can pass an old version off as a new one. The listing and the signatures are Tauri's (`latest.json`,
//! minisign). Nothing here replaces anything: that is the caller's.

mod find;
mod listing;
mod obtain;
mod package;
mod project;
mod signature;
mod words;

pub use find::{Found, NewVersion, Refused, Wishes, find};
pub use obtain::{ObtainError, Obtained, Obtaining, former_installer, obtain, sweep};
pub use package::Package;
pub use project::{Project, ProjectError, UpdatePace};
pub use semver::Version;
pub use signature::{ReleaseKey, SignatureProblem};
