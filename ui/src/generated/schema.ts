// Made from crates/perpetua-schema by `cargo run -p perpetua-schema --example typescript`.

/**
 * The counters of one account since it runs.
 */
export type AccountRates = {
/**
 * Its name.
 */
account: string,
/**
 * Events that came from the upstream.
 */
events: number,
/**
 * Responses that found their caller.
 */
responses: number,
/**
 * Those of its clients.
 */
clients: Array<ClientRates>, };

/**
 * One account.
 */
export type AccountStatus = {
/**
 * Its name in the settings.
 */
name: string,
/**
 * Whether the settings let it run.
 */
enabled: boolean,
/**
 * The bot's id, once it is known.
 */
self_id: number | null,
/**
 * Whether the bot can be talked to, from all that is known.
 */
online: boolean,
/**
 * What is wrong, for people; absent when nothing is.
 */
problem: Message | null,
/**
 * The way to its upstream.
 */
upstream: UpstreamStatus,
/**
 * Its core, when the node looks after one for it.
 */
core: CoreStatus | null,
/**
 * Events that came from the upstream.
 */
events: number,
/**
 * Responses that found their caller.
 */
responses: number,
/**
 * Responses that came too late, twice, or for a caller who has left.
 */
late_responses: number,
/**
 * Its clients, in the order of the settings, leased ones last.
 */
clients: Array<ClientStatus>, };

/**
 * What a change of the settings did.
 */
export type Applied = {
/**
 * What was started, stopped or changed, one by one.
 */
changes: Array<Message>,
/**
 * What has to wait for the next start of the node, or could not be done, and why.
 */
pending: Array<Message>, };

/**
 * Something that people do. JSON: `{"event":"poke","group_id":20001,"user_id":10001}`.
 *
 * Where an operator is left out, the group's owner acts (or, where the bot owns the group, the highest after it).
 */
export type ChatEvent = { "event": "poke", group_id: number | null, user_id: number, target_id: number | null, } | { "event": "recall", message_id: number, operator_id: number | null, } | { "event": "join", group_id: number, user_id: number, operator_id: number | null, invited: boolean, } | { "event": "leave", group_id: number, user_id: number, } | { "event": "kick", group_id: number, user_id: number, operator_id: number | null, } | { "event": "ban", group_id: number, user_id: number, operator_id: number | null, duration: number, } | { "event": "whole_ban", group_id: number, operator_id: number | null, enable: boolean, } | { "event": "admin", group_id: number, user_id: number, enable: boolean, } | { "event": "upload", group_id: number, user_id: number, name: string, size: number, } | { "event": "friend_add", user_id: number, } | { "event": "friend_request", user_id: number, comment: string, } | { "event": "group_request", group_id: number, user_id: number, comment: string, } | { "event": "group_invite", group_id: number, user_id: number, comment: string, };

/**
 * A place to talk, as the bot account sees it. JSON: `{"group":20001}` or `{"user":10001}`.
 */
export type ChatId = { "group": number } | { "user": number };

/**
 * Something that somebody in a simulator said or did.
 */
export type ChatLine = {
/**
 * When, in milliseconds since 1970.
 */
time_ms: number,
/**
 * Where it was, or, for what concerns no group, with whom.
 */
place: ChatPlace,
/**
 * Who did it.
 */
by: ChatPerson,
/**
 * Whether that was a bot, through the bot account.
 */
by_bot: boolean, } & ({ "deed": "message", message_id: number, text: string, } | { "deed": "recalled", message_id: number, } | { "deed": "poked", target: ChatPerson, } | { "deed": "joined" } | { "deed": "left" } | { "deed": "dismissed" } | { "deed": "kicked", target: ChatPerson, } | { "deed": "banned", target: ChatPerson | null, seconds: number | null, } | { "deed": "unbanned", target: ChatPerson | null, } | { "deed": "admin_set", target: ChatPerson, enable: boolean, } | { "deed": "group_named", name: string, } | { "deed": "card_set", target: ChatPerson, card: string, } | { "deed": "title_set", target: ChatPerson, title: string, } | { "deed": "uploaded", name: string, } | { "deed": "befriended" } | { "deed": "liked", target: ChatPerson, times: number, } | { "deed": "friend_requested", flag: string, comment: string, } | { "deed": "group_requested", flag: string, comment: string, } | { "deed": "group_invited", flag: string, comment: string, } | { "deed": "request_answered", target: ChatPerson, approve: boolean, });

