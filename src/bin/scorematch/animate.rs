//! `scorematch animate`: the model over its data beside the terms of its
//! objective, along a parameter.

use scorematch::analysis::{Film, Sweep};
use scorematch::draw;
use scorematch::model::Model;
use scorematch::source::Diagnostic;

use crate::args::ErrorsArgs;
use crate::failure::{Ending, Failure};
use crate::interrupt::Watch;
use crate::located::{Located, extension};
use crate::output::{emit, emit_text};
use crate::pictured::{AnimateArgs, Over};

/// The format of a film.
enum Form {
    Html,
    Svg,
    Gif,
    Json,
}

pub fn run(args: &AnimateArgs, watch: &Watch) -> Result<Ending, Failure> {
    let form = form(args)?;
    let located = Located::new(&args.subject, args.weights.choices(), watch)?;
    let random = located.specification.drawn().is_some();
    if args.subject.search.seed != 0 && !args.at.is_empty() && !random {
        let message = "`--seed` is for fits, and for objectives with random numbers";
        return Err(Failure::usage(message));
    }
    let model = &located.bound.model;
    let parameter = parameter(model, &args.over)?;
    let (sweep, ending) = sweep(args, &located, parameter)?;
    watch.line().tell(|| "drawing".to_owned());
    let film = Film::of(model, &located.bound.selection, sweep).map_err(Failure::usage)?;
    let (target, theme) = (&args.subject.target, args.theme.into());
    match form {
        Form::Html => {
            let title = format!("{} over {}", args.over.name, located.bound.table.name);
            emit_text(target, &draw::film_page(&film, &title, &located.source.text))?;
        }
        Form::Svg => emit_text(target, &draw::film_svg(&film, theme))?,
        Form::Json => emit_text(target, &film.json())?,
        Form::Gif => {
            let bytes = draw::film_gif(&film, theme).map_err(Failure::usage)?;
            emit(target, |writer| writer.write_all(&bytes))?;
        }
    }
    Ok(ending)
}

fn form(args: &AnimateArgs) -> Result<Form, Failure> {
    match extension(&args.subject).as_deref() {
        None | Some("html" | "htm") => Ok(Form::Html),
        Some("svg") => Ok(Form::Svg),
        Some("gif") => Ok(Form::Gif),
        Some("json") => Ok(Form::Json),
        Some(_) => Err(Failure::usage("`-o` needs a file that ends in .html, .svg, .gif or .json")),
    }
}

fn parameter(model: &Model, over: &Over) -> Result<usize, Failure> {
    model.parameter(&over.name).ok_or_else(|| {
        let message = format!("`--over`: the model has no parameter `{}`", over.name);
        let error = Diagnostic::error("unknown-parameter", message);
        Failure::plain(&match model.nearest_parameter(&over.name) {
            Some(near) => error.help(format!("did you mean `{near}`?")),
            None => error,
        })
    })
}

/// J and its terms at each value of the parameter; the other parameters are given, at their
/// estimates, or, with `--profile`, fitted at each value.
fn sweep(
    args: &AnimateArgs,
    located: &Located<'_>,
    parameter: usize,
) -> Result<(Sweep, Ending), Failure> {
    let (model, rows) = (&located.bound.model, &located.bound.selection);
    let values = args.over.values(args.frames);
    let (theta, ending) = start(args, located, parameter)?;
    if let Some(value) = values.iter().find(|value| !located.admits(&theta, parameter, **value)) {
        let message = format!("`--over`: {} = {value} is outside its constraint", args.over.name);
        return Err(Failure::usage(message));
    }
    let (specification, threads) = (&located.specification, args.subject.run.threads());
    if !args.profile {
        let sweep = Sweep::of(specification, model, rows, &theta, (parameter, &values), threads);
        return Ok((sweep, ending));
    }
    let plain = ErrorsArgs::default();
    let task = located.task(&plain);
    let options = task.options(&located.bound)?;
    let sweep = Sweep::profile(specification, model, rows, &theta, (parameter, &values), &options);
    Ok((sweep.map_err(|error| task.refusal(&error, &located.bound))?, ending))
}

/// All parameters at the start. Where the others are given, the swept parameter is at
/// the middle of its range.
fn start(
    args: &AnimateArgs,
    located: &Located<'_>,
    parameter: usize,
) -> Result<(Vec<f64>, Ending), Failure> {
    let alone = located.bound.model.parameters().len() == 1;
    let mut at = args.at.clone();
    if !at.is_empty() || alone {
        let name = &located.bound.model.parameters()[parameter].name;
        at.push(format!("{name}={}", 0.5 * (args.over.low + args.over.high)));
    }
    located.theta(&at)
}
