//! The system's own dialog that chooses a file.

use perpetua_desktop::{ChosenFile, CoreChoice};
use perpetua_schema::RpcError;
use rfd::AsyncFileDialog;

use crate::{desk::Desk, window};

/// Asks for the archive of a core, before the window. An app that is ending has no answer.
pub(crate) async fn core(desk: &Desk) -> Result<ChosenFile, RpcError> {
    let (opened, dialog) = tokio::sync::oneshot::channel();
    let (app, choice) = (desk.app.clone(), CoreChoice::new(desk.language()));
    let on_main = desk.app.run_on_main_thread(move || {
        let mut dialog = AsyncFileDialog::new().set_title(&choice.title);
        if let Some(window) = window::find(&app) {
            dialog = dialog.set_parent(&window);
        }
        let dialog = dialog.add_filter(&choice.archives, &CoreChoice::ENDINGS);
        let _nobody_waits = opened.send(dialog.pick_file());
    });
    match (on_main, dialog.await) {
        (Ok(()), Ok(dialog)) => {
            let chosen = dialog.await;
            ChosenFile::new(chosen.as_ref().map(rfd::FileHandle::path))
        }
        _ => Ok(ChosenFile::default()),
    }
}