/**
 * A person and their name at that time and place.
 */
export type ChatPerson = {
/**
 * Which one.
 */
user_id: number,
/**
 * Their card in the group, or their nickname.
 */
name: string, };

/**
 * A chat and its name at that time.
 */
export type ChatPlace = {
/**
 * Which one.
 */
chat: ChatId,
/**
 * The group's name, or the other person's.
 */
name: string, };

/**
 * The counters of one client since it runs.
 */
export type ClientRates = {
/**
 * Its name.
 */
client: string,
/**
 * Frames handed to its sockets.
 */
sent: number,
/**
 * Events it missed.
 */
dropped: number,
/**
 * Actions it asked for.
 */
actions: number,
/**
 * Actions that the node refused.
 */
refusals: number,
/**
 * Frames waiting for its connections.
 */
queued: number, };

/**
 * One client.
 */
export type ClientStatus = {
/**
 * Its name in the settings.
 */
name: string,
/**
 * Whether the settings let it connect.
 */
enabled: boolean,
/**
 * The address its framework dials, as `127.0.0.1:6700`; absent for leased ports and when it cannot listen.
 */
listen: string | null,
/**
 * What is wrong, for people; absent when nothing is.
 */
problem: Message | null,
/**
 * Its connections.
 */
connections: Array<ConnectionStatus>,
/**
 * Frames handed to its sockets.
 */
sent: number,
/**
 * Events it missed.
 */
dropped: number,
/**
 * Actions it asked for.
 */
actions: number,
/**
 * Actions that the node refused.
 */
refusals: number,
/**
 * Connections that the node ended.
 */
cuts: number,
/**
 * What was refused there or got lost, newest first.
 */
notices: Array<NoticeStatus>, };

/**
 * One connection of a client.
 */
export type ConnectionStatus = {
/**
 * Its own id.
 */
app_id: string,
/**
 * The name it goes by.
 */
name: string | null,
/**
 * `universal`, `api` or `event`.
 */
role: string,
/**
 * Frames waiting for it.
 */
queued: number,
/**
 * Bytes waiting for it.
 */
queued_bytes: number,
/**
 * Events it missed.
 */
dropped: number,
/**
 * For how many seconds it has left a ping unanswered while its system takes what is sent: its program
 * is busy. Absent while it answers.
 */
busy_for_s: number | null, };

/**
 * A core that could be installed.
 */
export type CoreAvailable = {
/**
 * The name of its release.
 */
tag: string,
/**
 * The SHA-256 that its source names, in lower-case hex; absent when nobody vouches for it.
 */
sha256: string | null,
/**
 * Its size in bytes, if the source names it.
 */
size: number | null, };

/**
 * Why starting was given up.
 */
export type CoreBrake = "failing" | "nobody_scanned" | "kicked_again" | "cannot_run";

/**
 * See [`crate::Call::CoreCancel`].
 */
export type CoreCancel = Record<symbol, never>;

/**
 * See [`crate::Call::CoreCheck`].
 */
export type CoreCheck = Record<symbol, never>;

/**
 * See [`crate::Call::CoreInstall`].
 */
export type CoreInstall = {
/**
 * An archive or an installation on the node's machine, or an address; absent: the sources of the settings.
 */
from?: string,
/**
 * The SHA-256 that a person has confirmed, in hex.
 */
accept?: string, };

/**
 * An installation: there is one at a time.
 */
export type CoreJob = { "state": "idle" } | { "state": "running" } & CoreProgress | { "state": "unconfirmed",
/**
 * The file's name.
 */
name: string,
/**
 * Its SHA-256 in lower-case hex.
 */
sha256: string, } | { "state": "failed",
/**
 * What failed and what to do, for people.
 */
problem: Message, } | { "state": "done",
/**
 * Its id.
 */
version: string, };

/**
 * One line that a core wrote.
 */
export type CoreLine = {
/**
 * When, in milliseconds since 1970.
 */
time_ms: number,
/**
 * The line, without colours; texts of messages are left out unless the settings keep them.
 */
text: string, };

/**
 * The cores of a node.
 */
export type CoreList = {
/**
 * The installed ones, newest first.
 */
installed: Array<CoreVersion>,
/**
 * A newer one that can be installed, if the last look found one.
 */
available: CoreAvailable | null,
/**
 * The installation under way, or how the last one ended.
 */
job: CoreJob, };

