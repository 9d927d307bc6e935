//! What clients ask, and what they are answered (`OperationService.cs`).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use fake_core::Report;
use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::actions::{self, Outcome};
use crate::frames::Outgoing;
use crate::log::Level;
use crate::server::Shared;
use crate::wire::{Response, dotnet_json};

/// An action as it is asked.
pub(crate) struct Call {
    /// `None` where it is `null`.
    action: Option<String>,
    params: Value,
    echo: Option<Box<RawValue>>,
}

impl Call {
    /// Reads a frame. What is no call is met with silence, and a record of the log.
    pub(crate) fn read(text: &str, shared: &Shared) -> Option<Self> {
        parse(text).unwrap_or_else(|error| {
            let exception = format!("System.Text.Json.JsonException: {error}");
            shared.log.write_with(
                Level::Warning,
                "Lagrange.OneBot.Core.Operation.OperationService",
                0,
                "Json Serialization failed for such action",
                Some(&exception),
            );
            None
        })
    }

    /// Has its message signed, if it sends one. Until the signer answers, nothing else is read on this connection.
    pub(crate) async fn sign(&self, shared: &Shared) -> bool {
        !self.action.as_deref().is_some_and(actions::is_send)
            || shared
                .signer
                .sign("MessageSvc.PbSendMsg", "Message.SendMessageEvent")
                .await
                .is_ok()
    }

    /// Answers it.
    pub(crate) async fn answer(
        self,
        signed: bool,
        frames: mpsc::Sender<Outgoing>,
        shared: Arc<Shared>,
    ) {
        let outcome = match &self.action {
            Some(action) => shared.account.answer(action, &self.params, signed),
            None => Outcome::wrong_parameters(),
        };
        if shared.scenario.shuffle_ms > 0 {
            // Within this time answers pass each other, as the scenario wants.
            sleep(Duration::from_millis(fastrand::u64(
                ..shared.scenario.shuffle_ms,
            )))
            .await;
        }
        let response = Response {
            status: outcome.status,
            retcode: outcome.retcode,
            data: outcome.data,
            echo: self.echo.as_deref(),
        };
        let text = Outgoing::Answer(dotnet_json(&response).into());
        let _gone = frames.send(text).await;
        let report = Report::Called {
            action: self.action.unwrap_or_default(),
            params: self.params,
            retcode: response.retcode,
        };
        shared.reporter.tell(report).await;
    }
}

/// Of a key that comes twice, the last counts. `None` is `null`.
fn parse(text: &str) -> serde_json::Result<Option<Call>> {
    let Some(fields) = serde_json::from_str::<Option<BTreeMap<String, &RawValue>>>(text)? else {
        return Ok(None);
    };
    let action = match fields.get("action") {
        Some(action) => serde_json::from_str(action.get())?,
        None => Some(String::new()),
    };
    let params = match fields.get("params") {
        Some(params) => serde_json::from_str(params.get())?,
        None => Value::Null,
    };
    let echo = fields.get("echo").map(|echo| (*echo).to_owned());
    Ok(Some(Call {
        action,
        params,
        echo,
    }))
}
