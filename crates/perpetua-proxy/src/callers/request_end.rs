//! Where a request ends, as far as the bytes tell that the HTTP library was given. Pure.

/// The end of a body in chunks as nearly all write it (RFC 9112, section 7.1). No head ends like that.
const LAST_CHUNK: &[u8; 6] = b"\n0\r\n\r\n";

/// Counts what the library was given since the last request that ended where its bytes did.
#[derive(Default, Debug)]
pub(super) struct RequestEnd {
    given: u64,
    /// With the empty line at its end.
    head: Option<u64>,
    line_has_begun: bool,
    /// The last bytes.
    tail: [u8; LAST_CHUNK.len()],
    /// The library was given a part of the next request before this one had ended: nobody knows any more where
    /// a line begins.
    is_lost: bool,
}

impl RequestEnd {
    /// The library was given these.
    pub(super) fn gives(&mut self, bytes: &[u8]) {
        if self.head.is_none() {
            for (before, byte) in bytes.iter().enumerate() {
                match byte {
                    b'\n' if !self.line_has_begun => {
                        self.head = Some(self.given + before as u64 + 1);
                        break;
                    }
                    b'\n' => self.line_has_begun = false,
                    b'\r' => {}
                    _ => self.line_has_begun = true,
                }
            }
        }
        self.given += bytes.len() as u64;
        for byte in &bytes[bytes.len().saturating_sub(self.tail.len())..] {
            self.tail.rotate_left(1);
            self.tail[LAST_CHUNK.len() - 1] = *byte;
        }
    }

    /// A request has ended whose body was announced with so many bytes; `None`: it came in chunks. Whether a line
    /// begins here.
    pub(super) fn ends(&mut self, body: Option<u64>) -> bool {
        let is_here = match body {
            Some(body) => self.head.is_some_and(|head| head + body == self.given),
            None => self.tail == *LAST_CHUNK,
        };
        let is_lost = self.is_lost || !is_here;
        *self = Self {
            is_lost,
            ..Self::default()
        };
        !is_lost
    }
}

#[cfg(test)]
mod tests {
    use super::RequestEnd;

    const HEAD: &[u8] = b"POST /a HTTP/1.1\r\na: b\r\n\r\n";

    fn given(parts: &[&[u8]]) -> RequestEnd {
        let mut end = RequestEnd::default();
        for part in parts {
            end.gives(part);
        }
        end
    }

    #[test]
    fn a_line_begins_where_the_bytes_of_a_request_end() {
        for split in 0..HEAD.len() {
            let (first, second) = HEAD.split_at(split);
            assert!(given(&[first, second]).ends(Some(0)), "{split}");
            let mut end = given(&[first, second, b"\n\n{}"]);
            assert!(end.ends(Some(4)));
            end.gives(b"GET / HTTP/1.0\n\n");
            assert!(end.ends(Some(0)), "and behind the next one");
            assert!(given(&[first, second, b"2\r\n{}\r\n0", b"\r\n\r\n"]).ends(None));
            assert!(given(&[first, second, b"0\r\n\r\n"]).ends(None));
        }
    }

    #[test]
    fn behind_what_was_given_too_early_no_line_begins_any_more() {
        for (parts, body) in [
            (&[HEAD, HEAD][..], Some(0)),
            (&[HEAD, b"{}G"], Some(2)),
            (&[HEAD, b"{"], Some(2)),
            (&[HEAD, b"2\r\n{}\r\n0\r\n\r\n", HEAD], None),
            (&[HEAD, b"2\r\n{}\r\n0\r\na: b\r\n\r\n"], None),
            (&[b"GET / HTTP/1.1\r\n"], Some(0)),
        ] {
            let mut end = given(parts);
            assert!(!end.ends(body), "{parts:?}");
            end.gives(HEAD);
            assert!(!end.ends(Some(0)), "{parts:?}, and not later");
        }
    }
}
