//! `scorematch derive`: the formulas that are derived from a log-density.

use scorematch::analysis::Derivation;
use scorematch::objective::Specification;

use crate::args::{DeriveArgs, Notation};
use crate::bound::{parsed, warn};
use crate::failure::{Ending, Failure};
use crate::input::model_and_maybe_data;
use crate::interrupt::Watch;
use crate::output::emit_text;

pub fn run(args: &DeriveArgs, watch: &Watch) -> Result<Ending, Failure> {
    watch.hide_if_quiet(&args.target);
    watch.line().tell(|| "deriving".to_owned());
    let (source, data) = model_and_maybe_data(&args.files, &args.model)?;
    if data.is_some() {
        return Err(Failure::usage("`derive` takes a model and no data"));
    }
    let model = parsed(&source, &args.model)?;
    warn(model.warnings(), &source, &args.target);
    let specification = Specification::with(&model, &args.objective.choices())
        .map_err(|unsuited| Failure::unsuited(&unsuited, &source))?;
    let derivation = Derivation::by(&specification, &model);
    let text = match args.format {
        Notation::Text => derivation.text(),
        Notation::Latex => derivation.latex(),
        Notation::Mathml => derivation.mathml(),
        Notation::Json => derivation.json(),
    };
    emit_text(&args.target, &text)?;
    Ok(Ending::Done)
}
