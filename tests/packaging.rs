//! The pieces of a release hold together: version, platforms, commands, files. Reads them all, builds none: that is
//! what `tests/image/run` and `tests/packaging/run` do.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

const WORKFLOWS: &[&str] = &[".github/workflows/test.yml", ".github/workflows/release.yml"];
const DESCRIPTIONS: &[&str] = &["action.yml", "compose.yaml", ".github/dependabot.yml"];

/// A platform, as its row of the table has it.
struct Platform {
    target: String,
    runner: (String, String),
    npm: String,
}

fn text(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn toml(path: &str) -> Value {
    toml::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn platforms() -> Vec<Platform> {
    let table = text("packaging/platforms.tsv");
    let mut rows = table.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(rows.next(), Some("target\trunner_os\trunner_arch\tnpm\tarchive"));
    let platform = |row: &str| {
        let [target, os, arch, npm, archive] = row.split('\t').collect::<Vec<_>>()[..] else {
            panic!("five columns: {row}")
        };
        assert_eq!(archive == "zip", os == "Windows", "{row}");
        Platform {
            target: target.to_owned(),
            runner: (os.to_owned(), arch.to_owned()),
            npm: format!("@ecs-local/{npm}"),
        }
    };
    rows.map(platform).collect()
}

fn set<T: Ord>(items: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    items.into_iter().collect()
}

fn strings(value: &Value) -> BTreeSet<String> {
    let items = value.as_array().unwrap_or_else(|| panic!("a list: {value}"));
    set(items.iter().map(|item| item.as_str().unwrap().to_owned()))
}

/// What stands between two marks, wherever they stand.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).filter_map(move |rest| Some(rest.split_once(close)?.0.trim()))
}

/// The value of an instruction of the Dockerfile's last stage.
fn instruction<'a>(stage: &'a str, name: &str) -> &'a str {
    let found = stage.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("the image has no {name}"))
}

fn image() -> String {
    text("Dockerfile").split_once("FROM scratch\n").unwrap().1.to_owned()
}

/// The words of a command in exec form.
fn words(list: &str) -> Vec<String> {
    serde_json::from_str(list).unwrap_or_else(|error| panic!("exec form: {list}: {error}"))
}

/// What a command says about itself.
fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ecs-local"));
    let output = command.args(arguments).arg("--help").output().unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Each `run` of a workflow or action, in every job.
fn runs(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(map) => {
            let own = map.get("run").and_then(Value::as_str);
            own.into_iter().chain(map.values().flat_map(runs)).collect()
        }
        Value::Array(items) => items.iter().flat_map(runs).collect(),
        _ => Vec::new(),
    }
}

