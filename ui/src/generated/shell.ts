// Made from crates/perpetua-desktop by `cargo run -p perpetua-desktop --features typescript --example shell-typescript`.

import type { Message } from "./schema";

/**
 * Whether the program starts with the session. This is the system's to keep, not a setting of ours.
 */
export type Autostart = {
/**
 * Whether.
 */
state: AutostartState,
/**
 * What keeps it from doing so although it should, or why it cannot be changed.
 */
why: Message | null, };

/**
 * See [`Autostart`].
 */
export type AutostartState = "on" | "off" | "unavailable";

/**
 * See [`crate::ShellCall::ChooseCore`].
 */
export type ChosenFile = {
/**
 * Where it is; absent when none was chosen.
 */
path: string | null, };

/**
 * See [`ShellCall::Follow`].
 */
export type FollowTopics = {
/**
 * The topics, as in `GET /rpc/events?topics=`.
 */
topics: Array<string>,
/**
 * A name for the stream, which nobody else has; ends it.
 */
stream: string, };

/**
 * A folder of ours.
 */
export type KnownFolder = "data" | "logs";

/**
 * A newer version of the program.
 */
export type NewerVersion = {
/**
 * Which.
 */
version: string,
/**
 * What is new in it, in the words of whoever offers it.
 */
notes: string,
/**
 * Where people find it.
 */
page: string | null, };

/**
 * Which perpetua the window shows.
 */
export type NodeSituation = { "state": "starting" } | { "state": "own" } | { "state": "other",
/**
 * The version of that program; absent while it does not answer.
 */
version: string | null, } | { "state": "failed",
/**
 * What happened.
 */
problem: Message,
/**
 * What can be tried, the likeliest first.
 */
ways: Array<Way>,
/**
 * The line of the settings where they are wrong, counted from 1.
 */
settings_line?: number, };

/**
 * No parameters.
 */
export type Nothing = Record<symbol, never>;

/**
 * See [`NotificationsStatus`].
 */
export type NotificationState = "works" | "no_service" | "blocked";

/**
 * Whether notifications are shown.
 */
export type NotificationsStatus = {
/**
 * Whether.
 */
state: NotificationState, };

/**
 * See [`ShellCall::OpenFolder`].
 */
export type OpenFolder = {
/**
 * Which one.
 */
folder: KnownFolder, };

/**
 * See [`ShellCall::OpenSettings`].
 */
export type OpenSettings = {
/**
 * The line, counted from 1.
 */
line?: number, };

/**
 * The reply to [`ShellCall::RetryNode`]; how it went is the next status.
 */
export type Retried = {
/**
 * What was changed on the way, for people.
 */
changed: Message | null, };

/**
 * See [`ShellCall::RetryNode`].
 */
export type RetryNode = {
/**
 * How.
 */
way: Way, };

/**
 * See [`ShellCall::SetAutostart`].
 */
export type SetAutostart = {
/**
 * Whether it starts with the session.
 */
enabled: boolean, };

/**
 * What the program tells its page, into the channel of `shell_follow`.
 */
export type ShellEvent = { "event": "navigate",
/**
 * The path.
 */
path: string, } | { "event": "shown" } | { "event": "status",
/**
 * All of it.
 */
status: ShellStatus, } | { "event": "quitting",
/**
 * How many clients are told.
 */
clients: number,
/**
 * How many cores are stopped.
 */
cores: number,
/**
 * How long that may take.
 */
seconds: number,
/**
 * Why, where nobody asked for it.
 */
why: Message | null, };

/**
 * See [`ShellCall::Page`].
 */
export type ShellPage = {
/**
 * Its path, such as `/accounts/main`.
 */
path: string, };

/**
 * How the program around the page stands.
 */
