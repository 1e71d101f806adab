//! `scorematch eval`: the objective at given parameters, or every row's share in it.

use std::io::{self, Write};

use scorematch::report::{Evaluation, Timing, first_undefined, row_values};

use crate::args::{EvalArgs, Format};
use crate::bound::{Bound, bound, warn};
use crate::failure::{Ending, Failure};
use crate::output::{check_target, emit, emit_text};
use crate::timing::{Measurement, refused};
use crate::{input, values};

pub fn run(args: &EvalArgs) -> Result<Ending, Failure> {
    let target = &args.output.target;
    if args.at.is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    check_target(target)?;
    let (source, data) = input::model_and_data(&args.files, &args.model)?;
    let data = input::data(data, &args.table, args.run.threads, target)?;
    let bound = bound(&source, &args.model, data, args.table.missing)?;
    warn(bound.model.warnings(), &source, target);
    let theta = values::complete(&bound.model, "--at", &args.at)?;
    check_domain(&bound, &theta, args.run.threads())?;
    if args.rows {
        rows(args, &bound, &theta)?;
    } else {
        whole(args, &bound, &theta)?;
    }
    Ok(Ending::Done)
}

/// Derivatives may be finite where log p as written is not.
pub fn check_domain(bound: &Bound, theta: &[f64], threads: usize) -> Result<(), Failure> {
    match first_undefined(&bound.model, &bound.selection, theta, threads) {
        Some((row, value)) => Err(bound.undefined(row, value)),
        None => Ok(()),
    }
}

fn whole(args: &EvalArgs, bound: &Bound, theta: &[f64]) -> Result<(), Failure> {
    let (path, threads) = (args.speed.path.into(), args.run.threads());
    let evaluation = Evaluation::by(path, &bound.model, &bound.selection, theta, threads);
    let mut evaluation = evaluation.map_err(refused)?;
    if args.speed.timing {
        let measurement = Measurement { path, threads, repeat: args.repeat };
        let timing = measurement.of(bound, theta).map_err(refused)?;
        evaluation.timing = Some(Timing { evaluations: timing.evaluations + 1, ..timing });
    }
    let text = match args.output.format {
        Format::Text => evaluation.text(),
        Format::Json => evaluation.json(),
    };
    emit_text(&args.output.target, &text)
}

fn rows(args: &EvalArgs, bound: &Bound, theta: &[f64]) -> Result<(), Failure> {
    let columns = row_values(&bound.model, &bound.selection, theta, args.run.threads());
    emit(&args.output.target, |writer| write_rows(writer, bound, &columns))
}

fn write_rows(writer: &mut dyn Write, bound: &Bound, columns: &[Vec<f64>]) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let scores = bound.model.data().iter().map(|component| format!("score_{}", component.name));
    let header = ["row", "logp"].map(str::to_owned).into_iter().chain(scores);
    table.write_record(header.chain(["laplacian", "loss"].map(str::to_owned)))?;
    for (position, row) in bound.selection.original_rows().iter().enumerate() {
        let values = columns.iter().map(|column| cell(column[position]));
        table.write_record([(row + 1).to_string()].into_iter().chain(values))?;
    }
    table.flush()
}

/// The shortest text that reads back as the number; nothing where it does not exist.
fn cell(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { String::new() }
}
