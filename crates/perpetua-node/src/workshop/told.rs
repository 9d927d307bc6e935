//! Installations and cores as the schema tells them.

use std::time::SystemTime;

use jiff::Timestamp;
use perpetua_lifecycle::InstallProblem;
use perpetua_schema::{CoreAvailable, CoreJob};
use perpetua_supervisor::installer::{Available, Job};

use crate::{error::other, managed};

/// The installer's job as the schema tells it.
pub(crate) fn job(job: &Job) -> CoreJob {
    match job {
        Job::Idle => CoreJob::Idle,
        Job::Running(progress) => CoreJob::Running(managed::progress(progress)),
        Job::Unconfirmed { name, sha256 } => CoreJob::Unconfirmed {
            name: name.clone(),
            sha256: sha256.clone(),
        },
        Job::Failed(problem) => CoreJob::Failed {
            problem: other(problem.clone()),
        },
        Job::Done { id } => CoreJob::Done {
            version: id.clone(),
        },
    }
}

pub(super) fn refused_job(problem: InstallProblem) -> CoreJob {
    match problem {
        InstallProblem::Unconfirmed { name, sha256 } => CoreJob::Unconfirmed { name, sha256 },
        problem => CoreJob::Failed {
            problem: other(problem.to_string()),
        },
    }
}

pub(super) fn available(available: &Available) -> CoreAvailable {
    CoreAvailable {
        tag: available.tag.clone(),
        sha256: available.sha256.map(|sha256| sha256.to_string()),
        size: available.size,
    }
}

pub(super) fn rfc3339(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| String::new(), |time| time.to_string())
}
