//! Good files in every dialect, and the line on which each row stands.

use proptest::prelude::*;

use super::part::Part;
use super::*;
use crate::data::{Columns, Missing};

const ABSENT: CsvOptions = CsvOptions {
    delimiter: Delimiter::Auto,
    header: Header::Absent,
    comment: Comment::Auto,
    missing: Vec::new(),
};

fn read(reader: impl Read, options: &CsvOptions) -> Result<Columns, Error> {
    CsvReader::new(reader, options)?.columns()
}

fn options(byte: u8) -> CsvOptions {
    CsvOptions { delimiter: Delimiter::Byte(byte), ..CsvOptions::default() }
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

/// The levels of a column of text, and the place of each row among them.
type SeenText = Option<(Vec<String>, Vec<u64>)>;
/// Everything that a table holds, or why there is none.
type Seen = Result<Vec<(String, Vec<u64>, SeenText, Option<Error>)>, Error>;

fn seen(table: Result<Columns, Error>) -> (Seen, Vec<u64>) {
    let lines = |table: &Columns| (0..table.rows()).map(|row| table.line_of(row)).collect();
    let lines = table.as_ref().map_or(Vec::new(), lines);
    let columns = table.map(|table| {
        let column = |column: &crate::data::columns::Column| {
            let bits = column.values.iter().map(|x| x.to_bits()).collect();
            let text = column.text.as_ref().map(|text| {
                let levels = text.levels();
                let places = text.places_in(&levels).expect("its own levels hold all of it");
                (levels, places.into_iter().map(f64::to_bits).collect())
            });
            (column.name.clone(), bits, text, column.fault.clone())
        };
        table.columns.iter().map(column).collect()
    });
    (columns, lines)
}

/// The text as one block that may hold quotation marks.
fn by_records(text: &[u8], options: &CsvOptions) -> Result<Columns, Error> {
    let reader = CsvReader::in_blocks(text, options, text.len() + 1)?;
    assert!(reader.blocks.ended());
    let mut part = Part::of(&Block::default(), &reader.layout);
    let text = reader.first.text();
    part.error = records::read(text, &reader.layout, &mut part).err();
    let mut table = Table::new(reader.names, &reader.layout, reader.lines);
    table.accept(0, part)?;
    table.finish(reader.header, reader.notes)
}

/// Cells of every kind, numbers the most frequent.
fn cell() -> impl Strategy<Value = &'static [u8]> {
    const ODD: [&[u8]; 24] = [
        b"",
        b" ",
        b"NA",
        b"nan",
        b".",
        b"inf",
        b"1e999",
        b"-1e999",
        b"ann",
        b"1kg",
        b" 1.5 ",
        b"\t2",
        b"+3",
        b"1e",
        b"\"\"",
        b"\"4\"",
        b"\"5\n\"",
        b"\"a\"\"b\"",
        b"a\"b",
        b"\"7\"8",
        "é".as_bytes(),
        "\u{feff}1".as_bytes(),
        b"\x04",
        b"1\r2",
    ];
    const NUMBER: [&[u8]; 4] = [b"1", b"-2.5", b"0.30000000000000004", b"6.02e23"];
    prop_oneof![
        12 => prop::sample::select(&NUMBER[..]).boxed(),
        4 => prop::sample::select(&ODD[..]).boxed(),
    ]
}

