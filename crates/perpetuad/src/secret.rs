//! `perpetuad secret`: the secrets that the settings name.

use std::io::Read;

use perpetua_node::{StartError, named_secret_name};
use perpetua_secrets::Secret;

use crate::{
    arguments::{PlaceArguments, SecretCommand, Unusable},
    output, place,
};

pub(crate) fn secret(place: &PlaceArguments, command: &SecretCommand) -> anyhow::Result<()> {
    let folders = place::folders(place)?;
    folders.create().map_err(StartError::from)?;
    let settings = place::settings(place, &folders)?;
    let tokens = place::tokens(place, &folders, &settings);
    match command {
        SecretCommand::Set { name } => {
            tokens.store().set(&named_secret_name(name), &typed()?)?;
            output::print(&format!(
                "kept; `perpetua.toml` may name it as `{{ secret = \"{name}\" }}`\n"
            ))?;
        }
        SecretCommand::Remove { name } => {
            tokens.store().remove(&named_secret_name(name))?;
            output::print("forgotten\n")?;
        }
    }
    Ok(())
}

/// The secret on standard input: never an argument, which every user of the machine could read.
fn typed() -> anyhow::Result<Secret> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    if text.trim().is_empty() {
        return Err(Unusable::NoSecret.into());
    }
    Secret::new(text.trim()).map_err(|error| Unusable::BadSecret(error.to_string()).into())
}
