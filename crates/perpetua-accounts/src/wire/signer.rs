//! What a signer said, and what was measured of it, in the schema's types.

use std::time::Duration;

use perpetua_hub::Calendar;
use perpetua_schema as schema;
use perpetua_signing::{ProbeReport, SignerFigures};
use perpetua_words::Message;

/// What a signer said, without the parts of its address that may be secret.
pub fn signer_report(report: &ProbeReport) -> schema::SignerReport {
    let answer = report.answer.as_ref();
    let said = answer.ok();
    schema::SignerReport {
        name: Some(report.name.clone()).filter(|name| !name.is_empty()),
        host: report.host.clone(),
        through: report.through.clone(),
        version: said.and_then(|said| said.version.clone()),
        platform: said.and_then(|said| said.platform.clone()),
        latency_ms: said.map(|_| milliseconds(report.latency)),
        problem: answer.err().map(Message::from),
        warning: said.and_then(|said| said.warning.clone()),
    }
}

/// What was measured of the signer of this name.
pub fn signer_times(
    name: &str,
    figures: &SignerFigures,
    calendar: &Calendar,
) -> schema::SignerTimes {
    let failure = figures.last_failure.as_ref();
    schema::SignerTimes {
        name: name.to_owned(),
        answers: figures.answers,
        failures: figures.failures,
        last_ms: figures.last.map(milliseconds),
        slowest_ms: figures.slowest.map(milliseconds),
        last_failure: failure.map(|(fault, _)| Message::from(fault)),
        failed_ms: failure.map(|(_, at)| calendar.unix_milliseconds(*at)),
        fails: figures.fails,
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
