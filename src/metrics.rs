//! What an emulator has done, in the text format of Prometheus. Counted for all accounts together; no
//! label has more values than there are operations and codes.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use dashmap::DashMap;
use foldhash::fast::RandomState;

/// Upper ends of the histogram's buckets, microseconds.
const BUCKETS_US: [u64; 10] = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 100_000, 1_000_000];

/// Calls are told apart by this.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Kind {
    /// The operation; `(unknown)` for what is not emulated.
    pub action: &'static str,
    /// The error code; empty for a success.
    pub code: Cow<'static, str>,
    /// Whose key it was: `listed`, `unlisted` or `anonymous`.
    pub key: &'static str,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Metrics {
    /// How long calls took, by kind.
    calls: DashMap<Kind, Histogram, RandomState>,
}

/// How long some calls took.
#[derive(Debug, Clone, Copy, Default)]
struct Histogram {
    /// How many were no longer than the upper end of each bucket.
    buckets: [u64; BUCKETS_US.len()],
    count: u64,
    sum_us: u64,
}

impl Histogram {
    fn add(&mut self, took: Duration) {
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (bucket, end) in self.buckets.iter_mut().zip(BUCKETS_US) {
            *bucket += u64::from(took_us <= end);
        }
        self.count += 1;
        self.sum_us += took_us;
    }

    fn join(&mut self, other: &Self) {
        for (bucket, more) in self.buckets.iter_mut().zip(other.buckets) {
            *bucket += more;
        }
        self.count += other.count;
        self.sum_us += other.sum_us;
    }
}

/// What is counted when somebody asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sizes {
    /// Worlds in memory.
    pub worlds: usize,
    /// Instances in them.
    pub instances: usize,
    /// Worlds kept by name.
    pub snapshots: usize,
    /// Memory of the process, bytes; 0 where the system does not tell.
    pub memory: usize,
}

/// How much memory the process has at the moment, bytes.
pub fn memory() -> usize {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem)
}

impl Metrics {
    /// Counts an answer and the time it took.
    pub fn count(&self, kind: Kind, took: Duration) {
        self.calls.entry(kind).or_default().add(took);
    }

    /// All of it as text.
    pub fn text(&self, sizes: Sizes) -> String {
        let mut out = String::new();
        head(&mut out, "ecs_local_calls_total", "counter", "Calls answered.");
        let calls = self.calls.iter().map(|entry| (entry.key().clone(), *entry.value()));
        let calls: BTreeMap<Kind, Histogram> = calls.collect();
        for (Kind { action, code, key }, Histogram { count, .. }) in &calls {
            let _ = writeln!(
                out,
                "ecs_local_calls_total{{action=\"{action}\",code=\"{}\",key=\"{key}\"}} {count}",
                escaped(code)
            );
        }
        write_times(&mut out, &calls);
        let Sizes { worlds, instances, snapshots, memory } = sizes;
        for (name, help, value) in [
            ("ecs_local_worlds", "Worlds in memory.", worlds),
            ("ecs_local_instances", "Instances in all worlds.", instances),
            ("ecs_local_snapshots", "Worlds kept by name.", snapshots),
            ("process_resident_memory_bytes", "Memory of the process.", memory),
        ] {
            head(&mut out, name, "gauge", help);
            let _ = writeln!(out, "{name} {value}");
        }
        out
    }
}

/// How long calls of each operation took.
fn write_times(out: &mut String, calls: &BTreeMap<Kind, Histogram>) {
    let name = "ecs_local_call_seconds";
    head(out, name, "histogram", "Time to answer a call, without the socket.");
    let mut times: BTreeMap<&str, Histogram> = BTreeMap::new();
    for (kind, histogram) in calls {
        times.entry(kind.action).or_default().join(histogram);
    }
    let seconds = |us: u64| Duration::from_micros(us).as_secs_f64();
    for (action, Histogram { buckets, count, sum_us }) in times {
        let of = format!("action=\"{action}\"");
        for (bucket, end) in buckets.iter().zip(BUCKETS_US) {
            let _ = writeln!(out, "{name}_bucket{{{of},le=\"{}\"}} {bucket}", seconds(end));
        }
        let _ = writeln!(out, "{name}_bucket{{{of},le=\"+Inf\"}} {count}");
        let _ = writeln!(out, "{name}_sum{{{of}}} {}", seconds(sum_us));
        let _ = writeln!(out, "{name}_count{{{of}}} {count}");
    }
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

/// A label's value: faults may answer with any code.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_and_timed() {
        let metrics = Metrics::default();
        let kind = |code: &str| Kind { action: "A", code: code.to_owned().into(), key: "listed" };
        metrics.count(kind(""), Duration::from_micros(60));
        metrics.count(kind(""), Duration::from_micros(600));
        metrics.count(kind("Odd\"Code"), Duration::from_secs(2));
        let text = metrics.text(Sizes { worlds: 1, instances: 5, ..Sizes::default() });
        for line in [
            r#"ecs_local_calls_total{action="A",code="",key="listed"} 2"#,
            r#"ecs_local_calls_total{action="A",code="Odd\"Code",key="listed"} 1"#,
            r#"ecs_local_call_seconds_bucket{action="A",le="0.00005"} 0"#,
            r#"ecs_local_call_seconds_bucket{action="A",le="0.0001"} 1"#,
            r#"ecs_local_call_seconds_bucket{action="A",le="0.001"} 2"#,
            r#"ecs_local_call_seconds_bucket{action="A",le="+Inf"} 3"#,
            r#"ecs_local_call_seconds_sum{action="A"} 2.00066"#,
            r#"ecs_local_call_seconds_count{action="A"} 3"#,
            "ecs_local_instances 5",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}:\n{text}");
        }
    }
}
