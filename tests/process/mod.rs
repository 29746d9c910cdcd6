//! The real binary as a process of its own, on a free port: started, confined in what it may use, looked
//! at from outside, signalled and killed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use ecs_local::clock::Stopwatch;

/// A running server; dropping it kills it.
pub struct Server {
    pub process: Child,
    /// Host and port.
    pub address: String,
    log: Arc<Mutex<String>>,
    /// Reads what it says; ends with it.
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// One that keeps its worlds in `data`, if anything is said.
    pub fn start(data: Option<&Path>) -> Self {
        Self::begun(command(None), data)
    }

    /// One that is started with these arguments.
    pub fn with(arguments: &[&str]) -> Self {
        let mut command = command(None);
        command.args(arguments);
        Self::begun(command, None)
    }

    /// One with limits as `ulimit` takes them, `-f 100` for instance. Writing beyond a limit on the size
    /// of files is an error then, as on a full disk, and no signal.
    pub fn limited(limits: &str, data: Option<&Path>) -> Self {
        Self::begun(command(Some(limits)), data)
    }

    /// What one says that cannot start, and how it ends.
    pub fn refused(data: &Path) -> (String, ExitStatus) {
        let mut command = command(None);
        let output = command.arg("--data").arg(data).output().unwrap();
        (String::from_utf8_lossy(&output.stderr).into_owned(), output.status)
    }

    fn begun(mut command: Command, data: Option<&Path>) -> Self {
        if let Some(data) = data {
            command.arg("--data").arg(data);
        }
        let mut process = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stderr = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let before = said.len();
            assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "it did not start:\n{said}");
            if let Some((_, address)) = said[before..].trim_end().split_once("listens on http://") {
                break address.to_owned();
            }
        };
        let log = Arc::new(Mutex::new(said));
        // Nothing blocks for want of somebody who reads what else it says.
        let reader = std::thread::spawn({
            let log = Arc::clone(&log);
            move || {
                let mut line = String::new();
                while stderr.read_line(&mut line).is_ok_and(|length| length > 0) {
                    log.lock().unwrap().push_str(&line);
                    line.clear();
                }
            }
        });
        Self { process, address, log, reader: Some(reader) }
    }

    /// All it has said so far; once it has ended, all it ever said.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until it has ended by itself, and tells how.
    pub fn end(&mut self, within: Duration) -> ExitStatus {
        let mut ended = None;
        let has_ended = eventually(within, || {
            ended = self.process.try_wait().unwrap();
            ended.is_some()
        });
        assert!(has_ended, "it did not end within {within:?}:\n{}", self.log());
        self.hear_out();
        ended.unwrap()
    }

    /// Ends it at once (SIGKILL).
    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.hear_out();
    }

    fn hear_out(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

#[cfg(target_os = "linux")]
impl Server {
    fn proc(&self, file: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{file}", self.process.id()))
    }

    /// How many files and sockets it has open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(self.proc("fd")).unwrap().count()
    }

    /// How much memory it has, KiB.
    pub fn memory_kib(&self) -> usize {
        let status = std::fs::read_to_string(self.proc("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The time it has computed for, in all.
    pub fn computed(&self) -> Duration {
        let stat = std::fs::read_to_string(self.proc("stat")).unwrap();
        // Behind the name, which may hold anything: state is field 3, utime 14, stime 15; 100 ticks a second.
        let (_, fields) = stat.rsplit_once(')').unwrap();
        let ticks = fields.split_whitespace().skip(11).take(2);
        Duration::from_millis(10 * ticks.map(|it| it.parse::<u64>().unwrap()).sum::<u64>())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn command(limits: Option<&str>) -> Command {
    let binary = env!("CARGO_BIN_EXE_ecs-local");
    let mut command = match limits {
        None => Command::new(binary),
        Some(limits) => {
            let mut shell = Command::new("bash");
            let script = format!("trap '' XFSZ; ulimit {limits}; exec \"$0\" \"$@\"");
            shell.args(["-c", &script, binary]);
            shell
        }
    };
    command
        .args(["--listen", "127.0.0.1:0", "--clock", "manual", "--signatures", "off"])
        .args(["--log", "warn,ecs_local::cli=info"]);
    command
}

/// A directory of this name under the tests' own, empty.
pub fn fresh_directory(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Looks again and again whether something holds; gives up after a while.
pub fn eventually(within: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let watch = Stopwatch::start();
    loop {
        if holds() {
            return true;
        }
        if watch.elapsed() > within {
            return false;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
