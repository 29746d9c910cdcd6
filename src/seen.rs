//! What the outside sees of a call: a line in the log, a count and a time for Prometheus, a span for
//! OpenTelemetry.

use std::time::Duration;

use crate::gateway::Arrival;
use crate::ids::RequestId;
use crate::metrics::{Kind, Metrics};
use crate::rule::Refusal;
#[cfg(feature = "otlp")]
use crate::traces::Traces;
use crate::wire::{Incoming, Outgoing};

/// An answered call.
pub struct Seen<'a> {
    /// As it came.
    pub incoming: &'a Incoming,
    /// The operation; `(unknown)` for what is not emulated.
    pub action: &'static str,
    /// Whose world it entered.
    pub account: &'a str,
    /// Whose key it was: `listed`, `unlisted` or `anonymous`.
    pub key: &'static str,
    /// Names it.
    pub request_id: RequestId,
    /// HTTP status of the answer.
    pub status: u16,
    /// The refusal, if it was one.
    pub refusal: Option<&'a Refusal>,
    /// How long it took, without the socket and the disk.
    pub took: Duration,
}

impl<'a> Seen<'a> {
    /// A call that is not answered yet.
    pub fn of(
        incoming: &'a Incoming,
        arrival: &Arrival<'_>,
        account: &'a str,
        request_id: RequestId,
    ) -> Self {
        let action = arrival.entry.map_or("(unknown)", |entry| entry.action);
        let (key, took) = (arrival.key_kind(), Duration::ZERO);
        Self { incoming, action, account, key, request_id, status: 0, refusal: None, took }
    }

    /// The same call with its answer.
    #[must_use]
    pub fn answered(self, answer: &Outgoing, refusal: Option<&'a Refusal>, took: Duration) -> Self {
        Self { status: answer.status, refusal, took, ..self }
    }
}

/// Everybody who looks on.
#[derive(Debug, Default)]
pub struct Onlookers {
    /// Counts and times.
    pub metrics: Metrics,
    /// Spans, where somebody collects them.
    #[cfg(feature = "otlp")]
    pub traces: Option<Traces>,
}

impl Onlookers {
    /// Tells all of them of a call.
    pub fn tell(&self, call: &Seen<'_>) {
        log(call);
        let code = call.refusal.map(Refusal::owned_code).unwrap_or_default();
        self.metrics.count(Kind { action: call.action, code, key: call.key }, call.took);
        #[cfg(feature = "otlp")]
        if let Some(traces) = &self.traces {
            traces.record(call);
        }
    }

    /// Has them tell what they have not told yet.
    pub fn close(&self) {
        #[cfg(feature = "otlp")]
        if let Some(traces) = &self.traces {
            traces.close();
        }
    }
}

/// One line for each call.
fn log(call: &Seen<'_>) {
    let Seen { action, account, status, took, .. } = call;
    let mut room = RequestId::ROOM;
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    match call.refusal {
        None => tracing::info!(
            action,
            account,
            request_id = call.request_id.text(&mut room),
            status,
            took_us,
            "accepted"
        ),
        Some(refusal) => tracing::info!(
            action,
            account,
            request_id = call.request_id.text(&mut room),
            status,
            code = refusal.code(),
            row = refusal.row.name,
            fix = refusal.fix,
            guess = refusal.guess,
            took_us,
            "refused"
        ),
    }
}
