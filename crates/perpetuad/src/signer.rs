//! `perpetuad signer test`: does a signer work?

use perpetua_schema::{SignerReport, SignerTest};

use crate::{
    arguments::{PlaceArguments, SignerCommand, Unusable},
    output, place,
    way::Way,
};

pub(crate) fn signer(place: &PlaceArguments, command: SignerCommand) -> anyhow::Result<()> {
    let SignerCommand::Test { signer } = command;
    let way = Way::find(place)?;
    let tests = match signer {
        Some(url) if url.contains("://") => vec![SignerTest {
            url: Some(url),
            name: None,
        }],
        Some(name) => vec![SignerTest {
            url: None,
            name: Some(name),
        }],
        None => all(place)?,
    };
    let mut failed = false;
    for test in tests {
        let report = way.call(&test)?;
        failed |= report.problem.is_some();
        output::print(&render(&report))?;
    }
    if failed {
        return Err(Unusable::SignerFailed.into());
    }
    Ok(())
}

/// One test for each signer of the settings.
fn all(place: &PlaceArguments) -> anyhow::Result<Vec<SignerTest>> {
    let settings = place::settings(place, &place::folders(place)?)?;
    let signers = settings.config.signers.iter();
    let tests: Vec<_> = signers
        .map(|signer| SignerTest {
            url: None,
            name: Some(signer.name.to_string()),
        })
        .collect();
    if tests.is_empty() {
        return Err(Unusable::NoSigners.into());
    }
    Ok(tests)
}

fn render(report: &SignerReport) -> String {
    let name = report.name.as_deref().unwrap_or(&report.host);
    let outcome = match &report.problem {
        Some(problem) => format!("{name}: does not work: {problem}\n"),
        None => format!(
            "{name}: works; version {}, platform {}, {} ms\n",
            report.version.as_deref().unwrap_or("unknown"),
            report.platform.as_deref().unwrap_or("unknown"),
            report.latency_ms.unwrap_or_default()
        ),
    };
    match &report.warning {
        Some(warning) => format!("{outcome}  ! {warning}\n"),
        None => outcome,
    }
}
