//! Spans for OpenTelemetry: one for each call, under the span of the client that sent a `traceparent`,
//! handed to a collector by OTLP over HTTP from a thread of its own.

use std::time::{Duration, SystemTime};

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanKind, Status, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{
    ExporterBuildError, SpanExporter, WithExportConfig as _, WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};

use crate::clock;
use crate::seen::Seen;
use crate::wire::Incoming;

/// The longest a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where spans go.
#[derive(Debug)]
pub struct Traces {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
}

impl Traces {
    /// To a collector at an address such as `http://127.0.0.1:4318`; the path of traces is added.
    ///
    /// # Errors
    /// An address that is none.
    pub fn to(endpoint: &str) -> Result<Self, ExporterBuildError> {
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Poster(ureq::Agent::new_with_config(config.build())))
            .with_protocol(opentelemetry_otlp::Protocol::HttpJson)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let resource = Resource::builder()
            .with_service_name("ecs-local")
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        let tracer = provider.tracer("ecs-local");
        Ok(Self { provider, tracer })
    }

    /// A call as a span.
    pub fn record(&self, call: &Seen<'_>) {
        let ended = clock::machine_time();
        let parent = TraceContextPropagator::new()
            .extract_with_context(&Context::new(), &Headers(call.incoming));
        let mut span = self
            .tracer
            .span_builder(call.action)
            .with_kind(SpanKind::Server)
            .with_start_time(ended.checked_sub(call.took).unwrap_or(SystemTime::UNIX_EPOCH))
            .with_attributes(attributes(call))
            .start_with_context(&self.tracer, &parent);
        if let Some(refusal) = call.refusal.filter(|refusal| refusal.status() >= 500) {
            span.set_status(Status::error(refusal.code().to_owned()));
        }
        span.end_with_timestamp(ended);
    }

    /// Hands over the last spans.
    pub fn close(&self) {
        if let Err(error) = self.provider.shutdown() {
            tracing::warn!(%error, "the last spans were not handed over");
        }
    }
}

fn attributes(call: &Seen<'_>) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("rpc.system", "aliyun-rpc"),
        KeyValue::new("rpc.method", call.action),
        KeyValue::new("http.response.status_code", i64::from(call.status)),
        KeyValue::new("ecs_local.account", call.account.to_owned()),
        KeyValue::new("ecs_local.request_id", call.request_id.to_string()),
    ];
    if let Some(refusal) = call.refusal {
        attributes.push(KeyValue::new("error.type", refusal.code().to_owned()));
        attributes.push(KeyValue::new("ecs_local.row", refusal.row.name));
        attributes.push(KeyValue::new("ecs_local.fix", refusal.fix));
    }
    attributes
}

/// The headers of a request, for who looks for its parent.
struct Headers<'a>(&'a Incoming);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.header(key)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.headers.iter().map(|(name, _)| name).collect()
    }
}

/// Posts to the collector. It blocks, in the thread that does nothing else.
#[derive(Debug)]
struct Poster(ureq::Agent);

#[async_trait::async_trait]
impl HttpClient for Poster {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let mut answer = self.0.run(Request::from_parts(head, body.to_vec()))?;
        let body = answer.body_mut().read_to_vec()?;
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = answer.status();
        Ok(response)
    }
}
