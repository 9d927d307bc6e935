//! Taking along what an account has under its old name, before anything runs. Each step may be repeated. All of it blocks,
//! for the keyring too.

use std::{fs, io};

use perpetua_accounts::{PortRegistry, client_secret_name, upstream_secret_name};
use perpetua_fs::{FileError, Folders, free_name, rename};
use perpetua_lagrange::backup_secret_name;
use perpetua_secrets::{SecretError, SecretStore};
use perpetua_words::Message;

use super::{
    matching::Rename,
    orphans::has_login,
    register::Register,
    route::{Belonging, Carriage},
};

/// Where things are carried.
pub(super) struct Stores<'a> {
    pub(super) folders: &'a Folders,
    pub(super) secrets: &'a SecretStore,
    pub(super) ports: &'a PortRegistry,
}

impl Stores<'_> {
    /// Makes the steps that are left of everything but the cores; gives for whom not all came, and why.
    pub(super) fn carry_along(&self, register: &mut Register) -> Vec<(Rename, Message)> {
        let all = [
            Belonging::Folder,
            Belonging::BackupKey,
            Belonging::Tokens,
            Belonging::Ports,
        ];
        let carry = |what| register.carry(what, self.folders, |one| self.carry(what, one));
        all.into_iter().flat_map(carry).collect()
    }

    /// Makes one step; gives what has come with it.
    pub(super) fn carry(
        &self,
        what: Belonging,
        one: &Carriage,
    ) -> Result<&'static [Belonging], Message> {
        match what {
            Belonging::Folder => carry_folder(one, self.folders),
            Belonging::BackupKey => {
                let key = carry_secret(&backup_secret_name, one, true, self.secrets);
                came(key, &[Belonging::BackupKey])
            }
            Belonging::Tokens => came(carry_tokens(one, self.secrets), &[Belonging::Tokens]),
            Belonging::Ports => {
                let renamed = self.ports.rename_account(&one.from, &one.to, one.keeps());
                renamed.map(|()| &[Belonging::Ports][..])
            }
            // Nobody knows the cores yet.
            Belonging::Core => Ok(&[]),
        }
    }
}

/// What has come with a step, or why it has not.
pub(crate) fn came<E>(
    outcome: Result<(), E>,
    what: &'static [Belonging],
) -> Result<&'static [Belonging], Message>
where
    for<'e> Message: From<&'e E>,
{
    outcome
        .map(|()| what)
        .map_err(|error| Message::from(&error))
}

fn carry_folder(one: &Carriage, folders: &Folders) -> Result<&'static [Belonging], Message> {
    let Carriage { from, to, .. } = one;
    let is_there = folders.account(from).exists();
    if is_there && has_login(folders, to) {
        // It has logged in anew since the step failed, and may have copies of that only: the old folder, and the key of the
        // copies in it, stay. Without a login in the old folder it has come, and another account has run there since.
        return Ok(if has_login(folders, from) {
            &[Belonging::Folder, Belonging::BackupKey]
        } else {
            &[Belonging::Folder]
        });
    }
    let moved = if is_there {
        move_folder(from, to, folders)
    } else {
        Ok(())
    };
    came(moved, &[Belonging::Folder])
}

fn move_folder(from: &str, to: &str, folders: &Folders) -> Result<(), FileError> {
    let next = folders.account(to);
    // It holds no login. What is there else is kept, hidden, in the folder of all accounts.
    match fs::remove_dir(&next) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_not_empty) => rename(
            &next,
            &free_name(&folders.account(&format!(".{to}")), "-replaced"),
        )?,
        Ok(()) => {}
    }
    rename(&folders.account(from), &next)
}

/// What was made in place of a token that failed to come along at a former start is replaced.
fn carry_tokens(one: &Carriage, store: &SecretStore) -> Result<(), SecretError> {
    let replaces = !one.keeps();
    for client in &one.clients {
        let name = |account: &str| client_secret_name(account, client);
        carry_secret(&name, one, replaces, store)?;
    }
    carry_secret(&upstream_secret_name, one, replaces, store)
}

fn carry_secret(
    name: &dyn Fn(&str) -> String,
    one: &Carriage,
    replaces: bool,
    store: &SecretStore,
) -> Result<(), SecretError> {
    let (former, next) = (name(&one.from), name(&one.to));
    let Some(secret) = store.get(&former)? else {
        return Ok(());
    };
    let own = store.get(&next)?;
    let is_other = own.is_some_and(|own| own.expose() != secret.expose());
    if is_other && !replaces {
        // Nobody asked to have it removed.
        return Ok(());
    }
    store.set(&next, &secret)?;
    store.remove(&former)
}
