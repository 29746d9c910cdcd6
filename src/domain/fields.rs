//! By what instances, elastic IPs and orders are found: each field with how its values are read from a
//! thing. How an index works is in `index.rs`; none costs anything before somebody asks for it.

use super::index::Field;
use super::instance::{ChargeType, Instance, NetworkType};
use super::network::{Eip, InternetChargeType};
use super::order::Order;
use super::time::Timestamp;

/// Of instances.
pub mod instance {
    use super::{ChargeType, Field, Instance, InternetChargeType, NetworkType};

    /// Its region.
    pub static REGION: Field<Instance> = Field::new("region", |it, tell| tell(&it.region_id));
    /// Its zone.
    pub static ZONE: Field<Instance> = Field::new("zone", |it, tell| tell(&it.zone_id));
    /// Its cluster.
    pub static CLUSTER: Field<Instance> = Field::new("cluster", |it, tell| tell(&it.cluster_id));
    /// Its VPC.
    pub static VPC: Field<Instance> = Field::new("vpc", |it, tell| tell(&it.vpc_id));
    /// Its switch.
    pub static VSWITCH: Field<Instance> = Field::new("vswitch", |it, tell| tell(&it.vswitch_id));
    /// Its image.
    pub static IMAGE: Field<Instance> = Field::new("image", |it, tell| tell(&it.image_id));
    /// The type that is shown.
    pub static TYPE: Field<Instance> = Field::new("type", |it, tell| tell(&it.instance_type));
    /// Its key pair.
    pub static KEY_PAIR: Field<Instance> =
        Field::new("key_pair", |it, tell| tell(&it.key_pair_name));
    /// Its resource group.
    pub static RESOURCE_GROUP: Field<Instance> =
        Field::new("resource_group", |it, tell| tell(&it.resource_group_id));
    /// Its name.
    pub static NAME: Field<Instance> = Field::new("name", |it, tell| tell(&it.name));
    /// Its status, as on the wire.
    pub static STATUS: Field<Instance> = Field::new("status", |it, tell| tell(it.status.as_str()));
    /// How it is paid for, as on the wire.
    pub static CHARGE_TYPE: Field<Instance> =
        Field::new("charge_type", |it, tell| tell(it.charge_type.as_str()));
    /// How its bandwidth is paid for, as on the wire.
    pub static INTERNET_CHARGE_TYPE: Field<Instance> =
        Field::new("internet_charge_type", |it, tell| tell(it.internet_charge_type.as_str()));
    /// Its kind of network, as on the wire.
    pub static NETWORK_TYPE: Field<Instance> =
        Field::new("network_type", |it, tell| tell(it.network_type.as_str()));
    /// What becomes of its subscription at the end, as on the wire.
    pub static RENEWAL: Field<Instance> =
        Field::new("renewal", |it, tell| tell(it.auto_renew.status.as_str()));
    /// Each of its security groups.
    pub static SECURITY_GROUP: Field<Instance> = Field::new("security_group", |it, tell| {
        it.security_group_ids.iter().for_each(|group| tell(group));
    });
    /// Each reason it is locked for, as on the wire.
    pub static LOCK: Field<Instance> =
        Field::new("lock", |it, tell| it.locks.iter().for_each(|lock| tell(lock.as_str())));
    /// Its private address in a VPC.
    pub static PRIVATE_IP: Field<Instance> = Field::new("private_ip", |it, tell| {
        if it.network_type == NetworkType::Vpc {
            tell(&it.private_ip);
        }
    });
    /// Its private address in the classic network.
    pub static INNER_IP: Field<Instance> = Field::new("inner_ip", |it, tell| {
        if it.network_type == NetworkType::Classic {
            tell(&it.private_ip);
        }
    });
    /// Its public address.
    pub static PUBLIC_IP: Field<Instance> =
        Field::new("public_ip", |it, tell| it.public_ip.iter().for_each(|address| tell(address)));
    /// The keys of its tags.
    pub static TAG_KEY: Field<Instance> =
        Field::new("tag_key", |it, tell| it.tags.keys().for_each(|key| tell(key)));
    /// Its tags, as [`super::tag`] writes them.
    pub static TAG: Field<Instance> = Field::new("tag", |it, tell| {
        it.tags.iter().for_each(|(key, value)| tell(&super::tag(key, value)));
    });
    /// When it was created, as [`super::moment`] writes it.
    pub static CREATED: Field<Instance> =
        Field::new("created", |it, tell| tell(&super::moment(it.created_at)));
    /// When it is said to expire, as [`super::moment`] writes it.
    pub static EXPIRES: Field<Instance> =
        Field::new("expires", |it, tell| tell(&super::moment(it.shown_expiry())));
    /// The region, where it pays by bandwidth as it goes. Weighs its outbound bandwidth, Mbit/s.
    pub static BANDWIDTH_IN_USE: Field<Instance> = Field {
        name: "bandwidth_in_use",
        read: |it, tell| {
            if it.charge_type == ChargeType::PostPaid
                && it.internet_charge_type == InternetChargeType::PayByBandwidth
            {
                tell(&it.region_id);
            }
        },
        weigh: |it| it.bandwidth_out_mbps.into(),
    };
}

/// Of elastic IPs.
pub mod eip {
    use super::{Eip, Field};

    /// Its region.
    pub static REGION: Field<Eip> = Field::new("region", |it, tell| tell(&it.region_id));
    /// Its address.
    pub static ADDRESS: Field<Eip> = Field::new("address", |it, tell| tell(&it.ip_address));
    /// The instance it is bound to; none where it is free.
    pub static INSTANCE: Field<Eip> =
        Field::new("instance", |it, tell| it.instance_id.iter().for_each(|id| tell(id)));
    /// `InUse` or `Available`.
    pub static STATUS: Field<Eip> = Field::new("status", |it, tell| tell(it.status()));
}

/// Of orders.
pub mod order {
    use super::{Field, Order};

    /// The instance it is for.
    pub static INSTANCE: Field<Order> = Field::new("instance", |it, tell| tell(&it.instance_id));
    /// The instance it is for, where that waits for its end.
    pub static OPEN: Field<Order> = Field::new("open", |it, tell| {
        if it.state.is_open() {
            tell(&it.instance_id);
        }
    });
    /// A text of its own for all orders that somebody has to pay or cancel.
    pub static UNPAID: Field<Order> = Field::new("unpaid", |it, tell| {
        if it.state.is_unpaid() {
            tell("");
        }
    });
}

/// A moment as a text that sorts as moments do.
pub fn moment(at: Timestamp) -> String {
    format!("{:016x}", at.0.cast_unsigned() ^ (1 << 63))
}

/// A tag as one text. No other tag has the same.
pub fn tag(key: &str, value: &str) -> String {
    format!("{}:{key}{value}", key.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_sort_as_texts() {
        let moments = [i64::MIN, -1, 0, 1, 1_700_000_000_000, i64::MAX].map(Timestamp);
        assert!(moments.map(moment).is_sorted());
    }

    #[test]
    fn tags_are_told_apart() {
        assert_ne!(tag("a", "bc"), tag("ab", "c"));
        assert_ne!(tag("1:a", ""), tag("1", ":a"));
    }
}
