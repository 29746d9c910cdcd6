//! The rows of all pages as a list: what is printed where, and how each is reached. Behind
//! `ecs-local rows` and `/_local/rows`.

use std::fmt::Write as _;

use serde::Serialize;

use crate::carried;
use crate::gateway::{self, Errors};
use crate::operations::{self, Entry};
use crate::row::{Mark, Row};
use crate::rule::RuleInfo;

/// One row on one page.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(rename = "Row"))]
pub struct Line {
    /// The operation, `(any)` or `(gateway)`.
    pub operation: &'static str,
    /// The page's date; empty for a row that is printed beside the operation's pages.
    pub page: String,
    /// HTTP status.
    pub status: u16,
    /// `Code`.
    pub code: &'static str,
    /// `Message`.
    pub message: &'static str,
    /// The row's name, and its scenario's.
    pub name: &'static str,
    /// `raised`, `guessed`, `injected` or `pending`.
    pub reach: &'static str,
    /// The scenario that proves it, where there is one.
    pub scenario: Option<String>,
    /// The guess, the reason it is only injected, or what is still missing.
    pub note: &'static str,
}

/// The lines of the documented pages; with `all` also the rows printed beside them: those of the
/// general error table, of neighbouring operations and of the gateway.
pub fn lines(all: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = operations::ALL.iter().flat_map(of_entry).collect();
    if all {
        let shared = operations::COMMON_ROWS.iter().chain(gateway::ROWS);
        lines.extend(shared.map(|row| {
            let has_scenario = row.operation == "(gateway)" && !row.is_ours();
            let (reach, note) = reach(row, &[]);
            line(row, String::new(), reach, note, has_scenario)
        }));
    } else {
        lines.retain(|line| !line.page.is_empty());
    }
    lines
}

fn of_entry(entry: &Entry) -> Vec<Line> {
    let rules = (entry.rules)();
    let of_row = |row: &&'static Row| {
        let (reach, note) = reach(row, &rules);
        let has_scenario = reach != "pending";
        let mut pages: Vec<String> = row.pages.iter().map(|page| page.date.to_string()).collect();
        if pages.is_empty() {
            pages.push(String::new());
        }
        let row = *row;
        pages
            .into_iter()
            .map(move |page| line(row, page, reach, note, has_scenario))
            .collect::<Vec<_>>()
    };
    entry.rows.iter().flat_map(of_row).collect()
}

fn line(
    row: &Row,
    page: String,
    reach: &'static str,
    note: &'static str,
    has_scenario: bool,
) -> Line {
    Line {
        operation: row.operation,
        page,
        status: row.status,
        code: row.code,
        message: row.message,
        name: row.name,
        reach,
        scenario: has_scenario.then(|| {
            let folder = row.operation.trim_matches(['(', ')']);
            format!("scenarios/{folder}/{}.toml", row.name)
        }),
        note,
    }
}

fn reach(row: &'static Row, rules: &[RuleInfo]) -> (&'static str, &'static str) {
    match row.mark {
        Mark::Injected(why) => ("injected", why),
        Mark::Pending(missing) => ("pending", missing),
        Mark::Raised => {
            let mut own = rules.iter().filter(|rule| std::ptr::eq(rule.row, row));
            // One documented cause makes the row a documented one.
            match own.clone().find(|rule| rule.guess.is_none()).or(own.next()) {
                Some(RuleInfo { guess: Some(guess), .. }) => ("guessed", guess),
                _ => ("raised", ""),
            }
        }
    }
}

/// Everything known of the rows of this name: cause or guess, what to do about it, and a scenario
/// that provokes it. `None` where there is no such row.
pub fn explain(name: &str) -> Option<String> {
    let mut out = String::new();
    for entry in operations::ALL {
        for row in entry.rows.iter().filter(|row| row.name == name) {
            explain_row(&mut out, entry, row);
        }
    }
    let shared = operations::COMMON_ROWS.iter().chain(gateway::ROWS);
    for row in shared.filter(|row| row.name == name) {
        explain_shared_row(&mut out, row);
    }
    (!out.is_empty()).then_some(out)
}

