//! A data directory: what happened to the accounts, on disk before anybody is told of it. `record.rs`
//! says what is written, `file.rs` how, `writer.rs` when. What a record means is the emulator's business.
//!
//! A journal takes records as they come. From time to time a state, every account as it is, makes the
//! journals before it superfluous. Opening only reads: a directory that cannot be used stays as it is.

mod file;
mod record;
mod writer;

pub use record::{Aside, Deed, Record};

use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use crate::reading;
use file::{End, Header, Kind, Lines, Place, Unplaced};
use writer::{Desk, Progress, Size, Writer};

/// How large the journals may become, bytes, before a state makes them superfluous.
const JOURNAL_LIMIT: u64 = 64 * 1024 * 1024;

/// How many there may be: each start that follows a crash adds one.
const JOURNALS_LIMIT: usize = 8;

/// No directory ever gets as far: a larger number of a record in a state is none that was given.
const LARGEST_NUMBER: u64 = u64::MAX / 2;

/// Nor are as many numbers given that no journal has. Held against those before it, and not against a largest one, a
/// record that is accepted has room for those that will follow.
const LARGEST_GAP: u64 = 1 << 32;

/// The extension of a state that is being written.
const UNFINISHED: &str = "tmp";

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or the directory cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// Another process uses it.
    #[error("{0} is in use by another ecs-local")]
    InUse(PathBuf),
    /// A later version wrote it.
    #[error(
        "{path} has format {format} of ecs-local {by}; this version reads up to {max}. Nothing was changed",
        max = file::FORMAT
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: u32,
        /// Who wrote it.
        by: String,
    },
    /// A file is not as it was written.
    #[error("{path}, line {line}: {why}. The file is damaged; nothing was changed")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    fn at(path: &Path) -> impl Fn(io::Error) -> Self {
        move |error| Self::Io { path: path.to_owned(), error }
    }
}

/// A data directory in use.
pub struct Store {
    directory: PathBuf,
    /// Held for as long as the directory is used.
    _lock: File,
    desk: Arc<Desk>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// The number of the latest record.
    number: AtomicU64,
    /// The generation of the latest journal. Held while a state is written.
    generation: Mutex<u64>,
}

/// How a data directory is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where it is.
    pub directory: PathBuf,
    /// How much journal there is since the last state, in bytes.
    pub journal_bytes: u64,
    /// Why it cannot be written at the moment, if it cannot.
    pub failure: Option<String>,
}

/// What a directory held when it was opened.
struct Found {
    /// The generation of the latest file.
    generation: u64,
    /// The largest number of a record.
    number: u64,
    /// How many records the latest journal has.
    latest: u64,
    size: Size,
}

impl Store {
    /// Opens a directory, made where there is none, and hands every record to `recover` in order.
    ///
    /// # Errors
    /// A directory in use, of a later version, or damaged; it stays as it is.
    pub fn open(
        directory: &Path,
        mut recover: impl FnMut(Record<'static>),
    ) -> Result<Self, StoreError> {
        let io_error = StoreError::at(directory);
        fs::create_dir_all(directory).map_err(&io_error)?;
        let lock = lock(directory)?;
        let found = read(directory, &mut recover)?;
        let generation = found.generation + 1;
        let size = Size { journals: found.size.journals + 1, ..found.size };
        let writer = Writer::begin(directory, generation, found.latest, size).map_err(&io_error)?;
        let desk = Arc::new(Desk::new(Progress { size, ..Progress::default() }));
        let thread = std::thread::Builder::new().name("journal".to_owned());
        let handle = thread.spawn({
            let desk = Arc::clone(&desk);
            move || writer.run(&desk)
        });
        Ok(Self {
            directory: directory.to_owned(),
            _lock: lock,
            desk,
            writer: Mutex::new(Some(handle.map_err(&io_error)?)),
            number: AtomicU64::new(found.number),
            generation: Mutex::new(generation),
        })
    }

    /// Hands in what happened to an account, in order; its lock is held meanwhile. Answers the position
    /// that must be on disk before anybody is told.
    pub fn append<'a>(&self, account: &str, deeds: impl Iterator<Item = Deed<'a>>) -> Appended {
        let mut records = Unplaced::default();
        let mut number = 0;
        for deed in deeds {
            number = self.number.fetch_add(1, Ordering::Relaxed) + 1;
            let record = Record { number, account: account.into(), deed };
            // Writing to memory does not fail, and every deed has a JSON form.
            if let Err(error) = records.push(&record) {
                tracing::error!(%error, account, number, "a record has no form");
            }
        }
        Appended { number, position: self.desk.hand_in(records) }
    }

