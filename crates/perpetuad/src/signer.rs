//! `perpetuad signer test`: does a signer work?

use perpetua_config::Name;
use perpetua_schema::{CallError, SignerReport, SignerTest};
use perpetua_words::cli;

use crate::{
    arguments::{PlaceArguments, SignerCommand},
    failure::Failure,
    place,
    terminal::{Terminal, print},
    way::Way,
};

pub(crate) fn signer(
    terminal: &Terminal,
    place: &PlaceArguments,
    command: SignerCommand,
) -> Result<(), Failure> {
    let SignerCommand::Test { signer } = command;
    let way = Way::find(place)?;
    let is_each = signer.is_none();
    let tests = match signer {
        Some(entered) if Name::new(&entered).is_err() => vec![SignerTest {
            url: Some(address(entered)),
            name: None,
        }],
        Some(name) => vec![SignerTest {
            url: None,
            name: Some(name),
        }],
        None => all(place)?,
    };
    let mut failed = 0_usize;
    for test in tests {
        let report = match (way.call(&test), &test.name) {
            // One that cannot be asked keeps nobody from knowing how the others are.
            (Err(CallError::Refused(refused)), Some(name)) if is_each => {
                failed += 1;
                let cause = refused.message;
                terminal.say(cli::SignerUntested { name, cause })?;
                continue;
            }
            (answer, _) => answer?,
        };
        failed += usize::from(report.problem.is_some());
        print(&lines(terminal, &report))?;
    }
    if failed > 0 {
        return Err(Failure::usage(cli::SignersFailed { count: failed }));
    }
    Ok(())
}

/// What was entered and can be no name, as an address: `host:port` without a scheme is one of `http://`.
fn address(entered: String) -> String {
    let mut parts = entered.split('/');
    let names_port = parts.next().is_some_and(|host| host.contains(':'));
    if names_port && !entered.contains("://") {
        return format!("http://{entered}");
    }
    entered
}

/// One test for each signer of the settings.
fn all(place: &PlaceArguments) -> Result<Vec<SignerTest>, Failure> {
    let settings = place::settings(place, &place::folders(place)?)?;
    let signers = settings.config.signers.iter();
    let tests: Vec<_> = signers
        .map(|signer| SignerTest {
            url: None,
            name: Some(signer.name.to_string()),
        })
        .collect();
    if tests.is_empty() {
        return Err(Failure::usage(cli::SignersNone));
    }
    Ok(tests)
}

/// What a signer answered, and what is doubtful about it.
fn lines(terminal: &Terminal, report: &SignerReport) -> String {
    let name = report.name.as_deref().unwrap_or(&report.host);
    let known = |value: &Option<String>| match value {
        Some(value) => value.clone(),
        None => terminal.text(cli::Unknown),
    };
    let outcome = match &report.problem {
        Some(problem) => terminal.text(cli::SignerFails {
            name,
            cause: problem.clone(),
        }),
        None => terminal.text(cli::SignerWorks {
            name,
            version: known(&report.version),
            platform: known(&report.platform),
            milliseconds: report.latency_ms.unwrap_or_default(),
        }),
    };
    match &report.warning {
        Some(warning) => format!("{outcome}\n  ! {}\n", terminal.text(warning.clone())),
        None => outcome + "\n",
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_may_be_typed_in_short() {
        for (entered, whole) in [
            (
                "127.0.0.1:17002/sig/json",
                "http://127.0.0.1:17002/sig/json",
            ),
            ("http://127.0.0.1:17002/sig", "http://127.0.0.1:17002/sig"),
            ("sign.example/path", "sign.example/path"),
        ] {
            assert_eq!(address(entered.into()), whole);
        }
    }
}
