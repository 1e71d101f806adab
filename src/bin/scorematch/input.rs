//! From the files and texts of the command line to a source and a table.

use std::fs::{File, Metadata};
use std::io::{self, BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::bufread::MultiGzDecoder;
use scorematch::data::{Columns, CsvOptions, CsvReader, Delimiter, Error, Header};
use scorematch::source::{Diagnostic, Source};

use crate::args::{ModelArgs, TableArgs, TargetArgs};
use crate::failure::Failure;
use crate::progress::Metered;

/// Stands for standard input.
const STANDARD_INPUT: &str = "-";
/// How files begin that gzip has written.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Data as read.
#[derive(Debug)]
pub struct Table {
    /// What messages and reports call them.
    pub name: String,
    pub columns: Columns,
    /// The first line was read as names, and all of them are numbers.
    pub numeric_header: bool,
    /// How long reading took.
    pub spent: Duration,
}

/// Data of which the header has been read, and the rows are still to come.
#[derive(Debug)]
pub struct Unread {
    name: String,
    reader: CsvReader<Box<dyn Read>>,
    numeric_header: bool,
    spent: Duration,
}

impl Unread {
    /// Reads as far as the header.
    pub fn new(
        name: String,
        reader: Box<dyn Read>,
        options: &CsvOptions,
        threads: Option<NonZeroUsize>,
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
        Ok(Self { name, reader, numeric_header, spent: start.elapsed() })
    }

    /// The names of all columns.
    pub fn names(&self) -> Vec<&str> {
        self.reader.names()
    }

    /// Reads the rows, and keeps these columns.
    pub fn only(self, columns: &[&str]) -> Result<Table, Failure> {
        Self { reader: self.reader.only(columns), ..self }.all()
    }

    /// Reads the rows, and keeps every column.
    pub fn all(self) -> Result<Table, Failure> {
        let start = Instant::now();
        let Self { name, reader, numeric_header, spent } = self;
        let columns = reader.columns().map_err(|error| unfit(&name, &error))?;
        Ok(Table { name, columns, numeric_header, spent: spent + start.elapsed() })
    }
}

fn unfit(name: &str, error: &Error) -> Failure {
    Failure::plain(&error.diagnostic(shown(name)))
}

/// The text of the model and the file of the data, for a command that needs both.
pub fn model_and_data<'a>(
    files: &'a [PathBuf],
    model: &ModelArgs,
) -> Result<(Source, &'a Path), Failure> {
    if files.len() + usize::from(model.expression.is_some()) < 2 {
        return Err(Failure::usage("DATA is missing: name a file, or `-` for standard input"));
    }
    let (given, data) = model_and_maybe_data(files, model)?;
    Ok((given, data.expect("a model and one more file are given")))
}

/// The text of the model, and the file of the data where one is named.
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

/// Reads a model.
pub fn model_file(path: &Path) -> Result<Source, Failure> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|reason| unreadable_model(&name, &reason))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { name, text }),
        Err(_) => {
            let message = format!("`{name}` is not a text in UTF-8");
            Err(Failure::plain(&Diagnostic::error("file", message)))
        }
    }
}

/// A formula in the place of the file is a likely slip.
fn unreadable_model(name: &str, reason: &io::Error) -> Failure {
    let formula = name.contains(['^', '*', '(', '=']) && reason.kind() == io::ErrorKind::NotFound;
    if !formula {
        return Failure::file("read", name, reason);
    }
    let message = format!("there is no file `{name}`");
    let help = format!("to give a model as a text, write `-e '{name}'`");
    Failure::plain(&Diagnostic::error("file", message).help(help))
}

/// Reads a file of text, for options that take one.
pub fn text_file(path: &str) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|reason| Failure::file("read", path, &reason))
}

/// Opens the data, to be read on all processors unless a number of threads is given.
pub fn data(
    path: &Path,
    args: &TableArgs,
    threads: Option<NonZeroUsize>,
    target: &TargetArgs,
) -> Result<Unread, Failure> {
    let name = path.display().to_string();
    let options = CsvOptions {
        delimiter: args.delimiter.unwrap_or(Delimiter::Auto),
        header: if args.no_header { Header::Absent } else { Header::Present },
    };
    let reader = opened(path, &name, target)?;
    Unread::new(name, reader, &options, threads)
}

/// What messages call a file.
pub fn shown(name: &str) -> &str {
    if name == STANDARD_INPUT { "<stdin>" } else { name }
}

fn opened(path: &Path, name: &str, target: &TargetArgs) -> Result<Box<dyn Read>, Failure> {
    if name == STANDARD_INPUT {
        return Ok(unzipped(Metered::new(io::stdin().lock(), None, target)));
    }
    let file = File::open(path).map_err(|reason| Failure::file("read", name, &reason))?;
    // Pipes have names as well, but no length.
    let length = file.metadata().ok().filter(Metadata::is_file).map(|facts| facts.len());
    Ok(unzipped(Metered::new(file, length, target)))
}

/// Sees what a stream is by its beginning, whatever its name says.
fn unzipped(reader: impl Read + 'static) -> Box<dyn Read> {
    let mut reader = BufReader::new(reader);
    // A reader that fails here fails again when it is read, and is reported then.
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
        unzipped(io::Cursor::new(bytes)).read_to_string(&mut text).expect("it is sound");
        text
    }

    #[test]
    fn compressed_and_plain_read_alike() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"x\n1\n").expect("memory takes everything");
        let zipped = encoder.finish().expect("memory takes everything");
        assert_eq!(read(zipped), "x\n1\n");
        assert_eq!(read(b"x\n1\n".to_vec()), "x\n1\n");
        assert_eq!(read(Vec::new()), "");
    }
}