export type ShellStatus = {
/**
 * Its version.
 */
version: string,
/**
 * The commit that it was built from, or `unknown`.
 */
build: string,
/**
 * The system that it runs on.
 */
system: System,
/**
 * The perpetua that it shows.
 */
node: NodeSituation,
/**
 * Whether it starts with the session.
 */
autostart: Autostart,
/**
 * Whether notifications are shown.
 */
notifications: NotificationsStatus,
/**
 * Whether its icon can be seen: closing the window then leaves it in the tray.
 */
tray: boolean,
/**
 * The data folder.
 */
data_folder: string,
/**
 * The folder of the log files.
 */
log_folder: string,
/**
 * The settings file.
 */
settings_file: string,
/**
 * Whether a font with Chinese letters was found.
 */
cjk_font: boolean,
/**
 * How it stands towards newer versions of itself.
 */
update: UpdateStatus, };

/**
 * See [`ShellCall::Unfollow`].
 */
export type ShellStream = {
/**
 * The name of the stream.
 */
stream: string, };

/**
 * The reply to [`ShellCall::ReadNotices`].
 */
export type ShippedText = {
/**
 * The text; absent where none was shipped.
 */
text: string | null, };

/**
 * A system that it runs on.
 */
export type System = "linux" | "windows" | "macos";

/**
 * What the program is doing about newer versions, or knows of them.
 */
export type UpdateStage = { "is": "unknown" } | { "is": "asking" } | { "is": "newest" } | { "is": "out",
/**
 * Which.
 */
newer: NewerVersion, } | { "is": "downloading",
/**
 * Which.
 */
newer: NewerVersion,
/**
 * Bytes that are there.
 */
received: number,
/**
 * Bytes in all, where the server has said so.
 */
total: number | null,
/**
 * Bytes a second, lately.
 */
rate: number, } | { "is": "ready",
/**
 * Which.
 */
newer: NewerVersion, };

/**
 * How the program stands towards newer versions of itself.
 */
export type UpdateStatus = {
/**
 * Why it does not install a newer version by itself, and what a person does instead; absent: it does.
 */
by_hand: Message | null,
/**
 * What it is doing, or knows.
 */
stage: UpdateStage,
/**
 * When it last asked, in milliseconds since 1970.
 */
asked_ms: number | null,
/**
 * What went wrong the last time: nobody answered, or no file was good.
 */
problem: Message | null,
/**
 * A newer version that did not start, so that the one before it was put back.
 */
undone: Message | null,
/**
 * The installer of a former version, which is kept.
 */
kept: string | null, };

/**
 * A way out of a start that failed, of secrets that do not come, or to settings that wait for a start.
 */
export type Way = "again" | "other_port" | "use_running" | "secrets_file" | "restart";

/**
 * See [`ShellCall::WriteClipboard`]. It may be a token.
 */
export type WriteClipboard = {
/**
 * The text.
 */
text: string, };

/** Every call to the program around the page, its parameters and its reply. */
export type ShellCalls = {
  shell_status: { params: Nothing; reply: ShellStatus };
  shell_ready: { params: Nothing; reply: null };
  shell_page: { params: ShellPage; reply: null };
  follow: { params: FollowTopics; reply: null };
  shell_follow: { params: ShellStream; reply: null };
  unfollow: { params: ShellStream; reply: null };
  autostart_set: { params: SetAutostart; reply: ShellStatus };
  notification_test: { params: Nothing; reply: ShellStatus };
  folder_open: { params: OpenFolder; reply: null };
  settings_open: { params: OpenSettings; reply: null };
  core_choose: { params: Nothing; reply: ChosenFile };
  clipboard_write: { params: WriteClipboard; reply: null };
  node_retry: { params: RetryNode; reply: Retried };
  update_look: { params: Nothing; reply: null };
  update_download: { params: Nothing; reply: null };
  update_cancel: { params: Nothing; reply: null };
  update_install: { params: Nothing; reply: null };
  notices_read: { params: Nothing; reply: ShippedText };
  window_close: { params: Nothing; reply: null };
  quit: { params: Nothing; reply: null };
};
