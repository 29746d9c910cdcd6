//! What a caller may do to a world, as typed values and as the text that travels. Each parameter is
//! absent, broken or a value, so that the model never parses a call and the emulator always does.

use super::moment::{self, Moment};

/// A parameter as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub enum Sent<T> {
    Absent,
    /// A text that is no value of its kind.
    Broken(&'static str),
    Is(T),
}

impl<T: Copy> Sent<T> {
    pub fn value(&self) -> Option<T> {
        match self {
            Self::Is(value) => Some(*value),
            Self::Absent | Self::Broken(_) => None,
        }
    }

    pub fn is_broken(&self) -> bool {
        matches!(self, Self::Broken(_))
    }

    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// The parameters of ModifyInstanceSpec, pay-as-you-go.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    pub instance: Option<String>,
    pub region: Option<&'static str>,
    pub instance_type: Option<&'static str>,
    pub out: Sent<i64>,
    pub inward: Sent<i64>,
    pub is_async: Sent<bool>,
    pub migrate: Sent<bool>,
    pub window_start: Sent<Moment>,
    pub window_end: Sent<Moment>,
    pub window_out: Sent<i64>,
    pub system_disk: Option<&'static str>,
    pub charge_type: Option<&'static str>,
    pub dry_run: Sent<bool>,
    pub token: Option<String>,
}

/// The parameters of ModifyInstanceNetworkSpec, both charge types.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    pub instance: Option<String>,
    pub region: Option<&'static str>,
    pub out: Sent<i64>,
    pub inward: Sent<i64>,
    pub charge_type: Option<&'static str>,
    pub allocate: Sent<bool>,
    pub start: Sent<Moment>,
    pub end: Sent<Moment>,
    pub auto_pay: Sent<bool>,
    pub token: Option<String>,
}

/// The parameters of ModifyPrepayInstanceSpec, subscriptions.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepay {
    pub instance: Option<String>,
    pub region: Option<&'static str>,
    pub instance_type: Option<&'static str>,
    pub operator: Option<&'static str>,
    pub auto_pay: Sent<bool>,
    pub migrate: Sent<bool>,
    pub system_disk: Option<&'static str>,
    pub reboot_time: Sent<Moment>,
    pub end: Sent<Moment>,
    pub reboot_when_finished: Sent<bool>,
    pub token: Option<String>,
}

/// One thing that is done to a world.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    Spec(Spec),
    Network(Network),
    Prepay(Prepay),
    Start(String),
    Stop {
        instance: String,
        force: bool,
    },
    Reboot(String),
    Associate(String),
    Unassociate(String),
    /// Milliseconds pass.
    Wait(i64),
    /// The newest order that is not closed is paid in the console.
    Pay,
    /// It is cancelled there.
    Cancel,
    /// Cents come in.
    TopUp(i64),
}

impl Deed {
    /// The name that coverage counts it under.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Spec(_) => "ModifyInstanceSpec",
            Self::Network(_) => "ModifyInstanceNetworkSpec",
            Self::Prepay(_) => "ModifyPrepayInstanceSpec",
            Self::Start(_) => "StartInstance",
            Self::Stop { .. } => "StopInstance",
            Self::Reboot(_) => "RebootInstance",
            Self::Associate(_) => "AssociateEipAddress",
            Self::Unassociate(_) => "UnassociateEipAddress",
            Self::Wait(_) => "(wait)",
            Self::Pay => "(pay)",
            Self::Cancel => "(cancel)",
            Self::TopUp(_) => "(top up)",
        }
    }

    /// The region a call names.
    pub fn region(&self) -> Option<&'static str> {
        match self {
            Self::Spec(call) => call.region,
            Self::Network(call) => call.region,
            Self::Prepay(call) => call.region,
            _ => None,
        }
    }

    /// The call as query text; nothing for what is done in the console.
    pub fn query(&self) -> Option<String> {
        let mut query = Query::of(self.name());
        match self {
            Self::Spec(call) => call.write(&mut query),
            Self::Network(call) => call.write(&mut query),
            Self::Prepay(call) => call.write(&mut query),
            Self::Start(id) | Self::Reboot(id) => query.text("InstanceId", Some(id)),
            Self::Stop { instance, force } => {
                query.text("InstanceId", Some(instance));
                query.text("ForceStop", force.then_some("true"));
            }
            Self::Associate(id) | Self::Unassociate(id) => {
                query.text("RegionId", Some("cn-hangzhou"));
                query.text("AllocationId", Some("eip-a"));
                query.text("InstanceId", Some(id));
            }
            Self::Wait(_) | Self::Pay | Self::Cancel | Self::TopUp(_) => return None,
        }
        Some(query.0)
    }
}

