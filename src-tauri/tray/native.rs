//! The tray of Windows and macOS.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use perpetua_desktop::{
    Ink, MenuEntry, MenuItem, TrayAction, TrayIcon, TrayView, menu_actions, menu_shape,
};
use tauri::{
    AppHandle, Wry,
    image::Image,
    menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem as Item, PredefinedMenuItem, Submenu},
    tray::{MouseButton, MouseButtonState, TrayIcon as Shown, TrayIconBuilder, TrayIconEvent},
};
use tokio::sync::{mpsc, watch};
use tracing::warn;

use super::Clicks;

/// Clicks that may wait; a person makes them one by one.
const CLICKS: usize = 16;
/// The name of the one icon.
const ID: &str = "perpetua";

/// The tray. A cheap clone.
#[derive(Clone)]
pub(crate) struct NativeTray {
    app: AppHandle,
    shown: Arc<Mutex<Showing>>,
    visible: watch::Sender<bool>,
}

/// What the system shows.
struct Showing {
    tray: Option<Shown<Wry>>,
    view: TrayView,
    parts: Vec<Part>,
    /// What the items do, by their ids.
    actions: HashMap<String, TrayAction>,
}

/// What of a menu can change by itself.
enum Part {
    Item(Item<Wry>),
    Checked(CheckMenuItem<Wry>),
    Submenu(Submenu<Wry>),
}

impl NativeTray {
    pub(crate) fn start(app: &AppHandle, first: TrayView) -> (Self, Clicks) {
        let (clicked, clicks) = mpsc::channel(CLICKS);
        let showing = Showing {
            tray: None,
            view: first.clone(),
            parts: Vec::new(),
            actions: HashMap::new(),
        };
        let tray = Self {
            app: app.clone(),
            shown: Arc::new(Mutex::new(showing)),
            visible: watch::channel(false).0,
        };
        // A tray that cannot be had is no reason not to run.
        match tray.build(&first, clicked) {
            Ok(()) => {
                tray.visible.send_replace(true);
            }
            Err(cause) => warn!(%cause, "no icon can be put into the tray"),
        }
        (tray, clicks)
    }

    fn build(
        &self,
        view: &TrayView,
        clicked: mpsc::Sender<(TrayAction, Option<String>)>,
    ) -> tauri::Result<()> {
        let (menu, parts, actions) = menu(&self.app, &view.menu)?;
        let (shown, from_icon) = (Arc::clone(&self.shown), clicked.clone());
        let tray = TrayIconBuilder::with_id(ID)
            .icon(image(view.icon))
            .icon_as_template(cfg!(target_os = "macos"))
            .tooltip(&view.tooltip)
            .menu(&menu)
            .show_menu_on_left_click(cfg!(target_os = "macos"))
            .on_menu_event(move |_, event| {
                let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(action) = shown.actions.get(event.id().as_ref()) {
                    let _many_wait = clicked.try_send((action.clone(), None));
                }
            })
            .on_tray_icon_event(move |_, event| {
                let left = matches!(
                    event,
                    TrayIconEvent::Click {
                        button: MouseButton::Left,
                        button_state: MouseButtonState::Up,
                        ..
                    }
                );
                if left && cfg!(windows) {
                    let _many_wait = from_icon.try_send((TrayAction::Open, None));
                }
            })
            .build(&self.app)?;
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        (shown.tray, shown.parts, shown.actions) = (Some(tray), parts, actions);
        Ok(())
    }

    pub(crate) fn show(&self, view: TrayView) {
        let tray = self.clone();
        let shown = self.app.run_on_main_thread(move || {
            if let Err(cause) = tray.change(view) {
                warn!(%cause, "the tray cannot be changed");
            }
        });
        if let Err(cause) = shown {
            warn!(%cause, "the tray cannot be changed");
        }
    }

