//! Data from files, compressed files and standard input, tables in all formats, missing values, and
//! mistakes in data.

use std::io::Write;

use crate::run::{NORMAL, NUMBERS, Run, file, numbers, run, run_with};

#[test]
fn data_come_from_files_compressed_files_and_standard_input() {
    let arguments = |data| ["fit", "-e", NORMAL, data, "--format", "json"];
    let estimates = |run: Run| run.expect(0).json()["parameters"].clone();
    let plain = numbers("plain.csv");
    let plain = estimates(run(&arguments(&plain)));
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(NUMBERS.as_bytes()).expect("writing to memory cannot fail");
    let zipped = encoder.finish().expect("writing to memory cannot fail");
    let file = file("zipped.csv.gz", &zipped);
    assert_eq!(estimates(run(&arguments(&file))), plain);
    assert_eq!(estimates(run_with(&arguments("-"), NUMBERS.as_bytes())), plain);
    assert_eq!(estimates(run_with(&arguments("-"), &zipped)), plain);
    let piped = run_with(&arguments("-"), NUMBERS.as_bytes()).json();
    assert_eq!(piped["data"]["file"], "-");
}

#[test]
fn tables_are_written_in_many_ways() {
    let fit = |options: &[&str], content: &str| {
        let model = "data x1; -(x1 - mu)^2/2";
        let arguments = [&["fit", "-e", model, "-", "--format", "json"], options].concat();
        let json = run_with(&arguments, content.as_bytes()).expect(0).json();
        json["parameters"][0]["estimate"].as_f64().expect("a number")
    };
    assert_eq!(fit(&[], "x1\tx2\n1\t2\n3\t4\n"), 2.0);
    assert_eq!(fit(&["--delimiter", "|"], "x1|x2\n1|2\n3|4\n"), 2.0);
    assert_eq!(fit(&["--delimiter", "tab"], "x1\tx2\n1\t2\n3\t4\n"), 2.0);
    assert_eq!(fit(&["--no-header"], "1,2\n3,4\n5,9\n"), 3.0);
    assert_eq!(fit(&["--missing", "drop"], "x1,x2\n1,2\n,4\n3,4\n"), 2.0);
}

#[test]
fn dropped_rows_are_counted() {
    let data = file("dropped.csv", "x,y\n1,NA\n2,2\nNA,3\n4,1\n5,5\n");
    let arguments = ["fit", "-e", "data x; -(x - mu)^2/2", &data, "--missing", "drop"];
    let json = run(&[&arguments[..], &["--format", "json"]].concat()).expect(0).json();
    let data = &json["data"];
    assert_eq!((&data["rows"], &data["used"], &data["dropped"]), (&5.into(), &4.into(), &1.into()));
    assert_eq!(json["n"], 4);
    let text = run(&arguments).expect(0).stdout;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("5 rows, 4 used, 1 dropped"), "{text}");
    assert!(text.contains("missing completely at random"), "{text}");
}

#[test]
fn mistakes_in_data_name_file_line_column_and_text() {
    let data = file("bad.csv", "x,y\n1,a\n2,b\nthree,c\n");
    run(&["fit", "-e", "data x; -(x-mu)^2", &data]).refused(1, &["bad.csv:4", "`three`", "`x`"]);
    let data = file("ragged.csv", "x,y\n1,2\n3\n");
    run(&["fit", "-e", NORMAL, &data]).refused(1, &["ragged.csv:3", "field"]);
    let data = file("empty.csv", "");
    run(&["fit", "-e", NORMAL, &data]).refused(1, &["empty.csv"]);
    let data = file("hole.csv", "x,y\n1,2\nNA,3\n4,5\n");
    let model = "data x; -(x - mu)^2/2";
    run(&["fit", "-e", model, &data]).refused(1, &["hole.csv:3", "`x`", "--missing drop"]);
    run_with(&["fit", "-e", model, "-"], b"x\n1\ntwo\n").refused(1, &["<stdin>:3", "`two`"]);
    run_with(&["fit", "-e", model, "-"], b"y,z\n1,2\n").refused(1, &["x"]);
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let data = file("there.csv", "a,b,c\n1,2,x\n3,4,y\n");
    let model = "data height; -(height - mu)^2";
    run(&["fit", "-e", model, &data]).refused(1, &["`height` has no column", "a, b, c"]);
    run(&["fit", "-e", "-(c - mu)^2", &data]).refused(1, &["there.csv:2", "`x`", "`c`"]);
    run(&["fit", "-e", "-(a - mu)^2", &data]).expect(0);
}

