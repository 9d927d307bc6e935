//! Which certificate of a server over TLS is trusted, beside those that the system trusts.

use std::path::PathBuf;

/// What takes the place of the system's authorities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The certificate with this SHA-256, whatever else it says.
    Certificate(Fingerprint),
    /// The authorities in this PEM file. A relative path starts at the folder of `perpetua.toml`.
    Authorities(PathBuf),
}

/// The SHA-256 of a certificate in DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(pub [u8; 32]);

impl Fingerprint {
    /// As [`parse`](Self::parse) reads it.
    pub fn show(self) -> String {
        let pairs: Vec<String> = self.0.iter().map(|byte| format!("{byte:02X}")).collect();
        pairs.join(":")
    }

    /// Reads 64 hexadecimal digits, with colons or blanks between them or without, as programs show them.
    pub fn parse(text: &str) -> Option<Self> {
        let digits: Vec<u8> = text
            .chars()
            .filter(|letter| !matches!(letter, ':' | ' '))
            .map(|letter| {
                letter
                    .to_digit(16)
                    .and_then(|digit| u8::try_from(digit).ok())
            })
            .collect::<Option<_>>()?;
        let (pairs, rest) = digits.as_chunks::<2>();
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        let bytes = bytes.try_into().ok().filter(|_| rest.is_empty())?;
        Some(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn a_fingerprint_is_read_as_programs_show_it() {
        let bytes: [u8; 32] =
            std::array::from_fn(|index| 0xF0 ^ u8::try_from(index).expect("small"));
        let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        for text in [
            pairs.join(":"),
            pairs.join(" "),
            pairs.concat().to_lowercase(),
        ] {
            assert_eq!(
                Fingerprint::parse(&text),
                Some(Fingerprint(bytes)),
                "{text}"
            );
            assert_eq!(Fingerprint(bytes).show(), pairs.join(":"));
        }
        let whole = pairs.concat();
        for text in [
            "",
            &whole[1..],
            &format!("{whole}0"),
            &format!("{}g", &whole[1..]),
        ] {
            assert_eq!(Fingerprint::parse(text), None, "{text}");
        }
    }
}
