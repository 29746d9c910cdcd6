//! Requests over HTTP to a server that runs somewhere, with its answers as they came.

use std::time::Duration;

use ureq::http::{Request, Response};
use ureq::{Agent, Body};

use super::stage::Answer;
use crate::wire::Incoming;

/// How long an answer may take: a fault may keep a client waiting for five minutes.
const PATIENCE: Duration = Duration::from_secs(360);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// A server.
#[derive(Debug)]
pub(super) struct Server {
    agent: Agent,
    /// Scheme, host and port, without a slash at the end.
    url: String,
}

impl Server {
    /// At a URL.
    pub(super) fn at(url: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(PATIENCE))
            .build();
        Self { agent: Agent::new_with_config(config), url: url.trim_end_matches('/').to_owned() }
    }

    /// Where it is.
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Sends a request with its method, path, query, headers and body.
    pub(super) fn send(&self, incoming: &Incoming) -> Result<Answer, String> {
        let Incoming { method, path, query, headers, body, .. } = incoming;
        let mark = if query.is_empty() { "" } else { "?" };
        let request = Request::builder().method(method.as_str());
        let request = request.uri(format!("{}{path}{mark}{query}", self.url));
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer =
            if body.is_empty() { self.run(request.body(())) } else { self.run(request.body(body)) };
        let mut answer = answer?;
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: answer.headers().clone().into(),
            body: answer
                .body_mut()
                .with_config()
                .limit(u64::MAX)
                .read_to_vec()
                .map_err(|error| error.to_string())?,
        })
    }

    fn run(
        &self,
        request: ureq::http::Result<Request<impl ureq::AsSendBody>>,
    ) -> Result<Response<Body>, String> {
        let request = request.map_err(|error| error.to_string())?;
        self.agent.run(request).map_err(|error| error.to_string())
    }
}
