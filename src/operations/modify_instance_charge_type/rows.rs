//! The error rows of ModifyInstanceChargeType that the state of a world decides, word for word. The
//! operation has no page among the five; all are known from its help page of 2025/26.

use crate::row::error_rows;

error_rows! {
    operation: "ModifyInstanceChargeType";
    pages: {}
    rows: {}
    beside: {
        // Parameters.
        INSTANCE_IDS: 400 "InvalidParameter.InstanceIds"
            "The specified InstanceIds are invalid."
            source "help page of ModifyInstanceChargeType, 2025/26";
        TOO_MANY: 400 "InstancesIdQuotaExceed"
            "The maximum number of Instances is exceeded."
            source "help page of ModifyInstanceChargeType, 2025/26";
        TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
            "The ClientToken provided is invalid."
            source "help page of ModifyInstanceChargeType, 2025/26";
        CHARGE_TYPE: 400 "InvalidInstanceChargeType.ValueNotSupported"
            "%s"
            source "help page of ModifyInstanceChargeType, 2025/26";
        PERIOD: 400 "InvalidPeriod"
            "The specified period is not valid."
            source "help page of ModifyInstanceChargeType, 2025/26";
        PERIOD_UNIT: 400 "InvalidPeriod.UnitMismatch"
            "The specified Period must be correlated with the PeriodUnit."
            source "help page of ModifyInstanceChargeType, 2025/26";
        MALFORMED: 400 "InvalidParameter"
            "%s"
            source "help page of ModifyInstanceChargeType, 2025/26";

        // Account and instance.
        NOT_FOUND: 404 "InvalidInstanceId.NotFound"
            "The specified instanceId does not exist."
            source "help page of ModifyInstanceChargeType, 2025/26";
        ARREARS: 403 "Account.Arrearage"
            "Your account has an outstanding payment."
            source "help page of ModifyInstanceChargeType, 2025/26";
        PRICE_PERMISSION: 400 "NoPermission.Price"
            "The operation requires price permission. Please either apply for permission from your main account, or set the parameter AutoPay as true."
            source "help page of ModifyInstanceChargeType, 2025/26";
        EXPIRED: 400 "ExpiredInstance"
            "The specified instance has expired."
            source "help page of ModifyInstanceChargeType, 2025/26";
        UNPAID_ORDER: 400 "InvalidInstance.UnpaidOrder"
            "The specified instance has unpaid order."
            source "help page of ModifyInstanceChargeType, 2025/26";
        ORDER_PROCESSING: 400 "InstanceHasProcessingConvertOrder"
            "%s"
            source "help page of ModifyInstanceChargeType, 2025/26";
        SPOT: 400 "InvalidSpotStrategy"
            "The specified spotStrategy is not valid."
            source "help page of ModifyInstanceChargeType, 2025/26";
        STATUS: 400 "InvalidStatus.ValueNotSupported"
            "%s"
            source "help page of ModifyInstanceChargeType, 2025/26";

        // What stands in the way of the other charge type.
        RELEASE_TIME: 400 "ReleaseTimeHaveBeenSet"
            "The specified instance has been set released time."
            source "help page of ModifyInstanceChargeType, 2025/26";
        TEMPORARY_BANDWIDTH: 403 "InvalidInstance.TempBandwidthUpgrade"
            "Cannot switch to Pay-As-You-Go during the period of temporary bandwidth upgrade."
            source "help page of ModifyInstanceChargeType, 2025/26";
        DEDICATED_HOST: 403 "InvalidOperation.NotSupport"
            "Instance on dedicated host not support modify charge type."
            source "help page of ModifyInstanceChargeType, 2025/26";
        PRIVATE_POOL: 400 "Invalid.PrivatePoolOptions.MatchCriteria"
            "Target mode does not support this operation."
            source "help page of ModifyInstanceChargeType, 2025/26";
        NO_SYSTEM_DISK: 400 "InvalidInstance.NotFoundSystemDisk"
            "The specified instance has no system disk."
            source "help page of ModifyInstanceChargeType, 2025/26";
        RETIRED_TYPE: 403 "InvalidInstanceType.PhasedOut"
            "This instanceType is no longer offered."
            source "help page of ModifyInstanceChargeType, 2025/26";

        BANDWIDTH_QUOTA: 400 "QuotaExceeded.InternetBandwidth"
            "%s."
            source "help page of ModifyInstanceChargeType, 2025/26";

        // Counters and money.
        REFUND_VCPU: 400 "QuotaExceed.RufundVcpu"
            "The maximum number of refund vcpu is exceeded: %s."
            source "help page of ModifyInstanceChargeType, 2025/26";
        COOLING_DOWN: 400 "Throttling"
            "Request was denied due to request throttling, please try again after 5 minutes."
            source "help page of ModifyInstanceChargeType, 2025/26";
        NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance"
            "Your account does not have enough balance."
            source "help page of ModifyInstanceChargeType, 2025/26";
        INTERNAL: 500 "InternalError"
            "The request processing has failed due to some unknown error, exception or failure."
            source "help page of ModifyInstanceChargeType, 2025/26"
            injected "nothing a caller can do causes it";
    }
}
