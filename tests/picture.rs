//! Pictures for the terminal, compared byte by byte.
//!
//! Each `tests/golden/picture/NAME.energy` is a model; its comments name the data and θ. A new file
//! needs only a run with `SCOREMATCH_BLESS=1`, and a look at its output.

#[path = "support/golden.rs"]
mod golden;

use std::fs::File;

use scorematch::analysis::ColumnsSummary;
use scorematch::data::{Columns, Missing};
use scorematch::model::Model;
use scorematch::report::{PICTURE_WIDTH, Picture};

fn columns(path: &str) -> Columns {
    Columns::from_csv(File::open(path).expect("the data are there")).expect("columns")
}

/// The text after a word in the comments of a model.
fn comment<'a>(text: &'a str, word: &str) -> &'a str {
    let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
    let mut found = lines.filter_map(|line| line.strip_prefix(word));
    found.next().expect("the comment is there").trim()
}

fn drawn(_: &str, bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("a model is text");
    let columns = columns(comment(text, "data"));
    let theta = comment(text, "theta").split(' ').map(|word| word.parse().expect("a number"));
    let model = Model::parse(text).expect("a model");
    let model = model.bind(&columns.names(), &columns.numeric_names()).expect("the columns bind");
    let selection = model.select(&columns, Missing::Error).expect("the data are complete");
    let picture = Picture::of(&model, &selection, &theta.collect::<Vec<f64>>(), PICTURE_WIDTH);
    picture.text().trim_end().to_owned()
}

#[test]
fn models_are_drawn_as_expected() {
    golden::holds("picture", "energy", 6, drawn);
}

#[test]
fn a_table_is_summarised() {
    let expected = "\
column          n  missing  min     mean  max
sepal_length  150        0  4.3  5.84333  7.9  ▂▄▆▅▅█▃▇▅▄▂▂▁▂
sepal_width   150        0    2  3.05733  4.4  ▁▂▂▁▅█▂▄▄▂▁▁▁▁
petal_length  150        0    1    3.758  6.9  ▇█  ▁▂▆█▆▅▂▁
petal_width   150        0  0.1  1.19933  2.5  █▃▁  ▂▁▅▄▃▁▃▃▁
species         -        -    -        -    -  3 levels: setosa, versicolor, …
";
    assert_eq!(ColumnsSummary::of(&columns("examples/iris.csv")).text(), expected);
}

#[test]
fn missing_empty_and_remote_columns_are_summarised() {
    let text = "a,b,c,\n1,,1000000000001,x\nNA,,1000000000002,y\n3,,1000000000004,z\n";
    let columns = Columns::from_csv(text.as_bytes()).expect("a table");
    let expected = "\
column     n  missing            min               mean            max
a          2        1              1                  2              3  ██
b          0        3              -                  -              -  no value
c          3        0  1000000000001  1000000000002.333  1000000000004  ██ █
(no name)  -        -              -                  -              -  cannot be used without a name
";
    let text = ColumnsSummary::of(&columns).text();
    assert_eq!(text, expected, "\n{text}");
}

#[test]
fn pictures_keep_to_their_width() {
    let waves: Vec<f64> = (0..400).map(|i| 1e3 * f64::from(i).sin().powi(3)).collect();
    for width in [32, 40, 72, 200] {
        let text = Picture::histogram("wave", &waves, width).text();
        let widest = text.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= width && widest > width / 2), "{text}");
    }
}
