//! AssumeRole (STS): a temporary access key in the name of a role. A role that the world does not list
//! may be assumed too and may do everything; the account itself may assume roles here, which the
//! cloud leaves to RAM users and roles.

use super::{Asked, Case, Effect, Operation, Permission, Product, common};
use crate::domain::access::{AccessKey, Secret};
use crate::domain::ram::Policy;
use crate::domain::{Change, Span, Timestamp, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reading;
use crate::reply::{Node, object};
use crate::row::Row;
use crate::rule::Rule;

/// What DurationSeconds may be.
const DURATION_S: std::ops::RangeInclusive<i32> = 900..=43_200;

pub(super) struct AssumeRole;

pub(super) struct Request {
    /// Account and name of the role.
    role: Param<(String, String)>,
    session: Param<String>,
    duration_s: Param<i32>,
    /// Limits the session further.
    policy: Param<Policy>,
}

pub(super) struct Facts {
    account_id: String,
}

#[derive(serde::Serialize, serde::Deserialize)]
pub(super) struct Assumed {
    access_key_id: String,
    secret: String,
    token: String,
    expires_at: Timestamp,
    role: String,
    session: String,
    account_id: String,
}

impl Operation for AssumeRole {
    const ACTION: &'static str = "AssumeRole";
    const PERMISSIONS: &'static [Permission] = &[Permission::on("sts:AssumeRole", "{RoleArn}")];
    const PRODUCT: Product = Product::Sts;
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = Assumed;

    fn parse(params: &Params) -> Request {
        Request {
            role: params.parse("RoleArn", role_of_arn),
            session: params.parse("RoleSessionName", session_name),
            duration_s: params.integer("DurationSeconds"),
            policy: params.parse("Policy", |text| reading::json(text.as_bytes()).ok()),
        }
    }

    fn gather(_asked: &Asked<Request>, world: &World) -> Facts {
        Facts { account_id: world.account.id.clone() }
    }

    fn apply(case: &Case<Self>, ids: &mut Ids) -> Effect<Assumed> {
        let request = &case.asked.request;
        let (_, role) = request.role.value().cloned().unwrap_or_default();
        let session = request.session.value().cloned().unwrap_or_default();
        let duration = Span::seconds(i64::from(request.duration_s.or(3600)));
        let assumed = Assumed {
            access_key_id: format!("STS.N{}", ids.letters(24)),
            secret: ids.letters(44),
            token: ids.letters(120),
            expires_at: case.asked.now.plus(duration),
            role,
            session,
            account_id: case.facts.account_id.clone(),
        };
        let key = AccessKey {
            id: assumed.access_key_id.clone(),
            secret: Secret(assumed.secret.clone()),
            role_session: format!("{}/{}", assumed.role, assumed.session),
            security_token: Secret(assumed.token.clone()),
            session_policy: request.policy.value().cloned().into_iter().collect(),
            expires_at: Some(assumed.expires_at),
            ..AccessKey::default()
        };
        Effect::new(vec![Change::AddAccessKey(Box::new(key))], assumed)
    }

    fn reply(_request: &Request, it: Assumed) -> Node {
        let Assumed { role, session, account_id, .. } = &it;
        object! {
            "AssumedRoleUser" => object! {
                "AssumedRoleId" => format!("{role}:{session}"),
                "Arn" => format!("acs:ram::{account_id}:assumed-role/{role}/{session}"),
            },
            "Credentials" => object! {
                "AccessKeyId" => it.access_key_id,
                "AccessKeySecret" => it.secret,
                "SecurityToken" => it.token,
                "Expiration" => it.expires_at.to_seconds(),
            },
        }
    }
}

/// Account and role of `acs:ram::ACCOUNT:role/ROLE`.
fn role_of_arn(text: &str) -> Option<(String, String)> {
    let (account, role) = text.strip_prefix("acs:ram::")?.split_once(":role/")?;
    let is_word = |text: &str, extra: &str| {
        let is_fit = |it: char| it.is_ascii_alphanumeric() || extra.contains(it);
        !text.is_empty() && text.len() <= 64 && text.chars().all(is_fit)
    };
    (is_word(account, "") && is_word(role, "-._")).then(|| (account.to_owned(), role.to_owned()))
}

/// 2 to 64 letters, digits and `.@-_`.
fn session_name(text: &str) -> Option<String> {
    let is_fit = |it: char| it.is_ascii_alphanumeric() || ".@-_".contains(it);
    ((2..=64).contains(&text.len()) && text.chars().all(is_fit)).then(|| text.to_owned())
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::new(&row::NO_ROLE, |it| !it.request.role.is_given(), "send acs:ram::ACCOUNT:role/ROLE"),
    Rule::new(&row::ROLE, |it| it.request.role.is_malformed(), "send acs:ram::ACCOUNT:role/ROLE"),
    Rule::new(&row::NO_SESSION, |it| !it.request.session.is_given(), "name the session"),
    Rule::new(
        &row::SESSION,
        |it| it.request.session.is_malformed(),
        "2 to 64 letters, digits and .@-_",
    ),
    Rule::new(
        &row::DURATION,
        |it| it.request.duration_s.violates(|it| DURATION_S.contains(it)),
        "send 900 to 43200",
    ),
    Rule::worded(
        &common::INVALID_PARAMETER,
        |it| it.request.policy.is_malformed(),
        |_| "Policy".to_owned(),
        "send a policy document of version 1, or none",
    ),
];

const STATE_RULES: &[Rule<Case<AssumeRole>>] = &[Rule::guessed(
    &row::NO_SUCH_ROLE,
    "the role belongs to another account than the one that calls",
    |it| {
        let account = it.asked.request.role.value().map(|(account, _)| account);
        account.is_some_and(|account| *account != it.facts.account_id)
    },
    "name the account of GetCallerIdentity in RoleArn, or give the world that account.id",
)];

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "AssumeRole";
        pages: {}
        rows: {}
        beside: {
            NO_ROLE: 400 "MissingRoleArn"
                "RoleArn is mandatory for this action."
                source "page of AssumeRole; text inferred from the gateway's";
            ROLE: 400 "InvalidParameter.RoleArn"
                "The parameter RoleArn is wrongly formed."
                source "page of AssumeRole";
            NO_SESSION: 400 "MissingRoleSessionName"
                "RoleSessionName is mandatory for this action."
                source "page of AssumeRole; text inferred from the gateway's";
            SESSION: 400 "InvalidParameter.RoleSessionName"
                "The parameter RoleSessionName is wrongly formed."
                source "page of AssumeRole";
            DURATION: 400 "InvalidParameter.DurationSeconds"
                "The Min/Max value of DurationSeconds is 15min/1hr."
                source "page of AssumeRole";
            NO_SUCH_ROLE: 404 "EntityNotExist.Role"
                "The specified Role not exists."
                source "page of AssumeRole";
        }
    }
}
