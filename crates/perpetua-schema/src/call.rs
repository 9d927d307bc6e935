//! The calls: each is a struct of its parameters, named once in the table below.

use perpetua_words::rpc as words;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    AccountAdd, AccountAdded, AccountConfig, AccountEdit, AccountEdited, AccountRemove,
    AccountSettings, Applied, ChatEvent, ChatFrame, ChatFrames, ChatHistory, ChatPage, ChatPicture,
    ClientAdd, ClientAdded, ClientConfig, ClientCut, ClientEdit, ClientEdited, ClientRead,
    ClientRemove, ClientTest, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreLog,
    CoreRemove, CoreSourcesEdit, CoreStatus, CoreUse, CoreVerified, CoreVerify, DataFacts,
    DataRead, ErrorCode, Guide, GuideText, Happening, Happenings, Import, Imported, ListCores,
    ListSigners, Login, LoginBackup, LoginBackupStatus, LoginForget, LoginNewCode, LoginRestore,
    NetworkEdit, NetworkEdited, NetworkRead, NetworkSettings, NodeStatus, PictureContent,
    PortCheck, PortReport, Preferences, PreferencesEdit, PreferencesEdited, PreferencesRead,
    RatesHistory, ReadCoreLog, ReadRates, Restart, RpcError, SecretRemove, SecretSet,
    SetAccountEnabled, SetClientEnabled, SettingsRead, SettingsText, SettingsWrite, SignInLink,
    SignInLinkMade, SignInToken, SignInTokenNew, SignerAdd, SignerAdded, SignerEdit, SignerRemove,
    SignerReport, SignerStatus, SignerTest, SignersOrder, SimulatorWorld, Start, Stop,
    TargetTested, TokenNew, UpdateCheck, UpdateNews, UpstreamReport, UpstreamTest, WebhookReport,
    WebhookTest, World,
};

/// The parameters of one call, which know its name, its reply, and who answers it.
pub trait Method: Clone + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The last part of `/rpc/<name>`.
    const NAME: &'static str;
    /// What a successful call gives.
    type Reply: Send + Serialize + DeserializeOwned + 'static;

    /// Has it answered, in the same process.
    fn answer<H: Handler>(
        self,
        handler: &H,
    ) -> impl Future<Output = Result<Self::Reply, RpcError>> + Send;
}

