//! What is read of a quick operation without the hub: its event and its reply may have 50 MB each, and nobody of the
//! account is to wait for that.

use bytes::Bytes;
use perpetua_onebot::{FrameLimits, QuickAction, peek, quick_actions};
use perpetua_words::Message;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{extension::read, refusal::Refusal};

/// A quick operation as the actions that it stands for.
#[derive(Debug)]
pub struct QuickOrder {
    /// The accounts that it names.
    pub(super) accounts: Vec<i64>,
    pub(super) parts: Vec<QuickPart>,
}

/// One of its actions.
#[derive(Debug)]
pub(super) struct QuickPart {
    pub(super) action: &'static str,
    /// Its frame, without an echo.
    pub(super) text: Bytes,
}

/// Borrowed, because a reply may hold 50 MB.
#[derive(Deserialize)]
struct QuickOperation<'a> {
    #[serde(borrow)]
    context: &'a RawValue,
    #[serde(borrow)]
    operation: &'a RawValue,
}

impl QuickOrder {
    /// What an answer to an event asks for; both are JSON objects.
    ///
    /// # Errors
    /// Nothing can be made of it, for this reason.
    pub fn new(event: &str, operation: &str) -> Result<Self, Message> {
        Self::made(event, operation).map_err(|refusal| refusal.message)
    }

    /// What the parameters of `.handle_quick_operation` ask for.
    pub(super) fn of_params(params: Option<&str>) -> Result<Self, Refusal> {
        let QuickOperation { context, operation } = read(params)?;
        let mut order = Self::made(context.get(), operation.get())?;
        order.accounts.extend(account(params.unwrap_or_default()));
        Ok(order)
    }

    fn made(event: &str, operation: &str) -> Result<Self, Refusal> {
        let actions = quick_actions(event.as_bytes(), operation.as_bytes())
            .map_err(|fault| Refusal::malformed(&fault))?;
        Ok(Self {
            accounts: account(event).into_iter().collect(),
            parts: actions.iter().map(QuickPart::new).collect(),
        })
    }
}

impl QuickPart {
    fn new(part: &QuickAction) -> Self {
        Self {
            action: part.action,
            text: part.frame().into(),
        }
    }
}

/// Whether an action is a quick operation, which is carried out here.
pub(super) fn is_quick(action: &str) -> bool {
    is_quick_at_once(action)
        || matches!(
            action,
            ".handle_quick_operation_async" | ".handle_quick_operation_rate_limited"
        )
}

/// Whether it is one that is answered as done.
pub(super) fn is_quick_at_once(action: &str) -> bool {
    action == ".handle_quick_operation"
}

/// The account that an object names.
fn account(object: &str) -> Option<i64> {
    peek(object, &FrameLimits::default()).ok()?.self_id
}
