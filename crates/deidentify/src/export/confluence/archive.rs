//! Finds one file in a ZIP archive and unpacks it piece by piece.
//!
//! Nothing but the file that is asked for is unpacked, names are compared and never used as paths, and what unpacks to more
//! than the archive says, or to far more than people's text does, is refused.

use std::io::{self, BufRead, Read};

use flate2::read::DeflateDecoder;

/// Entries of an archive. A space with more attachments is split up by its export.
const MOST_ENTRIES: u64 = 500_000;

/// Bytes that a file unpacks to, and how often as many as it has packed: text hardly ever reaches 30.
const MOST_BYTES: u64 = 1024 * 1024 * 1024;
const MOST_RATIO: u64 = 200;
/// A file that unpacks to no more than this may have any ratio.
const SMALL: u64 = 1024 * 1024;

/// Bytes that are unpacked at once.
const PIECE: usize = 64 * 1024;

const DAMAGED: &str = "the ZIP file is damaged or not whole";

/// One file of an archive.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    packed: &'a [u8],
    deflated: bool,
    size: u64,
    crc: u32,
}

/// The entry of that name, if the archive has it.
///
/// # Errors
/// What is wrong with the archive, in a sentence without a full stop.
pub(super) fn entry<'a>(archive: &'a [u8], name: &str) -> Result<Option<Entry<'a>>, &'static str> {
    let directory = Directory::find(archive).ok_or(DAMAGED)?;
    if directory.entries > MOST_ENTRIES {
        return Err("the ZIP file holds too many files");
    }
    let mut at = directory.start;
    let mut found = None;
    for _ in 0..directory.entries {
        let header = part(archive, at, 46).filter(|header| header.starts_with(b"PK\x01\x02")).ok_or(DAMAGED)?;
        let [name_len, extra_len, comment_len] = [28, 30, 32].map(|at| u64::from(u16_at(header, at)));
        if part(archive, at + 46, name_len).ok_or(DAMAGED)? == name.as_bytes() {
            let extra = part(archive, at + 46 + name_len, extra_len).ok_or(DAMAGED)?;
            if found.replace(Entry::read(archive, header, extra)?).is_some() {
                return Err("the ZIP file holds two files of the same name");
            }
        }
        at += 46 + name_len + extra_len + comment_len;
    }
    Ok(found)
}

/// Where the list of entries stands.
struct Directory {
    start: u64,
    entries: u64,
}

impl Directory {
    fn find(archive: &[u8]) -> Option<Self> {
        // At the end, before a comment of at most 65,535 bytes.
        let tail = archive.len().saturating_sub(22 + usize::from(u16::MAX));
        let end = tail + memchr::memmem::rfind(archive.get(tail..)?, b"PK\x05\x06")?;
        let record = part(archive, end as u64, 22)?;
        let directory = Self { start: u64::from(u32_at(record, 16)), entries: u64::from(u16_at(record, 10)) };
        if directory.entries < u64::from(u16::MAX) && directory.start < u64::from(u32::MAX) {
            return Some(directory);
        }
        // The large form (ZIP64) stands further in front.
        let Some(locator) = end.checked_sub(20).and_then(|at| part(archive, at as u64, 20)) else {
            return Some(directory);
        };
        if !locator.starts_with(b"PK\x06\x07") {
            return Some(directory);
        }
        let record = part(archive, u64_at(locator, 8), 56).filter(|record| record.starts_with(b"PK\x06\x06"))?;
        Some(Self { start: u64_at(record, 48), entries: u64_at(record, 32) })
    }
}

