//! DescribeInstanceAttribute: one instance, in fewer fields than DescribeInstances shows, and with
//! IoOptimized as a word.

use std::sync::Arc;

use super::view::{InstanceView, attributes, joined};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::instance::Instance;
use crate::domain::{Shared, World};
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::{Node, object};
use crate::rule::Rule;

pub(super) struct DescribeInstanceAttribute;

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
}

pub(super) struct Facts {
    view: Option<Arc<InstanceView>>,
}

impl Operation for DescribeInstanceAttribute {
    const ACTION: &'static str = "DescribeInstanceAttribute";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:DescribeInstanceAttribute",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Option<Arc<InstanceView>>;

    fn parse(params: &Params) -> Request {
        Request { instance_id: params.string("InstanceId"), region_id: params.string("RegionId") }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let region = asked.request.region_id.as_ref();
        let in_region = |it: &&Shared<Instance>| region.is_none_or(|id| *id == it.region_id);
        let id = asked.request.instance_id.as_ref();
        let instance = id.and_then(|id| world.instance.share(id)).filter(in_region);
        Facts { view: instance.map(|it| Arc::new(InstanceView::of(world, it))) }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), case.facts.view.clone())
    }

    fn reply(_request: &Request, view: Self::Output) -> Node {
        let Some(view) = view else {
            return Node::empty();
        };
        let io_optimized = if view.is_io_optimized() { "optimized" } else { "none" };
        let own = object! { "IoOptimized" => io_optimized, "EnableJumboFrame" => false };
        joined([attributes(&view), own])
    }
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[Rule::worded(
    &common::MISSING_PARAMETER,
    |it| it.request.instance_id.is_none(),
    |_| "InstanceId".to_owned(),
    "name the instance in InstanceId",
)];

const STATE_RULES: &[Rule<Case<DescribeInstanceAttribute>>] = &[Rule::new(
    &common::NOT_FOUND,
    |it| it.facts.view.is_none(),
    "DescribeInstances lists the instances of the region",
)];
