//! Reads the files and texts that the command line names: models and tables of data.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::bufread::MultiGzDecoder;
use scorematch::data::{Columns, Comment, CsvOptions, CsvReader, Delimiter, Error, Header, Note};
use scorematch::fit::Warning;
use scorematch::source::{Diagnostic, Source};

use crate::args::{InputArgs, ModelArgs, TableArgs};
use crate::failure::Failure;
use crate::interrupt::Watch;
use crate::progress::Metered;

/// The name of standard input on the command line.
const STANDARD_INPUT: &str = "-";
/// Lines that are examined to decide whether a text is a table.
const TABLE_LINES: usize = 20;
/// The first bytes of a file that gzip has written.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// A table of data.
#[derive(Debug)]
pub struct Table {
    /// The name of the data in messages and reports.
    pub name: String,
    pub columns: Columns,
    /// Whether the first line was read as names and all of them are numbers.
    pub numeric_header: bool,
    /// The time that reading took.
    pub spent: Duration,
}

/// A table whose header has been read, but not its rows.
#[derive(Debug)]
pub struct Unread {
    name: String,
    reader: CsvReader<Box<dyn Read>>,
    numeric_header: bool,
    spent: Duration,
    /// The watch of the command that reads.
    watch: Watch,
}

impl Unread {
    /// Reads the header.
    pub fn new(
        name: String,
        reader: Box<dyn Read>,
        options: &CsvOptions,
        threads: Option<NonZeroUsize>,
        watch: &Watch,
    ) -> Result<Self, Failure> {
        let start = Instant::now();
        let reader = CsvReader::new(reader, options).map_err(|error| unfit(&name, &error))?;
        let reader = match threads {
            Some(threads) => reader.threads(threads),
            None => reader,
        };
        let is_number = |name: &&str| name.trim().parse::<f64>().is_ok();
        let numeric_header =
            options.header == Header::Present && reader.names().iter().all(is_number);
        Ok(Self { name, reader, numeric_header, spent: start.elapsed(), watch: watch.clone() })
    }

    /// The names of all columns.
    pub fn names(&self) -> Vec<&str> {
        self.reader.names()
    }

    /// Reads the rows, and keeps these columns only.
    pub fn only(self, columns: &[&str]) -> Result<Table, Failure> {
        Self { reader: self.reader.only(columns), ..self }.all()
    }

    /// Reads the rows, and keeps all columns.
    pub fn all(self) -> Result<Table, Failure> {
        let start = Instant::now();
        let Self { name, reader, numeric_header, spent, watch } = self;
        let columns = watch.while_polling(|| reader.columns());
        if watch.raised() {
            return Err(interrupted());
        }
        let columns = columns.map_err(|error| unfit(&name, &error))?;
        Ok(Table { name, columns, numeric_header, spent: spent + start.elapsed() })
    }
}

impl Table {
    /// The failure for an error in the data.
    pub fn failure(&self, error: &Error) -> Failure {
        unfit(&self.name, error)
    }

    /// Warnings about how the file was read, where it may have been meant otherwise.
    pub fn notes(&self) -> impl Iterator<Item = (&Note, Warning)> {
        self.columns
            .notes()
            .iter()
            .map(|note| (note, Warning::new(note.code(), format!("{}: {note}", shown(&self.name)))))
    }
}

fn unfit(name: &str, error: &Error) -> Failure {
    Failure::plain(&error.diagnostic(shown(name)))
}

impl InputArgs {
    /// The text of the model and the header of the data, for a command that needs both.
    pub fn open(
        &self,
        threads: Option<NonZeroUsize>,
        watch: &Watch,
    ) -> Result<(Source, Unread), Failure> {
        let Self { files, model, table } = self;
        if files.len() + usize::from(model.expression.is_some()) < 2 {
            return Err(Failure::usage("DATA is missing: name a file, or `-` for standard input"));
        }
        let (source, file) = model_and_maybe_data(files, model)?;
        let file = file.expect("the count of files was checked to include one of data");
        Ok((source, data(file, table, threads, watch)?))
    }
}

/// The text of the model, and the file of the data if one is named.
pub fn model_and_maybe_data<'a>(
    files: &'a [PathBuf],
    model: &ModelArgs,
) -> Result<(Source, Option<&'a Path>), Failure> {
    match (&model.expression, files) {
        (Some(text), [] | [_]) => Ok((text_source(text), files.first().map(PathBuf::as_path))),
        (Some(_), [file, ..]) => Err(Failure::usage(format_args!(
            "the model is given twice: after `-e` and as the file `{}`",
            file.display()
        ))),
        (None, []) => Err(Failure::usage("MODEL is missing: name a file, or write `-e TEXT`")),
        (None, [file, rest @ ..]) => Ok((model_file(file)?, rest.first().map(PathBuf::as_path))),
    }
}

fn text_source(text: &str) -> Source {
    Source { name: "<text>".to_owned(), text: text.to_owned() }
}