#[test]
fn a_domain_is_not_left_quietly() {
    let data = file("negative.csv", "x\n1\n-1\n2\n3\n");
    let model = "data x; param a, b; a*log(x) - b*x^2";
    run(&["fit", "-e", model, &data]).refused(1, &["negative.csv:3", "x = -1"]);
    run(&["eval", "-e", model, &data, "--at", "a=1, b=1"]).refused(1, &["negative.csv:3"]);
    let model = "data x > 0; param b; -b*x^2";
    run(&["eval", "-e", model, &data, "--at", "b=1"]).refused(1, &["negative.csv:3", "`x > 0`"]);
}

/// A file in an unusual format is read, and a note reports the format that was detected.
#[test]
fn the_detected_format_of_a_file_is_reported() {
    let model = "data y; -(y - mu)^2/2";
    for (name, content, words) in [
        ("bars.csv", "x|y\n1|2\n2|3\n4|5\n", &["warning[separator]", "--delimiter '|'"][..]),
        ("blanks.csv", "x  y\n1  2\n2  3\n4  5\n", &["warning[separator]", "--delimiter blanks"]),
        ("sep.csv", "sep=;\nx;y\n1;2\n2;3\n4;5\n", &["warning[separator]", "--delimiter ';'"]),
        (
            "top.csv",
            "# 3 May, by hand\nx,y\n1,2\n2,3\n4,5\n",
            &["warning[comment-lines]", "--comment '#'"],
        ),
        (
            "groups.csv",
            "x,y\n\"1,234.5\",\"2,000\"\n2,\"1,000.5\"\n4,5\n",
            &["warning[grouped-digits]", "`y`"],
        ),
    ] {
        let data = file(name, content);
        for arguments in [&["fit"][..], &["eval", "--at", "mu=3"], &["check"]] {
            let arguments = [arguments, &["-e", model, &data, "--format", "json"]].concat();
            let run = run(&arguments).expect(0);
            for word in words {
                assert!(run.stderr.contains(word), "{word} is not in\n{}", run.stderr);
            }
            assert!(!run.stderr.contains("`x`"), "{}", run.stderr);
        }
    }
    let data = file("told.csv", "x  y\n# one\n1  2\n2  -\n4  5\n");
    let explicit = ["--delimiter", "blanks", "--comment", "#", "--na", "-", "--missing", "drop"];
    let run = run(&[&["eval", "-e", model, &data, "--at", "mu=3"][..], &explicit].concat());
    assert_eq!(run.expect(0).stderr, "");
}

#[test]
fn a_file_of_one_field_a_row_names_its_column_and_the_option() {
    let data = file("uneven.csv", "x y\n1 2\n2 3 4\n5 6\n");
    let words = ["x y", "all 3 rows have one field", "--delimiter", "blanks"];
    run(&["fit", "-e", "-(x - mu)^2/2", &data]).refused(1, &words);
    run(&["fit", "-e", "data x; -(x - mu)^2/2", &data]).refused(1, &words);
}

