//! What people are told of downloads, archives and versions.

use perpetua_words::{Message, install as words};

use crate::{
    AddressProblem, ClientError, FetchError, InstallError, PathRefusal, SourceFailure, UnpackError,
    VersionsError,
};

impl From<&AddressProblem> for Message {
    fn from(problem: &AddressProblem) -> Self {
        match problem {
            AddressProblem::NoFileName => words::NoFileName.into(),
            AddressProblem::Unreachable(cause) => {
                let text = cause.clone();
                words::Unreachable { text }.into()
            }
            AddressProblem::Proxy { proxy, cause } => {
                let cause = cause.clone();
                words::ProxyFailed { cause, proxy }.into()
            }
            AddressProblem::Status(status) => answered(*status),
            AddressProblem::Redirect(cause) => {
                let text = cause.clone();
                words::Redirect { text }.into()
            }
            AddressProblem::WebPage => words::WebPage.into(),
            AddressProblem::NotAnArchive => words::NotAnArchive.into(),
            AddressProblem::TooLarge(bytes) => {
                let megabytes = bytes / 1_000_000;
                words::TooLarge { megabytes }.into()
            }
            AddressProblem::Cut(bytes) => {
                let bytes = *bytes;
                words::Cut { bytes }.into()
            }
            AddressProblem::Stalled(seconds) => {
                let seconds = *seconds;
                words::Stalled { seconds }.into()
            }
            AddressProblem::Overdue(seconds) => {
                let seconds = *seconds;
                words::Overdue { seconds }.into()
            }
            AddressProblem::TooSlow(rate) => {
                let rate = *rate;
                words::TooSlow { rate }.into()
            }
            AddressProblem::Mismatch { expected, actual } => {
                let (expected, actual) = (expected.to_string(), actual.to_string());
                words::Mismatch { actual, expected }.into()
            }
            AddressProblem::OtherFile { expected, actual } => {
                let (expected, actual) = (expected.to_string(), actual.to_string());
                words::OtherFile { actual, expected }.into()
            }
            AddressProblem::OtherFiles {
                files,
                expected,
                actual,
            } => {
                let (expected, actual) = (expected.to_string(), actual.to_string());
                words::OtherFiles {
                    actual,
                    expected,
                    files,
                }
                .into()
            }
            AddressProblem::NotAccepted(sha256) => {
                let sha256 = sha256.to_string();
                words::NotAccepted { sha256 }.into()
            }
            AddressProblem::NotAListing(cause) => {
                let cause = cause.clone();
                words::NotAListing { cause }.into()
            }
            AddressProblem::NoneForSystem {
                system,
                exists,
                advice,
            } => none_for_system(system, &quoted(exists), advice.as_ref()),
            AddressProblem::Local(message) => message.clone(),
            AddressProblem::NoAddress => words::NoAddress.into(),
        }
    }
}

fn answered(status: u16) -> Message {
    match status {
        403 | 429 => words::StatusLimited { status }.into(),
        404 | 410 => words::StatusGone { status }.into(),
        407 => words::StatusProxy { status }.into(),
        500..=599 => words::StatusFault { status }.into(),
        _ => words::AnsweredStatus { status }.into(),
    }
}

