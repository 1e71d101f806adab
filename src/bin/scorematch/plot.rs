//! `scorematch plot`: the model over its data, as SVG, PNG or JSON.

use scorematch::analysis::Figure;
use scorematch::draw::{self, Theme};

use crate::failure::{Ending, Failure};
use crate::interrupt::Watch;
use crate::located::{Located, extension};
use crate::output::{emit, emit_text};
use crate::pictured::{PlotArgs, ThemeChoice};

/// The format of a figure.
enum Form {
    Svg,
    Png,
    Json,
}

impl From<ThemeChoice> for Theme {
    fn from(choice: ThemeChoice) -> Self {
        match choice {
            ThemeChoice::Light => Self::Light,
            ThemeChoice::Dark => Self::Dark,
        }
    }
}

pub fn run(args: &PlotArgs, watch: &Watch) -> Result<Ending, Failure> {
    let form = form(args)?;
    let located = Located::new(&args.subject, args.weights.choices(), watch)?;
    let (theta, ending) = located.theta(&args.at)?;
    watch.line().tell(|| "drawing".to_owned());
    let (model, rows) = (&located.bound.model, &located.bound.selection);
    let figure = Figure::of(model, rows, &theta).map_err(Failure::usage)?;
    let (target, theme) = (&args.subject.target, args.theme.into());
    match form {
        Form::Svg => emit_text(target, &draw::svg(&figure, theme))?,
        Form::Json => emit_text(target, &figure.json())?,
        Form::Png => {
            let bytes = draw::png(&figure, theme).map_err(Failure::usage)?;
            emit(target, |writer| writer.write_all(&bytes))?;
        }
    }
    Ok(ending)
}

fn form(args: &PlotArgs) -> Result<Form, Failure> {
    match extension(&args.subject).as_deref() {
        None | Some("svg") => Ok(Form::Svg),
        Some("png") => Ok(Form::Png),
        Some("json") => Ok(Form::Json),
        Some(_) => Err(Failure::usage("`-o` needs a file that ends in .svg, .png or .json")),
    }
}
