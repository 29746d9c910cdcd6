//! Rows of the gateway: printed in the general error table or seen on the wire, on no page of an
//! operation. Authentication has two families of them: ECS answers with an older one, the gateway
//! most products share with another.

use crate::row::{Row, error_rows};

error_rows! {
    operation: "(gateway)";
    pages: {}
    rows: {}
    beside: {
        METHOD: 403 "UnsupportedHTTPMethod"
            "This HTTP method is not supported."
            source "general error table";
        PARAMETER: 400 "InvalidParameter"
            "The specified parameter \"%s\" is not valid."
            source "general error table, for what no page has a row";
        FORMAT: 400 "InvalidParameter.Format"
            "Specified parameter format is not valid."
            source "general error table";
        ACTION_UNKNOWN: 404 "InvalidAction.NotFound"
            "Specified api is not found, please check your url and method."
            source "seen on the wire of ECS";
        VERSION: 400 "InvalidVersion"
            "Specified parameter Version is not valid."
            source "seen on the wire of the shared gateway";

        MISSING: 400 "MissingParameter"
            "The input parameter \"%s\" that is mandatory for processing this request is not supplied."
            source "general error table";
        SIGNING_METHOD: 400 "InvalidParamater"
            "The specified parameter \"SignatureMethod\" is not valid."
            source "general error table, misspelt there";
        TIME: 400 "IllegalTimestamp"
            "The input parameter \"Timestamp\" that is mandatory for processing this request is not supplied."
            source "seen on the wire of ECS, 2018";
        NONCE: 400 "SignatureNonceUsed"
            "The request signature nonce has been used."
            source "general error table";
        KEY_UNKNOWN: 404 "InvalidAccessKeyId.NotFound"
            "Specified access key is not found."
            source "status and code seen on the wire of ECS, text on that of the shared gateway";
        KEY_DISABLED: 403 "Forbidden.AccessKeyDisabled"
            "The Access Key is disabled."
            source "status and code seen on the wire of ECS, text of the general error table";
        SIGNATURE: 400 "IncompleteSignature"
            "The request signature does not conform to Aliyun standards. server string to sign is:%s"
            source "seen on the wire of ECS, 2020";
        SECURITY_TOKEN: 400 "InvalidParameter"
            "The specified parameter \"%s\" is not valid."
            source "seen on the wire of ECS for SecurityToken.Expired, 2021";

        POP_MISSING_ACTION: 400 "MissingAction"
            "Action is mandatory for this action."
            source "the shared gateway; text inferred from its sisters";
        POP_MISSING_VERSION: 400 "MissingVersion"
            "Version is mandatory for this action."
            source "the shared gateway; text inferred from its sisters";
        POP_MISSING_KEY: 400 "MissingAccessKeyId"
            "AccessKeyId is mandatory for this action."
            source "seen on the wire of the shared gateway";
        POP_MISSING_SIGNATURE: 400 "MissingSignature"
            "Signature is mandatory for this action."
            source "seen on the wire of the shared gateway";
        POP_MISSING_METHOD: 400 "MissingSignatureMethod"
            "SignatureMethod is mandatory for this action."
            source "the shared gateway; text inferred from its sisters";
        POP_MISSING_SIGNATURE_VERSION: 400 "MissingSignatureVersion"
            "SignatureVersion is mandatory for this action."
            source "the shared gateway; text inferred from its sisters";
        POP_MISSING_NONCE: 400 "MissingSignatureNonce"
            "SignatureNonce is mandatory for this action."
            source "the shared gateway; text inferred from its sisters";
        POP_MISSING_TIME: 400 "MissingTimestamp"
            "Timestamp is mandatory for this action."
            source "seen on the wire of the shared gateway";
        POP_SIGNING_METHOD: 400 "InvalidSignatureMethod"
            "Specified signature method is not valid."
            source "error table of the shared gateway";
        POP_TIME_FORMAT: 400 "InvalidTimeStamp.Format"
            "Specified time stamp or date value is not well formatted."
            source "error table of the shared gateway";
        POP_TIME_EXPIRED: 400 "InvalidTimeStamp.Expired"
            "Specified time stamp or date value is expired."
            source "seen on the wire of the shared gateway, 2016 to 2026";
        POP_NONCE: 400 "SignatureNonceUsed"
            "Specified signature nonce was used already."
            source "seen on the wire of the shared gateway, 2018 and 2025";
        POP_KEY_DISABLED: 400 "InvalidAccessKeyId.Inactive"
            "Specified access key is disabled."
            source "error table of the shared gateway";
        POP_SIGNATURE: 400 "SignatureDoesNotMatch"
            "Specified signature is not matched with our calculation. server string to sign is:%s"
            source "seen on the wire of the shared gateway";
        POP_SIGNATURE_V3: 400 "SignatureDoesNotMatch"
            "Specified signature does not match our calculation. server StringToSign is [%s]"
            source "seen on the wire of the shared gateway, 2025";
        POP_TOKEN_MISSING: 400 "MissingSecurityToken"
            "SecurityToken is mandatory for this action."
            source "code seen on the wire of the shared gateway";
        POP_TOKEN_WRONG: 400 "InvalidSecurityToken.MismatchWithAccessKey"
            "Specified SecurityToken mismatch with the AccessKey."
            source "error table of the shared gateway";
        POP_TOKEN_EXPIRED: 400 "InvalidSecurityToken.Expired"
            "Specified SecurityToken is expired."
            source "error table of the shared gateway";

        THROTTLED: 400 "Throttling.User"
            "Request was denied due to user flow control."
            source "seen on the wire of STS";
        FORBIDDEN: 403 "Forbidden.RAM"
            "User not authorized to operate on the specified resource, or this API doesn't support RAM."
            source "seen on the wire of ECS";

        TOO_LARGE: 413 "EcsLocal.RequestTooLarge"
            "The request is larger than this emulator reads: %s."
            source "ours";
        BROKEN: 400 "EcsLocal.BrokenRequest"
            "The request ended before it was whole, or is no HTTP request: %s."
            source "ours";
        TOO_SLOW: 408 "EcsLocal.RequestTimeout"
            "The request did not arrive in time: %s."
            source "ours";
        NOT_KEPT: 503 "EcsLocal.NotKept"
            "The data directory cannot be written: %s."
            source "ours";
    }
}

