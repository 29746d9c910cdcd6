//! DescribeInstances: a page of the region's instances that fit every filter. The indexes of the world
//! know which those are and how many; only those on the page are held. The filters are in `filter.rs`, how an instance is shown in `view.rs`, when the call is refused in `rules.rs`.

mod filter;
mod rules;

use std::sync::Arc;

use self::filter::Filter;
use super::paging::{Cut, Paging};
use super::view::InstanceView;
use super::{Asked, Case, Effect, Operation, Permission};
use crate::domain::World;
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

pub(super) struct DescribeInstances;

pub(super) struct Request {
    filter: Filter,
    paging: Paging,
    dry_run: Param<bool>,
}

pub(super) struct Facts {
    region_found: bool,
    /// Shared with the output: a page is copied once.
    page: Arc<Cut<InstanceView>>,
}

impl Operation for DescribeInstances {
    const ACTION: &'static str = "DescribeInstances";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:DescribeInstances",
        "acs:ecs:{region}:{account}:instance/{InstanceIds}",
    )];
    const ROWS: &'static [&'static Row] = rules::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = rules::REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = rules::STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Arc<Cut<InstanceView>>;

    fn parse(params: &Params) -> Request {
        Request {
            filter: Filter::parse(params),
            paging: Paging::parse(params),
            dry_run: params.boolean("DryRun"),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let filter = &asked.request.filter;
        let region = filter.region_id.as_ref();
        let among = filter.among(world);
        let wanted = filter.wanted(world);
        let page = asked.request.paging.page(&world.instance, among.as_ref(), &wanted);
        Facts {
            region_found: region.is_some_and(|id| world.region.contains_key(id.as_str())),
            page: Arc::new(page.map(|instance| InstanceView::of(world, instance))),
        }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Self::Output> {
        Effect::new(Vec::new(), Arc::clone(&case.facts.page))
    }

    fn reply(_request: &Request, page: Self::Output) -> Node {
        // The facts are gone by now, so that nobody else has it.
        let page = Arc::unwrap_or_clone(page);
        let next_token = page.next_token();
        let instances = page.items.into_iter().map(InstanceView::shown).collect();
        object! {
            "TotalCount" => page.total,
            "PageNumber" => page.number,
            "PageSize" => page.size,
            "NextToken" => next_token,
            "Instances" => Node::List("Instance", instances),
        }
    }
}
