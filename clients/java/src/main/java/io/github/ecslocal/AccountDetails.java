package io.github.ecslocal;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * An account's money, debts and limits, as world documents have them. Amounts are in cents of its
 * currency; a limit that is null or has no entry is none.
 *
 * @param id its number
 * @param arrearsSince null for none
 * @param billedCents what metered use has cost so far
 * @param creditCents how far use may overdraw the balance
 * @param refundVcpuHours what may still be given back for pay-as-you-go
 * @param downgradePrivilege may it downgrade subscriptions?
 * @param typeQuota how many instances of a type it may have
 * @param bandwidthLimitMbps of one instance
 * @param bandwidthQuotaMbps of all pay-as-you-go instances in a region
 */
public record AccountDetails(
        String id,
        boolean arrears,
        Instant arrearsSince,
        long balanceCents,
        long couponCents,
        long billedCents,
        long creditCents,
        Long refundVcpuHours,
        boolean downgradePrivilege,
        List<String> deniedTypes,
        List<String> hiddenTypes,
        List<String> deniedChargeTypes,
        Map<String, Long> typeQuota,
        Long bandwidthLimitMbps,
        long bandwidthQuotaMbps,
        boolean billingMethodChosen,
        boolean cardAtRisk,
        boolean economicalMode) {}
