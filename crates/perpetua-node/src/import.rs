//! Taking over an installation of another program: its login into an account's folder, its settings
//! into `perpetua.toml`, its tokens into the secret store. The source is never changed.

mod clients;

use std::{
    collections::BTreeSet,
    net::IpAddr,
    path::{Path, PathBuf},
};

use perpetua_accounts::{Tokens, named_secret_name};
use perpetua_config::{
    AddressSource, Config, HttpUrl, LagrangeUpstream, Name, Protocol, TokenSource, Upstream, edit,
};
use perpetua_fs::Folders;
use perpetua_lagrange::{
    self as lagrange, AccountFolder,
    import::{FoundInstallation, ReplaceLogin},
};
use perpetua_process::RunningProgram;
use perpetua_schema::{ErrorCode, Import, Imported, RpcError};
use perpetua_secrets::Secret;
use perpetua_words::{Message, import as words};

use crate::{
    edits::secrets::{free_secret_name, named},
    made_secrets::MadeSecrets,
    refusal,
};

/// What an import has made ready; nothing of it counts before the text is written.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The new text of `perpetua.toml`.
    pub(crate) text: String,
    /// What the caller is told.
    pub(crate) imported: Imported,
}

/// The core's program in a folder that is to be imported, when it came with one. Blocks.
pub(crate) fn program_of(folder: &Path) -> Option<PathBuf> {
    lagrange::import::plan(folder).ok()?.program
}

/// Refuses what must not be imported: what perpetua has itself, and what its old program still uses. Blocks.
pub(crate) fn may_begin(import: &Import, folders: &Folders) -> Result<(), RpcError> {
    let path = Path::new(&import.folder);
    let refused = |message: Message| Err(RpcError::new(ErrorCode::Conflict, message));
    // Where it is none, that is told in its own words.
    let Ok(folder) = path.canonicalize() else {
        return Ok(());
    };
    let data = folders.data();
    let real = |path: &Path| path.canonicalize().ok();
    let mut kept = [folders.accounts(), folders.core()].into_iter();
    if real(data).as_deref() == Some(&*folder)
        || kept.any(|kept| real(&kept).is_some_and(|kept| folder.starts_with(kept)))
    {
        return refused(words::OwnFolder { path, data }.into());
    }
    let names = lagrange::import::PROGRAMS;
    let all = RunningProgram::all();
    let found = all.iter().find(|one| one.belongs_to(&folder, &names));
    match found {
        Some(running) if !import.disabled => refused(
            words::StillRunning {
                path,
                pid: running.pid,
                program: running.name(),
            }
            .into(),
        ),
        _ => Ok(()),
    }
}

/// Reads the folder, copies its login, and makes the new settings. Blocks.
pub(crate) fn import(
    import: &Import,
    text: &str,
    folders: &Folders,
    tokens: &Tokens,
) -> Result<Prepared, RpcError> {
    let config = perpetua_config::parse(text).map_err(|problems| {
        let problems = listed(&problems);
        RpcError::new(
            ErrorCode::InvalidSettings,
            words::RepairSettings { problems },
        )
    })?;
    let found =
        lagrange::import::plan(Path::new(&import.folder)).map_err(|error| refused(&error))?;
    if !found.is_of_use() {
        let (path, causes) = (&import.folder, found.remarks);
        let nothing = words::NothingUsable { path, causes };
        return Err(RpcError::new(ErrorCode::BadRequest, nothing));
    }
    let name = name(import.account.as_deref(), &found, &config)?;
    let mut draft = Draft {
        text: text.to_owned(),
        imported: Imported {
            account: name.to_string(),
            taken: Vec::new(),
            not_taken: found.remarks.clone(),
        },
        tokens,
        made: MadeSecrets::new(folders),
        named: named(&config),
    };
    let signers = draft.add_signer(&found, &config)?;
    let clients = draft.clients(&name, &found, &config)?;
    if clients.is_empty() {
        let account = name.as_str();
        draft
            .imported
            .not_taken
            .push(words::NoClient { account }.into());
    }
    let upstream = LagrangeUpstream {
        uin: found.uin,
        protocol: protocol(found.protocol),
        signers,
        ..LagrangeUpstream::default()
    };
    let upstream = Upstream::Lagrange(upstream);
    draft.text = edit::add_account(&draft.text, &name, &upstream, &clients)
        .map_err(|error| RpcError::new(ErrorCode::Conflict, &error))?;
    if import.disabled {
        draft.text = edit::set_account_enabled(&draft.text, &name, false)
            .map_err(|error| RpcError::new(ErrorCode::Conflict, &error))?;
        let account = name.as_str();
        draft
            .imported
            .not_taken
            .push(words::LeftOff { account }.into());
    }
    perpetua_config::parse(&draft.text).map_err(|problems| {
        let problems = listed(&problems);
        RpcError::new(ErrorCode::InvalidSettings, words::DoesNotFit { problems })
    })?;
    let target = AccountFolder::new(folders.account(name.as_str()));
    let taken = lagrange::import::take_over(&found, &target, ReplaceLogin::No)
        .map_err(|error| refused(&error))?;
    draft.imported.taken.extend(taken.taken);
    draft.imported.not_taken.extend(taken.left);
    Ok(Prepared {
        text: draft.text,
        imported: draft.imported,
    })
}

