//! `scorematch report`: a fit as one page.

use scorematch::analysis::{Derivation, Figure, Sweep};
use scorematch::draw::{ReportPage, report_page};
use scorematch::fit::FittedParameter;
use scorematch::report::Report;

use crate::args::ErrorsArgs;
use crate::failure::{Ending, Failure};
use crate::fit::ending;
use crate::interrupt::Watch;
use crate::located::{Located, estimates};
use crate::output::emit_text;
use crate::pictured::{ReportArgs, evenly};

/// Most parameters along which J is drawn, and the number of values of each.
const PARAMETERS: usize = 12;
const VALUES: u16 = 41;
/// Most parameters and most rows for which J is drawn as a profile, with a fit at each value, and
/// the number of these values.
const PROFILED: (usize, usize) = (8, 5000);
const FITS: u16 = 25;
/// Range of J on either side of the estimate, as a multiple of the distance to
/// the end of the interval.
const REACH: f64 = 1.8;

pub fn run(args: &ReportArgs, command: String, watch: &Watch) -> Result<Ending, Failure> {
    let subject = &args.subject;
    let located = Located::new(subject, args.counting.choices(), watch)?;
    let report = located.fit(&args.errors, command)?;
    watch.line().tell(|| "drawing".to_owned());
    let (model, rows) = (&located.bound.model, &located.bound.selection);
    let theta = estimates(&report);
    let figure = Figure::of(model, rows, &theta).map_err(Failure::usage)?;
    let derivation = Derivation::by(&located.specification, model);
    let sweeps = sweeps(args, &located, &report, &theta);
    let source = &located.source;
    let page =
        ReportPage::new((&source.name, &source.text), &report, &derivation, &figure, &sweeps);
    emit_text(&subject.target, &report_page(&page))?;
    Ok(ending(report.estimate.outcome))
}

/// J along parameters: the profile if it is cheap, otherwise with the other
/// parameters at their estimates.
fn sweeps(args: &ReportArgs, located: &Located<'_>, report: &Report, theta: &[f64]) -> Vec<Sweep> {
    let (model, rows) = (&located.bound.model, &located.bound.selection);
    let specification = &located.specification;
    let parameters = &report.estimate.parameters;
    let few = (2..=PROFILED.0).contains(&parameters.len()) && rows.rows() <= PROFILED.1;
    let plain = ErrorsArgs::default();
    let options = located.task(&plain).options(&located.bound).ok().filter(|_| few);
    let sweep = |k: usize| {
        let profile = options.as_ref().and_then(|options| {
            let values = range(located, theta, k, &parameters[k], FITS)?;
            Sweep::profile(specification, model, rows, theta, (k, &values), options).ok()
        });
        profile.or_else(|| {
            let values = range(located, theta, k, &parameters[k], VALUES)?;
            let threads = args.subject.run.threads();
            Some(Sweep::of(specification, model, rows, theta, (k, &values), threads))
        })
    };
    (0..parameters.len()).filter_map(sweep).take(PARAMETERS).collect()
}

/// Values around an estimate that has an interval; an end that violates the constraint is replaced
/// by that of the interval.
fn range(
    located: &Located<'_>,
    theta: &[f64],
    k: usize,
    parameter: &FittedParameter,
    count: u16,
) -> Option<Vec<f64>> {
    let (low, high) = parameter.interval?;
    let estimate = parameter.estimate;
    let end = |bound: f64| estimate + REACH * (bound - estimate);
    let mut ends = [end(low), end(high)];
    let admitted = |value: f64| value.is_finite() && located.admits(theta, k, value);
    for (end, bound) in ends.iter_mut().zip([low, high]) {
        if !admitted(*end) {
            *end = bound;
        }
    }
    let [low, high] = ends;
    let values = evenly(low, high, count);
    (low < high && values.iter().all(|&value| admitted(value))).then_some(values)
}
