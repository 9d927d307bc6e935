//! Accounts that are no more, which no version is kept for.

use super::record::Record;
use super::{Versions, VersionsError};

impl Versions {
    /// Forgets the accounts of which this says that they are gone, of all that any version has brought online. Blocks.
    pub fn forget_accounts(&self, is_gone: impl Fn(&str) -> bool) -> Result<(), VersionsError> {
        let mut gone = Record::read(&self.folder)?.accounts();
        gone.retain(|account| is_gone(account));
        if gone.is_empty() {
            return Ok(());
        }
        self.change(|record| {
            for account in &gone {
                record.forget_account(account);
            }
            Ok(())
        })
    }
}
