//! A node that does not start: what is said, and what can be tried.

use perpetua_fs::LockError;
use perpetua_node::{PortOwner, StartError};
use perpetua_proxy::BindError;
use perpetua_words::{Message, desktop as words};

use crate::shell_call::Way;

/// Why nothing runs, and the ways out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartFailure {
    /// What happened, for people.
    pub problem: Message,
    /// What can be tried, the likeliest first.
    pub ways: Vec<Way>,
    /// The line of the settings where they are wrong.
    pub settings_line: Option<usize>,
    /// Whose port is taken, where another one is a way out.
    pub(crate) taken: Option<TakenPort>,
}

/// A port that another one can take the place of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TakenPort {
    /// The interface's own.
    Api,
    /// A client's, or an upstream's.
    Of(PortOwner),
}

impl StartFailure {
    /// A failure that trying again may mend.
    pub fn new(problem: impl Into<Message>) -> Self {
        Self {
            problem: problem.into(),
            ways: vec![Way::Again],
            settings_line: None,
            taken: None,
        }
    }

    /// Another program's node cannot be shown as it is; once that has changed, it may be tried again.
    pub(crate) fn unfit(problem: impl Into<Message>) -> Self {
        Self {
            ways: vec![Way::UseRunning, Way::Again],
            ..Self::new(problem)
        }
    }

    /// A part of a running node ended by itself, which is a fault of ours.
    pub(crate) fn ended() -> Self {
        Self::new(words::PartEnded)
    }
}

impl From<&StartError> for StartFailure {
    fn from(error: &StartError) -> Self {
        let failure = Self::new(error);
        match error {
            StartError::Settings { problems, .. } => Self {
                settings_line: problems.as_slice().first().map(|problem| problem.line),
                ..failure
            },
            StartError::Lock(LockError::Held { .. }) => Self {
                ways: vec![Way::UseRunning, Way::Again],
                ..failure
            },
            StartError::Bind {
                owner,
                cause:
                    BindError::InUse { .. } | BindError::NotAllowed { .. } | BindError::Reserved { .. },
            } => Self {
                ways: vec![Way::OtherPort, Way::Again],
                taken: Some(owner.clone().map_or(TakenPort::Api, TakenPort::Of)),
                ..failure
            },
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use perpetua_fs::LockError;
    use perpetua_node::StartError;
    use perpetua_proxy::BindError;

    use super::StartFailure;
    use crate::shell_call::Way;

    #[test]
    fn wrong_settings_name_the_first_line_that_is_wrong() {
        let problems = perpetua_config::parse("secrets = \"file\"\n[api]\nlisten = 3\n");
        let error = StartError::Settings {
            path: PathBuf::from("perpetua.toml"),
            problems: problems.expect_err("wrong"),
        };
        let failure = StartFailure::from(&error);
        assert_eq!(failure.settings_line, Some(3));
        assert_eq!(failure.ways, [Way::Again]);
    }

    #[test]
    fn a_taken_port_and_a_taken_folder_have_each_their_way_out() {
        let address = "127.0.0.1:8080".parse().expect("an address");
        let holder = None;
        for (cause, ways) in [
            (
                BindError::InUse { address, holder },
                &[Way::OtherPort, Way::Again][..],
            ),
            (
                BindError::NotAllowed { address },
                &[Way::OtherPort, Way::Again],
            ),
            (
                BindError::Reserved { address },
                &[Way::OtherPort, Way::Again],
            ),
            (
                BindError::Other {
                    address,
                    cause: std::io::ErrorKind::Other.into(),
                },
                &[Way::Again],
            ),
        ] {
            let owner = None;
            let failure = StartFailure::from(&StartError::Bind { owner, cause });
            assert_eq!(failure.ways, ways, "{failure:?}");
        }
        let held = StartError::Lock(LockError::Held {
            folder: PathBuf::from("data"),
            pid: Some(7),
        });
        assert_eq!(
            StartFailure::from(&held).ways,
            [Way::UseRunning, Way::Again]
        );
    }
}
