//! What is tried on a person's behalf: an upstream before it is saved, a webhook that is.

use std::time::{Duration, Instant};

use perpetua_backoff::Backoff;
use perpetua_config::WebSocketUrl;
use perpetua_proxy::{DialSettings, probe_upstream};
use perpetua_schema::{
    ErrorCode, RpcError, UpstreamReport, UpstreamTest, WebhookReport, WebhookTest,
};
use perpetua_secrets::Secret;
use perpetua_words::{Message, edit as words};
use tokio::sync::SemaphorePermit;

use super::NodeBackend;
use crate::controller::apply;

/// How many trials run at once; who leaves does not end theirs.
pub(crate) const TRIALS: usize = 4;

impl NodeBackend {
    /// Waits until one more may run; it does while this is held.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.trials.acquire().await.ok()
    }

    /// Dials an upstream and asks it who it is.
    pub(super) async fn try_upstream(
        &self,
        call: &UpstreamTest,
    ) -> Result<UpstreamReport, RpcError> {
        let url = match WebSocketUrl::entered(&call.url) {
            Ok(url) => url.to_string(),
            Err(error) => return Ok(unusable((&error).into())),
        };
        let token = call.token.as_deref().map(str::trim);
        let token = match token.filter(|token| !token.is_empty()).map(Secret::new) {
            None => None,
            Some(Ok(token)) => Some(token),
            Some(Err(error)) => {
                let cause = Message::from(error);
                return Ok(unusable(words::TokenUnusable { cause }.into()));
            }
        };
        let dial = DialSettings {
            url,
            token,
            backoff: Backoff::default(),
            tls: Some(self.tls.clone()),
        };
        let probed = probe_upstream(&dial).await;
        Ok(UpstreamReport {
            address: Some(dial.url),
            reachable: probed.reachable,
            token_accepted: probed.token_accepted,
            self_id: probed.self_id,
            nickname: probed.nickname,
            implementation: probed.implementation,
            online: probed.online,
            latency_ms: probed.latency.map(milliseconds),
            problem: probed.problem,
        })
    }

    /// Sends a notification to a webhook of the settings.
    pub(super) async fn try_webhook(&self, call: &WebhookTest) -> Result<WebhookReport, RpcError> {
        let view = self.view.borrow().clone();
        let hook = view.config.notify.get(call.index).ok_or_else(|| {
            let number = call.index.saturating_add(1);
            RpcError::new(ErrorCode::NotFound, words::NoSuchWebhook { number })
        })?;
        let begun = Instant::now();
        let answered = match apply::webhook(hook, &self.tokens).await {
            Ok(webhook) => {
                let answered = self.poster.test(&webhook).await;
                answered.map_err(|text| words::WebhookUnreachable { text }.into())
            }
            Err(problem) => Err(problem),
        };
        let problem = match &answered {
            Ok(answer) => answer.problem(),
            Err(problem) => Some(problem.clone()),
        };
        Ok(WebhookReport {
            status: answered.ok().map(|answer| answer.status),
            took_ms: milliseconds(begun.elapsed()),
            problem,
        })
    }
}

/// It was not even dialled.
fn unusable(problem: Message) -> UpstreamReport {
    UpstreamReport {
        address: None,
        reachable: false,
        token_accepted: None,
        self_id: None,
        nickname: None,
        implementation: None,
        online: None,
        latency_ms: None,
        problem: Some(problem),
    }
}

pub(super) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
