//! Decoder of `pgoutput`, protocol version 1: the bytes of one change become a [`Message`].
//!
//! Begin, Commit and logical messages never arrive here: the transport hands those out as events.
//! Type and Origin say nothing the feed needs; they are read as [`Message::Ignored`], as is any tag a
//! newer server may add. Nothing is copied but names: a [`Tuple`] borrows the bytes it was read from.
//!
//! **Invariant**: no input panics, and a message that is cut short is an error, never a guess.
//!
//! Source: PostgreSQL documentation, "Logical Replication Message Formats".

/// What one `pgoutput` message says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Message<'a> {
    /// How a table looks; precedes its first change in a session and every change of its shape.
    Relation(Relation),
    /// A row was added.
    Insert {
        /// Number of the table.
        relation: u32,
        /// The row.
        new: Tuple<'a>,
    },
    /// A row was changed.
    Update {
        /// Number of the table.
        relation: u32,
        /// The replica identity before, when the change touched it.
        old: Option<Tuple<'a>>,
        /// The row after.
        new: Tuple<'a>,
    },
    /// A row was removed.
    Delete {
        /// Number of the table.
        relation: u32,
        /// The replica identity of the row.
        old: Tuple<'a>,
    },
    /// Whole tables were emptied.
    Truncate {
        /// Numbers of the tables.
        relations: Vec<u32>,
    },
    /// A message without meaning for the feed.
    Ignored,
}

/// How a table looks in this session.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    /// Number by which changes name the table.
    pub(crate) id: u32,
    /// Name of the table.
    pub(crate) name: String,
    /// Names of the published columns, in the order of every tuple.
    pub(crate) columns: Vec<String>,
}

/// The column values of a row, still in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tuple<'a> {
    count: u16,
    values: &'a [u8],
}

/// Bytes that are not a `pgoutput` message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The message ended before it was complete.
    #[error("a pgoutput message ended inside its {0}")]
    Short(&'static str),
    /// A byte that has no meaning where it stands.
    #[error("byte {byte:#04x} has no meaning as {what} of a pgoutput message")]
    Unknown {
        /// What was being read.
        what: &'static str,
        /// The byte.
        byte: u8,
    },
    /// A name that is not UTF-8, though the session asked for UTF-8.
    #[error("a name in a pgoutput message is not UTF-8")]
    Name,
}

type Decoded<T> = Result<T, DecodeError>;

/// Reads one message.
pub(crate) fn decode(bytes: &[u8]) -> Decoded<Message<'_>> {
    let mut reader = Reader(bytes);
    match reader.byte("tag")? {
        b'R' => relation(&mut reader),
        b'I' => insert(&mut reader),
        b'U' => update(&mut reader),
        b'D' => delete(&mut reader),
        b'T' => truncate(&mut reader),
        _ => Ok(Message::Ignored),
    }
}

fn relation<'a>(reader: &mut Reader<'a>) -> Decoded<Message<'a>> {
    let id = reader.u32("relation")?;
    reader.name("schema")?;
    let name = reader.name("table")?.to_owned();
    reader.byte("replica identity")?;
    let count = reader.u16("column count")?;
    let mut columns = Vec::new();
    for _ in 0..count {
        reader.byte("column flags")?;
        columns.push(reader.name("column")?.to_owned());
        reader.u32("column type")?;
        reader.u32("column modifier")?;
    }
    Ok(Message::Relation(Relation { id, name, columns }))
}

fn insert<'a>(reader: &mut Reader<'a>) -> Decoded<Message<'a>> {
    let relation = reader.u32("relation")?;
    reader.marker(b"N")?;
    Ok(Message::Insert { relation, new: reader.tuple()? })
}

fn update<'a>(reader: &mut Reader<'a>) -> Decoded<Message<'a>> {
    let relation = reader.u32("relation")?;
    let mut old = None;
    if reader.marker(b"KON")? != b'N' {
        old = Some(reader.tuple()?);
        reader.marker(b"N")?;
    }
    Ok(Message::Update { relation, old, new: reader.tuple()? })
}

fn delete<'a>(reader: &mut Reader<'a>) -> Decoded<Message<'a>> {
    let relation = reader.u32("relation")?;
    reader.marker(b"KO")?;
    Ok(Message::Delete { relation, old: reader.tuple()? })
}

