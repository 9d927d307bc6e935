//! What people are told of a core: each failure, cause and reason as a message.

use perpetua_words::{Message, Param, core as words, install, io, signer};

use crate::{
    Exit, ExitCause, GiveUpReason, InstallProblem, LaunchFailure, LoginRefusal, MissingLibrary,
    OfflineReason, SettingsFault, SignerProblem,
};

/// 禁止登录: what a wrong or unfit signature comes back as.
const SIGN_REFUSED: i64 = 45;

impl From<&InstallProblem> for Message {
    fn from(problem: &InstallProblem) -> Self {
        match problem {
            InstallProblem::Failed(cause) => cause.clone(),
            InstallProblem::Unconfirmed {
                name,
                sha256,
                rolled_back,
            } => match rolled_back.clone() {
                Some(cause) => install::RolledBackAccept {
                    cause,
                    name,
                    sha256,
                }
                .into(),
                None => words::Unconfirmed { name, sha256 }.into(),
            },
            InstallProblem::NotAllowed => words::NotAllowed.into(),
        }
    }
}

impl From<&SignerProblem> for Message {
    fn from(problem: &SignerProblem) -> Self {
        match problem {
            SignerProblem::NoneConfigured => signer::NoneConfigured.into(),
            SignerProblem::NoneWorks(problems) | SignerProblem::NoneReached(problems) => {
                let problems = problems.clone();
                signer::NoneWorks { problems }.into()
            }
            SignerProblem::Lost(cause) => {
                let cause = cause.clone();
                signer::Lost { cause }.into()
            }
        }
    }
}

impl SignerProblem {
    /// What it means for an account that is online: messages come in, and none goes out.
    pub fn while_online(&self) -> Message {
        match self {
            Self::NoneWorks(problems) | Self::NoneReached(problems) => {
                let problems = problems.clone();
                signer::NoneWorksNow { problems }.into()
            }
            Self::NoneConfigured | Self::Lost(_) => self.into(),
        }
    }
}

impl From<&LaunchFailure> for Message {
    fn from(failure: &LaunchFailure) -> Self {
        match failure {
            LaunchFailure::Signer(problem) => problem.into(),
            LaunchFailure::NoNetwork(_) => words::NothingReached.into(),
            LaunchFailure::NoCore => words::NoCore.into(),
            LaunchFailure::WrongSession { expected, found } => wrong_session(*expected, *found),
            LaunchFailure::Damaged(cause) => {
                let cause = cause.clone();
                words::Damaged { cause }.into()
            }
            LaunchFailure::Machine(cause) => cause.clone(),
            LaunchFailure::NotStarted(cause) => {
                let cause = cause.clone();
                words::NotStarted { cause }.into()
            }
            LaunchFailure::CannotRun(cause) => {
                let cause = Self::from(cause);
                words::CannotRun { cause }.into()
            }
            LaunchFailure::Exited(exit) => exited(exit),
            LaunchFailure::NoProgress(seconds) => {
                let seconds = *seconds;
                words::NoProgress { seconds }.into()
            }
            LaunchFailure::QqSilent(seconds) => {
                let seconds = *seconds;
                words::QqSilent { seconds }.into()
            }
            LaunchFailure::NoConnection(text) if text.is_empty() => words::NoConnection.into(),
            LaunchFailure::NoConnection(text) => words::ExitNoNetwork { text }.into(),
            LaunchFailure::WentOffline(reason) => reason.into(),
            LaunchFailure::CalledOff => words::CalledOff.into(),
            LaunchFailure::PortInUse => words::PortInUse.into(),
            LaunchFailure::CodeCanceled => words::CodeCanceled.into(),
            LaunchFailure::NoServer(text) => words::NoServer { text }.into(),
        }
    }
}

impl From<&Exit> for Message {
    fn from(exit: &Exit) -> Self {
        let cause = Self::from(&exit.cause);
        match (exit.code, exit.signal) {
            (Some(code), _) => words::ExitCode { cause, code }.into(),
            (None, Some(signal)) => words::ExitSignal { cause, signal }.into(),
            (None, None) => cause,
        }
    }
}

