//! ModifyInstanceAttribute: another name, description, host name, password, user data, deletion
//! protection or list of security groups. A password is checked and forgotten; nothing logs in.

use std::collections::BTreeSet;

use super::conditions::{
    InstanceFacts, is_malformed_description, is_malformed_host_name, is_malformed_name,
    is_malformed_password,
};
use super::{Asked, Case, Effect, Operation, Permission, common};
use crate::domain::change::InstanceChange;
use crate::domain::instance::{Instance, Lock, NetworkType, Status};
use crate::domain::{Text, World};
use crate::ids::Ids;
use crate::param::{Param, Params};
use crate::reply::Node;
use crate::row::Row;
use crate::rule::Rule;

/// The most bytes of user data before its encoding.
const USER_DATA_BYTES: usize = 16 * 1024;
/// The most characters of a host name of Windows.
const WINDOWS_HOST_NAME_LENGTH: usize = 15;

pub(super) struct ModifyInstanceAttribute;

pub(super) struct Request {
    instance_id: Option<String>,
    region_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    host_name: Option<String>,
    password: Option<String>,
    user_data: Option<String>,
    deletion_protection: Param<bool>,
    security_group_ids: Vec<String>,
}

pub(super) struct Facts {
    subject: InstanceFacts,
    is_windows: bool,
    io_optimized: bool,
    /// A group it is to join does not exist in the instance's network.
    lacks_security_group: bool,
}

const REQUEST_RULES: &[Rule<Asked<Request>>] = &[
    Rule::worded(
        &common::MISSING_PARAMETER,
        |it| it.request.instance_id.is_none(),
        |_| "InstanceId".to_owned(),
        "name the instance in InstanceId",
    ),
    Rule::new(
        &row::NAME,
        |it| is_malformed_name(it.request.name.as_ref()),
        "2 to 128 characters, a letter first, no http://",
    ),
    Rule::new(
        &row::DESCRIPTION,
        |it| is_malformed_description(it.request.description.as_ref()),
        "2 to 256 characters, no http://",
    ),
    Rule::new(
        &row::HOST_NAME,
        |it| is_malformed_host_name(it.request.host_name.as_ref()),
        "2 to 64 letters, digits, dots and hyphens",
    ),
    Rule::new(
        &row::PASSWORD,
        |it| is_malformed_password(it.request.password.as_ref()),
        "8 to 30 characters of three kinds",
    ),
    Rule::guessed(
        &row::MALFORMED,
        "deletion protection that is no boolean, user data that is not Base64, a security group \
         named twice",
        |it| {
            it.request.deletion_protection.is_malformed()
                || it.request.has_malformed_user_data()
                || it.request.repeats_security_group()
        },
        "send true or false, Base64, and each security group once",
    ),
    Rule::new(
        &row::USER_DATA_SIZE,
        |it| it.request.user_data_bytes() > USER_DATA_BYTES,
        "send at most 16 KiB before the encoding",
    ),
];

const STATE_RULES: &[Rule<Case<ModifyInstanceAttribute>>] = &[
    Rule::new(
        &row::NOT_FOUND,
        |it| !it.facts.subject.found,
        "DescribeInstances lists the instances of the region",
    ),
    Rule::new(
        &row::SECURITY_LOCK,
        |it| it.facts.subject.instance.is_locked_for(Lock::Security),
        "clear the security lock",
    ),
    Rule::guessed(
        &row::MALFORMED,
        "deletion protection is for pay-as-you-go instances",
        |it| it.asked.request.deletion_protection.or(false) && it.facts.subject.is_prepaid(),
        "leave DeletionProtection out: a subscription cannot be released before its end",
    ),
    Rule::guessed(
        &row::STATUS,
        "a new password while the instance starts, user data while it is not Stopped",
        Case::comes_at_the_wrong_time,
        "StopInstance first for user data, wait until it is Running for a password",
    ),
    Rule::new(
        &row::USER_DATA_NETWORK,
        |it| {
            let in_vpc = it.facts.subject.instance.network_type == NetworkType::Vpc;
            it.asked.request.user_data.is_some() && !(in_vpc && it.facts.io_optimized)
        },
        "user data is for I/O optimised instances in a VPC",
    ),
    Rule::new(
        &row::HOST_NAME,
        |it| it.facts.is_windows && it.asked.request.breaks_windows_host_name(),
        "2 to 15 letters, digits and hyphens for Windows, not digits alone",
    ),
    Rule::new(
        &row::PASSWORD,
        |it| {
            let password = it.asked.request.password.as_deref();
            it.facts.is_windows && password.is_some_and(|text| text.starts_with('/'))
        },
        "a password of Windows does not begin with a slash",
    ),
    Rule::guessed(
        &row::SECURITY_GROUP,
        "a group of another network counts as one that does not exist",
        |it| it.facts.lacks_security_group,
        "use security groups of the instance's VPC",
    ),
];

