//! What every call carries, whatever it asks: who it is from, which operation, which form of answer. Found
//! in one pass over the parameters and one over the headers.

use super::pairs::Pairs;
use super::request::Incoming;

/// The common parameters and headers of a request. `None` for what is absent or empty; where a name is
/// there several times, the first one counts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Common<'a> {
    pub(super) action: Option<&'a str>,
    pub(super) version: Option<&'a str>,
    pub(super) format: Option<&'a str>,
    pub(super) access_key_id: Option<&'a str>,
    pub(super) security_token: Option<&'a str>,
    pub(super) bearer_token: Option<&'a str>,
    /// There, but perhaps empty.
    pub(super) has_signature: bool,
    pub(super) signature: Option<&'a str>,
    pub(super) signature_method: Option<&'a str>,
    pub(super) signature_nonce: Option<&'a str>,
    pub(super) signature_type: Option<&'a str>,
    pub(super) signature_version: Option<&'a str>,
    pub(super) timestamp: Option<&'a str>,
    /// One library spells it with a capital S.
    pub(super) time_stamp: Option<&'a str>,
    /// The header `Authorization`.
    pub(super) authorization: Option<&'a str>,
    /// The header `x-acs-date`.
    pub(super) date: Option<&'a str>,
    /// The header `x-acs-signature-nonce`.
    pub(super) nonce: Option<&'a str>,
    /// Is the version of the API among the parameters?
    pub(super) names_version: bool,
    /// The header `Host`.
    pub(super) host: Option<&'a str>,
    /// The header `Accept`.
    pub(super) accept: Option<&'a str>,
    /// The operation is named in a header.
    pub(super) is_version_3: bool,
}

impl<'a> Common<'a> {
    /// Of a request. A parameter counts before the header of the same meaning.
    pub(super) fn of(incoming: &'a Incoming, pairs: &'a Pairs<'a>) -> Self {
        let mut common = Self::default();
        for (name, value) in pairs.trimmed() {
            common.has_signature |= name == "Signature";
            if let Some(place) = common.parameter(name) {
                let value = Some(value).filter(|value| !value.is_empty());
                *place = place.or(value);
            }
        }
        common.names_version = common.version.is_some();
        for (name, value) in incoming.headers.iter() {
            common.is_version_3 |= name == "x-acs-action" && !value.is_empty();
            if let Some(place) = common.header(name) {
                let value = Some(value).filter(|value| !value.is_empty());
                *place = place.or(value);
            }
        }
        common
    }

    fn parameter(&mut self, name: &str) -> Option<&mut Option<&'a str>> {
        Some(match name {
            "Action" => &mut self.action,
            "Version" => &mut self.version,
            "Format" => &mut self.format,
            "AccessKeyId" => &mut self.access_key_id,
            "SecurityToken" => &mut self.security_token,
            "BearerToken" => &mut self.bearer_token,
            "Signature" => &mut self.signature,
            "SignatureMethod" => &mut self.signature_method,
            "SignatureNonce" => &mut self.signature_nonce,
            "SignatureType" => &mut self.signature_type,
            "SignatureVersion" => &mut self.signature_version,
            "Timestamp" => &mut self.timestamp,
            "TimeStamp" => &mut self.time_stamp,
            _ => return None,
        })
    }

    fn header(&mut self, name: &str) -> Option<&mut Option<&'a str>> {
        Some(match name {
            "x-acs-action" => &mut self.action,
            "x-acs-version" => &mut self.version,
            "x-acs-accesskey-id" => &mut self.access_key_id,
            "x-acs-security-token" => &mut self.security_token,
            "x-acs-bearer-token" => &mut self.bearer_token,
            "authorization" => &mut self.authorization,
            "x-acs-date" => &mut self.date,
            "x-acs-signature-nonce" => &mut self.nonce,
            "host" => &mut self.host,
            "accept" => &mut self.accept,
            _ => return None,
        })
    }
}
