//! The window: made when it is wanted, hidden when it is closed, taken apart when nobody has wanted it
//! for a while.

use std::{sync::Arc, time::Duration};

use perpetua_desktop::{Area, Entrance, ShellEvent, WindowLayout, WindowPlace, Wish, lay_out};
use tauri::{
    AppHandle, Manager as _, Monitor, Theme, WebviewUrl, WebviewWindow, WebviewWindowBuilder,
    WindowEvent,
    utils::config::BackgroundThrottlingPolicy,
    webview::{NewWindowResponse, PageLoadEvent},
    window::Color,
};
use tokio::time::sleep;
use tracing::{debug, error, warn};

use crate::{desk::Desk, no_window};

/// The name of the one window.
pub(crate) const LABEL: &str = "main";
/// How long a page may take until its first picture; then the window is shown as it is.
const READY_LIMIT: Duration = Duration::from_secs(3);
/// The page's canvas by day and by night, so that nothing flashes before it has drawn.
const CANVAS: [(Theme, Color); 2] = [
    (Theme::Light, Color(0xF6, 0xF5, 0xF2, 0xFF)),
    (Theme::Dark, Color(0x14, 0x16, 0x1C, 0xFF)),
];

/// The window, where there is one.
pub(crate) fn find(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// Shows the window at a path, and makes it if there is none. On the main thread.
pub(crate) fn show(desk: &Desk, wish: Wish) {
    desk.window.lock().times_shown += 1;
    let Some(Wish { path, activation }) = desk.window.wish(wish) else {
        return;
    };
    match find(&desk.app) {
        Some(window) => {
            if let Some(path) = path {
                desk.emit(ShellEvent::Navigate { path });
            }
            bring_forward(&window, activation.as_deref());
            desk.emit(ShellEvent::Shown);
        }
        None => make(desk, path, activation),
    }
}

fn make(desk: &Desk, path: Option<String>, activation: Option<String>) {
    let this = desk.window.begin(activation);
    let path = path.unwrap_or_else(|| desk.window.lock().path.clone());
    match build(desk, &path) {
        Ok(window) => {
            let (desk, made) = (desk.clone(), window.clone());
            tauri::async_runtime::spawn(async move {
                sleep(READY_LIMIT).await;
                if let Some(entrance) = desk.window.page_takes_too_long(this) {
                    warn!("the page has not said that it is ready; the window is shown as it is");
                    reveal(&made, entrance);
                }
            });
        }
        Err(cause) => {
            error!(%cause, "the window cannot be made");
            no_window::tell(desk, &cause.to_string());
        }
    }
}

fn build(desk: &Desk, path: &str) -> tauri::Result<WebviewWindow> {
    let layout = layout(desk);
    let url = WebviewUrl::App(path.trim_start_matches('/').into());
    let (loading, terminated) = (desk.clone(), desk.clone());
    let mut builder = WebviewWindowBuilder::new(&desk.app, LABEL, url)
        .title("perpetua")
        .visible(false)
        .inner_size(layout.size.0, layout.size.1)
        .min_inner_size(layout.smallest.0, layout.smallest.1)
        .disable_drag_drop_handler()
        .initialization_script(perpetua_desktop::page_language_script())
        // Where a system freezes a hidden page's timers, it would wake up with what was true long ago.
        .background_throttling(BackgroundThrottlingPolicy::Disabled)
        .on_navigation(|url| url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost"))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(move |_, load| {
            if load.event() == PageLoadEvent::Started {
                loading.streams.end_all();
            }
        });
    if let Some(folder) = &desk.system.page_folder() {
        builder = builder.data_directory(folder.clone());
    }
    builder = match layout.corner {
        Some((x, y)) => builder.position(x, y),
        None => builder.center(),
    };
    let window = builder.maximized(layout.maximised).build()?;
    let theme = window.theme()?;
    if let Some((_, canvas)) = CANVAS.iter().find(|(known, _)| *known == theme) {
        window.set_background_color(Some(*canvas))?;
    }
    reload_when_terminated(&window, terminated);
    Ok(window)
}

/// A page whose process has died is loaded anew, unless it dies again and again: then its window is taken
/// apart, and whoever opens the window next gets a new one.
#[cfg(target_os = "linux")]
fn reload_when_terminated(window: &WebviewWindow, desk: Desk) {
    use webkit2gtk::WebViewExt;
    let set = window.with_webview(move |webview| {
        webview
            .inner()
            .connect_web_process_terminated(move |view, reason| {
                warn!(?reason, "the process that draws the page has died");
                desk.streams.end_all();
                if desk
                    .window
                    .lock()
                    .deaths
                    .happened(std::time::Instant::now())
                {
                    desk.tell_no_window(&format!("{reason:?}"));
                    take_dead_apart(&desk);
                } else {
                    view.reload();
                }
            });
    });
    if let Err(cause) = set {
        debug!(%cause, "nobody will see the page's process die");
    }
}

/// Not at once: the view that tells of the death is still in the middle of it.
#[cfg(target_os = "linux")]
fn take_dead_apart(desk: &Desk) {
    let desk = desk.clone();
    tauri::async_runtime::spawn(async move {
        let of_desk = desk.clone();
        let _ending = desk.app.run_on_main_thread(move || destroy(&of_desk));
    });
}

