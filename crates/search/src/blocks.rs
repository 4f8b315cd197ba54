//! How the files of an index are written, so that whoever reads one notices that it was damaged.
//!
//! A file is its body, the CRC-32 of each block of the body, and a trailer: length of the body, CRC-32 of
//! everything behind the body up to here, a magic word. A small file that is replaced as a whole is its
//! content and a line with the content's CRC-32.
//!
//! **Invariant**: no byte of a file is handed out that does not fit its checksum, and none is outside of
//! what a checksum or a comparison covers. Files are read, never mapped: one that was cut short is an error
//! here, while a mapping of it would kill the process.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crc32fast::Hasher;

/// What is checked at once. A page of a disk: posting lists and stored documents are rarely longer.
pub(crate) const BLOCK_BYTES: usize = 4_096;

const CHECKSUM_BYTES: usize = 4;
const TRAILER_BYTES: usize = 16;
const MAGIC: [u8; 4] = *b"souk";
/// A line feed, eight hexadecimal digits, a line feed.
const SEAL_BYTES: usize = 10;

/// The operating system's number for a device that cannot read or write.
const DEVICE_FAILED: i32 = 5;

/// A file that is open for reading. It can be read as long as this lives, even after it was deleted.
#[derive(Debug)]
pub(crate) struct Blocks {
    file: File,
    length: usize,
    checksums: Vec<u32>,
}

impl Blocks {
    /// Opens a file and checks its trailer; its blocks are checked as they are read.
    pub(crate) fn open(path: &Path) -> io::Result<Blocks> {
        let file = File::open(path)?;
        let damaged = || damage("its length does not fit its trailer");
        let size = usize::try_from(file.metadata()?.len()).map_err(|_| damaged())?;
        let trailer_start = size.checked_sub(TRAILER_BYTES).ok_or_else(damaged)?;
        let (length, checksum) = trailer(&read_exact(&file, trailer_start..size)?)?;
        if length > size || size != length + checksums_bytes(length) + TRAILER_BYTES {
            return Err(damaged());
        }
        let table = read_exact(&file, length..trailer_start)?;
        if seal(&table, length) != checksum {
            return Err(damage("its checksums are damaged"));
        }
        let (checksums, _) = table.as_chunks::<CHECKSUM_BYTES>();
        let checksums = checksums.iter().map(|&bytes| u32::from_le_bytes(bytes)).collect();
        Ok(Blocks { file, length, checksums })
    }

    /// Bytes of the body.
    pub(crate) fn length(&self) -> usize {
        self.length
    }

    /// Reads the blocks around a range of the body and checks them; the range's place in what was read.
    pub(crate) fn read(&self, range: Range<usize>) -> io::Result<(Vec<u8>, Range<usize>)> {
        if range.start > range.end || range.end > self.length {
            return Err(damage("something that was to be read is beyond its end"));
        }
        let first = range.start / BLOCK_BYTES;
        let start = first * BLOCK_BYTES;
        let end = range.end.next_multiple_of(BLOCK_BYTES).min(self.length);
        let bytes = read_exact(&self.file, start..end.max(start))?;
        let blocks = bytes.chunks(BLOCK_BYTES).zip(&self.checksums[first..]);
        for (number, (block, &checksum)) in (first..).zip(blocks) {
            if crc32fast::hash(block) != checksum {
                return Err(damage(&format!("block {number} does not fit its checksum")));
            }
        }
        Ok((bytes, range.start - start..range.end - start))
    }
}

/// The checksums of a body that is being written.
#[derive(Default)]
pub(crate) struct Seals {
    length: usize,
    table: Vec<u8>,
    block: Hasher,
}

impl Seals {
    /// Takes note of what was written.
    pub(crate) fn update(&mut self, mut written: &[u8]) {
        while !written.is_empty() {
            let room = BLOCK_BYTES - self.length % BLOCK_BYTES;
            let (block, rest) = written.split_at(room.min(written.len()));
            self.block.update(block);
            self.length += block.len();
            if block.len() == room {
                self.end_block();
            }
            written = rest;
        }
    }

    /// What follows the body.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        if !self.length.is_multiple_of(BLOCK_BYTES) {
            self.end_block();
        }
        let checksum = seal(&self.table, self.length);
        let mut end = self.table;
        end.extend((self.length as u64).to_le_bytes());
        end.extend(checksum.to_le_bytes());
        end.extend(MAGIC);
        end
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        self.table.extend(block.finalize().to_le_bytes());
    }
}

/// A small file's content with its checksum.
pub(crate) fn sealed(content: &[u8]) -> Vec<u8> {
    let mut sealed = content.to_vec();
    sealed.extend(seal_line(content));
    sealed
}

