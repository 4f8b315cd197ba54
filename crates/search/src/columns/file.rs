//! The columns as one file, so that a start does not have to ask the database for them.
//!
//! Magic and version, then sections: kind and length (32 bits each), payload, CRC32 of all three. Numbers
//! are little endian. The first section is the stamp; then come the chunks of the products, each market
//! followed by its chunks, and the end with the number of sections before it, so that a file that was
//! cut off or put together from two is recognised.

use std::io::{BufReader, Error as IoError, ErrorKind, Read, Write};
use std::sync::Arc;

use souk_base::MarketCode;

use super::chunk::{CHUNK_LENGTH, Chunk};
use super::packed::{PACKED_LENGTH, Packed};
use super::{Columns, ORDINAL_MAX};
use crate::{Error, Result};

/// Magic and version.
const MAGIC: &[u8; 12] = b"SOUKCOLUMNS\x01";

/// Kinds of sections.
const STAMP: u32 = 1;
const PRODUCTS: u32 = 2;
const MARKET: u32 = 3;
const CHUNK: u32 = 4;
const END: u32 = 5;

impl Columns {
    /// Writes everything into a file, with a stamp that [`Columns::read`] gives back: whatever the
    /// reader needs to know whether these are the columns it looks for.
    ///
    /// # Errors
    /// When it cannot be written; what has been written so far will be refused as cut off.
    pub fn write(&self, stamp: &str, mut to: impl Write) -> std::io::Result<()> {
        to.write_all(MAGIC)?;
        let mut sections = Sections { to, buffer: Vec::new(), count: 0 };
        sections.write(STAMP, |payload| payload.extend(stamp.as_bytes()))?;
        for (place, ids) in self.products.chunks() {
            sections.write(PRODUCTS, |payload| {
                payload.extend(place.to_le_bytes());
                ids.iter().for_each(|id| payload.extend(id.to_le_bytes()));
            })?;
        }
        for (market, columns) in &self.markets {
            sections.write(MARKET, |payload| payload.extend(market.as_str().as_bytes()))?;
            for (place, chunk) in (0_u32..).zip(&columns.chunks) {
                if !chunk.is_empty() {
                    sections.write(CHUNK, |payload| push_chunk(place, chunk, payload))?;
                }
            }
        }
        let count = sections.count;
        sections.write(END, |payload| payload.extend(count.to_le_bytes()))?;
        sections.to.flush()
    }

    /// Reads a file that [`Columns::write`] wrote: the stamp, and the columns.
    ///
    /// # Errors
    /// [`Error::DamagedColumns`] when it cannot be read, or is anything else than a whole such file of
    /// this version.
    pub fn read(from: impl Read) -> Result<(String, Columns)> {
        let mut file = File { from: BufReader::new(from), payload: Vec::new(), count: 0 };
        file.read_magic()?;
        let mut columns = Columns::default();
        if file.read_section()? != STAMP {
            return Err(damaged("it does not begin with its stamp"));
        }
        let stamp = String::from_utf8(file.payload.clone());
        let stamp = stamp.map_err(|_| damaged("its stamp is not text"))?;
        loop {
            let before = file.count;
            match file.read_section()? {
                PRODUCTS => read_products(&file.payload, &mut columns)?,
                MARKET => read_market(&file.payload, &mut columns)?,
                CHUNK => read_chunk(&file.payload, &mut columns)?,
                END if file.payload == before.to_le_bytes() => break,
                _ => return Err(damaged("a section is not where it belongs")),
            }
        }
        file.expect_end()?;
        Ok((stamp, columns))
    }
}

/// Sections on their way to a file.
struct Sections<W> {
    to: W,
    buffer: Vec<u8>,
    count: u64,
}

impl<W: Write> Sections<W> {
    fn write(&mut self, kind: u32, fill: impl FnOnce(&mut Vec<u8>)) -> std::io::Result<()> {
        self.buffer.clear();
        self.buffer.extend(kind.to_le_bytes());
        self.buffer.extend([0; 4]);
        fill(&mut self.buffer);
        let length = u32::try_from(self.buffer.len() - 8)
            .map_err(|_| IoError::new(ErrorKind::InvalidInput, "a section has 4 GB or more"))?;
        self.buffer[4..8].copy_from_slice(&length.to_le_bytes());
        let checksum = crc32fast::hash(&self.buffer);
        self.buffer.extend(checksum.to_le_bytes());
        self.count += 1;
        self.to.write_all(&self.buffer)
    }
}

/// Place, how many offers each ordinal has, the popularity of each that has any, the offers.
fn push_chunk(place: u32, chunk: &Chunk, payload: &mut Vec<u8>) {
    payload.extend(place.to_le_bytes());
    for place in 0..CHUNK_LENGTH {
        let offers = u32::try_from(chunk.offers(place).len());
        let offers = offers.expect("a chunk has fewer than 2^32 offers");
        payload.extend(offers.to_le_bytes());
    }
    let shown = (0..CHUNK_LENGTH).filter_map(|place| chunk.shown(place));
    shown.for_each(|shown| payload.extend(shown.popularity.to_le_bytes()));
    payload.reserve(chunk.offer_count() * PACKED_LENGTH);
    for place in 0..CHUNK_LENGTH {
        chunk.offers(place).iter().for_each(|offer| payload.extend(offer.to_bytes()));
    }
}

