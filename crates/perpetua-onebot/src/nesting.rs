//! Which objects and arrays are open, one bit each.

/// The open objects and arrays of one text, innermost last.
///
/// Up to 64 levels take no allocation, and each further 64 one word.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    depth: usize,
    /// The innermost levels, the last one in the lowest bit: 1 for an object.
    inner: u64,
    /// The levels further out, 64 to a word.
    outer: Vec<u64>,
}

impl Nesting {
    /// How many are open.
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether the innermost is an object; false while none is open.
    pub(crate) fn is_object(&self) -> bool {
        self.inner & 1 == 1
    }

    /// What ends the innermost; only asked while one is open.
    pub(crate) fn closing_bracket(&self) -> u8 {
        if self.is_object() { b'}' } else { b']' }
    }

    /// Opens an object or an array within the innermost.
    pub(crate) fn open(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.outer.push(self.inner);
        }
        self.inner = self.inner << 1 | u64::from(is_object);
        self.depth += 1;
    }

    /// Closes the innermost; only called while one is open.
    pub(crate) fn close(&mut self) {
        self.depth -= 1;
        self.inner >>= 1;
        if self.depth.is_multiple_of(64)
            && let Some(inner) = self.outer.pop()
        {
            self.inner = inner;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Nesting;

    #[test]
    fn levels_close_in_the_order_they_opened() {
        let is_object = |level: usize| level.is_multiple_of(3) || level.is_multiple_of(7);
        let mut nesting = Nesting::default();
        for level in 0..1000 {
            nesting.open(is_object(level));
        }
        for level in (0..1000).rev() {
            assert_eq!(nesting.depth(), level + 1);
            assert_eq!(nesting.is_object(), is_object(level), "{level}");
            nesting.close();
        }
        assert!(nesting.depth() == 0 && !nesting.is_object());
    }
}
