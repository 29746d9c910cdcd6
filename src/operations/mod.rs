//! Operations: what each API call asks, looks at, is refused for, brings about and answers. This
//! file has the trait they implement and the registry. One file (or folder) an operation, its
//! `mod` line and its line in [`ALL`]; a test finds a file that is not registered.

mod common;
mod conditions;
mod creation;
mod lifecycle;
mod paging;
mod permission;
mod target;
mod view;

mod allocate_eip_address;
mod allocate_public_ip_address;
mod associate_eip_address;
mod assume_role;
mod create_instance;
mod delete_instance;
mod delete_instances;
mod describe_eip_addresses;
mod describe_endpoints;
mod describe_instance_attribute;
mod describe_instance_auto_renew_attribute;
mod describe_instance_status;
mod describe_instance_type_families;
mod describe_instance_types;
mod describe_instances;
mod describe_regions;
mod describe_resources_modification;
mod describe_zones;
mod get_caller_identity;
mod modify_disk_charge_type;
mod modify_instance_attribute;
mod modify_instance_auto_release_time;
mod modify_instance_auto_renew_attribute;
mod modify_instance_charge_type;
mod modify_instance_network_spec;
mod modify_instance_spec;
mod modify_prepay_instance_spec;
mod reboot_instance;
mod reboot_instances;
mod release_eip_address;
mod renew_instance;
mod run_instances;
mod start_instance;
mod start_instances;
mod stop_instance;
mod stop_instances;
mod unassociate_eip_address;

/// Every operation, by name.
pub static ALL: &[Entry] = &[
    Entry::of::<allocate_eip_address::AllocateEipAddress>(),
    Entry::of::<allocate_public_ip_address::AllocatePublicIpAddress>(),
    Entry::of::<associate_eip_address::AssociateEipAddress>(),
    Entry::of::<assume_role::AssumeRole>(),
    Entry::of::<create_instance::CreateInstance>(),
    Entry::of::<delete_instance::DeleteInstance>(),
    Entry::of::<delete_instances::DeleteInstances>(),
    Entry::of::<describe_eip_addresses::DescribeEipAddresses>(),
    Entry::of::<describe_endpoints::DescribeEndpoints>(),
    Entry::of::<describe_instance_attribute::DescribeInstanceAttribute>(),
    Entry::of::<describe_instance_auto_renew_attribute::DescribeInstanceAutoRenewAttribute>(),
    Entry::of::<describe_instance_status::DescribeInstanceStatus>(),
    Entry::of::<describe_instance_type_families::DescribeInstanceTypeFamilies>(),
    Entry::of::<describe_instance_types::DescribeInstanceTypes>(),
    Entry::of::<describe_instances::DescribeInstances>(),
    Entry::of::<describe_regions::DescribeRegions>(),
    Entry::of::<describe_resources_modification::DescribeResourcesModification>(),
    Entry::of::<describe_zones::DescribeZones>(),
    Entry::of::<get_caller_identity::GetCallerIdentity>(),
    Entry::of::<modify_disk_charge_type::ModifyDiskChargeType>(),
    Entry::of::<modify_instance_attribute::ModifyInstanceAttribute>(),
    Entry::of::<modify_instance_auto_release_time::ModifyInstanceAutoReleaseTime>(),
    Entry::of::<modify_instance_auto_renew_attribute::ModifyInstanceAutoRenewAttribute>(),
    Entry::of::<modify_instance_charge_type::ModifyInstanceChargeType>(),
    Entry::of::<modify_instance_network_spec::ModifyInstanceNetworkSpec>(),
    Entry::of::<modify_instance_spec::ModifyInstanceSpec>(),
    Entry::of::<modify_prepay_instance_spec::ModifyPrepayInstanceSpec>(),
    Entry::of::<reboot_instance::RebootInstance>(),
    Entry::of::<reboot_instances::RebootInstances>(),
    Entry::of::<release_eip_address::ReleaseEipAddress>(),
    Entry::of::<renew_instance::RenewInstance>(),
    Entry::of::<run_instances::RunInstances>(),
    Entry::of::<start_instance::StartInstance>(),
    Entry::of::<start_instances::StartInstances>(),
    Entry::of::<stop_instance::StopInstance>(),
    Entry::of::<stop_instances::StopInstances>(),
    Entry::of::<unassociate_eip_address::UnassociateEipAddress>(),
];

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::account::Caller;
use crate::domain::token::Remembered;
use crate::domain::{Change, Text, Timestamp, World};
use crate::engine::{self, Call, Verdict};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;
use crate::row::{Page, Row};
use crate::rule::{Rule, RuleInfo, Table};

pub use common::ROWS as COMMON_ROWS;
pub use permission::Permission;

/// A product of the cloud, with the version of its API that is emulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Product {
    /// Elastic Compute Service.
    Ecs,
    /// Virtual Private Cloud (elastic IPs).
    Vpc,
    /// Security Token Service (who am I, temporary keys).
    Sts,
    /// The service that tells clients where the others are.
    Location,
}

impl Product {
    /// The versions of the API that know its operations. Those of elastic IPs were part of ECS
    /// before they moved to VPC; clients of either generation are answered.
    pub const fn versions(self) -> &'static [&'static str] {
        match self {
            Self::Ecs => &["2014-05-26"],
            Self::Vpc => &["2016-04-28", "2014-05-26"],
            Self::Sts => &["2015-04-01"],
            Self::Location => &["2015-06-12"],
        }
    }

    /// Its name in links to documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ecs => "Ecs",
            Self::Vpc => "Vpc",
            Self::Sts => "Sts",
            Self::Location => "Location",
        }
    }
}