/// Rows of mostly one width, some of them blank, ended in either way.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let end =
        prop_oneof![8 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\n\n"), 1 => Just("\n \r\n")];
    const ODDITY: [&[u8]; 5] = [b",", b"\"", b"\xff", b"\n", b"\x04\n"];
    let oddity = prop::option::weighted(0.3, (prop::sample::select(&ODDITY[..]), 0..400usize));
    let rows = move |width| {
        prop::collection::vec((prop::collection::vec(cell(), width), end.clone()), 0..12)
    };
    ((1..4usize).prop_flat_map(rows), oddity, any::<bool>()).prop_map(|(rows, oddity, cut)| {
        let width = rows.first().map_or(1, |(cells, _)| cells.len());
        let mut text = [&b"x\n"[..], b"x,y\n", b"x,y,z\n"][width - 1].to_vec();
        for (cells, end) in rows {
            text.extend(cells.join(&b','));
            text.extend(end.as_bytes());
        }
        if let Some((bytes, place)) = oddity {
            let place = place % (text.len() + 1);
            text.splice(place..place, bytes.iter().copied());
        }
        text.truncate(text.len() - usize::from(cut));
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// The result does not depend on blocks, on threads, or on the reader of plain text.
    #[test]
    fn any_text_is_what_its_records_are(text in text(), size in 1..80usize, threads in 1..4usize) {
        for options in [CsvOptions::default(), ABSENT] {
            let reader = CsvReader::in_blocks(&text[..], &options, size);
            let threads = NonZeroUsize::new(threads).expect("at least one");
            let table = reader.and_then(|reader| reader.threads(threads).columns());
            prop_assert_eq!(seen(table), seen(by_records(&text, &options)));
        }
    }
}

#[test]
fn columns_left_out_are_names_only() {
    let text = "x,y,z\n1,ann,\"3\"\n4,bob,NA\n";
    let read = |names: &[&str]| {
        let reader = CsvReader::new(text.as_bytes(), &CsvOptions::default()).expect("a header");
        reader.only(names).columns().expect("a table")
    };
    let columns = read(&["x", "w"]);
    assert_eq!((columns.names(), columns.numeric_names()), (vec!["x", "y", "z"], vec!["x"]));
    let error = columns.select(&["x", "z"], Missing::Drop).expect_err("z is left out");
    assert_eq!((error.kind, error.column.as_deref()), (ErrorKind::NotRead, Some("z")));
    assert_eq!(read(&[]).rows(), 2);
}

#[test]
fn columns_left_out_are_still_columns() {
    let kind = |text: &[u8]| {
        let reader = CsvReader::new(text, &CsvOptions::default()).expect("a header");
        reader.only(&["x"]).columns().expect_err("it is no table").kind
    };
    assert_eq!(kind(b"x,y\n1,2\n3\n"), ErrorKind::Ragged { expected: 2, found: 1 });
    assert_eq!(kind(b"x,y\n1,\xff\n"), ErrorKind::InvalidUtf8);
}

/// The codes of the notes on a text.
fn codes(text: &str) -> Vec<&'static str> {
    table(text, &CsvOptions::default()).notes().iter().map(Note::code).collect()
}

#[test]
fn bars_and_blanks_separate_where_every_line_agrees() {
    let want: [&[f64]; 2] = [&[1.0, 3.0], &[2.0, 4.0]];
    for text in [
        "x|y\n1|2\n3|4\n",
        "x, first|y\n1|2\n3|4\n",
        "x y\n1 2\n3 4\n",
        "  x \t y\r\n\r\n  1   2 \r\n 3\t4",
        "\"x\" \"y\"\n1 2\n\"3\" 4\n",
        "sep=|\nx|y\n1|2\n3|4\n",
        "\"SEP=;\"\r\nx;y\r\n1;2\r\n3;4\r\n",
    ] {
        let table = table(text, &CsvOptions::default());
        let names = table.names();
        assert_eq!((names.len(), names[1]), (2, "y"), "{text:?}");
        let values: Vec<&[f64]> = table.columns.iter().map(|column| &column.values[..]).collect();
        assert_eq!(values, want, "{text:?}");
        assert_eq!(codes(text), ["separator"], "{text:?}");
    }
}

#[test]
fn nothing_is_guessed_where_lines_differ() {
    for text in ["waiting time\n1\n2\n", "x|y\n1\n", "x y\n1 2\n3\n", "x\n1 000\n"] {
        assert_eq!(table(text, &CsvOptions::default()).names().len(), 1, "{text:?}");
    }
    assert_eq!(codes("x y z\n1 2\n3 4 5\n"), ["one-field"]);
    assert!(codes("waiting time\n1\n2\n").is_empty());
    let error = read("x, y\n1, 2\n3, 4,\n".as_bytes(), &CsvOptions::default());
    assert_eq!(error.expect_err("it is ragged").kind, ErrorKind::Ragged { expected: 2, found: 3 });
}

#[test]
fn comments_are_left_out_and_lines_keep_their_numbers() {
    let want: [&[f64]; 2] = [&[1.0, 3.0], &[2.0, 4.0]];
    for text in [
        "# made on 3 May, by hand\nx,y\n1,2\n3,4\n",
        "# a 5\" ruler\n#\n x,y\n1,2\n # again\n3,4\n#",
        "x,y\n1,2\n# second batch\n3,4\n",
        "# by numpy\n# x,y\n1,2\n3,4\n",
        "##format\n#x\ty\n1\t2\n3\t4\n",
        "# x y\n1 2\n3 4\n",
    ] {
        check(text, &["x", "y"], &want);
        assert!(codes(text).contains(&"comment-lines"), "{text:?}");
    }
    check("# made by hand\nx\n1\n3\n", &["x"], &want[..1]);
    let lines = table("# one\n# two\nx,y\n1,2\n#\n3,4\n", &CsvOptions::default());
    assert_eq!((lines.line_of(0), lines.line_of(1)), (4, 6));
}

#[test]
fn what_may_be_data_is_no_comment() {
    check("#,y\n1,2\n3,4\n", &["#", "y"], &[&[1.0, 3.0], &[2.0, 4.0]]);
    let ids = table("id,y\n#1,2\n#2,4\n", &CsvOptions::default());
    assert_eq!((ids.rows(), ids.numeric_names()), (2, vec!["y"]));
    let none = CsvOptions { comment: Comment::None, ..CsvOptions::default() };
    assert_eq!(table("# x\n1\n", &none).names(), ["# x"]);
    let percent = CsvOptions { comment: Comment::Byte(b'%'), ..CsvOptions::default() };
    let matlab = table("% x\nx\n1\n% two\n2\n", &percent);
    assert_eq!((matlab.rows(), matlab.notes().len()), (2, 0));
}

#[test]
fn digits_may_stand_in_groups() {
    let text = "x,y\n\"1,234.5\",1'000\n\"2,345.5\",2\n\"4,000\",3\n";
    check(text, &["x", "y"], &[&[1234.5, 2345.5, 4000.0], &[1000.0, 2.0, 3.0]]);
    assert_eq!(codes(text), ["grouped-digits", "grouped-digits"]);
    let doubtful = table("x\ty\n4,000\t1\n5,125\t2\n", &CsvOptions::default());
    assert_eq!(doubtful.numeric_names(), ["y"]);
}

#[test]
fn beside_semicolons_a_comma_is_a_decimal_mark() {
    let text = "x;y\n4,000;1\n5,125;-2,5e1\n1.234,5;3\n";
    check(text, &["x", "y"], &[&[4.0, 5.125, 1234.5], &[1.0, -25.0, 3.0]]);
    assert!(codes(text).is_empty());
    check("x;y\n\"1,5\";1,234,567\n", &["x", "y"], &[&[1.5], &[1_234_567.0]]);
}

#[test]
fn blanks_may_stand_before_quotes() {
    check("x, \"y\"\n1, \"2\"\n3, \"4\"\n", &["x", "y"], &[&[1.0, 3.0], &[2.0, 4.0]]);
    check("x, \"a,b\"\n1, \"2\"\n", &["x", "a,b"], &[&[1.0], &[2.0]]);
    check("x,y\n \"1\",\t\"1,234.5\"\n", &["x", "y"], &[&[1.0], &[1234.5]]);
    assert_eq!(table("1, \"a,b\"\n2, \"c\"\n", &ABSENT).numeric_names(), ["x1"]);
}

#[test]
fn any_text_may_stand_for_a_missing_value() {
    let missing = ["-", "-999", "none"].map(str::to_owned).to_vec();
    let options = CsvOptions { missing, ..CsvOptions::default() };
    let columns = table("x,y\n-,-999.0\nnone,2\n3,\"-9.99e2\"\n", &options);
    let values: Vec<String> =
        columns.columns.iter().map(|column| format!("{:?}", column.values)).collect();
    assert_eq!(values, ["[NaN, NaN, 3.0]", "[NaN, 2.0, NaN]"]);
}

#[test]
fn only_a_column_in_use_must_have_its_name_alone() {
    let columns = table("x,y,y\n1,2,2\n2,3,3\n", &CsvOptions::default());
    assert_eq!(columns.numeric_names(), ["x"]);
    let error = columns.select(&["y"], Missing::Error).expect_err("there are two");
    assert_eq!(error.to_string(), "line 1: columns 2 and 3 are named `y`");
}
