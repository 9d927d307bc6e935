//! Installations and installed versions in the schema's types.

use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use perpetua_accounts::install_progress;
use perpetua_config::CoreSource;
use perpetua_fetch::{Installed, Voucher};
use perpetua_lifecycle::InstallProblem;
use perpetua_schema::{
    CoreAvailable, CoreJob, CoreSourceKind, CoreSourceShown, CoreVersion, CoreVoucher,
};
use perpetua_supervisor::installer::{AvailableRelease, InstallJob};
use perpetua_words::Message;

/// The installer's job.
pub(crate) fn install_job(job: &InstallJob) -> CoreJob {
    match job {
        InstallJob::Idle => CoreJob::Idle,
        InstallJob::Running(made) => CoreJob::Running(install_progress(made.clone())),
        InstallJob::Unconfirmed {
            name,
            sha256,
            rolled_back,
        } => CoreJob::Unconfirmed {
            name: name.clone(),
            sha256: sha256.clone(),
            rolled_back: rolled_back.clone(),
        },
        InstallJob::Failed(problem) => CoreJob::Failed {
            problem: problem.clone(),
        },
        InstallJob::Done { id } => CoreJob::Done {
            version: id.clone(),
        },
    }
}

/// How it stands with an installation that did not begin.
pub(crate) fn refused_job(problem: InstallProblem) -> CoreJob {
    match problem {
        InstallProblem::Unconfirmed {
            name,
            sha256,
            rolled_back,
        } => CoreJob::Unconfirmed {
            name,
            sha256,
            rolled_back,
        },
        problem => CoreJob::Failed {
            problem: Message::from(&problem),
        },
    }
}

/// A place of the settings; addresses there hold no secrets.
pub(crate) fn core_source(source: &CoreSource) -> CoreSourceShown {
    let (kind, place) = match source {
        CoreSource::Github {
            repository, tag, ..
        } => (CoreSourceKind::Github, format!("{repository} · {tag}")),
        CoreSource::Index { url } => (CoreSourceKind::Index, url.to_string()),
        CoreSource::Mirror { prefix } => (CoreSourceKind::Mirror, prefix.to_string()),
        CoreSource::Local { path } => (CoreSourceKind::Local, path.display().to_string()),
    };
    CoreSourceShown { kind, place }
}

/// A release that is not installed.
pub(crate) fn available_release(available: &AvailableRelease) -> CoreAvailable {
    CoreAvailable {
        tag: available.tag.clone(),
        sha256: available.sha256.map(|sha256| sha256.to_string()),
        size: available.size,
        published_ms: available.published.map(unix_ms),
        rolled_back: available.rolled_back.clone(),
    }
}

/// An installed version, and who runs it.
pub(crate) fn installed_version(
    installed: Installed,
    current: Option<&str>,
    previous: Option<&str>,
    in_use_by: Vec<String>,
) -> CoreVersion {
    CoreVersion {
        current: current == Some(&installed.id),
        previous: previous == Some(&installed.id),
        in_use_by,
        commit: installed.commit,
        sha256: installed.sha256.to_string(),
        origin: installed.origin,
        voucher: installed.voucher.map(voucher),
        size: installed.size,
        installed_at: rfc3339(installed.installed_at),
        id: installed.id,
    }
}

fn voucher(voucher: Voucher) -> CoreVoucher {
    match voucher {
        Voucher::Release => CoreVoucher::Release,
        Voucher::Pinned => CoreVoucher::Pinned,
        Voucher::Person => CoreVoucher::Person,
    }
}

/// Milliseconds since 1970; 0 for what lies before.
pub(crate) fn unix_ms(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn rfc3339(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| String::new(), |time| time.to_string())
}