/// The rows of one family, by what they are for.
pub(super) struct Family {
    pub(super) missing_action: &'static Row,
    pub(super) missing_version: &'static Row,
    pub(super) missing_key: &'static Row,
    pub(super) missing_signature: &'static Row,
    pub(super) missing_method: &'static Row,
    pub(super) missing_signature_version: &'static Row,
    pub(super) missing_nonce: &'static Row,
    pub(super) missing_time: &'static Row,
    pub(super) signing_method: &'static Row,
    pub(super) time_malformed: &'static Row,
    pub(super) time_outside: &'static Row,
    pub(super) nonce: &'static Row,
    pub(super) key_disabled: &'static Row,
    pub(super) signature: &'static Row,
    pub(super) signature_v3: &'static Row,
    pub(super) token_missing: &'static Row,
    pub(super) token_wrong: &'static Row,
    pub(super) token_expired: &'static Row,
}

/// What ECS answers with.
pub(super) const ECS: Family = Family {
    missing_action: &MISSING,
    missing_version: &MISSING,
    missing_key: &MISSING,
    missing_signature: &MISSING,
    missing_method: &MISSING,
    missing_signature_version: &MISSING,
    missing_nonce: &MISSING,
    missing_time: &MISSING,
    signing_method: &SIGNING_METHOD,
    time_malformed: &TIME,
    time_outside: &TIME,
    nonce: &NONCE,
    key_disabled: &KEY_DISABLED,
    signature: &SIGNATURE,
    signature_v3: &SIGNATURE,
    token_missing: &MISSING,
    token_wrong: &SECURITY_TOKEN,
    token_expired: &SECURITY_TOKEN,
};

/// What the gateway answers with that most products share.
pub(super) const POP: Family = Family {
    missing_action: &POP_MISSING_ACTION,
    missing_version: &POP_MISSING_VERSION,
    missing_key: &POP_MISSING_KEY,
    missing_signature: &POP_MISSING_SIGNATURE,
    missing_method: &POP_MISSING_METHOD,
    missing_signature_version: &POP_MISSING_SIGNATURE_VERSION,
    missing_nonce: &POP_MISSING_NONCE,
    missing_time: &POP_MISSING_TIME,
    signing_method: &POP_SIGNING_METHOD,
    time_malformed: &POP_TIME_FORMAT,
    time_outside: &POP_TIME_EXPIRED,
    nonce: &POP_NONCE,
    key_disabled: &POP_KEY_DISABLED,
    signature: &POP_SIGNATURE,
    signature_v3: &POP_SIGNATURE_V3,
    token_missing: &POP_TOKEN_MISSING,
    token_wrong: &POP_TOKEN_WRONG,
    token_expired: &POP_TOKEN_EXPIRED,
};
