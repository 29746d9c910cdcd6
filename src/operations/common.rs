//! Rows of the general error table, which every ECS operation shares: they are printed on a page
//! of their own, not on those of the operations.

use crate::row::error_rows;

error_rows! {
    operation: "(any)";
    pages: {}
    rows: {}
    beside: {
        MISSING_PARAMETER: 400 "MissingParameter"
            "The input parameter \"%s\" that is mandatory for processing this request is not supplied."
            source "general error table";
        INVALID_PARAMETER: 400 "InvalidParameter"
            "The specified parameter \"%s\" is not valid."
            source "general error table";
        REGION_NOT_FOUND: 404 "InvalidRegionId.NotFound"
            "The specified RegionId does not exist."
            source "general error table";
        NOT_FOUND: 404 "InvalidInstanceId.NotFound"
            "The specified InstanceId does not exist."
            source "general error table";
        TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
            "The ClientToken provided is invalid."
            source "general error table";
        TOKEN_MISMATCH: 400 "IdempotentParameterMismatch"
            "The request is retried with updated parameters."
            source "general error table";
        INTERNAL: 500 "InternalError"
            "The request processing has failed due to some unknown error, exception or failure."
            source "general error table"
            injected "nothing a caller can do causes it";
        UNAVAILABLE: 503 "ServiceUnavailable"
            "The request has failed due to a temporary failure of the server."
            source "general error table"
            injected "nothing a caller can do causes it";
        DRY_RUN: 400 "DryRunOperation"
            "Request validation has been passed with DryRun flag set."
            source "error tables of the operations with a DryRun parameter";
    }
}
