//! What is said where there is no window to say it in.

use perpetua_words::{Language, Message, app, notification as words, tray};

use crate::TrayAction;

/// A message of the system's own, with the ways out.
#[derive(Clone, Debug, PartialEq)]
pub struct NoWindow {
    /// What happened.
    pub text: String,
    /// What the buttons say.
    pub buttons: [String; 3],
}

/// What the buttons of [`NoWindow`] do.
const WAYS: [TrayAction; 3] = [TrayAction::Open, TrayAction::OpenLogs, TrayAction::Quit];

impl NoWindow {
    /// What the system says of the window that it does not make.
    pub fn new(cause: &str, language: Language) -> Self {
        let say = |message: Message| message.in_language(language);
        let (title, long) = (words::NoWindow, words::NoWindowLong { cause });
        Self {
            text: format!("{}\n\n{}", say(title.into()), say(long.into())),
            buttons: [app::Again.into(), app::OpenLogs.into(), tray::Quit.into()].map(say),
        }
    }

    /// What the button with this text does.
    pub fn way(&self, button: &str) -> Option<TrayAction> {
        let at = self.buttons.iter().position(|known| known == button)?;
        WAYS.get(at).cloned()
    }
}

#[cfg(test)]
mod tests {
    use perpetua_words::Language;

    use super::NoWindow;
    use crate::TrayAction;

    #[test]
    fn without_a_window_the_cause_and_three_ways_out_are_said() {
        for language in [Language::Chinese, Language::English] {
            let said = NoWindow::new("no view", language);
            assert!(said.text.contains("no view"), "{}", said.text);
            let [again, logs, quit] = &said.buttons;
            assert_eq!(said.way(again), Some(TrayAction::Open));
            assert_eq!(said.way(logs), Some(TrayAction::OpenLogs));
            assert_eq!(said.way(quit), Some(TrayAction::Quit));
            assert_eq!(said.way("closed"), None);
        }
    }
}
