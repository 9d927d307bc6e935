// Made from crates/perpetua-schema by `cargo run -p perpetua-schema --example typescript`.

/**
 * See [`crate::Call::AccountAdd`].
 */
export type AccountAdd = {
/**
 * Its name in the settings; absent: one that is free is chosen.
 */
name?: string,
/**
 * Where its events come from.
 */
upstream: NewUpstream, };

/**
 * The reply to [`crate::Call::AccountAdd`].
 */
export type AccountAdded = {
/**
 * Its name in the settings.
 */
account: string,
/**
 * What that did.
 */
applied: Applied, };

/**
 * Some settings of an account, each left as it is when absent.
 */
export type AccountChange = {
/**
 * The only account that it may be; 0: any.
 */
uin?: number,
/**
 * Where a `onebot` is dialled, or a `onebot-reverse` waited for.
 */
address?: string,
/**
 * What a `onebot` asks for; empty: nothing.
 */
token?: string,
/**
 * See [`AccountConfig::action_timeout_s`].
 */
action_timeout_s?: number,
/**
 * See [`AccountCoreConfig::protocol`].
 */
protocol?: string,
/**
 * See [`AccountCoreConfig::signers`]; empty: all of them.
 */
signers?: Array<string>,
/**
 * See [`AccountCoreConfig::sign_through`].
 */
sign_through?: string,
/**
 * See [`AccountCoreConfig::sign_patience_s`].
 */
sign_patience_s?: number,
/**
 * See [`AccountCoreConfig::auto_start`].
 */
auto_start?: boolean,
/**
 * See [`AccountCoreConfig::start_timeout_s`].
 */
start_timeout_s?: number,
/**
 * See [`AccountCoreConfig::memory_limit`]; 0: none.
 */
memory_limit?: number,
/**
 * See [`AccountCoreConfig::log_messages`].
 */
log_messages?: boolean, };

/**
 * What the settings say of one account, every default filled in.
 */
export type AccountConfig = {
/**
 * Its name.
 */
account: string,
/**
 * Whether it runs.
 */
enabled: boolean,
/**
 * `simulator`, `lagrange`, `onebot` or `onebot-reverse`.
 */
kind: string,
/**
 * The only account that it may be.
 */
uin: number | null,
/**
 * Where a `onebot` is dialled, or a `onebot-reverse` waited for; without secrets.
 */
address: string | null,
/**
 * Seconds that a sent action waits for its response.
 */
action_timeout_s: number,
/**
 * What only a managed core has.
 */
core: AccountCoreConfig | null, };

/**
 * What the settings say of an account's managed core.
 */
export type AccountCoreConfig = {
/**
 * Which QQ client it is: `linux`, `windows` or `macos`.
 */
protocol: string,
/**
 * The names of the signers that it uses, the preferred ones first; absent: all of them.
 */
signers: Array<string> | null,
/**
 * Who asks the signers: `node` or `core`.
 */
sign_through: string,
/**
 * Seconds that a signer may be silent before the node asks the next one as well.
 */
sign_patience_s: number,
/**
 * Whether it is started with perpetua.
 */
auto_start: boolean,
/**
 * Seconds that a start may take.
 */
start_timeout_s: number,
/**
 * The bytes of memory at which it is started anew; absent: no limit.
 */
memory_limit: number | null,
/**
 * Whether the texts of messages are kept in its log.
 */
log_messages: boolean, };

/**
 * See [`crate::Call::AccountEdit`].
 */
export type AccountEdit = {
/**
 * The account's name.
 */
account: string,
/**
 * What becomes different.
 */
change: AccountChange,
/**
 * What the changed settings were when they were looked at, a token left out; when they are something else by now,
 * the change is refused.
 */
instead_of?: AccountChange, };

/**
 * The reply to [`crate::Call::AccountEdit`].
 */
export type AccountEdited = {
/**
 * What that did.
 */
applied: Applied,
/**
 * The whole address that was saved for what was entered; absent when no address was.
 */
address: string | null,
/**
 * The change that takes it back; absent when a secret was replaced.
 */
undo: AccountChange | null,
/**
 * What the changed settings are now, a token left out: what the change that takes it back is instead of.
 */
now: AccountChange, };

/**
 * How much went through one account, for each minute.
 */
export type AccountHistory = {
/**
 * Its name.
 */
account: string,
/**
 * Events that came from the upstream.
 */
events: Array<number>,
/**
 * Actions that its clients sent.
 */
actions: Array<number>,
/**
 * Events since midnight, local time, or since the node runs.
 */
events_today: number,
/**
 * Events that some client missed since then.
 */
dropped_today: number,
/**
 * Its clients.
 */
clients: Array<ClientHistory>, };

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
 * See [`crate::Call::AccountRemove`].
 */
export type AccountRemove = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`crate::Call::AccountSettings`].
 */
export type AccountSettings = {
/**
 * The account's name.
 */
account: string, };

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
 * The bot's nickname, once it is known.
 */
nickname: string | null,
/**
 * Since when it can be talked to, or cannot, in milliseconds since 1970.
 */
since_ms: number,
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
 * What became of a file that was set aside.
 */
export type AsideFile = {
/**
 * What it is called now, in the account's folder.
 */
name: string,
/**
 * When it was set aside, in milliseconds since 1970.
 */
time_ms: number,
/**
 * Why, for people.
 */
why: Message, };

/**
 * Something that people do. JSON: `{"event":"poke","group_id":20001,"user_id":10001}`.
 *
 * Where an operator is left out, the group's owner acts (or, where the bot owns the group, the highest after it).
 */
export type ChatEvent = { "event": "poke", group_id: number | null, user_id: number, target_id: number | null, } | { "event": "recall", message_id: number, operator_id: number | null, } | { "event": "join", group_id: number, user_id: number, operator_id: number | null, invited: boolean, } | { "event": "leave", group_id: number, user_id: number, } | { "event": "kick", group_id: number, user_id: number, operator_id: number | null, } | { "event": "ban", group_id: number, user_id: number, operator_id: number | null, duration: number, } | { "event": "whole_ban", group_id: number, operator_id: number | null, enable: boolean, } | { "event": "admin", group_id: number, user_id: number, enable: boolean, } | { "event": "upload", group_id: number, user_id: number, name: string, size: number, } | { "event": "friend_add", user_id: number, } | { "event": "friend_request", user_id: number, comment: string, } | { "event": "group_request", group_id: number, user_id: number, comment: string, } | { "event": "group_invite", group_id: number, user_id: number, comment: string, };

/**
 * A frame that belongs to a line of a chat. To what people did belong the events that it became, and what
 * clients asked for since then on account of it; to what a client did belong its action, the response, and
 * the events that it made. Of each line the first 64 frames are kept.
 */
