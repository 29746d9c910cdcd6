//! What a caller may do: how often, and by the policies of a RAM user or role. The account itself may do
//! everything.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::arrival::Arrival;
use super::door::Door;
use super::rows;
use super::rules::{RIGHTS_RULES, RightsFacts};
use crate::domain::account::Caller;
use crate::domain::ram::{Denial, Policy, Wish, evaluate};
use crate::operations::{Entry, Permission};
use crate::param::Params;
use crate::row::Page;
use crate::rule::{Refusal, Table, judge};

impl Door<'_> {
    /// Who calls, with what the operations need to know of the caller.
    pub(super) fn caller(&self, arrival: &Arrival<'_>) -> Caller {
        let Some(listed) = &arrival.listed else { return self.world.caller.clone() };
        let mut caller = Caller {
            ram_user: listed.key.principal().user_name().to_owned(),
            access_key: Some(listed.key.clone()),
            ..Caller::default()
        };
        let limits = self.limits(&caller);
        let may = |action| {
            let wish = Wish { action, resource: "*", context: &|_| None };
            limits.iter().try_for_each(|policies| evaluate(policies, &wish))
        };
        // Prices are seen by everybody to whom they are not expressly denied.
        let (prices, roles) = (may("bss:DescribePrice"), may("ram:PassRole"));
        caller.sees_prices = prices != Err(Denial::Explicit);
        caller.passes_roles = roles.is_ok();
        caller
    }

    /// All of what limits a caller: a wish must be allowed by each. Nothing for the account itself.
    fn limits<'c>(&'c self, caller: &'c Caller) -> Vec<&'c [Policy]> {
        let own = self.world.policies(&caller.principal());
        let session = caller.access_key.as_ref().map(|key| key.session_policy.as_slice());
        own.into_iter().chain(session.filter(|policies| !policies.is_empty())).collect()
    }

    pub(super) fn judge_rights(
        &mut self,
        arrival: &Arrival<'_>,
        entry: &'static Entry,
        caller: &Caller,
    ) -> Result<(), Refusal> {
        let denied = self.denied(arrival, entry.permissions, caller);
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
        caller: &Caller,
    ) -> Option<Vec<(&'static str, String)>> {
        let params = &arrival.request.params;
        let limits = self.limits(caller);
        if limits.is_empty() {
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
                let denial = limits.iter().find_map(|policies| evaluate(policies, &wish).err())?;
                Some(self.detail(denial, needed.action, resource, caller))
            })
        })
    }

    /// `AccessDeniedDetail`: who lacks what, and how it is denied.
    fn detail(
        &self,
        denial: Denial,
        action: &str,
        resource: &str,
        caller: &Caller,
    ) -> Vec<(&'static str, String)> {
        let account_id = &self.world.account.id;
        let principal = caller.principal();
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
