//! Signers: adding, changing, ordering them, taking one away.

use perpetua_accounts::named_secret_name;
use perpetua_config::{
    Account, AddressSource, HttpUrl, Name, TokenSource, Upstream,
    edit::{self, EditError, Place, Written},
};
use perpetua_lagrange::SignerUrl;
use perpetua_schema::{
    Applied, ErrorCode, RpcError, SignerAdd, SignerAdded, SignerEdit, SignerRemove, SignersOrder,
};
use perpetua_secrets::Secret;
use perpetua_words::edit as words;

use super::{
    Edits, bad_request, name, names, not_edited,
    secrets::{self, Stored, Unused},
};
use crate::{import::signer_name, settings_file::Present, signer_test::Marks};

/// Parts of the path of a signer's address that are words.
const PLAIN_PARTS: [&str; 6] = ["api", "sign", "signer", "signature", "linux", "windows"];
/// So many digits are the number of a version, with a `v` before it or not.
const NUMBER_LENGTH: usize = 6;

impl Edits {
    /// Adds a signer behind those that there are.
    pub(crate) async fn add_signer(&self, call: SignerAdd) -> Result<SignerAdded, RpcError> {
        let present = self.settings.present().await?;
        let url = entered(&call.url)?;
        let is_taken = |name: &Name| is_signer(&present, name);
        let wish = signer_name(&url.host());
        let name = names::chosen(call.name.as_deref(), &wish, is_taken)?;
        if is_taken(&name) {
            return Err(not_edited(&EditError::SignerTaken(name)));
        }
        let (address, stored) = self.address(&name, &url, &present).await?;
        let added = name.to_string();
        let change = self.settings.change(move |present| {
            let text = edit::add_signer(&present.text, &name, &address);
            Ok((text.map_err(|error| not_edited(&error))?, ()))
        });
        let (applied, ()) = self.with_stored(stored, change).await?;
        Ok(SignerAdded {
            name: added,
            applied,
        })
    }

    /// Gives a signer another address, another name, or both; its place stays.
    pub(crate) async fn edit_signer(&self, call: SignerEdit) -> Result<Applied, RpcError> {
        let present = self.settings.present().await?;
        let signer = name(&call.name)?;
        if !is_signer(&present, &signer) {
            return Err(not_edited(&EditError::UnknownSigner(signer)));
        }
        let wished = call.rename.as_deref().map(str::trim).map(name);
        let renamed = wished.transpose()?.filter(|other| *other != signer);
        if let Some(other) = renamed.as_ref().filter(|other| is_signer(&present, other)) {
            return Err(not_edited(&EditError::SignerTaken(other.clone())));
        }
        unchanged_meanwhile(&call, &signer, &present, &self.marks)?;
        self.may_leave(stored_for(&signer, &present)).await?;
        let (mut address, mut stored) = (None, None);
        if let Some(url) = &call.url {
            let (source, kept) = self.address(&signer, &entered(url)?, &present).await?;
            (address, stored) = (Some(source), kept);
        }
        let marks = self.marks.clone();
        let change = self.settings.change(move |present| {
            unchanged_meanwhile(&call, &signer, present, &marks)?;
            let mut text = present.text.clone();
            if let Some(address) = &address {
                let written = Written::from(address);
                text = edit::set(&text, Place::Signer(&signer), "url", Some(&written))
                    .map_err(|error| not_edited(&error))?;
            }
            if let Some(other) = &renamed {
                text = with_other_name(text, present, &signer, other)
                    .map_err(|error| not_edited(&error))?;
            }
            let unused = Unused::of_text(&present.config, &text);
            Ok((text, unused))
        });
        let (mut applied, unused) = self.with_stored(stored, change).await?;
        self.remove_unused(unused, &mut applied).await;
        Ok(applied)
    }

    /// Puts the signers into another order.
    pub(crate) async fn order_signers(&self, call: SignersOrder) -> Result<Applied, RpcError> {
        let names = call.names.iter().map(|text| name(text));
        let names: Vec<Name> = names.collect::<Result<_, _>>()?;
        let edit = move |present: &Present| {
            let signers = present.config.signers.iter();
            let present_order = signers.map(|signer| signer.name.as_str());
            let is_present = |seen: &Vec<String>| present_order.eq(seen.iter().map(String::as_str));
            if !call.instead_of.as_ref().is_none_or(is_present) {
                return Err(EditError::OtherSigners);
            }
            edit::order_signers(&present.text, &names)
        };
        self.edit(edit).await
    }

    /// The address of a signer: in the settings, or in the store when it may be a secret.
    async fn address(
        &self,
        name: &Name,
        url: &SignerUrl,
        present: &Present,
    ) -> Result<(AddressSource, Option<Stored>), RpcError> {
        let plain = HttpUrl::new(url.expose()).ok();
        if let Some(url) = plain.filter(|url| !looks_secret(url.as_str())) {
            let address = AddressSource::Plain(url);
            let mut signers = present.config.signers.iter();
            if let Some(known) = signers.find(|known| known.url == address && known.name != *name) {
                let name = known.name.as_str();
                let words = words::SignerKnown { name };
                return Err(RpcError::new(ErrorCode::Conflict, words));
            }
            return Ok((address, None));
        }
        let secret =
            Secret::new(url.expose()).map_err(|_not_visible| bad_request(words::SignerAddress))?;
        let wish = secret_name(name);
        let source = self.free_secret_name(&present.config, wish).await?;
        let stored = self.store(named_secret_name(&source), secret).await?;
        let address = AddressSource::From(TokenSource::Secret(source));
        Ok((address, Some(stored)))
    }

