//! Small texts whose fits would take minutes without bounds on their cost, and
//! which are not interrupted.

use std::sync::mpsc;
use std::time::Duration;

use scorematch::data::Columns;
use scorematch::fit::{Options, fit};
use scorematch::model::{Model, Options as Reading};

/// Far longer than a bounded fit takes on a slow machine, far shorter than an unbounded one.
const PATIENCE: Duration = Duration::from_secs(240);

/// Twelve rows of a few columns.
fn columns() -> Columns {
    let mut text = "x,y,z\n".to_owned();
    for i in 0..12 {
        let cell = |k: usize| ((i * 7 + k * 5) % 12) as f64 / 4.0 - 1.0;
        text += &format!("{},{},{}\n", cell(0), cell(1), cell(2));
    }
    Columns::from_csv(text.as_bytes()).expect("a table")
}

/// Checks that a fit ends in time, with any result.
#[track_caller]
fn ends(text: &str) {
    let (told, end) = mpsc::channel();
    let owned = text.to_owned();
    std::thread::spawn(move || {
        let columns = columns();
        let (names, numeric) = (columns.names(), columns.numeric_names());
        let reading = Reading { columns: Some(&names), numeric: &numeric, ..Reading::default() };
        let model = Model::with(&owned, &reading).unwrap_or_else(|e| panic!("{owned}: {e}"));
        let rows = model.select(&columns, scorematch::data::Missing::Drop).expect("there are rows");
        let begun = std::time::Instant::now();
        let found = fit(&model, &rows, &Options::default()).is_ok();
        eprintln!("{:.1?}, {found}: {owned}", begun.elapsed());
        // After a timeout there is no receiver.
        let _ = told.send(());
    });
    assert!(end.recv_timeout(PATIENCE).is_ok(), "{text} takes longer than {PATIENCE:?}");
}

#[test]
fn many_powers_beside_a_curve() {
    ends(
        "data y; covariate x; param a[131], b[40]\n\
          -(y - sum(k in 1:131, a[k]*x^k) - sum(k in 1:40, exp(b[k]*x)))^2/2",
    );
}

#[test]
fn many_exponents() {
    ends(
        "data y; covariate x; param a[30], b[30], s2 > 0\n\
          -(y - sum(k in 1:30, a[k]*exp(b[k]*x)))^2/(2*s2)",
    );
}

#[test]
fn many_powers_alone() {
    ends("param a[131], s\nlogp = sum(k in 1:131, a[k]*x^k)*exp(s)");
}
