//! The one thread that writes: it takes everything that has been handed in, writes it, syncs it, and says
//! how far it is. Callers that come meanwhile wait together for the next sync (group commit). What cannot
//! be written stays and is tried again; nobody is told that it is on disk before it is.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::file::{self, Header, Kind, Place, Unplaced};

/// How long until what could not be written is tried again.
const RETRY: Duration = Duration::from_millis(200);

/// How far it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress {
    /// How much of what was handed in is on disk.
    pub(super) durable: u64,
    /// Why the latest try failed, if it did.
    pub(super) failure: Option<String>,
    /// How much journal there is since the last state.
    pub(super) size: Size,
}

/// How much journal there is.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Size {
    /// Files.
    pub(super) journals: usize,
    /// Bytes in them.
    pub(super) bytes: u64,
}

/// Something to write.
enum Item {
    /// Records, one line each.
    Records(Unplaced),
    /// A new journal begins.
    Rotate(u64),
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    /// How much has been handed in.
    handed_in: u64,
    is_closed: bool,
}

/// What callers and the writer share.
pub(super) struct Desk {
    queue: Mutex<Queue>,
    wake: Condvar,
    pub(super) progress: watch::Sender<Progress>,
}

impl Desk {
    pub(super) fn new(progress: Progress) -> Self {
        let (queue, wake) = (Mutex::default(), Condvar::new());
        Self { queue, wake, progress: watch::Sender::new(progress) }
    }

    /// Hands in records to be written. Answers their position.
    pub(super) fn hand_in(&self, records: Unplaced) -> u64 {
        self.push(Item::Records(records))
    }

    /// Lets everything handed in from now on go into a new journal.
    pub(super) fn rotate(&self, generation: u64) {
        self.push(Item::Rotate(generation));
    }

    /// Nothing more will come.
    pub(super) fn close(&self) {
        self.queue().is_closed = true;
        self.wake.notify_one();
    }

    /// The position of what was handed in last.
    pub(super) fn position(&self) -> u64 {
        self.queue().handed_in
    }