impl Request {
    fn has_malformed_user_data(&self) -> bool {
        let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        self.user_data.as_deref().is_some_and(|text| {
            let digits = text.trim_end_matches('=');
            let padding = text.len() - digits.len();
            padding > 2 || text.len() % 4 != 0 || !digits.bytes().all(base64)
        })
    }

    /// How long the user data is once decoded.
    fn user_data_bytes(&self) -> usize {
        let text = self.user_data.as_deref().unwrap_or_default();
        text.trim_end_matches('=').len() * 3 / 4
    }

    fn repeats_security_group(&self) -> bool {
        let distinct: BTreeSet<&String> = self.security_group_ids.iter().collect();
        distinct.len() < self.security_group_ids.len()
    }

    fn breaks_windows_host_name(&self) -> bool {
        self.host_name.as_deref().is_some_and(|name| {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            name.len() > WINDOWS_HOST_NAME_LENGTH
                || !name.bytes().all(allowed)
                || name.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

impl Case<ModifyInstanceAttribute> {
    fn comes_at_the_wrong_time(&self) -> bool {
        let (request, status) = (&self.asked.request, self.facts.subject.instance.status);
        let too_soon = request.password.is_some() && status == Status::Starting;
        let not_down = request.user_data.is_some() && status != Status::Stopped;
        too_soon || not_down
    }

    fn modified(&self) -> Instance {
        let request = &self.asked.request;
        let mut it = Instance::clone(&self.facts.subject.instance);
        if let Some(name) = &request.name {
            it.name = name.into();
        }
        if let Some(description) = &request.description {
            it.description = description.into();
        }
        if let Some(host_name) = &request.host_name {
            it.host_name = host_name.into();
        }
        if let Some(user_data) = &request.user_data {
            it.user_data = user_data.into();
        }
        if let Some(protection) = request.deletion_protection.value() {
            it.deletion_protection = *protection;
        }
        if !request.security_group_ids.is_empty() {
            it.security_group_ids = request.security_group_ids.iter().map(Text::from).collect();
        }
        it
    }
}

fn lacks_security_group(world: &World, instance: &Instance, ids: &[String]) -> bool {
    let is_there = |id: &String| {
        let group = world.security_group.get(id);
        group.is_some_and(|group| group.vpc_id == instance.vpc_id)
    };
    !ids.iter().all(is_there)
}

impl Operation for ModifyInstanceAttribute {
    const ACTION: &'static str = "ModifyInstanceAttribute";
    const PERMISSIONS: &'static [Permission] = &[Permission::on(
        "ecs:ModifyInstanceAttribute",
        "acs:ecs:{region}:{account}:instance/{InstanceId}",
    )];
    const ROWS: &'static [&'static Row] = row::ROWS;
    const REQUEST_RULES: &'static [Rule<Asked<Request>>] = REQUEST_RULES;
    const STATE_RULES: &'static [Rule<Case<Self>>] = STATE_RULES;

    type Request = Request;
    type Facts = Facts;
    type Output = ();

    fn parse(params: &Params) -> Request {
        let groups = params.list("SecurityGroupIds");
        Request {
            instance_id: params.string("InstanceId"),
            region_id: params.string("RegionId"),
            name: params.string("InstanceName"),
            description: params.string("Description"),
            host_name: params.string("HostName"),
            password: params.string("Password"),
            user_data: params.string("UserData"),
            deletion_protection: params.boolean("DeletionProtection"),
            security_group_ids: groups.into_iter().map(str::to_owned).collect(),
        }
    }

    fn gather(asked: &Asked<Request>, world: &World) -> Facts {
        let request = &asked.request;
        let (id, region_id) = (request.instance_id.as_deref(), request.region_id.as_deref());
        let subject = InstanceFacts::of(world, id, region_id);
        let image = world.image.get(&subject.instance.image_id);
        let instance_type = world.find_type(&subject.instance.instance_type);
        let groups = &request.security_group_ids;
        Facts {
            is_windows: image.is_some_and(|image| image.os_type == "windows"),
            io_optimized: instance_type.is_none_or(|it| it.io_optimized),
            lacks_security_group: lacks_security_group(world, &subject.instance, groups),
            subject,
        }
    }

    fn apply(case: &Case<Self>, _ids: &mut Ids) -> Effect<()> {
        let modified = InstanceChange::Update(Box::new(case.modified()));
        let modified = modified.of(&case.facts.subject.instance.id);
        Effect::new(vec![modified], ())
    }

    fn reply(_request: &Request, (): ()) -> Node {
        Node::empty()
    }
}

mod row {
    use crate::row::error_rows;

