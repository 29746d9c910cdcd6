//! GetCallerIdentity (STS): who the caller is. Every caller may ask.

use super::{Asked, Case, Effect, Operation, Permission, Product};
use crate::domain::World;
use crate::domain::access::Principal;
use crate::ids::Ids;
use crate::param::Params;
use crate::reply::Node;

pub(super) struct GetCallerIdentity;

pub(super) struct Facts {
    account_id: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Identity {
    kind: String,
    account_id: String,
    principal_id: String,
    arn: String,
    role_id: Option<String>,
}

impl Operation for GetCallerIdentity {
    const ACTION: &'static str = "GetCallerIdentity";
    const PERMISSIONS: &'static [Permission] = &[];
    const PRODUCT: Product = Product::Sts;

    type Request = ();
    type Facts = Facts;
    type Output = Identity;

    fn parse(_params: &Params) {}

    fn gather(_asked: &Asked<()>, world: &World) -> Facts {
        Facts { account_id: world.account.id.clone() }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<Identity> {
        let account_id = case.facts.account_id.clone();
        let principal = case.asked.caller.principal();
        let (kind, role_id) = match &principal {
            Principal::Account => ("Account", None),
            Principal::User(_) => ("RAMUser", None),
            Principal::Role { role, .. } => ("AssumedRoleUser", Some(role.clone())),
        };
        let identity = Identity {
            kind: kind.to_owned(),
            principal_id: principal.display_name(&account_id),
            arn: principal.arn(&account_id),
            account_id,
            role_id,
        };
        Effect::new(Vec::new(), identity)
    }

    fn reply(_request: &(), it: Identity) -> Node {
        let mut fields = vec![
            ("IdentityType", Node::from(it.kind)),
            ("AccountId", Node::from(it.account_id)),
            ("PrincipalId", Node::from(&it.principal_id)),
            ("UserId", Node::from(it.principal_id)),
            ("Arn", Node::from(it.arn)),
        ];
        fields.extend(it.role_id.map(|role_id| ("RoleId", Node::from(role_id))));
        Node::Object(fields)
    }
}