/// The crates that are compiled into the binary on this system, as `NAME VERSION`.
fn linked() -> BTreeSet<String> {
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let version = cargo(&["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let tree =
        ["tree", "--offline", "--locked", "--edges", "normal,no-proc-macro", "--target", host];
    let tree = cargo(&[&tree[..], &["--prefix", "none", "--format", "{p}"]].concat());
    let name = |line: &str| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    };
    tree.lines().skip(1).filter_map(name).collect()
}

#[test]
fn every_crate_in_the_binary_has_its_licence_told() {
    let told = text("LICENSE-THIRD-PARTY");
    // Behind the list come the texts.
    let (list, _) = told.split_once("\n---").unwrap();
    let crates = list.lines().filter_map(|line| line.split_once(": "));
    let told = set(crates.map(|(name, _)| name.to_owned()));
    let linked = linked();
    assert!(linked.len() > 100, "{linked:?}");
    let untold: Vec<&String> = linked.difference(&told).collect();
    assert!(untold.is_empty(), "packaging/notices writes them: {untold:?}");
    let lock = toml("Cargo.lock");
    let part = |package: &Value, key: &str| package[key].as_str().unwrap().to_owned();
    let locked = lock["package"].as_array().unwrap().iter();
    let locked = set(locked.map(|it| format!("{} {}", part(it, "name"), part(it, "version"))));
    let gone: Vec<&String> = told.difference(&locked).collect();
    assert!(gone.is_empty(), "packaging/notices leaves them out: {gone:?}");
}

#[test]
fn the_version_is_said_in_one_place() {
    let python = toml("packaging/pypi/pyproject.toml");
    assert!(strings(&python["project"]["dynamic"]).contains("version"));
    assert!(python["project"]["version"].is_null());
    let manifest = python["tool"]["maturin"]["manifest-path"].as_str().unwrap();
    let manifest = Path::new("packaging/pypi").join(manifest);
    assert_eq!(manifest.canonicalize().unwrap(), Path::new("Cargo.toml").canonicalize().unwrap());

    // packaging/npm/packages puts the version in place of this one.
    let npm: Value = serde_json::from_str(&text("packaging/npm/package.json")).unwrap();
    let dependencies = npm["optionalDependencies"].as_object().unwrap();
    for version in dependencies.values().chain([&npm["version"]]) {
        assert_eq!(version, "0.0.0");
    }

    let formula = text("packaging/homebrew/ecs-local.rb.in");
    assert!(formula.contains("version \"@version@\""));
    assert!(!formula.contains(env!("CARGO_PKG_VERSION")));

    // What people paste.
    let used = concat!("uses: ecs-local/ecs-local@v", env!("CARGO_PKG_VERSION"), "\n");
    assert!(text("docs/install.md").contains(used), "docs/install.md does not say {used}");
}

#[test]
fn all_speak_of_the_same_platforms() {
    let platforms = platforms();
    let targets = set(platforms.iter().map(|platform| platform.target.clone()));
    assert_eq!(targets.len(), platforms.len());

    let release = yaml(WORKFLOWS[1]);
    let matrix = release["jobs"]["binaries"]["strategy"]["matrix"]["include"].as_array().unwrap();
    assert_eq!(set(matrix.iter().map(|row| row["target"].as_str().unwrap().to_owned())), targets);

    assert_eq!(strings(&toml("deny.toml")["graph"]["targets"]), targets);

    let npm: Value = serde_json::from_str(&text("packaging/npm/package.json")).unwrap();
    let packages = npm["optionalDependencies"].as_object().unwrap();
    assert_eq!(set(packages.keys()), set(platforms.iter().map(|platform| &platform.npm)));

    // Homebrew knows no Windows; each archive stands with its own checksum.
    let formula = text("packaging/homebrew/ecs-local.rb.in");
    let brewed = platforms.iter().filter(|platform| platform.runner.0 != "Windows");
    let brewed = set(brewed.map(|platform| platform.target.as_str()));
    assert_eq!(set(between(&formula, "\"@sha256:", "@\"")), brewed);
    assert_eq!(set(between(&formula, "/ecs-local-@version@-", ".tar.gz\"")), brewed);

    // The action finds exactly one for a runner, in the table itself.
    assert_eq!(set(platforms.iter().map(|platform| &platform.runner)).len(), platforms.len());
    assert!(text("packaging/action/install").contains("platforms.tsv"));
}

#[test]
fn the_image_runs_what_there_is() {
    let image = image();
    let entrypoint = words(instruction(&image, "ENTRYPOINT"));
    let healthcheck = words(instruction(&image, "HEALTHCHECK").split_once("CMD ").unwrap().1);
    assert_eq!(healthcheck[0], entrypoint[0]);
    let arguments: Vec<&str> = healthcheck[1..].iter().map(String::as_str).collect();
    help(&arguments);

    let (name, address) = instruction(&image, "ENV").split_once('=').unwrap();
    assert_eq!((name, address.split_once(':').unwrap().0), ("ECS_LOCAL_LISTEN", "0.0.0.0"));
    assert_eq!(address.split_once(':').unwrap().1, instruction(&image, "EXPOSE"));
    let (user, _) = instruction(&image, "USER").split_once(':').unwrap();
    assert!(user.parse::<u32>().unwrap() > 0, "a number, so that it can be seen not to be root");
    assert!(image.contains(&format!("--chown={}", instruction(&image, "USER"))));
}

#[test]
fn compose_says_what_the_image_says() {
    let (image, compose) = (image(), yaml("compose.yaml"));
    let service = &compose["services"]["ecs-local"];
    let check = instruction(&image, "HEALTHCHECK").split_once("CMD ").unwrap().1;
    let check: Vec<String> = ["CMD".to_owned()].into_iter().chain(words(check)).collect();
    assert_eq!(service["healthcheck"]["test"], Value::from(check));

    let volume = instruction(&image, "VOLUME");
    assert_eq!(service["environment"]["ECS_LOCAL_DATA"], volume);
    let (name, path) = service["volumes"][0].as_str().unwrap().split_once(':').unwrap();
    assert!(path == volume && compose["volumes"].get(name).is_some(), "{name}:{path}");

    let known = help(&["serve"]);
    for name in service["environment"].as_object().unwrap().keys() {
        assert!(known.contains(&format!("[env: {name}")), "{name}");
    }
    let waits = &compose["services"]["example"]["depends_on"]["ecs-local"]["condition"];
    assert_eq!(waits, "service_healthy");
}

#[test]
fn workflows_run_files_that_exist() {
    let mut found = 0;
    for path in WORKFLOWS {
        let workflow = yaml(path);
        for run in runs(&workflow) {
            let programs = run
                .split_whitespace()
                .map(|word| word.trim_start_matches("\"$("))
                .filter(|word| word.starts_with("packaging/") || word.starts_with(".ci/"));
            for program in programs {
                found += 1;
                let program = program.trim_end_matches([')', '"']);
                assert!(Path::new(program).is_file(), "{path} runs {program}");
                assert!(text(program).starts_with("#!"), "{program} is no program");
            }
        }
    }
    assert!(found >= 5, "only {found} programs are run; are they looked for rightly?");
}

#[test]
fn jobs_have_the_rights_they_name() {
    for path in WORKFLOWS {
        let workflow = yaml(path);
        // What nobody names is not granted, rather than what the repository's settings grant.
        assert!(workflow["permissions"].is_object(), "{path}");
        for (name, job) in workflow["jobs"].as_object().unwrap() {
            let rights = job.get("permissions").unwrap_or(&workflow["permissions"]);
            let checks_out = job.to_string().contains("actions/checkout@");
            assert_eq!(checks_out, !rights["contents"].is_null(), "{path}: {name}");
            let attests = job.to_string().contains("attest-build-provenance@");
            assert_eq!(attests, rights["attestations"] == "write", "{path}: {name}");
        }
    }
}

#[test]
fn the_action_uses_what_it_declares() {
    for path in DESCRIPTIONS {
        assert!(yaml(path).is_object(), "{path}");
    }
    let action = yaml("action.yml");
    let source = text("action.yml");
    let declared = set(action["inputs"].as_object().unwrap().keys().map(String::as_str));
    assert_eq!(set(between(&source, "${{ inputs.", " }}")), declared);

    let (install, start) = (text("packaging/action/install"), text("packaging/action/start"));
    let scripts = format!("{install}{start}");
    for step in action["runs"]["steps"].as_array().unwrap() {
        let run = step["run"].as_str().unwrap();
        let program = run.trim_matches('"').strip_prefix("$GITHUB_ACTION_PATH/").unwrap();
        assert!(Path::new(program).is_file(), "{program}");
        for name in step["env"].as_object().unwrap().keys() {
            assert!(text(program).contains(name.as_str()), "{program} does not read {name}");
        }
    }
    for output in between(&source, "outputs.", " }}") {
        assert!(scripts.contains(&format!("echo \"{output}=")), "nothing writes {output}");
    }
    let known = help(&["serve"]);
    let arguments = start.lines().filter(|line| line.contains("arguments"));
    let options =
        arguments.flat_map(|line| line.split([' ', '('])).filter(|word| word.starts_with("--"));
    let options = set(options);
    assert!(options.len() >= 2, "{options:?}");
    for option in options {
        assert!(known.contains(&format!("{option} ")), "{option}");
    }
}
