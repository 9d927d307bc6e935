//! What a signer said, in the schema's types.

use perpetua_lagrange::ProbeReport;
use perpetua_schema as schema;
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
        latency_ms: said.map(|_| u64::try_from(report.latency.as_millis()).unwrap_or(u64::MAX)),
        problem: answer.err().map(Message::from),
        warning: said.and_then(|said| said.warning.clone()),
    }
}
