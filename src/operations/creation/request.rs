//! What RunInstances and CreateInstance ask for: the parameters, and the conditions on them alone.

use std::collections::BTreeSet;

use crate::domain::disk::{DISK_CATEGORIES, Disk};
use crate::domain::instance::ChargeType;
use crate::domain::network::InternetChargeType;
use crate::domain::period::{AutoRenew, Period, PeriodUnit, RenewalStatus};
use crate::domain::{Span, Timestamp, Word};
use crate::ids::Ids;
use crate::operations::Asked;
use crate::operations::conditions::{
    figure, first_malformed, inbound_fits, is_malformed_token, is_unknown,
};
use crate::param::{Param, Params};

const AMOUNT_RANGE: std::ops::RangeInclusive<i32> = 1..=100;
const OUTBOUND_RANGE: std::ops::RangeInclusive<i32> = 0..=100;
const SYSTEM_SIZE_RANGE: std::ops::RangeInclusive<i32> = 20..=2048;
const SPOT_STRATEGIES: &[&str] = &["NoSpot", "SpotWithPriceLimit", "SpotAsPriceGo"];
const MOST_TAGS: usize = 20;
/// The most characters of a tag's key and of its value.
const TAG_LENGTH: usize = 128;

/// A disk as asked for.
pub(in crate::operations) struct DiskRequest {
    pub category: Option<String>,
    pub size_gib: Param<i32>,
    pub performance_level: Option<String>,
}

impl DiskRequest {
    fn parse(params: &Params, prefix: &str) -> Self {
        Self {
            category: params.string(&format!("{prefix}.Category")),
            size_gib: params.integer(&format!("{prefix}.Size")),
            performance_level: params.string(&format!("{prefix}.PerformanceLevel")),
        }
    }

    /// The size a data disk of this category can have, GiB.
    fn data_size_range(&self) -> std::ops::RangeInclusive<i32> {
        match self.category.as_deref() {
            Some("cloud") => 5..=2000,
            Some("cloud_essd") => 20..=65536,
            _ => 20..=32768,
        }
    }

    pub(in crate::operations) fn disk(
        &self,
        ids: &mut Ids,
        system: bool,
        usual: &str,
        image_gib: u32,
    ) -> Disk {
        let category = self.category.as_deref().unwrap_or(usual);
        let level = self.performance_level.as_deref().unwrap_or("PL1");
        Disk {
            id: ids.resource("d"),
            system,
            size_gib: figure(&self.size_gib).unwrap_or(40).max(image_gib),
            performance_level: if category == "cloud_essd" {
                level.into()
            } else {
                Word::default()
            },
            category: category.into(),
            charge_type: None,
        }
    }
}

/// The parameters both operations read.
pub(in crate::operations) struct Creation {
    pub region_id: Option<String>,
    pub zone_id: Option<String>,
    pub image_id: Option<String>,
    pub instance_type: Option<String>,
    pub vswitch_id: Option<String>,
    pub security_group_ids: Vec<String>,
    pub name: Option<String>,
    pub description: Option<String>,
    pub host_name: Option<String>,
    pub unique_suffix: Param<bool>,
    pub password: Option<String>,
    pub key_pair_name: Option<String>,
    pub user_data: Option<String>,
    pub resource_group_id: Option<String>,
    pub internet_charge_type: Param<InternetChargeType>,
    pub out_mbps: Param<i32>,
    pub in_mbps: Param<i32>,
    pub charge_type: Param<ChargeType>,
    pub period: Param<i32>,
    pub period_unit: Option<String>,
    pub auto_pay: Param<bool>,
    pub auto_renew: Param<bool>,
    pub auto_renew_period: Param<i32>,
    pub system_disk: DiskRequest,
    pub data_disks: Vec<DiskRequest>,
    pub amount: Param<i32>,
    pub min_amount: Param<i32>,
    pub tags: Vec<(Option<String>, Option<String>)>,
    pub spot_strategy: Option<String>,
    pub deletion_protection: Param<bool>,
    pub auto_release_at: Param<Timestamp>,
    pub private_ip: Option<String>,
    pub dry_run: Param<bool>,
    pub client_token: Option<String>,
}

