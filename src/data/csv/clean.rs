//! A text without its comments and with one blank for each run of blanks, made while it is read.
//!
//! Line feeds stay where they are, so that lines keep their numbers: a comment leaves a blank
//! line. Text in quotation marks stays as it is.

use std::io::{self, Read};

/// How many bytes are read at a time.
const CHUNK: usize = 1 << 16;

/// The parts of a text that are to be taken out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cleaning {
    /// A line that begins with this byte, blanks before it or not, is left out.
    pub(super) comment: Option<u8>,
    /// Runs of blanks and tabs stand between fields; each becomes one blank, and none stays at
    /// the beginning or the end of a line.
    pub(super) blanks: bool,
    pub(super) delimiter: u8,
    /// A line, counted from 1, that is left out in any case.
    pub(super) left_out: Option<u64>,
    /// The line of a comment, counted from 1, that holds the names of the columns.
    pub(super) names: Option<u64>,
}

/// A reader of the text that is left.
#[derive(Debug)]
pub(super) struct Cleaned<R> {
    reader: R,
    cleaner: Option<Cleaner>,
}

impl<R> Cleaned<R> {
    /// Without a cleaning the text comes out as it is.
    pub(super) fn new(reader: R, cleaning: Option<Cleaning>) -> Self {
        Self { reader, cleaner: cleaning.map(Cleaner::new) }
    }
}

impl<R: Read> Read for Cleaned<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.cleaner {
            None => self.reader.read(buffer),
            Some(cleaner) => cleaner.read(&mut self.reader, buffer),
        }
    }
}

/// Where in a line the text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning of a line, or behind blanks there.
    Beginning,
    /// In a line that is left out.
    Omitted,
    /// At the first byte of a field, blanks before it or not.
    FieldStart,
    Field,
    Quoted,
    /// Behind a quotation mark that closes, unless another one follows it.
    QuoteEnd,
}

#[derive(Debug)]
struct Cleaner {
    cleaning: Cleaning,
    place: Place,
    /// The last bytes were a run of blanks that has not been written yet.
    blank: bool,
    line: u64,
    /// Cleaned bytes, of which the first `taken` are handed out.
    ready: Vec<u8>,
    taken: usize,
    chunk: Vec<u8>,
}

impl Cleaner {
    fn new(cleaning: Cleaning) -> Self {
        let chunk = vec![0; CHUNK];
        let place = Place::Beginning;
        Self { cleaning, place, blank: false, line: 1, ready: Vec::new(), taken: 0, chunk }
    }

    fn read(&mut self, reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() {
            (self.taken, self.ready) = (0, std::mem::take(&mut self.ready));
            self.ready.clear();
            let count = reader.read(&mut self.chunk)?;
            if count == 0 {
                return Ok(0);
            }
            for at in 0..count {
                self.take(self.chunk[at]);
            }
        }
        let count = buffer.len().min(self.ready.len() - self.taken);
        buffer[..count].copy_from_slice(&self.ready[self.taken..][..count]);
        self.taken += count;
        Ok(count)
    }

    fn take(&mut self, byte: u8) {
        match self.place {
            Place::Quoted => {
                self.line += u64::from(byte == b'\n');
                self.ready.push(byte);
                self.place = if byte == b'"' { Place::QuoteEnd } else { Place::Quoted };
            }
            _ if byte == b'\n' => {
                self.ready.push(byte);
                (self.place, self.blank) = (Place::Beginning, false);
                self.line += 1;
            }
            Place::Omitted => {}
            Place::Beginning => self.begin(byte),
            Place::FieldStart | Place::Field | Place::QuoteEnd => self.go_on(byte),
        }
    }

    /// The first byte of a line, or one that only blanks come before.
    fn begin(&mut self, byte: u8) {
        let comment = self.cleaning.comment == Some(byte);
        if comment && self.cleaning.names == Some(self.line) {
            return;
        }
        if comment || self.cleaning.left_out == Some(self.line) {
            self.place = Place::Omitted;
            return;
        }
        match byte {
            b' ' | b'\t' if self.cleaning.blanks => {}
            b' ' | b'\t' if byte != self.cleaning.delimiter => self.ready.push(byte),
            _ => {
                self.place = Place::FieldStart;
                self.go_on(byte);
            }
        }
    }

    fn go_on(&mut self, byte: u8) {
        if self.cleaning.blanks && matches!(byte, b' ' | b'\t') {
            self.blank = true;
            return;
        }
        if std::mem::take(&mut self.blank) && byte != b'\r' {
            self.ready.push(b' ');
            self.place = Place::FieldStart;
        }
        self.ready.push(byte);
        let opens = matches!(self.place, Place::FieldStart | Place::QuoteEnd);
        self.place = match byte {
            b'"' if opens => Place::Quoted,
            _ if byte == self.cleaning.delimiter => Place::FieldStart,
            b' ' | b'\t' if self.place == Place::FieldStart => Place::FieldStart,
            _ => Place::Field,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Cleaning =
        Cleaning { comment: None, blanks: false, delimiter: b',', left_out: None, names: None };

    #[track_caller]
    fn check(text: &str, cleaning: &Cleaning, want: &str) {
        let mut cleaned = String::new();
        let mut reader = Cleaned::new(text.as_bytes(), Some(cleaning.clone()));
        reader.read_to_string(&mut cleaned).expect("memory does not fail");
        assert_eq!(cleaned, want, "{text:?}");
    }

    #[test]
    fn comments_leave_blank_lines() {
        let comments = Cleaning { comment: Some(b'#'), ..NOTHING };
        check("# 5\" long\nx,y\n1,2\n", &comments, "\nx,y\n1,2\n");
        check("x\n1\n # two\n#", &comments, "x\n1\n \n");
        check("x\n1#2\n\"a\n#b\"\n", &comments, "x\n1#2\n\"a\n#b\"\n");
        check("x,y\n1, \"a\n#b\"\n#\n", &comments, "x,y\n1, \"a\n#b\"\n\n");
        check("x,y\n5\",\"\"\"\n#\"\n#\n", &comments, "x,y\n5\",\"\"\"\n#\"\n\n");
    }

    #[test]
    fn a_comment_may_hold_the_names() {
        let names = Cleaning { comment: Some(b'#'), names: Some(2), ..NOTHING };
        check("# numbers\n# x,y\n1,2\n#\n", &names, "\n x,y\n1,2\n\n");
    }

    #[test]
    fn a_line_is_left_out() {
        check("sep=;\nx;y\n", &Cleaning { left_out: Some(1), ..NOTHING }, "\nx;y\n");
    }

    #[test]
    fn runs_of_blanks_become_one() {
        let blanks = Cleaning { blanks: true, delimiter: b' ', ..NOTHING };
        check("  x \t y\n 1  2 \r\n\n3 4", &blanks, "x y\n1 2\r\n\n3 4");
        check("\"a  b\"  c\n5\"  6\n", &blanks, "\"a  b\" c\n5\" 6\n");
    }
}
