//! Signatures as the updater of the desktop program checks them, made by Tauri's own tool with the key in
//! `TAURI_SIGNING_PRIVATE_KEY` and the password in `TAURI_SIGNING_PRIVATE_KEY_PASSWORD`.
//!
//! They are minisign's in base64, and name the version: an older release cannot be passed off as a newer one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minisign_verify::{PublicKey, Signature};

use crate::process;
use crate::release::dist::{Dist, VERSION};
use crate::release::{checksums, desktop, latest};
use crate::workspace::Workspace;

const KEY: &str = "TAURI_SIGNING_PRIVATE_KEY";

const PASSWORD: &str = "TAURI_SIGNING_PRIVATE_KEY_PASSWORD";

/// A secret key and its password; they are handed on by environment, which other users cannot read.
pub(crate) struct Key {
    pub(crate) key: String,
    pub(crate) password: String,
}

impl Key {
    /// That of whoever releases.
    pub(crate) fn of_environment() -> Result<Self> {
        let key = env::var(KEY)
            .with_context(|| format!("`{KEY}` is not set; `tauri signer generate` makes a key"))?;
        let password = env::var(PASSWORD).unwrap_or_default();
        Ok(Self { key, password })
    }
}

/// Signs what the desktop program updates itself with.
pub(crate) fn packages(workspace: &Workspace, dist: &Dist, key: &Key) -> Result<()> {
    let names = dist.names()?;
    let mut signed = names
        .iter()
        .filter(|name| !latest::platforms(name).is_empty());
    signed.try_for_each(|name| sign(workspace, &dist.folder.join(name), key))
}

/// Signs the checksums, by which everything else is vouched for, so that `minisign -V` reads it.
pub(crate) fn checksums(workspace: &Workspace, dist: &Dist, key: &Key) -> Result<()> {
    let checksums = dist.folder.join(checksums::NAME);
    sign(workspace, &checksums, key)?;
    let signature = signature_of(&checksums);
    let plain = decoded(&fs::read_to_string(&signature)?)?;
    fs::write(
        dist.folder.join(format!("{}.minisig", checksums::NAME)),
        plain,
    )?;
    fs::remove_file(signature)?;
    Ok(())
}

fn sign(workspace: &Workspace, file: &Path, key: &Key) -> Result<()> {
    let mut tauri = desktop::tauri(workspace)?;
    tauri.env(KEY, &key.key).env(PASSWORD, &key.password).args([
        "signer",
        "sign",
        "--app-version",
        VERSION,
    ]);
    // It prints the signature, which is in its file, too.
    process::output(tauri.arg(file))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    eprintln!("xtask: signed {name}");
    Ok(())
}

/// Where the signature of a file is.
pub(crate) fn signature_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    PathBuf::from(name)
}

/// Reads a public key as Tauri writes it.
pub(crate) fn public_key(text: &str) -> Result<PublicKey> {
    PublicKey::decode(&decoded(text)?).context("the public key is none of minisign's")
}

/// The signature of a file, once it was checked as the updater will do it.
pub(crate) fn checked(file: &Path, key: &PublicKey) -> Result<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let text = fs::read_to_string(signature_of(file))
        .with_context(|| format!("`{name}` is not signed; type `cargo xtask release sign`"))?;
    let text = text.trim().to_owned();
    let signature = Signature::decode(&decoded(&text)?)
        .with_context(|| format!("the signature of `{name}` cannot be read"))?;
    let named = format!("\tversion:{VERSION}");
    ensure!(
        signature.trusted_comment().contains(&named),
        "the signature of `{name}` is not for version {VERSION}"
    );
    let content = fs::read(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    key.verify(&content, &signature, false)
        .with_context(|| format!("the signature of `{name}` is wrong, or of another key"))?;
    Ok(text)
}

fn decoded(text: &str) -> Result<String> {
    let bytes = BASE64_STANDARD
        .decode(text.trim())
        .context("it is not in base64")?;
    String::from_utf8(bytes).context("it is no text")
}
