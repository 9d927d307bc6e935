//! The calls: each is a struct of its parameters, named once in the table below.

use perpetua_words::rpc as words;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    Applied, ChatEvent, CoreCancel, CoreCheck, CoreInstall, CoreJob, CoreList, CoreLog, CoreRemove,
    CoreStatus, CoreUse, CoreVerified, CoreVerify, ErrorCode, Import, Imported, ListCores, Login,
    LoginRestore, NodeStatus, ReadCoreLog, Restart, RpcError, SetClientEnabled, SettingsRead,
    SettingsText, SettingsWrite, SignerReport, SignerTest, Start, Stop,
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
                        let call = serde_json::from_slice(body).map(Self::$method);
                        call.map_err(|error| wrong_parameters(name, &error))
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
        pub async fn dispatch(handler: &impl Handler, call: Call) -> Result<serde_json::Value, RpcError> {
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
}

fn wrong_parameters(call: &str, error: &serde_json::Error) -> RpcError {
    let reason = error.to_string();
    RpcError::new(
        ErrorCode::BadRequest,
        words::WrongParameters { call, reason },
    )
}

fn reply(call: &str, value: &impl Serialize) -> Result<serde_json::Value, RpcError> {
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

/// The reply to [`Call::Token`]: the one reply that holds a secret.
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
    /// The text, with CQ codes if wanted.
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
    }
}