fn none_for_system(system: &str, files: &str, advice: Option<&Message>) -> Message {
    match advice.cloned() {
        Some(advice) => words::NoneForSystemAdvice {
            advice,
            files,
            system,
        }
        .into(),
        None => words::NoneForSystem { files, system }.into(),
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

impl From<&SourceFailure> for Message {
    fn from(failure: &SourceFailure) -> Self {
        let cause = Self::from(&failure.problem);
        let place = &failure.place;
        words::At { cause, place }.into()
    }
}

impl From<&FetchError> for Message {
    fn from(error: &FetchError) -> Self {
        match error {
            FetchError::NoSource => words::NoSource.into(),
            FetchError::AllFailed { failures } => all_failed(failures),
            FetchError::Disk(error) => error.into(),
            FetchError::Canceled => words::DownloadCanceled.into(),
        }
    }
}

/// When nothing answers at all, the fault is likely on this side.
fn all_failed(failures: &[SourceFailure]) -> Message {
    // It is the same for all that were to be asked through it.
    if let Some(first) = failures.first()
        && matches!(first.problem, AddressProblem::Proxy { .. })
        && failures.iter().all(|one| one.problem == first.problem)
    {
        return (&first.problem).into();
    }
    // A file that somebody named is no source that was searched.
    if let [only] = failures
        && matches!(
            only.problem,
            AddressProblem::OtherFile { .. } | AddressProblem::OtherFiles { .. }
        )
    {
        let (name, cause) = (&only.place, Message::from(&only.problem));
        return words::ArchiveRefused { cause, name }.into();
    }
    let problems: Vec<Message> = failures.iter().map(Message::from).collect();
    let is_unreachable =
        |failure: &SourceFailure| matches!(failure.problem, AddressProblem::Unreachable(_));
    if !failures.is_empty() && failures.iter().all(is_unreachable) {
        words::AllUnreachable { problems }.into()
    } else {
        words::AllFailed { problems }.into()
    }
}

impl From<&InstallError> for Message {
    fn from(error: &InstallError) -> Self {
        match error {
            InstallError::Fetch(error) => error.into(),
            InstallError::Upload(cause) => cause.clone(),
            InstallError::Unconfirmed {
                name,
                sha256,
                rolled_back,
            } => {
                let sha256 = sha256.to_string();
                match rolled_back.clone() {
                    Some(cause) => words::RolledBackAccept {
                        cause,
                        name,
                        sha256,
                    }
                    .into(),
                    None => perpetua_words::core::Unconfirmed { name, sha256 }.into(),
                }
            }
            InstallError::Refused { name, cause } => {
                let cause = Self::from(cause);
                words::ArchiveRefused { name, cause }.into()
            }
            InstallError::Trial(cause) => {
                let cause = cause.clone();
                words::TrialFailed { cause }.into()
            }
            InstallError::Versions(error) => error.into(),
            InstallError::Canceled => words::Canceled.into(),
            InstallError::Broken(text) => words::BrokenOff { text }.into(),
        }
    }
}

impl From<&UnpackError> for Message {
    fn from(error: &UnpackError) -> Self {
        match error {
            UnpackError::Damaged(text) => {
                let text = text.clone();
                words::ArchiveDamaged { text }.into()
            }
            UnpackError::Path { path, refusal } => {
                let cause = Self::from(refusal);
                words::ArchivePath { cause, path }.into()
            }
            UnpackError::Special(path) => words::ArchiveSpecial { path }.into(),
            UnpackError::Duplicate(path) => {
                let path = path.clone();
                words::ArchiveDuplicate { path }.into()
            }
            UnpackError::Unsupported(text) => words::ArchiveUnsupported { text }.into(),
            UnpackError::TooManyEntries(count) => {
                let count = *count;
                words::ArchiveEntries { count }.into()
            }
            UnpackError::TooLarge(bytes) => {
                let megabytes = bytes / 1_000_000;
                words::ArchiveTooLarge { megabytes }.into()
            }
            UnpackError::Canceled => words::Canceled.into(),
            UnpackError::Bomb(ratio) => {
                let ratio = *ratio;
                words::ArchiveBomb { ratio }.into()
            }
            UnpackError::NoProgram {
                program,
                is_of_another_system: true,
            } => words::ArchiveOtherSystem { program: *program }.into(),
            UnpackError::NoProgram { program, .. } => {
                words::ArchiveNoProgram { program: *program }.into()
            }
            UnpackError::SeveralPrograms(program) => {
                words::ArchiveSeveral { program: *program }.into()
            }
            UnpackError::Beside(path) => words::BesideSpecial { path }.into(),
            UnpackError::Source(error) | UnpackError::Disk(error) => error.into(),
        }
    }
}

impl From<&PathRefusal> for Message {
    fn from(refusal: &PathRefusal) -> Self {
        match refusal {
            PathRefusal::NotUtf8 => words::PathNotUtf8.into(),
            PathRefusal::Absolute => words::PathAbsolute.into(),
            PathRefusal::Upwards => words::PathUpwards.into(),
            PathRefusal::Character => words::PathCharacter.into(),
            PathRefusal::Reserved => words::PathReserved.into(),
            PathRefusal::TooLong => words::TooLong.into(),
            PathRefusal::Empty => words::PathEmpty.into(),
        }
    }
}

impl From<&VersionsError> for Message {
    fn from(error: &VersionsError) -> Self {
        match error {
            VersionsError::NotInstalled { id, installed } if installed.is_empty() => {
                words::NotInstalled { version: id }.into()
            }
            VersionsError::NotInstalled { id, installed } => words::NotInstalledOthers {
                others: quoted(installed),
                version: id,
            }
            .into(),
            VersionsError::IsCurrent { id } => words::IsCurrent { version: id }.into(),
            VersionsError::InUse { id } => words::VersionRuns { version: id }.into(),
            VersionsError::LastOnline { id, accounts } => words::VersionLastOnline {
                accounts: accounts.join(", "),
                version: id,
            }
            .into(),
            VersionsError::NothingBefore => words::NothingBefore.into(),
            VersionsError::Damaged { id, what } => words::VersionDamaged {
                cause: what.clone(),
                version: id,
            }
            .into(),
            VersionsError::Unreadable { path, reason } => {
                words::RecordUnreadable { path, text: reason }.into()
            }
            VersionsError::File(error) => error.into(),
        }
    }
}

impl From<&ClientError> for Message {
    fn from(error: &ClientError) -> Self {
        match error {
            ClientError::Proxy => words::BadProxy.into(),
            ClientError::Tls(text) => words::NoClient { text }.into(),
        }
    }
}