    /// Which opening of the directory this is, or a later number.
    pub fn generation(&self) -> u64 {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until everything up to a position is on disk.
    ///
    /// # Errors
    /// Why it cannot be written at the moment; it is tried again.
    pub async fn on_disk(&self, position: u64) -> Result<(), String> {
        let mut progress = self.desk.progress.subscribe();
        let settled = progress.wait_for(|it| it.durable >= position || it.failure.is_some()).await;
        let Ok(progress) = settled else { return Err("the journal is closed".to_owned()) };
        match &progress.failure {
            Some(failure) if progress.durable < position => Err(failure.clone()),
            _ => Ok(()),
        }
    }

    /// Is everything up to a position on disk?
    pub fn is_on_disk(&self, position: u64) -> bool {
        self.desk.progress.borrow().durable >= position
    }

    /// The position of what was handed in last.
    pub fn position(&self) -> u64 {
        self.desk.position()
    }

    /// Why nothing can be written at the moment, if so.
    pub fn failure(&self) -> Option<String> {
        self.desk.progress.borrow().failure.clone()
    }

    /// How it is.
    pub fn status(&self) -> Status {
        let progress = self.desk.progress.borrow();
        Status {
            directory: self.directory.clone(),
            journal_bytes: progress.size.bytes,
            failure: progress.failure.clone(),
        }
    }

    /// Are the journals so large, or so many, that a state is due?
    pub fn is_state_due(&self) -> bool {
        let progress = self.desk.progress.borrow();
        progress.size.bytes > JOURNAL_LIMIT || progress.size.journals > JOURNALS_LIMIT
    }

    /// Writes a state that makes all journals so far superfluous. `write` hands every account, as it is
    /// or later, to the function it gets.
    ///
    /// # Errors
    /// What cannot be written. The journals stay then.
    pub fn write_state(
        &self,
        write: impl FnOnce(&mut dyn FnMut(&Record<'_>) -> io::Result<()>) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        let mut latest = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = *latest + 1;
        self.desk.rotate(generation);
        *latest = generation;
        let path = file::path(&self.directory, Kind::State, generation);
        let unfinished = path.with_extension(UNFINISHED);
        let written = write_state(&unfinished, generation, write);
        if let Err(error) = written {
            let _ = fs::remove_file(&unfinished);
            return Err(StoreError::at(&unfinished)(error));
        }
        // What the state holds may be later than its journal's beginning, but not what it waits for.
        self.wait(self.position()).map_err(StoreError::at(&path))?;
        fs::rename(&unfinished, &path).map_err(StoreError::at(&path))?;
        file::sync_directory(&self.directory).map_err(StoreError::at(&self.directory))?;
        self.remove_before(generation).map_err(StoreError::at(&self.directory))
    }

    /// Waits until everything is on disk, and ends.
    ///
    /// # Errors
    /// Something that could not be written.
    pub fn close(&self) -> Result<(), StoreError> {
        self.desk.close();
        let handle = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if handle.is_some_and(|handle| handle.join().is_err()) {
            return Err(StoreError::at(&self.directory)(io::Error::other("the writer failed")));
        }
        let left = self.failure().map(io::Error::other);
        left.map_or(Ok(()), |error| Err(StoreError::at(&self.directory)(error)))
    }

    /// Waits without a runtime.
    fn wait(&self, position: u64) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        runtime.block_on(self.on_disk(position)).map_err(io::Error::other)
    }

    /// Removes what a state has made superfluous, and states that were never finished.
    fn remove_before(&self, generation: u64) -> io::Result<()> {
        for entry in self.directory.read_dir()? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                fs::remove_file(path)?;
            }
        }
        for kind in [Kind::Journal, Kind::State] {
            for older in file::generations(&self.directory, kind)? {
                if older < generation {
                    fs::remove_file(file::path(&self.directory, kind, older))?;
                }
            }
        }
        Ok(())
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            tracing::error!(%error, "the data directory was left in the middle");
        }
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.status().fmt(out)
    }
}