impl From<&ExitCause> for Message {
    fn from(cause: &ExitCause) -> Self {
        match cause {
            ExitCause::Ended => words::ExitEnded.into(),
            ExitCause::LoginFailed => words::ExitLoginFailed.into(),
            ExitCause::NoNetwork(text) => words::ExitNoNetwork { text }.into(),
            ExitCause::KeystoreUnreadable => words::ExitKeystore.into(),
            ExitCause::SettingsUnreadable(fault) => fault.into(),
            ExitCause::LegacyDatabase(path) => words::ExitLegacyDatabase { path }.into(),
            ExitCause::LibraryMissing(library) => {
                let library = Self::from(library);
                words::ExitLibrary { library }.into()
            }
            ExitCause::NoConsole => words::ExitNoConsole.into(),
            ExitCause::Killed => words::ExitKilled.into(),
            ExitCause::OutOfMemory => words::ExitOutOfMemory.into(),
            ExitCause::SignerIncomplete(field) => {
                let fields = field.as_str();
                signer::Incomplete { fields }.into()
            }
            ExitCause::MemoryFault => words::ExitMemoryFault.into(),
            ExitCause::DiskFull(text) => words::ExitDiskFull { text }.into(),
            ExitCause::NoAccess(text) => words::ExitNoAccess { text }.into(),
            ExitCause::Crashed(text) => words::ExitCrashed { text }.into(),
            ExitCause::Unknown => words::ExitUnknown.into(),
        }
    }
}

impl From<&SettingsFault> for Message {
    fn from(fault: &SettingsFault) -> Self {
        match fault {
            SettingsFault::Missing => words::ExitNoSettings.into(),
            SettingsFault::DamagedFile { file, text } => {
                words::ExitDamagedFile { path: *file, text }.into()
            }
            SettingsFault::Other(text) => words::ExitSettings { text }.into(),
        }
    }
}

impl From<&MissingLibrary> for Message {
    fn from(library: &MissingLibrary) -> Self {
        match library {
            MissingLibrary::Icu => words::LibraryIcu.into(),
            MissingLibrary::OpenSsl => words::LibraryOpenssl.into(),
            MissingLibrary::NewerSystem => words::LibraryOldSystem.into(),
            MissingLibrary::VisualCpp => words::LibraryRedistributable.into(),
            MissingLibrary::OfSystem(name) => words::LibraryPackage { name }.into(),
            MissingLibrary::OfCore(name) => words::LibraryOfCore { name }.into(),
            MissingLibrary::Other(text) => io::Other { text }.into(),
        }
    }
}

impl From<&OfflineReason> for Message {
    fn from(reason: &OfflineReason) -> Self {
        match reason {
            OfflineReason::Kicked(text) => words::OfflineKicked { text }.into(),
            OfflineReason::ConnectionLost => words::OfflineConnection.into(),
            OfflineReason::Exited(exit) => exited(exit),
            OfflineReason::Hung => words::OfflineHung.into(),
            OfflineReason::TooMuchMemory { used, limit } => words::OfflineMemory {
                limit: limit / 1_000_000,
                megabytes: used / 1_000_000,
            }
            .into(),
            OfflineReason::LinkLost => words::OfflineLink.into(),
            OfflineReason::Asked => words::OfflineAsked.into(),
        }
    }
}

impl From<&LoginRefusal> for Message {
    fn from(refusal: &LoginRefusal) -> Self {
        match refusal {
            LoginRefusal::Server { code, tag, message } => {
                let (code, text) = (*code, message);
                if code == SIGN_REFUSED {
                    words::RefusedUnfitSigner { code, tag, text }.into()
                } else {
                    words::Refused { code, tag, text }.into()
                }
            }
            LoginRefusal::WrongAccount { expected, scanned } => {
                let (expected, scanned) = (account(*expected), account(*scanned));
                words::WrongAccount { expected, scanned }.into()
            }
            LoginRefusal::WrongSession { expected, found } => wrong_session(*expected, *found),
        }
    }
}

impl From<&GiveUpReason> for Message {
    fn from(reason: &GiveUpReason) -> Self {
        match reason {
            GiveUpReason::Failing { failures, last } => words::Failing {
                count: *failures,
                cause: Self::from(last),
            }
            .into(),
            GiveUpReason::NobodyScanned { codes } => {
                let count = *codes;
                words::NobodyScanned { count }.into()
            }
            GiveUpReason::KickedAgain { kicks, reason } => words::KickedAgain {
                count: *kicks,
                text: reason,
            }
            .into(),
            GiveUpReason::CannotRun(failure) => failure.into(),
        }
    }
}

fn exited(exit: &Exit) -> Message {
    let cause = Message::from(exit);
    words::Exited { cause }.into()
}

fn wrong_session(expected: u64, found: u64) -> Message {
    let (expected, found) = (account(expected), account(found));
    words::WrongSession { expected, found }.into()
}

/// An account's number is a name: nobody counts with it.
fn account(number: u64) -> Param {
    Param::Text(number.to_string())
}
