//! A ZIP file of which every byte is determined by what is in it: files uncompressed, in order, without times.
//!
//! So a pack can be written again from what was read and compared byte by byte, and there is no place in it where anything
//! could be changed unseen. Any program that opens ZIP files opens it. The format is PKWARE's APPNOTE 6.3; what is written
//! here is its oldest and plainest part.

use thiserror::Error;

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ArchiveError {
    #[error("it is larger than 4 GB")]
    TooLarge,
    #[error("it is not a pack as Sluice writes it, or a byte outside its files was changed")]
    NotOurs,
}

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
/// 1 Jan 1980, the first day that the format knows.
const NO_DATE: u16 = 0x0021;
/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
const VERSION: u16 = 20;
/// A regular file that everyone may read, made on a Unix system.
const ATTRIBUTES: u32 = 0o100_644 << 16;
const MADE_BY: u16 = 3 << 8 | VERSION;

struct Writer(Vec<u8>);

impl Writer {
    fn two(&mut self, value: u16) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    fn four(&mut self, value: u32) -> &mut Self {
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// What the local and the central header have in common.
    fn described(&mut self, file: &File, size: u32, name_len: u16) -> &mut Self {
        self.two(VERSION).two(FLAGS).two(0).two(0).two(NO_DATE);
        self.four(crc32fast::hash(&file.bytes)).four(size).four(size).two(name_len).two(0)
    }
}

/// Writes the archive.
///
/// # Errors
/// [`ArchiveError::TooLarge`].
pub(super) fn write(files: &[File]) -> Result<Vec<u8>, ArchiveError> {
    let mut out = Writer(Vec::new());
    let mut central = Writer(Vec::new());
    let four = |len: usize| u32::try_from(len).map_err(|_| ArchiveError::TooLarge);
    let two = |len: usize| u16::try_from(len).map_err(|_| ArchiveError::TooLarge);
    for file in files {
        let (size, name_len, offset) = (four(file.bytes.len())?, two(file.name.len())?, four(out.0.len())?);
        out.four(LOCAL).described(file, size, name_len);
        out.0.extend_from_slice(file.name.as_bytes());
        out.0.extend_from_slice(&file.bytes);
        central.four(CENTRAL).two(MADE_BY).described(file, size, name_len);
        central.two(0).two(0).two(0).four(ATTRIBUTES).four(offset);
        central.0.extend_from_slice(file.name.as_bytes());
    }
    let (start, size, count) = (four(out.0.len())?, four(central.0.len())?, two(files.len())?);
    out.0.extend_from_slice(&central.0);
    out.four(END).two(0).two(0).two(count).two(count).four(size).four(start).two(0);
    Ok(out.0)
}

/// Reads an archive that [`write`] wrote.
///
/// # Errors
/// [`ArchiveError::NotOurs`] for any other, also if only one byte differs.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<File>, ArchiveError> {
    let files = files(bytes).ok_or(ArchiveError::NotOurs)?;
    if write(&files)? == bytes { Ok(files) } else { Err(ArchiveError::NotOurs) }
}

/// The files by their local headers.
fn files(mut bytes: &[u8]) -> Option<Vec<File>> {
    const HEADER: usize = 30;
    let mut files = Vec::new();
    while bytes.get(..4)? == LOCAL.to_le_bytes() {
        let header = bytes.get(..HEADER)?;
        let size = usize::try_from(u32::from_le_bytes(header.get(18..22)?.try_into().ok()?)).ok()?;
        let name_len = usize::from(u16::from_le_bytes(header.get(26..28)?.try_into().ok()?));
        let content = HEADER.checked_add(name_len)?;
        let end = content.checked_add(size)?;
        let name = std::str::from_utf8(bytes.get(HEADER..content)?).ok()?.to_owned();
        files.push(File { name, bytes: bytes.get(content..end)?.to_vec() });
        bytes = bytes.get(end..)?;
    }
    Some(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<File> {
        [("report.html", "<p>é</p>"), ("empty", ""), ("audit.jsonl", "{}\n{}\n")]
            .map(|(name, text)| File { name: name.to_owned(), bytes: text.as_bytes().to_vec() })
            .to_vec()
    }

    #[test]
    fn what_was_written_is_read_back() {
        assert_eq!(read(&write(&files()).unwrap()).unwrap(), files());
        assert_eq!(read(&write(&[]).unwrap()).unwrap(), []);
    }

    #[test]
    fn no_byte_can_be_changed_added_or_taken_without_it_being_seen() {
        let whole = write(&files()).unwrap();
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                assert_ne!(read(&bent).unwrap_or_default(), files(), "byte {at}, bit {bit}");
            }
            assert!(read(&whole[..at]).is_err());
        }
        assert!(read(&[whole, vec![0]].concat()).is_err());
    }
}
