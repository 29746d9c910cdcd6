//! Any bytes as damage to a data directory: what is opened all the same is the world after some whole
//! number of records, and goes on from there; what is not stays as it is. Where records were forged (their
//! checksums are right, and nobody wrote them) nothing panics, and what is opened goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use ecs_local::domain::Span;
use ecs_local::emulator::Emulator;
use ecs_local::faults::Fault;
use ecs_local::store::StoreError;
use ecs_local::wire::Incoming;
use fastrand::Rng;
use serde_json::{Value, json};

use super::change::Pool;
use super::histories::{next, start, take, with};

/// How many bytes of an input choose one piece of damage, and how many pieces there are at most.
const CHOICE: usize = 4;
const CHOICES: usize = 5;

/// The length of a checksum with the space before it.
const CHECKSUM: usize = 9;

/// The accounts that are looked at.
const ACCOUNTS: [&str; 3] = ["default", "other", "gone"];

type Files = BTreeMap<String, Vec<u8>>;

/// A sound data directory: a state and some journals behind it.
pub struct Original {
    place: PathBuf,
    files: Files,
    /// All of their lines.
    lines: BTreeSet<Vec<u8>>,
    /// What was to be seen after each of the records behind the state, and before them.
    pasts: Vec<Value>,
    pool: Pool,
}

impl Original {
    /// Lets a history happen in an empty place, which it uses from then on.
    pub fn of(place: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&place);
        let directory = place.join("original");
        for session in 0..4 {
            let emulator = open(&directory).unwrap();
            live(&emulator, session);
            if session == 1 {
                emulator.close().unwrap();
            }
        }
        let files = files(&directory);
        let lines: BTreeSet<Vec<u8>> = files.values().flat_map(|bytes| split(bytes)).collect();
        let pool = Pool::of(lines.iter().map(|line| json_of(line).unwrap()));
        let original = Self { place, files, lines, pasts: Vec::new(), pool };
        let pasts = original.prefixes().into_iter();
        let pasts = pasts.map(|files| seen(&open(&original.placed(&files)).unwrap()));
        let pasts: Vec<Value> = pasts.collect();
        assert!(pasts.len() > 20 && pasts.windows(2).any(|pair| pair[0] != pair[1]));
        assert!(pasts.contains(&seen(&open(&directory).unwrap())));
        Self { pasts, ..original }
    }

    /// The directory as it was after each record.
    fn prefixes(&self) -> Vec<Files> {
        let mut prefixes = Vec::new();
        let (mut files, journals): (Files, Files) =
            self.files.clone().into_iter().partition(|(name, _)| name.starts_with("state"));
        for (name, bytes) in journals {
            let ends = (0..bytes.len()).filter(|at| bytes[*at] == b'\n');
            for end in ends.collect::<Vec<_>>() {
                files.insert(name.clone(), bytes[..=end].to_vec());
                prefixes.push(files.clone());
            }
        }
        prefixes
    }

    /// A directory with just these files.
    fn placed(&self, files: &Files) -> PathBuf {
        let directory = self.place.join("hurt");
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        for (name, bytes) in files {
            fs::write(directory.join(name), bytes).unwrap();
        }
        directory
    }

    /// Damages a copy as the bytes say, and opens it. Tells whether it was opened.
    pub fn probe(&self, bytes: &[u8]) -> bool {
        let mut hurt = self.files.clone();
        for choice in bytes.chunks_exact(CHOICE).take(CHOICES) {
            let seed = u32::from_le_bytes(choice.try_into().unwrap());
            self.damage(&mut hurt, &mut Rng::with_seed(seed.into()));
        }
        let is_forged = hurt.iter().any(|(name, bytes)| self.is_forged(name, bytes));
        let directory = self.placed(&hurt);
        match open(&directory) {
            Ok(emulator) => {
                let found = seen(&emulator);
                drop(emulator);
                let is_past = hurt.is_empty() || self.pasts.contains(&found);
                assert!(is_forged || is_past, "never been: {}", difference(&self.pasts, &found));
                must_go_on(&directory, is_forged);
                true
            }
            Err(StoreError::Damaged { .. } | StoreError::Newer { .. }) => {
                assert!(self::files(&directory) == hurt, "it was changed");
                false
            }
            Err(other) => panic!("{other}"),
        }
    }

    /// Is there a line in a file that checks out, and was never written?
    fn is_forged(&self, name: &str, bytes: &[u8]) -> bool {
        let lines = split(bytes);
        let mut unknown = lines.iter().enumerate().filter(|(_, line)| !self.lines.contains(*line));
        unknown.any(|(at, line)| {
            let said = line.len().checked_sub(CHECKSUM + 1).map(|end| &line[..end]);
            said.is_some_and(|said| *line == with_checksum(said, name, at))
        })
    }

    fn damage(&self, hurt: &mut Files, rng: &mut Rng) {
        let names: Vec<String> = hurt.keys().cloned().collect();
        let Some(name) = rng.choice(&names) else { return };
        match rng.u8(..8) {
            0 => drop(hurt.remove(name)),
            1 => rename(hurt, name, rng),
            2 => move_line(hurt, name, rng.choice(&names).unwrap(), rng),
            3 | 4 => damage_bytes(hurt.get_mut(name).unwrap(), rng),
            5 => damage_lines(hurt.get_mut(name).unwrap(), rng),
            _ => self.forge(name, hurt.get_mut(name).unwrap(), rng),
        }
    }

    /// Changes what a line says, to something else or to what another says, and writes the checksum that
    /// belongs to it.
    fn forge(&self, name: &str, bytes: &mut Vec<u8>, rng: &mut Rng) {
        let mut lines = split(bytes);
        let at = rng.usize(..lines.len().max(1));
        let Some(mut said) = lines.get(at).and_then(|line| json_of(line)) else { return };
        if rng.u8(..4) == 0 {
            let other = rng.usize(..self.lines.len());
            said = self.lines.iter().nth(other).and_then(|line| json_of(line)).unwrap();
        } else {
            self.pool.change(&mut said, rng);
        }
        lines[at] = with_checksum(said.to_string().as_bytes(), name, at);
        *bytes = lines.concat();
    }
}

