//! Scenarios that change nothing wherever they are run: `dry_run = true`. The promise is checked when the
//! file is read, and again for each call as it is sent, with what earlier steps kept filled in.

use crate::operations::Entry;

/// Why a call may change something; `None` for one that only looks, or is a dry run.
pub(super) fn change(call: &str) -> Option<String> {
    let pairs: Vec<_> = form_urlencoded::parse(call.as_bytes()).into_owned().collect();
    let all = |name: &str| {
        let named = pairs.iter().filter(move |(key, _)| key.trim() == name);
        named.map(|(_, value)| value.trim()).collect::<Vec<_>>()
    };
    let [action] = all("Action")[..] else { return Some("it names not one Action".to_owned()) };
    if action.starts_with("Describe") {
        return None;
    }
    let dry_run = all("DryRun");
    if dry_run.is_empty() || !dry_run.iter().all(|value| value.eq_ignore_ascii_case("true")) {
        return Some(format!("{action} goes without DryRun=true"));
    }
    // The cloud passes over parameters it does not know, and would do what was only to be tried.
    (!takes_dry_run(action)).then(|| format!("{action} takes no DryRun"))
}

/// Does an operation read DryRun? Those that do have a rule for it.
fn takes_dry_run(action: &str) -> bool {
    let rules = Entry::find(action).map(|entry| (entry.rules)()).unwrap_or_default();
    rules.iter().any(|rule| rule.row.code == "DryRunOperation")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_looks_and_dry_runs_change_nothing() {
        for harmless in [
            "Action=DescribeInstances&RegionId=cn-hangzhou",
            "Action=DescribeWhatIsNotEmulated",
            "Action=StartInstance&InstanceId=i-1&DryRun=true",
            "DryRun=True&Action=RunInstances",
        ] {
            assert_eq!(change(harmless), None, "{harmless}");
        }
        for (call, why) in [
            ("Action=StartInstance&InstanceId=i-1", "without DryRun"),
            ("Action=StartInstance&DryRun=false", "without DryRun"),
            ("Action=StartInstance&DryRun=true&DryRun=false", "without DryRun"),
            ("Action=StartInstance&dryrun=true", "without DryRun"),
            ("Action=ModifyInstanceNetworkSpec&DryRun=true", "takes no DryRun"),
            ("Action=WhatIsNotEmulated&DryRun=true", "takes no DryRun"),
            ("Action=DescribeRegions&Action=DeleteInstance", "not one Action"),
            ("DryRun=true", "not one Action"),
        ] {
            assert!(change(call).is_some_and(|it| it.contains(why)), "{call}: {:?}", change(call));
        }
    }
}
