//! The documented error rows of ModifyInstanceNetworkSpec: each once, word for word, with the pages
//! that print it. Misspellings are wire text.
//! Not here: when a row is raised, and which of two wins (see rules.rs); the order below is for
//! readers only.

use crate::row::error_rows;

error_rows! {
    operation: "ModifyInstanceNetworkSpec";
    pages: {
        /// English page of the international documentation, 2019-06-03.
        EN_2019 = (2019, 6, 3, 23 rows);
    }
    rows: {
        // Parameters.
        BANDWIDTH_OUT: 400 "InvalidInternetMaxBandwidthOut.ValueNotSupported" [EN_2019]
            "The specified InternetMaxBandwidthOut is beyond the permitted range.";
        BANDWIDTH_IN: 400 "InvalidInternetMaxBandwidthIn.ValueNotSupported" [EN_2019]
            "The specified InternetMaxBandwidthIn is beyond the permitted range.";
        BANDWIDTH_MALFORMED: 400 "InvalidParameter.Bandwidth" [EN_2019]
            "%s";
        INTERNET_CHARGE_TYPE: 400 "InvalidInternetChargeType.ValueNotSupported" [EN_2019]
            "The specified InternetChargeType is invalid.";
        ALLOCATE_PUBLIC_IP: 400 "InvalidParam.AllocatePublicIp" [EN_2019]
            "The specified param AllocatePublicIp is invalid.";

        // Parameters of a temporary bandwidth.
        TEMPORARY_START: 400 "InvalidStartTime.ValueNotSupported" [EN_2019]
            "%s";
        TEMPORARY_CONFLICT: 400 "InvalidParameter.Conflict" [EN_2019]
            "%s";
        TEMPORARY_BANDWIDTH: 400 "InvalidBandwidth.ValueNotSupported" [EN_2019]
            "Instance upgrade bandwidth of temporary not allow less then existed.";

        // The account.
        ARREARS: 400 "Account.Arrearage" [EN_2019]
            "Your account has an outstanding payment.";
        NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance" [EN_2019]
            "Your account does not have enough balance.";

        // Expiry and unpaid orders.
        EXPIRED: 403 "InstanceExpiredOrInArrears" [EN_2019]
            "The specified operation is denied as your prepay instance is expired (prepay mode) or in arrears (afterpay mode).";
        UNPAID_ORDER: 403 "InvalidInstance.UnpaidOrder" [EN_2019]
            "The specified Instance has unpaid order.";
        ACCOUNT_UNPAID_ORDER: 400 "InvalidInstance.UnpaidOrder" [EN_2019]
            "Unpaid order exists in your account, please complete or cancel the payment in the expense center.";

        // Charge type.
        CHARGE_TYPE: 403 "ChargeTypeViolation" [EN_2019]
            "The operation is not permitted due to billing method of the instance.";
        BANDWIDTH_DECREASE: 400 "DecreasedBandwidthNotAllowed" [EN_2019]
            "%s";

        // Status.
        STATUS: 403 "IncorrectInstanceStatus" [EN_2019]
            "The current state of the instance does not support this operation.";
        NOT_STOPPED: 400 "InvalidInstanceStatus" [EN_2019]
            "The specified instance state does not support this action.";
        CHANGE_IN_PROGRESS: 403 "InvalidInstanceStatus" [EN_2019]
            "The current state of the instance does not support this operation.";

        // The network of the instance.
        EIP_BOUND: 403 "InvalidInstance.InstanceNotSupported" [EN_2019]
            "The special vpc instance with eip not need bandwidth.";
        TEMPORARY_EIP_BOUND: 400 "BandwidthUpgradeDenied.EipBoundInstance" [EN_2019]
            "The specified VPC instance has bound EIP, temporary bandwidth upgrade is denied.";
        IN_VPC: 400 "OperationDenied" [EN_2019]
            "Specified instance is in VPC.";

        // Quota.
        DOWNGRADE_QUOTA: 400 "InstanceDowngrade.QuotaExceed" [EN_2019]
            "Quota of instance downgrade is exceed.";

        // Stock of public addresses.
        NO_PUBLIC_IP: 400 "IpAllocationError" [EN_2019]
            "Allocate public ip failed.";
    }
    // The page leaves these out; other renderings of it, or the general error table, print them.
    beside: {
        NOTHING_TO_CHANGE: 400 "InvalidAction"
            "Specified action is not valid."
            source "renderings of this page from 2019-05 to 2025-03";
        TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported"
            "The ClientToken provided is invalid."
            source "renderings of this page from 2019-05 to 2025-03";
        TOKEN_MISMATCH: 400 "IdempotenceParamNotMatch"
            "There is a idempotence signature mismatch between this and last request."
            source "the pages of the two sibling operations";
        NOT_FOUND: 404 "InvalidInstanceId.NotFound"
            "The specified InstanceId does not exist."
            source "renderings of this page from 2018-06 to 2025-03";
        SECURITY_LOCK: 403 "InstanceLockedForSecurity"
            "The specified operation is denied as your instance is locked for security reasons."
            source "renderings of this page from 2018-06 to 2025-03";
        COOLING_DOWN: 400 "Throttling"
            "Request was denied due to request throttling, please try again after 5 minutes."
            source "renderings of this page from 2019-02 to 2025-03";
    }
}