/// A line of a file with its checksum: that of its JSON and, but for the first line, of its place.
fn with_checksum(said: &[u8], name: &str, at: usize) -> Vec<u8> {
    let digits = name.trim_end_matches(".jsonl").rsplit('-').next();
    let generation: u64 = digits.and_then(|digits| digits.parse().ok()).unwrap_or_default();
    let mut sum = crc32fast::Hasher::new();
    sum.update(said);
    if at > 0 {
        sum.update(&generation.to_le_bytes());
        sum.update(&(at as u64 - 1).to_le_bytes());
    }
    [said, format!(" {:08x}\n", sum.finalize()).as_bytes()].concat()
}

fn rename(hurt: &mut Files, name: &str, rng: &mut Rng) {
    let kind = rng.choice(["state", "journal"]).unwrap();
    let generation = rng.choice([0, 1, 2, 3, 4, 5, u64::MAX - 1, u64::MAX]).unwrap();
    let bytes = if rng.bool() { hurt.remove(name) } else { hurt.get(name).cloned() };
    hurt.insert(format!("{kind}-{generation:08}.jsonl"), bytes.unwrap());
}

fn move_line(hurt: &mut Files, from: &str, to: &str, rng: &mut Rng) {
    let mut lines = split(&hurt[from]);
    if !lines.is_empty() {
        let line = lines.remove(rng.usize(..lines.len()));
        hurt.insert(from.to_owned(), lines.concat());
        let mut lines = split(&hurt[to]);
        lines.insert(rng.usize(..=lines.len()), line);
        hurt.insert(to.to_owned(), lines.concat());
    }
}

fn damage_bytes(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let at = rng.usize(..bytes.len().max(1));
    match rng.u8(..4) {
        _ if bytes.is_empty() => bytes.push(rng.u8(..)),
        0 => bytes[at] ^= 1 << rng.u8(..8),
        1 => bytes.truncate(at),
        2 => bytes.insert(at, *rng.choice(b"\n \0{\xFF").unwrap()),
        _ => drop(bytes.drain(at..(at + 20).min(bytes.len()))),
    }
}