export type ChatFrame = {
/**
 * When, in milliseconds since 1970.
 */
time_ms: number,
/**
 * What it is.
 */
kind: ChatFrameKind,
/**
 * The client that sent it or got it; absent for an event, which goes to all.
 */
client: string | null,
/**
 * The frame as the client sent or got it, with its own echo; strings of more than 16 KiB in it are cut,
 * and a frame of more than 64 KiB is.
 */
text: string, };

/**
 * What a frame of a chat is.
 */
export type ChatFrameKind = "event" | "action" | "response";

/**
 * See [`crate::Call::ChatFrames`].
 */
export type ChatFrames = {
/**
 * The account whose simulator it is.
 */
account: string,
/**
 * The id of a line.
 */
line: number, };

/**
 * See [`crate::Call::ChatHistory`].
 */
export type ChatHistory = {
/**
 * The account whose simulator it is.
 */
account: string,
/**
 * Which chat.
 */
chat: ChatId,
/**
 * Only lines before the one of this id.
 */
before?: number,
/**
 * How many of the latest; more than 500 are not kept.
 */
limit: number, };

/**
 * A place to talk, as the bot account sees it. JSON: `{"group":20001}` or `{"user":10001}`.
 */
export type ChatId = { "group": number } | { "user": number };

/**
 * Something that somebody in a simulator said or did.
 */
export type ChatLine = {
/**
 * Counts the lines of one simulator; later ones have greater numbers.
 */
id: number,
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
by_bot: boolean,
/**
 * The client that did it, if a bot did.
 */
client: string | null,
/**
 * How long the client took since the last thing that people said or did there, in milliseconds.
 */
took_ms: number | null,
/**
 * The clients that were connected and got it, if people did it.
 */
delivered_to: Array<string>, } & ({ "deed": "message", message_id: number, text: string, segments: Array<ChatSegment>, } | { "deed": "recalled", message_id: number, } | { "deed": "poked", target: ChatPerson, } | { "deed": "joined" } | { "deed": "left" } | { "deed": "dismissed" } | { "deed": "kicked", target: ChatPerson, } | { "deed": "banned", target: ChatPerson | null, seconds: number | null, } | { "deed": "unbanned", target: ChatPerson | null, } | { "deed": "admin_set", target: ChatPerson, enable: boolean, } | { "deed": "group_named", name: string, } | { "deed": "card_set", target: ChatPerson, card: string, } | { "deed": "title_set", target: ChatPerson, title: string, } | { "deed": "uploaded", name: string, } | { "deed": "befriended" } | { "deed": "liked", target: ChatPerson, times: number, } | { "deed": "friend_requested", flag: string, comment: string, } | { "deed": "group_requested", flag: string, comment: string, } | { "deed": "group_invited", flag: string, comment: string, } | { "deed": "request_answered", target: ChatPerson, approve: boolean, });

/**
 * The reply to [`crate::Call::ChatHistory`].
 */
export type ChatPage = {
/**
 * The lines, oldest first.
 */
lines: Array<ChatLine>,
/**
 * Whether there are older ones.
 */
more: boolean, };

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
 * See [`crate::Call::ChatPicture`].
 */
export type ChatPicture = {
/**
 * The account whose simulator it is.
 */
account: string,
/**
 * The `picture` of a segment of a message.
 */
picture: number, };

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
 * What a message said that another one answers.
 */
export type ChatQuote = {
/**
 * Who said it.
 */
by: ChatPerson,
/**
 * Its beginning, CQ codes for what is no text.
 */
text: string, };

/**
 * A piece of a message. JSON: `{"type":"text","text":"hello"}`.
 */
export type ChatSegment = { "type": "text",
/**
 * What it says.
 */
text: string, } | { "type": "at",
/**
 * Whom; everybody if absent.
 */
target: ChatPerson | null, } | { "type": "reply",
/**
 * Which one.
 */
message_id: number,
/**
 * What it said; absent when it was recalled or is too old to be kept.
 */
quoted: ChatQuote | null, } | { "type": "image",
/**
 * The number that [`crate::Call::ChatPicture`] gives its content for, so that lines stay small. The
 * newest 16 MiB are kept.
 */
picture: number | null,
/**
 * Its address on the web, where it has one.
 */
link: string | null, } | { "type": "face",
/**
 * Its number.
 */
id: string, } | { "type": "other",
/**
 * What OneBot calls it: `record`, `video`, `json`, `forward` …
 */
kind: string,
/**
 * Its CQ code, very long arguments cut.
 */
code: string, };

/**
 * See [`crate::Call::ClientAdd`].
 */
export type ClientAdd = {
/**
 * The account's name.
 */
account: string,
/**
 * Its name; absent: one that is free, made from the framework's.
 */
name?: string,
/**
 * The framework that it is for.
 */
framework: Framework,
/**
 * See [`ClientConfig::kind`]; absent: `reverse` where there is a `url`, else `forward`.
 */
kind?: NewClientKind,
/**
 * Where it is waited for; absent: the next address that is free.
 */
listen?: string,
/**
 * Where we dial it, or post to, if it waits for us; then nothing is waited for.
 */
url?: string,
/**
 * What it has to show; absent: a new random one. Where we dial it: what it is shown, and where we post to it: what
 * events are signed with; absent: nothing.
 */
token?: string,
/**
 * See [`ClientConfig::profile`].
 */
profile?: string,
/**
 * See [`ClientConfig::format`].
 */
format?: string, };

/**
 * The reply to [`crate::Call::ClientAdd`].
 */
export type ClientAdded = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string,
/**
 * What that did.
 */
applied: Applied, };

/**
 * Some settings of a client, each left as it is when absent.
 */
export type ClientChange = {
/**
 * See [`ClientConfig::listen`].
 */
listen?: string,
/**
 * See [`ClientConfig::url`].
 */
url?: string,
/**
 * See [`ClientConfig::roles`].
 */
roles?: string,
/**
 * See [`ClientConfig::profile`].
 */
profile?: string,
/**
 * See [`ClientConfig::max_connections`].
 */
max_connections?: number,
/**
 * See [`ClientConfig::heartbeat_s`].
 */
heartbeat_s?: number,
/**
 * See [`ClientConfig::queue_events`].
 */
queue_events?: number,
/**
 * See [`ClientConfig::queue_bytes`].
 */
queue_bytes?: number,
/**
 * See [`ClientConfig::when_full`].
 */
when_full?: string,
/**
 * See [`ClientConfig::format`].
 */
format?: string,
/**
 * See [`ClientConfig::framework`].
 */
framework?: Framework, };

/**
 * What the settings say of one client, every default filled in.
 */
