//! The command line. What each command and argument is for stands in the catalogue (`help`), by its
//! name; see [`help`](crate::help).

use std::{
    fmt::{self, Display, Formatter},
    path::PathBuf,
    str::FromStr,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use perpetua_words::{Message, cli};

/// The version with the commit that it was built from, and the licence.
const LONG_VERSION: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    " (",
    env!("PERPETUA_BUILD"),
    ")\n",
    env!("CARGO_PKG_LICENSE")
);

#[derive(Debug, Parser)]
#[command(version, long_version = LONG_VERSION, name = "perpetuad")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) place: PlaceArguments,
    #[arg(long, value_enum)]
    pub(crate) log_format: Option<LogFormat>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

// Which node is meant.
#[derive(Debug, Args)]
pub(crate) struct PlaceArguments {
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

impl PlaceArguments {
    /// The same node, named so that it is meant in every folder.
    pub(crate) fn meant_anywhere(&self) -> Self {
        let absolute = |path: &PathBuf| std::path::absolute(path).unwrap_or_else(|_| path.clone());
        Self {
            data_dir: self.data_dir.as_ref().map(absolute),
            config: self.config.as_ref().map(absolute),
        }
    }
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
    Check,
    Status {
        #[arg(long)]
        json: bool,
    },
    Token {
        #[arg(value_name = "ACCOUNT[/CLIENT]")]
        of: TokenOwner,
    },
    Ui {
        #[arg(long)]
        new_token: bool,
    },
    Guide {
        client: Option<ClientName>,
    },
    Client {
        #[command(subcommand)]
        command: ClientCommand,
    },
    Say(SayArguments),
    Watch {
        #[arg(long)]
        account: Option<String>,
    },
    Reconnect {
        account: String,
    },
    Login {
        account: String,
        #[arg(long)]
        restore: bool,
    },
    Start {
        account: String,
    },
    Stop {
        account: String,
    },
    Restart {
        account: String,
    },
    Log {
        account: String,
        #[arg(long, default_value_t = 50)]
        lines: usize,
        #[arg(long)]
        follow: bool,
    },
    Core {
        #[command(subcommand)]
        command: CoreCommand,
    },
    Signer {
        #[command(subcommand)]
        command: SignerCommand,
    },
    Import {
        folder: PathBuf,
        #[arg(long)]
        account: Option<String>,
        #[arg(long)]
        disabled: bool,
    },
    Secret {
        #[command(subcommand)]
        command: SecretCommand,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SayArguments {
    #[arg(value_name = "GROUP|USER")]
    pub(crate) chat: String,
    pub(crate) text: String,
    #[arg(long = "as", value_name = "USER")]
    pub(crate) speaker: Option<String>,
    #[arg(long)]
    pub(crate) account: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CoreCommand {
    List {
        #[arg(long)]
        json: bool,
        #[arg(long)]
        check: bool,
    },
    Install {
        #[arg(long, value_name = "URL|FILE")]
        from: Option<String>,
        #[arg(long, value_name = "SHA256")]
        accept: Option<String>,
    },
    Use {
        version: String,
    },
    Remove {
        version: String,
    },
    Import {
        path: PathBuf,
        #[arg(long, value_name = "SHA256")]
        accept: Option<String>,
    },
    Verify {
        version: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SignerCommand {
    Test { signer: Option<String> },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientCommand {
    Test {
        #[arg(value_name = "ACCOUNT/CLIENT")]
        client: ClientName,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    Set { name: String },
    Remove { name: String },
}

/// `ACCOUNT/CLIENT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ClientName {
    pub(crate) account: String,
    pub(crate) client: String,
}

/// Who has to show a token: a client's framework, or an account's upstream that dials us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenOwner {
    Client(ClientName),
    Upstream { account: String },
}

/// A text that is not of the form `ACCOUNT/CLIENT`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InvalidClientName;

impl From<&InvalidClientName> for Message {
    fn from(_: &InvalidClientName) -> Self {
        cli::ClientNameInvalid.into()
    }
}

impl Display for InvalidClientName {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for InvalidClientName {}

impl FromStr for ClientName {
    type Err = InvalidClientName;

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
            _ => Err(InvalidClientName),
        }
    }
}

impl Display for ClientName {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.account, self.client)
    }
}

impl FromStr for TokenOwner {
    type Err = InvalidClientName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.contains('/') {
            return text.parse().map(Self::Client);
        }
        let account = text.to_owned();
        Ok(Self::Upstream { account })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::{Arguments, ClientName, TokenOwner};

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

    #[test]
    fn a_token_is_that_of_a_client_or_of_an_upstream() {
        let client = ClientName {
            account: "main".into(),
            client: "bot".into(),
        };
        let account = "main".to_owned();
        for (text, owner) in [
            ("main/bot", TokenOwner::Client(client)),
            ("main", TokenOwner::Upstream { account }),
        ] {
            assert_eq!(text.parse::<TokenOwner>().expect(text), owner);
        }
        for wrong in ["/bot", "main/", "a/b/c", ""] {
            assert!(wrong.parse::<TokenOwner>().is_err(), "{wrong}");
        }
    }
}
