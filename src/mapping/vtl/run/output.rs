//! What a program has printed so far.

/// A text in the making, and where in the template its parts come from.
#[derive(Debug, Default)]
pub(super) struct Output {
    pub(super) text: String,
    pub(super) origins: Vec<(u32, u32)>,
    /// How many texts are being made that are not printed: those of `"…"`.
    inside: usize,
    /// Texts that were made, for their room.
    spare: Vec<String>,
}

// === impl Output ===

impl Output {
    /// Says which place of the template writes from here on.
    pub(super) fn from(&mut self, at: u32) {
        if self.inside > 0 {
            return;
        }
        let offset = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        match self.origins.last_mut() {
            // Whoever was here before has written nothing.
            Some(last) if last.0 == offset => last.1 = at,
            Some(last) if last.1 == at => {}
            _ => self.origins.push((offset, at)),
        }
    }

    /// Begins a text of its own; hands out what was being written, to be given back.
    pub(super) fn begin(&mut self) -> String {
        self.inside += 1;
        let text = self.spare.pop().unwrap_or_default();
        std::mem::replace(&mut self.text, text)
    }

    /// Ends a text of its own and hands it to `read`.
    pub(super) fn end<V>(&mut self, outer: String, read: impl FnOnce(&str) -> V) -> V {
        self.inside = self.inside.saturating_sub(1);
        let mut text = std::mem::replace(&mut self.text, outer);
        let value = read(&text);
        text.clear();
        self.spare.push(text);
        value
    }
}
