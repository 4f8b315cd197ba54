//! The lines of a text file, one at a time, whatever is in them.

use std::io::{self, BufRead, Read};

/// Longest line that is read; a longer one is refused and skipped over.
const LINE_LENGTH_MAX: u64 = 1024 * 1024;

/// A line of a file, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: u64,
    /// The text, or why it is none with what could be read of it.
    pub(super) text: Result<String, (String, String)>,
}

/// The lines of a reader that are not blank.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Lines { reader, number: 0 }
    }

    /// The next line without its end; none at the end of the file.
    fn read(&mut self) -> io::Result<Option<Line>> {
        let mut bytes = Vec::new();
        let length = self.reader.by_ref().take(LINE_LENGTH_MAX).read_until(b'\n', &mut bytes)?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        let whole = bytes.ends_with(b"\n") || (length as u64) < LINE_LENGTH_MAX;
        if !whole {
            self.reader.skip_until(b'\n')?;
        }
        Ok(Some(Line { number: self.number, text: text(bytes, whole) }))
    }
}

fn text(bytes: Vec<u8>, whole: bool) -> Result<String, (String, String)> {
    if !whole {
        let start = String::from_utf8_lossy(&bytes[..256]).into_owned();
        return Err((format!("the line is longer than {LINE_LENGTH_MAX} bytes"), start));
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.trim().trim_start_matches('\u{feff}').to_owned()),
        Err(error) => {
            let raw = String::from_utf8_lossy(error.as_bytes()).trim().to_owned();
            Err((format!("not UTF-8: {}", error.utf8_error()), raw))
        }
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read().transpose()? {
                Ok(Line { text: Ok(text), .. }) if text.is_empty() => {}
                line => return Some(line),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &[u8]) -> Vec<Line> {
        Lines::new(file).map(Result::unwrap).collect()
    }

    #[test]
    fn blank_lines_are_passed_over_but_counted() {
        let lines = read(b"\xef\xbb\xbfone\r\n\n  \ntwo");

        let numbers: Vec<u64> = lines.iter().map(|line| line.number).collect();
        assert_eq!(numbers, [1, 4]);
        assert_eq!(lines[0].text.as_deref(), Ok("one"));
    }

    #[test]
    fn a_line_that_is_not_utf8_or_too_long_is_refused_and_the_next_one_read() {
        let mut file = b"\xff\xfe\n".to_vec();
        file.extend(vec![b'x'; 3 * 1024 * 1024]);
        file.extend(b"\nlast");

        let lines = read(&file);

        assert!(lines[0].text.as_ref().unwrap_err().0.starts_with("not UTF-8"));
        assert!(lines[1].text.as_ref().unwrap_err().0.contains("longer than"));
        assert_eq!(lines[2], Line { number: 3, text: Ok("last".to_owned()) });
    }
}