export type ClientConfig = {
/**
 * The account's name.
 */
account: string,
/**
 * Its name.
 */
client: string,
/**
 * Whether it may connect.
 */
enabled: boolean,
/**
 * `forward`: the framework connects to a port of ours; `reverse`: we connect to it; `http`: it calls a port of ours;
 * `post`: we post each event to it.
 */
kind: string,
/**
 * Where it is waited for; absent where we dial.
 */
listen: string | null,
/**
 * Where we dial, or post to; absent where it is waited for, and where there is a list of addresses.
 */
url: string | null,
/**
 * The list of addresses that we dial, where the settings have one; it is changed in their text.
 */
urls: Array<string>,
/**
 * Over how many connections we speak to each framework that we dial: `universal` or `split`; absent elsewhere.
 */
roles: string | null,
/**
 * `standard`: plain OneBot v11; `perpetua`: with the events and actions of perpetua's own SDKs.
 */
profile: string,
/**
 * How many connections it may have at once.
 */
max_connections: number,
/**
 * Seconds between two heartbeats.
 */
heartbeat_s: number,
/**
 * The most events that wait for it.
 */
queue_events: number,
/**
 * The most bytes that wait for it.
 */
queue_bytes: number,
/**
 * `drop-oldest` or `disconnect`.
 */
when_full: string,
/**
 * How it gets messages: `as-sent`, `array` or `string`.
 */
format: string,
/**
 * The framework that it is for; `other` where the settings name none.
 */
framework: Framework, };

/**
 * See [`crate::Call::ClientCut`].
 */
export type ClientCut = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string,
/**
 * The connection; absent: all of them.
 */
app_id?: string, };

/**
 * See [`crate::Call::ClientEdit`].
 */
export type ClientEdit = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string,
/**
 * What becomes different.
 */
change: ClientChange,
/**
 * What the changed settings were when they were looked at; when they are something else by now, the change is
 * refused.
 */
instead_of?: ClientChange, };

/**
 * The reply to [`crate::Call::ClientEdit`].
 */
export type ClientEdited = {
/**
 * What that did.
 */
applied: Applied,
/**
 * The change that takes it back.
 */
undo: ClientChange,
/**
 * What the changed settings are now: what the change that takes it back is instead of.
 */
now: ClientChange, };

/**
 * How much went through one client, for each minute.
 */
export type ClientHistory = {
/**
 * Its name.
 */
client: string,
/**
 * Events handed to its sockets.
 */
events: Array<number>,
/**
 * Actions that it sent.
 */
actions: Array<number>,
/**
 * Events that it missed since midnight.
 */
dropped_today: number, };

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
 * See [`crate::Call::ClientRead`].
 */
export type ClientRead = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string, };

/**
 * See [`crate::Call::ClientRemove`].
 */
export type ClientRemove = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string, };

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
 * `forward`: a framework connects to its port; `reverse`: we connect to a framework; `http`: a program calls its
 * port; `post`: we post each event to one; `leased`: ports of programs that asked for one.
 */
kind: string,
/**
 * The framework that it is for; absent where the settings name none.
 */
framework: Framework | null,
/**
 * Whether something is shown there, by it or by us, or signed with.
 */
has_token: boolean,
/**
 * The most events that wait for each of its connections.
 */
queue_events: number,
/**
 * The most bytes that wait for each of its connections.
 */
queue_bytes: number,
/**
 * Events it missed in the last minute.
 */
dropped_last_minute: number,
/**
 * Since when it is there, in milliseconds since 1970.
 */
since_ms: number,
/**
 * When an action was last asked for over HTTP, in milliseconds since 1970; absent where none was.
 */
called_ms: number | null,
/**
 * The address its framework dials, as `127.0.0.1:6700`; absent for leased ports, when it cannot listen, and where
 * we dial.
 */
listen: string | null,
/**
 * Where we dial or post to, one for each connection, and how that stands; none where the framework dials.
 */
targets: Array<TargetStatus>,
/**
 * What is wrong, for people; absent when nothing is.
 */
problem: Message | null,
/**
 * What in its settings cannot work, though each of them is right.
 */
remarks: Array<Message>,
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
 * See [`crate::Call::ClientTest`].
 */
export type ClientTest = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string, };

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
 * The address it comes from.
 */
peer: string | null,
/**
 * What its program calls itself (`User-Agent`).
 */
user_agent: string | null,
/**
 * Since when it is open, in milliseconds since 1970.
 */
since_ms: number,
/**
 * Frames handed to its socket.
 */
sent: number,
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
 * Why no core is installed.
 */
export type CoreAbsence = "failed" | "unconfirmed" | "not_allowed";

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
size: number | null,
/**
 * When it was published, in milliseconds since 1970, if the source names it.
 */
published_ms: number | null,
/**
 * It was installed before and rolled back, when and why, for people: it is offered to nobody.
 */
rolled_back: Message | null, };

/**
 * That QQ cannot be reached, from the first sign of it to QQ's first word.
 */
export type CoreAway = {
/**
 * What is away.
 */
kind: CoreAwayKind,
/**
 * Since when, in milliseconds since 1970.
 */
since_ms: number,
/**
 * How it showed last, for people.
 */
reason: Message, };

/**
 * What is between an account and QQ.
 */
export type CoreAwayKind = "no_network" | "qq_unreachable";

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
sha256: string,
/**
 * It was installed before and rolled back, whoever vouches for it: when and why, for people.
 */
rolled_back: Message | null, } | { "state": "failed",
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
job: CoreJob,
/**
 * Whether one is installed by itself when an account needs it.
 */
auto_install: boolean,
/**
 * Where it may come from, in the order in which they are asked.
 */
sources: Array<CoreSourceShown>,
/**
 * They are the ones that count when the settings name none.
 */
default_sources: boolean,
/**
 * When they were last asked for a newer one, in milliseconds since 1970; absent: not since the node runs.
 */
checked_ms: number | null,
/**
 * The largest archive that is taken, in bytes.
 */
upload_limit: number, };

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
 * How long a phase of a start took.
 */
export type CorePhaseTime = {
/**
 * Which one.
 */
phase: CorePhase,
/**
 * How long, in milliseconds.
 */
took_ms: number, };

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
 * What is being installed, once that is known: the tag of a release, or the name of a file.
 */
tag: string | null,
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
scanned: number, } | { "kind": "wrong_session",
/**
 * The account of the settings.
 */
expected: number,
/**
 * Whose session it is.
 */
found: number, };

/**
 * See [`crate::Call::CoreRemove`].
 */
export type CoreRemove = {
/**
 * The id of an installed version.
 */
version: string, };

/**
 * A kind of places that cores come from.
 */
