//! The rules of RunInstances and CreateInstance. They are a macro because each operation brings the
//! rows of its own page to them.

/// The rules of both operations, over the rows in the caller's module `row`, behind rules on the
/// request that are the operation's own.
macro_rules! creation_rules {
    ($operation:ty $(, $own:expr)* $(,)?) => {
        const REQUEST_RULES: &[Rule<Asked<Creation>>] = &[
            $($own,)*
            Rule::worded(
                &common::MISSING_PARAMETER,
                |it| it.first_missing().is_some(),
                |it| it.first_missing().unwrap_or_default().to_owned(),
                "send RegionId, ImageId, InstanceType and a security group",
            ),
            Rule::new(&row::TOKEN_MALFORMED, |it| it.has_malformed_token(), "send a token of at most 64 ASCII characters"),
            Rule::new(&row::NAME, |it| is_malformed_name(it.request.name.as_ref()), "2 to 128 characters, a letter first, no http://"),
            Rule::new(&row::DESCRIPTION, |it| is_malformed_description(it.request.description.as_ref()), "2 to 256 characters, no http://"),
            Rule::new(&row::PASSWORD, |it| is_malformed_password(it.request.password.as_ref()), "8 to 30 characters of three kinds"),
            Rule::new(&row::CHARGE_TYPE, |it| it.request.charge_type.is_malformed(), "send PostPaid or PrePaid"),
            Rule::new(&row::PERIOD_MISSING, |it| it.lacks_period(), "send Period with InstanceChargeType=PrePaid"),
            Rule::new(&row::PERIOD_UNIT, |it| it.has_wrong_period_unit(), "send Month or Week"),
            Rule::new(&row::PERIOD, |it| it.has_wrong_period(), "send 1 to 9, 12, 24, 36, 48 or 60 months, or 1 to 4 weeks"),
            Rule::new(&row::INTERNET_CHARGE_TYPE, |it| it.request.internet_charge_type.is_malformed(), "send PayByTraffic or PayByBandwidth"),
            Rule::new(&row::BANDWIDTH_OUT, |it| it.breaks_outbound_range(), "ask for 0 to 100 Mbit/s"),
            Rule::new(&row::BANDWIDTH_IN, |it| it.breaks_inbound_range(), "ask for 1 to 10 Mbit/s, or up to the outbound bandwidth where that is more"),
            Rule::new(&row::SYSTEM_DISK_CATEGORY, |it| it.has_wrong_system_category(), "send a category such as cloud_essd"),
            Rule::new(&row::DATA_DISK_CATEGORY, |it| it.has_wrong_data_category(), "send a category such as cloud_essd"),
            Rule::new(
                &row::DATA_DISK_SIZE,
                |it| it.has_wrong_data_size(),
                "5 to 2000 GiB for cloud, 20 to 32768 or more for the others",
            ),
            Rule::new(&row::TAG_KEY, |it| it.has_wrong_tag_key(), "1 to 128 characters, not beginning with aliyun or acs:"),
            Rule::new(&row::TAG_VALUE, |it| it.has_wrong_tag_value(), "at most 128 characters, not beginning with acs:"),
            Rule::new(&row::TAG_REPEATED, |it| it.repeats_tag_key(), "send each key once"),
            Rule::new(&row::PRIVATE_IP, |it| it.has_malformed_private_ip(), "send an IPv4 address of the switch"),
            Rule::worded(
                &common::INVALID_PARAMETER,
                |it| it.first_malformed().is_some(),
                |it| it.first_malformed().unwrap_or_default().to_owned(),
                "send a value of the parameter's type and range",
            ),
        ];

        const TOKEN_RULES: &[Rule<TokenCase>] = &[
            Rule::new(&common::TOKEN_MISMATCH, TokenCase::is_mismatch, "use a new token for another call"),
        ];

        const STATE_RULES: &[Rule<Case<$operation>>] = &[
            Rule::new(&common::REGION_NOT_FOUND, |it| !it.facts.region_known, "DescribeRegions lists the regions"),
            Rule::new(&row::ZONE_NOT_FOUND, |it| !it.facts.zone_known, "DescribeZones lists the zones of the region"),
            Rule::new(&row::IMAGE_NOT_FOUND, |it| it.facts.image.is_none(), "use an image of the world, or add yours to it"),
            Rule::new(&row::UNKNOWN_TYPE, |it| it.facts.instance_type.is_none(), "DescribeInstanceTypes lists the types"),
            Rule::new(&row::VSWITCH_NOT_FOUND, |it| it.names_unknown_vswitch(), "use a switch of the world, or add yours to it"),
            Rule::new(&row::GROUP_NOT_FOUND, |it| it.lacks_security_group(), "use a security group of the world, or add yours to it"),
            Rule::new(&row::VSWITCH_MISSING, |it| it.lacks_vswitch(), "send VSwitchId"),
            Rule::new(&row::VSWITCH_ZONE, |it| it.contradicts_zone(), "leave ZoneId out, or choose a switch in it"),
            Rule::new(&row::GROUP_VPC, |it| it.mixes_vpcs(), "choose a security group of the switch's VPC"),
            Rule::new(
                &row::PRIVATE_IP_OUTSIDE,
                |it| it.is_outside_vswitch(),
                "choose an address of the switch",
            ),
            Rule::new(
                &row::PRIVATE_IP_TAKEN,
                |it| it.is_private_ip_taken(),
                "choose an address that is free, for one instance",
            ),
            Rule::new(
                &row::IMAGE_ARCHITECTURE,
                |it| it.mixes_architectures(),
                "choose an image for the CPUs of the type",
            ),
            Rule::new(&row::ARREARS, |it| it.facts.account.arrears, "clear the account's arrears"),
            Rule::new(&row::CHARGE_TYPE, |it| it.is_denied_charge_type(), "open the way of paying to the account"),
            Rule::new(&row::UNAUTHORISED_TYPE, |it| it.is_unauthorised(), "choose a type the account is not denied"),
            Rule::new(&row::TYPE_NOT_OFFERED, |it| !it.facts.offered, "choose a type the zone sells"),
            Rule::new(
                &row::SYSTEM_DISK_CATEGORY,
                |it| it.has_unfit_system_category(),
                "choose a category the type takes, or leave SystemDisk.Category out",
            ),
            Rule::new(&row::SYSTEM_DISK_SIZE, |it| it.is_smaller_than_image(), "ask for a system disk that holds the image"),
            Rule::new(&row::NO_STOCK, |it| it.is_out_of_stock(), "choose another type or zone, or wait for stock"),
            Rule::new(&row::NOT_ENOUGH_BALANCE, |it| it.lacks_balance(), "top up the account"),
            Rule::new(&common::DRY_RUN, |it| it.asked.request.dry_run.or(false), "the call would succeed; repeat it without DryRun"),
        ];
    };
}
pub(in crate::operations) use creation_rules;
