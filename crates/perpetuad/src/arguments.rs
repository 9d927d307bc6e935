//! The command line.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, Parser, Subcommand, ValueEnum};
use thiserror::Error;

/// Shares one QQ bot account among several bot frameworks, over OneBot v11. Without a command it
/// runs a node; the commands look at settings, or talk to the node that runs on the same data folder.
#[derive(Debug, Parser)]
#[command(version, name = "perpetuad")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    /// How log lines on stderr look
    #[arg(long, value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Which node is meant.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    /// The folder of settings, state, secrets and logs
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The settings file, if it is not `perpetua.toml` in the data folder
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl From<LogFormat> for perpetua_config::LogFormat {
    fn from(format: LogFormat) -> Self {
        match format {
            LogFormat::Text => Self::Text,
            LogFormat::Json => Self::Json,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the settings without starting anything
    Check,
    /// Show how the running node stands
    Status {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Print a client's token
    Token {
        /// ACCOUNT/CLIENT, for example main/bot
        client: ClientName,
    },
    /// Show how to connect NoneBot, Koishi or AstrBot to a client's port
    Guide {
        /// ACCOUNT/CLIENT; without it, every client of the node
        client: Option<ClientName>,
    },
    /// Let someone in the simulator say something
    Say(SayArguments),
    /// Watch what people and bots do in the simulator
    Watch {
        /// Only this account
        #[arg(long)]
        account: Option<String>,
    },
    /// Dial an account's upstream now, for example after its token was put right
    Reconnect {
        /// The account's name
        account: String,
    },
    /// Show the login of a managed account, with its QR code, until it is online
    Login {
        /// The account's name
        account: String,
        /// Put the last kept session back first, instead of scanning a new QR code
        #[arg(long)]
        restore: bool,
    },
    /// Start a managed account's core, also after it was given up
    Start {
        /// The account's name
        account: String,
    },
    /// Stop a managed account's core; its clients stay connected
    Stop {
        /// The account's name
        account: String,
    },
    /// Restart a managed account's core; its clients stay connected
    Restart {
        /// The account's name
        account: String,
    },
    /// Show what a managed account's core has logged
    Log {
        /// The account's name
        account: String,
        /// How many of the last lines
        #[arg(long, default_value_t = 50)]
        lines: usize,
        /// Go on with what comes
        #[arg(long)]
        follow: bool,
    },
    /// Install, choose, check or remove versions of the core
    Core {
        #[command(subcommand)]
        command: CoreCommand,
    },
    /// Test signers, without which QQ refuses every login
    Signer {
        #[command(subcommand)]
        command: SignerCommand,
    },
    /// Take over an installation of Lagrange.OneBot or of the original perpetua; it is not changed
    Import {
        /// Its folder
        folder: PathBuf,
        /// The name of the account that is made of it
        #[arg(long)]
        account: Option<String>,
    },
    /// Keep or remove a secret that the settings name as `{ secret = "NAME" }`
    Secret {
        #[command(subcommand)]
        command: SecretCommand,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SayArguments {
    /// A group or a person, by name or by id
    #[arg(value_name = "GROUP|USER")]
    pub(crate) chat: String,
    /// What is said; CQ codes work
    pub(crate) text: String,
    /// Who says it in a group, by name or by id
    #[arg(long = "as", value_name = "USER")]
    pub(crate) speaker: Option<String>,
    /// Whose simulator, when there are several
    #[arg(long)]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CoreCommand {
    /// List the installed versions, and whether there is a newer one
    List {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
        /// Look for a newer one first
        #[arg(long)]
        check: bool,
    },
    /// Download and install the newest version
    Install {
        /// An address or a file instead of the sources in the settings
        #[arg(long, value_name = "URL|FILE")]
        from: Option<String>,
        /// The SHA-256 that you have compared and trust, when nobody else vouches for the download
        #[arg(long, value_name = "SHA256")]
        accept: Option<String>,
    },
    /// Make an installed version the current one; `previous` goes one step back
    Use {
        /// A version of `perpetuad core list`, or `previous`
        version: String,
    },
    /// Delete an installed version
    Remove {
        /// A version of `perpetuad core list`
        version: String,
    },
    /// Install from a file or folder on this machine
    Import {
        /// An archive, a folder, or the program itself
        path: PathBuf,
        /// The SHA-256 that you have compared and trust
        #[arg(long, value_name = "SHA256")]
        accept: Option<String>,
    },
    /// Check that installed versions are still what was installed
    Verify {
        /// A version of `perpetuad core list`; without it, all
        version: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignerCommand {
    /// Ask a signer whether it works: by its address, or by its name in the settings; without either, all of the settings
    Test {
        /// An address, or a name of `[[signers]]`
        signer: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Keep a secret; it is read from standard input
    Set {
        /// Its name in the settings
        name: String,
    },
    /// Forget a secret
    Remove {
        /// Its name in the settings
        name: String,
    },
}

/// `ACCOUNT/CLIENT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientName {
    pub(crate) account: String,
    pub(crate) client: String,
}

/// Arguments that fit the grammar and mean nothing.
#[derive(Debug, Error)]
pub(crate) enum Unusable {
    #[error("`{0}` is not of the form ACCOUNT/CLIENT, for example `main/bot`")]
    ClientName(String),
    #[error("there is no client `{0}` in the settings; `perpetuad check` lists them")]
    NoClient(ClientName),
    #[error(
        "nothing was typed: give the secret on standard input, for example `echo SECRET | perpetuad secret set NAME`"
    )]
    NoSecret,
    #[error("this cannot be a secret: {0}")]
    BadSecret(String),
    #[error("{0}")]
    Unconfirmed(String),
    #[error(
        "account `{0}` has no core that this node manages; set `kind = \"lagrange\"` for its upstream in `perpetua.toml`"
    )]
    NotManaged(String),
    #[error("{account} is not online: {words}")]
    NoLogin { account: String, words: String },
    #[error(
        "no signer is set; add a `[[signers]]` with a `url` that you trust to `perpetua.toml`, or name an address to test"
    )]
    NoSigners,
    #[error("not every signer works; without one that works QQ refuses every login")]
    SignerFailed,
}

/// Something that a command needs and cannot get, such as a download.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Unavailable(pub(crate) String);

impl FromStr for ClientName {
    type Err = Unusable;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('/') {
            Some((account, client))
                if !account.is_empty() && !client.is_empty() && !client.contains('/') =>
            {
                Ok(Self {
                    account: account.to_owned(),
                    client: client.to_owned(),
                })
            }
            _ => Err(Unusable::ClientName(text.to_owned())),
        }
    }
}

impl std::fmt::Display for ClientName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.account, self.client)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Arguments, ClientName};

    #[test]
    fn the_grammar_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_client_is_named_by_account_and_client() {
        let name: ClientName = "main/bot".parse().expect("valid");
        assert_eq!((&*name.account, &*name.client), ("main", "bot"));
        for wrong in ["main", "/bot", "main/", "a/b/c", ""] {
            assert!(wrong.parse::<ClientName>().is_err(), "{wrong}");
        }
    }
}