impl<'a> Entry<'a> {
    /// Reads an entry's line of the list, and where its bytes stand.
    fn read(archive: &'a [u8], header: &[u8], extra: &[u8]) -> Result<Self, &'static str> {
        let [mut size, mut packed, mut start] = [24, 20, 42].map(|at| u64::from(u32_at(header, at)));
        // What has no room in the line stands behind it, in this order.
        let mut large = large_numbers(extra);
        for number in [&mut size, &mut packed, &mut start] {
            if *number == u64::from(u32::MAX) {
                *number = large.next().ok_or(DAMAGED)?;
            }
        }
        if u16_at(header, 8) & 1 == 1 {
            return Err("the ZIP file is encrypted; unpack it and pack it without a password");
        }
        let deflated = match u16_at(header, 10) {
            0 => false,
            8 => true,
            _ => return Err("the ZIP file is packed in a way that is not read; pack it with deflate"),
        };
        if size > MOST_BYTES {
            return Err("the export unpacks to more than 1 GB; export fewer pages at a time");
        }
        if size > SMALL && size / MOST_RATIO > packed {
            return Err("the export unpacks to more than 200 times its size, which no text does");
        }
        let local = part(archive, start, 30).filter(|local| local.starts_with(b"PK\x03\x04")).ok_or(DAMAGED)?;
        let names = u64::from(u16_at(local, 26)) + u64::from(u16_at(local, 28));
        let packed = part(archive, start + 30 + names, packed).ok_or(DAMAGED)?;
        Ok(Self { packed, deflated, size, crc: u32_at(header, 16) })
    }

    pub(super) fn unpacked(self) -> Unpacked<'a> {
        let bytes: Box<dyn Read + 'a> =
            if self.deflated { Box::new(DeflateDecoder::new(self.packed)) } else { Box::new(self.packed) };
        Unpacked {
            bytes,
            piece: vec![0; PIECE].into_boxed_slice(),
            read: 0,
            filled: 0,
            line: 1,
            left: self.size,
            crc: crc32fast::Hasher::new(),
            expected: self.crc,
            allowance: u64::MAX,
            refused: None,
        }
    }
}

/// The numbers of the extra field that has those of eight bytes.
fn large_numbers(mut extra: &[u8]) -> impl Iterator<Item = u64> {
    let mut numbers: &[u8] = &[];
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let Some((field, rest)) = rest.split_at_checked(usize::from(u16_at(head, 2))) else { break };
        if u16_at(head, 0) == 1 {
            numbers = field;
            break;
        }
        extra = rest;
    }
    numbers.chunks_exact(8).map(|number| u64_at(number, 0))
}

fn part(bytes: &[u8], start: u64, len: u64) -> Option<&[u8]> {
    let start = usize::try_from(start).ok()?;
    bytes.get(start..start.checked_add(usize::try_from(len).ok()?)?)
}

/// The next bytes as a number, the lowest first; what is missing counts as nothing.
fn number(bytes: &[u8], at: usize, len: usize) -> u64 {
    bytes.iter().skip(at).take(len).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    number(bytes, at, 2) as u16
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    number(bytes, at, 4) as u32
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    number(bytes, at, 8)
}

/// A file while it is unpacked. It knows its line, and stops where more is taken at once than is allowed.
pub(super) struct Unpacked<'a> {
    bytes: Box<dyn Read + 'a>,
    piece: Box<[u8]>,
    read: usize,
    filled: usize,
    /// From 1.
    pub(super) line: u64,
    /// Bytes that the archive says are still to come.
    left: u64,
    crc: crc32fast::Hasher,
    expected: u32,
    /// Bytes that may be taken before [`Self::allow`] is called again.
    allowance: u64,
    /// Why no more is given.
    pub(super) refused: Option<&'static str>,
}

impl Unpacked<'_> {
    /// So many bytes may be taken from here on.
    pub(super) fn allow(&mut self, bytes: u64) {
        self.allowance = bytes;
    }

    fn refuse<T>(&mut self, why: &'static str) -> io::Result<T> {
        self.refused = Some(why);
        Err(io::Error::other(why))
    }

    fn fill(&mut self) -> io::Result<()> {
        let Ok(filled) = self.bytes.read(&mut self.piece) else { return self.refuse(DAMAGED) };
        self.read = 0;
        self.filled = filled;
        match self.left.checked_sub(filled as u64) {
            None => return self.refuse("the export unpacks to more than the ZIP file says"),
            Some(left) => self.left = left,
        }
        self.crc.update(&self.piece[..filled]);
        if filled == 0 && (self.left > 0 || self.crc.clone().finalize() != self.expected) {
            return self.refuse(DAMAGED);
        }
        Ok(())
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let taken = self.fill_buf()?.read(into)?;
        self.consume(taken);
        Ok(taken)
    }
}

impl BufRead for Unpacked<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowance == 0 {
            return self.refuse("one value is larger than 32 MB");
        }
        if self.read == self.filled {
            self.fill()?;
        }
        Ok(&self.piece[self.read..self.filled])
    }

    fn consume(&mut self, taken: usize) {
        let taken_bytes = &self.piece[self.read..self.filled.min(self.read + taken)];
        self.line += memchr::memchr_iter(b'\n', taken_bytes).count() as u64;
        self.allowance = self.allowance.saturating_sub(taken_bytes.len() as u64);
        self.read += taken_bytes.len();
    }
}
