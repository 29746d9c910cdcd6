//! What a RAM user or role must be allowed in order to call an operation: an action, and the names of
//! the resources it is about.

use crate::domain::World;
use crate::param::Params;
use crate::reading;

/// One thing the caller must be allowed.
#[derive(Debug, Clone, Copy)]
pub struct Permission {
    /// The action, like `ecs:StopInstance`.
    pub action: &'static str,
    /// The name of the resource, with `{region}`, `{account}` and, in braces too, the parameter that
    /// names it. A parameter that is not sent leaves `*`; one that names several asks for each.
    pub resource: &'static str,
    /// Only a call with this parameter needs it.
    pub only_with: Option<&'static str>,
}

impl Permission {
    /// The action on the resource.
    pub const fn on(action: &'static str, resource: &'static str) -> Self {
        Self { action, resource, only_with: None }
    }

    /// The same where a call has this parameter.
    #[must_use]
    pub const fn only_with(self, parameter: &'static str) -> Self {
        Self { only_with: Some(parameter), ..self }
    }

    /// Does a call need it?
    pub fn is_needed(&self, params: &Params) -> bool {
        self.only_with.is_none_or(|name| params.text(name).is_some())
    }

    /// The parameter that names the resource.
    pub fn parameter(&self) -> Option<&'static str> {
        let names = self.resource.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        names.into_iter().find(|name| !matches!(*name, "region" | "account"))
    }

    /// The full names of the resources a call is about.
    pub fn resources(&self, params: &Params, world: &World) -> Vec<String> {
        let account = &world.account.id;
        let in_region =
            |region: &str| self.resource.replace("{region}", region).replace("{account}", account);
        let region = params.text("RegionId");
        let Some(parameter) = self.parameter() else {
            return vec![in_region(region.unwrap_or("*"))];
        };
        let mut ids = named(params, parameter);
        if ids.is_empty() {
            ids.push("*".to_owned());
        }
        let name = |id: &String| {
            let own = world.instance.get(id).map(|it| it.region_id.as_str());
            let region = region.or(own).unwrap_or("*");
            in_region(region).replace(&format!("{{{parameter}}}"), id)
        };
        ids.iter().map(name).collect()
    }
}

/// The ids a parameter names: `name.1`, `name.2`, …; a JSON list; one, or several with commas.
fn named(params: &Params, name: &str) -> Vec<String> {
    let list = params.list(name);
    if !list.is_empty() {
        return list.into_iter().map(str::to_owned).collect();
    }
    match params.parse(name, reading::list).value() {
        Some(ids) => ids.clone(),
        None => params.words(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;

    #[test]
    fn resources_are_named_by_the_call_and_the_world() {
        let world = World::starting(Timestamp(0)).unwrap();
        let names = |pattern: &'static str, pairs: &[(&str, &str)]| {
            let params = Params::from_pairs(pairs.iter().copied()).unwrap();
            Permission::on("ecs:Any", pattern).resources(&params, &world)
        };
        let one = "acs:ecs:{region}:{account}:instance/{InstanceId}";
        let account = &world.account.id;
        let of = |region: &str, id: &str| format!("acs:ecs:{region}:{account}:instance/{id}");
        assert_eq!(names(one, &[("InstanceId", "i-xxxxx1")]), [of("cn-hangzhou", "i-xxxxx1")]);
        assert_eq!(names(one, &[("InstanceId", "i-nowhere")]), [of("*", "i-nowhere")]);
        assert_eq!(names(one, &[("RegionId", "cn-beijing")]), [of("cn-beijing", "*")]);
        let several = [("InstanceId.1", "i-a"), ("InstanceId.2", "i-b"), ("RegionId", "r")];
        assert_eq!(names(one, &several), [of("r", "i-a"), of("r", "i-b")]);
        let listed = names("{InstanceIds}", &[("InstanceIds", r#"["i-a","i-b"]"#)]);
        assert_eq!(listed, ["i-a", "i-b"]);
        assert_eq!(names("*", &[]), ["*"]);
    }
}
