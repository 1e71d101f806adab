//! A text in blocks of whole records, which can be understood one without the other.

use std::io::Read;

use memchr::{memchr, memchr_iter, memrchr};

use super::{separates, unreadable};
use crate::data::error::Error;

/// The characters that a block may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Syntax {
    /// No quotation mark: every delimiter stands between fields, every line feed between
    /// records.
    #[default]
    Plain,
    /// Anything.
    Quoted,
}

/// Whole records, the last of which ends in a line feed.
#[derive(Debug, Default)]
pub(super) struct Block {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    syntax: Syntax,
}

impl Block {
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    pub(super) fn syntax(&self) -> Syntax {
        self.syntax
    }

    pub(super) fn line_feeds(&self) -> u64 {
        memchr_iter(b'\n', self.text()).count() as u64
    }

    /// Leaves out the beginning, which ends with a record.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.end);
    }
}

/// The blocks of a text.
pub(super) struct Blocks<R> {
    reader: R,
    delimiter: u8,
    size: usize,
    /// Bytes that have been read beyond the last block.
    rest: Vec<u8>,
    end: End,
    /// Buffers of blocks that are no longer needed: fresh memory costs more than reading into it.
    spare: Vec<Vec<u8>>,
}

/// Whether more text may come.
enum End {
    /// There may be more.
    Ahead,
    /// The reader has come to its end.
    Reached,
    /// The reader has failed, and the error has not been reported yet.
    Failed(Error),
}

impl<R: Read> Blocks<R> {
    /// The blocks of a text that begins with these bytes and goes on with the reader. A block has about
    /// this size, or the size of its only record where that is larger.
    pub(super) fn new(reader: R, beginning: Vec<u8>, delimiter: u8, size: usize) -> Self {
        Self { reader, delimiter, size, rest: beginning, end: End::Ahead, spare: Vec::new() }
    }

    /// Nothing comes after the last block.
    pub(super) fn ended(&self) -> bool {
        matches!(self.end, End::Reached) && self.rest.is_empty()
    }

    /// Takes back the room of a block.
    pub(super) fn recycle(&mut self, block: Block) {
        self.spare.push(block.buffer);
    }

    /// The next block; `None` at the end. Where the reader fails, the records before come
    /// first.
    pub(super) fn next(&mut self) -> Result<Option<Block>, Error> {
        let (mut buffer, mut filled) = self.begin();
        let mut cut = Cut::default();
        loop {
            filled = self.fill(&mut buffer, filled);
            match self.end {
                End::Reached if filled == 0 => return Ok(None),
                End::Reached => return Ok(Some(self.last(buffer, filled))),
                End::Ahead | End::Failed(_) => {}
            }
            if separates(self.delimiter) {
                cut.advance(&buffer[..filled], self.delimiter);
            }
            if cut.place > 0 {
                self.rest.extend_from_slice(&buffer[cut.place..filled]);
                return Ok(Some(self.block(buffer, cut.place, cut.syntax())));
            }
            if let End::Failed(error) = &self.end {
                return Err(error.clone());
            }
            buffer.resize(2 * buffer.len(), 0);
        }
    }

    /// A buffer for a block, and how many of its bytes are filled by the text read before.
    fn begin(&mut self) -> (Vec<u8>, usize) {
        let mut buffer = self.spare.pop().unwrap_or_default();
        let filled = self.rest.len();
        // One more byte, for a line feed that the end of the text lacks.
        buffer.resize(buffer.len().max(self.size).max(filled) + 1, 0);
        buffer.pop();
        buffer[..filled].copy_from_slice(&self.rest);
        self.rest.clear();
        (buffer, filled)
    }

