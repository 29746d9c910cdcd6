//! What came of scenarios as JUnit XML: a suite for each file, a case for each run.

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::expected::Difference;
use super::report::{Case, Report};

impl Report {
    /// As JUnit XML: a suite for each file, a case for each run.
    pub fn junit(&self) -> String {
        let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
        // Writing to memory does not fail.
        let _ = self.write_junit(&mut writer);
        String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n"
    }

    fn write_junit(&self, writer: &mut Writer<Vec<u8>>) -> std::io::Result<()> {
        let counted = |name: &'static str, cases: &[Case]| {
            let skipped = cases.iter().filter(|case| case.skipped.is_some()).count();
            let failures = cases.iter().filter(|case| case.failure.is_some()).count();
            let mut tag = BytesStart::new(name);
            tag.push_attribute(("tests", cases.len().to_string().as_str()));
            tag.push_attribute(("failures", failures.to_string().as_str()));
            if skipped > 0 {
                tag.push_attribute(("skipped", skipped.to_string().as_str()));
            }
            tag
        };
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Start(counted("testsuites", &self.cases)))?;
        for cases in self.cases.chunk_by(|a, b| a.path == b.path) {
            let path = cases[0].path.display().to_string();
            let mut suite = counted("testsuite", cases);
            suite.push_attribute(("name", path.as_str()));
            writer.write_event(Event::Start(suite))?;
            for case in cases {
                write_case(writer, &path, case)?;
            }
            writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
        }
        writer.write_event(Event::End(BytesEnd::new("testsuites")))
    }
}

fn write_case(writer: &mut Writer<Vec<u8>>, path: &str, case: &Case) -> std::io::Result<()> {
    let mut tag = BytesStart::new("testcase");
    tag.push_attribute(("classname", path));
    tag.push_attribute(("name", case.way().as_str()));
    if let Some(reason) = &case.skipped {
        let mut inner = BytesStart::new("skipped");
        inner.push_attribute(("message", reason.as_str()));
        writer.write_event(Event::Start(tag))?;
        writer.write_event(Event::Empty(inner))?;
        return writer.write_event(Event::End(BytesEnd::new("testcase")));
    }
    let Some(failure) = &case.failure else { return writer.write_event(Event::Empty(tag)) };
    writer.write_event(Event::Start(tag))?;
    let mut inner = BytesStart::new("failure");
    let brief: Vec<String> = failure.differences.iter().map(Difference::brief).collect();
    let short = format!("step {}: {}", failure.step, brief.join("; "));
    inner.push_attribute(("message", short.as_str()));
    writer.write_event(Event::Start(inner))?;
    writer.write_event(Event::Text(BytesText::new(&failure.to_string())))?;
    writer.write_event(Event::End(BytesEnd::new("failure")))?;
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}