fn explain_shared_row(out: &mut String, row: &'static Row) {
    let _ = writeln!(out, "{} {}: {} {}", row.operation, row.name, row.status, row.code);
    let _ = writeln!(out, "  {:?}\n  source: {}", row.message, row.source);
    let rules = [Errors::Ecs, Errors::Pop].into_iter().flat_map(Errors::rules);
    if let Some(rule) = rules.into_iter().find(|rule| std::ptr::eq(rule.row, row)) {
        let _ = writeln!(out, "  what to do: {}", rule.fix);
    }
    show_scenario(out, &format!("gateway/{}.toml", row.name));
}

fn explain_row(out: &mut String, entry: &Entry, row: &'static Row) {
    let _ = writeln!(out, "{} {}: {} {}", entry.action, row.name, row.status, row.code);
    let _ = writeln!(out, "  {:?}", row.message);
    let dates: Vec<String> = row.pages.iter().map(|page| page.date.to_string()).collect();
    if dates.is_empty() {
        let _ = writeln!(out, "  beside the pages: {}", row.source);
    } else {
        let _ = writeln!(out, "  printed on: {}", dates.join(", "));
    }
    if let Mark::Injected(why) | Mark::Pending(why) = row.mark {
        let _ = writeln!(out, "  not raised: {why}");
    }
    for rule in (entry.rules)().iter().filter(|rule| std::ptr::eq(rule.row, row)) {
        let cause = rule.guess.unwrap_or("as the page says");
        let _ = writeln!(out, "  cause: {cause}\n  what to do: {}", rule.fix);
    }
    show_scenario(out, &format!("{}/{}.toml", entry.action, row.name));
}

fn show_scenario(out: &mut String, path: &str) {
    let path = format!("scenarios/{path}");
    if let Some(text) = carried::file(&path) {
        let _ = writeln!(out, "  scenario ({path}, run it with `ecs-local check FILE`):\n\n{text}");
    }
}

/// The lines as aligned text, with counts by page at the end.
pub fn table(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        let (operation, page, reach) = (line.operation, &line.page, line.reach);
        let _ = writeln!(
            out,
            "{operation:<26} {page:<10} {} {reach:<8} {:<28} {}: {}",
            line.status, line.name, line.code, line.message
        );
    }
    out.push('\n');
    for (page, counts) in counts(lines) {
        let _ = writeln!(out, "{page:<38} {counts}");
    }
    out
}

/// The lines as a Markdown table.
pub fn markdown(lines: &[Line]) -> String {
    let mut out = String::from(
        "| operation | page | status | code | message | name | reach | guess, reason or what is missing | scenario |\n\
         |-|-|-|-|-|-|-|-|-|\n",
    );
    for line in lines {
        let scenario = line.scenario.as_deref().unwrap_or("–");
        let _ = writeln!(
            out,
            "| {} | {} | {} | `{}` | {} | {} | {} | {} | {scenario} |",
            line.operation,
            line.page,
            line.status,
            line.code,
            line.message,
            line.name,
            line.reach,
            line.note
        );
    }
    out
}

fn counts(lines: &[Line]) -> Vec<(String, String)> {
    let mut pages: Vec<String> = lines.iter().map(page_key).collect();
    pages.sort_unstable();
    pages.dedup();
    pages.push("all".to_owned());
    pages
        .into_iter()
        .map(|page| {
            let on_page: Vec<&Line> =
                lines.iter().filter(|line| page == "all" || page_key(line) == page).collect();
            let of = |reach: &str| on_page.iter().filter(|line| line.reach == reach).count();
            let text = format!(
                "{} rows: {} raised, {} guessed, {} injected, {} pending",
                on_page.len(),
                of("raised"),
                of("guessed"),
                of("injected"),
                of("pending")
            );
            (page, text)
        })
        .collect()
}

fn page_key(line: &Line) -> String {
    format!("{} {}", line.operation, line.page)
}
