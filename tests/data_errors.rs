//! What the user sees of bad data.
//!
//! Each `tests/golden/bad_data/NAME.csv` is read, all its named columns are selected, and the
//! error is drawn as in `NAME.expected`. Words after dots in the name say how: `.no_header`,
//! `.drop` (rows with missing values), `.use_x` (select `x` only). A new file needs only a
//! run with `SCOREMATCH_BLESS=1`, and a look at what that wrote.

use std::fs;
use std::path::{Path, PathBuf};

use scorematch::data::{Columns, CsvOptions, Delimiter, Error, Header, Missing, Selection};
use scorematch::source::{Palette, Source, render};

/// How the name of a file says that it is to be read.
fn select(name: &str, bytes: &[u8]) -> Result<Selection, Error> {
    let words: Vec<&str> = name.split('.').collect();
    let header = if words.contains(&"no_header") { Header::Absent } else { Header::Present };
    let missing = if words.contains(&"drop") { Missing::Drop } else { Missing::Error };
    let columns = Columns::read(bytes, &CsvOptions { delimiter: Delimiter::Auto, header })?;
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

fn bad_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/bad_data");
    let entries = fs::read_dir(folder).expect("the folder of bad data is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "csv"));
    paths.sort();
    paths
}

#[test]
fn bad_data_are_drawn_as_expected() {
    let bless = std::env::var_os("SCOREMATCH_BLESS").is_some_and(|value| value == "1");
    let paths = bad_files();
    assert!(paths.len() >= 25, "only {} bad files", paths.len());
    let mut different = Vec::new();
    for path in paths {
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let drawing = drawn(&name, &fs::read(&path).expect("it is readable"));
        let beside = path.with_extension("expected");
        if bless {
            fs::write(&beside, format!("{drawing}\n")).expect("it is writable");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected.trim_end() != drawing {
            different.push(format!("{name}: expected\n{expected}\nfound\n{drawing}\n"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

/// A fault of a column that is not in use is nobody's business.
#[test]
fn faults_of_unused_columns_are_silent() {
    let columns = Columns::from_csv("who,x\nann,1\nbob,2\n".as_bytes()).expect("it is a table");
    let x = columns.select(&["x"], Missing::Error).expect("x is sound");
    assert_eq!(x.column(0), [1.0, 2.0]);
    let error = columns.select(&["x", "who"], Missing::Drop).expect_err("who is text");
    assert_eq!(error.to_string(), "line 2: `ann` in column `who` is not a number");
}
