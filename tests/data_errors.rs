//! The messages that bad data give.
//!
//! Each `tests/golden/bad_data/NAME.csv` is read, all its named columns are selected, and the error
//! is compared with `NAME.expected`. Words after dots in the name are options: `.no_header`,
//! `.drop` (rows with missing values), `.use_x` (select `x` only). A new file needs only a run with
//! `SCOREMATCH_BLESS=1`, and a look at its output.

#[path = "support/golden.rs"]
mod golden;

use scorematch::data::{Columns, CsvOptions, Error, Header, Missing, Selection};
use scorematch::source::{Palette, Source, render};

/// Reads data with the options in the name of the file.
fn select(name: &str, bytes: &[u8]) -> Result<Selection, Error> {
    let words: Vec<&str> = name.split('.').collect();
    let header = if words.contains(&"no_header") { Header::Absent } else { Header::Present };
    let missing = if words.contains(&"drop") { Missing::Drop } else { Missing::Error };
    let columns = Columns::read(bytes, &CsvOptions { header, ..CsvOptions::default() })?;
    let used = words.iter().find_map(|word| word.strip_prefix("use_"));
    let mut names = columns.names();
    names.retain(|name| used.is_none() && !name.is_empty());
    names.extend(used);
    columns.select(&names, missing)
}

fn drawn(name: &str, bytes: &[u8]) -> String {
    let Err(error) = select(name, bytes) else { panic!("{name} holds no error") };
    let source = Source { name: name.to_owned(), text: String::new() };
    render(&error.diagnostic(name), &source, Palette::Plain)
}

#[test]
fn bad_data_have_the_expected_messages() {
    golden::holds("bad_data", "csv", 25, drawn);
}

/// A fault in a column that is not used is not reported.
#[test]
fn faults_of_unused_columns_are_silent() {
    let columns = Columns::from_csv("who,x\nann,1\nbob,2\n".as_bytes()).expect("a table");
    let x = columns.select(&["x"], Missing::Error).expect("x is sound");
    assert_eq!(x.column(0), [1.0, 2.0]);
    let error = columns.select(&["x", "who"], Missing::Drop).expect_err("who is text");
    assert_eq!(error.to_string(), "line 2: `ann` in column `who` is not a number");
}
