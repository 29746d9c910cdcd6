//! The files of a data directory: lines of JSON, each with a checksum of it and its place, behind a line
//! that says what the file is. `state-N` is every account at a moment, `journal-N` what happened from there on. A line that
//! is cut short at the end of a journal was never acknowledged; any other wrong line is damage.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::domain::brief::briefly;
use crate::{reading, writing};

/// The form of these files. In form 1 a journal did not say how many records the one before it has; up to
/// form 2 a checksum was of the JSON alone, worlds said what is as by default, too, and lives what came of
/// each change.
pub(super) const FORMAT: u32 = 3;

/// The first form in which checksums know the place of their line.
const PLACED: u32 = 3;

/// The length of a checksum with the space before it.
const CHECKSUM: usize = 9;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// Every account at a moment.
    State,
    /// What happened since.
    Journal,
}

/// The first line of a file. Later forms may say more here, so that unknown keys are no error.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    /// The version of ecs-local that wrote it.
    pub(super) ecs_local: String,
    /// Its form.
    pub(super) format: u32,
    /// What it is.
    pub(super) kind: Kind,
    /// Which of its kind.
    pub(super) generation: u64,
    /// In a journal: how many records the one before it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<u64>,
}

/// The last line of a state.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// How many records stand before it.
    pub(super) records: u64,
}

impl Header {
    pub(super) fn of_state(generation: u64) -> Self {
        let ecs_local = env!("CARGO_PKG_VERSION").to_owned();
        Self { ecs_local, format: FORMAT, kind: Kind::State, generation, behind: None }
    }

    pub(super) fn of_journal(generation: u64, behind: u64) -> Self {
        Self { kind: Kind::Journal, behind: Some(behind), ..Self::of_state(generation) }
    }
}

/// The name of a file.
pub(super) fn path(directory: &Path, kind: Kind, generation: u64) -> PathBuf {
    let kind = match kind {
        Kind::State => "state",
        Kind::Journal => "journal",
    };
    directory.join(format!("{kind}-{generation:08}.jsonl"))
}

/// The generations of one kind that are there, in order. A file with a larger number is not ours.
pub(super) fn generations(directory: &Path, kind: Kind) -> io::Result<Vec<u64>> {
    let mut found = Vec::new();
    for entry in directory.read_dir()? {
        let name = entry?.file_name();
        let digits = name.to_str().and_then(|name| name.strip_suffix(".jsonl"));
        let number = digits.and_then(|name| name.rsplit_once('-')?.1.parse::<u32>().ok());
        let number = number.map(u64::from);
        found.extend(number.filter(|number| path(directory, kind, *number).ends_with(&name)));
    }
    found.sort_unstable();
    Ok(found)
}

/// Opens a new file for lines. What it holds is nobody else's business: it has secrets.
pub(super) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes sure that a file's name is on disk, too.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Where a line stands. Its checksum covers this, so that none is lost, doubled or moved unnoticed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The generation of its file.
    pub(super) generation: u64,
    /// How many records stand before it.
    pub(super) records: u64,
}

impl Place {
    /// The checksum of a line here, from that of its JSON.
    fn sum(self, json: u32) -> u32 {
        let mut sum = crc32fast::Hasher::new_with_initial(json);
        sum.update(&self.generation.to_le_bytes());
        sum.update(&self.records.to_le_bytes());
        sum.finalize()
    }
}

/// Records as JSON, whose place is not known yet.
#[derive(Debug, Default)]
pub(super) struct Unplaced {
    json: Vec<u8>,
    /// Where each ends, and its checksum.
    ends: Vec<(usize, u32)>,
}