impl Creation {
    pub(in crate::operations) fn parse(params: &Params) -> Self {
        let mut groups: Vec<String> =
            params.list("SecurityGroupIds").into_iter().map(str::to_owned).collect();
        groups.extend(params.string("SecurityGroupId"));
        let tag = |position: usize, field: &str| params.string(&format!("Tag.{position}.{field}"));
        let data_disk =
            |position: usize| DiskRequest::parse(params, &format!("DataDisk.{position}"));
        Self {
            region_id: params.string("RegionId"),
            zone_id: params.string("ZoneId"),
            image_id: params.string("ImageId"),
            instance_type: params.string("InstanceType"),
            vswitch_id: params.string("VSwitchId"),
            security_group_ids: groups,
            name: params.string("InstanceName"),
            description: params.string("Description"),
            host_name: params.string("HostName"),
            unique_suffix: params.boolean("UniqueSuffix"),
            password: params.string("Password"),
            key_pair_name: params.string("KeyPairName"),
            user_data: params.string("UserData"),
            resource_group_id: params.string("ResourceGroupId"),
            internet_charge_type: params.parse("InternetChargeType", InternetChargeType::parse),
            out_mbps: params.integer("InternetMaxBandwidthOut"),
            in_mbps: params.integer("InternetMaxBandwidthIn"),
            charge_type: params.parse("InstanceChargeType", ChargeType::parse),
            period: params.integer("Period"),
            period_unit: params.string("PeriodUnit"),
            auto_pay: params.boolean("AutoPay"),
            auto_renew: params.boolean("AutoRenew"),
            auto_renew_period: params.integer("AutoRenewPeriod"),
            system_disk: DiskRequest::parse(params, "SystemDisk"),
            data_disks: (1..=params.count("DataDisk")).map(data_disk).collect(),
            amount: params.integer("Amount"),
            min_amount: params.integer("MinAmount"),
            tags: (1..=params.count("Tag")).map(|n| (tag(n, "Key"), tag(n, "Value"))).collect(),
            spot_strategy: params.string("SpotStrategy"),
            deletion_protection: params.boolean("DeletionProtection"),
            auto_release_at: params.parse("AutoReleaseTime", Timestamp::parse_seconds),
            private_ip: params.string("PrivateIpAddress"),
            dry_run: params.boolean("DryRun"),
            client_token: params.string("ClientToken"),
        }
    }

    /// The token, unless the call is a dry run, which neither stores nor consumes one.
    pub(in crate::operations) fn token(&self) -> Option<&str> {
        self.client_token.as_deref().filter(|_| !self.dry_run.or(false))
    }

    pub(in crate::operations) fn is_prepaid(&self) -> bool {
        self.charge_type.or(ChargeType::PostPaid) == ChargeType::PrePaid
    }

    pub(in crate::operations) fn is_weekly(&self) -> bool {
        self.unit() == PeriodUnit::Week
    }

    fn unit(&self) -> PeriodUnit {
        let asked = self.period_unit.as_deref().and_then(PeriodUnit::parse);
        asked.unwrap_or_default()
    }

    /// Can so many units be bought at once?
    fn sells(&self, count: i32) -> bool {
        u32::try_from(count).is_ok_and(|count| self.unit().sells(count))
    }

    pub(in crate::operations) fn out_mbps(&self) -> u32 {
        figure(&self.out_mbps).unwrap_or(0)
    }

    /// What becomes of the subscription at its end. A renewal counts in the units of the purchase.
    pub(in crate::operations) fn auto_renew(&self) -> AutoRenew {
        let status = if self.is_prepaid() && self.auto_renew.or(false) {
            RenewalStatus::AutoRenewal
        } else {
            RenewalStatus::Normal
        };
        let count = figure(&self.auto_renew_period).unwrap_or(1);
        AutoRenew { status, period: Period { count, unit: self.unit() } }
    }

    /// How large the data disks asked for are together, GiB.
    pub(in crate::operations) fn data_gib(&self) -> u32 {
        self.data_disks.iter().map(|disk| figure(&disk.size_gib).unwrap_or(40)).sum()
    }

    pub(in crate::operations) fn ends_at(&self, now: Timestamp) -> Timestamp {
        let count = figure(&self.period).unwrap_or(1);
        Period { count, unit: self.unit() }.after(now)
    }
}

