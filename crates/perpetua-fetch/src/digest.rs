//! SHA-256 digests, as values.

use perpetua_words::Message;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::Digest;

/// How much of a file is read at once: large enough that the calls do not count.
const READ_BYTES: usize = 128 * 1024;

/// A SHA-256 digest; its text is 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256([u8; 32]);

/// A text is no digest.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}", Message::from(self))]
pub struct Sha256Error(String);

impl From<&Sha256Error> for Message {
    fn from(Sha256Error(text): &Sha256Error) -> Self {
        perpetua_words::install::BadSha256 { text }.into()
    }
}

impl Sha256 {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    /// The digest of a file; blocks while it reads.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        let mut hasher = Hasher::default();
        hasher.read(&mut File::open(path)?)?;
        Ok(hasher.finish())
    }

    /// The first eight hex digits, which tell versions apart in the names of folders.
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

/// A digest under way.
#[derive(Clone, Default)]
pub(crate) struct Hasher(sha2::Sha256);

impl Hasher {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Takes all that is left to read; gives how much it was.
    pub(crate) fn read(&mut self, reader: &mut impl Read) -> io::Result<u64> {
        let mut buffer = vec![0; READ_BYTES];
        let mut total = 0;
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) => return Ok(total),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            self.update(&buffer[..count]);
            total += count as u64;
        }
    }

    pub(crate) fn finish(self) -> Sha256 {
        Sha256(self.0.finalize().into())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = Sha256Error;

    /// Takes `sha256:…` too, as GitHub writes it, and upper case, as Windows' `certutil` does.
    fn from_str(text: &str) -> Result<Self, Sha256Error> {
        let error = || Sha256Error(text.to_owned());
        let digits = text.trim();
        let digits = digits.strip_prefix("sha256:").unwrap_or(digits);
        let digits: Option<Vec<u32>> = digits.chars().map(|digit| digit.to_digit(16)).collect();
        let digits = digits
            .filter(|digits| digits.len() == 64)
            .ok_or_else(error)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(pair[0] * 16 + pair[1]).map_err(|_| error())?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = Sha256Error;

    fn try_from(text: String) -> Result<Self, Sha256Error> {
        text.parse()
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Sha256;

    #[test]
    fn a_digest_is_read_in_the_ways_that_tools_write_it() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let digest = Sha256::of(b"");
        assert_eq!(digest.to_string(), empty);
        assert_eq!(digest.short(), "e3b0c442");
        for text in [
            empty.to_owned(),
            format!("sha256:{empty}"),
            format!(" {}\n", empty.to_uppercase()),
        ] {
            assert_eq!(text.parse(), Ok(digest), "{text}");
        }
        for text in [
            "",
            "sha256:",
            &empty[1..],
            &format!("{empty}0"),
            &empty.replace('e', "é"),
        ] {
            assert!(text.parse::<Sha256>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_and_digest_are_the_same(bytes: Vec<u8>) {
            let digest = Sha256::of(&bytes);
            prop_assert_eq!(digest.to_string().parse(), Ok(digest));
        }
    }
}