/// Reads the text of a model; a table of data is refused.
pub fn model_file(path: &Path) -> Result<Source, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|reason| unreadable_model(&name, &reason))?;
    match String::from_utf8(bytes) {
        Ok(text) if looks_like_a_table(&text) => {
            let message = format!("`{name}` looks like a table of data, not a model");
            let help = "were MODEL and DATA swapped?";
            Err(Failure::plain(&Diagnostic::error("table-as-model", message).help(help)))
        }
        Ok(text) => Ok(Source { name, text }),
        Err(_) => {
            let message = format!("`{name}` is not a text in UTF-8");
            Err(Failure::plain(&Diagnostic::error("file", message)))
        }
    }
}

/// Whether a text has at least three rows with equal numbers of fields, and a column that is
/// numeric below its first line; models have not.
fn looks_like_a_table(text: &str) -> bool {
    let lines =
        text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows: Vec<Vec<&str>> = lines.take(TABLE_LINES).map(fields).collect();
    let Some((first, rows)) = rows.split_first().filter(|(_, rows)| rows.len() >= 2) else {
        return false;
    };
    let even = rows.iter().all(|row| row.len() == first.len());
    let numbers = |column: usize| rows.iter().all(|row| row[column].parse::<f64>().is_ok());
    even && (0..first.len()).any(numbers)
}

fn fields(line: &str) -> Vec<&str> {
    let separator = [',', ';', '\t', '|'].into_iter().find(|&separator| line.contains(separator));
    let fields: Vec<&str> = match separator {
        Some(separator) => line.split(separator).collect(),
        None => line.split_whitespace().collect(),
    };
    fields.into_iter().map(|field| field.trim().trim_matches('"')).collect()
}

/// The failure for a model file that cannot be read. If its name looks like a
/// formula, `-e` is offered.
fn unreadable_model(name: &str, reason: &io::Error) -> Failure {
    let formula = name.contains(['^', '*', '(', '=']) && reason.kind() == io::ErrorKind::NotFound;
    if !formula {
        return Failure::file("read", name, reason);
    }
    let message = format!("there is no file `{name}`");
    let help = format!("to give a model as a text, write `-e '{name}'`");
    Failure::plain(&Diagnostic::error("file", message).help(help))
}

/// Reads a text file, for options that take one.
pub fn text_file(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|reason| Failure::file("read", path, &reason))
}

/// Opens the data, to be read on all processors unless a number of threads is given. An interrupt
/// ends the reading.
pub fn data(
    path: &Path,
    args: &TableArgs,
    threads: Option<NonZeroUsize>,
    watch: &Watch,
) -> Result<Unread, Failure> {
    let name = path.display().to_string();
    let options = CsvOptions {
        delimiter: args.delimiter.unwrap_or(Delimiter::Auto),
        header: if args.no_header { Header::Absent } else { Header::Present },
        comment: args.comment.unwrap_or(Comment::Auto),
        missing: args.na.clone(),
    };
    Unread::new(name.clone(), opened(path, &name, watch)?, &options, threads, watch)
}

/// The failure for an interrupt while reading.
pub fn interrupted() -> Failure {
    Failure::interrupted("reading was interrupted")
}

/// The name of a file in messages.
pub fn shown(name: &str) -> &str {
    if name == STANDARD_INPUT { "<stdin>" } else { name }
}

fn opened(path: &Path, name: &str, watch: &Watch) -> Result<Box<dyn Read>, Failure> {
    if name == STANDARD_INPUT {
        return Ok(unzipped(Metered::new(io::stdin().lock(), None, watch)));
    }
    let file = File::open(path).map_err(|reason| Failure::file("read", name, &reason))?;
    // Pipes can have names too, but have no length.
    let length = file.metadata().ok().filter(Metadata::is_file).map(|facts| facts.len());
    Ok(unzipped(Metered::new(file, length, watch)))
}

/// Decompresses a stream if it begins like one of gzip, whatever its name is.
fn unzipped(reader: impl Read + 'static) -> Box<dyn Read> {
    let mut reader = BufReader::new(reader);
    // A reader that fails here fails again when it is read, and the error is reported then.
    let zipped = reader.fill_buf().is_ok_and(|start| start.starts_with(&GZIP));
    if zipped { Box::new(MultiGzDecoder::new(reader)) } else { Box::new(reader) }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn read(bytes: Vec<u8>) -> String {
        let mut text = String::new();
        unzipped(io::Cursor::new(bytes)).read_to_string(&mut text).expect("valid data");
        text
    }

    #[test]
    fn tables_are_distinguished_from_models() {
        for table in ["1\n2\n3\n", "x,y\n1,2\n2,3\n", "a;b\nx;\"1\"\ny;\"2\"\n", "x y\n1 2\n3 4\n"]
        {
            assert!(looks_like_a_table(table), "{table:?}");
        }
        for model in [
            "-x^2",
            "data x, y\nparam a, b\n-(x - a)^2 - (y - b)^2",
            "data x\nparam mu\nconst c = 2\n-(x - mu)^2/c",
            "",
            "1\n2",
        ] {
            assert!(!looks_like_a_table(model), "{model:?}");
        }
    }

    #[test]
    fn compressed_and_plain_files_read_alike() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"x\n1\n").expect("writing to memory cannot fail");
        let zipped = encoder.finish().expect("writing to memory cannot fail");
        assert_eq!(read(zipped), "x\n1\n");
        assert_eq!(read(b"x\n1\n".to_vec()), "x\n1\n");
        assert_eq!(read(Vec::new()), "");
    }
}