    /// Reads until the buffer is full or nothing more comes.
    fn fill(&mut self, buffer: &mut [u8], mut filled: usize) -> usize {
        while filled < buffer.len() && matches!(self.end, End::Ahead) {
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => self.end = End::Reached,
                Ok(count) => filled += count,
                Err(error) => self.end = End::Failed(unreadable(&error)),
            }
        }
        filled
    }

    /// The last block; a line feed is added where the text does not end in one.
    fn last(&self, mut buffer: Vec<u8>, mut filled: usize) -> Block {
        let quoted = !separates(self.delimiter) || memchr(b'"', &buffer[..filled]).is_some();
        if buffer[filled - 1] != b'\n' {
            buffer.truncate(filled);
            buffer.push(b'\n');
            filled += 1;
        }
        let syntax = if quoted { Syntax::Quoted } else { Syntax::Plain };
        self.block(buffer, filled, syntax)
    }

    /// A block of this number of bytes, without blanks before the opening quotation mark of a field.
    fn block(&self, mut buffer: Vec<u8>, filled: usize, syntax: Syntax) -> Block {
        let end = match syntax {
            Syntax::Quoted if separates(self.delimiter) => {
                without_padding(&mut buffer[..filled], self.delimiter)
            }
            Syntax::Quoted | Syntax::Plain => filled,
        };
        Block { buffer, start: 0, end, syntax }
    }
}

/// Looks for the last line feed that no quotation mark holds, in a text that grows.
#[derive(Debug, Default)]
struct Cut {
    /// Behind that line feed; 0 while there is none.
    place: usize,
    seen: usize,
    /// A quotation mark is open.
    open: bool,
    quotes: bool,
}

impl Cut {
    fn syntax(&self) -> Syntax {
        if self.quotes { Syntax::Quoted } else { Syntax::Plain }
    }

    /// Looks at the bytes by which the text has grown.
    fn advance(&mut self, text: &[u8], delimiter: u8) {
        while self.seen < text.len() {
            let quote = memchr(b'"', &text[self.seen..]).map(|offset| self.seen + offset);
            let halted = match self.open {
                true => self.inside(text, quote),
                false => self.outside(text, quote, delimiter),
            };
            if halted {
                return;
            }
        }
    }

    /// Goes to the next quotation mark, which opens if it is the first byte of its field.
    fn outside(&mut self, text: &[u8], quote: Option<usize>, delimiter: u8) -> bool {
        let end = quote.unwrap_or(text.len());
        if let Some(feed) = memrchr(b'\n', &text[self.seen..end]) {
            self.place = self.seen + feed + 1;
        }
        self.seen = end;
        if let Some(quote) = quote {
            self.quotes = true;
            self.open = opens(&text[..quote], delimiter);
            self.seen = quote + 1;
        }
        false
    }

    /// Goes behind the next quotation mark, which closes unless another one follows it; true if the byte
    /// behind it has not been read yet.
    fn inside(&mut self, text: &[u8], quote: Option<usize>) -> bool {
        let Some(quote) = quote else {
            self.seen = text.len();
            return true;
        };
        match text.get(quote + 1) {
            None => self.seen = quote,
            Some(b'"') => self.seen = quote + 2,
            Some(_) => (self.open, self.seen) = (false, quote + 1),
        }
        quote + 1 == text.len()
    }
}

/// Whether a quotation mark behind this text opens a field: only blanks stand between the beginning of the
/// field and the mark.
fn opens(before: &[u8], delimiter: u8) -> bool {
    let padding = padding(before, delimiter);
    let last = before[..before.len() - padding].last();
    last.is_none_or(|&byte| byte == delimiter || byte == b'\n')
}

/// The number of blanks at the end of a text that are not separators.
fn padding(text: &[u8], delimiter: u8) -> usize {
    let blank = |&&byte: &&u8| matches!(byte, b' ' | b'\t') && byte != delimiter;
    text.iter().rev().take_while(blank).count()
}