/// The table of all calls. It makes a method of [`Handler`] for each, so that one without a handler
/// does not compile.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident $method:ident -> $reply:ty;)*) => {
        /// Any call, as a node receives it.
        #[derive(Clone, Debug)]
        pub enum Call {
            $($(#[$doc])* $method($method),)*
        }

        impl Call {
            /// The name of every call.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name),)*];

            /// Reads a call from its name and its JSON body; an empty body stands for `{}`.
            pub fn parse(name: &str, body: &[u8]) -> Result<Self, RpcError> {
                let body = if body.is_empty() { b"{}" } else { body };
                match name {
                    $(stringify!($name) => {
                        let call: serde_json::Result<$method> = serde_json::from_slice(body);
                        let known = call.and_then(|call| all_known(body, &call).map(|()| call));
                        known.map(Self::$method).map_err(|error| wrong_parameters(name, &error))
                    })*
                    _ => Err(RpcError::new(ErrorCode::NotFound, words::NoSuchCall { call: name })),
                }
            }
        }

        /// Whoever answers calls: a running node, or its data folder alone.
        pub trait Handler: Sync {
            $($(#[$doc])*
            fn $name(&self, call: $method) -> impl Future<Output = Result<$reply, RpcError>> + Send;)*
        }

        /// Answers any call; the reply is JSON of the call's reply type.
        pub async fn dispatch(handler: &impl Handler, call: Call) -> Result<Value, RpcError> {
            match call {
                $(Call::$method(call) => reply(stringify!($name), &handler.$name(call).await?),)*
            }
        }

        /// Tells what the table holds: each call with its parameters and its reply.
        #[cfg(feature = "typescript")]
        pub(crate) fn describe(calls: &mut crate::typescript::Described) {
            $(calls.call::<$method, $reply>(stringify!($name));)*
        }

        $(impl Method for $method {
            const NAME: &'static str = stringify!($name);
            type Reply = $reply;

            fn answer<H: Handler>(self, handler: &H) -> impl Future<Output = Result<Self::Reply, RpcError>> + Send {
                handler.$name(self)
            }
        })*
    };
}

calls! {
    /// How the node and all its accounts stand.
    status Status -> NodeStatus;
    /// What a client's framework, or an upstream that dials the node, has to show.
    token Token -> TokenValue;
    /// Someone in a simulator says something.
    say Say -> Said;
    /// Something else happens in a simulator.
    simulate Simulate -> ();
    /// Dials an account's upstream now instead of at the end of its wait.
    reconnect Reconnect -> ();
    /// Tries again at once what could not be done, as after the keyring was unlocked.
    retry_failed RetryFailed -> Applied;
    /// The text of `perpetua.toml`.
    settings_read SettingsRead -> SettingsText;
    /// Replaces `perpetua.toml`, if it is valid, and applies it.
    settings_write SettingsWrite -> Applied;
    /// Enables or disables one client.
    set_client_enabled SetClientEnabled -> Applied;
    /// The installed cores, the one that could be, and the installation under way.
    core_list ListCores -> CoreList;
    /// Looks for a newer core now instead of at the usual time.
    core_check CoreCheck -> CoreList;
    /// Begins to install a core. The reply comes at once; [`crate::Event::CoreJob`] tells the rest.
    core_install CoreInstall -> CoreJob;
    /// Calls the installation under way off; without one, nothing happens.
    core_cancel CoreCancel -> ();
    /// Makes another installed core the one that starts use.
    core_use CoreUse -> Applied;
    /// Removes an installed core that is neither current nor running.
    core_remove CoreRemove -> Applied;
    /// Compares installed cores with what was installed, byte for byte.
    core_verify CoreVerify -> Vec<CoreVerified>;
    /// Starts the core of an account; one that runs already goes on.
    start Start -> CoreStatus;
    /// Stops the core of an account; one that is stopped already stays so.
    stop Stop -> CoreStatus;
    /// Stops the core of an account and starts it again.
    restart Restart -> CoreStatus;
    /// A person looks at the login: the core is started if it is stopped, refused or braked, and QR
    /// codes are counted anew.
    login Login -> CoreStatus;
    /// Puts the last good login of an account back from its sealed copy.
    login_restore LoginRestore -> Applied;
    /// The latest lines that the core of an account wrote.
    core_log ReadCoreLog -> CoreLog;
    /// Asks a signer whether it can be used.
    signer_test SignerTest -> SignerReport;
    /// Takes over an installation of another program as a new account.
    import Import -> Imported;
    /// Adds an account and starts it.
    account_add AccountAdd -> AccountAdded;
    /// What the settings say of an account.
    account_settings AccountSettings -> AccountConfig;
    /// Changes some settings of an account.
    account_edit AccountEdit -> AccountEdited;
    /// Removes an account with its clients and its secrets.
    account_remove AccountRemove -> Applied;
    /// Enables or disables one account.
    set_account_enabled SetAccountEnabled -> Applied;
    /// Adds a client.
    client_add ClientAdd -> ClientAdded;
    /// What the settings say of a client.
    client_settings ClientRead -> ClientConfig;
    /// Changes some settings of a client.
    client_edit ClientEdit -> ClientEdited;
    /// Removes a client and its token.
    client_remove ClientRemove -> Applied;
    /// Replaces a token by a new random one; who used the old one is cut off.
    token_new TokenNew -> TokenValue;
    /// Ends connections of a client; its framework may connect again.
    client_cut ClientCut -> ();
    /// Tries now whether the framework of a client takes us, address by address; what succeeds is the client's connection.
    client_test ClientTest -> Vec<TargetTested>;
    /// What to enter into a framework.
    guide Guide -> GuideText;
    /// Whether an address can be listened on.
    port_check PortCheck -> PortReport;
    /// Whether an address and a token lead to a OneBot v11 implementation, and to which account.
    upstream_test UpstreamTest -> UpstreamReport;
    /// The settings of the program itself.
    preferences_read PreferencesRead -> Preferences;
    /// Changes some of them.
    preferences_edit PreferencesEdit -> PreferencesEdited;
    /// The settings of the network.
    network_read NetworkRead -> NetworkSettings;
    /// Changes some of them.
    network_edit NetworkEdit -> NetworkEdited;
    /// What is kept on the node's disk.
    data_read DataRead -> DataFacts;
    /// Looks for a newer version of the program now instead of at the usual time.
    update_check UpdateCheck -> UpdateNews;
    /// Sends a notification to a webhook now.
    webhook_test WebhookTest -> WebhookReport;
    /// The signers of the settings.
    signer_list ListSigners -> Vec<SignerStatus>;
    /// Adds a signer, behind those that there are.
    signer_add SignerAdd -> SignerAdded;
    /// Removes a signer and its address.
    signer_remove SignerRemove -> Applied;
    /// Gives a signer another address or another name; its place stays.
    signer_edit SignerEdit -> Applied;
    /// Changes the order in which the signers are preferred.
    signers_order SignersOrder -> Applied;
    /// Changes the sources of cores: their order, one more, one less.
    core_sources_edit CoreSourcesEdit -> Applied;
    /// Stores a secret that the settings may name; what runs with it takes it over at once.
    secret_set SecretSet -> Applied;
    /// Removes such a secret; what ran with it is closed.
    secret_remove SecretRemove -> Applied;
    /// What happened lately, the newest first.
    happenings Happenings -> Vec<Happening>;
    /// How much went through accounts and clients.
    read_rates ReadRates -> RatesHistory;
    /// Asks QQ for another QR code, by starting the login anew.
    login_new_code LoginNewCode -> CoreStatus;
    /// Whether there is a sealed copy of a login.
    login_backup LoginBackup -> LoginBackupStatus;
    /// Stops the core and removes its login and the copy of it; the next start needs a scan.
    login_forget LoginForget -> Applied;
    /// Who lives in a simulator.
    simulator_world SimulatorWorld -> World;
    /// What was said in a chat of a simulator.
    chat_history ChatHistory -> ChatPage;
    /// A picture in a message of a simulator.
    chat_picture ChatPicture -> PictureContent;
    /// The frames that belong to a line of a chat.
    chat_frames ChatFrames -> Vec<ChatFrame>;
    /// A link with which a browser signs in, once and soon.
    sign_in_link SignInLink -> SignInLinkMade;
    /// What a browser without a link signs in with.
    sign_in_token SignInToken -> TokenValue;
    /// Replaces that token; every browser is signed out.
    sign_in_token_new SignInTokenNew -> TokenValue;
}

/// Refuses parameters with something that the call does not have: it would be done without what was asked for.
fn all_known(body: &[u8], call: &impl Serialize) -> serde_json::Result<()> {
    let sent: Value = serde_json::from_slice(body)?;
    unknown(&sent, &serde_json::to_value(call)?, "").map_or(Ok(()), |problem| {
        Err(<serde_json::Error as serde::de::Error>::custom(problem))
    })
}

/// The first thing in what was sent that what was read does not have. Absent and `null` mean the same.
fn unknown(sent: &Value, read: &Value, path: &str) -> Option<String> {
    match (sent, read) {
        (Value::Object(sent), Value::Object(read)) => sent.iter().find_map(|(key, sent)| {
            let path = if path.is_empty() {
                key.clone()
            } else {
                format!("{path}.{key}")
            };
            match read.get(key) {
                Some(read) => unknown(sent, read, &path),
                None if sent.is_null() => None,
                None => Some(format!("unknown field `{path}`")),
            }
        }),
        (Value::Array(sent), Value::Array(read)) => {
            let mut pairs = sent.iter().zip(read);
            pairs.find_map(|(sent, read)| unknown(sent, read, path))
        }
        (Value::Array(_), Value::Object(_)) if path.is_empty() => {
            Some("expected an object, found a list".into())
        }
        (Value::Array(_), Value::Object(_)) => {
            Some(format!("expected an object in `{path}`, found a list"))
        }
        _ => None,
    }
}

/// How much is said of what is wrong with parameters, in characters: the library quotes all that it got.
const LONGEST_REASON: usize = 300;

fn wrong_parameters(call: &str, error: &serde_json::Error) -> RpcError {
    let mut reason = error.to_string();
    if let Some((end, _)) = reason.char_indices().nth(LONGEST_REASON) {
        reason.truncate(end);
        reason.push('…');
    }
    RpcError::new(
        ErrorCode::BadRequest,
        words::WrongParameters { call, reason },
    )
}

fn reply(call: &str, value: &impl Serialize) -> Result<Value, RpcError> {
    serde_json::to_value(value).map_err(|error| {
        let reason = error.to_string();
        RpcError::new(ErrorCode::Internal, words::UnreadableReply { call, reason })
    })
}

/// See [`Call::Status`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Status {}

/// See [`Call::Token`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// The account's name.
    pub account: String,
    /// The client's name; absent: the account's upstream.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub client: Option<String>,
}

