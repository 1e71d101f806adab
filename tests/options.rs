//! Options of a fit that name parameters, and the refusal of invalid ones.

use scorematch::data::Missing;
use scorematch::fit::{self, Options, Status};
use scorematch::{Columns, Error, Fit, Model};

fn columns() -> Columns {
    Columns::from_csv("x\n1\n2\n4.5\n3\n-1\n".as_bytes()).expect("columns")
}

fn fitted(text: &str, options: &Options) -> Result<Fit, Error> {
    Model::parse(text).expect("a model").fit_with(&columns(), options)
}

#[track_caller]
fn refused(text: &str, options: &Options) -> fit::Error {
    match fitted(text, options) {
        Err(Error::Fit(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Without a `data` line, `x` too is a parameter of a model that is not bound to columns.
const NORMAL: &str = "-(x - mu)^2/(2*s2)";

#[test]
fn parameters_are_fixed_by_name() {
    for (name, other) in [("mu", "s2"), ("s2", "mu")] {
        let fit = fitted(NORMAL, &Options::default().hold(name, 2.0)).expect("a fit");
        let held = fit.parameter(name).expect("a parameter");
        assert_eq!((held.estimate, held.status), (2.0, Status::Fixed));
        assert_eq!(fit.parameter(other).expect("a parameter").status, Status::Interior);
    }
}

#[test]
fn entries_have_names_of_their_own() {
    let text = "data x; param W[1,2], K[2,2] symmetric
                -(x - W[1,2])^2/2 - W[1,1]^2*x^2 - K[1,2]*x^4/(4 + x^2) - K[1,1]*x - K[2,2]*x^3";
    let options = Options::default().hold("W[1,2]", 1.5).hold("K[2,1]", 0.25).start("W[1,1]", 0.3);
    let fit = fitted(text, &options).expect("a fit");
    assert_eq!(fit.parameter("W[1,2]").expect("a parameter").status, Status::Fixed);
    assert_eq!(fit.parameter("K[1,2]").expect("a parameter").estimate, 0.25);
}

#[test]
fn unknown_names_are_refused_with_the_nearest() {
    let error =
        refused("param sigma, mean\n-(x - mean)^2*sigma^2", &Options::default().hold("sigm", 1.0));
    assert_eq!(error.to_string(), "the model has no parameter `sigm`; did you mean `sigma`?");
    let error = refused(NORMAL, &Options::default().start("kappa", 1.0));
    assert_eq!(error, fit::Error::UnknownParameter { name: "kappa".to_owned(), nearest: None });
    let error = refused(NORMAL, &Options::default().hold("x", 1.0));
    assert!(matches!(error, fit::Error::UnknownParameter { .. }), "{error}");
    let error = refused(
        "data x; param K[2,2] symmetric\n-K[1,2]*x^2",
        &Options::default().hold("K[3,1]", 1.0),
    );
    assert!(matches!(error, fit::Error::UnknownParameter { .. }), "{error}");
}

#[test]
fn nothing_is_given_twice() {
    let twice =
        |options: &Options| matches!(refused(NORMAL, options), fit::Error::GivenTwice { .. });
    assert!(twice(&Options::default().hold("mu", 1.0).hold("mu", 2.0)));
    assert!(twice(&Options::default().hold("mu", 1.0).hold("mu", 1.0)));
    assert!(twice(&Options::default().start("mu", 1.0).start("mu", 2.0)));
    let both = Options::default().hold("mu", 1.0).start("mu", 2.0);
    assert_eq!(fitted(NORMAL, &both).expect("a fit").parameter("mu").expect("mu").estimate, 1.0);
}

#[test]
fn fixing_all_parameters_leaves_nothing_to_estimate() {
    let error = refused(NORMAL, &Options::default().hold("mu", 1.0).hold("s2", 1.0));
    assert!(matches!(error, fit::Error::NothingToEstimate { .. }), "{error}");
}

#[test]
fn rows_without_a_value_are_dropped_on_demand() {
    let columns = Columns::from_csv("x,y\n1,1\n,2\n4.5,3\n3,4\n".as_bytes()).expect("columns");
    let model = Model::parse("-(x - mu)^2/2").expect("a model");
    assert!(matches!(model.fit(&columns), Err(Error::Data(_))));
    let fit = model.fit_with(&columns, &Options::default().missing(Missing::Drop));
    assert_eq!(fit.expect("a fit").estimate().rows, 3);
}