/// Takes blanks out that stand between the beginning of a field and a quotation mark that opens,
/// so that the mark comes first; returns how many bytes are left.
fn without_padding(text: &mut [u8], delimiter: u8) -> usize {
    if memchr_iter(b'"', text).all(|quote| padding(&text[..quote], delimiter) == 0) {
        return text.len();
    }
    let (mut kept, mut seen, mut open) = (0, 0, false);
    while let Some(offset) = memchr(b'"', &text[seen..]) {
        let quote = seen + offset;
        let doubled = open && text.get(quote + 1) == Some(&b'"');
        text.copy_within(seen..quote, kept);
        kept += offset;
        let opening = !open && opens(&text[..kept], delimiter);
        if opening {
            kept -= padding(&text[..kept], delimiter);
        }
        open = doubled || opening;
        seen = quote + 1 + usize::from(doubled);
        text.copy_within(quote..seen, kept);
        kept += seen - quote;
    }
    text.copy_within(seen.., kept);
    kept + text.len() - seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ErrorKind;

    /// The texts of the blocks, and which of them may hold anything.
    fn blocks(text: &str, size: usize) -> Vec<(String, bool)> {
        let mut blocks = Blocks::new(text.as_bytes(), Vec::new(), b',', size);
        let mut found = Vec::new();
        while let Some(block) = blocks.next().expect("memory does not fail") {
            let text = String::from_utf8(block.text().to_vec()).expect("blocks are whole lines");
            found.push((text, block.syntax() == Syntax::Quoted));
            blocks.recycle(block);
        }
        found
    }

    #[track_caller]
    fn check(text: &str, size: usize, want: &[(&str, bool)]) {
        let want: Vec<_> = want.iter().map(|&(text, quoted)| (text.to_owned(), quoted)).collect();
        assert_eq!(blocks(text, size), want, "{text:?} in blocks of {size}");
    }

    #[test]
    fn blocks_end_with_lines() {
        check("", 4, &[]);
        check("12", 4, &[("12\n", false)]);
        check("12\n34\n56", 4, &[("12\n", false), ("34\n", false), ("56\n", false)]);
        check("12\n34\n56\n", 6, &[("12\n34\n", false), ("56\n", false)]);
        check("a long line\n2\n", 3, &[("a long line\n", false), ("2\n", false)]);
    }

    #[test]
    fn blocks_end_outside_of_quotes() {
        check("1,\"a\nb\"\n2,\n", 5, &[("1,\"a\nb\"\n", true), ("2,\n", false)]);
        check("\"a\"\"\n\"\n2\n", 4, &[("\"a\"\"\n\"\n", true), ("2\n", false)]);
        check("5\"\n6\"\n7\n", 4, &[("5\"\n", true), ("6\"\n", true), ("7\n", false)]);
        check("\"a\"b\"\n6\n", 7, &[("\"a\"b\"\n", true), ("6\n", false)]);
        check("1\n\"open\n2\n3\n", 2, &[("1\n", false), ("\"open\n2\n3\n", true)]);
    }

    #[test]
    fn blanks_before_a_quotation_mark_are_no_text() {
        check("1, \"a\nb\"\n2,\n", 5, &[("1,\"a\nb\"\n", true), ("2,\n", false)]);
        check("  \"a \"\" \"\n \t\"b\"", 40, &[("\"a \"\" \"\n\"b\"\n", true)]);
        check("5 \" 6 \"\n7\n", 4, &[("5 \" 6 \"\n", true), ("7\n", false)]);
        check("\"a, \"\"b\", \"c\"\n", 40, &[("\"a, \"\"b\",\"c\"\n", true)]);
    }

    #[test]
    fn a_delimiter_that_may_be_a_digit_makes_one_block() {
        let mut blocks = Blocks::new(&b"516\n718\n"[..], Vec::new(), b'1', 2);
        let block = blocks.next().expect("memory does not fail").expect("a block");
        assert_eq!((block.text(), block.syntax()), (&b"516\n718\n"[..], Syntax::Quoted));
        assert!(blocks.ended());
    }

    #[test]
    fn lines_before_a_failure_come_first() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::Error::other("gone"))
            }
        }
        let mut blocks = Blocks::new(b"1\n2\n3".chain(Broken), Vec::new(), b',', 100);
        let block = blocks.next().expect("two lines come first").expect("a block");
        assert_eq!(block.text(), b"1\n2\n");
        let error = blocks.next().expect_err("it is broken");
        assert_eq!(error.kind, ErrorKind::Unreadable("gone".to_owned()));
    }
}
