//! A path, however it was written.

use std::fmt;

use percent_encoding::percent_decode_str;

/// The path of a port for clients or upstreams. A slash at its end, slashes in a row and
/// percent-encoding make no difference: guides and programs write it in all these ways.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NormalPath(Vec<u8>);

impl NormalPath {
    /// Takes a path as it was written, in a request or in the settings; an empty one is `/`.
    pub fn new(written: &str) -> Self {
        let mut normal = Vec::with_capacity(written.len() + 1);
        normal.push(b'/');
        for byte in percent_decode_str(written) {
            if byte != b'/' || normal.last() != Some(&b'/') {
                normal.push(byte);
            }
        }
        if normal.len() > 1 && normal.last() == Some(&b'/') {
            normal.pop();
        }
        Self(normal)
    }

    /// It begins with a slash and does not end with one, unless it is nothing else.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// For people: what is not UTF-8 is replaced.
impl fmt::Display for NormalPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for NormalPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{self}`")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::NormalPath;

    #[test]
    fn one_path_has_many_spellings() {
        for (path, spellings) in [
            ("/", &["", "/", "//", "///", "%2F", "/%2f/"][..]),
            (
                "/api",
                &["/api", "//api", "/api/", "//api//", "/%61pi", "api"],
            ),
            (
                "/onebot/v11/ws",
                &[
                    "/onebot/v11/ws/",
                    "//onebot//v11//ws",
                    "/onebot/v11/%77s",
                    "/onebot%2Fv11/ws",
                ],
            ),
            (
                "/机器人",
                &[
                    "/机器人/",
                    "/%E6%9C%BA%E5%99%A8%E4%BA%BA",
                    "//%e6%9c%ba器人",
                ],
            ),
        ] {
            for spelling in spellings {
                assert_eq!(
                    NormalPath::new(spelling),
                    NormalPath::new(path),
                    "{spelling}"
                );
            }
            assert_eq!(NormalPath::new(path).to_string(), path);
        }
    }

    #[test]
    fn other_paths_stay_other_paths() {
        for (one, other) in [
            ("/api", "/API"),
            ("/api", "/apis"),
            ("/api", "/a/pi"),
            ("/a%25", "/a"),
            ("/%61", "/%2561"),
            ("/a.", "/a"),
            ("/../a", "/a"),
            ("/%ff", "/%fe"),
        ] {
            assert_ne!(
                NormalPath::new(one),
                NormalPath::new(other),
                "{one} {other}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_it_shows_is_the_same_path(written in "[a-z/%机]{0,12}") {
            let path = NormalPath::new(&written);
            let shown = path.to_string();
            prop_assert!(shown.starts_with('/') && !shown.contains("//"), "{shown}");
            prop_assert!(shown == "/" || !shown.ends_with('/'), "{shown}");
            prop_assert_eq!(NormalPath::new(&format!("{written}/")), path.clone());
            prop_assert_eq!(NormalPath::new(&format!("/{written}")), path);
        }
    }
}