export type CoreSourceKind = "github" | "index" | "mirror" | "local";

/**
 * A place that cores come from.
 */
export type CoreSourceShown = {
/**
 * What kind of place it is.
 */
kind: CoreSourceKind,
/**
 * Which one: a repository with its release, an address without secrets, or a path of the node's machine.
 */
place: string, };

/**
 * A source of a changed list.
 */
export type CoreSourceWanted = { "kind": "kept",
/**
 * Its place in the list that is changed, from 0.
 */
place: number, } | { "kind": "github",
/**
 * `owner/name`.
 */
repository: string,
/**
 * The release's tag; absent: that of the core's own release.
 */
tag?: string, } | { "kind": "index",
/**
 * Its address.
 */
url: string, } | { "kind": "mirror",
/**
 * What stands before theirs.
 */
prefix: string, } | { "kind": "local",
/**
 * A relative path starts at the folder of the settings file.
 */
path: string, };

/**
 * See [`crate::Call::CoreSourcesEdit`].
 */
export type CoreSourcesEdit = {
/**
 * All that there are to be, in the order in which they are asked; none: no core is downloaded.
 */
sources: Array<CoreSourceWanted>,
/**
 * The sources that this was made of; when they are others by now, the change is refused.
 */
instead_of: Array<CoreSourceShown>, };

/**
 * How the core of one account stands.
 *
 * In JSON the fields of [`CoreState`] stand beside the others: `{"state": "online", "who": …, "message": …}`.
 */
export type CoreStatus = {
/**
 * Since when it stands there, in milliseconds since 1970.
 */
since_ms: number,
/**
 * The phases of this start that are over, in their order.
 */
phases: Array<CorePhaseTime>,
/**
 * The same for people, with what to do where something is to be done.
 */
message: Message,
/**
 * QQ cannot be reached, whatever the state is: the account comes online by itself once it can.
 */
away: CoreAway | null,
/**
 * What is worth knowing beside it, for people; for example that a new core was rolled back.
 */
notice: Message | null,
/**
 * For how many seconds it has answered nothing over its link though it answers elsewhere: it waits for
 * something, most likely its signer. Absent while it answers.
 */
blocked_for_s: number | null,
/**
 * The files of its login that could not be used and were renamed, not deleted, since the last login; and the saved
 * session, when it is gone although a login was kept.
 */
set_aside: Array<SetAsideFile>,
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
 * What was measured of all that may sign for it, the preferred ones first; empty where the core asks its signer by
 * itself.
 */
signers: Array<SignerTimes>,
/**
 * Which signer is slow, for people: one that took more than 10 s when it was last asked, in the last ten minutes.
 */
slow_signer: Message | null,
/**
 * Which start this is, counted from 1 since the node runs; 0 before the first.
 */
generation: number,
/**
 * How often it was started anew by itself since the node runs.
 */
restarts: number,
/**
 * How often a login was turned away on the phone since the node runs.
 */
canceled?: number, } & ({ "state": "stopped" } | { "state": "absent",
/**
 * When an installation is tried again; absent when a person has to see to it.
 */
retry_in_s: number | null,
/**
 * Why there is none.
 */
why: CoreAbsence, } | { "state": "installing",
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
for_s: number,
/**
 * Why, for people, once known.
 */
reason: Message | null, } | { "state": "stopping" } | { "state": "backoff",
/**
 * When.
 */
retry_in_s: number,
/**
 * How often it failed in a row.
 */
failures: number,
/**
 * Why it failed last, for people.
 */
reason: Message | null, } | { "state": "braked",
/**
 * Why.
 */
reason: CoreBrake,
/**
 * What led to it, for people: how it failed, or what QQ said.
 */
cause: Message | null,
/**
 * The last lines that it wrote, oldest first.
 */
last_lines: Array<string>, });

/**
 * What an installation is doing, in the usual order.
 */
export type CoreStep = "preparing" | "waiting_for_another" | "looking_for_release" | "uploading" | "downloading" | "waiting_to_retry" | "unpacking" | "trial";

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
 * Who vouched for the archive; absent: it was installed by a version that did not record it.
 */
voucher: CoreVoucher | null,
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
 * The last one beside it that kept an account online, for a step back; while there is none, the one that was current
 * before it.
 */
previous: boolean,
/**
 * The accounts whose cores run it now.
 */
in_use_by: Array<string>, };

/**
 * Who said that an archive is the right one.
 */
export type CoreVoucher = "release" | "pinned" | "person";

/**
 * Where a node keeps things, and how much room they take.
 */
export type DataFacts = {
/**
 * The data folder, on the node's machine.
 */
folder: string,
/**
 * The settings file, on the node's machine.
 */
settings: string,
/**
 * Whether the settings file is none of the data folder.
 */
settings_elsewhere: boolean,
/**
 * What the folder holds, each kind once.
 */
uses: Array<DataUse>,
/**
 * What is free on the disk of the folder, in bytes, if the system says so.
 */
free: number | null,
/**
 * Where secrets are kept.
 */
secrets: SecretsPlace, };

/**
 * A kind of files in the data folder.
 */
export type DataKind = "cores" | "accounts" | "logs" | "rest";

/**
 * See [`crate::Call::DataRead`].
 */
export type DataRead = Record<symbol, never>;

/**
 * How much room one kind of files takes.
 */
export type DataUse = {
/**
 * Which files.
 */
kind: DataKind,
/**
 * Their sizes together, in bytes.
 */
bytes: number, };

/**
 * The kinds of failure that a UI treats differently.
 */
export type ErrorCode = "bad_request" | "unauthorized" | "forbidden" | "not_found" | "invalid_settings" | "conflict" | "not_supported" | "storage_full" | "unavailable" | "internal";

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
shown: ChatLine, } | { "event": "world_changed",
/**
 * The account whose simulator it is.
 */
account: string, } | { "event": "happened",
/**
 * What.
 */
happening: Happening, } | { "event": "settings",
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
 * A bot framework that is known by name.
 */
export type Framework = "nonebot" | "koishi" | "astrbot" | "other";

/**
 * See [`crate::Call::Guide`].
 */
export type Guide = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name.
 */
client: string,
/**
 * Which framework.
 */
framework: Framework, };

/**
 * What to enter into a framework so that it finds its port.
 */
export type GuideText = {
/**
 * Pieces of text to paste, in the order in which they are needed.
 */
snippets: Array<Snippet>,
/**
 * What else is to be done or known.
 */
notes: Array<Message>, };

/**
 * Something that happened to an account or a client and that its owner may want to know.
 */
