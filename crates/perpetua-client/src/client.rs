//! Finding the node, and calling it.

use std::{fmt, path::PathBuf};

use bytes::Bytes;
use http::Method as HttpMethod;
use http_body_util::BodyExt;
use perpetua_fs::{FileError, FolderLock, Folders, read_small};
use perpetua_schema::{CallError, Method, Rpc, RpcError, Session, Topics};
use perpetua_words::{Message, rpc as words};

use crate::{
    events::EventLines,
    exchange::{foreign, no_answer, send},
};

/// The node that runs on a data folder. A cheap clone, and no connection is kept.
#[derive(Clone, Debug)]
pub struct NodeClient {
    session: Session,
}

/// Why no node was found on the data folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindError {
    /// None runs there.
    NotRunning {
        /// The data folder.
        folder: PathBuf,
    },
    /// This user may not look whether one runs.
    Unreadable {
        /// The data folder.
        folder: PathBuf,
        /// What the system says.
        cause: Message,
    },
}

impl From<&FindError> for Message {
    fn from(error: &FindError) -> Self {
        match error {
            FindError::NotRunning { folder } => words::NotRunning { path: folder }.into(),
            FindError::Unreadable { folder, cause } => {
                let cause = cause.clone();
                words::FolderUnreadable {
                    path: folder,
                    cause,
                }
                .into()
            }
        }
    }
}

impl fmt::Display for FindError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Message::from(self).fmt(formatter)
    }
}

impl std::error::Error for FindError {}

impl NodeClient {
    /// Finds the node by the lock and the session file in its folder: a file that a killed node left
    /// behind is not taken for a node, whoever listens on its port or uses the folder by now.
    pub fn find(folders: &Folders) -> Result<Self, FindError> {
        let not_running = || FindError::NotRunning {
            folder: folders.data().to_owned(),
        };
        let session = match read_small(&folders.session()) {
            Err(error @ FileError::NotReadable { .. }) => {
                return Err(FindError::Unreadable {
                    folder: folders.data().to_owned(),
                    cause: Message::from(&error.into_cause()),
                });
            }
            session => session.ok().flatten(),
        };
        let session = session.and_then(|bytes| serde_json::from_slice::<Session>(&bytes).ok());
        session
            .filter(|session| FolderLock::is_held_by(folders, session.pid))
            .map(Self::new)
            .ok_or_else(not_running)
    }

    /// The node of a session file that was read already.
    pub fn new(session: Session) -> Self {
        Self { session }
    }

    /// Where it is and how it is spoken to.
    pub fn session(&self) -> &Session {
        &self.session
    }
}

impl NodeClient {
    /// Carries out a call by its name; parameters and reply are JSON.
    pub async fn dispatch(&self, name: &str, params: Vec<u8>) -> Result<Vec<u8>, CallError> {
        let path = format!("/rpc/{name}");
        let answer = send(&self.session, HttpMethod::POST, &path, Bytes::from(params)).await?;
        let ok = answer.status().is_success();
        let body = answer.into_body().collect().await;
        let body = body
            .map_err(|error| no_answer(&self.session, &error))?
            .to_bytes();
        if ok {
            Ok(body.into())
        } else {
            Err(refused(&body))
        }
    }
}

impl Rpc for NodeClient {
    type Events = EventLines;

    async fn call<M: Method>(&self, call: &M) -> Result<M::Reply, CallError> {
        let body = serde_json::to_vec(call).map_err(|error| foreign(&error))?;
        let reply = self.dispatch(M::NAME, body).await?;
        serde_json::from_slice(&reply).map_err(|error| foreign(&error))
    }

    async fn events(&self, topics: &Topics) -> Result<EventLines, CallError> {
        let path = format!("/rpc/events?topics={topics}");
        let answer = send(&self.session, HttpMethod::GET, &path, Bytes::new()).await?;
        if answer.status().is_success() {
            return Ok(EventLines::new(answer.into_body()));
        }
        let body = answer.into_body().collect().await;
        let body = body
            .map_err(|error| no_answer(&self.session, &error))?
            .to_bytes();
        Err(refused(&body))
    }
}

/// What an answer that is no reply says: an error as JSON, or a sentence as plain text.
fn refused(body: &[u8]) -> CallError {
    if let Ok(refused) = serde_json::from_slice::<RpcError>(body) {
        return CallError::Refused(refused);
    }
    let text = String::from_utf8_lossy(body);
    let reason = text.trim();
    CallError::Foreign(words::ForeignAnswer { reason }.into())
}

#[cfg(test)]
mod tests {
    use perpetua_fs::{FolderLock, Folders};

    use super::{FindError, NodeClient};

    #[test]
    fn what_may_not_be_looked_at_is_not_taken_for_nobody() {
        let error = FindError::Unreadable {
            folder: "/srv/bot".into(),
            cause: perpetua_words::io::PermissionDenied.into(),
        };
        let said = error.to_string();
        assert!(
            said.contains("permission denied") && !said.contains("not running"),
            "{said}"
        );
        assert!(
            said.contains("`/srv/bot`") && said.contains("the user that started"),
            "{said}"
        );
    }

    #[test]
    fn a_file_that_a_killed_node_left_is_not_a_node() {
        let folder = tempfile::tempdir().expect("a folder");
        let folders = Folders::at(folder.path()).expect("a folder");
        folders.create().expect("folders");
        let find = || NodeClient::find(&folders).map(|client| client.session().pid);
        let nobody = Err(FindError::NotRunning {
            folder: folders.data().to_owned(),
        });
        assert_eq!(find(), nobody);
        let session = |pid: u32| {
            let text = format!(r#"{{"api":"http://127.0.0.1:1","token":"t","pid":{pid}}}"#);
            std::fs::write(folders.session(), text).expect("written");
        };
        let own = std::process::id();
        session(own);
        assert_eq!(find(), nobody, "nobody holds the folder");
        let lock = FolderLock::acquire(&folders).expect("free");
        assert_eq!(find(), Ok(own));
        session(own + 1);
        assert_eq!(
            find(),
            nobody,
            "it is held by another than the node that was killed"
        );
        std::fs::remove_file(folders.run().join("pid")).expect("removed");
        assert_eq!(find(), Ok(own + 1), "nobody says who holds it");
        drop(lock);
        assert_eq!(find(), nobody);
        FolderLock::acquire(&folders).expect("looking took nothing");
    }
}
