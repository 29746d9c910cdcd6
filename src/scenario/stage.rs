//! Where a scenario is run: an emulator made for it, in process or over a socket; the other stages stand
//! in `against.rs`. A stage lets time pass, shows its world where it can, and takes calls.

use std::sync::Arc;

use serde_json::Value;

use crate::emulator::Emulator;
use crate::faults::Fault;
use crate::gateway::DEFAULT_ACCOUNT;
use crate::server;
use crate::wire::{Headers, Incoming, Outgoing};

use super::file::Step;
use super::signing;

/// An answer as it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// Was it refused?
    pub(super) const fn is_refusal(&self) -> bool {
        self.status >= 300
    }
}

impl From<Outgoing> for Answer {
    fn from(outgoing: Outgoing) -> Self {
        Self { status: outgoing.status, headers: outgoing.headers, body: outgoing.body }
    }
}

/// A call of a step, with what earlier steps kept filled in.
pub(super) struct Call<'a> {
    pub(super) step: &'a Step,
    /// Which step, from 1.
    pub(super) number: usize,
    /// The query string.
    pub(super) query: &'a str,
    /// The access key that signs it.
    pub(super) key: Option<&'a str>,
}

/// See the module. What goes wrong is told in words.
pub(super) trait Stage {
    /// What happens before a step's call: time passes, the world changes from outside.
    fn prepare(&self, step: &Step) -> Result<(), String>;
    /// Sends a call of the API.
    fn send(&self, call: &Call<'_>) -> Result<Answer, String>;
    /// Sends a call of the control interface.
    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Answer, String>;
    /// The world as it is now, where it can be seen.
    fn world(&self) -> Result<Option<Value>, String>;
    /// What goes wrong on command, with how often it did.
    fn faults(&self) -> Result<Vec<Fault>, String>;
}

/// How a run reaches its emulator: in process, or over a socket.
pub trait Connection {
    /// The emulator, for its clock and its world.
    fn emulator(&self) -> &Emulator;
    /// Sends a request.
    fn send(&self, incoming: &Incoming) -> Outgoing;
    /// Sends a call of the control interface.
    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing;
}

impl Connection for Arc<Emulator> {
    fn emulator(&self) -> &Emulator {
        self
    }

    fn send(&self, incoming: &Incoming) -> Outgoing {
        self.answer(incoming)
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Outgoing {
        server::answer(self, method, path, body).unwrap_or_else(|error| Outgoing {
            status: 400,
            body: error.to_string().into_bytes(),
            ..Outgoing::default()
        })
    }
}

/// An emulator made for one run.
pub(super) struct Own<C>(pub(super) C);

impl<C: Connection> Stage for Own<C> {
    fn prepare(&self, step: &Step) -> Result<(), String> {
        let emulator = self.0.emulator();
        if let Some(after) = step.after {
            emulator.with_tenant(DEFAULT_ACCOUNT, |tenant| tenant.clock.advance(after));
        }
        if step.world.is_empty() {
            return Ok(());
        }
        emulator.at_present(DEFAULT_ACCOUNT, |world, now| {
            *world = world
                .patched(Value::Object(step.world.clone()), now)
                .map_err(|error| error.to_string())?;
            Ok(())
        })
    }

    fn send(&self, call: &Call<'_>) -> Result<Answer, String> {
        let (secret, now) = self.0.emulator().with_tenant(DEFAULT_ACCOUNT, |tenant| {
            let mut keys = tenant.world.access_key.iter();
            let own = keys.find(|listed| Some(listed.id.as_str()) == call.key);
            (own.map(|key| key.secret.0.clone()).unwrap_or_default(), tenant.clock.now())
        });
        let secret = call.step.secret.as_ref().unwrap_or(&secret);
        let signer = call.key.map(|key| (key, secret.as_str()));
        let request =
            signing::request(call.step, call.query, signer, &call.number.to_string(), now);
        Ok(self.0.send(&request).into())
    }

    fn control(&self, method: &str, path: &str, body: Vec<u8>) -> Result<Answer, String> {
        Ok(self.0.control(method, path, body).into())
    }

    fn world(&self) -> Result<Option<Value>, String> {
        Ok(self.0.emulator().at_present(DEFAULT_ACCOUNT, |world, _| world.to_value().ok()))
    }

    fn faults(&self) -> Result<Vec<Fault>, String> {
        Ok(self.0.emulator().with_tenant(DEFAULT_ACCOUNT, |tenant| tenant.faults.clone()))
    }
}