/// The new settings as they grow.
struct Draft<'a> {
    text: String,
    imported: Imported,
    tokens: &'a Tokens,
    made: MadeSecrets,
    /// The secrets that the settings name already.
    named: BTreeSet<String>,
}

impl Draft<'_> {
    /// Adds the installation's signer, unless the settings have it already.
    fn add_signer(
        &mut self,
        found: &FoundInstallation,
        config: &Config,
    ) -> Result<Option<Vec<Name>>, RpcError> {
        let Some(signer) = &found.signer else {
            return Ok(None);
        };
        let url = signer.url.expose();
        let plain = HttpUrl::new(url).ok();
        let same = |known: &&perpetua_config::Signer| matches!((&known.url, &plain), (AddressSource::Plain(known), Some(plain)) if known == plain);
        if let Some(known) = config.signers.iter().find(same) {
            return Ok(Some(vec![known.name.clone()]));
        }
        let name = free(&signer_name(&signer.url.host()), |name| {
            config.signers.iter().any(|known| known.name == *name)
        })?;
        let address = match plain {
            Some(url) => AddressSource::Plain(url),
            None => AddressSource::From(self.keep(format!("signer-{name}"), url)?),
        };
        self.text = edit::add_signer(&self.text, &name, &address)
            .map_err(|error| RpcError::new(ErrorCode::Conflict, &error))?;
        let host = signer.url.host();
        self.imported.taken.push(Message::from(words::BecameSigner {
            host,
            name: name.as_str(),
        }));
        Ok(Some(vec![name]))
    }

    /// Puts a secret where the settings can name it, beside those that are there.
    fn keep(&self, wish: String, text: &str) -> Result<TokenSource, RpcError> {
        let secret =
            Secret::new(text).map_err(|error| RpcError::new(ErrorCode::BadRequest, error))?;
        let store = self.tokens.store();
        let name = free_secret_name(store, &self.named, wish);
        let name = name.map_err(|error| refusal::of_secret(&error))?;
        let stored = named_secret_name(&name);
        let noted = self.made.will_be_stored(&stored);
        noted.map_err(|error| refusal::of_file(&error))?;
        store
            .set(&stored, &secret)
            .map_err(|error| refusal::of_secret(&error))?;
        Ok(TokenSource::Secret(name))
    }
}

/// The name that was asked for, or one after the account's number.
fn name(asked: Option<&str>, found: &FoundInstallation, config: &Config) -> Result<Name, RpcError> {
    let taken = |name: &Name| config.account(name).is_some();
    let Some(asked) = asked else {
        let wish = found
            .uin
            .map_or("imported".into(), |uin| format!("qq{uin}"));
        return free(&wish, taken);
    };
    let name = Name::new(asked).map_err(|error| {
        let cause = Message::from(&error);
        RpcError::new(ErrorCode::BadRequest, words::BadName { cause, name: asked })
    })?;
    if taken(&name) {
        let name = name.as_str();
        return Err(RpcError::new(
            ErrorCode::Conflict,
            words::NameTaken { name },
        ));
    }
    Ok(name)
}

/// The wish, or the wish with the first number that makes it free.
pub(crate) fn free(wish: &str, taken: impl Fn(&Name) -> bool) -> Result<Name, RpcError> {
    let numbered = (2..).map(|number| format!("{wish}-{number}"));
    let mut names = std::iter::once(wish.to_owned())
        .chain(numbered)
        .map_while(|text| Name::new(&text).ok());
    names
        .find(|name| !taken(name))
        .ok_or_else(|| RpcError::new(ErrorCode::BadRequest, words::NoFreeName { name: wish }))
}

/// A name made of the host, as far as names allow.
pub(crate) fn signer_name(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    let host = host.rsplit_once(':').map_or(&*host, |(host, _port)| host);
    // The digits of an address tell nobody which one it is.
    if host.starts_with('[') || host.parse::<IpAddr>().is_ok() {
        return "signer".into();
    }
    let fits = |character: char| {
        if character.is_ascii_alphanumeric() {
            character
        } else {
            '-'
        }
    };
    let name: String = host.chars().map(fits).take(Name::MAX_LENGTH - 3).collect();
    if Name::new(&name).is_ok() {
        name
    } else {
        "signer".into()
    }
}

fn protocol(protocol: lagrange::CoreProtocol) -> Protocol {
    match protocol {
        lagrange::CoreProtocol::Linux => Protocol::Linux,
        lagrange::CoreProtocol::Windows => Protocol::Windows,
        lagrange::CoreProtocol::MacOs => Protocol::Macos,
    }
}

fn refused(error: &lagrange::import::ImportError) -> RpcError {
    match error {
        lagrange::import::ImportError::File(full) if full.is_full() => refusal::of_file(full),
        error => RpcError::new(ErrorCode::BadRequest, error),
    }
}

/// Each problem of a settings text.
fn listed(problems: &perpetua_config::Problems) -> Vec<Message> {
    problems.as_slice().iter().map(Message::from).collect()
}

#[cfg(test)]
mod tests {
    use super::signer_name;

    #[test]
    fn a_signer_is_named_after_its_host_unless_that_is_a_number() {
        for (host, name) in [
            ("127.0.0.1:28790", "signer"),
            ("192.168.1.7", "signer"),
            ("[::1]:8080", "signer"),
            ("Sign.Example.com:8080", "sign-example-com"),
            ("localhost:8080", "localhost"),
            ("签名.example", "signer"),
        ] {
            assert_eq!(signer_name(host), name, "{host}");
        }
    }
}