fn damage_lines(bytes: &mut Vec<u8>, rng: &mut Rng) {
    let mut lines = split(bytes);
    if lines.is_empty() {
        return;
    }
    let (one, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
    match rng.u8(..4) {
        0 => drop(lines.remove(one)),
        1 => lines.insert(other, lines[one].clone()),
        2 => lines.swap(one, other),
        _ => lines.truncate(one),
    }
    *bytes = lines.concat();
}

/// Some steps of a history in two accounts, and everything else that is kept.
fn live(emulator: &Emulator, session: u64) {
    let mut rng = Rng::with_seed(session);
    for _ in 0..8 {
        let ids: Vec<String> = with(emulator, |tenant| {
            tenant.world.instance.iter().map(|it| it.id.to_string()).collect()
        });
        for step in next(&mut rng, &ids) {
            drop(take(emulator, &step));
        }
        emulator.with_tenant("other", |tenant| tenant.clock.advance(Span::hours(1)));
    }
    emulator.keep("default", &format!("session {session}"));
    with(emulator, |tenant| {
        tenant.faults.push(Fault { drop: true, action: Some("None".into()), ..Fault::default() });
    });
    emulator.with_tenant("gone", |tenant| tenant.clock.advance(Span::days(1)));
    if session.is_multiple_of(2) {
        emulator.forget("default", "session 0");
        emulator.reset("gone");
    }
    emulator
        .answer(&Incoming::get("Action=AllocateEipAddress&RegionId=cn-hangzhou&AccessKeyId=other"));
}

fn open(directory: &Path) -> Result<Emulator, StoreError> {
    Emulator::open(start(1, true), directory)
}

/// Everything that comes back from a directory: worlds, clocks, faults, kept worlds.
fn seen(emulator: &Emulator) -> Value {
    let accounts = ACCOUNTS.map(|account| {
        let (world, clock, faults) = emulator.with_tenant(account, |tenant| {
            tenant.world.settle(tenant.clock.now());
            (tenant.world.to_value().unwrap(), tenant.clock, tenant.faults.clone())
        });
        json!({"world": world, "clock": clock, "faults": faults, "kept": emulator.kept(account)})
    });
    accounts.into_iter().collect()
}

/// What was never seen, as far as it differs from the latest that was.
fn difference(pasts: &[Value], found: &Value) -> String {
    let last = pasts.last().unwrap();
    let differ = |account: usize, part: &&str| last[account][*part] != found[account][*part];
    let parts = (0..ACCOUNTS.len()).flat_map(|account| {
        let parts = ["world", "clock", "faults", "kept"].into_iter();
        parts.filter(move |part| differ(account, part)).map(move |part| (account, part))
    });
    let told = parts.map(|(account, part)| {
        format!("{} {part}: {:.300}", ACCOUNTS[account], found[account][part])
    });
    told.collect::<Vec<_>>().join("\n")
}

/// What happens next is there again after another start.
fn must_go_on(directory: &Path, is_forged: bool) {
    let emulator = open(directory).unwrap();
    let allocate = "Action=AllocateEipAddress&RegionId=cn-hangzhou&Format=JSON";
    let before = seen(&emulator);
    let answer = emulator.answer(&Incoming::get(allocate));
    let _ = emulator.move_clock("default", |clock| clock.set(clock.now().plus(Span::hours(1))));
    let after = seen(&emulator);
    let stands = |account| emulator.with_tenant(account, |tenant| tenant.clock.is_frozen());
    if !ACCOUNTS.into_iter().all(stands) {
        return;
    }
    assert!(is_forged || (answer.status == 200 && before != after));
    drop(emulator);
    let again = seen(&open(directory).unwrap());
    assert!(again == after, "lost: {}", difference(&[after], &again));
}

/// Everything of a directory but its lock.
fn files(directory: &Path) -> Files {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| !path.ends_with("lock"));
    let named = |path: PathBuf| (path.file_name().unwrap().to_str().unwrap().to_owned(), path);
    files.map(named).map(|(name, path)| (name, fs::read(path).unwrap())).collect()
}

/// Lines with their ends; the last may have none.
fn split(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

fn json_of(line: &[u8]) -> Option<Value> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    serde_json::from_slice(&line[..line.len().checked_sub(CHECKSUM)?]).ok()
}