/// Where something that was handed in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Appended {
    /// The number of its last record.
    pub number: u64,
    /// Its position.
    pub position: u64,
}

fn lock(directory: &Path) -> Result<File, StoreError> {
    let path = directory.join("lock");
    let lock = file::create(&path).map_err(StoreError::at(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(directory.to_owned())),
        Err(TryLockError::Error(error)) => Err(StoreError::at(&path)(error)),
    }
}

fn write_state(
    path: &Path,
    generation: u64,
    write: impl FnOnce(&mut dyn FnMut(&Record<'_>) -> io::Result<()>) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, file::create(path)?);
    file::write_header(&mut out, &Header::of_state(generation))?;
    let mut place = Place { generation, records: 0 };
    write(&mut |record| {
        file::write_line(&mut out, record, place)?;
        place.records += 1;
        Ok(())
    })?;
    file::write_line(&mut out, &End { records: place.records }, place)?;
    out.flush()?;
    out.get_ref().sync_all()
}

/// Reads everything that counts: the latest state, and the journals from there on.
fn read(directory: &Path, recover: &mut dyn FnMut(Record<'static>)) -> Result<Found, StoreError> {
    let io_error = StoreError::at(directory);
    let states = file::generations(directory, Kind::State).map_err(&io_error)?;
    let mut journals = file::generations(directory, Kind::Journal).map_err(&io_error)?;
    let mut found = Found { generation: 0, number: 0, latest: 0, size: Size::default() };
    let mut first = 1;
    if let Some(state) = states.last() {
        first = *state;
        journals.retain(|journal| journal >= state);
        read_state(directory, *state, &mut found, recover)?;
    }
    let last = journals.last().copied().unwrap_or(if states.is_empty() { 0 } else { first });
    for generation in first..=last {
        if !journals.contains(&generation) {
            let path = file::path(directory, Kind::Journal, generation);
            return Err(StoreError::Damaged { path, line: 0, why: "it is missing".to_owned() });
        }
        found.generation = generation;
        found.size.journals += 1;
        read_journal(directory, generation, &mut found, recover)?;
    }
    Ok(found)
}

fn read_state(
    directory: &Path,
    generation: u64,
    found: &mut Found,
    recover: &mut dyn FnMut(Record<'static>),
) -> Result<(), StoreError> {
    let opened = Lines::open(directory, Kind::State, generation)?;
    let path = file::path(directory, Kind::State, generation);
    let cut = || StoreError::Damaged { path, line: 0, why: "it is cut short".to_owned() };
    let Some((_, mut lines)) = opened else { return Err(cut()) };
    let mut records = 0;
    // The last line is no record; it is held back until there is none behind it.
    let mut held = None;
    while let Some(line) = lines.next_line(Kind::State)? {
        if let Some(record) = held.replace(line) {
            recover_line(&lines, &record, LARGEST_NUMBER, found, recover)?;
            records += 1;
        }
    }
    let end: Option<End> = held.and_then(|last| reading::json(&last).ok());
    if end.is_some_and(|end| end.records == records) { Ok(()) } else { Err(cut()) }
}

fn read_journal(
    directory: &Path,
    generation: u64,
    found: &mut Found,
    recover: &mut dyn FnMut(Record<'static>),
) -> Result<(), StoreError> {
    let before = std::mem::take(&mut found.latest);
    let Some((header, mut lines)) = Lines::open(directory, Kind::Journal, generation)? else {
        return Ok(());
    };
    // The journal before the first one that counts may be gone.
    if found.size.journals > 1 && header.behind.is_some_and(|behind| behind != before) {
        return Err(lines.damaged("the journal before it has lost records"));
    }
    while let Some(line) = lines.next_line(Kind::Journal)? {
        found.size.bytes += line.len() as u64;
        found.latest += 1;
        recover_line(&lines, &line, found.number.saturating_add(LARGEST_GAP), found, recover)?;
    }
    Ok(())
}

fn recover_line(
    lines: &Lines,
    line: &[u8],
    largest: u64,
    found: &mut Found,
    recover: &mut dyn FnMut(Record<'static>),
) -> Result<(), StoreError> {
    let record: Record<'static> = lines.parsed(line)?;
    if record.number > largest {
        return Err(lines.damaged("no record was given its number"));
    }
    found.number = found.number.max(record.number);
    recover(record);
    Ok(())
}