/// The reply to [`Call::Token`] and to other calls for a token: replies that hold a secret.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenValue {
    /// The token; absent when the port asks for none.
    pub token: Option<String>,
}

impl std::fmt::Debug for TokenValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenValue { token: [redacted] }")
    }
}

/// See [`Call::Say`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Say {
    /// The account whose simulator it is; absent: the only one there is.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub account: Option<String>,
    /// A group or a person, by id or by name.
    pub chat: String,
    /// Who says it in a group, by id or by name; absent: the simulator chooses.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub speaker: Option<String>,
    /// The text, with CQ codes if wanted; a picture is `[CQ:image,file=base64://…]`. A call has at most 2 MiB.
    pub text: String,
}

/// The reply to [`Call::Say`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Said {
    /// The id of the message, as bots see it.
    pub message_id: i32,
}

/// See [`Call::Simulate`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Simulate {
    /// The account whose simulator it is; absent: the only one there is.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional))]
    pub account: Option<String>,
    /// What happens.
    pub event: ChatEvent,
}

/// See [`Call::RetryFailed`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct RetryFailed {}

/// See [`Call::Reconnect`].
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reconnect {
    /// The account's name.
    pub account: String,
}

#[cfg(test)]
mod tests {
    use super::{Call, Method, Status};
    use crate::ErrorCode;

