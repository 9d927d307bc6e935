//! What people read, from what crosses the RPC.

use perpetua_words::Message;
use serde_json::Value;

/// A message as its English sentence; empty for what is none.
pub fn sentence(message: &Value) -> String {
    let message: Result<Message, _> = serde_json::from_value(message.clone());
    message.map_or_else(|_| String::new(), |message| message.to_string())
}
