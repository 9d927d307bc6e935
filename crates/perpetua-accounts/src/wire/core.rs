//! A managed core in the schema's types.

use std::time::{Duration, Instant};

use perpetua_hub::Calendar;
use perpetua_schema::{self as schema, CorePhaseTime, CoreProcess, CoreStatus};
use perpetua_supervisor::{CoreLogLine, CoreView};

use super::{
    core_message::state_message,
    core_state::{core_state, phase},
    signer::signer_report,
};

/// The whole of it at `now`.
pub fn core_status(view: &CoreView, now: Instant, calendar: &Calendar) -> CoreStatus {
    CoreStatus {
        state: core_state(view, now),
        since_ms: calendar.unix_milliseconds(view.since),
        phases: view
            .phases
            .iter()
            .map(|(over, took)| CorePhaseTime {
                phase: phase(*over),
                took_ms: milliseconds(*took),
            })
            .collect(),
        message: state_message(&view.state, view.install.clone(), now),
        notice: view.notice.clone(),
        version: view.version.clone(),
        protocol: view.protocol.clone(),
        process: view.pid.map(|pid| CoreProcess {
            pid,
            memory_bytes: view.usage.as_ref().map(|usage| usage.memory_bytes),
            cpu_percent: view.usage.as_ref().map(|usage| usage.cpu_percent),
        }),
        signer: view.signer.as_ref().map(signer_report),
        generation: view.generation.0,
        restarts: view.restarts,
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// One line of its log.
pub fn core_line(line: &CoreLogLine) -> schema::CoreLine {
    schema::CoreLine {
        time_ms: line.time.as_millisecond(),
        text: line.text.to_string(),
    }
}
