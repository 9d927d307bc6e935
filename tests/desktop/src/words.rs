//! What stands on the screen, by its code.

use perpetua_words::{Language, Message};
use serde_json::{Value, json};

/// The sentences of one language.
#[derive(Clone, Copy, Debug)]
pub struct Words(pub Language);

impl Words {
    /// The sentence of a code without parameters.
    ///
    /// # Panics
    /// Where the catalogue has no such code: the test is then about something that is gone.
    #[track_caller]
    pub fn of(self, code: &str) -> String {
        self.with(code, &json!({}))
    }

    /// The sentence of a code with these parameters.
    ///
    /// # Panics
    /// Where the catalogue has no such code.
    #[track_caller]
    pub fn with(self, code: &str, params: &Value) -> String {
        let forms = ["", "_one", "_other"].map(|form| format!("{code}{form}"));
        let is_known = forms
            .iter()
            .any(|form| perpetua_words::sentence(form, self.0).is_some());
        assert!(is_known, "the catalogue has no `{code}`");
        let message: Result<Message, _> =
            serde_json::from_value(json!({ "code": code, "params": params }));
        let message = message.expect("parameters are texts and numbers");
        // Backticks are drawn, not written.
        message.in_language(self.0).replace('`', "")
    }
}