/// What rules on the request alone look at.
pub struct Asked<Request> {
    /// The parsed call.
    pub request: Request,
    /// The moment of the call on its world's clock.
    pub now: Timestamp,
    /// The page in force.
    pub page: &'static Page,
    /// Who calls.
    pub caller: Caller,
    /// The host the client reached, as it named it.
    pub host: Text,
}

/// What rules on the state look at: the request and copies of what it touches.
pub struct Case<O: Operation> {
    /// The parsed call, with its moment and page.
    pub asked: Asked<O::Request>,
    /// Owned copies of what the call may look at.
    pub facts: O::Facts,
}

/// What rules on an idempotency token look at.
pub struct TokenCase {
    /// The successful call remembered under the token.
    pub remembered: Option<Remembered>,
    /// The business parameters of this call.
    pub digest: String,
    /// The instance this call names; empty for none.
    pub instance_id: String,
    /// The moment of this call.
    pub now: Timestamp,
}

impl TokenCase {
    /// The token was used for a call with other parameters.
    pub fn is_mismatch(&self) -> bool {
        self.remembered.as_ref().is_some_and(|call| call.digest != self.digest)
    }

    /// The token was used for a call on another instance.
    pub fn is_for_another_instance(&self) -> bool {
        self.remembered.as_ref().is_some_and(|call| call.instance_id != self.instance_id)
    }

    /// The instance of the call the token was used for.
    pub fn remembered_instance(&self) -> &str {
        self.remembered.as_ref().map_or("", |call| call.instance_id.as_str())
    }

    /// The work of the first call is still going on.
    pub fn is_in_flight(&self) -> bool {
        self.remembered.as_ref().is_some_and(|call| self.now < call.in_flight_until)
    }
}

/// What an accepted call brings about. Nothing else of a call can change a world.
pub struct Effect<Output> {
    /// In order.
    pub changes: Vec<Change>,
    /// What the reply is written from, and what is remembered under a token.
    pub output: Output,
    /// Until when a repetition under the same token is told that the work is going on.
    pub in_flight_until: Option<Timestamp>,
}

impl<Output> Effect<Output> {
    /// An effect that is over with the call.
    pub const fn new(changes: Vec<Change>, output: Output) -> Self {
        Self { changes, output, in_flight_until: None }
    }
}

/// One operation of the API. `engine::answer` is the only caller.
pub trait Operation: Sized + 'static {
    /// `Action` on the wire.
    const ACTION: &'static str;
    /// What a RAM user or role must be allowed: its own action first, then those it depends on.
    const PERMISSIONS: &'static [Permission];
    /// The product it belongs to.
    const PRODUCT: Product = Product::Ecs;
    /// Its documentation's pages, oldest first; none for an operation without an error table.
    const PAGES: &'static [Page] = &[];
    /// The rows of its pages.
    const ROWS: &'static [&'static Row] = &[];
    /// Rules on the request alone, in order.
    const REQUEST_RULES: &'static [Rule<Asked<Self::Request>>] = &[];
    /// Rules on the token, in order.
    const TOKEN_RULES: &'static [Rule<TokenCase>] = &[];
    /// Rules on request and state, in order.
    const STATE_RULES: &'static [Rule<Case<Self>>] = &[];
    /// The row for an automatic payment that fails, where the operation places orders.
    const PAYMENT_ROW: Option<&'static Row> = None;

    /// The parsed call.
    type Request: Send;
    /// Owned copies of what the call may look at.
    type Facts;
    /// What the reply is written from.
    type Output: Serialize + DeserializeOwned + Send;

    /// Reads the parameters. Total: every text gives a request, the rules refuse.
    fn parse(params: &Params) -> Self::Request;

    /// The idempotency token of a call that takes one.
    fn token(_request: &Self::Request) -> Option<&str> {
        None
    }

    /// Copies what the call may look at. Something that does not exist shows in the facts; a rule
    /// refuses it.
    fn gather(asked: &Asked<Self::Request>, world: &World) -> Self::Facts;

    /// What the call brings about. Pure: facts in, effect out.
    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Self::Output>;

    /// What a call that is refused with [`Operation::PAYMENT_ROW`] leaves behind all the same: the
    /// order that could not be paid.
    fn left_behind(_case: &Case<Self>, _ids: &mut Ids) -> Vec<Change> {
        Vec::new()
    }

    /// Writes the reply. Runs outside the world's lock.
    fn reply(request: &Self::Request, output: Self::Output) -> Node;
}

/// A registered operation, its types erased.
pub struct Entry {
    /// `Action` on the wire.
    pub action: &'static str,
    /// The product it belongs to.
    pub product: Product,
    /// What a RAM user or role must be allowed.
    pub permissions: &'static [Permission],
    /// Its pages, oldest first.
    pub pages: &'static [Page],
    /// The rows of its pages.
    pub rows: &'static [&'static Row],
    /// Answers a call inside its world.
    pub answer: fn(&Call<'_>, &mut World, &mut Ids) -> Verdict,
    /// Its rules in order of judgement: row and evidence.
    pub rules: fn() -> Vec<RuleInfo>,
}

impl Entry {
    const fn of<O: Operation>() -> Self {
        Self {
            action: O::ACTION,
            product: O::PRODUCT,
            permissions: O::PERMISSIONS,
            pages: O::PAGES,
            rows: O::ROWS,
            answer: engine::answer::<O>,
            rules: || {
                let mut rules = Rule::infos(Table::Request, O::REQUEST_RULES);
                rules.extend(Rule::infos(Table::Token, O::TOKEN_RULES));
                rules.extend(Rule::infos(Table::State, O::STATE_RULES));
                rules
            },
        }
    }

    /// The operation of this name; names are unique over products.
    pub fn find(action: &str) -> Option<&'static Self> {
        ALL.iter().find(|entry| entry.action == action)
    }
}
