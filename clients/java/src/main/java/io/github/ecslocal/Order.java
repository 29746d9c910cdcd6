package io.github.ecslocal;

import com.google.gson.annotations.SerializedName;
import java.time.Duration;
import java.time.Instant;

/**
 * An order of a subscription. Amounts are in cents; a moment that has not come is null.
 *
 * @param id its number
 * @param operation the operation that made it
 * @param kind buy, upgrade, downgrade, renew or convert
 * @param state unpaid, processing, completed, cancelled or invalid
 * @param before what the instance had; null for a new one
 * @param after what it has once the order is carried out
 * @param amountCents negative for a refund
 * @param couponCents what of it coupons paid
 * @param closedAt when it was carried out or cancelled
 * @param lapsesAt when it is cancelled if it is unpaid still
 * @param takes from its payment until it is carried out
 */
public record Order(
        @SerializedName("order_id") String id,
        String instanceId,
        String operation,
        String kind,
        String state,
        Configuration before,
        Configuration after,
        long amountCents,
        long couponCents,
        Instant createdAt,
        Instant paidAt,
        Instant closedAt,
        Instant lapsesAt,
        Duration takes) {

    /** Without a span, carrying it out takes no time. */
    public Order {
        takes = takes == null ? Duration.ZERO : takes;
    }

    /**
     * What of an instance an order is about.
     *
     * @param chargeType PostPaid or PrePaid
     * @param internetChargeType PayByTraffic or PayByBandwidth
     * @param expiresAt the end of the subscription; null for none
     */
    public record Configuration(
            String chargeType,
            String instanceType,
            int bandwidthOutMbps,
            String internetChargeType,
            Instant expiresAt) {}
}