    #[test]
    fn a_call_is_read_from_its_name_and_body() {
        assert!(matches!(
            Call::parse(Status::NAME, b""),
            Ok(Call::Status(_))
        ));
        let call = Call::parse("token", br#"{"account":"main","client":"bot"}"#).expect("valid");
        assert!(matches!(call, Call::Token(token) if token.client.as_deref() == Some("bot")));
        let call = Call::parse("token", br#"{"account":"main"}"#).expect("valid");
        assert!(matches!(call, Call::Token(token) if token.client.is_none()));
    }

    #[test]
    fn unknown_names_and_wrong_parameters_are_told_apart() {
        assert_eq!(
            Call::parse("nope", b"").expect_err("unknown").code,
            ErrorCode::NotFound
        );
        assert_eq!(
            Call::parse("token", b"{}").expect_err("wrong").code,
            ErrorCode::BadRequest
        );
        let novel = format!("{{\"lines\":\"{}\"}}", "长".repeat(1 << 20));
        let wrong = Call::parse("chat_frames", novel.as_bytes()).expect_err("wrong");
        assert!(wrong.message.to_string().len() < 2_000);
    }

    #[test]
    fn what_a_call_does_not_have_is_refused_by_name() {
        for (call, body, named) in [
            ("network_edit", r#"{"change":{"nope":1}}"#, "`change.nope`"),
            (
                "network_edit",
                r#"{"change":{"listen":"1"},"force":true}"#,
                "`force`",
            ),
            ("core_install", r#"{"version":"x"}"#, "`version`"),
            (
                "signer_add",
                r#"{"url":"http://a.example/","label":"a"}"#,
                "`label`",
            ),
            ("reconnect", r#"["main"]"#, "object"),
            ("network_edit", r#"{"change":["8099"]}"#, "`change`"),
            (
                "core_sources_edit",
                r#"{"sources":[{"kind":"torrent"}],"instead_of":[]}"#,
                "`torrent`",
            ),
            (
                "core_sources_edit",
                r#"{"sources":[{"kind":"index","url":"a","tag":"b"}],"instead_of":[]}"#,
                "`sources.tag`",
            ),
        ] {
            let error = Call::parse(call, body.as_bytes()).expect_err(body);
            assert_eq!(error.code, ErrorCode::BadRequest, "{body}");
            assert!(error.message.to_string().contains(named), "{error}");
        }
        for (call, body) in [
            ("network_edit", r#"{"change":{"listen":null},"opens":true}"#),
            ("signer_add", r#"{"name":null,"url":"http://a.example/"}"#),
            ("core_install", ""),
        ] {
            Call::parse(call, body.as_bytes()).expect(body);
        }
    }
}