impl Unplaced {
    /// Adds one.
    pub(super) fn push(&mut self, thing: &impl Serialize) -> io::Result<()> {
        let begin = self.json.len();
        briefly(|| writing::append(&mut self.json, thing))?;
        self.ends.push((self.json.len(), crc32fast::hash(&self.json[begin..])));
        Ok(())
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Writes them as the lines from a place on.
    pub(super) fn write(&self, out: &mut Vec<u8>, mut place: Place) -> io::Result<()> {
        let mut begin = 0;
        for (end, sum) in &self.ends {
            out.extend_from_slice(&self.json[begin..*end]);
            writeln!(out, " {:08x}", place.sum(*sum))?;
            begin = *end;
            place.records += 1;
        }
        Ok(())
    }
}

/// Writes the first line of a file, with the checksum of its JSON: it says itself where it stands.
pub(super) fn write_header(out: &mut impl Write, header: &Header) -> io::Result<()> {
    let sum = write_json(out, header)?;
    writeln!(out, " {sum:08x}")
}

/// Writes a line of JSON at its place, however long, in one go.
pub(super) fn write_line(
    out: &mut impl Write,
    thing: &impl Serialize,
    place: Place,
) -> io::Result<()> {
    let sum = write_json(out, thing)?;
    writeln!(out, " {:08x}", place.sum(sum))
}

/// Writes JSON, however much. Answers its checksum.
fn write_json(out: &mut impl Write, thing: &impl Serialize) -> io::Result<u32> {
    let mut sum = crc32fast::Hasher::new();
    let mut hand_on = |piece: &[u8]| {
        sum.update(piece);
        out.write_all(piece)
    };
    briefly(|| writing::in_pieces(thing, &mut hand_on))?;
    Ok(sum.finalize())
}

/// The lines of a file, read one by one.
pub(super) struct Lines {
    path: PathBuf,
    reader: BufReader<File>,
    read: usize,
    /// Where the next line stands, if its checksum knows.
    place: Option<Place>,
}

impl Lines {
    /// Opens a file, and reads what it is. `None` for a journal of which not even that was finished.
    pub(super) fn open(
        directory: &Path,
        kind: Kind,
        generation: u64,
    ) -> Result<Option<(Header, Self)>, StoreError> {
        let path = path(directory, kind, generation);
        let reader =
            BufReader::with_capacity(1 << 20, File::open(&path).map_err(StoreError::at(&path))?);
        let mut lines = Self { path, reader, read: 0, place: None };
        let Some(first) = lines.next_line(kind)? else { return Ok(None) };
        let header: Header = lines.parsed(&first)?;
        if header.format > FORMAT {
            let (path, by) = (lines.path, header.ecs_local);
            return Err(StoreError::Newer { path, format: header.format, by });
        }
        if header.kind != kind || header.generation != generation {
            return Err(lines.damaged("it is not the file its name says"));
        }
        lines.place = (header.format >= PLACED).then_some(Place { generation, records: 0 });
        Ok(Some((header, lines)))
    }

    /// The next line's JSON, its checksum verified. `None` at the end.
    pub(super) fn next_line(&mut self, kind: Kind) -> Result<Option<Vec<u8>>, StoreError> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).map_err(StoreError::at(&self.path))?;
        if line.is_empty() {
            return Ok(None);
        }
        self.read += 1;
        let is_whole = line.pop_if(|last| *last == b'\n').is_some();
        let place = self.place;
        if is_whole && is_intact(&line, place) {
            line.truncate(line.len() - CHECKSUM);
            self.place = place.map(|place| Place { records: place.records + 1, ..place });
            return Ok(Some(line));
        }
        // A line whose very last byte is wrong is no line that was cut short.
        let was_whole = || line.split_last().is_some_and(|(_, rest)| is_intact(rest, place));
        if !is_whole && kind == Kind::Journal && !was_whole() {
            return Ok(None);
        }
        Err(self.damaged("its checksum is another"))
    }

    /// A line as a value.
    pub(super) fn parsed<T: for<'de> Deserialize<'de>>(
        &self,
        line: &[u8],
    ) -> Result<T, StoreError> {
        reading::json(line).map_err(|misfit| self.damaged(&misfit.in_text(line).to_string()))
    }

    /// The error for the line read last.
    pub(super) fn damaged(&self, why: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), line: self.read, why: why.to_owned() }
    }
}

/// Does the checksum at its end belong to a line, and to its place where it knows that?
fn is_intact(line: &[u8], place: Option<Place>) -> bool {
    let Some(at) = line.len().checked_sub(CHECKSUM) else { return false };
    let (json, sum) = line.split_at(at);
    let right = crc32fast::hash(json);
    let right = place.map_or(right, |place| place.sum(right));
    sum == format!(" {right:08x}").as_bytes()
}