/// A file while it is read.
struct File<R> {
    from: R,
    /// Of the section that was read last.
    payload: Vec<u8>,
    /// Sections read so far.
    count: u64,
}

impl<R: Read> File<R> {
    fn read_magic(&mut self) -> Result<()> {
        let magic = self.bytes::<{ MAGIC.len() }>()?;
        (magic == *MAGIC).then_some(()).ok_or_else(|| damaged("it is no file of this version"))
    }

    /// Reads a section and returns its kind. Memory is taken for what arrives, not for what the length
    /// promises.
    fn read_section(&mut self) -> Result<u32> {
        let head = self.bytes::<8>()?;
        let [kind, length] = [number(&head[..4])?, number(&head[4..])?];
        self.payload.clear();
        let mut payload = (&mut self.from).take(length.into());
        let read = payload.read_to_end(&mut self.payload).map_err(|error| unreadable(&error))?;
        if u32::try_from(read) != Ok(length) {
            return Err(damaged("it ends too early"));
        }
        let mut checksum = crc32fast::Hasher::new();
        checksum.update(&head);
        checksum.update(&self.payload);
        if self.bytes::<4>()? != checksum.finalize().to_le_bytes() {
            return Err(damaged("the checksum of a section is wrong"));
        }
        self.count += 1;
        Ok(kind)
    }

    fn expect_end(&mut self) -> Result<()> {
        match self.from.read(&mut [0]).map_err(|error| unreadable(&error))? {
            0 => Ok(()),
            _ => Err(damaged("something follows its end")),
        }
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes).map_err(|error| unreadable(&error))?;
        Ok(bytes)
    }
}

fn read_products(payload: &[u8], columns: &mut Columns) -> Result<()> {
    let (place, ids) = payload.split_at_checked(4).ok_or_else(short)?;
    let place = chunk_place(place)?;
    let (ids, rest) = ids.as_chunks::<8>();
    if ids.len() != CHUNK_LENGTH || !rest.is_empty() {
        return Err(short());
    }
    for (id, bytes) in columns.products.chunk(place).iter_mut().zip(ids) {
        *id = i64::from_le_bytes(*bytes);
    }
    Ok(())
}

fn read_market(payload: &[u8], columns: &mut Columns) -> Result<()> {
    let code = std::str::from_utf8(payload).ok().and_then(|code| code.parse::<MarketCode>().ok());
    let code = code.filter(|&code| columns.place(code).is_none());
    let code = code.ok_or_else(|| damaged("a market has no code of its own"))?;
    columns.add(code);
    Ok(())
}

/// Reads a chunk into the market that was added last.
fn read_chunk(payload: &[u8], columns: &mut Columns) -> Result<()> {
    let market = columns.markets.last_mut().map(|(_, columns)| Arc::make_mut(columns));
    let market = market.ok_or_else(|| damaged("a chunk belongs to no market"))?;
    let (place, payload) = payload.split_at_checked(4).ok_or_else(short)?;
    let (counts, payload) = payload.split_at_checked(4 * CHUNK_LENGTH).ok_or_else(short)?;
    let counts = counts.chunks_exact(4).map(number).collect::<Result<Vec<u32>>>()?;
    let visible = counts.iter().filter(|&&count| count > 0).count();
    let (popularities, offers) = payload.split_at_checked(4 * visible).ok_or_else(short)?;
    let popularities = popularities.chunks_exact(4).map(number);
    let popularities = popularities.map(|bits| bits.map(f32::from_bits)).collect::<Result<_>>()?;
    let (offers, rest) = offers.as_chunks::<PACKED_LENGTH>();
    let total: u64 = counts.iter().map(|&count| u64::from(count)).sum();
    if offers.len() as u64 != total || !rest.is_empty() {
        return Err(short());
    }
    let offers = offers.iter().map(Packed::from_bytes).collect();
    let chunk = Chunk::of(&counts, popularities, offers);
    let chunk = chunk.ok_or_else(|| damaged("offers are not in order"))?;
    market.put_chunk(chunk_place(place)?, chunk);
    Ok(())
}

/// A chunk's place, when ordinals reach that far.
fn chunk_place(bytes: &[u8]) -> Result<usize> {
    let place = number(bytes)? as usize;
    let in_range = place <= ORDINAL_MAX as usize / CHUNK_LENGTH;
    in_range.then_some(place).ok_or_else(|| damaged("an ordinal is out of range"))
}

fn number(bytes: &[u8]) -> Result<u32> {
    Ok(u32::from_le_bytes(bytes.try_into().map_err(|_| short())?))
}

fn short() -> Error {
    damaged("a section has not the length it should have")
}

fn unreadable(error: &IoError) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedEof => damaged("it ends too early"),
        _ => Error::DamagedColumns { reason: error.to_string() },
    }
}

fn damaged(reason: &str) -> Error {
    Error::DamagedColumns { reason: reason.to_owned() }
}
