//! A message of the system's own, where there is no window to say something in.

use perpetua_desktop::NoWindow;
use rfd::{AsyncMessageDialog, MessageButtons, MessageDialogResult, MessageLevel};

use crate::desk::Desk;

/// Says that no window can be made, and offers what a person can do; node and tray go on meanwhile. On the
/// main thread.
pub(crate) fn tell(desk: &Desk, cause: &str) {
    let said = NoWindow::new(cause, desk.language());
    let [again, logs, quit] = said.buttons.clone();
    let answer = AsyncMessageDialog::new()
        .set_level(MessageLevel::Error)
        .set_title("perpetua")
        .set_description(&said.text)
        .set_buttons(MessageButtons::YesNoCancelCustom(again, logs, quit))
        .show();
    let desk = desk.clone();
    tauri::async_runtime::spawn(async move {
        if let MessageDialogResult::Custom(button) = answer.await
            && let Some(way) = said.way(&button)
        {
            desk.act(way, None).await;
        }
    });
}