export type Happening = {
/**
 * Counts them since the node runs; later ones have greater numbers. One that happens again and again keeps
 * its number: the newer one with the same takes its place.
 */
id: number,
/**
 * When, in milliseconds since 1970.
 */
time_ms: number,
/**
 * The account that it concerns.
 */
account: string | null,
/**
 * The client that it concerns.
 */
client: string | null,
/**
 * How good or bad it is.
 */
tone: HappeningTone,
/**
 * What it was, without the name of whom it concerns.
 */
message: Message, };

/**
 * How good or bad something is that happened.
 */
export type HappeningTone = "ok" | "busy" | "you" | "bad" | "idle";

/**
 * See [`crate::Call::Happenings`].
 */
export type Happenings = {
/**
 * How many of the latest.
 */
limit: number, };

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
account?: string,
/**
 * The new account stays off: its old program runs yet, which an import is refused for otherwise.
 */
disabled?: boolean, };

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
 * See [`crate::Call::ListSigners`].
 */
export type ListSigners = Record<symbol, never>;

/**
 * See [`crate::Call::Login`].
 */
export type Login = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`crate::Call::LoginBackup`].
 */
export type LoginBackup = {
/**
 * The account's name.
 */
account: string, };

/**
 * The sealed copy of an account's last good login.
 */
export type LoginBackupStatus = {
/**
 * When it was made, in milliseconds since 1970; absent when there is none.
 */
made_ms: number | null, };

/**
 * See [`crate::Call::LoginForget`].
 */
export type LoginForget = {
/**
 * The account's name.
 */
account: string, };

/**
 * See [`crate::Call::LoginNewCode`].
 */
export type LoginNewCode = {
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
 * Some settings of the network, each left as it is when absent.
 */
export type NetworkChange = {
/**
 * See [`NetworkSettings::listen`].
 */
listen?: string,
/**
 * See [`NetworkSettings::hosts`].
 */
hosts?: Array<string>,
/**
 * See [`NetworkSettings::download_proxy`]; empty: none. One with a password is kept in the secret store.
 */
download_proxy?: string,
/**
 * That of all accounts with a core; empty: none. One with a password is kept in the secret store.
 */
sign_proxy?: string,
/**
 * See [`NetworkSettings::lease_ports`]; empty: any free one.
 */
lease_ports?: string, };

/**
 * See [`crate::Call::NetworkEdit`].
 */
export type NetworkEdit = {
/**
 * What becomes different.
 */
change: NetworkChange,
/**
 * What the changed settings were when they were looked at; when they are something else by now, the change is
 * refused.
 */
instead_of?: NetworkChange,
/**
 * A person knows that other machines can come in then. Without it an address beyond loopback is refused.
 */
opens: boolean,
/**
 * The host name by which the page that asks was opened; a change after which it could not be opened so any
 * more is refused.
 */
keeps_host?: string, };

/**
 * The reply to [`crate::Call::NetworkEdit`].
 */
export type NetworkEdited = {
/**
 * What that did.
 */
applied: Applied,
/**
 * The change that takes it back; absent when a secret was stored, what was kept elsewhere was replaced, or
 * accounts differed.
 */
undo: NetworkChange | null,
/**
 * What the changed settings are now: what the change that takes it back is instead of.
 */
now: NetworkChange, };

/**
 * See [`crate::Call::NetworkRead`].
 */
export type NetworkRead = Record<symbol, never>;

/**
 * What the settings say of the network, every default filled in.
 */
export type NetworkSettings = {
/**
 * Where the API and the pages are to be found; another address counts from the next start.
 */
listen: string,
/**
 * Names by which they may be called, besides IP addresses and `localhost`.
 */
hosts: Array<string>,
/**
 * What downloads of cores go through; absent: what the environment says.
 */
download_proxy: ProxyShown | null,
/**
 * What cores reach their signers through.
 */
sign_proxy: SignProxy,
/**
 * The ports that are leased to programs that ask for one, as `18100-18110`; absent: any free one.
 */
lease_ports: string | null, };

/**
 * How a framework and an account come together.
 */
export type NewClientKind = "forward" | "reverse" | "http" | "post";

/**
 * Where the events of a new account come from.
 */
export type NewUpstream = { "kind": "simulator" } | { "kind": "lagrange",
/**
 * The only account that may log in; absent: whoever scans first.
 */
uin?: number, } | { "kind": "onebot",
/**
 * Its WebSocket address, as `ws://127.0.0.1:3001`.
 */
url: string,
/**
 * What it asks for; it is kept in the secret store.
 */
token?: string, } | { "kind": "onebot-reverse",
/**
 * Where it is waited for; absent: the next address that is free.
 */
listen?: string, };

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
 * The whole node.
 */
export type NodeStatus = {
/**
 * The node's version.
 */
version: string,
/**
 * The commit that it was built from, or `unknown`.
 */
build: string,
/**
 * Its process id.
 */
pid: number,
/**
 * How long this start of it has been running, in seconds. A window's program that starts its node anew counts anew:
 * every framework had to connect again.
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
notices: Array<NoticeStatus>,
/**
 * What is known of newer versions; absent where the program around the node looks for them.
 */
update: UpdateNews | null, };

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
 * A kind of notification.
 */
export type NotificationKind = "kicked" | "scan_needed" | "stopped" | "back_online" | "new_version";

/**
 * What the desktop is notified of.
 */
export type NotificationPreferences = {
/**
 * The kinds that are shown.
 */
kinds: Array<NotificationKind>,
/**
 * When nothing is shown, in local time; absent: never.
 */
quiet_hours: QuietHours | null, };

/**
 * A parameter of a sentence.
 */
export type Param = number | string | Message | Array<Message>;

/**
 * The reply to [`crate::Call::ChatPicture`].
 */
export type PictureContent = {
/**
 * The picture as `data:image/<kind>;base64,<content>`: PNG, JPEG, GIF, WebP or BMP, at most 2 MiB.
 */
data_url: string, };

/**
 * See [`crate::Call::PortCheck`].
 */
export type PortCheck = {
/**
 * An address to listen on, as `127.0.0.1:6700`.
 */
listen: string,
/**
 * The account whose client or upstream wants it; its own listener then counts as free.
 */
account?: string,
/**
 * The client that wants it; absent: the account's upstream.
 */
client?: string, };

/**
 * The reply to [`crate::Call::PortCheck`].
 */
export type PortReport = {
/**
 * The next address that is free, on the same network interface.
 */
next_free: string | null,
/**
 * Whether other machines could reach it.
 */
beyond_loopback: boolean, } & ({ "state": "free" } | { "state": "ours",
/**
 * The account.
 */
account: string,
/**
 * The client; absent: the account's upstream.
 */
client: string | null, } | { "state": "taken",
/**
 * Its name and process id for people, as `node (pid 812)`, if the system tells.
 */
holder: string | null, } | { "state": "unusable",
/**
 * Why, and what to do.
 */
problem: Message, });

/**
 * What became of the events of a client that is posted to, since the node started or it was enabled.
 */
export type PostStatus = {
/**
 * Whether the breaker is open: several attempts in a row have failed, and one is made now and then.
 */
paused: boolean,
/**
 * Whether what it failed on last is posted again by itself; else that event is over.
 */
again: boolean,
/**
 * Taken.
 */
delivered: number,
/**
 * Attempts that were repeated.
 */
repeated: number,
/**
 * Handed over with an unknown outcome, and not posted again.
 */
unsure: number,
/**
 * Not taken, and not posted again.
 */
refused: number, };

/**
 * The settings of the program itself, every default filled in.
 */
export type Preferences = {
/**
 * The language of window, tray and notifications.
 */
language: UiLanguage,
/**
 * What the desktop is notified of.
 */
notifications: NotificationPreferences,
/**
 * The webhooks, in the order of the settings.
 */
webhooks: Array<WebhookShown>,
/**
 * Whether and which newer versions are looked for.
 */
updates: UpdatePreferences, };

/**
 * See [`crate::Call::PreferencesEdit`]; each setting is left as it is when absent.
 */
export type PreferencesEdit = {
/**
 * See [`Preferences::language`].
 */
language?: UiLanguage,
/**
 * See [`NotificationPreferences::kinds`].
 */
notification_kinds?: Array<NotificationKind>,
/**
 * See [`NotificationPreferences::quiet_hours`]; both minutes alike: none.
 */
quiet_hours?: QuietHours,
/**
 * See [`UpdatePreferences::check`].
 */
update_check?: boolean,
/**
 * See [`UpdatePreferences::channel`].
 */
update_channel?: VersionChannel, };

/**
 * The reply to [`crate::Call::PreferencesEdit`].
 */
export type PreferencesEdited = {
/**
 * What that did.
 */
applied: Applied,
/**
 * The change that takes it back.
 */
undo: PreferencesEdit, };

/**
 * See [`crate::Call::PreferencesRead`].
 */
export type PreferencesRead = Record<symbol, never>;

/**
 * Where the address of a proxy is kept.
 */
export type ProxyKept = "settings" | "store" | "environment" | "file";

/**
 * A proxy as it may be shown.
 */
export type ProxyShown = {
/**
 * Its address; that of one that is kept elsewhere is the name of the place.
 */
address: string,
/**
 * Where the address is kept.
 */
kept: ProxyKept, };

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
 * How long it was good when it came, in seconds.
 */
good_for_s: number,
/**
 * Which one it is since a person last looked, from 1.
 */
code: number,
/**
 * How many are shown before it counts as nobody being there.
 */
codes_max: number, };

