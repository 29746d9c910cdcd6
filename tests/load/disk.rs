//! No room under `--data`: on a disk of our own that is full, where the system lets us mount one, and always
//! with files that may not grow. What cannot be kept is refused in words of ours, and once there is room
//! the server goes on by itself; whatever it acknowledged is there, then and after SIGKILL.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use ecs_local::clock::Stopwatch;
use rlimit::Resource;

use crate::caller::{Caller, PATIENCE, addresses, call, get};
use crate::process::{Server, eventually, fresh_directory};
use crate::served::RawAnswer;

const ALLOCATE: &str = "Action=AllocateEipAddress&RegionId=cn-hangzhou";

const CLOCK: &str = "/_local/clock?access_key_id=other";

/// How many clients call at once, each in an account of its own.
const CLIENTS: usize = 8;

/// How much room is left for a journal when want begins, bytes.
const LEFT: u64 = 400 * 1024;

/// What runs out.
enum Want {
    /// A disk of our own.
    Disk(Disk),
    /// The size a file of the server may have. Nothing but the soft limit of another process moves: anybody
    /// may do that.
    Files(PathBuf),
}

impl Want {
    fn data(&self) -> &Path {
        match self {
            Self::Disk(disk) => &disk.path,
            Self::Files(path) => path,
        }
    }

    fn start(&self) -> Server {
        Server::limited("-S -f unlimited", Some(self.data()))
    }

    fn begin(&self, server: &Server) {
        match self {
            Self::Disk(disk) => disk.fill(),
            Self::Files(path) => limit_files(server, largest_file(path) + LEFT),
        }
    }

    fn end(&self, server: Option<&Server>) {
        match (self, server) {
            (Self::Disk(disk), _) => fs::remove_file(disk.filler()).unwrap(),
            (Self::Files(_), Some(server)) => limit_files(server, rlimit::INFINITY),
            (Self::Files(_), None) => {}
        }
    }
}

/// A file system in memory; dropping it takes it away.
struct Disk {
    path: PathBuf,
}

impl Disk {
    /// None where mounting is not allowed.
    fn mount(name: &str) -> Option<Self> {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        // What a test that was killed has left.
        drop(Self { path: path.clone() });
        fs::create_dir_all(&path).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=4m", "tmpfs"]).arg(&path).stderr(Stdio::null());
        mount.status().is_ok_and(|status| status.success()).then_some(Self { path })
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }

    /// Leaves a little.
    fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
        let length = filler.metadata().unwrap().len();
        filler.set_len(length - LEFT).unwrap();
    }

    /// Leaves nothing.
    fn fill_up(&self) {
        let mut filler = File::options().append(true).open(self.filler()).unwrap();
        while filler.write_all(&[0; 512]).is_ok() {}
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).stderr(Stdio::null()).status();
    }
}

fn limit_files(server: &Server, bytes: u64) {
    let id = i32::try_from(server.process.id()).unwrap();
    let new = Some((bytes, rlimit::INFINITY));
    rlimit::prlimit(id, Resource::FSIZE, new, None).unwrap();
}

fn largest_file(directory: &Path) -> u64 {
    let entries = directory.read_dir().unwrap();
    entries.map(|entry| entry.unwrap().metadata().unwrap().len()).max().unwrap()
}

fn is_not_kept(answer: &RawAnswer) -> bool {
    let body = answer.json();
    let message = body["Message"].as_str().unwrap_or_default();
    answer.status == 503 && body["Code"] == "EcsLocal.NotKept" && message.contains("journal-")
}

fn key(client: usize) -> String {
    format!("disk-{client}")
}

/// Many clients allocate at once until they are refused; what each was given.
fn allocate_until_refused(server: &Server) -> Vec<Vec<String>> {
    let allocate = |client| {
        let mut caller = Caller::connect(&server.address).unwrap();
        let mut given = Vec::new();
        loop {
            let answer = caller.call(&key(client), ALLOCATE).unwrap();
            if answer.status != 200 {
                assert!(is_not_kept(&answer), "{}", answer.json());
                return given;
            }
            given.push(answer.json()["AllocationId"].as_str().unwrap().to_owned());
        }
    };
    thread::scope(|scope| {
        let clients: Vec<_> =
            (0..CLIENTS).map(|client| scope.spawn(move || allocate(client))).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    })
}

/// All that was given is there; besides, at most the one address a client was told may be lost.
fn check(server: &Server, given: &[Vec<String>]) {
    for (client, given) in given.iter().enumerate() {
        let there = addresses(server, &key(client));
        assert!(given.iter().all(|id| there.contains(id)), "{}: something is lost", key(client));
        assert!(there.len() <= given.len() + 1, "{}: something nobody was given", key(client));
    }
}

