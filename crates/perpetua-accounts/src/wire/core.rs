//! A managed core in the schema's types.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use perpetua_hub::Calendar;
use perpetua_lagrange::{LoginFile, SetAside};
use perpetua_lifecycle::Outage;
use perpetua_schema::{
    self as schema, AsideFile, CoreAway, CorePhaseTime, CoreProcess, CoreStatus, SetAsideFile,
};
use perpetua_signing::DeskSigner;
use perpetua_supervisor::{CoreLogLine, CoreView, SetAsideLogin};
use perpetua_words::{Message, signer as words};

use super::{
    core_away::{away_kind, away_message},
    core_message::{blocked_message, state_message},
    core_state::{core_state, phase},
    signer::{milliseconds, signer_report, signer_times},
};

/// The whole of it at `now`; `blocked_since` is since when it answers elsewhere only, as the hub knows.
pub fn core_status(
    view: &CoreView,
    blocked_since: Option<Instant>,
    now: Instant,
    calendar: &Calendar,
) -> CoreStatus {
    let blocked_for_s = blocked_since.map(|since| now.saturating_duration_since(since).as_secs());
    let blocked = blocked_for_s.and_then(|seconds| blocked_message(&view.state, seconds));
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
        message: away_message(view, now)
            .or(blocked)
            .unwrap_or_else(|| state_message(&view.state, view.install.clone(), now)),
        away: view
            .outage
            .as_ref()
            .map(|outage| core_away(view, outage, calendar)),
        notice: view.notice.clone().or_else(|| view.remark.clone()),
        blocked_for_s,
        set_aside: set_aside(&view.set_aside),
        version: view.version.clone(),
        protocol: view.protocol.clone(),
        process: view.pid.map(|pid| CoreProcess {
            pid,
            memory_bytes: view.usage.as_ref().map(|usage| usage.memory_bytes),
            cpu_percent: view.usage.as_ref().map(|usage| usage.cpu_percent),
        }),
        signer: view.signer.as_ref().map(signer_report),
        signers: view
            .signing
            .iter()
            .map(|signer| signer_times(&signer.name, &signer.figures, calendar))
            .collect(),
        slow_signer: slowest(&view.signing, now),
        generation: view.generation.0,
        restarts: view.restarts,
        canceled: view.canceled,
    }
}

/// The slowest of those that are slow.
fn slowest(signers: &[DeskSigner], now: Instant) -> Option<Message> {
    let slow = |signer: &DeskSigner| Some((signer.figures.slowness(now)?, signer.name.clone()));
    let (time, name) = signers.iter().filter_map(slow).max()?;
    let seconds = time.as_secs();
    Some(words::Takes { name, seconds }.into())
}

fn set_aside(login: &SetAsideLogin) -> Vec<SetAsideFile> {
    let copy_ms = login.copy.map(unix_milliseconds);
    let files = login.files.iter();
    let told = |one: &SetAside| SetAsideFile {
        file: one.file.name().to_owned(),
        aside: Some(AsideFile {
            name: one.name.clone(),
            time_ms: unix_milliseconds(one.time),
            why: one.why.clone(),
        }),
        copy_ms,
    };
    let gone = login.is_session_gone.then(|| SetAsideFile {
        file: LoginFile::Session.name().to_owned(),
        aside: None,
        copy_ms,
    });
    gone.into_iter().chain(files.map(told)).collect()
}

fn unix_milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn core_away(view: &CoreView, outage: &Outage, calendar: &Calendar) -> CoreAway {
    CoreAway {
        kind: away_kind(view, outage),
        since_ms: calendar.unix_milliseconds(outage.since),
        reason: Message::from(&outage.failure),
    }
}

/// One line of its log.
pub fn core_line(line: &CoreLogLine) -> schema::CoreLine {
    schema::CoreLine {
        time_ms: line.time.as_millisecond(),
        text: line.text.to_string(),
    }
}
