//! Good files in every dialect, and the line on which each row stands.

use super::*;
use crate::data::Missing;

const ABSENT: CsvOptions = CsvOptions { delimiter: Delimiter::Auto, header: Header::Absent };

fn options(byte: u8) -> CsvOptions {
    CsvOptions { delimiter: Delimiter::Byte(byte), header: Header::Present }
}

fn table(text: &str, options: &CsvOptions) -> Columns {
    read(text.as_bytes(), options).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

/// The table has these names and these columns; NaN stands for a missing value.
#[track_caller]
fn check(text: &str, names: &[&str], columns: &[&[f64]]) {
    let table = table(text, &CsvOptions::default());
    assert_eq!(table.names(), names, "{text:?}");
    for (column, want) in table.columns.iter().zip(columns) {
        let got: Vec<u64> = column.values.iter().map(|x| x.to_bits()).collect();
        assert_eq!(got, want.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), "{text:?}");
    }
}

#[test]
fn line_ends_and_ends_of_text() {
    let want: [&[f64]; 2] = [&[1.0, 3.0], &[2.0, 4.0]];
    for text in [
        "x,y\n1,2\n3,4\n",
        "x,y\n1,2\n3,4",
        "x,y\r\n1,2\r\n3,4\r\n",
        "x,y\r\n1,2\r\n3,4",
        "\u{feff}x,y\n1,2\n3,4\n",
        "\u{feff}x,y\r\n1,2\r\n3,4\r\n\r\n\r\n",
        "\n\n  \nx,y\n\n1,2\n \t\n\n3,4\n\n",
        " x , y \n 1 , 2 \n\t3 ,4\n",
    ] {
        check(text, &["x", "y"], &want);
    }
}

#[test]
fn delimiters_are_found_on_the_first_line() {
    let want: [&[f64]; 2] = [&[1.0, 3.0], &[2.0, 4.0]];
    check("x\ty\n1\t2\n3\t4\n", &["x", "y"], &want);
    check("x;y\n1;2\n3;4\n", &["x", "y"], &want);
    check("\"a;b;c\",y\n1,2\n3,4\n", &["a;b;c", "y"], &want);
    check("x\n1\n3\n", &["x"], &want[..1]);
    check("\u{feff}\r\n \nx;y\n1;2\n3;4\n", &["x", "y"], &want);
}

#[test]
fn a_delimiter_can_be_named() {
    let columns = table("x|y,z\n1|2\n", &options(b'|'));
    assert_eq!(columns.names(), ["x", "y,z"]);
    let columns = table("x,y\n", &ABSENT);
    assert!(columns.numeric_names().is_empty());
}

#[test]
fn quoted_fields() {
    check("\"x\",\"a \"\"b\"\"\"\n\"1\",\"2\"\n", &["x", "a \"b\""], &[&[1.0], &[2.0]]);
    check("\"x\"\r\n\"1\"\r\n\"\"\r\n", &["x"], &[&[1.0, f64::NAN]]);
    check("\"x\ny\",z\n1,2\n", &["x\ny", "z"], &[&[1.0], &[2.0]]);
}

#[test]
fn missing_values_are_kept_as_rows() {
    check("x,y\n1,\nNA,2\n", &["x", "y"], &[&[1.0, f64::NAN], &[f64::NAN, 2.0]]);
}

#[test]
fn without_a_header_columns_are_numbered() {
    let columns = table("1,a\n2,b\n", &ABSENT);
    assert_eq!(columns.names(), ["x1", "x2"]);
    assert_eq!(columns.numeric_names(), ["x1"]);
    assert_eq!((columns.rows(), columns.line_of(0), columns.line_of(1)), (2, 1, 2));
}

#[test]
fn unnamed_columns_may_repeat_and_stand_unused() {
    let columns = table("\"\",x,\n\"r1\",1,a\n", &CsvOptions::default());
    assert_eq!(columns.names(), ["", "x", ""]);
    assert_eq!(columns.numeric_names(), ["x"]);
    assert!(columns.select(&[""], Missing::Error).is_err());
}

#[test]
fn rows_know_their_lines() {
    let lines = |text: &str| {
        let columns = table(text, &CsvOptions::default());
        (0..columns.rows()).map(|row| columns.line_of(row)).collect::<Vec<_>>()
    };
    assert_eq!(lines("x\n1\n2\n3\n"), [2, 3, 4]);
    assert_eq!(lines("x\r\n1\r\n\r\n2\r\n3"), [2, 4, 5]);
    assert_eq!(lines("\n\nx\n1\n\n\n2"), [4, 7]);
    assert_eq!(lines("x,t\n1,\"a\nb\n\"\n2,c\n\n3,\"\n\"\n4,\n"), [2, 5, 7, 9]);
    assert_eq!(lines("\"x\n\ny\"\n1\n2\n"), [4, 5]);
}

/// A reader that hands out a byte at a time and is interrupted in between.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        let (now, later) = self.0.split_at(self.0.len().min(1));
        buffer[..now.len()].copy_from_slice(now);
        self.0 = later;
        Ok(now.len())
    }
}

#[test]
fn any_reader_gives_the_same_table() {
    let text = "\u{feff}\r\nx;y\r\n1;\"2\"\r\n\r\n3;\"4\r\n\"";
    let slow = read(Trickle(text.as_bytes(), false), &CsvOptions::default()).expect("it is good");
    assert_eq!(slow.names(), ["x", "y"]);
    assert_eq!(slow.line_of(1), 5);
    let chosen = slow.select(&["x", "y"], Missing::Error).expect("it is complete");
    assert_eq!(chosen.slices(), [[1.0, 3.0], [2.0, 4.0]]);
}

#[test]
fn a_failing_reader_is_an_error() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let late = b"x\n1\n".chain(Broken);
    for error in
        [read(Broken, &ABSENT).expect_err("broken"), read(late, &ABSENT).expect_err("broken")]
    {
        assert_eq!(error.kind, ErrorKind::Unreadable("the disk is gone".to_owned()));
    }
}
