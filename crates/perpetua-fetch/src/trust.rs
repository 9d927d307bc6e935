//! Who vouches for a file.

use serde::{Deserialize, Serialize};

use crate::{Offer, Pinned, Sha256};

/// Who said that a file is the right one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Voucher {
    /// The release's own listing, not through a mirror.
    Release,
    /// The table in our repository, `core-digests.toml`.
    Pinned,
    /// A person, who named its digest.
    Person,
}

/// What to do with a file that is not simply good.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Distrust {
    /// It is not what was published or accepted: refuse it.
    Mismatch { expected: Sha256 },
    /// Nobody knows it: ask a person.
    Unknown,
}

/// Judges a file by its digest. A digest that a mirror passed on can only refuse: whoever can exchange
/// the file could have exchanged it too.
pub(crate) fn judge(
    actual: Sha256,
    offer: &Offer,
    pinned: &Pinned,
    accept: Option<Sha256>,
) -> Result<Voucher, Distrust> {
    for expected in offer.sha256.into_iter().chain(accept) {
        if actual != expected {
            return Err(Distrust::Mismatch { expected });
        }
    }
    if offer.sha256.is_some() && offer.is_first_hand {
        Ok(Voucher::Release)
    } else if pinned.vouches(&offer.name, actual) {
        Ok(Voucher::Pinned)
    } else if accept.is_some() {
        Ok(Voucher::Person)
    } else {
        Err(Distrust::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::{Distrust, Voucher, judge};
    use crate::{Offer, Pinned, Sha256};

    const NAME: &str = "core.tar.gz";

    #[test]
    fn the_releases_own_digest_vouches_and_one_through_a_mirror_does_not() {
        let none = Pinned::default();
        assert_eq!(
            judge(good(), &offer(Some(good()), true), &none, None),
            Ok(Voucher::Release)
        );
        assert_eq!(
            judge(good(), &offer(Some(good()), false), &none, None),
            Err(Distrust::Unknown)
        );
        assert_eq!(
            judge(good(), &offer(None, true), &none, None),
            Err(Distrust::Unknown)
        );
    }

    #[test]
    fn a_mismatch_is_refused_even_when_the_file_is_pinned_or_accepted() {
        let refused = Err(Distrust::Mismatch { expected: good() });
        for first_hand in [true, false] {
            let offer = offer(Some(good()), first_hand);
            assert_eq!(judge(bad(), &offer, &pinned(bad()), Some(bad())), refused);
        }
        assert_eq!(
            judge(bad(), &offer(None, true), &pinned(bad()), Some(good())),
            refused
        );
    }

    #[test]
    fn the_table_vouches_for_its_own_names_and_a_person_for_what_they_named() {
        let unknown = offer(None, true);
        assert_eq!(
            judge(good(), &unknown, &pinned(good()), None),
            Ok(Voucher::Pinned)
        );
        assert_eq!(
            judge(good(), &unknown, &pinned(bad()), None),
            Err(Distrust::Unknown)
        );
        let none = Pinned::default();
        assert_eq!(
            judge(good(), &unknown, &none, Some(good())),
            Ok(Voucher::Person)
        );
    }

    fn good() -> Sha256 {
        Sha256::of(b"good")
    }

    fn bad() -> Sha256 {
        Sha256::of(b"bad")
    }

    fn pinned(sha256: Sha256) -> Pinned {
        let text = format!("[[core]]\nname = \"{NAME}\"\nsha256 = \"{sha256}\"\n");
        Pinned::parse(&text).expect("a table")
    }

    fn offer(sha256: Option<Sha256>, is_first_hand: bool) -> Offer {
        Offer {
            tag: "nightly".to_owned(),
            name: NAME.to_owned(),
            size: None,
            sha256,
            origin: "a test".to_owned(),
            published: None,
            age: None,
            is_first_hand,
            places: Vec::new(),
        }
    }
}
