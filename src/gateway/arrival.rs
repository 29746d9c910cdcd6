//! A request at the gateway, before its world is entered: whose world that is, and whether the
//! signature is right. Needs no world, so it stands outside its lock.

use std::net::IpAddr;
use std::sync::Arc;

use super::directory::{Directory, Listed};
use super::{DEFAULT_ACCOUNT, Options, Signatures};
use crate::operations::Entry;
use crate::wire::signature::Scheme;
use crate::wire::{Incoming, Request};

/// A request whose sender was looked up, before its world is entered.
pub struct Arrival<'a> {
    /// The request as it came.
    pub request: &'a Request<'a>,
    /// The operation it asks for, if that is emulated.
    pub entry: Option<&'static Entry>,
    /// Its method.
    pub(super) method: &'a str,
    /// The key it names, if that is listed.
    pub(super) listed: Option<Arc<Listed>>,
    /// What this side would have signed, where the signature is another.
    pub(super) mismatch: Option<String>,
    /// The address it came from.
    pub(super) source_ip: Option<IpAddr>,
    /// Did it come encrypted?
    pub(super) is_secure: bool,
}

impl<'a> Arrival<'a> {
    /// Looks the sender up and verifies the signature, which needs no world.
    pub fn of(
        options: Options,
        directory: &Directory,
        incoming: &'a Incoming,
        request: &'a Request<'a>,
    ) -> Self {
        let listed = directory.find(&request.claim);
        let checked = listed.as_ref().filter(|_| options.signatures != Signatures::Off);
        let mismatch = checked.and_then(|listed| {
            let mismatch = request.claim.mismatch(incoming, request.pairs, &listed.signing);
            // A key without a secret verifies nothing, not even what is signed with an empty one.
            mismatch.or_else(|| {
                let is_signed = matches!(request.claim.scheme, Scheme::V1 | Scheme::V3(_));
                (is_signed && listed.signing.is_empty()).then(String::new)
            })
        });
        Self {
            request,
            entry: request.action.and_then(Entry::find),
            method: &incoming.method,
            listed,
            mismatch,
            source_ip: incoming.peer,
            is_secure: incoming.is_secure,
        }
    }

    /// Whose key it names: `listed`, `unlisted` or `anonymous`.
    pub fn key_kind(&self) -> &'static str {
        match &self.listed {
            Some(_) => "listed",
            None if self.request.claim.key_id.is_empty() => "anonymous",
            None => "unlisted",
        }
    }

    /// The account whose world it enters: the one that lists the key; for any other key, where such
    /// are welcome, one of the key's own.
    pub fn account(&self, options: Options) -> &str {
        match &self.listed {
            Some(listed) => &listed.account,
            None if options.signatures == Signatures::Strict => DEFAULT_ACCOUNT,
            None if self.request.claim.key_id.is_empty() => DEFAULT_ACCOUNT,
            None => self.request.claim.key_id,
        }
    }
}
