//! What a caller may do: how often, and by the policies of a RAM user or role. The account itself may do
//! everything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use smallvec::SmallVec;

use super::arrival::Arrival;
use super::door::Door;
use super::rows;
use super::rules::{RIGHTS_RULES, RightsFacts};
use crate::domain::access::Principal;
use crate::domain::account::Caller;
use crate::domain::ram::{Denial, Policy, Wish, evaluate};
use crate::operations::{Entry, Permission};
use crate::param::Params;
use crate::row::Page;
use crate::rule::{Refusal, Table, judge};

/// Who calls, and all of what limits that: a wish must be allowed by each. Nothing limits the account itself.
pub(super) struct Standing<'a> {
    principal: Principal,
    limits: SmallVec<[&'a [Policy]; 2]>,
}

impl Standing<'_> {
    fn judge(&self, wish: &Wish<'_>) -> Result<(), Denial> {
        self.limits.iter().try_for_each(|policies| evaluate(policies, wish))
    }
}

impl<'d> Door<'d> {
    /// Who calls, and what limits that.
    pub(super) fn standing<'s>(&self, arrival: &'s Arrival<'_>) -> Standing<'s>
    where
        'd: 's,
    {
        let key = arrival.listed.as_ref().map(|listed| &listed.key);
        let principal = key.map_or_else(|| self.world.caller.principal(), |key| key.principal());
        let own = self.world.policies(&principal);
        let session = key.map(|key| key.session_policy.as_slice());
        let session = session.filter(|policies| !policies.is_empty());
        let limits = own.into_iter().chain(session).collect();
        Standing { principal, limits }
    }

    /// The caller, with what the operations need to know of it.
    pub(super) fn caller(&self, arrival: &Arrival<'_>, standing: &Standing<'_>) -> Caller {
        let Some(listed) = &arrival.listed else { return self.world.caller.clone() };
        let may = |action| standing.judge(&Wish { action, resource: "*", context: &|_| None });
        // Prices are seen by everybody to whom they are not expressly denied.
        Caller {
            ram_user: standing.principal.user_name().to_owned(),
            sees_prices: may("bss:DescribePrice") != Err(Denial::Explicit),
            passes_roles: may("ram:PassRole").is_ok(),
            access_key: Some(listed.key.clone()),
        }
    }

    pub(super) fn judge_rights(
        &mut self,
        arrival: &Arrival<'_>,
        entry: &'static Entry,
        standing: &Standing<'_>,
    ) -> Result<(), Refusal> {
        let denied = self.denied(arrival, entry.permissions, standing);
        let (memory, now) = (&mut *self.memory, self.moment.now);
        let facts = RightsFacts {
            is_over_rate: self
                .options
                .flow_control
                .is_some_and(|most| memory.is_over_rate(entry.action, most, now)),
            is_denied: denied.is_some(),
        };
        let judged = judge(Table::Rights, RIGHTS_RULES, &facts, Page::NONE, self.muted);
        judged.map_err(|mut refusal| {
            if std::ptr::eq(refusal.row, &raw const rows::FORBIDDEN) {
                refusal.denied = denied.unwrap_or_default();
            }
            refusal
        })
    }

    /// The details of the first permission the caller lacks.
    fn denied(
        &self,
        arrival: &Arrival<'_>,
        permissions: &[Permission],
        standing: &Standing<'_>,
    ) -> Option<Vec<(&'static str, String)>> {
        let params = &arrival.request.params;
        if standing.limits.is_empty() {
            return None;
        }
        permissions.iter().filter(|permission| permission.is_needed(params)).find_map(|needed| {
            let resources = needed.resources(params, self.world);
            resources.iter().find_map(|resource| {
                let instance_id = resource.rsplit('/').next().unwrap_or_default();
                let tags = self.world.instance.get(instance_id).map(|it| &it.tags);
                let context = |key: &str| match key {
                    "acs:CurrentTime" => Some(self.moment.now.to_seconds()),
                    "acs:SourceIp" => arrival.source_ip.map(|address| address.to_string()),
                    "acs:SecureTransport" => Some(arrival.is_secure.to_string()),
                    "ecs:AssociatePublicIpAddress" => Some(asks_for_public_ip(params).to_string()),
                    _ => {
                        let tag = ["acs:ResourceTag/", "ecs:tag/"];
                        let name = tag.iter().find_map(|prefix| key.strip_prefix(prefix))?;
                        tags?.get(name).map(String::from)
                    }
                };
                let wish = Wish { action: needed.action, resource, context: &context };
                let denial = standing.judge(&wish).err()?;
                Some(self.detail(denial, needed.action, resource, &standing.principal))
            })
        })
    }

    /// `AccessDeniedDetail`: who lacks what, and how it is denied.
    fn detail(
        &self,
        denial: Denial,
        action: &str,
        resource: &str,
        principal: &Principal,
    ) -> Vec<(&'static str, String)> {
        let account_id = &self.world.account.id;
        let kind = match denial {
            Denial::Explicit => "ExplicitDeny",
            Denial::Implicit => "ImplicitDeny",
        };
        let diagnosis = format!("{} {action} {resource} {kind}", principal.arn(account_id));
        let diagnosis = STANDARD.encode(diagnosis);
        vec![
            ("PolicyType", "AccountLevelIdentityBasedPolicy".to_owned()),
            ("AuthPrincipalOwnerId", account_id.clone()),
            ("EncodedDiagnosticMessage", diagnosis),
            ("AuthPrincipalType", principal.kind().to_owned()),
            ("AuthPrincipalDisplayName", principal.display_name(account_id)),
            ("NoPermissionType", kind.to_owned()),
            ("AuthAction", action.to_owned()),
        ]
    }
}

/// Would the call give an instance a public address?
fn asks_for_public_ip(params: &Params) -> bool {
    let bandwidth = params.integer("InternetMaxBandwidthOut").or(0);
    bandwidth > 0 || params.boolean("AllocatePublicIp").or(false)
}
