//! Rows of the gateway: printed in the general error table or seen on the wire, on no page of an
//! operation.

use crate::row::error_rows;

error_rows! {
    operation: "(gateway)";
    pages: {}
    rows: {}
    beside: {
        METHOD: 403 "UnsupportedHTTPMethod"
            "This HTTP method is not supported."
            source "general error table";
        ACTION_MISSING: 400 "MissingParameter"
            "The input parameter \"%s\" that is mandatory for processing this request is not supplied."
            source "general error table";
        ACTION_UNKNOWN: 404 "InvalidAction.NotFound"
            "Specified api is not found, please check your url and method."
            source "seen on the wire of ECS";
        VERSION: 400 "InvalidVersion"
            "Specified parameter Version is not valid."
            source "seen on the wire of the shared gateway";
        PARAMETER: 400 "InvalidParameter"
            "The specified parameter \"%s\" is not valid."
            source "general error table, for what no page has a row";
        TOO_LARGE: 413 "EcsLocal.RequestTooLarge"
            "The request is larger than this emulator reads: %s."
            source "ours";
    }
}
