//! `scorematch check`: shapes and supports, and every derivative against finite differences.

use scorematch::fit::Warning;
use scorematch::graph::{ExprId, InputId, evaluate};
use scorematch::model::{Component, Model, Support};
use scorematch::numerics::decimal::{assignments, shortest};
use scorematch::objective::Specification;
use scorematch::report::{Derivation, ModelFacts, json_number, trimmed, warning_of};
use scorematch::source::Source;
use serde_json::{Value, json};

use crate::args::{CheckArgs, Format};
use crate::asked::Asked;
use crate::bound::{bound, objective, parsed, warn};
use crate::comparison::{Comparison, Tally};
use crate::differences::{Difference, derivative};
use crate::failure::{Ending, Failure};
use crate::input;
use crate::interrupt::Watch;
use crate::output::{check_target, emit_text, say};
use crate::points::{Point, Points};

/// Points of comparison, where the model is small.
const POINTS: usize = 20;
/// Most node evaluations to spend.
const WORK: usize = 400_000_000;
/// Evaluations behind one difference quotient, at most.
const EVALUATIONS: usize = 20;

/// What a check found.
struct Findings {
    points: usize,
    /// Where log p is a number.
    usable: usize,
    tallies: Vec<(&'static str, Tally)>,
    /// The first wrong derivative, in words.
    first: Option<String>,
}

pub fn run(args: &CheckArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.heed(target);
    check_target(target)?;
    let (source, data) = input::model_and_maybe_data(&args.files, &args.model)?;
    let choices = args.run.objective.choices();
    let specified = |model: &Model, choices| {
        let specification = Specification::with(model, choices);
        specification.map_err(|unsuited| Failure::unsuited(&unsuited, &source))
    };
    let (model, findings) = match data {
        None if args.table.is_given() || args.run.threads.is_some() => {
            let message = "options on reading data and on threads need data: name their file";
            return Err(Failure::usage(message));
        }
        None => {
            let model = parsed(&source, &args.model)?;
            let specification = specified(&model, &choices)?;
            let points = Points::new(&model, None, args.seed);
            let findings = examine(&specification, &model, &points, watch);
            (model, findings)
        }
        Some(data) => {
            let asked = Asked { objective: choices, seed: args.seed, ..Asked::default() };
            let data = input::data(data, &args.table, args.run.threads, watch)?;
            let bound = bound(&source, &args.model, data, args.table.missing, &asked)?;
            for Warning { code, message } in bound.reading().filter(|_| !target.quiet) {
                say(&format!("warning[{code}]: {message}"));
            }
            let points = Points::new(&bound.model, Some(&bound.selection), args.seed);
            let specification = objective(&bound, &asked, &source)?;
            let findings = examine(&specification, &bound.model, &points, watch);
            (bound.model, findings)
        }
    };
    tell(args, &model, &source, &findings)?;
    Ok(if findings.sound() { Ending::Done } else { Ending::Mismatch })
}

/// Compares score and Laplacian, or the differences of binary data, and the gradient of the loss at
/// random points.
fn examine(
    specification: &Specification,
    model: &Model,
    points: &Points<'_>,
    watch: &Watch,
) -> Findings {
    watch.line().tell(|| "deriving".to_owned());
    let derivation = Derivation::by(specification, model);
    let count = point_count(model, &derivation);
    let names = match specification.is_binary() {
        true => &["difference", "d loss/d parameter"][..],
        false => &["score", "Laplacian", "d loss/d parameter"],
    };
    let mut tallies: Vec<_> = names.iter().map(|&name| (name, Tally::default())).collect();
    let (mut usable, mut first) = (0, None);
    for number in 0..count {
        watch.line().tell(|| format!("point {} of {count}", number + 1));
        let site = Site { model, derivation: &derivation, point: points.point(number as u64) };
        if site.value(derivation.log_density).is_finite() {
            usable += 1;
            let wrong = site.compare(&mut tallies);
            first = first.or_else(|| wrong.map(|wrong| format!("{wrong} at {}", site.place())));
        }
    }
    Findings { points: count, usable, tallies, first }
}

fn point_count(model: &Model, derivation: &Derivation) -> usize {
    let quotients = 2 * model.data().len() + model.parameters().len();
    let work = EVALUATIONS * quotients.max(1) * derivation.graph.len();
    (WORK / work).clamp(2, POINTS)
}

/// One point, and what is evaluated there.
struct Site<'a> {
    model: &'a Model,
    derivation: &'a Derivation,
    point: Point,
}