/**
 * The reply to [`crate::Call::ReadCoreLog`].
 */
export type CoreLog = {
/**
 * The lines, oldest first.
 */
lines: Array<CoreLine>, };

/**
 * How far the start of a core is, in this order; with a good session nothing is connected to anew.
 */
export type CorePhase = "preparing" | "launched" | "session" | "connecting" | "logging_in" | "opening_link";

/**
 * The process of a core, its children counted in.
 */
export type CoreProcess = {
/**
 * Its process id.
 */
pid: number,
/**
 * Memory in use, in bytes; absent until it was measured.
 */
memory_bytes: number | null,
/**
 * Processor time lately, in percent of one processor; absent until it was measured.
 */
cpu_percent: number | null, };

/**
 * How far an installation is.
 */
export type CoreProgress = {
/**
 * What is being done.
 */
step: CoreStep,
/**
 * Bytes that are there.
 */
received: number,
/**
 * Bytes in all, if they are known.
 */
total: number | null,
/**
 * Bytes a second, lately.
 */
rate_per_s: number,
/**
 * How long it will still take at that rate, in seconds, if that can be told.
 */
remaining_s: number | null, };

/**
 * Why QQ does not let an account in.
 */
export type CoreRefusal = { "kind": "server",
/**
 * Its code, such as 45.
 */
code: number,
/**
 * A short name of it, in QQ's words.
 */
tag: string,
/**
 * What to do, in QQ's words.
 */
message: string, } | { "kind": "wrong_account",
/**
 * The account of the settings.
 */
expected: number,
/**
 * Who it was.
 */
scanned: number, };

/**
 * See [`crate::Call::CoreRemove`].
 */
export type CoreRemove = {
/**
 * The id of an installed version.
 */
version: string, };

/**
 * How the core of one account stands.
 *
 * In JSON the fields of [`CoreState`] stand beside the others: `{"state": "online", "who": …, "message": …}`.
 */
export type CoreStatus = {
/**
 * The same for people, with what to do where something is to be done.
 */
message: Message,
/**
 * What is worth knowing beside it, for people; for example that a new core was rolled back.
 */
notice: Message | null,
/**
 * The id of the installed version that it runs, or ran last.
 */
version: string | null,
/**
 * The QQ protocol that it uses, such as `3.2.15-30366`, once it has said so.
 */
protocol: string | null,
/**
 * Its process, while there is one.
 */
process: CoreProcess | null,
/**
 * The signer in use, or the last one that was asked.
 */
signer: SignerReport | null,
/**
 * Which start this is, counted from 1 since the node runs; 0 before the first.
 */
generation: number,
/**
 * How often it was started anew by itself since the node runs.
 */
restarts: number, } & ({ "state": "stopped" } | { "state": "absent",
/**
 * When an installation is tried again; absent when a person has to see to it.
 */
retry_in_s: number | null, } | { "state": "installing",
/**
 * How far.
 */
progress: CoreProgress, } | { "state": "signer_problem",
/**
 * The settings have no signer at all, as opposed to none that works.
 */
none_configured: boolean,
/**
 * When the signers are asked again.
 */
retry_in_s: number, } | { "state": "starting",
/**
 * How far it is.
 */
phase: CorePhase, } | { "state": "waiting_for_scan",
/**
 * The QR code.
 */
qr: QrCode, } | { "state": "waiting_for_confirm",
/**
 * Who scanned it, once known.
 */
who: number | null,
/**
 * The account of the settings, when another one scanned.
 */
expected: number | null,
/**
 * How long the QR code is still good.
 */
expires_in_s: number, } | { "state": "refused",
/**
 * Why.
 */
refusal: CoreRefusal, } | { "state": "online",
/**
 * The account.
 */
who: number,
/**
 * For how long.
 */
for_s: number,
/**
 * Why messages are received and cannot be sent, while signing fails.
 */
signer_problem: Message | null, } | { "state": "kicked_offline",
/**
 * In QQ's words.
 */
reason: string, } | { "state": "reconnecting",
/**
 * The account.
 */
who: number,
/**
 * For how long.
 */
for_s: number, } | { "state": "stopping" } | { "state": "backoff",
/**
 * When.
 */
retry_in_s: number,
/**
 * How often it failed in a row.
 */
failures: number, } | { "state": "braked",
/**
 * Why.
 */
reason: CoreBrake,
/**
 * The last lines that it wrote, oldest first.
 */
last_lines: Array<string>, });

