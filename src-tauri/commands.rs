//! The one command of the page: calls of the node, and of the program around the page.

use perpetua_desktop::{Nothing, ShellCall, ShellStatus, ShellStream};
use perpetua_schema::{ErrorCode, RpcError, Topics};
use serde_json::Value;
use tauri::{
    Manager as _, State, Webview,
    ipc::{Channel, JavaScriptChannelId},
};

use crate::{choose, desk::Desk, quit};

/// Why a call has no reply; absent where nobody is there to answer.
type Failed = Option<RpcError>;

/// Carries out any call by its name.
#[tauri::command]
pub(crate) async fn rpc(
    desk: State<'_, Desk>,
    webview: Webview,
    name: String,
    params: Value,
    events: Option<JavaScriptChannelId>,
) -> Result<Value, Failed> {
    let Some(call) = ShellCall::parse(&name, &params) else {
        return desk.keeper.call(&name, &params).await;
    };
    let call = call?;
    match call {
        ShellCall::Follow(follow) => {
            let topics = follow.topics.join(",").parse::<Topics>();
            let topics = topics.map_err(|refused| RpcError::new(ErrorCode::BadRequest, refused))?;
            let channel = channel(&name, events, webview)?;
            let events = desk.keeper.events(&topics).await?;
            let send = |event| channel.send(event);
            desk.streams.pass_on(follow.stream, events, send).await;
            Ok(Value::Null)
        }
        ShellCall::FollowShell(ShellStream { stream }) => {
            let channel = channel(&name, events, webview)?;
            let send = |event| channel.send(event);
            desk.streams.pass_on(stream, desk.events(), send).await;
            Ok(Value::Null)
        }
        other => Ok(carry_out(&desk, other).await?),
    }
}

fn channel<T>(
    call: &str,
    events: Option<JavaScriptChannelId>,
    webview: Webview,
) -> Result<Channel<T>, RpcError> {
    let missing = || perpetua_desktop::channel_missing(call);
    Ok(events.ok_or_else(missing)?.channel_on(webview))
}

fn json(status: &ShellStatus) -> Value {
    serde_json::to_value(status).unwrap_or_default()
}

async fn carry_out(desk: &Desk, call: ShellCall) -> Result<Value, RpcError> {
    match call {
        ShellCall::Status(Nothing {}) => return Ok(json(&desk.asked_status().await)),
        ShellCall::Ready(Nothing {}) => desk.page_is_ready(),
        ShellCall::Page(page) => desk.page_went_to(page.path),
        ShellCall::Unfollow(ShellStream { stream }) => desk.streams.end(&stream),
        ShellCall::SetAutostart(autostart) => {
            desk.system.set_autostart(autostart.enabled).await?;
            return Ok(json(&desk.tell_status().await));
        }
        ShellCall::TestNotification(Nothing {}) => {
            return Ok(json(&desk.test_notification().await));
        }
        ShellCall::OpenFolder(open) => desk.system.open_folder(open.folder).await?,
        ShellCall::OpenSettings(open) => desk.system.open_settings(open.line).await?,
        ShellCall::ChooseCore(Nothing {}) => {
            return Ok(serde_json::to_value(choose::core(desk).await?).unwrap_or_default());
        }
        ShellCall::WriteClipboard(write) => desk.write_clipboard(write.text).await?,
        ShellCall::RetryNode(retry) => {
            let retried = desk.keeper.retry(retry.way).await?;
            return Ok(serde_json::to_value(retried).unwrap_or_default());
        }
        ShellCall::CloseWindow(Nothing {}) => desk.close_window(),
        ShellCall::ReadNotices(Nothing {}) => {
            let resources = desk.app.path().resource_dir().ok();
            let notices = perpetua_desktop::shipped_notices(resources).await;
            return Ok(serde_json::to_value(notices).unwrap_or_default());
        }
        ShellCall::LookForUpdate(Nothing {}) => desk.updater.look(),
        ShellCall::DownloadUpdate(Nothing {}) => desk.updater.download(),
        ShellCall::CancelUpdate(Nothing {}) => desk.updater.cancel(),
        ShellCall::InstallUpdate(Nothing {}) => {
            quit::for_install(desk, desk.updater.install_now()?);
        }
        ShellCall::Quit(Nothing {}) => quit::by_person(desk),
        // The command itself follows, for it has the channel.
        ShellCall::Follow(_) | ShellCall::FollowShell(_) => {}
    }
    Ok(Value::Null)
}
