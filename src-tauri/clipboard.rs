//! The clipboard of the system: a page's own is refused after any wait, and empty outside the window on Wayland.

use perpetua_schema::RpcError;
use tauri::AppHandle;

/// Puts a text into it.
#[cfg(target_os = "linux")]
pub(crate) async fn write(app: &AppHandle, text: String) -> Result<(), RpcError> {
    let (done, written) = tokio::sync::oneshot::channel();
    let on_main = app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD);
        clipboard.set_text(&text);
        let _nobody_waits = done.send(());
    });
    on_main.map_err(|gone| perpetua_desktop::clipboard_refused(&gone.to_string()))?;
    let written = written.await;
    written.map_err(|gone| perpetua_desktop::clipboard_refused(&gone.to_string()))
}

/// Puts a text into it.
#[cfg(not(target_os = "linux"))]
pub(crate) async fn write(_: &AppHandle, text: String) -> Result<(), RpcError> {
    let written = tokio::task::spawn_blocking(move || {
        arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_text(text))
    });
    match written.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(cause)) => Err(perpetua_desktop::clipboard_refused(&cause.to_string())),
        Err(_ending) => Ok(()),
    }
}
