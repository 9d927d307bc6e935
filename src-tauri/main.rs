//! `perpetua`: the window, the tray and the notifications around a node.
//!
//! Nothing is decided here: what is shown and when is a value of `perpetua-desktop`, and this program
//! puts it on the screen.

#![cfg_attr(all(windows, not(debug_assertions)), windows_subsystem = "windows")]

mod choose;
mod clipboard;
mod commands;
mod desk;
#[cfg(target_os = "linux")]
mod display;
mod no_window;
mod quit;
#[cfg(target_os = "linux")]
mod session_bus;
mod tray;
mod update;
mod watching;
mod window;

use std::{env, error::Error, process::ExitCode};

use perpetua_config::{Log, LogFormat};
use perpetua_desktop::{KeeperOptions, LaunchArguments, Relaunch, UpdaterOptions};
use perpetua_fs::Folders;
use perpetua_telemetry::{InitError, LogGuard, LogHandle};
use perpetua_update::Project;
use perpetua_words::Message;
use tauri::{Manager, RunEvent};
#[cfg(target_os = "linux")]
use tikv_jemallocator::Jemalloc;
use tokio::runtime::Runtime;
use tracing::error;

use crate::{desk::Desk, quit::LastLines, update::PendingInstall};

/// As in `perpetuad`: what large messages took goes back to the system once they are gone; `NodeKeeper` sees to that.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// The commit that the program was built from.
const BUILD: &str = env!("PERPETUA_BUILD");

fn main() -> ExitCode {
    let arguments = match LaunchArguments::parse(env::args_os().skip(1)) {
        Ok(arguments) => arguments,
        Err(cause) => return refused(&cause, 64),
    };
    if let Err(cause) = Relaunch::if_needed() {
        eprintln!("perpetua: {cause}");
    }
    match run(arguments) {
        Ok(code) => code,
        Err(cause) => {
            error!(%cause, "the program cannot run");
            eprintln!("perpetua: {cause}");
            ExitCode::FAILURE
        }
    }
}

/// Says why there is nothing to run, where there is no window to say it in.
fn refused(cause: &Message, code: u8) -> ExitCode {
    let cause = cause.in_language(perpetua_locale::of_environment());
    eprintln!("perpetua: {cause}");
    ExitCode::from(code)
}

fn run(arguments: LaunchArguments) -> Result<ExitCode, Box<dyn Error>> {
    #[cfg(target_os = "linux")]
    let Some(display) = display::open() else {
        return Ok(refused(
            &perpetua_words::desktop::NoScreen.into(),
            quit::NO_SCREEN,
        ));
    };
    let runtime = Runtime::new()?;
    tauri::async_runtime::set(runtime.handle().clone());
    let folders = arguments.place.folders().ok();
    let (log, guard) = begin_log(folders.as_ref())?;
    let last_lines = LastLines::new(guard);
    let mut context = context();
    if arguments.place.data_dir.is_some() {
        context.config_mut().identifier = perpetua_desktop::identifier_of(folders.as_ref());
    }
    let project = Project::built_in()?;
    if arguments.trial {
        return update::try_out(&arguments, context, &project.version);
    }
    let second_start = tauri_plugin_single_instance::init(|app, arguments, _folder| {
        let Some(desk) = app.try_state::<Desk>() else {
            return;
        };
        let arguments = arguments.into_iter().skip(1).map(Into::into);
        let activation = LaunchArguments::parse(arguments)
            .ok()
            .and_then(|read| read.activation);
        desk.show(None, activation);
    });
    #[cfg(target_os = "linux")]
    let kept = last_lines.clone();
    let pending = PendingInstall::default();
    let installing = pending.clone();
    let app = tauri::Builder::default()
        .plugin(second_start)
        .invoke_handler(tauri::generate_handler![commands::rpc])
        .setup(move |app| {
            let options = KeeperOptions {
                place: arguments.place.clone(),
                log,
                language: perpetua_locale::of_environment(),
                build: BUILD,
            };
            let updates = UpdaterOptions {
                place: arguments.place.clone(),
                folders: folders.clone(),
                package: update::package(),
                project,
            };
            let version = updates.project.version.clone();
            let begin = || Desk::begin(app.handle(), options, folders, updates, installing);
            let desk = entered(begin);
            update::tell_start(&desk, arguments.report, version);
            app.manage(desk.clone());
            quit::on_signals(&desk);
            #[cfg(target_os = "linux")]
            display::watch(&display, desk.clone(), kept);
            #[cfg(target_os = "linux")]
            session_bus::watch(desk.clone());
            if arguments.minimised {
                watching::begin_minimised(desk);
            } else {
                desk.show(None, arguments.activation);
            }
            Ok(())
        })
        .build(context)?;
    let code = app.run_return(|app, event| match event {
        // The last window is gone, and the program goes on in the tray.
        RunEvent::ExitRequested {
            code: None, api, ..
        } => api.prevent_exit(),
        // Whoever ended it some other way, as the menu of macOS does, has ended no node yet.
        RunEvent::Exit => quit::end_node_now(&app.state::<Desk>()),
        #[cfg(target_os = "macos")]
        RunEvent::Reopen { .. } => app.state::<Desk>().show(None, None),
        RunEvent::WindowEvent { label, event, .. } if label == window::LABEL => {
            window::on_event(&app.state::<Desk>(), &event);
        }
        _ => {}
    });
    runtime.shutdown_timeout(quit::LATE_WORK);
    // No core runs any more, and nothing of this program holds a file.
    pending.carry_out();
    last_lines.write();
    Ok(ExitCode::from(u8::try_from(code).unwrap_or(1)))
}

/// What Tauri makes of `tauri.conf.json` and of the page.
#[expect(
    clippy::exit,
    reason = "what the macro makes ends where its platform's library is missing"
)]
fn context() -> tauri::Context {
    tauri::generate_context!()
}

/// Does something that begins tasks, from outside of one.
fn entered<T>(begin: impl FnOnce() -> T) -> T {
    let tauri::async_runtime::RuntimeHandle::Tokio(runtime) = tauri::async_runtime::handle();
    let _entered = runtime.enter();
    begin()
}

/// Logs to the data folder where it can be made; else only to standard error, and the start of the
/// node says what is wrong with the folder.
fn begin_log(folders: Option<&Folders>) -> Result<(LogHandle, LogGuard), InitError> {
    let usable = folders.filter(|folders| folders.create().is_ok());
    let logs = usable.map(Folders::logs);
    perpetua_telemetry::init(&Log::default(), LogFormat::Text, logs.as_deref())
}
