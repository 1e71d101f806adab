//! `scorematch check`: shapes and supports, and every derivative against finite differences.

use scorematch::analysis::Check;
use scorematch::data::Selection;
use scorematch::model::Model;
use scorematch::objective::Specification;

use crate::args::{CheckArgs, Format};
use crate::asked::Asked;
use crate::bound::{bound, objective, parsed, warn};
use crate::failure::{Ending, Failure};
use crate::input;
use crate::interrupt::Watch;
use crate::output::{check_target, emit_text, tell};

pub fn run(args: &CheckArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.hide_if_quiet(target);
    check_target(target)?;
    let (source, data) = input::model_and_maybe_data(&args.files, &args.model)?;
    let choices = args.run.objective.choices();
    let specified = |model: &Model, choices| {
        let specification = Specification::with(model, choices);
        specification.map_err(|unsuited| Failure::unsuited(&unsuited, &source))
    };
    let examine = |specification: &Specification, model: &Model, rows: Option<&Selection>| {
        watch.line().tell(|| "deriving".to_owned());
        let mut progress = |point, count| watch.line().tell(|| format!("point {point} of {count}"));
        Check::of(specification, model, rows, args.seed, &mut progress)
    };
    let (model, check) = match data {
        None if args.table.is_given() || args.run.threads.is_some() => {
            let message = "options on reading data and on threads need data: name their file";
            return Err(Failure::usage(message));
        }
        None => {
            let model = parsed(&source, &args.model)?;
            let specification = specified(&model, &choices)?;
            let check = examine(&specification, &model, None);
            (model, check)
        }
        Some(data) => {
            let asked = Asked { objective: choices, seed: args.seed, ..Asked::default() };
            let data = input::data(data, &args.table, args.run.threads, watch)?;
            let bound = bound(&source, &args.model, data, args.table.missing, &asked)?;
            tell(&bound.reading().collect::<Vec<_>>(), target);
            let specification = objective(&bound, &asked, &source)?;
            let check = examine(&specification, &bound.model, Some(&bound.selection));
            (bound.model, check)
        }
    };
    warn(model.warnings(), &source, target);
    let text = match args.output.format {
        Format::Text => check.text(&model),
        Format::Json => check.json(&model),
    };
    emit_text(target, &text)?;
    Ok(if check.is_sound() { Ending::Done } else { Ending::Mismatch })
}
