//! How an instance's place in the network is shown: bandwidth, addresses, interfaces.

use super::InstanceView;
use crate::domain::Text;
use crate::domain::instance::NetworkType;
use crate::domain::network::NetworkInterface;
use crate::operations::conditions::default_inbound;
use crate::reply::{Node, object};

impl InstanceView {
    fn is_in_vpc(&self) -> bool {
        self.instance.network_type == NetworkType::Vpc
    }

    /// Its own public bandwidth. That of an elastic IP belongs to the elastic IP.
    fn out_mbps(&self) -> u32 {
        match self.eip {
            Some(_) => 0,
            None => self.instance.bandwidth_out_mbps,
        }
    }

    fn in_mbps(&self) -> i64 {
        let own = self.instance.bandwidth_in_mbps;
        match default_inbound(self.out_mbps()) {
            None => -1,
            Some(default) => own.unwrap_or(default).into(),
        }
    }
}

/// Bandwidth, addresses and the network they belong to.
pub(super) fn addresses(view: &InstanceView) -> Node {
    let it = &view.instance;
    let charge_type = match view.eip {
        Some(_) => "",
        None => it.internet_charge_type.as_str(),
    };
    let public_ip = it.public_ip.as_deref().filter(|_| view.eip.is_none());
    let inner_ip = Some(&it.private_ip).filter(|_| !view.is_in_vpc());
    object! {
        "InstanceNetworkType" => it.network_type.as_str(),
        "InternetChargeType" => charge_type,
        "InternetMaxBandwidthOut" => view.out_mbps(),
        "InternetMaxBandwidthIn" => view.in_mbps(),
        "VlanId" => "",
        "PublicIpAddress" => Node::texts("IpAddress", public_ip),
        "InnerIpAddress" => Node::texts("IpAddress", inner_ip),
        "EipAddress" => eip(view),
        "VpcAttributes" => vpc(view),
        "SecurityGroupIds" => Node::texts("SecurityGroupId", &it.security_group_ids),
    }
}

fn eip(view: &InstanceView) -> Node {
    let Some(eip) = &view.eip else {
        return object! { "AllocationId" => "", "IpAddress" => "", "InternetChargeType" => "" };
    };
    object! {
        "AllocationId" => &eip.id,
        "IpAddress" => &eip.ip_address,
        "Bandwidth" => eip.bandwidth_mbps,
        "InternetChargeType" => eip.internet_charge_type.as_str(),
        "IsSupportUnassociate" => true,
    }
}

fn vpc(view: &InstanceView) -> Node {
    let it = &view.instance;
    let (vpc_id, vswitch_id, private_ip) = if view.is_in_vpc() {
        (it.vpc_id.as_str(), it.vswitch_id.as_str(), Some(&it.private_ip))
    } else {
        ("", "", None)
    };
    object! {
        "VpcId" => vpc_id,
        "VSwitchId" => vswitch_id,
        "NatIpAddress" => "",
        "PrivateIpAddress" => Node::texts("IpAddress", private_ip),
    }
}

/// The interfaces. The classic network has none.
pub(super) fn interfaces(view: &InstanceView) -> Node {
    let shown = view.instance.hardware.network_interfaces.iter();
    let shown = shown.filter(|_| view.is_in_vpc()).map(interface);
    object! {
        "NetworkInterfaces" => Node::List("NetworkInterface", shown.collect()),
        "RdmaIpAddress" => Node::List("IpAddress", Vec::new()),
    }
}

fn interface(it: &NetworkInterface) -> Node {
    let private_ip = |(index, address): (usize, &Text)| {
        object! { "PrivateIpAddress" => address, "Primary" => index == 0 }
    };
    let private_ips: Vec<Node> = it.private_ips.iter().enumerate().map(private_ip).collect();
    object! {
        "NetworkInterfaceId" => &it.id,
        "Type" => if it.primary { "Primary" } else { "Secondary" },
        "MacAddress" => &it.mac_address,
        "PrimaryIpAddress" => it.private_ips.first().map_or("", Text::as_str),
        "PrivateIpSets" => Node::List("PrivateIpSet", private_ips),
    }
}