/**
 * What an installation is doing, in the usual order.
 */
export type CoreStep = "preparing" | "waiting_for_another" | "looking_for_release" | "downloading" | "waiting_to_retry" | "unpacking" | "trial";

/**
 * See [`crate::Call::CoreUse`].
 */
export type CoreUse = {
/**
 * The id of an installed version, or `previous`.
 */
version: string, };

/**
 * What [`crate::Call::CoreVerify`] found for one version.
 */
export type CoreVerified = {
/**
 * Its id.
 */
id: string,
/**
 * How it differs from what was installed, for people; absent when it does not.
 */
problem: Message | null, };

/**
 * See [`crate::Call::CoreVerify`].
 */
export type CoreVerify = {
/**
 * The id of an installed version; absent: all of them.
 */
version?: string, };

/**
 * An installed core.
 */
export type CoreVersion = {
/**
 * What it is called in other calls, such as `nightly-3fa9c1d2`.
 */
id: string,
/**
 * The commit it was built from, in hex, once it has run and said so.
 */
commit: string | null,
/**
 * The SHA-256 of the archive it came in, in lower-case hex.
 */
sha256: string,
/**
 * Where it came from, for people; without secrets.
 */
origin: string,
/**
 * Its size on disk, in bytes.
 */
size: number,
/**
 * When it was installed, as RFC 3339.
 */
installed_at: string,
/**
 * Starts use this one.
 */
current: boolean,
/**
 * The one that was current before it, for a step back.
 */
previous: boolean,
/**
 * The accounts whose cores run it now.
 */
in_use_by: Array<string>, };

/**
 * The kinds of failure that a UI treats differently.
 */
export type ErrorCode = "bad_request" | "unauthorized" | "not_found" | "invalid_settings" | "conflict" | "not_supported" | "internal";

/**
 * Something happened.
 */
export type Event = { "event": "snapshot",
/**
 * Counts the changes; what follows has greater ones.
 */
generation: number,
/**
 * All of it.
 */
status: NodeStatus, } | { "event": "node_changed",
/**
 * See [`Event::Snapshot`].
 */
generation: number,
/**
 * All that is wrong now.
 */
problems: Array<Message>,
/**
 * Whom its HTTP side refused, newest first.
 */
notices: Array<NoticeStatus>, } | { "event": "account_changed",
/**
 * See [`Event::Snapshot`].
 */
generation: number,
/**
 * All of it, clients included.
 */
account: AccountStatus, } | { "event": "upstream_changed",
/**
 * See [`Event::Snapshot`].
 */
generation: number,
/**
 * The account.
 */
account: string,
/**
 * The way.
 */
upstream: UpstreamStatus, } | { "event": "client_changed",
/**
 * See [`Event::Snapshot`].
 */
generation: number,
/**
 * The account.
 */
account: string,
/**
 * The client.
 */
client: ClientStatus, } | { "event": "rates",
/**
 * Those of every account.
 */
accounts: Array<AccountRates>, } | { "event": "shown",
/**
 * The account whose simulator it is.
 */
account: string,
/**
 * What it was.
 */
shown: ChatLine, } | { "event": "settings",
/**
 * What is wrong with the changed file; empty when it was applied.
 */
problems: Array<SettingsProblem>, } | { "event": "core",
/**
 * See [`Event::Snapshot`].
 */
generation: number,
/**
 * The account.
 */
account: string,
/**
 * Where.
 */
status: CoreStatus, } | { "event": "core_line",
/**
 * The account.
 */
account: string,
/**
 * The line.
 */
line: CoreLine, } | { "event": "core_job",
/**
 * How far it is, or how it ended.
 */
job: CoreJob, } | { "event": "account",
/**
 * The account.
 */
account: string,
/**
 * Whether it can.
 */
online: boolean,
/**
 * Why it cannot, for people.
 */
reason: Message | null, } | { "event": "missed",
/**
 * How many events.
 */
count: number, };

/**
 * See [`crate::Call::Import`].
 */
export type Import = {
/**
 * The installation's folder on the node's machine; nothing in it is changed.
 */
folder: string,
/**
 * The name of the new account; absent: one is chosen that is free.
 */
account?: string, };