fn health(server: &Server) -> RawAnswer {
    get(server, "/_local/health")
}

/// Runs out of room, is refused, gets room, goes on, is killed, starts again.
fn want_and_recovery(want: &Want) {
    let mut server = want.start();
    assert_eq!(call(&server, "other", ALLOCATE).status, 200);
    let now = get(&server, CLOCK).json()["now"].clone();
    want.begin(&server);
    let mut given = allocate_until_refused(&server);
    let count: usize = given.iter().map(Vec::len).sum();
    assert!(count > CLIENTS, "{count} calls until there was no room");

    let watch = Stopwatch::start();
    let told = health(&server);
    let (status, failure) = (&told.json()["status"], &told.json()["data"]["failure"]);
    assert_eq!((told.status, status.as_str()), (503, Some("failing")));
    assert!(failure.as_str().unwrap().contains("journal-"), "{failure}");
    for _ in 0..10 {
        assert!(is_not_kept(&call(&server, "other", ALLOCATE)));
    }
    // What the control interface refuses it has not done either.
    let moved =
        Caller::connect(&server.address).unwrap().post(CLOCK, r#"{"advance":"1h"}"#).unwrap();
    assert_eq!((moved.status, moved.json()["Code"].as_str()), (503, Some("EcsLocal.NotKept")));
    let took = watch.elapsed();
    assert!(took < Duration::from_secs(5), "refusing took {took:?}");

    want.end(Some(&server));
    let watch = Stopwatch::start();
    assert!(eventually(PATIENCE, || health(&server).status == 200), "{}", server.log());
    println!("{count} acknowledged; {failure}; back in {:.1?}", watch.elapsed());
    assert_eq!(get(&server, CLOCK).json()["now"], now, "a refused move of the clock has moved it");
    let errors = server.log().matches("the journal cannot be written").count();
    assert!((1..4).contains(&errors), "{errors} errors in the log");
    check(&server, &given);
    for (client, given) in given.iter_mut().enumerate() {
        // What was under way when there was no room has been written meanwhile: it counts as given.
        *given = addresses(&server, &key(client));
        let answer = call(&server, &key(client), ALLOCATE);
        given.push(answer.json()["AllocationId"].as_str().unwrap().to_owned());
    }
    server.kill();
    let server = want.start();
    check(&server, &given);
}

/// Runs out of room and is ended; starts again with room.
fn want_and_end(want: &Want) {
    let mut server = want.start();
    assert_eq!(call(&server, "other", ALLOCATE).status, 200);
    want.begin(&server);
    let given = allocate_until_refused(&server);
    server.signal("TERM");
    let ended = server.end(PATIENCE);
    assert_eq!(ended.code(), Some(2), "an end with something not kept:\n{}", server.log());
    assert!(server.log().contains("ecs-local: "), "{}", server.log());
    if let Want::Disk(disk) = want {
        disk.fill_up();
        let names = || {
            let entries = disk.path.read_dir().unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        let before = names();
        let (said, status) = Server::refused(&disk.path);
        assert_eq!(status.code(), Some(2), "{said}");
        assert!(said.contains("ecs-local: ") && said.contains("No space left"), "{said}");
        assert_eq!(names(), before, "a start that was refused left something behind");
    }
    want.end(None);
    let server = want.start();
    check(&server, &given);
    assert_eq!(call(&server, "other", ALLOCATE).status, 200);
}

/// A disk, or a word about why there is none.
fn disk(name: &str) -> Option<Want> {
    let disk = Disk::mount(name);
    if disk.is_none() {
        println!("mounting a disk is not allowed here; files that may not grow stand for it");
    }
    disk.map(Want::Disk)
}

#[test]
fn on_a_full_disk_the_server_refuses_and_goes_on_by_itself() {
    if let Some(want) = disk("load-disk") {
        want_and_recovery(&want);
    }
}

#[test]
fn a_full_disk_does_not_hinder_an_end_and_nothing_is_lost() {
    if let Some(want) = disk("load-disk-end") {
        want_and_end(&want);
    }
}

#[test]
fn where_files_may_not_grow_the_server_refuses_and_goes_on_by_itself() {
    want_and_recovery(&Want::Files(fresh_directory("load-files")));
}

#[test]
fn files_that_may_not_grow_do_not_hinder_an_end_and_nothing_is_lost() {
    want_and_end(&Want::Files(fresh_directory("load-files-end")));
}
