//! How a managed core stands, as the schema tells it.

use std::time::Instant;

use perpetua_lagrange::SignerReport;
use perpetua_schema::{self as schema, CoreProcess, CoreStatus};
use perpetua_supervisor::{CoreLine, CoreView};

use super::{state, words};
use crate::error::other;

/// The whole of it, now.
pub(crate) fn core(view: &CoreView, account: &str) -> CoreStatus {
    let now = Instant::now();
    CoreStatus {
        state: state::state(&view.state, now),
        message: other(words::state(&view.state, account, now)),
        notice: view.notice.clone().map(other),
        version: view.version.clone(),
        protocol: view.protocol.clone(),
        process: view.pid.map(|pid| CoreProcess {
            pid,
            memory_bytes: view.usage.as_ref().map(|usage| usage.memory_bytes),
            cpu_percent: view.usage.as_ref().map(|usage| usage.cpu_percent),
        }),
        signer: view.signer.as_ref().map(signer),
        generation: view.generation.0,
        restarts: view.restarts,
    }
}

/// What a signer said, without the parts of its address that may be secret.
pub(crate) fn signer(report: &SignerReport) -> schema::SignerReport {
    let answer = report.answer.as_ref();
    let said = answer.ok();
    schema::SignerReport {
        name: Some(report.name.clone()).filter(|name| !name.is_empty()),
        host: report.host.clone(),
        version: said.and_then(|said| said.version.clone()),
        platform: said.and_then(|said| said.platform.clone()),
        latency_ms: said.map(|_| u64::try_from(report.latency.as_millis()).unwrap_or(u64::MAX)),
        problem: answer.err().map(|problem| other(problem.to_string())),
        warning: said.and_then(|said| said.warning.clone()).map(other),
    }
}

/// One line of its log.
pub(crate) fn line(line: &CoreLine) -> schema::CoreLine {
    schema::CoreLine {
        time_ms: line.time.as_millisecond(),
        text: line.text.to_string(),
    }
}
