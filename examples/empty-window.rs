//! A window of Tauri with nothing in it: what `cargo xtask bench --ui` measures the memory of `perpetua` against.

use tauri::{Url, WebviewUrl, WebviewWindowBuilder};

fn main() -> tauri::Result<()> {
    tauri::Builder::default()
        .setup(|app| {
            let nothing = WebviewUrl::External(Url::parse("about:blank")?);
            WebviewWindowBuilder::new(app, "main", nothing)
                .title("perpetua")
                .inner_size(1120.0, 720.0)
                .build()?;
            Ok(())
        })
        .run(context())
}

/// What Tauri makes of `tauri.conf.json`; the page in it is never asked for.
#[expect(
    clippy::exit,
    reason = "what the macro makes ends where its platform's library is missing"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}
