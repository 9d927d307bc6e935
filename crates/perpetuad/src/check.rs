//! `perpetuad check`: are the settings right?

use std::{fmt::Write, path::Path};

use perpetua_config::{ClientKind, Config, Upstream};
use perpetua_node::StartError;

use crate::{arguments::PlaceArguments, output, place};

/// Reads the settings and tells what they mean; nothing is started or written.
pub(crate) fn check(place: &PlaceArguments) -> anyhow::Result<()> {
    let folders = place::folders(place)?;
    let path = place.config.clone().unwrap_or_else(|| folders.settings());
    let text = read(&path)?;
    let config = perpetua_config::parse(&text).map_err(|problems| StartError::Settings {
        path: path.clone(),
        problems,
    })?;
    output::print(&format!(
        "`{}` is right.\n{}",
        path.display(),
        summary(&config)
    ))?;
    Ok(())
}

fn read(path: &Path) -> Result<String, StartError> {
    std::fs::read_to_string(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => StartError::NoSettings {
            path: path.to_owned(),
        },
        _ => StartError::UnreadableSettings {
            path: path.to_owned(),
            cause: (&source).into(),
        },
    })
}

fn summary(config: &Config) -> String {
    let mut lines = format!("api            {}\n", config.api.listen);
    for account in &config.accounts {
        let upstream = match &account.upstream {
            Upstream::Simulator => "simulator".to_owned(),
            Upstream::Lagrange(lagrange) => match lagrange.uin {
                Some(uin) => format!("lagrange, QQ {uin}"),
                None => "lagrange".to_owned(),
            },
            Upstream::Onebot(onebot) => format!("onebot {}", onebot.url),
            Upstream::OnebotReverse(reverse) => format!("onebot-reverse {}", reverse.listen),
        };
        let off = if account.enabled { "" } else { " (disabled)" };
        let _infallible = writeln!(lines, "account        {}{off}: {upstream}", account.name);
        for client in &account.clients {
            let off = if client.enabled { "" } else { " (disabled)" };
            let ClientKind::Forward(forward) = &client.kind;
            let _infallible = writeln!(
                lines,
                "  client       {}/{}{off}: {}",
                account.name, client.name, forward.listen
            );
        }
    }
    lines
}
