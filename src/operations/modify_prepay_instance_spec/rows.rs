//! The documented error rows of ModifyPrepayInstanceSpec: each once, word for word, with the pages
//! that print it. Misspellings are wire text.
//! Not here: when a row is raised, and which of two wins (see rules.rs); the order below is for
//! readers only.

use crate::row::error_rows;

error_rows! {
    operation: "ModifyPrepayInstanceSpec";
    pages: {
        /// English page of the international documentation, 2020-09-23.
        EN_2020 = (2020, 9, 23, 41 rows);
    }
    rows: {
        // Parameters.
        OPERATOR_TYPE: 400 "InvalidAction" [EN_2020]
            "%s";
        INSTANCE_ID_MALFORMED: 403 "InvalidParameter.InstanceId" [EN_2020]
            "%s";
        MALFORMED_PARAMETER: 400 "InvalidParameter" [EN_2020]
            "%s";
        REBOOT_TIME_MALFORMED: 400 "InvalidRebootTime.MalFormed" [EN_2020]
            "The specified rebootTime is not valid.";
        REBOOT_TIME: 400 "InvalidRebootTime.ValueNotSupported" [EN_2020]
            "The specified RebootTime is not valid.";
        UNKNOWN_TYPE: 400 "InvalidInstanceType.ValueNotSupported" [EN_2020]
            "The specified InstanceType does not exist or beyond the permitted range.";

        // The client token.
        TOKEN_MISMATCH: 400 "IdempotenceParamNotMatch" [EN_2020]
            "Request uses a client token in a previous request but is not identical to that request.";
        TOKEN_MISMATCH_OTHER: 400 "IdempotenceParamNotMatch" [EN_2020]
            "%s";

        // The region and the instance exist.
        REGION_NOT_FOUND: 404 "InvalidRegionId.NotFound" [EN_2020]
            "The specified RegionId does not exist.";
        NOT_FOUND: 404 "InvalidInstanceId.NotFound" [EN_2020]
            "The specified InstanceId does not exist.";

        // The account and its user.
        NO_BILLING_METHOD: 404 "BillingMethodNotFound" [EN_2020]
            "The account has not chosen any billing method.";
        ARREARS: 400 "Account.Arrearage" [EN_2020]
            "Your account has an outstanding payment.";
        PASS_ROLE: 403 "InvalidUser.PassRoleForbidden" [EN_2020]
            "The RAM user does not have privilege to pass a role.";
        DOWNGRADE_PRIVILEGE: 400 "OperationDenied" [EN_2020]
            "The current user does not support this operation.";

        // Expiry and purchase.
        EXPIRED: 403 "InvalidInstance.PreInstanceExpired" [EN_2020]
            "Instance business status is not Expired";
        NO_PURCHASE: 400 "InvalidInstance.PurchaseNotFound" [EN_2020]
            "The specified instance has no purchase history.";

        // Charge type.
        CHARGE_TYPE: 400 "InvalidBillingMethod.ValueNotSupported" [EN_2020]
            "The operation is not permitted due to an invalid billing method of the instance.";
        CHARGE_TYPE_FIXED: 400 "InvalidInstanceChargeType.ValueNotSupported" [EN_2020]
            "%s";

        // Status.
        NOT_STOPPED: 400 "InvalidStatus.NotStopped" [EN_2020]
            "Instance status must be stopped.";
        STATUS: 403 "IncorrectInstanceStatus" [EN_2020]
            "The current status of the resource does not support this operation.";
        CHANGE_IN_PROGRESS: 403 "InvalidInstanceStatus" [EN_2020]
            "The current status of the instance does not support this operation.";

        // What the instance is bound to.
        DENIED: 403 "OperationDenied" [EN_2020]
            "%s";
        LOCAL_DISK: 403 "OperationDenied.LocalDiskUnsupported" [EN_2020]
            "The configuration change is not allowed when the specified instance has local disks mounted.";
        EIP_BOUND: 403 "InvalidInstance.EipNotSupport" [EN_2020]
            "The special instance with eip not support operate, please unassociate eip first.";

        // The target type.
        UNAUTHORISED_TYPE: 400 "InvalidInstanceType.ValueUnauthorized" [EN_2020]
            "The specified InstanceType is not authorized.";
        UNCHANGEABLE_TYPE: 400 "InvalidInstanceType.NotSupported" [EN_2020]
            "The specified InstanceType is not Supported.";
        RETIRED_TYPE: 403 "InstanceType.Offline" [EN_2020]
            "%s";
        NO_CHANGE_PATH: 400 "InvalidInstanceType.ValueNotSupported" [EN_2020]
            "%s";

        // The target type, the image and the network interfaces.
        IMAGE_TYPE: 403 "ImageNotSupportInstanceType" [EN_2020]
            "The specified image does not support the specified InstanceType.";
        MARKET_IMAGE_TYPE: 403 "ImageNotSupportInstanceType" [EN_2020]
            "The specified instanceType is not supported by instance with marketplace image.";
        IPV4_COUNT: 403 "InvalidOperation.Ipv4CountExceeded" [EN_2020]
            "%s";
        IPV6_COUNT: 403 "InvalidOperation.Ipv6CountExceeded" [EN_2020]
            "%s";
        IPV6_UNSUPPORTED: 403 "InvalidOperation.Ipv6NotSupport" [EN_2020]
            "%s";

        // Quota and cooldown.
        DOWNGRADE_QUOTA: 400 "InstanceDowngrade.QuotaExceed" [EN_2020]
            "Quota of instance downgrade is exceed.";
        COOLING_DOWN: 400 "Throttling" [EN_2020]
            "You have made too many requests within a short time; your request is denied due to request throttling.";

        // Orders and stock.
        LAST_ORDER_PROCESSING: 400 "LastOrderProcessing" [EN_2020]
            "The previous order is still processing, please try again later.";
        CLUSTER_NO_STOCK: 403 "OperationDenied.NoStock" [EN_2020]
            "The specified instance is out of usage.";
        NO_STOCK: 403 "OperationDenied.NoStock" [EN_2020]
            "The resource is out of stock in the specified zone. Please try other types, or choose other regions and zones.";
        ORDER_FAILED: 400 "OrderCreationFailed" [EN_2020]
            "Order creation failed, please check your params and try it again later."
            injected "the billing system refuses the order, for no documented reason";

        // Faults of the service.
        INTERNAL: 500 "InternalError" [EN_2020]
            "The request processing has failed due to some unknown error, exception or failure."
            injected "nothing a caller can do causes it";
        INTERNAL_SHORT: 500 "InternalError" [EN_2020]
            "The request processing has failed due to some unknown error."
            injected "nothing a caller can do causes it";
    }
    // The page leaves these out; other renderings of it, or the general error table, print them.
    beside: {
        TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
            "The ClientToken provided is invalid."
            source "renderings of this page in 2018";
        NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance"
            "Your account does not have enough balance."
            source "renderings of this page in 2018";
        SECURITY_LOCK: 403 "InstanceLockedForSecurity"
            "The specified operation is denied as your instance is locked for security reasons."
            source "the pages of the two sibling operations";
    }
}