    /// Removes a signer that no account names, and its address.
    pub(crate) async fn remove_signer(&self, call: SignerRemove) -> Result<Applied, RpcError> {
        let name = name(&call.name)?;
        let present = self.settings.present().await?;
        self.may_leave(stored_for(&name, &present)).await?;
        let change = self.settings.change(move |present| {
            let accounts = users(present, &name);
            if !accounts.is_empty() {
                let (accounts, name) = (accounts.join(", "), name.as_str());
                let words = words::SignerUsed { accounts, name };
                return Err(RpcError::new(ErrorCode::Conflict, words));
            }
            let text = edit::remove_signer(&present.text, &name);
            let text = text.map_err(|error| not_edited(&error))?;
            let unused = Unused::of_text(&present.config, &text);
            Ok((text, unused))
        });
        let (mut applied, unused) = change.await?;
        self.remove_unused(unused, &mut applied).await;
        Ok(applied)
    }
}

/// Refuses a change of an address that is another one by now.
fn unchanged_meanwhile(
    call: &SignerEdit,
    signer: &Name,
    present: &Present,
    marks: &Marks,
) -> Result<(), RpcError> {
    let mut signers = present.config.signers.iter();
    let now = signers.find(|known| known.name == *signer);
    let is_as_seen = |seen: &String| now.is_some_and(|now| *seen == marks.of(&now.url));
    if call.instead_of.as_ref().is_none_or(is_as_seen) {
        return Ok(());
    }
    Err(RpcError::new(ErrorCode::Conflict, words::ChangedMeanwhile))
}

/// The secret that the address of a signer is kept as.
fn secret_name(signer: &Name) -> String {
    format!("signer-{signer}")
}

/// The secret of the store that is a signer's address.
fn stored_for(signer: &Name, present: &Present) -> Vec<String> {
    let signers = present.config.signers.iter();
    let known = signers.filter(|known| known.name == *signer);
    known
        .filter_map(|known| secrets::of_address(&known.url))
        .map(|name| named_secret_name(&name))
        .collect()
}

fn is_signer(present: &Present, name: &Name) -> bool {
    let mut signers = present.config.signers.iter();
    signers.any(|signer| signer.name == *name)
}

/// An address that a person has entered.
fn entered(text: &str) -> Result<SignerUrl, RpcError> {
    SignerUrl::new(text.trim()).map_err(|error| bad_request(&error))
}

/// The signers that an account names, if it names a signer.
fn signers_with<'p>(account: &'p Account, signer: &Name) -> Option<&'p Vec<Name>> {
    match &account.upstream {
        Upstream::Lagrange(lagrange) => {
            let names = lagrange.signers.as_ref();
            names.filter(|names| names.contains(signer))
        }
        Upstream::Simulator | Upstream::Onebot(_) | Upstream::OnebotReverse(_) => None,
    }
}

/// The accounts that name a signer.
fn users(present: &Present, signer: &Name) -> Vec<String> {
    let accounts = present.config.accounts.iter();
    let users = accounts.filter(|account| signers_with(account, signer).is_some());
    users.map(|account| account.name.to_string()).collect()
}

/// The text in which a signer has another name, wherever it is named.
fn with_other_name(
    mut text: String,
    present: &Present,
    signer: &Name,
    other: &Name,
) -> Result<String, EditError> {
    for account in &present.config.accounts {
        let Some(names) = signers_with(account, signer) else {
            continue;
        };
        let renamed = |name: &Name| {
            let kept = if name == signer { other } else { name };
            kept.to_string()
        };
        let written = Written::Texts(names.iter().map(renamed).collect());
        let place = Place::Upstream(&account.name);
        text = edit::set(&text, place, "signers", Some(&written))?;
    }
    let written = Written::Text(other.to_string());
    edit::set(&text, Place::Signer(signer), "name", Some(&written))
}

/// Whether an address may hold a key. What is no known word of a path, or stands in a query, may be one: a word that
/// goes into the store costs nothing.
fn looks_secret(url: &str) -> bool {
    let behind_host = url.splitn(4, '/').nth(3).unwrap_or_default();
    let mut parts = behind_host.split('/');
    let is_plain = |part: &str| {
        let number = part.strip_prefix('v').unwrap_or(part);
        let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
        PLAIN_PARTS.contains(&part) || (number.len() <= NUMBER_LENGTH && is_number)
    };
    let host = url.split('/').nth(2).unwrap_or_default();
    host.contains(['?', '#']) || parts.any(|part| !is_plain(part))
}

#[cfg(test)]
mod tests {
    use super::looks_secret;

    #[test]
    fn a_key_in_an_address_is_told_from_its_words() {
        for plain in [
            "https://sign.example/api/sign/30366",
            "https://sign.example",
            "https://sign.example/",
            "https://a1b2c3d4e5f6a7b8c9d0.example/api/sign/39038",
            "https://host:8080/api/signature/v2",
        ] {
            assert!(!looks_secret(plain), "{plain}");
        }
        for secret in [
            "https://sign.example/3f2a9c1d8e7b6a5f4c3d/api/sign",
            "https://sign.example/api?for=3f2a9c1d8e7b6a5f4c3d",
            "https://sign.example/sign?key=abc123",
            "https://sign.example?key=abc123",
            "https://sign.example/api/abcdefghijklmnopqrstuvwxyzabcdef",
            "https://sign.example/hunter/sign",
            "https://sign.example/20250101123456/sign",
        ] {
            assert!(looks_secret(secret), "{secret}");
        }
    }
}