    /// Changes what differs, item by item; only another number of items makes another menu.
    fn change(&self, view: TrayView) -> tauri::Result<()> {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tray) = shown.tray.clone() else {
            return Ok(());
        };
        if shown.view == view {
            return Ok(());
        }
        if shown.view.icon != view.icon {
            tray.set_icon(Some(image(view.icon)))?;
        }
        if shown.view.tooltip != view.tooltip {
            tray.set_tooltip(Some(&view.tooltip))?;
        }
        if menu_shape(&shown.view.menu) == menu_shape(&view.menu) {
            let mut parts = shown.parts.iter();
            change_texts(&shown.view.menu, &view.menu, &mut parts)?;
            shown.actions = menu_actions(&view.menu);
        } else {
            let (menu, parts, actions) = menu(&self.app, &view.menu)?;
            tray.set_menu(Some(menu))?;
            (shown.parts, shown.actions) = (parts, actions);
        }
        shown.view = view;
        Ok(())
    }

    pub(crate) fn visible(&self) -> watch::Receiver<bool> {
        self.visible.subscribe()
    }

    #[expect(clippy::unused_async, reason = "another system's tray has to ask")]
    pub(crate) async fn is_visible_now(&self) -> bool {
        *self.visible.borrow()
    }
}

fn image(icon: TrayIcon) -> Image<'static> {
    let ink = if cfg!(target_os = "macos") {
        Ink::Template
    } else {
        Ink::Middle
    };
    let largest = icon.images(ink).pop();
    let (size, rgba) = largest.map_or((0, Vec::new()), |image| (image.size, image.rgba));
    Image::new_owned(rgba, size, size)
}

type Made = (Menu<Wry>, Vec<Part>, HashMap<String, TrayAction>);

fn menu(app: &AppHandle, entries: &[MenuEntry]) -> tauri::Result<Made> {
    let menu = Menu::new(app)?;
    let mut parts = Vec::new();
    fill(app, entries, "", &mut parts, &|item| menu.append(item))?;
    Ok((menu.clone(), parts, menu_actions(entries)))
}

fn fill(
    app: &AppHandle,
    entries: &[MenuEntry],
    place: &str,
    parts: &mut Vec<Part>,
    append: &dyn Fn(&dyn IsMenuItem<Wry>) -> tauri::Result<()>,
) -> tauri::Result<()> {
    for (index, entry) in entries.iter().enumerate() {
        let id = format!("{place}/{index}");
        match entry {
            MenuEntry::Separator => append(&PredefinedMenuItem::separator(app)?)?,
            MenuEntry::Submenu { text, entries } => {
                let submenu = Submenu::new(app, label(text), true)?;
                parts.push(Part::Submenu(submenu.clone()));
                fill(app, entries, &id, parts, &|item| submenu.append(item))?;
                append(&submenu)?;
            }
            MenuEntry::Item(MenuItem {
                text,
                checked: Some(checked),
                action,
            }) => {
                let enabled = action.is_some();
                let none = None::<&str>;
                let item = CheckMenuItem::with_id(app, id, label(text), enabled, *checked, none)?;
                append(&item)?;
                parts.push(Part::Checked(item));
            }
            MenuEntry::Item(MenuItem { text, action, .. }) => {
                let item = Item::with_id(app, id, label(text), action.is_some(), None::<&str>)?;
                append(&item)?;
                parts.push(Part::Item(item));
            }
        }
    }
    Ok(())
}

fn change_texts<'p>(
    before: &[MenuEntry],
    now: &[MenuEntry],
    parts: &mut impl Iterator<Item = &'p Part>,
) -> tauri::Result<()> {
    for (before, now) in before.iter().zip(now) {
        if *now == MenuEntry::Separator {
            continue;
        }
        let Some(part) = parts.next() else {
            return Ok(());
        };
        match (now, part) {
            (MenuEntry::Submenu { text, entries }, Part::Submenu(shown)) => {
                if let MenuEntry::Submenu {
                    text: text_before,
                    entries: entries_before,
                } = before
                {
                    if text_before != text {
                        shown.set_text(label(text))?;
                    }
                    change_texts(entries_before, entries, parts)?;
                }
            }
            (MenuEntry::Item(item), Part::Checked(shown)) if before != now => {
                shown.set_text(label(&item.text))?;
                shown.set_checked(item.checked == Some(true))?;
            }
            (MenuEntry::Item(item), Part::Item(shown)) if before != now => {
                shown.set_text(label(&item.text))?;
                shown.set_enabled(item.action.is_some())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// An ampersand is before the letter that a keyboard chooses by; two are one.
fn label(text: &str) -> String {
    text.replace('&', "&&")
}