#[test]
fn names_in_help_lines_are_written_as_the_language_has_them() {
    let data = file("units.csv", "width (mm),y\n1,2\n2,3\n4,5\n");
    run(&["fit", "-e", "-(x - mu)^2/2", &data]).refused(1, &["data `width (mm)`"]);
    run(&["fit", "-e", "data `width (mm)`; -(`width (mm)` - mu)^2/2", &data]).expect(0);
    let data = file("headless.csv", "1,2\n2,3\n4,5\n");
    for model in ["-(x - mu)^2/2", "data x; -(x - mu)^2/2"] {
        run(&["fit", "-e", model, &data]).refused(1, &["--no-header", "`x1`"]);
    }
    run(&["fit", "-e", "data x1; -(x1 - mu)^2/2", &data, "--no-header"]).expect(0);
    let data = file("words.csv", "who,where\nann,here\nbob,there\n");
    run(&["fit", "-e", "-(x - mu)^2/2", &data]).refused(1, &["not numbers: who, where"]);
}

#[test]
fn two_columns_of_one_name_are_an_error_only_where_they_are_used() {
    let data = file("twice.csv", "x,y,y\n1,2,2\n2,3,3\n4,5,5\n");
    run(&["fit", "-e", "data x; -(x - mu)^2/2", &data]).expect(0);
    run(&["fit", "-e", "-(x - mu)^2/2", &data]).expect(0);
    run(&["fit", "-e", "data y; -(y - mu)^2/2", &data]).refused(1, &["twice.csv:1", "`y`"]);
}

#[test]
fn a_table_in_place_of_the_model_is_refused_in_few_lines() {
    let model = file("swapped.energy", "-(x - mu)^2/2\n");
    let column: String = (0..100_000).map(|i| format!("{i}\n")).collect();
    let wide: String = (0..220_000).map(|i| format!("{i},{}\n", 2 * i)).collect();
    for (name, content) in [
        ("column.csv", format!("x\n{column}")),
        ("wide.csv", format!("x,y\n{wide}")),
        ("bare.csv", column),
    ] {
        let data = file(name, content);
        let run = run(&["fit", &data, &model]).expect(1);
        assert!(run.stderr.contains("were MODEL and DATA swapped?"), "{}", run.stderr);
        assert!(run.stderr.lines().count() < 20, "{}", run.stderr);
    }
}

#[test]
fn of_many_errors_twenty_are_shown() {
    let lines: String = (0..100).map(|i| format!("-(x - {i})^2\n")).collect();
    let run = run(&["derive", "-e", &lines]).expect(1);
    assert_eq!(run.stderr.matches("error[").count(), 20);
    assert!(run.stderr.contains("there are more errors"), "{}", run.stderr);
}

/// `x > 0` admits zeros where log p is finite there, with weight zero, and
/// refuses them where it is not.
#[test]
fn a_row_on_an_edge_is_taken_where_log_p_is_finite() {
    let data = file("edge.csv", "gap\n1.5\n0\n0.3\n2\n0.7\n1\n0.2\n3\n0.9\n0.4\n");
    let exponential = "data gap > 0; param rate > 0; -rate*gap";
    let taken = run(&["fit", "-e", exponential, &data]).expect(0);
    assert!(taken.stdout.contains("warning[mass-at-edge]"), "{}", taken.stdout);
    for model in [
        "data gap > 0; param rate > 0, k > 0; (k - 1)*log(gap) - rate*gap",
        "data gap > 0; param rate > 0, k > 1; (k - 1)*log(gap) - rate*gap",
        "data gap > 0; param m, s > 0; -log(gap) - (log(gap) - m)^2/(2*s^2)",
    ] {
        let words = [
            "error[outside-support]",
            "edge.csv:3: `gap` is 0, on the edge of its support `gap > 0`, where log p is not finite",
            "leave such rows out",
        ];
        run(&["fit", "-e", model, &data]).refused(1, &words);
    }
    let beta = "data gap in (0, 4); param a, b; (a - 1)*log(gap) + (b - 1)*log(4 - gap)";
    run(&["fit", "-e", beta, &data]).refused(1, &["edge of its support `gap in (0, 4)`"]);
    // Where log p is infinite next to the edge too, the row is not the cause.
    let broken = "data gap > 0; param rate > 0; -rate*gap + log(-gap)";
    let refused = run(&["fit", "-e", broken, &data]);
    assert!(!refused.stderr.contains("on the edge"), "{}", refused.stderr);
}