/**
 * A span of each day, which may go over midnight.
 */
export type QuietHours = {
/**
 * Its first minute, counted from midnight.
 */
from_minute: number,
/**
 * The first minute after it, counted from midnight.
 */
to_minute: number, };

/**
 * The reply to [`crate::Call::ReadRates`]. Every list has one number for each minute, the oldest first.
 */
export type RatesHistory = {
/**
 * Those of every account.
 */
accounts: Array<AccountHistory>, };

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
 * See [`crate::Call::ReadRates`].
 */
export type ReadRates = {
/**
 * How many of the latest whole minutes; 60 are kept.
 */
minutes: number, };

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
 * See [`Call::RetryFailed`].
 */
export type RetryFailed = Record<symbol, never>;

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
 * The text, with CQ codes if wanted; a picture is `[CQ:image,file=base64://…]`. A call has at most 2 MiB.
 */
text: string, };

/**
 * See [`crate::Call::SecretRemove`].
 */
export type SecretRemove = {
/**
 * What the settings call it.
 */
name: string, };

/**
 * See [`crate::Call::SecretSet`].
 */
export type SecretSet = {
/**
 * What the settings call it.
 */
name: string,
/**
 * The secret itself: one line of visible characters.
 */
value: string, };

/**
 * Where secrets are kept.
 */
export type SecretsPlace = { "in": "keyring" } | { "in": "file",
/**
 * On the node's machine.
 */
path: string, };

/**
 * The answer to `GET /session`, and to a `POST` that was right.
 */
export type SessionStatus = {
/**
 * Whether this browser is signed in.
 */
signed_in: boolean,
/**
 * For how many seconds wrong answers of this address count for nothing; `null`: they are counted.
 */
locked_s: number | null, };

/**
 * See [`crate::Call::SetAccountEnabled`].
 */
export type SetAccountEnabled = {
/**
 * The account's name.
 */
account: string,
/**
 * Whether it runs.
 */
enabled: boolean, };

/**
 * A file of a core's login that was set aside, or is gone: [`crate::Call::LoginRestore`] may bring back what it was.
 */
export type SetAsideFile = {
/**
 * Its name while it was in use: `keystore.json` or `device.json`.
 */
file: string,
/**
 * What became of it; absent: it is gone, and nobody knows since when.
 */
aside: AsideFile | null,
/**
 * When the kept copy of the login was made that can be restored, in milliseconds since 1970; absent when there
 * is none.
 */
copy_ms: number | null, };

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
instead_of?: string,
/**
 * A person knows that other machines can open the page and the API then. Without it an address beyond loopback
 * is refused where there was one of this machine alone.
 */
opens?: boolean,
/**
 * The host name by which the page that asks was opened; a text after which it could not be opened so any more
 * is refused.
 */
keeps_host?: string, };

/**
 * The body of `POST /session`: `{"token": …}` or `{"code": …}`.
 */
export type SignInCredential = { "token": string } | { "code": string };

/**
 * See [`crate::Call::SignInLink`].
 */
export type SignInLink = Record<symbol, never>;

/**
 * The reply to [`crate::Call::SignInLink`].
 */
export type SignInLinkMade = {
/**
 * What comes behind the address of the node. The code stands behind `#`, which no browser sends.
 */
path: string,
/**
 * For how many seconds it is good.
 */
good_for_s: number,
/**
 * Why it leads to no page, if it does not.
 */
problem: Message | null, };

/**
 * The answer to a `POST` of `/session` that was not right.
 */
export type SignInRefused = { "reason": "wrong_token",
/**
 * How many more wrong ones there may be before the address is locked.
 */
left: number, } | { "reason": "locked",
/**
 * For how long.
 */
seconds: number, } | { "reason": "code_used" } | { "reason": "code_late" } | { "reason": "code_unknown" };

/**
 * See [`crate::Call::SignInToken`].
 */
export type SignInToken = Record<symbol, never>;

/**
 * See [`crate::Call::SignInTokenNew`].
 */