/// On macOS Tauri loads the page anew by itself. `WebView2` shows a page of its own then, and tells of it only
/// whoever calls it in unsafe code.
#[cfg(not(target_os = "linux"))]
fn reload_when_terminated(_: &WebviewWindow, _: Desk) {}

fn layout(desk: &Desk) -> WindowLayout {
    let last = desk
        .system
        .window_file()
        .and_then(|file| WindowPlace::read(&file));
    let screens = desk.app.available_monitors().unwrap_or_default();
    let main = desk.app.primary_monitor().ok().flatten();
    let screens: Vec<Area> = main.iter().chain(&screens).map(work_area).collect();
    lay_out(last, &screens)
}

fn work_area(monitor: &Monitor) -> Area {
    let (area, scale) = (monitor.work_area(), monitor.scale_factor());
    let (corner, size) = (area.position.to_logical(scale), area.size.to_logical(scale));
    Area {
        x: corner.x,
        y: corner.y,
        width: size.width,
        height: size.height,
    }
}

/// Shows a new window for the first time. One whose page was loaded anew stays where it is.
pub(crate) fn reveal(window: &WebviewWindow, entrance: Entrance) {
    match entrance {
        Entrance::InFront(activation) => bring_forward(window, activation.as_deref()),
        Entrance::Small => {
            let _shown_later = window.show().and_then(|()| window.minimize());
        }
    }
}

fn bring_forward(window: &WebviewWindow, activation: Option<&str>) {
    if let Some(token) = activation {
        use_activation(window, token);
    }
    let shown = window
        .unminimize()
        .and_then(|()| window.show())
        .and_then(|()| window.set_focus());
    if let Err(cause) = shown {
        warn!(%cause, "the window cannot be shown");
    }
    // Where the desktop does not let it come forward, it asks for attention.
    if !window.is_focused().unwrap_or(false) {
        let wish = Some(tauri::UserAttentionType::Informational);
        let _not_everywhere = window.request_user_attention(wish);
    }
}

#[cfg(target_os = "linux")]
fn use_activation(window: &WebviewWindow, token: &str) {
    use gtk::prelude::GtkWindowExt;
    if let Ok(window) = window.gtk_window() {
        window.set_startup_id(token);
    }
}

#[cfg(not(target_os = "linux"))]
fn use_activation(_: &WebviewWindow, _: &str) {}

/// What happens to the window.
pub(crate) fn on_event(desk: &Desk, event: &WindowEvent) {
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            desk.close_window();
        }
        WindowEvent::Destroyed => {
            desk.streams.end_all();
            if let Some(wish) = desk.window.is_gone() {
                let desk = desk.clone();
                tauri::async_runtime::spawn(async move { desk.show(wish.path, wish.activation) });
            }
        }
        WindowEvent::Focused(focused) => desk.window.set_focused(*focused),
        _ => {}
    }
}

/// Hides the window where the tray leads back to it, else makes it small; tells once what became of it.
pub(crate) fn close(desk: &Desk, has_tray: bool) {
    let Some(window) = find(&desk.app) else {
        return;
    };
    keep_place(desk, &window);
    let closed = if has_tray {
        window.hide()
    } else {
        window.minimize()
    };
    if let Err(cause) = closed {
        warn!(%cause, "the window cannot be closed");
        return;
    }
    if has_tray {
        let hidden = desk.window.lock().times_shown;
        let desk = desk.clone();
        tauri::async_runtime::spawn(async move {
            sleep(desk.system.hidden_window_lasts()).await;
            let of_desk = desk.clone();
            // Where windows are shown too, so that none is shown in between.
            let _ending = desk.app.run_on_main_thread(move || {
                if of_desk.window.lock().times_shown == hidden {
                    debug!("the window was hidden for long and is taken apart");
                    destroy(&of_desk);
                }
            });
        });
    }
}

/// Takes the window apart; what it used is free again, and the next one begins at the same page.
fn destroy(desk: &Desk) {
    if let Some(window) = find(&desk.app) {
        desk.window.begin_to_go();
        let _gone_already = window.destroy();
    }
}

/// Keeps where the window stands for the next one.
pub(crate) fn keep_place(desk: &Desk, window: &WebviewWindow) {
    let Some(file) = desk.system.window_file() else {
        return;
    };
    let Ok(place) = place_of(window) else { return };
    let keep = Arc::new(file);
    tauri::async_runtime::spawn_blocking(move || {
        if let Err(cause) = place.write(&keep) {
            warn!(%cause, "the window's place is not kept");
        }
    });
}

fn place_of(window: &WebviewWindow) -> tauri::Result<WindowPlace> {
    let scale = window.scale_factor()?;
    let (corner, size) = (
        window.outer_position()?.to_logical(scale),
        window.inner_size()?.to_logical(scale),
    );
    Ok(WindowPlace {
        area: Area {
            x: corner.x,
            y: corner.y,
            width: size.width,
            height: size.height,
        },
        maximised: window.is_maximized()?,
    })
}