/// The content of a small file, if it fits its checksum.
pub(crate) fn unsealed(mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let damaged = || damage("it does not fit its checksum");
    let length = bytes.len().checked_sub(SEAL_BYTES).ok_or_else(damaged)?;
    let line = bytes.split_off(length);
    if line == seal_line(&bytes) { Ok(bytes) } else { Err(damaged()) }
}

/// Whether an error says that a file is not what was written, and not that the machine has run out of
/// something or forbids it.
pub(crate) fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof)
        || error.raw_os_error() == Some(DEVICE_FAILED)
}

pub(crate) fn damage(reason: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

fn seal_line(content: &[u8]) -> Vec<u8> {
    format!("\n{:08x}\n", crc32fast::hash(content)).into_bytes()
}

/// Checksum of the checksums and the length of the body.
fn seal(table: &[u8], length: usize) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(table);
    hasher.update(&(length as u64).to_le_bytes());
    hasher.finalize()
}

/// The length of the body and the checksum of what is between it and the trailer.
fn trailer(bytes: &[u8]) -> io::Result<(usize, u32)> {
    let damaged = || damage("its trailer is damaged");
    let (length, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    let (checksum, magic) = rest.split_first_chunk().ok_or_else(damaged)?;
    if magic != MAGIC {
        return Err(damaged());
    }
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    Ok((length, u32::from_le_bytes(*checksum)))
}

fn checksums_bytes(length: usize) -> usize {
    length.div_ceil(BLOCK_BYTES) * CHECKSUM_BYTES
}

fn read_exact(file: &File, range: Range<usize>) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; range.len()];
    file.read_exact_at(&mut bytes, range.start as u64)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;
    use tempfile::NamedTempFile;

    use super::*;

    fn written(body: &[u8], pieces: usize) -> NamedTempFile {
        let mut seals = Seals::default();
        for piece in body.chunks(pieces) {
            seals.update(piece);
        }
        let file = NamedTempFile::new().unwrap();
        fs::write(file.path(), [body, &seals.finish()].concat()).unwrap();
        file
    }

    fn body(length: usize) -> Vec<u8> {
        (0..length).map(|place| (place * 31 % 251).to_le_bytes()[0]).collect()
    }

    fn read_all(path: &Path) -> io::Result<Vec<u8>> {
        let blocks = Blocks::open(path)?;
        Ok(blocks.read(0..blocks.length())?.0)
    }

    proptest! {
        #[test]
        fn every_range_of_a_body_is_read_as_it_was_written(
            length in 0..3 * BLOCK_BYTES, pieces in 1..9_000_usize, a in any::<usize>(), b in any::<usize>(),
        ) {
            let body = body(length);
            let file = written(&body, pieces);
            let (a, b) = (a % (length + 1), b % (length + 1));
            let range = a.min(b)..a.max(b);

            let (bytes, place) = Blocks::open(file.path()).unwrap().read(range.clone()).unwrap();

            prop_assert_eq!(&bytes[place], &body[range]);
        }

        #[test]
        fn every_flipped_bit_and_every_cut_is_noticed(
            length in 0..3 * BLOCK_BYTES, at in any::<usize>(), bit in 0..8_u32,
        ) {
            let file = written(&body(length), 1_000);
            let whole = fs::read(file.path()).unwrap();
            let at = at % whole.len();
            let mut flipped = whole.clone();
            flipped[at] ^= 1_u8 << bit;

            for damaged in [&flipped[..], &whole[..at]] {
                fs::write(file.path(), damaged).unwrap();
                let error = read_all(file.path()).unwrap_err();
                prop_assert!(is_damage(&error), "{}", error);
            }
        }

        #[test]
        fn a_small_file_comes_back_whole_or_not_at_all(
            content in any::<Vec<u8>>(), at in any::<usize>(), bit in 0..8_u32,
        ) {
            let whole = sealed(&content);
            let at = at % whole.len();
            let mut flipped = whole.clone();
            flipped[at] ^= 1_u8 << bit;

            prop_assert_eq!(unsealed(whole.clone()).unwrap(), content);
            prop_assert!(unsealed(flipped).is_err());
            prop_assert!(unsealed(whole[..at].to_vec()).is_err());
        }
    }

    #[test]
    fn a_file_cut_short_while_it_is_open_is_an_error() {
        let file = written(&body(3 * BLOCK_BYTES), 1_000);
        let blocks = Blocks::open(file.path()).unwrap();

        file.as_file().set_len(100).unwrap();

        assert!(is_damage(&blocks.read(BLOCK_BYTES..BLOCK_BYTES + 1).unwrap_err()));
    }

    #[test]
    fn a_deleted_file_can_be_read_while_it_is_open() {
        let file = written(&body(BLOCK_BYTES), 1_000);
        let blocks = Blocks::open(file.path()).unwrap();

        file.close().unwrap();

        assert_eq!(blocks.read(7..9).unwrap().0[7..9], body(9)[7..9]);
    }
}
