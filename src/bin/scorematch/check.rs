//! `scorematch check`: shapes and supports, and every derivative against finite differences.

use scorematch::graph::{ExprId, InputId, evaluate};
use scorematch::model::Model;
use scorematch::report::{Derivation, ModelFacts, json_number, trimmed, warning_of};
use scorematch::source::Source;
use serde_json::{Value, json};

use crate::args::{CheckArgs, Format};
use crate::bound::{bound, parsed, warn, words};
use crate::comparison::{Comparison, Tally};
use crate::differences::{Difference, derivative};
use crate::failure::{Ending, Failure};
use crate::input;
use crate::output::{check_target, emit_text};
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
    tallies: [(&'static str, Tally); 3],
}

pub fn run(args: &CheckArgs) -> Result<Ending, Failure> {
    let target = &args.output.target;
    check_target(target)?;
    let (source, data) = input::model_and_maybe_data(&args.files, &args.model)?;
    let (model, findings) = match data {
        None => {
            let model = parsed(&source, &args.model)?;
            let findings = examine(&model, &Points::new(&model, None, args.run.seed));
            (model, findings)
        }
        Some(data) => {
            let data = input::data(data, &args.table, args.run.threads, target)?;
            let bound = bound(&source, &args.model, data, args.table.missing)?;
            let points = Points::new(&bound.model, Some(&bound.selection), args.run.seed);
            let findings = examine(&bound.model, &points);
            (bound.model, findings)
        }
    };
    tell(args, &model, &source, &findings)?;
    Ok(if findings.sound() { Ending::Done } else { Ending::Mismatch })
}

/// Compares score, Laplacian and gradient of the loss at random points.
fn examine(model: &Model, points: &Points<'_>) -> Findings {
    let derivation = Derivation::of(model);
    let count = point_count(model, &derivation);
    let mut tallies = [Tally::default(), Tally::default(), Tally::default()];
    let mut usable = 0;
    for number in 0..count {
        let site = Site { model, derivation: &derivation, point: points.point(number as u64) };
        if site.value(derivation.log_density).is_finite() {
            usable += 1;
            site.compare(&mut tallies);
        }
    }
    let [score, laplacian, gradient] = tallies;
    let tallies = [("score", score), ("Laplacian", laplacian), ("d loss/d parameter", gradient)];
    Findings { points: count, usable, tallies }
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

    fn compare(&self, [score, laplacian, gradient]: &mut [Tally; 3]) {
        let Derivation { log_density, loss, .. } = *self.derivation;
        let mut trace = Difference { value: 0.0, error: 0.0 };
        for (component, slope) in self.model.data().iter().zip(&self.derivation.score) {
            let quotient = self.slope(log_density, component.input);
            score.add(Comparison::of(self.value(slope.expr), quotient));
            let second = self.slope(slope.expr, component.input);
            trace.value += second.value;
            trace.error += second.error;
        }
        laplacian.add(Comparison::of(self.value(self.derivation.laplacian), trace));
        for (parameter, slope) in self.model.parameters().iter().zip(&self.derivation.gradient) {
            let quotient = self.slope(loss, parameter.input);
            gradient.add(Comparison::of(self.value(slope.expr), quotient));
        }
    }
}

impl Findings {
    fn sound(&self) -> bool {
        self.usable > 0 && self.tallies.iter().all(|(_, tally)| tally.differ == 0)
    }

    /// Where log p has a value.
    fn finite(&self) -> String {
        let Self { points, usable, .. } = self;
        let doubt =
            if usable < points { "; is its support declared, as in `data x > 0`?" } else { "" };
        format!("finite at {usable} of {points} points{doubt}")
    }

    fn verdict(&self) -> String {
        if self.usable == 0 {
            return "MISMATCH: log p is not a number at any point".to_owned();
        }
        let differ: usize = self.tallies.iter().map(|(_, tally)| tally.differ).sum();
        match differ {
            0 => "ok: derivatives agree with finite differences".to_owned(),
            _ => format!("MISMATCH: {differ} derivatives differ from finite differences"),
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
        "{:20}{:>10}{:>10}{:>10}{:>22}\n",
        "", "agree", "unclear", "differ", "largest difference"
    );
    let row = |(name, tally): &(&str, Tally)| {
        let Tally { agree, unclear, differ, largest } = *tally;
        format!("{name:20}{agree:>10}{unclear:>10}{differ:>10}{:>22}\n", trimmed(largest, 2))
    };
    heading + &findings.tallies.iter().map(row).collect::<String>()
}

fn supports(model: &Model) -> impl Iterator<Item = (String, String)> {
    let support = |input: InputId| words(model.graph().inputs()[input.index()].support);
    model.data().iter().map(move |component| (component.name.clone(), support(component.input)))
}

fn json(model: &Model, findings: &Findings) -> Value {
    let roles = ModelFacts::of(model).roles;
    let supports: serde_json::Map<String, Value> =
        supports(model).map(|(name, support)| (name, Value::String(support))).collect();
    let tally = |(name, tally): &(&str, Tally)| {
        json!({
            "of": name, "agree": tally.agree, "unclear": tally.unclear, "differ": tally.differ,
            "largest_difference": json_number(tally.largest),
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
        "warnings": warnings,
    })
}
