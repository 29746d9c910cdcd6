//! Who may use the control interface: on a loopback address every program of this machine, but no web
//! page of somebody else's that a browser shows; elsewhere whoever has the token.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use subtle::ConstantTimeEq as _;

use super::ControlError;

/// What a caller must show.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Guard {
    /// The token, where one is asked for.
    token: Option<Arc<str>>,
}

impl Guard {
    pub(in crate::server) fn with(token: Option<&str>) -> Self {
        Self { token: token.map(Arc::from) }
    }

    fn admit(&self, headers: &HeaderMap) -> Result<(), ControlError> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(token) = &self.token {
            let given = text(AUTHORIZATION).and_then(|it| it.strip_prefix("Bearer "));
            let is_right = given.unwrap_or_default().as_bytes().ct_eq(token.as_bytes());
            return if bool::from(is_right) { Ok(()) } else { Err(no_token()) };
        }
        let host = text(HOST).unwrap_or_default();
        let is_own = text(ORIGIN).is_none_or(|origin| host_of(origin) == Some(host));
        if is_own && is_local(host) { Ok(()) } else { Err(cross_site()) }
    }
}

/// Lets a control call pass, or answers for it.
pub(in crate::server) async fn stand(
    State(guard): State<Guard>,
    request: Request,
    next: Next,
) -> Response {
    match guard.admit(request.headers()) {
        Err(refused) => refused.into_response(),
        Ok(()) => next.run(request).await,
    }
}

fn no_token() -> ControlError {
    let message = "send the token of --control-token as Authorization: Bearer TOKEN";
    ControlError::new(StatusCode::UNAUTHORIZED, "EcsLocal.TokenRequired", message)
}

fn cross_site() -> ControlError {
    let message = "a page of another site may not use the control interface; call it by an address, \
                   or localhost, or start with --control-token";
    ControlError::new(StatusCode::FORBIDDEN, "EcsLocal.CrossSite", message)
}

/// Host and port of an origin.
fn host_of(origin: &str) -> Option<&str> {
    origin.split_once("://").map(|(_, host)| host)
}

/// An address, or a name that no site can make lead here. A browser that follows a site's name to this
/// machine (DNS rebinding) sends that name.
fn is_local(host: &str) -> bool {
    if host.is_empty() || host.parse::<SocketAddr>().is_ok() || host.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    // Names without a dot and those of Docker are not a site's.
    is_address
        || !name.contains('.')
        || name.ends_with(".localhost")
        || name == "host.docker.internal"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(token: Option<&str>, headers: &[(&'static str, &str)]) -> bool {
        let all = headers.iter().map(|(name, value)| {
            (axum::http::HeaderName::from_static(name), value.parse().unwrap())
        });
        Guard::with(token).admit(&all.collect()).is_ok()
    }

    #[test]
    fn without_a_token_the_host_must_be_local() {
        for host in [
            "127.0.0.1:4526",
            "localhost:4526",
            "localhost",
            "[::1]:4526",
            "10.0.0.7:4526",
            "a:1",
            "ecs.localhost:4526",
            "host.docker.internal:4526",
        ] {
            assert!(admits(None, &[("host", host)]), "{host}");
        }
        for host in ["evil.example:4526", "127.0.0.1.evil.example", "ecs.aliyuncs.com"] {
            assert!(!admits(None, &[("host", host)]), "{host}");
        }
    }

    #[test]
    fn a_page_of_another_site_is_refused() {
        let host = ("host", "127.0.0.1:4526");
        assert!(admits(None, &[host, ("origin", "http://127.0.0.1:4526")]));
        for origin in ["http://evil.example", "http://127.0.0.1:8080", "null"] {
            assert!(!admits(None, &[host, ("origin", origin)]), "{origin}");
        }
    }

    #[test]
    fn with_a_token_only_the_token_counts() {
        let far = ("host", "ecs-local.example:4526");
        assert!(admits(Some("hush"), &[far, ("authorization", "Bearer hush")]));
        for wrong in ["Bearer hus", "Bearer hushh", "hush", "Bearer "] {
            assert!(!admits(Some("hush"), &[far, ("authorization", wrong)]), "{wrong}");
        }
        assert!(!admits(Some("hush"), &[("host", "127.0.0.1:4526")]));
    }
}
