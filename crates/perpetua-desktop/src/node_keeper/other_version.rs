//! Whether another program's node and this window are of one version: what one of them asks or tells, another
//! version may not know, and a page that asks on and on says nothing to anybody.

use std::cmp::Ordering;

use perpetua_client::NodeClient;
use perpetua_schema::{CallError, ErrorCode, Method as _, NodeStatus, RpcError, Status};
use perpetua_words::{Message, desktop as words};
use semver::Version;
use serde::Deserialize;

use crate::StartFailure;

/// The version of this program, and of its page.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// What every version says of itself, whatever else it says.
#[derive(Deserialize)]
struct Told {
    version: String,
}

/// The version of a node that this window can show; absent while it does not tell. The error says which of
/// the two programs is too old, and what to do.
pub(super) async fn of(client: &NodeClient) -> Result<Option<String>, StartFailure> {
    match client.dispatch(Status::NAME, b"{}".to_vec()).await {
        Ok(reply) => fitting(&reply).map(Some).map_err(StartFailure::unfit),
        Err(error) if lacks_the_call(&error) => {
            Err(StartFailure::unfit(words::OtherLacksCalls { own: OWN }))
        }
        Err(_silent) => Ok(None),
    }
}

/// Whether a node that has this call would have answered otherwise. One that knows our token no longer, or
/// that fails, says nothing of its version.
fn lacks_the_call(error: &CallError) -> bool {
    match error {
        CallError::Refused(RpcError { code, .. }) => {
            matches!(code, ErrorCode::NotFound | ErrorCode::BadRequest)
        }
        CallError::Foreign(_) => true,
        CallError::NoAnswer(_) => false,
    }
}

fn fitting(reply: &[u8]) -> Result<String, Message> {
    let lacks = || words::OtherLacksCalls { own: OWN }.into();
    let Told { version } = serde_json::from_slice(reply).map_err(|_unread| lacks())?;
    match newness(&version).cmp(&newness(OWN)) {
        Ordering::Less => Err(words::OtherOlder { own: OWN, version }.into()),
        Ordering::Greater => Err(words::OtherNewer { own: OWN, version }.into()),
        Ordering::Equal => serde_json::from_slice::<NodeStatus>(reply)
            .map(|_status| version)
            .map_err(|_unread| lacks()),
    }
}

/// By this one version comes after another; what is no version is older than each.
fn newness(version: &str) -> Option<Version> {
    Version::parse(version).ok()
}

#[cfg(test)]
mod tests {
    use perpetua_schema::{CallError, ErrorCode, RpcError};
    use perpetua_words::{Message, desktop as words};
    use serde_json::json;

    use super::{OWN, fitting, lacks_the_call, newness};
    use crate::made;

    #[test]
    fn which_of_the_two_is_too_old_is_said() {
        let said = |reply: serde_json::Value| {
            let refused = fitting(reply.to_string().as_bytes());
            refused.expect_err("another version").code
        };
        assert_eq!(said(json!({ "version": "0.0.9" })), "desktop.other_older");
        assert_eq!(said(json!({ "version": "0.100.0" })), "desktop.other_newer");
        assert_eq!(said(json!({ "version": OWN })), "desktop.other_lacks_calls");
        assert_eq!(said(json!({})), "desktop.other_lacks_calls");
    }

    #[test]
    fn what_is_tried_before_a_version_is_older_than_it() {
        let order = [
            "later",
            "0.1.9",
            "0.2.0-rc.1",
            "0.2.0-rc.2",
            "0.2.0",
            "0.10.0",
        ];
        assert!(order.is_sorted_by(|older, newer| newness(older) < newness(newer)));
    }

    #[test]
    fn a_refusal_that_every_version_gives_makes_none_of_them_old() {
        let lacks = |code| {
            let message = Message::from(words::NoScreen);
            lacks_the_call(&CallError::Refused(RpcError::new(code, message)))
        };
        assert!(lacks(ErrorCode::NotFound));
        assert!(!lacks(ErrorCode::Unauthorized));
        assert!(!lacks(ErrorCode::Internal));
    }

    #[test]
    fn a_node_of_this_version_is_shown() {
        let status = perpetua_schema::NodeStatus {
            version: OWN.to_owned(),
            ..made::node([])
        };
        let reply = serde_json::to_vec(&status).expect("JSON");
        assert_eq!(fitting(&reply), Ok(OWN.to_owned()));
    }
}