export type SignInTokenNew = Record<symbol, never>;

/**
 * What cores reach their signers through; each account with a core has a setting of its own.
 */
export type SignProxy = { "is": "unused" } | { "is": "same",
/**
 * The proxy; absent: none.
 */
proxy: ProxyShown | null, } | { "is": "different" };

/**
 * See [`crate::Call::SignerAdd`].
 */
export type SignerAdd = {
/**
 * Its name; absent: one that is free is chosen.
 */
name?: string,
/**
 * Its address; it is kept in the secret store when a part of it looks like a secret.
 */
url: string, };

/**
 * The reply to [`crate::Call::SignerAdd`].
 */
export type SignerAdded = {
/**
 * Its name in the settings.
 */
name: string,
/**
 * What that did.
 */
applied: Applied, };

/**
 * See [`crate::Call::SignerEdit`]; what is absent stays as it is.
 */
export type SignerEdit = {
/**
 * Its name.
 */
name: string,
/**
 * Another name; accounts that name it name it so, too.
 */
rename?: string,
/**
 * Another address, kept as [`SignerAdd::url`] is.
 */
url?: string,
/**
 * The [`SignerStatus::mark`] of the address that this is a change of; when it is another one by now, the change
 * is refused.
 */
instead_of?: string, };

/**
 * See [`crate::Call::SignerRemove`].
 */
export type SignerRemove = {
/**
 * Its name.
 */
name: string, };

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
 * The address of the proxy that it was asked through, without its password; absent: it was asked directly.
 */
through: string | null,
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
 * A signer of the settings.
 */
export type SignerStatus = {
/**
 * Its name.
 */
name: string,
/**
 * Its host and port; the whole address may be a secret.
 */
host: string,
/**
 * What it said when it was last asked since the node runs.
 */
report: SignerReport | null,
/**
 * When that was, in milliseconds since 1970.
 */
asked_ms: number | null,
/**
 * What was measured of it; absent when its address cannot be had.
 */
times: SignerTimes | null,
/**
 * The accounts whose cores use it now.
 */
used_by: Array<string>,
/**
 * Tells its address from another one without saying it; of no use once the node was started anew.
 */
mark: string, };

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
 * What was measured of a signer since the node runs, for all accounts.
 */
export type SignerTimes = {
/**
 * Its name.
 */
name: string,
/**
 * How often it has signed.
 */
answers: number,
/**
 * How often it has not, though it was asked.
 */
failures: number,
/**
 * How long its last signature took, in milliseconds.
 */
last_ms: number | null,
/**
 * The longest time of the last ten minutes that it took, or had taken when another one was faster, in milliseconds.
 */
slowest_ms: number | null,
/**
 * Why it did not sign the last time that it did not, for people.
 */
last_failure: Message | null,
/**
 * When that was, in milliseconds since 1970.
 */
failed_ms: number | null,
/**
 * Whether it has not signed since.
 */
fails: boolean, };

/**
 * See [`crate::Call::SignersOrder`].
 */
export type SignersOrder = {
/**
 * The names of all signers, the preferred ones first.
 */
names: Array<string>,
/**
 * The order that this is a change of; when it is another one by now, the change is refused.
 */
instead_of?: Array<string>, };

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
 * See [`crate::Call::SimulatorWorld`].
 */
export type SimulatorWorld = {
/**
 * The account whose simulator it is.
 */
account: string, };

/**
 * A piece of text to paste.
 */
export type Snippet = {
/**
 * The file it belongs into, as `.env`; absent when it is entered on a page of the framework.
 */
file: string | null,
/**
 * What it is written in: `dotenv`, `yaml`, `json` or `text`.
 */
language: string,
/**
 * The text; the token's place is taken by [`Snippet::TOKEN`].
 */
text: string, };

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
 * Where the way to a framework stands that we dial.
 */
export type TargetState = "closed" | "unnamed" | "dialling" | "open" | "waiting" | "refused";

/**
 * An address of a framework that we dial, or post to.
 */
export type TargetStatus = {
/**
 * As the settings have it, `ws://127.0.0.1:6199/ws`; with `/api` or `/event` behind its path where there are two
 * connections.
 */
address: string,
/**
 * Where the way to it stands.
 */
state: TargetState,
/**
 * Since when it stands there, in milliseconds since 1970.
 */
since_ms: number,
/**
 * In how many seconds the next attempt comes, while one is waited for; absent where one comes every few seconds.
 */
retry_in_s: number | null,
/**
 * How many attempts have failed in a row.
 */
failures: number,
/**
 * Why it is not connected, or takes nothing, for people; absent while nothing has failed.
 */
problem: Message | null,
/**
 * What became of the events; absent where it is not posted to.
 */
posts: PostStatus | null, };

/**
 * What came of one address of a framework.
 */
export type TargetTested = {
/**
 * The address, as in [`crate::TargetStatus::address`].
 */
address: string,
/**
 * Whether it takes us.
 */
outcome: TestOutcome,
/**
 * What there is to say of it, for people.
 */
message: Message,
/**
 * How long that took, in milliseconds.
 */
took_ms: number, };

/**
 * What a test has found.
 */
export type TestOutcome = "works" | "fails" | "untested";

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
 * See [`crate::Call::TokenNew`].
 */
export type TokenNew = {
/**
 * The account's name.
 */
account: string,
/**
 * The client's name; absent: the account's upstream, which dials.
 */
client?: string, };

/**
 * The reply to [`Call::Token`] and to other calls for a token: replies that hold a secret.
 */
export type TokenValue = {
/**
 * The token; absent when the port asks for none.
 */
token: string | null, };

/**
 * A language that the program can be shown in.
 */
export type UiLanguage = "auto" | "zh-CN" | "en";

/**
 * See [`crate::Call::UpdateCheck`].
 */
export type UpdateCheck = Record<symbol, never>;

/**
 * What is known of newer versions.
 */
export type UpdateNews = {
/**
 * When it was last asked, in milliseconds since 1970; absent: not yet.
 */
asked_ms: number | null,
/**
 * The newest version, where it is newer than what runs.
 */
newer: NewerVersion | null,
/**
 * Why it could not be found out, for people.
 */
problem: Message | null, };

/**
 * Whether and which newer versions of the program are looked for.
 */
export type UpdatePreferences = {
/**
 * Once a day, without being asked; a window's program gets them, too.
 */
check: boolean,
/**
 * Which ones.
 */
channel: VersionChannel, };

/**
 * The reply to [`crate::Call::UpstreamTest`].
 */