fn truncate<'a>(reader: &mut Reader<'a>) -> Decoded<Message<'a>> {
    let count = reader.u32("relation count")?;
    reader.byte("truncate options")?;
    let mut relations = Vec::new();
    for _ in 0..count {
        relations.push(reader.u32("relation")?);
    }
    Ok(Message::Truncate { relations })
}

impl<'a> Tuple<'a> {
    /// The text of the column at this place; none for null, an unchanged large value or no such column.
    pub(crate) fn text(&self, place: usize) -> Option<&'a str> {
        if place >= usize::from(self.count) {
            return None;
        }
        let mut reader = Reader(self.values);
        for _ in 0..place {
            reader.value().ok()?;
        }
        std::str::from_utf8(reader.value().ok()??).ok()
    }
}

/// The bytes not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize, what: &'static str) -> Decoded<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(DecodeError::Short(what))?;
        self.0 = rest;
        Ok(taken)
    }

    fn byte(&mut self, what: &'static str) -> Decoded<u8> {
        Ok(self.take(1, what)?[0])
    }

    fn u16(&mut self, what: &'static str) -> Decoded<u16> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DecodeError::Short(what))?;
        self.0 = rest;
        Ok(u16::from_be_bytes(*taken))
    }

    fn u32(&mut self, what: &'static str) -> Decoded<u32> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(DecodeError::Short(what))?;
        self.0 = rest;
        Ok(u32::from_be_bytes(*taken))
    }

    /// A name that ends with a zero byte.
    fn name(&mut self, what: &'static str) -> Decoded<&'a str> {
        let end = self.0.iter().position(|&byte| byte == 0).ok_or(DecodeError::Short(what))?;
        let name = self.take(end, what)?;
        self.byte(what)?;
        std::str::from_utf8(name).map_err(|_| DecodeError::Name)
    }

    /// One of the given bytes, which says what follows.
    fn marker(&mut self, known: &[u8]) -> Decoded<u8> {
        let byte = self.byte("tuple marker")?;
        if known.contains(&byte) {
            return Ok(byte);
        }
        Err(DecodeError::Unknown { what: "tuple marker", byte })
    }

    fn tuple(&mut self) -> Decoded<Tuple<'a>> {
        let count = self.u16("column count")?;
        let start = self.0;
        for _ in 0..count {
            self.value()?;
        }
        Ok(Tuple { count, values: &start[..start.len() - self.0.len()] })
    }

    /// One column value; none for null or an unchanged large value.
    fn value(&mut self) -> Decoded<Option<&'a [u8]>> {
        match self.byte("value kind")? {
            b'n' | b'u' => Ok(None),
            b't' | b'b' => {
                let length = self.u32("value length")?;
                let length = usize::try_from(length).map_err(|_| DecodeError::Short("value"))?;
                self.take(length, "value").map(Some)
            }
            byte => Err(DecodeError::Unknown { what: "value kind", byte }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
    use proptest::sample::select;

    use super::*;

    // Captured from PostgreSQL 15.18 with pg_logical_slot_peek_binary_changes.
    const RELATION: &[u8] =
        b"R\0\0I&public\0golden_prices\0i\0\x02\x01offer_id\0\0\0\0\x14\xff\xff\xff\xff\
          \x01product_id\0\0\0\0\x14\xff\xff\xff\xff";
    const INSERT: &[u8] = b"I\0\0I&N\0\x02t\0\0\0\x017t\0\0\0\x0242";
    const UPDATE_OF_KEY: &[u8] =
        b"U\0\0I&K\0\x02t\0\0\0\x017t\0\0\0\x0242N\0\x02t\0\0\0\x018t\0\0\0\x0243";
    const UPDATE: &[u8] = b"U\0\0I&N\0\x02t\0\0\0\x018t\0\0\0\x0243";
    const DELETE: &[u8] = b"D\0\0I&K\0\x02t\0\0\0\x018t\0\0\0\x0243";
    const TRUNCATE: &[u8] = b"T\0\0\0\x01\0\0\0I&";
    const GOLDEN: [&[u8]; 6] = [RELATION, INSERT, UPDATE_OF_KEY, UPDATE, DELETE, TRUNCATE];

    #[test]
    fn a_relation_names_its_columns_in_order() {
        let columns = vec!["offer_id".to_owned(), "product_id".to_owned()];
        let expected = Relation { id: 0x4926, name: "golden_prices".to_owned(), columns };

        assert_eq!(decode(RELATION), Ok(Message::Relation(expected)));
    }

    #[test]
    fn an_inserted_row_gives_its_texts_by_place() {
        let Ok(Message::Insert { relation: 0x4926, new }) = decode(INSERT) else {
            panic!("not an insert of the relation")
        };

        assert_eq!(new.text(0), Some("7"));
        assert_eq!(new.text(1), Some("42"));
        assert_eq!(new.text(2), None);
    }

    #[test]
    fn an_update_of_the_key_names_both_rows() {
        let Ok(Message::Update { old: Some(old), new, .. }) = decode(UPDATE_OF_KEY) else {
            panic!("not an update with its old key")
        };

        assert_eq!((old.text(1), new.text(1)), (Some("42"), Some("43")));
    }

    #[test]
    fn an_update_that_leaves_the_key_has_no_old_row() {
        let Ok(Message::Update { old: None, new, .. }) = decode(UPDATE) else {
            panic!("not an update without an old key")
        };

        assert_eq!((new.text(0), new.text(1)), (Some("8"), Some("43")));
    }

    #[test]
    fn null_and_unchanged_values_have_no_text() {
        let Ok(Message::Insert { new, .. }) = decode(b"I\0\0\0\x01N\0\x03unt\0\0\0\x01x") else {
            panic!("not an insert")
        };

        assert_eq!([0, 1, 2].map(|place| new.text(place)), [None, None, Some("x")]);
    }

    #[test]
    fn an_unknown_value_kind_is_refused() {
        let refused = DecodeError::Unknown { what: "value kind", byte: b'?' };

        assert_eq!(decode(b"I\0\0\0\x01N\0\x01?"), Err(refused));
    }

    #[test]
    fn a_delete_gives_the_key_of_the_row() {
        let Ok(Message::Delete { old, .. }) = decode(DELETE) else { panic!("not a delete") };

        assert_eq!((old.text(0), old.text(1)), (Some("8"), Some("43")));
    }

    #[test]
    fn a_truncate_lists_every_table() {
        let two = b"T\0\0\0\x02\0\0\0\0\x01\0\0\0\x02";

        assert_eq!(decode(TRUNCATE), Ok(Message::Truncate { relations: vec![0x4926] }));
        assert_eq!(decode(two), Ok(Message::Truncate { relations: vec![1, 2] }));
    }

    #[test]
    fn types_origins_and_unknown_tags_are_ignored() {
        for bytes in [&b"Y\0\0\0\x01"[..], b"O", b"\xff"] {
            assert_eq!(decode(bytes), Ok(Message::Ignored));
        }
    }

    #[test]
    fn every_message_that_is_cut_short_is_refused() {
        for golden in GOLDEN {
            for end in 0..golden.len() {
                assert!(decode(&golden[..end]).is_err(), "{golden:?} up to {end}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_decoder_panic(
            tag in select(&b"RIUDTYO"[..]), body in vec(any::<u8>(), 0..200)
        ) {
            let bytes = [&[tag], &body[..]].concat();
            if let Ok(Message::Insert { new, .. }) = decode(&bytes) {
                for place in 0..usize::from(new.count) + 2 {
                    let _ = new.text(place);
                }
            }
        }

        #[test]
        fn a_flipped_byte_is_refused_or_read_within_bounds(
            which in 0..GOLDEN.len(), at in any::<usize>(), byte in any::<u8>()
        ) {
            let mut bytes = GOLDEN[which].to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(Message::Delete { old, .. }) = decode(&bytes) {
                prop_assert!(old.values.len() <= bytes.len());
            }
        }

        #[test]
        fn every_text_reads_back_from_a_tuple(texts in vec(".{0,20}", 0..6)) {
            let mut bytes = b"I\0\0\0\x01N".to_vec();
            bytes.extend(u16::try_from(texts.len()).unwrap().to_be_bytes());
            for text in &texts {
                bytes.push(b't');
                bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
                bytes.extend(text.bytes());
            }

            let Ok(Message::Insert { new, .. }) = decode(&bytes) else {
                panic!("not an insert")
            };
            for (place, text) in texts.iter().enumerate() {
                prop_assert_eq!(new.text(place), Some(text.as_str()));
            }
        }
    }
}
