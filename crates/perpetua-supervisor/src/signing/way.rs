//! The way on which one start of a core gets its signatures.

use std::time::Duration;

use perpetua_config::SignThrough;
use perpetua_fs::FileError;
use perpetua_lagrange::{
    AccountFolder, AppInfo, CoreProtocol, Keystore, ProxyUrl, ResolvedSigner, SignerUrl,
};
use perpetua_lifecycle::{LaunchFailure, SignerProblem};
use perpetua_signing::{Chosen, Desk, DeskStart, Desks, SignerAnswer, Wanted};
use perpetua_words::Message;

/// Whom a core asks.
#[derive(Debug)]
pub(crate) enum SigningWay {
    /// A signer, by itself.
    Core(ResolvedSigner),
    /// A desk of this node, which asks the signers.
    Node(Desk),
}

/// What a way is opened with.
#[derive(Debug)]
pub(crate) struct OpenWay {
    pub(crate) account: String,
    pub(crate) through: SignThrough,
    pub(crate) protocol: CoreProtocol,
    pub(crate) signers: Vec<ResolvedSigner>,
    pub(crate) patience: Duration,
    pub(crate) desks: Desks,
    /// The signer that the start is made with, or why there is none.
    pub(crate) chosen: Result<Chosen, SignerProblem>,
    /// Whether a saved session may do without.
    pub(crate) may_start_unsigned: bool,
}

impl SigningWay {
    /// The address that the core is given.
    pub(crate) fn address(&self) -> SignerUrl {
        match self {
            Self::Core(signer) => signer.url.clone(),
            Self::Node(desk) => desk.url().clone(),
        }
    }

    /// The proxy on the core's way there.
    pub(crate) fn proxy(&self) -> Option<ProxyUrl> {
        match self {
            Self::Core(signer) => signer.way().cloned(),
            Self::Node(_) => None,
        }
    }

    /// The signer that the core itself asks.
    pub(crate) fn signer(&self) -> Option<&ResolvedSigner> {
        match self {
            Self::Core(signer) => Some(signer),
            Self::Node(_) => None,
        }
    }

    /// What a signer has to be that is looked for while it runs.
    pub(crate) fn wanted(&self, protocol: CoreProtocol) -> Wanted {
        Wanted {
            protocol,
            version: self.desk().map(|desk| desk.version().to_owned()),
            is_asked_by_core: self.signer().is_some(),
        }
    }

    /// Whether the core has to be started anew for this signer: it was told an address, or a version.
    pub(crate) fn takes_a_start(&self, chosen: &Chosen) -> bool {
        match self {
            Self::Core(signer) => *signer != chosen.signer,
            Self::Node(desk) => {
                let answer = chosen.report.answer.as_ref().ok();
                let version = answer.and_then(|answer| answer.version.as_deref());
                version.is_some_and(|version| version != desk.version())
            }
        }
    }

    /// Where the node asks for it.
    pub(crate) fn desk(&self) -> Option<&Desk> {
        match self {
            Self::Core(_) => None,
            Self::Node(desk) => Some(desk),
        }
    }
}

impl OpenWay {
    /// Settles in the account's folder what the core will be, and opens the way. Without a signer that works
    /// there is one for a saved session only, which needs no signature to come online. Blocks for as long as the
    /// disk takes.
    pub(crate) fn open(self, folder: &AccountFolder) -> Result<SigningWay, LaunchFailure> {
        if let Err(problem) = &self.chosen
            && !(self.may_start_unsigned && has_session(folder)?)
        {
            return Err(LaunchFailure::Signer(problem.clone()));
        }
        let said = match &self.chosen {
            Ok(chosen) => chosen.report.answer.as_ref().ok(),
            Err(_) => None,
        };
        match (self.through, &self.chosen) {
            (SignThrough::Core, Ok(chosen)) => {
                let info = said.and_then(|said| said.app_info.as_ref());
                write(info, folder).map_err(machine)?;
                Ok(SigningWay::Core(chosen.signer.clone()))
            }
            (SignThrough::Core, Err(problem)) => Err(LaunchFailure::Signer(problem.clone())),
            (SignThrough::Node, _) => {
                let app_info = settle(said, self.protocol, folder).map_err(machine)?;
                let desk = self.desks.begin(DeskStart {
                    account: self.account,
                    app_info,
                    protocol: self.protocol,
                    signers: self.signers,
                    patience: self.patience,
                });
                let failed = |error| LaunchFailure::Machine(Message::from(&error));
                Ok(SigningWay::Node(desk.map_err(failed)?))
            }
        }
    }
}

/// What the core will say of itself, and its file: as its signer says; where that says little, as at the last
/// start, or a person, has written; else as is known of the version, or the core's own.
fn settle(
    said: Option<&SignerAnswer>,
    protocol: CoreProtocol,
    folder: &AccountFolder,
) -> Result<AppInfo, FileError> {
    if let Some(info) = said.and_then(|said| said.app_info.as_ref()) {
        write(Some(info), folder)?;
        return Ok(info.clone());
    }
    let version = said.and_then(|said| said.version.as_deref());
    let fits = |info: &AppInfo| {
        info.protocol() == Some(protocol)
            && version.is_none_or(|version| info.version() == Some(version))
    };
    if let Some(info) = AppInfo::read(folder.path())?.filter(fits) {
        return Ok(info);
    }
    let known = version.and_then(|version| AppInfo::known(protocol, version));
    let info = known.unwrap_or_else(|| AppInfo::built_in(protocol));
    write(Some(&info), folder)?;
    Ok(info)
}

/// The core falls back to the file when its own question fails.
fn write(info: Option<&AppInfo>, folder: &AccountFolder) -> Result<(), FileError> {
    match info {
        Some(info) => info.write(folder.path()),
        None => AppInfo::remove(folder.path()),
    }
}

fn has_session(folder: &AccountFolder) -> Result<bool, LaunchFailure> {
    let keystore = folder.keystore().map_err(machine)?;
    Ok(matches!(keystore, Keystore::Usable { .. }))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands in `map_err`")]
fn machine(error: FileError) -> LaunchFailure {
    LaunchFailure::Machine(Message::from(&error))
}