/**
 * The reply to [`crate::Call::Import`].
 */
export type Imported = {
/**
 * The name of the new account.
 */
account: string,
/**
 * What was taken over, one by one.
 */
taken: Array<Message>,
/**
 * What was not, and why.
 */
not_taken: Array<Message>, };

/**
 * See [`crate::Call::ListCores`].
 */
export type ListCores = Record<symbol, never>;

/**
 * See [`crate::Call::Login`].
 */
export type Login = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`crate::Call::LoginRestore`].
 */
export type LoginRestore = {
/**
 * The account's name.
 */
account: string, };

/**
 * Something to say to a person, in no language yet: `{"code": "port.in_use", "params": {…}}`.
 *
 * Made from the type of its code: `Message::from(port::Forbidden { address })`.
 */
export type Message = {
/**
 * What is said, as `namespace.name`. Programs choose a button by it.
 */
code: string,
/**
 * The parameters of the sentence by their names.
 */
params?: { [key in string]: Param }, };

/**
 * The whole node.
 */
export type NodeStatus = {
/**
 * The node's version.
 */
version: string,
/**
 * Its process id.
 */
pid: number,
/**
 * How long it has been running, in seconds.
 */
uptime_s: number,
/**
 * Where it listens.
 */
api: string,
/**
 * Its accounts, in the order of the settings.
 */
accounts: Array<AccountStatus>,
/**
 * What is wrong with the node itself, for people; for example a settings file that was refused.
 */
problems: Array<Message>,
/**
 * Whom its HTTP side refused, newest first.
 */
notices: Array<NoticeStatus>, };

/**
 * Something that was refused or lost. Equal ones are counted.
 */
export type NoticeStatus = {
/**
 * What it was and why, for people.
 */
message: Message,
/**
 * How often it happened.
 */
count: number,
/**
 * When it last did, in seconds since 1970.
 */
last_unix_s: number, };

/**
 * A parameter of a sentence.
 */
export type Param = number | string | Message | Array<Message>;

/**
 * What a phone has to scan. Whoever has it may log in with it: it is as good as a password.
 */
export type QrCode = {
/**
 * What the picture says, for drawing it sharply; absent when it could not be read.
 */
url: string | null,
/**
 * The picture as the core made it: a PNG file in base64.
 */
png_base64: string,
/**
 * How long it is still good, in seconds.
 */
expires_in_s: number,
/**
 * Which one it is since a person last looked, from 1.
 */
code: number, };

/**
 * See [`crate::Call::ReadCoreLog`].
 */
export type ReadCoreLog = {
/**
 * The account's name.
 */
account: string,
/**
 * How many of the latest lines; absent: all that the node has in memory.
 */
lines?: number, };

/**
 * See [`Call::Reconnect`].
 */
export type Reconnect = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`crate::Call::Restart`].
 */
export type Restart = {
/**
 * The account's name.
 */
account: string, };

/**
 * A failed call, as JSON: `{"code": …, "message": …, "problems": […]}`.
 */
export type RpcError = {
/**
 * What the caller can branch on.
 */
code: ErrorCode,
/**
 * What failed and what to do, for people.
 */
message: Message,
/**
 * Where the settings are wrong, with [`ErrorCode::InvalidSettings`].
 */
problems?: Array<SettingsProblem>, };

/**
 * The reply to [`Call::Say`].
 */
export type Said = {
/**
 * The id of the message, as bots see it.
 */
message_id: number, };

/**
 * See [`Call::Say`].
 */
export type Say = {
/**
 * The account whose simulator it is; absent: the only one there is.
 */
account?: string,
/**
 * A group or a person, by id or by name.
 */
chat: string,
/**
 * Who says it in a group, by id or by name; absent: the simulator chooses.
 */
speaker?: string,
/**
 * The text, with CQ codes if wanted.
 */
text: string, };

/**
 * See [`crate::Call::SetClientEnabled`].
 */
export type SetClientEnabled = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string,
/**
 * Whether it may connect.
 */
enabled: boolean, };

/**
 * One fault in the settings.
 */
export type SettingsProblem = {
/**
 * Counted from 1.
 */
line: number,
/**
 * Counted from 1, in characters.
 */
column: number,
/**
 * Where in the settings, as `accounts[0].clients[1].listen`.
 */
path: string,
/**
 * What is wrong and what to do.
 */
message: Message, };