impl Site<'_> {
    fn value(&self, root: ExprId) -> f64 {
        evaluate(&self.derivation.graph, &[root], |input| self.point.at(input))[0]
    }

    /// The derivative of a root by one input, by differences.
    fn slope(&self, root: ExprId, by: InputId) -> Difference {
        let graph = &self.derivation.graph;
        let shifted =
            |at: f64| evaluate(graph, &[root], |i| if i == by { at } else { self.point.at(i) })[0];
        derivative(shifted, self.point.at(by))
    }

    /// Adds this point's comparisons, and says which derivative is the first wrong one.
    fn compare(&self, tallies: &mut [(&'static str, Tally)]) -> Option<String> {
        let mut wrong = None;
        for (name, what, derivative, quotient) in self.pairs() {
            let comparison = Comparison::of(derivative, quotient);
            let own = tallies.iter_mut().filter(|(other, _)| *other == name);
            own.for_each(|(_, tally)| tally.add(comparison));
            wrong = wrong.or_else(|| said(comparison, &what, derivative, quotient));
        }
        wrong
    }

    /// Name of the tally, what is compared, what was derived, and the same without derivatives.
    fn pairs(&self) -> Vec<(&'static str, String, f64, Difference)> {
        let Derivation { log_density, loss, laplacian, .. } = *self.derivation;
        let mut pairs = Vec::new();
        let mut trace = Difference { value: 0.0, error: 0.0 };
        for (component, slope) in self.model.data().iter().zip(&self.derivation.score) {
            let what = format!("score of `{}`", component.name);
            let quotient = self.slope(log_density, component.input);
            pairs.push(("score", what, self.value(slope.expr), quotient));
            let second = self.slope(slope.expr, component.input);
            trace.value += second.value;
            trace.error += second.error;
        }
        if let Some(laplacian) = laplacian {
            pairs.push(("Laplacian", "Laplacian".to_owned(), self.value(laplacian), trace));
        }
        for (component, one) in self.model.data().iter().zip(&self.derivation.differences) {
            let what = format!("difference in `{}`", component.name);
            pairs.push(("difference", what, self.value(one.expr), self.turned(component)));
        }
        for (parameter, slope) in self.model.parameters().iter().zip(&self.derivation.gradient) {
            let what = format!("d loss/d `{}`", parameter.name);
            let quotient = self.slope(loss, parameter.input);
            pairs.push(("d loss/d parameter", what, self.value(slope.expr), quotient));
        }
        pairs
    }

    /// What log p falls by where a binary component takes its other value.
    fn turned(&self, component: &Component) -> Difference {
        let by = component.input;
        let log_p = |x: f64| {
            let at = |input| if input == by { x } else { self.point.at(input) };
            evaluate(&self.derivation.graph, &[self.derivation.log_density], at)[0]
        };
        let x = self.point.at(by);
        let other = component.support.values().map_or(x, |(first, second)| first + second - x);
        let (here, there) = (log_p(x), log_p(other));
        Difference { value: here - there, error: f64::EPSILON * (here.abs() + there.abs()) }
    }

    /// `x = 0, a = 1.5`
    fn place(&self) -> String {
        let components = self.model.data().iter().chain(self.model.covariates());
        let components = components.map(|component| (&component.name, component.input));
        let parameters = self.model.parameters().iter().map(|one| (&one.name, one.input));
        let named = |(name, input): (&String, InputId)| (name.clone(), self.point.at(input));
        assignments(&components.chain(parameters).map(named).collect::<Vec<_>>())
    }
}

/// What is wrong with a derivative, if anything.
fn said(
    comparison: Comparison,
    what: &str,
    derivative: f64,
    quotient: Difference,
) -> Option<String> {
    match comparison {
        Comparison::Agree(_) | Comparison::Unclear => None,
        Comparison::Differ(_) => {
            let (derivative, quotient) = (shortest(derivative), trimmed(quotient.value, 6));
            Some(format!("the {what} is {derivative}, by differences {quotient},"))
        }
        Comparison::NotFinite => {
            let value = if derivative.is_nan() { "not a number" } else { "infinite" };
            Some(format!("the {what} is {value}"))
        }
    }
}

impl Findings {
    fn sound(&self) -> bool {
        self.usable > 0 && self.tallies.iter().all(|(_, tally)| tally.wrong() == 0)
    }

    /// Where log p has a value.
    fn finite(&self) -> String {
        let Self { points, usable, .. } = self;
        let doubt = if usable < points {
            "; score matching needs it finite wherever there can be data"
        } else {
            ""
        };
        format!("finite at {usable} of {points} points{doubt}")
    }

    fn verdict(&self) -> String {
        if self.usable == 0 {
            return "MISMATCH: log p is not a number at any point".to_owned();
        }
        let count = |of: &dyn Fn(&Tally) -> usize| -> usize {
            self.tallies.iter().map(|(_, tally)| of(tally)).sum()
        };
        let differ = match count(&|tally| tally.differ) {
            0 => None,
            count => Some(format!("{count} derivatives differ from finite differences")),
        };
        let lost = match count(&|tally| tally.not_finite) {
            0 => None,
            count => Some(format!("{count} derivatives are not finite where log p is")),
        };
        let wrong: Vec<String> = differ.into_iter().chain(lost).collect();
        match &self.first {
            None => "ok: derivatives agree with finite differences".to_owned(),
            Some(first) => format!("MISMATCH: {}; first, {first}", wrong.join(", ")),
        }
    }
}

fn tell(
    args: &CheckArgs,
    model: &Model,
    source: &Source,
    findings: &Findings,
) -> Result<(), Failure> {
    warn(model.warnings(), source, &args.output.target);
    let text = match args.output.format {
        Format::Text => text(model, findings),
        Format::Json => format!("{:#}\n", json(model, findings)),
    };
    emit_text(&args.output.target, &text)
}

fn text(model: &Model, findings: &Findings) -> String {
    let lines = [
        ModelFacts::of(model).text(),
        format!(
            "{:12}{}\n",
            "supports",
            supports(model)
                .map(|(name, support)| { format!("{name} {support}") })
                .collect::<Vec<_>>()
                .join(", ")
        ),
        format!("{:12}{}\n\n", "log p", findings.finite()),
        table(findings),
        format!("\n{}\n", findings.verdict()),
    ];
    lines.concat()
}

fn table(findings: &Findings) -> String {
    let heading = format!(
        "{:20}{:>10}{:>10}{:>10}{:>12}{:>22}\n",
        "", "agree", "unclear", "differ", "not finite", "largest difference"
    );
    let row = |(name, tally): &(&str, Tally)| {
        let Tally { agree, unclear, differ, not_finite, largest } = *tally;
        let counts = format!("{agree:>10}{unclear:>10}{differ:>10}{not_finite:>12}");
        format!("{name:20}{counts}{:>22}\n", trimmed(largest, 2))
    };
    heading + &findings.tallies.iter().map(row).collect::<String>()
}

/// Of each data component, `on the real line` or what its declaration says.
fn supports(model: &Model) -> impl Iterator<Item = (String, String)> {
    let words = |support: Support| match support {
        Support::Line => "on the real line".to_owned(),
        declared => declared.to_string().trim_start().to_owned(),
    };
    model.data().iter().map(move |component| (component.name.clone(), words(component.support)))
}

fn json(model: &Model, findings: &Findings) -> Value {
    let roles = ModelFacts::of(model).roles;
    let supports: serde_json::Map<String, Value> =
        supports(model).map(|(name, support)| (name, Value::String(support))).collect();
    let tally = |(name, tally): &(&str, Tally)| {
        json!({
            "of": name, "agree": tally.agree, "unclear": tally.unclear, "differ": tally.differ,
            "not_finite": tally.not_finite, "largest_difference": json_number(tally.largest),
        })
    };
    let warnings = model.warnings().iter().map(warning_of);
    let warnings: Vec<Value> =
        warnings.map(|w| json!({"code": w.code, "message": w.message})).collect();
    json!({
        "schema": scorematch::report::SCHEMA,
        "roles": {"data": roles.data, "covariate": roles.covariate, "param": roles.param},
        "supports": supports,
        "points": findings.points,
        "usable": findings.usable,
        "derivatives": findings.tallies.iter().map(tally).collect::<Vec<_>>(),
        "ok": findings.sound(),
        "first_mismatch": findings.first,
        "warnings": warnings,
    })
}