    error_rows! {
        operation: "ModifyInstanceAttribute";
        pages: {}
        rows: {}
        beside: {
            NAME: 400 "InvalidInstanceName.Malformed"
                "The specified parameter \"InstanceName\" is not valid."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            DESCRIPTION: 400 "InvalidDescription.Malformed"
                "The specified parameter \"Description\" is not valid."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            HOST_NAME: 400 "InvalidHostName.Malformed"
                "The specified parameter \"HostName\" is not valid."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            PASSWORD: 400 "InvalidPassword.Malformed"
                "The specified parameter \"Password\" is not valid."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            MALFORMED: 400 "InvalidParameter"
                "The specified parameter is not valid."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            USER_DATA_SIZE: 400 "InvalidUserData.SizeExceeded"
                "The specified parameter \"UserData\" exceeds the size."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            NOT_FOUND: 404 "InvalidInstanceId.NotFound"
                "The specified InstanceId does not exist."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            SECURITY_LOCK: 403 "InstanceLockedForSecurity"
                "The specified operation is denied as your instance is locked for security reasons."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            STATUS: 403 "IncorrectInstanceStatus"
                "The current status of the resource does not support this operation."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            USER_DATA_NETWORK: 400 "InvalidUserData.NotSupported"
                "The specified parameter \"UserData\" only support the vpc and IoOptimized Instance."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
            SECURITY_GROUP: 404 "InvalidSecurityGroupId.NotFound"
                "The specified SecurityGroupId does not exist."
                source "help pages of ModifyInstanceAttribute, 2021 and 2025/26";
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_user_data(text: &str) -> Request {
        ModifyInstanceAttribute::parse(&Params::from_pairs([("UserData", text)]).unwrap())
    }

    #[test]
    fn user_data_is_measured_before_its_encoding() {
        let most = "A".repeat(USER_DATA_BYTES / 3 * 4) + "AA==";
        assert_eq!(with_user_data(&most).user_data_bytes(), USER_DATA_BYTES);
        assert!(!with_user_data(&most).has_malformed_user_data());
        assert_eq!(with_user_data("YWI=").user_data_bytes(), 2);
        assert!(with_user_data("YWI").has_malformed_user_data());
        assert!(with_user_data("Y I=").has_malformed_user_data());
    }
}
