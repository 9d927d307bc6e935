//! How the program was started: its arguments, and what it has to be started anew with.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

use perpetua_fs::read_small;
use perpetua_node::NodePlace;
use perpetua_words::{Message, desktop as words};

use crate::{
    ReadyReport,
    environment::{self, Machine},
    image::AppImage,
    input_methods::{LIST, list_of_host},
};

/// Starts without a window, as the session does.
pub const MINIMISED: &str = "--minimised";
/// Before the file in which a new version tells the one before it how the start goes.
pub(crate) const REPORT_READY: &str = "--report-ready";
/// Shows that the program can start, and ends.
pub(crate) const TRIAL: &str = "--trial";
/// Before the token by which a desktop lets a window come to the front.
const ACTIVATION: &str = "--activation-token";

/// The arguments of one start.
#[derive(Clone, Debug, Default)]
pub struct LaunchArguments {
    /// Which node.
    pub place: NodePlace,
    /// No window at first.
    pub minimised: bool,
    /// The desktop's leave to come to the front.
    pub activation: Option<String>,
    /// Where the version before this one hears how the start goes.
    pub report: Option<ReadyReport>,
    /// Only to show that the program can start.
    pub trial: bool,
}

impl LaunchArguments {
    /// Reads what stands after the program's name.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Message> {
        let mut read = Self::default();
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let name = argument.to_string_lossy().into_owned();
            let mut value = || {
                let missing = words::ArgumentWithoutValue { name: &name };
                arguments.next().ok_or_else(|| Message::from(missing))
            };
            match name.as_str() {
                MINIMISED => read.minimised = true,
                "--data-dir" => read.place.data_dir = Some(PathBuf::from(value()?)),
                "--config" => read.place.config = Some(PathBuf::from(value()?)),
                TRIAL => read.trial = true,
                REPORT_READY => read.report = Some(ReadyReport::new(value()?.into())),
                ACTIVATION => read.activation = Some(value()?.to_string_lossy().into_owned()),
                _ => return Err(words::UnknownArgument { name }.into()),
            }
        }
        Ok(read)
    }
}

/// What a start has to be repeated with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relaunch {
    /// Variables that are set.
    pub set: Vec<(&'static str, String)>,
    /// Variables that are taken away, for they hold for one start only.
    pub unset: Vec<&'static str>,
    /// Arguments that are added.
    pub arguments: Vec<String>,
}

/// The variables by which a desktop hands over its leave to come to the front, the newer first.
const ACTIVATION_VARIABLES: [&str; 2] = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"];

impl Relaunch {
    /// Becomes the same program with what its environment lacks; comes back only where nothing is missing, or
    /// with why it failed.
    #[cfg(target_os = "linux")]
    pub fn if_needed() -> io::Result<()> {
        use std::{env, os::unix::process::CommandExt};
        let relaunch = Self::needed(|name| {
            // One that is no text is the user's own all the same.
            env::var_os(name).map(|value| value.to_string_lossy().into_owned())
        });
        let Some(relaunch) = relaunch else {
            return Ok(());
        };
        let mut command = std::process::Command::new(env::current_exe()?);
        command.args(env::args_os().skip(1));
        command.args(relaunch.arguments).envs(relaunch.set);
        for name in relaunch.unset {
            command.env_remove(name);
        }
        Err(command.exec())
    }

    /// Elsewhere nothing is ever missing.
    #[cfg(not(target_os = "linux"))]
    pub fn if_needed() -> io::Result<()> {
        Ok(())
    }

    /// What is missing in this start; `None` when nothing is.
    ///
    /// A program of ours that runs already hears the arguments of a second start and not its
    /// variables, so the token by which its window may come to the front becomes an argument.
    pub fn needed(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let mut set = environment::missing(Machine::this(&variable), &variable);
        set.extend(input_methods(&variable));
        let token = |name: &&str| variable(name).is_some_and(|token| !token.is_empty());
        let unset: Vec<_> = ACTIVATION_VARIABLES.into_iter().filter(token).collect();
        let token = unset.first().and_then(|name| variable(name));
        let arguments = token.map(|token| vec![ACTIVATION.to_owned(), token]);
        let relaunch = Self {
            set,
            unset,
            arguments: arguments.unwrap_or_default(),
        };
        (!relaunch.set.is_empty() || !relaunch.unset.is_empty()).then_some(relaunch)
    }
}

/// The list of the host's input methods, where an image has set another one.
fn input_methods(variable: impl Fn(&str) -> Option<String>) -> Option<(&'static str, String)> {
    let read = |path: &Path| String::from_utf8(read_small(path).ok()??).ok();
    let list = list_of_host(AppImage::this().as_ref(), variable, read)?;
    Some((LIST, list.to_str()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsString, path::Path};

    use super::{LaunchArguments, Relaunch};

    fn parse(line: &str) -> Result<LaunchArguments, perpetua_words::Message> {
        LaunchArguments::parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn arguments_are_read_and_wrong_ones_named() {
        let read = parse("--data-dir /srv/bot --minimised --activation-token x").expect("valid");
        assert_eq!(read.place.data_dir.as_deref(), Some(Path::new("/srv/bot")));
        assert!(read.minimised);
        assert_eq!(read.activation.as_deref(), Some("x"));
        assert_eq!(
            parse("--data-dir").expect_err("no value").code,
            "desktop.argument_without_value"
        );
        assert_eq!(
            parse("--nope").expect_err("unknown").code,
            "desktop.unknown_argument"
        );
    }

    #[test]
    fn the_leave_to_come_to_the_front_becomes_an_argument_once() {
        let with_token = |name: &str| match name {
            "XDG_ACTIVATION_TOKEN" => Some("x".to_owned()),
            "WEBKIT_DISABLE_DMABUF_RENDERER" | "__NV_DISABLE_EXPLICIT_SYNC" => Some("0".to_owned()),
            _ => None,
        };
        let relaunch = Relaunch::needed(with_token).expect("needed");
        assert_eq!(relaunch.set, []);
        assert_eq!(relaunch.unset, ["XDG_ACTIVATION_TOKEN"]);
        assert_eq!(relaunch.arguments, ["--activation-token", "x"]);
        let after = |name: &str| with_token(name).filter(|_| name != "XDG_ACTIVATION_TOKEN");
        assert_eq!(Relaunch::needed(after), None);
    }
}