/**
 * See [`crate::Call::SettingsRead`].
 */
export type SettingsRead = Record<symbol, never>;

/**
 * The settings as written.
 */
export type SettingsText = {
/**
 * The text of `perpetua.toml`.
 */
text: string,
/**
 * What is wrong with it; the node then runs on the settings before it.
 */
problems: Array<SettingsProblem>, };

/**
 * See [`crate::Call::SettingsWrite`].
 */
export type SettingsWrite = {
/**
 * The new text of `perpetua.toml`.
 */
text: string,
/**
 * The text that was edited; when the file holds another one by now, nothing is changed.
 */
instead_of?: string, };

/**
 * What a signer answered when it was asked.
 */
export type SignerReport = {
/**
 * Its name in the settings, if it has one.
 */
name: string | null,
/**
 * Its host and port; the whole address may be a secret.
 */
host: string,
/**
 * The QQ version it signs for, such as `3.2.15-30366`.
 */
version: string | null,
/**
 * The system it signs for, such as `Linux`.
 */
platform: string | null,
/**
 * How long its answer took, in milliseconds.
 */
latency_ms: number | null,
/**
 * Why it cannot be used, for people; absent when it can.
 */
problem: Message | null,
/**
 * What speaks against it although it can be used, for people.
 */
warning: Message | null, };

/**
 * See [`crate::Call::SignerTest`]. With neither field, the first signer of the settings is meant.
 */
export type SignerTest = {
/**
 * An address that need not be in the settings.
 */
url?: string,
/**
 * The name of a signer of the settings.
 */
name?: string, };

/**
 * See [`Call::Simulate`].
 */
export type Simulate = {
/**
 * The account whose simulator it is; absent: the only one there is.
 */
account?: string,
/**
 * What happens.
 */
event: ChatEvent, };

/**
 * See [`crate::Call::Start`].
 */
export type Start = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`Call::Status`].
 */
export type Status = Record<symbol, never>;

/**
 * See [`crate::Call::Stop`].
 */
export type Stop = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`Call::Token`].
 */
export type Token = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name; absent: the account's upstream.
 */
client?: string, };

/**
 * The reply to [`Call::Token`]: the one reply that holds a secret.
 */
export type TokenValue = {
/**
 * The token; absent when the port asks for none.
 */
token: string | null, };

/**
 * Where a link stands.
 */
export type UpstreamState = "closed" | "dialling" | "open" | "waiting";

/**
 * The way to an upstream.
 */
export type UpstreamStatus = {
/**
 * `simulator`, `lagrange`, `onebot` or `onebot-reverse`.
 */
kind: string,
/**
 * Where the link stands.
 */
state: UpstreamState,
/**
 * Where it is, or where it has to dial; without secrets.
 */
address: string | null,
/**
 * In how many seconds the next attempt comes, while waiting.
 */
retry_in_s: number | null,
/**
 * What was refused there or got lost on the way, newest first.
 */
notices: Array<NoticeStatus>, };

/** Every call: `POST /rpc/<name>`, its parameters and its reply. */
export type Calls = {
  status: { params: Status; reply: NodeStatus };
  token: { params: Token; reply: TokenValue };
  say: { params: Say; reply: Said };
  simulate: { params: Simulate; reply: null };
  reconnect: { params: Reconnect; reply: null };
  settings_read: { params: SettingsRead; reply: SettingsText };
  settings_write: { params: SettingsWrite; reply: Applied };
  set_client_enabled: { params: SetClientEnabled; reply: Applied };
  core_list: { params: ListCores; reply: CoreList };
  core_check: { params: CoreCheck; reply: CoreList };
  core_install: { params: CoreInstall; reply: CoreJob };
  core_cancel: { params: CoreCancel; reply: null };
  core_use: { params: CoreUse; reply: Applied };
  core_remove: { params: CoreRemove; reply: Applied };
  core_verify: { params: CoreVerify; reply: Array<CoreVerified> };
  start: { params: Start; reply: CoreStatus };
  stop: { params: Stop; reply: CoreStatus };
  restart: { params: Restart; reply: CoreStatus };
  login: { params: Login; reply: CoreStatus };
  login_restore: { params: LoginRestore; reply: Applied };
  core_log: { params: ReadCoreLog; reply: CoreLog };
  signer_test: { params: SignerTest; reply: SignerReport };
  import: { params: Import; reply: Imported };
};
