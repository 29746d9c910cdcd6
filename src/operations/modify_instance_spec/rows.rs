//! The documented error rows of ModifyInstanceSpec: each once, word for word, with the pages
//! that print it. Misspellings are wire text.
//! Not here: when a row is raised, and which of two wins (see rules.rs); the order below is for
//! readers only.

use crate::row::error_rows;

error_rows! {
    operation: "ModifyInstanceSpec";
    pages: {
        /// Chinese page of the international documentation, 2018-11-15.
        ZH_2018 = (2018, 11, 15, 28 rows);
        /// English page of the international documentation, 2019-05-21.
        EN_2019 = (2019, 5, 21, 28 rows);
        /// English page of the help centre, last updated 2026-06-26.
        EN_2026 = (2026, 6, 26, 93 rows);
    }
    rows: {
        // Parameters.
        NOTHING_TO_CHANGE: 400 "InvalidAction" [EN_2026]
            "Specified action is not valid.";
        NOTHING_TO_CHANGE_2018: 500 "InvalidAction" [ZH_2018]
            "The specified action is not valid.";
        TYPE_AND_BANDWIDTH: 400 "InvalidParameter.Mismatch" [ZH_2018, EN_2019, EN_2026]
            "Too many parameters in one request.";
        BANDWIDTH_OUT: 400 "InvalidParameter" [EN_2026]
            "The specified parameter \"InternetMaxBandwidthOut\" is not valid.";
        BANDWIDTH_OUT_2018: 400 "InvalidParameter" [ZH_2018]
            "The specified parameter InternetMaxBandwidthOut is not valid.";
        BANDWIDTH_IN: 400 "InvalidParameter.Bandwidth" [ZH_2018, EN_2026]
            "The specified parameter Bandwidth is not valid.";
        INTERNET_CHARGE_TYPE: 400 "InvalidInternetChargeType.ValueNotSupported" [ZH_2018, EN_2019, EN_2026]
            "The specified InternetChargeType is not valid.";
        ASYNC: 400 "InvalidParam.Async" [EN_2026]
            "The specified parameter async is not valid.";
        MIGRATE_ACROSS_ZONE: 400 "InvalidParameter.AllowMigrateAcrossZone" [EN_2019, EN_2026]
            "The specified parameter CanMigrateAcrossZone is not valid.";
        UNKNOWN_TYPE: 400 "InvalidInstanceType.ValueNotSupported" [EN_2019, EN_2026]
            "The specified InstanceType does not exist or beyond the permitted range.";
        UNKNOWN_TYPE_2018: 400 "InvalidInstanceType.ValueNotSupported" [ZH_2018]
            "The specified InstanceType is not supported.";

        // Parameters of a temporary bandwidth.
        TEMPORARY_START_MISSING: 404 "MissingTemporary.StartTime" [EN_2019, EN_2026]
            "Temporary.StartTime is not specified.";
        TEMPORARY_END_MISSING: 404 "MissingTemporary.EndTime" [EN_2019, EN_2026]
            "Temporary.EndTime is not specified.";
        TEMPORARY_START: 400 "InvalidTemporary.StartTime" [EN_2019, EN_2026]
            "The specifed Temporary.StartTime is not valid.";
        TEMPORARY_END: 400 "InvalidTemporary.EndTime" [EN_2019, EN_2026]
            "The specifed Temporary.EndTime is not valid.";

        // Parameters of disks.
        SYSTEM_DISK_CATEGORY: 400 "InvalidParam.SystemDiskCategory" [EN_2019, EN_2026]
            "The specified param SystemDisk.Category is not valid.";
        DISK_CATEGORY_MISSING: 400 "MissingParameter.DiskCategory" [EN_2026]
            "The specified parameter Disk.Category can not be null when Disk.DiskId is specified.";
        DISK_CATEGORY: 400 "InvalidParameter.DiskCategory" [EN_2026]
            "The specified parameter Disk.Category is not valid.";
        DISK_PERFORMANCE_LEVEL: 400 "InvalidPerformanceLevel.Malformed" [EN_2026]
            "The specified parameter Disk.n.PerformanceLevel is not valid.";

        // The client token.
        TOKEN_MALFORMED: 400 "InvalidClientToken.ValueNotSupported" [ZH_2018, EN_2026]
            "The ClientToken provided is invalid.";
        TOKEN_IN_FLIGHT: 403 "LastTokenProcessing" [ZH_2018, EN_2026]
            "The last token request is processing.";
        TOKEN_MISMATCH: 400 "IdempotenceParamNotMatch" [EN_2019, EN_2026]
            "There is a idempotence signature mismatch between this and last request.";
        TOKEN_MISMATCH_2018: 400 "IdempotenceParamNotMatch" [ZH_2018]
            "Request uses a client token in a previous request but is not identical to that request.";

        // The instance exists.
        NOT_FOUND: 404 "InvalidInstanceId.NotFound" [ZH_2018, EN_2026]
            "The specified InstanceId does not exist.";

        // The account and its user.
        ARREARS: 400 "Account.Arrearage" [ZH_2018, EN_2019, EN_2026]
            "Your account has an outstanding payment.";
        NOT_ENOUGH_BALANCE: 403 "InvalidAccountStatus.NotEnoughBalance" [ZH_2018, EN_2019, EN_2026]
            "Your account does not have enough balance.";
        PRICE_PERMISSION: 400 "NoPermission.Price" [EN_2026]
            "The operation requires price permission. Please either apply for permission from your main account, or set the parameter AutoPay as true.";
        CARD_RISK: 403 "SecurityRisk.3DVerification" [EN_2026]
            "We have detected a security risk with your default credit or debit card. Please proceed with verification via the link in your email.";

        // Locks and unpaid orders of the instance.
        SECURITY_LOCK: 403 "InstanceLockedForSecurity" [ZH_2018, EN_2026]
            "The specified operation is denied as your instance is locked for security reasons.";
        UNPAID_ORDER: 403 "InvalidInstance.UnpaidOrder" [EN_2026]
            "The specified instance has unpaid order.";
        UNPAID_ORDER_2018: 400 "InvalidInstance.UnpaidOrder" [ZH_2018]
            "The specified instance has unpaid order.";
        UNPAID_ORDER_DENIED: 403 "OperationDenied.UnpaidOrder" [EN_2026]
            "The specified instance has unpaid order.";
        CHANGE_AT_RENEWAL: 403 "InstanceSpecModification.NotEffective" [EN_2026]
            "The specified instance has been reserved for making a spec modification and not taken effective in the current contract period.";

        // Charge type.
        CHARGE_TYPE: 403 "ChargeTypeViolation" [ZH_2018, EN_2019, EN_2026]
            "The operation is not permitted due to charge type of the instance.";
        CHARGE_TYPE_UNKNOWN: 404 "InvalidInstanceChargeType.NotFound" [EN_2026]
            "The InstanceChargeType does not exist in our records.";

        // Status.
        NOT_STOPPED: 400 "InvalidInstanceStatus.NotStopped" [ZH_2018, EN_2026]
            "The specified Instance status is not stopped.";
        STATUS: 403 "InvalidStatus.ValueNotSupported" [EN_2019, EN_2026]
            "The current status of the resource does not support this operation.";
        STATUS_2018: 400 "InvalidStatus.ValueNotSupported" [ZH_2018]
            "The current status of the resource does not support this operation.";
        TYPE_STATUS: 400 "InvalidStatus.ValueNotSupported" [ZH_2018]
            "The instance cannot be modified in the specified status.";
        ONLINE_CPU_TOPOLOGY: 400 "InvalidOperation.OnlineModificationUnsupported" [EN_2026]
            "Online modification of instance type is not supported for the specified instance due to its CPU topology.";
        ONLINE_NEEDS_REBOOT: 403 "InvalidOperation.RebootingRequired" [EN_2026]
            "The specified instance needs to be rebooted.";
        ONLINE_OS_TYPE: 403 "InvalidOperation.OSTypeNotSupported" [EN_2026]
            "The specified OS type is not supported.";

        // What the instance is bound to.
        STARTER_PACKAGE: 403 "InvalidOperation.StarterPackage" [EN_2026]
            "StarterPackage not support modification.";
        DEDICATED_HOST: 400 "InvalidAction.NotSupport" [EN_2019, EN_2026]
            "The ecs on dedicatedHost not support modify instanceType.";
        CLOUDBOX: 400 "InvalidParameter.CloudboxNotSupported" [EN_2026]
            "%s";
        HIBERNATION: 403 "HibernationConfigured.InstanceOperationForbidden" [EN_2026]
            "The operation is not permitted due to limit of the hibernation configured instance.";
        PRIVATE_POOL: 400 "Invalid.PrivatePoolOptions.MatchCriteria" [EN_2026]
            "Target mode does not support this operation.";
        LOCAL_DISK: 403 "CategoryViolation" [ZH_2018, EN_2019, EN_2026]
            "The specified instance does not support this operation because of its disk category.";
        NO_SYSTEM_DISK: 403 "InvalidInstance.NotFoundSystemDisk" [EN_2026]
            "The specified instance has no system disk.";

        // The network of the instance.
        EIP_BOUND: 403 "InvalidInstance.EipNotSupport" [EN_2019, EN_2026]
            "The specified instance with eip is not supported, please unassociate eip first.";
        TEMPORARY_EIP_BOUND: 400 "BandwidthUpgradeDenied.EipBoundInstance" [EN_2019, EN_2026]
            "The specified VPC instance has bound EIP, temporary bandwidth upgrade is denied.";
        EIP_MODE: 403 "InvalidOperation.EipNotSupport" [EN_2026]
            "The special instance with eip not support operate, please unassociate eip first.";
        EIP_ACROSS_CLUSTERS: 403 "InvalidOperation.InstanceWithEipNotSupport" [EN_2026]
            "The special instance with eip not support operate, please unassociate eip first.";
        NAT_PORT_MAP: 403 "InvalidInstance.NatPortMapNotSupport" [EN_2026]
            "The special instance with nat port map not support operate, please remove nat port map first.";
        IN_VPC: 400 "OperationDenied" [ZH_2018]
            "The specified instance is in VPC.";
        DEDICATED_REGION: 400 "InvalidParameter.DedicatedRegionNotSupported" [EN_2026]
            "The specified action is rejected because the specified ECS instance in the dedicated region does not support public IP.";

        // The target type.
        UNAUTHORISED_TYPE: 401 "InvalidInstanceType.ValueUnauthorized" [EN_2026]
            "The specified InstanceType is not authorized.";
        UNAUTHORISED_TYPE_2018: 400 "InvalidInstanceType.ValueUnauthorized" [ZH_2018]
            "The specified InstanceType is not authorized.";
        HIDDEN_TYPE: 400 "InvalidInstanceType.ValueUnauthorized" [EN_2019, EN_2026]
            "The specified InstanceType does not exist or beyond the permitted range.";
        RETIRED_TYPE: 403 "InstanceType.Offline" [EN_2026]
            "The specified InstanceType has been offline.";
        RETIRED_TYPE_2019: 403 "InstanceType.Offline" [EN_2019]
            "The specified InstanceType has been offline";
        TYPE_NOT_OFFERED: 403 "InvalidInstanceType.ValueNotSupported" [EN_2019, EN_2026]
            "The specified zone does not offer the specified instancetype.";
        NOT_SOLD_TOGETHER: 403 "InvalidResourceType.NotSupported" [EN_2026]
            "%s";
        NO_CHANGE_PATH: 400 "DependencyViolation.InstanceType" [ZH_2018, EN_2019, EN_2026]
            "The current InstanceType cannot be changed to the specified InstanceType.";
        NO_DOWNGRADE: 400 "Downgrade.NotSupported" [EN_2019, EN_2026]
            "Downgrade operation is not supported.";
        NESTED_VIRTUALISATION: 400 "InvalidInstanceType.NotSupportCpuOptionsNestedVirtualization" [EN_2026]
            "The specified instance type does not support CpuOptions.NestedVirtualization: %s.";

        // The target type and the image.
        IMAGE_ARCHITECTURE: 400 "InvalidParameter.Conflict" [ZH_2018, EN_2026]
            "The specified image does not support the specified instance type.";
        IMAGE_TYPE: 403 "ImageNotSupportInstanceType" [EN_2026]
            "The specified image do not support the InstanceType instance.";
        IMAGE_TYPE_2018: 403 "ImageNotSupportInstanceType" [ZH_2018]
            "The specified image does not support the specified InstanceType.";
        IMAGE_RANGE: 403 "InvalidParameter.NotMatch" [EN_2019, EN_2026]
            "%s";
        MARKET_IMAGE_STATUS: 400 "InvalidMarketImageStatus.NotSupported" [EN_2026]
            "The status of specified market image does not support this operation.";

        // The target type and the disks.
        DISK_COUNT: 400 "InstanceTypeNotSupported.TooManyDisksAttached" [EN_2026]
            "%s";
        DISK_NOT_CARRIED: 400 "InvalidDiskCategory.NotSupported" [EN_2026]
            "The upgrade operation of instance does not support this category of disk.";
        DISK_CHANGE_NOT_CARRIED: 403 "InvalidDiskCategory.NotSupported" [EN_2026]
            "The upgrade operation of instance does not support this category of disk.";
        TYPE_DISK_CATEGORY: 403 "InvalidInstanceType.NotSupportDiskCategory" [EN_2026]
            "The instanceType of the specified instance does not support this disk category.";
        TYPE_SYSTEM_DISK_CATEGORY: 403 "InvalidSystemDiskCategory.ValueNotSupported" [EN_2026]
            "The specified parameter SystemDisk.Category is not valid.";
        TYPE_DATA_DISK_CATEGORY: 403 "InvalidDataDiskCategory.ValueNotSupported" [EN_2026]
            "The specified Category of Data Disk is not valid.";

        // The target type and the network interfaces (ENI).
        ENI_COUNT: 403 "InvalidOperation.EniCountExceeded" [EN_2026]
            "%s";
        IPV4_COUNT: 403 "InvalidOperation.Ipv4CountExceeded" [EN_2019, EN_2026]
            "%s";
        IPV4_UNSUPPORTED: 403 "InvalidOperation.Ipv4NotSupport" [EN_2026]
            "%s";
        IPV6_COUNT: 403 "InvalidOperation.Ipv6CountExceeded" [EN_2019, EN_2026]
            "%s";
        IPV6_UNSUPPORTED: 403 "InvalidOperation.Ipv6NotSupport" [EN_2019, EN_2026]
            "%s";
        ENI_TRUNKING: 403 "InvalidOperation.InstanceTypeNotSupportEniTrunking" [EN_2026]
            "%s";
        RSS: 400 "InvalidOperation.InstanceTypeNotSupportRss" [EN_2026]
            "The ECS instance type does not support Rss.";
        ENI_QUEUE_VALUE: 403 "InvalidParameter.InvalidEniQueueNumber" [EN_2026]
            "%s";
        ENI_QUEUES: 403 "InvalidOperation.MaxEniQueueNumberExceeded" [EN_2026]
            "%s";
        ENI_QUEUES_TOTAL: 403 "InvalidOperation.ExceedInstanceTypeQueueNumber" [EN_2026]
            "%s";
        QUEUE_PAIRS: 403 "InvalidOperation.MaxEniQueuePairNumberExceed" [EN_2026]
            "%s";
        QUEUE_PAIRS_TOTAL: 403 "InvalidOperation.EniQueuePairNumberOverflow" [EN_2026]
            "%s";
        RDMA_MODE: 403 "InvalidOperation.InstanceTypeNotSupportHighPerformanceTrafficMode" [EN_2026]
            "%s";
        RDMA_ENI_COUNT: 403 "InvalidOperation.HighPerformanceEniPerInstanceLimitExceeded" [EN_2026]
            "%s";
        VPC_ADVANCED_FEATURE: 400 "InvalidOperation.VpcHasEnabledAdvancedNetworkFeature" [EN_2026]
            "The specified vpc has enabled advanced network feature.";
        VPC_SENIOR_FEATURE: 403 "InvalidOperation.NotAllowed" [EN_2026]
            "The specified vpc %s has enabled senior network feature.";

        // Limits and quotas of the target.
        BANDWIDTH_LIMIT: 403 "InvalidParameter.InternetMaxBandwidthOut" [EN_2026]
            "The specified parameter InternetMaxBandwidthOut is invalid.";
        BANDWIDTH_QUOTA: 400 "QuotaExceeded.InternetBandwidth" [EN_2026]
            "%s.";
        TYPE_QUOTA: 403 "QuotaExceed.ElasticQuota" [EN_2026]
            "No additional quota is available for the specified ECS instance type.";
        DISK_CAPACITY_QUOTA: 400 "QuotaExceed.DiskCapacity" [EN_2026]
            "The used capacity of disk type has exceeded the quota in the zone, %s.";

        // Cooldown and counters.
        COOLING_DOWN: 400 "Throttling" [EN_2026]
            "Request was denied due to request throttling, please try again after 5 minutes.";
        COOLING_DOWN_2018: 400 "Throttling" [ZH_2018]
            "You have made too many requests within a short time; your request is denied due to request throttling.";
        ONLINE_ATTEMPTS: 403 "InvalidOperation.MaxModifyOnlineNumberExceeded" [EN_2026]
            "The specified instance has reached the maximum number of modify online attempts and needs to be rebooted.";

        // Stock and price.
        CLUSTER_NO_STOCK: 403 "OperationDenied" [EN_2026]
            "The specified instance is out of usage.";
        CLUSTER_NO_STOCK_2018: 403 "OperationDenied" [ZH_2018]
            "The instance is out of usage.";
        NO_STOCK: 403 "OperationDenied.NoStock" [EN_2026]
            "The resource is out of usage.";
        NO_PRICE: 400 "Price.PricePlanResultNotFound" [ZH_2018, EN_2026]
            "The internetMaxBandwidthIn or internetMaxBandwidthOut provided is invalid.";

        // Faults of the service.
        INTERNAL: 500 "InternalError" [ZH_2018, EN_2019, EN_2026]
            "The request processing has failed due to some unknown error, exception or failure."
            injected "nothing a caller can do causes it";
        SERVICE_UNAVAILABLE: 503 "LimitedOperation.ServiceUnavailable" [EN_2026]
            "The service is currently unavailable. Please try again later."
            injected "nothing a caller can do causes it";
    }
}