impl Spec {
    fn write(&self, query: &mut Query) {
        query.text("InstanceId", self.instance.as_deref());
        query.text("RegionId", self.region);
        query.text("InstanceType", self.instance_type);
        query.sent("InternetMaxBandwidthOut", &self.out, i64::to_string);
        query.sent("InternetMaxBandwidthIn", &self.inward, i64::to_string);
        query.sent("Async", &self.is_async, bool::to_string);
        query.sent("AllowMigrateAcrossZone", &self.migrate, bool::to_string);
        query.sent("Temporary.StartTime", &self.window_start, |at| moment::to_seconds(*at));
        query.sent("Temporary.EndTime", &self.window_end, |at| moment::to_seconds(*at));
        query.sent("Temporary.InternetMaxBandwidthOut", &self.window_out, i64::to_string);
        query.text("SystemDisk.Category", self.system_disk);
        query.text("InternetChargeType", self.charge_type);
        query.sent("DryRun", &self.dry_run, bool::to_string);
        query.text("ClientToken", self.token.as_deref());
    }
}

impl Network {
    fn write(&self, query: &mut Query) {
        query.text("InstanceId", self.instance.as_deref());
        query.text("RegionId", self.region);
        query.sent("InternetMaxBandwidthOut", &self.out, i64::to_string);
        query.sent("InternetMaxBandwidthIn", &self.inward, i64::to_string);
        query.text("NetworkChargeType", self.charge_type);
        query.sent("AllocatePublicIp", &self.allocate, bool::to_string);
        query.sent("StartTime", &self.start, |at| moment::to_minutes(*at));
        query.sent("EndTime", &self.end, |at| moment::to_hours(*at));
        query.sent("AutoPay", &self.auto_pay, bool::to_string);
        query.text("ClientToken", self.token.as_deref());
    }
}

impl Prepay {
    fn write(&self, query: &mut Query) {
        query.text("InstanceId", self.instance.as_deref());
        query.text("RegionId", self.region);
        query.text("InstanceType", self.instance_type);
        query.text("OperatorType", self.operator);
        query.sent("AutoPay", &self.auto_pay, bool::to_string);
        query.sent("MigrateAcrossZone", &self.migrate, bool::to_string);
        query.text("SystemDisk.Category", self.system_disk);
        // The page has both forms: seconds in its text, minutes in its sample.
        query.sent("RebootTime", &self.reboot_time, |at| moment::to_minutes(*at));
        query.sent("EndTime", &self.end, |at| moment::to_seconds(*at));
        query.sent("RebootWhenFinished", &self.reboot_when_finished, bool::to_string);
        query.text("ClientToken", self.token.as_deref());
    }
}

/// A query string under way.
struct Query(String);

impl Query {
    fn of(action: &str) -> Self {
        Self(format!("Action={action}"))
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.0.extend(["&", name, "=", value]);
        }
    }

    fn sent<T>(&mut self, name: &str, value: &Sent<T>, write: impl Fn(&T) -> String) {
        match value {
            Sent::Absent => {}
            Sent::Broken(text) => self.text(name, Some(text)),
            Sent::Is(value) => self.text(name, Some(&write(value))),
        }
    }
}