    fn push(&self, item: Item) -> u64 {
        let mut queue = self.queue();
        queue.items.push_back(item);
        queue.handed_in += 1;
        self.wake.notify_one();
        queue.handed_in
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has been handed in, once there is something; `None` when nothing more will come.
    fn take(&self) -> Option<(VecDeque<Item>, u64)> {
        let mut queue = self.queue();
        while queue.items.is_empty() {
            if queue.is_closed {
                return None;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        Some((std::mem::take(&mut queue.items), queue.handed_in))
    }

    /// Waits before another try. Tells whether there is somebody left to try for.
    fn pause(&self) -> bool {
        let queue = self.queue();
        let waited = self.wake.wait_timeout_while(queue, RETRY, |queue| !queue.is_closed);
        !waited.unwrap_or_else(PoisonError::into_inner).0.is_closed
    }
}

/// The journal that is being written.
pub(super) struct Writer {
    directory: PathBuf,
    file: File,
    path: PathBuf,
    /// The length of it that is known to be good,
    good: u64,
    /// and where the record behind that will stand.
    place: Place,
    /// How much journal there is since the last state, with this one.
    size: Size,
    /// Is there something behind the good length that could not be taken back?
    is_torn: bool,
}

impl Writer {
    /// Begins a journal. The one before it has `behind` records.
    pub(super) fn begin(
        directory: &Path,
        generation: u64,
        behind: u64,
        size: Size,
    ) -> io::Result<Self> {
        let path = file::path(directory, Kind::Journal, generation);
        let mut header = Vec::new();
        file::write_header(&mut header, &Header::of_journal(generation, behind))?;
        let begun = begin(&path, &header)
            .and_then(|journal| file::sync_directory(directory).map(|()| journal));
        // What could not be begun is not to be found by the next start.
        let file = begun.inspect_err(|_| drop(std::fs::remove_file(&path)))?;
        let good = header.len() as u64;
        let (directory, place) = (directory.to_owned(), Place { generation, records: 0 });
        Ok(Self { directory, file, path, good, place, size, is_torn: false })
    }

    /// Writes what is handed in until nothing more will come.
    pub(super) fn run(mut self, desk: &Arc<Desk>) {
        while let Some((mut items, upto)) = desk.take() {
            while let Err(error) = self.write(&mut items) {
                self.tell_failure(desk, &error);
                if !desk.pause() {
                    return;
                }
            }
            // Once for all of it: each change of it wakes everybody who waits.
            desk.progress.send_modify(|progress| {
                if progress.failure.is_some() {
                    tracing::info!(path = %self.path.display(), "the journal can be written again");
                }
                *progress = Progress { durable: upto, failure: None, size: self.size };
            });
        }
    }

    /// Tells callers, and the log once, why it cannot be written.
    fn tell_failure(&self, desk: &Desk, error: &io::Error) {
        let failure = Some(format!("{}: {error}", self.path.display()));
        desk.progress.send_modify(|progress| {
            if progress.failure != failure {
                tracing::error!(path = %self.path.display(), %error, "the journal cannot be written");
            }
            progress.failure = failure;
        });
    }

    /// Writes and syncs all items; those that are done are gone, whatever becomes of the others.
    fn write(&mut self, items: &mut VecDeque<Item>) -> io::Result<()> {
        let mut lines = Vec::new();
        let (mut count, mut place) = (0, self.place);
        while let Some(item) = items.get(count) {
            match item {
                Item::Records(records) => {
                    records.write(&mut lines, place)?;
                    place.records += records.len() as u64;
                    count += 1;
                }
                Item::Rotate(_) if count > 0 => break,
                Item::Rotate(generation) => {
                    let generation = *generation;
                    let size = Size { journals: 1, bytes: 0 };
                    *self = Self::begin(&self.directory, generation, self.place.records, size)?;
                    place = self.place;
                    items.pop_front();
                }
            }
        }
        self.append(&lines)?;
        self.place = place;
        self.size.bytes += lines.len() as u64;
        items.drain(..count);
        if items.is_empty() { Ok(()) } else { self.write(items) }
    }

    /// Adds lines to the journal, all or none.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.is_torn {
            self.back_to_good()?;
        }
        let written = self.file.write_all(lines).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.good += lines.len() as u64,
            Err(_) => self.back_to_good()?,
        }
        written
    }

    /// Takes back what was written in part. Where even that fails, on file systems that need room for it
    /// for instance, nothing may follow until it succeeds.
    fn back_to_good(&mut self) -> io::Result<()> {
        use std::io::Seek as _;
        self.is_torn = true;
        self.file.set_len(self.good)?;
        self.file.seek(io::SeekFrom::Start(self.good))?;
        self.is_torn = false;
        Ok(())
    }
}

/// Opens a journal and writes its first line.
fn begin(path: &Path, header: &[u8]) -> io::Result<File> {
    let mut journal = file::create(path)?;
    journal.write_all(header)?;
    journal.sync_all()?;
    Ok(journal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_in_part_is_taken_back_before_anything_follows() {
        let name = format!("ecs-local-torn-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        let mut writer = Writer::begin(&directory, 1, 0, Size::default()).unwrap();
        let header = std::fs::read(&writer.path).unwrap();
        writer.file.write_all(b"a part of the lin").unwrap();
        // Neither written nor shortened: it is open for reading only.
        let unwritable = File::open(&writer.path).unwrap();
        let file = std::mem::replace(&mut writer.file, unwritable);
        assert!(writer.append(b"the line\n").is_err());
        writer.file = file;
        writer.append(b"the line\n").unwrap();
        assert_eq!(std::fs::read(&writer.path).unwrap(), [&header[..], b"the line\n"].concat());
        std::fs::remove_dir_all(&directory).unwrap();
    }
}
