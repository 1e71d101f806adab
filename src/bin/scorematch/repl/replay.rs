//! The command that fits a saved model to the data of a session, with the
//! session's reading options.

use std::ffi::OsString;
use std::path::Path;

use scorematch::data::{Comment, Delimiter};

use crate::args::{MissingRows, TableArgs};
use crate::command;

use super::understood::Data;

/// The shell command that fits a saved model to the data.
pub fn call(model: &Path, data: &Data) -> String {
    let mut words = vec!["fit".into(), model.into(), data.table.name.clone().into()];
    for (name, columns) in &data.map {
        words.extend(["--map".into(), format!("{name}={}", columns.join(",")).into()]);
    }
    words.extend(options(&data.reading));
    command::line(words)
}

/// Options that reproduce these reading options. Values follow `=`, since some begin like options.
fn options(reading: &TableArgs) -> Vec<OsString> {
    let TableArgs { delimiter, no_header, comment, na, missing } = reading;
    let mut words = Vec::new();
    words.extend(delimiter.and_then(separator).map(|text| format!("--delimiter={text}")));
    words.extend(no_header.then(|| "--no-header".to_owned()));
    words.extend(comment.and_then(mark).map(|text| format!("--comment={text}")));
    words.extend(na.iter().map(|text| format!("--na={text}")));
    match missing {
        MissingRows::Error => {}
        MissingRows::Drop => words.extend(["--missing", "drop"].map(str::to_owned)),
    }
    words.into_iter().map(OsString::from).collect()
}

fn separator(delimiter: Delimiter) -> Option<String> {
    match delimiter {
        Delimiter::Auto => None,
        Delimiter::Blanks => Some("blanks".to_owned()),
        Delimiter::Byte(b'\t') => Some("tab".to_owned()),
        Delimiter::Byte(b' ') => Some("space".to_owned()),
        Delimiter::Byte(byte) => Some(char::from(byte).to_string()),
    }
}

fn mark(comment: Comment) -> Option<String> {
    match comment {
        Comment::Auto => None,
        Comment::None => Some("none".to_owned()),
        Comment::Byte(byte) => Some(char::from(byte).to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::arguments::{DataLine, parsed};
    use super::*;

    #[track_caller]
    fn check(line: &str) {
        let read = |line: &str| parsed::<DataLine>(line).expect("well-formed arguments").table;
        let first = read(line);
        let written: Vec<String> = options(&first)
            .iter()
            .map(|word| format!("\"{}\"", word.to_str().expect("a text")))
            .collect();
        let second = read(&format!("d.csv {}", written.join(" ")));
        assert_eq!(format!("{first:?}"), format!("{second:?}"), "{line}");
    }

    #[test]
    fn options_that_are_written_are_read_back() {
        check("d.csv");
        check("d.csv --missing drop --no-header");
        for delimiter in ["tab", "blanks", "space", ";", "|", "-"] {
            check(&format!("d.csv --delimiter='{delimiter}'"));
        }
        for comment in ["none", "%", "#"] {
            check(&format!("d.csv --comment '{comment}'"));
        }
        check("d.csv --na -999 --na -q --na 'not known' --na ''");
    }
}