impl Asked<Creation> {
    /// The first mandatory parameter that is not there.
    pub(in crate::operations) fn first_missing(&self) -> Option<&'static str> {
        let request = &self.request;
        first_malformed(&[
            ("RegionId", request.region_id.is_none()),
            ("ImageId", request.image_id.is_none()),
            ("InstanceType", request.instance_type.is_none()),
            ("SecurityGroupId", request.security_group_ids.is_empty()),
        ])
    }

    /// The first parameter that is not a value of its type and has no row of its own.
    pub(in crate::operations) fn first_malformed(&self) -> Option<&'static str> {
        let request = &self.request;
        first_malformed(&[
            ("UniqueSuffix", request.unique_suffix.is_malformed()),
            ("AutoPay", request.auto_pay.is_malformed()),
            ("AutoRenew", request.auto_renew.is_malformed()),
            ("AutoRenewPeriod", request.auto_renew_period.violates(|count| request.sells(*count))),
            ("DeletionProtection", request.deletion_protection.is_malformed()),
            ("DryRun", request.dry_run.is_malformed()),
            ("SpotStrategy", is_unknown(request.spot_strategy.as_ref(), SPOT_STRATEGIES)),
            (
                "SystemDisk.Size",
                request.system_disk.size_gib.violates(|gib| SYSTEM_SIZE_RANGE.contains(gib)),
            ),
        ])
    }

    pub(in crate::operations) fn has_malformed_token(&self) -> bool {
        is_malformed_token(self.request.client_token.as_ref())
    }

    pub(in crate::operations) fn breaks_outbound_range(&self) -> bool {
        self.request.out_mbps.violates(|mbps| OUTBOUND_RANGE.contains(mbps))
    }

    pub(in crate::operations) fn breaks_inbound_range(&self) -> bool {
        let out = self.request.out_mbps.or(0);
        self.request.in_mbps.violates(|mbps| inbound_fits(*mbps, out))
    }

    pub(in crate::operations) fn breaks_amount_range(&self) -> bool {
        self.request.amount.violates(|amount| AMOUNT_RANGE.contains(amount))
    }

    pub(in crate::operations) fn breaks_min_amount_range(&self) -> bool {
        let amount = self.request.amount.or(1);
        self.request.min_amount.violates(|least| (1..=amount).contains(least))
    }

    pub(in crate::operations) fn lacks_period(&self) -> bool {
        self.request.is_prepaid() && !self.request.period.is_given()
    }

    pub(in crate::operations) fn has_wrong_period(&self) -> bool {
        let request = &self.request;
        request.is_prepaid() && request.period.violates(|count| request.sells(*count))
    }

    pub(in crate::operations) fn has_wrong_period_unit(&self) -> bool {
        is_unknown(self.request.period_unit.as_ref(), &["Month", "Week"])
    }

    pub(in crate::operations) fn has_wrong_system_category(&self) -> bool {
        is_unknown(self.request.system_disk.category.as_ref(), DISK_CATEGORIES)
    }

    pub(in crate::operations) fn has_wrong_data_category(&self) -> bool {
        self.request
            .data_disks
            .iter()
            .any(|disk| is_unknown(disk.category.as_ref(), DISK_CATEGORIES))
    }

    pub(in crate::operations) fn has_wrong_data_size(&self) -> bool {
        let breaks =
            |disk: &DiskRequest| disk.size_gib.violates(|gib| disk.data_size_range().contains(gib));
        self.request.data_disks.iter().any(breaks)
    }

    pub(in crate::operations) fn has_wrong_tag_key(&self) -> bool {
        self.request.tags.iter().any(|(key, _)| match key.as_deref() {
            None => true,
            Some(key) => {
                is_wrong_tag_text(key) || key.starts_with("aliyun") || key.starts_with("acs:")
            }
        })
    }

    pub(in crate::operations) fn has_wrong_tag_value(&self) -> bool {
        let values = self.request.tags.iter().filter_map(|(_, value)| value.as_deref());
        values.clone().any(|value| is_wrong_tag_text(value) || value.starts_with("acs:"))
    }

    pub(in crate::operations) fn repeats_tag_key(&self) -> bool {
        let distinct: BTreeSet<_> = self.request.tags.iter().map(|(key, _)| key).collect();
        distinct.len() < self.request.tags.len()
    }

    pub(in crate::operations) fn has_too_many_tags(&self) -> bool {
        self.request.tags.len() > MOST_TAGS
    }

    pub(in crate::operations) fn has_wrong_release_time(&self) -> bool {
        let (now, half_an_hour) = (self.now, Span::seconds(30 * 60));
        self.request
            .auto_release_at
            .violates(|at| *at >= now.plus(half_an_hour) && *at <= now.plus_months(36))
    }

    pub(in crate::operations) fn has_malformed_private_ip(&self) -> bool {
        let address = self.request.private_ip.as_deref();
        address.is_some_and(|text| text.parse::<std::net::Ipv4Addr>().is_err())
    }
}

fn is_wrong_tag_text(text: &str) -> bool {
    text.chars().count() > TAG_LENGTH || text.contains("http://") || text.contains("https://")
}