export type UpstreamReport = {
/**
 * The whole address that was tried, as it would be saved; absent when nothing could be tried.
 */
address: string | null,
/**
 * Whether something at that address takes a connection.
 */
reachable: boolean,
/**
 * Whether it takes the token; absent when that is not known.
 */
token_accepted: boolean | null,
/**
 * The account that is logged in there.
 */
self_id: number | null,
/**
 * That account's nickname.
 */
nickname: string | null,
/**
 * The implementation's name and version, as `NapCat.Onebot 4.8.90`.
 */
implementation: string | null,
/**
 * Whether the account is online there; absent when it does not say.
 */
online: boolean | null,
/**
 * How long its first answer took, in milliseconds.
 */
latency_ms: number | null,
/**
 * Why it cannot be used, and what to do; absent when it can.
 */
problem: Message | null, };

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
 * Since when the link stands there, in milliseconds since 1970.
 */
since_ms: number,
/**
 * The implementation's name and version, as `NapCat.Onebot 4.8.90`, once it has said so.
 */
implementation: string | null,
/**
 * What in its settings cannot work.
 */
remarks: Array<Message>,
/**
 * What was refused there or got lost on the way, newest first.
 */
notices: Array<NoticeStatus>, };

/**
 * See [`crate::Call::UpstreamTest`].
 */
export type UpstreamTest = {
/**
 * A WebSocket address, as `ws://127.0.0.1:3001`.
 */
url: string,
/**
 * What it asks for.
 */
token?: string, };

/**
 * Which versions of the program are wanted.
 */
export type VersionChannel = "stable" | "beta";

/**
 * The reply to [`crate::Call::WebhookTest`].
 */
export type WebhookReport = {
/**
 * The status that it answered with.
 */
status: number | null,
/**
 * How long that took, in milliseconds.
 */
took_ms: number,
/**
 * Why it did not take the notification, and what to do; absent when it did.
 */
problem: Message | null, };

/**
 * A webhook as it may be shown.
 */
export type WebhookShown = {
/**
 * Its host and port; the whole address may be a secret.
 */
host: string, };

/**
 * See [`crate::Call::WebhookTest`].
 */
export type WebhookTest = {
/**
 * Which one, counted from 0 in the order of the settings.
 */
index: number, };

/**
 * Who lives in a simulator.
 */
export type World = {
/**
 * The bot account's id.
 */
self_id: number,
/**
 * The bot account's nickname.
 */
self_name: string,
/**
 * The groups that it is in.
 */
groups: Array<WorldGroup>,
/**
 * The groups that it is not in, and can be invited to.
 */
other_groups: Array<WorldGroup>,
/**
 * Its friends.
 */
friends: Array<WorldPerson>,
/**
 * Those who are no friends.
 */
strangers: Array<WorldPerson>, };

/**
 * A group of a simulator.
 */
export type WorldGroup = {
/**
 * Its id.
 */
group_id: number,
/**
 * Its name.
 */
name: string,
/**
 * Whether nobody below admins may speak.
 */
whole_ban: boolean,
/**
 * Who is in it, the bot account too where it is.
 */
members: Array<WorldMember>, };

/**
 * A member of a group.
 */
export type WorldMember = {
/**
 * Their id.
 */
user_id: number,
/**
 * Their card in the group, or their nickname.
 */
name: string,
/**
 * `owner`, `admin` or `member`.
 */
role: string,
/**
 * Until when they may not speak, in milliseconds since 1970. It may be over.
 */
banned_until_ms: number | null, };

/**
 * A person of a simulator.
 */
export type WorldPerson = {
/**
 * Their id.
 */
user_id: number,
/**
 * Their nickname.
 */
name: string, };

/** Every call: `POST /rpc/<name>`, its parameters and its reply. */
export type Calls = {
  status: { params: Status; reply: NodeStatus };
  token: { params: Token; reply: TokenValue };
  say: { params: Say; reply: Said };
  simulate: { params: Simulate; reply: null };
  reconnect: { params: Reconnect; reply: null };
  retry_failed: { params: RetryFailed; reply: Applied };
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
  account_add: { params: AccountAdd; reply: AccountAdded };
  account_settings: { params: AccountSettings; reply: AccountConfig };
  account_edit: { params: AccountEdit; reply: AccountEdited };
  account_remove: { params: AccountRemove; reply: Applied };
  set_account_enabled: { params: SetAccountEnabled; reply: Applied };
  client_add: { params: ClientAdd; reply: ClientAdded };
  client_settings: { params: ClientRead; reply: ClientConfig };
  client_edit: { params: ClientEdit; reply: ClientEdited };
  client_remove: { params: ClientRemove; reply: Applied };
  token_new: { params: TokenNew; reply: TokenValue };
  client_cut: { params: ClientCut; reply: null };
  client_test: { params: ClientTest; reply: Array<TargetTested> };
  guide: { params: Guide; reply: GuideText };
  port_check: { params: PortCheck; reply: PortReport };
  upstream_test: { params: UpstreamTest; reply: UpstreamReport };
  preferences_read: { params: PreferencesRead; reply: Preferences };
  preferences_edit: { params: PreferencesEdit; reply: PreferencesEdited };
  network_read: { params: NetworkRead; reply: NetworkSettings };
  network_edit: { params: NetworkEdit; reply: NetworkEdited };
  data_read: { params: DataRead; reply: DataFacts };
  update_check: { params: UpdateCheck; reply: UpdateNews };
  webhook_test: { params: WebhookTest; reply: WebhookReport };
  signer_list: { params: ListSigners; reply: Array<SignerStatus> };
  signer_add: { params: SignerAdd; reply: SignerAdded };
  signer_remove: { params: SignerRemove; reply: Applied };
  signer_edit: { params: SignerEdit; reply: Applied };
  signers_order: { params: SignersOrder; reply: Applied };
  core_sources_edit: { params: CoreSourcesEdit; reply: Applied };
  secret_set: { params: SecretSet; reply: Applied };
  secret_remove: { params: SecretRemove; reply: Applied };
  happenings: { params: Happenings; reply: Array<Happening> };
  read_rates: { params: ReadRates; reply: RatesHistory };
  login_new_code: { params: LoginNewCode; reply: CoreStatus };
  login_backup: { params: LoginBackup; reply: LoginBackupStatus };
  login_forget: { params: LoginForget; reply: Applied };
  simulator_world: { params: SimulatorWorld; reply: World };
  chat_history: { params: ChatHistory; reply: ChatPage };
  chat_picture: { params: ChatPicture; reply: PictureContent };
  chat_frames: { params: ChatFrames; reply: Array<ChatFrame> };
  sign_in_link: { params: SignInLink; reply: SignInLinkMade };
  sign_in_token: { params: SignInToken; reply: TokenValue };
  sign_in_token_new: { params: SignInTokenNew; reply: TokenValue };
};
