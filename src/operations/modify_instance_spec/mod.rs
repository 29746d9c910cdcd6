//! ModifyInstanceSpec: another type or another public bandwidth for a pay-as-you-go instance.
//! Here: the request, the facts and what an accepted call brings about. When it is refused is in
//! `rules.rs`, with which words in `rows.rs`.

mod rows;
mod rules;

use super::conditions::{InstanceFacts, bandwidth_of_others, default_inbound, figure};
use super::target::{Obstacle, Target};
use super::{Asked, Case, Effect, Operation, Permission, TokenCase};
use crate::domain::change::{Change, DiskCategory, InstanceChange};
use crate::domain::instance::{Status, TemporaryBandwidth};
use crate::domain::region::Zone;
use crate::domain::{Shared, Text, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::Node;
use crate::row::{Page, Row};
use crate::rule::Rule;

pub(super) struct ModifyInstanceSpec;

/// One `Disk.N` of the request.
pub(super) struct DiskChange {
    disk_id: Option<String>,
    category: Option<String>,
    performance_level: Option<String>,
}

/// `Temporary.*` of the request.
pub(super) struct Temporary {
    out_mbps: Param<i32>,
    starts_at: Param<Timestamp>,
    ends_at: Param<Timestamp>,
}

impl Temporary {
    const fn is_given(&self) -> bool {
        self.out_mbps.is_given() || self.starts_at.is_given() || self.ends_at.is_given()
    }
}

pub(super) struct Request {
    instance_id: Option<Text>,
    region_id: Option<Text>,
    instance_type: Option<String>,
    out_mbps: Param<i32>,
    in_mbps: Param<i32>,
    internet_charge_type: Option<String>,
    temporary: Temporary,
    is_async: Param<bool>,
    may_move: Param<bool>,
    system_disk_category: Option<String>,
    disks: Vec<DiskChange>,
    modify_mode: Option<String>,
    dry_run: Param<bool>,
    client_token: Option<String>,
}

impl Request {
    const fn wants_type(&self) -> bool {
        self.instance_type.is_some()
    }

    /// The type is to change while the instance runs.
    fn is_online(&self) -> bool {
        self.wants_type() && self.modify_mode.as_deref() == Some("Online")
    }

    const fn wants_bandwidth(&self) -> bool {
        self.out_mbps.is_given() || self.in_mbps.is_given() || self.temporary.is_given()
    }
}

pub(super) struct Facts {
    subject: InstanceFacts,
    /// The type asked for is one of the catalogue (or none is asked for).
    type_known: bool,
    /// The type asked for, seen from the instance.
    target: Option<Target>,
    zone: Shared<Zone>,
    /// Bandwidth paid by bandwidth of the region's other pay-as-you-go instances, Mbit/s; 0 where the call asks
    /// for none.
    bandwidth_of_others_mbps: u32,
}

impl Facts {
    /// The type asked for meets this.
    fn meets(&self, obstacle: Obstacle) -> bool {
        self.target.as_ref().is_some_and(|target| target.meets(obstacle))
    }

    fn words(&self, obstacle: Obstacle) -> String {
        self.target.as_ref().map(|target| target.words(obstacle)).unwrap_or_default()
    }
}

impl Case<ModifyInstanceSpec> {
    /// Without what a window adds for a time.
    fn present_out_mbps(&self) -> u32 {
        self.facts.subject.instance.regular_out_mbps(self.asked.now)
    }

    /// Outbound bandwidth after the change, Mbit/s.
    fn out_mbps(&self) -> u32 {
        figure(&self.asked.request.out_mbps).unwrap_or(self.present_out_mbps())
    }

    /// Bandwidth other than the instance has.
    fn changes_bandwidth(&self) -> bool {
        let (request, instance) = (&self.asked.request, &self.facts.subject.instance);
        let in_differs =
            figure(&request.in_mbps).is_some_and(|mbps| Some(mbps) != instance.bandwidth_in_mbps);
        self.out_mbps() != self.present_out_mbps() || in_differs || request.temporary.is_given()
    }

    fn is_downgrade(&self) -> bool {
        match &self.facts.target {
            Some(target) => target.is_downgrade(),
            None => self.out_mbps() < self.present_out_mbps(),
        }
    }

    fn type_changes(&self, target: &Target) -> Vec<Change> {
        let (request, instance) = (&self.asked.request, &self.facts.subject.instance);
        let to = || target.to.name.clone();
        let mut shown = vec![InstanceChange::Type { to: to() }.of(&instance.id)];
        if request.is_online() && instance.status == Status::Running {
            shown.push(InstanceChange::TypeTakesEffect.of(&instance.id));
        }
        let mut changes = if request.is_async.or(false) {
            let delay = self.facts.subject.settings.spec_change;
            let reserve = InstanceChange::ReserveType { to: to() };
            vec![reserve.of(&instance.id), Change::After { delay, changes: shown }]
        } else {
            shown
        };
        let system_disk = request.system_disk_category.as_deref();
        changes.extend(system_disk.and_then(|to| self.facts.subject.system_disk_becomes(to)));
        changes.extend(self.disk_changes());
        changes
    }

    fn disk_changes(&self) -> impl Iterator<Item = Change> {
        self.asked.request.disks.iter().filter_map(|disk| {
            let category = DiskCategory {
                disk_id: disk.disk_id.clone()?,
                category: disk.category.clone()?,
                performance_level: disk.performance_level.clone().unwrap_or_default(),
            };
            Some(InstanceChange::DiskCategory(category.into()).of(&self.facts.subject.instance.id))
        })
    }

    fn bandwidth_changes(&self) -> Vec<Change> {
        let (request, instance) = (&self.asked.request, &self.facts.subject.instance);
        if let Some(window) = self.window() {
            return window.changes(&instance.id);
        }
        let out_mbps = self.out_mbps();
        let kept = || {
            if request.out_mbps.is_given() { None } else { instance.bandwidth_in_mbps }
        };
        let in_mbps = figure(&request.in_mbps).or_else(kept).or_else(|| default_inbound(out_mbps));
        let bandwidth = InstanceChange::Bandwidth {
            out_mbps,
            in_mbps: in_mbps.filter(|_| out_mbps > 0),
            // The operation does not change how bandwidth is paid for, whatever a client sends.
            internet_charge_type: instance.internet_charge_type,
        };
        vec![bandwidth.of(&instance.id)]
    }

    fn window(&self) -> Option<TemporaryBandwidth> {
        let temporary = &self.asked.request.temporary;
        Some(TemporaryBandwidth {
            out_mbps: figure(&temporary.out_mbps)?,
            starts_at: *temporary.starts_at.value()?,
            ends_at: *temporary.ends_at.value()?,
            regular_out_mbps: self.present_out_mbps(),
        })
    }

    fn done_at(&self) -> Timestamp {
        self.asked.now.plus(self.facts.subject.settings.spec_change)
    }
}

impl Operation for ModifyInstanceSpec {
    const ACTION: &'static str = "ModifyInstanceSpec";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyInstanceSpec",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const PAGES: &'static [Page] = rows::PAGES;
    const ROWS: &'static [&'static Row] = rows::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = rules::REQUEST_RULES;
    const TOKEN_RULES: &'static [Rule<TokenCase>] = rules::TOKEN_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = rules::STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        let disk = |position: usize| DiskChange {
            disk_id: params.string(&format!("Disk.{position}.DiskId")),
            category: params.string(&format!("Disk.{position}.Category")),
            performance_level: params.string(&format!("Disk.{position}.PerformanceLevel")),
        };
        Request {
            instance_id: params.string("InstanceId"),
            region_id: params.string("RegionId"),
            instance_type: params.string("InstanceType"),
            out_mbps: params.integer("InternetMaxBandwidthOut"),
            in_mbps: params.integer("InternetMaxBandwidthIn"),
            internet_charge_type: params
                .string("InternetChargeType")
                .or_else(|| params.string("NetworkChargeType")),
            temporary: Temporary {
                out_mbps: params.integer("Temporary.InternetMaxBandwidthOut"),
                starts_at: params.parse("Temporary.StartTime", Timestamp::parse_seconds),
                ends_at: params.parse("Temporary.EndTime", Timestamp::parse_seconds),
            },
            is_async: params.boolean("Async"),
            may_move: params.boolean("AllowMigrateAcrossZone"),
            system_disk_category: params.string("SystemDisk.Category"),
            disks: (1..=params.count("Disk")).map(disk).collect(),
            modify_mode: params.string("ModifyMode"),
            dry_run: params.boolean("DryRun"),
            client_token: params.string("ClientToken"),
        }
    }

    fn token(request: &Request) -> Option<&str> {
        // A dry run neither stores nor consumes a token.
        request.client_token.as_deref().filter(|_| !request.dry_run.or(false))
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let request = &asked.request;
        let (id, region) = (request.instance_id.as_deref(), request.region_id.as_deref());
        let subject = InstanceFacts::of(world, id, region);
        let name = request.instance_type.as_deref();
        let target = name.and_then(|name| Target::of(world, &subject.instance, name));
        let is_known = |name| world.find_type(name).is_some();
        let type_known = target.is_some() || name.is_none_or(is_known);
        let it = &subject.instance;
        // What is known of the target has found it already.
        let found = target.as_ref().map(|target| &target.zone);
        let zone = found.or_else(|| world.zone.get(it.zone_id.as_str())).cloned();
        let others = if request.wants_bandwidth() { bandwidth_of_others(world, it) } else { 0 };
        Facts {
            type_known,
            zone: zone.unwrap_or_default(),
            bandwidth_of_others_mbps: others,
            target,
            subject,
        }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        let changes = match &case.facts.target {
            Some(target) => case.type_changes(target),
            None => case.bandwidth_changes(),
        };
        let changed = case.facts.subject.changed(Self::ACTION, case.is_downgrade());
        let changes = changes.into_iter().chain([changed]).collect();
        let in_flight_until = case.asked.request.is_async.or(false).then(|| case.done_at());
        Effect { changes, output: (), in_flight_until }
    }

    fn reply(_request: &Request, _output: ()) -> Node {
        Node::empty()
    }
}
