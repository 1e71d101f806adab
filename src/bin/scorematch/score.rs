//! `scorematch score`: values of a model for each row, by which unusual rows can be ranked.

use clap::Args;
use clap::builder::NonEmptyStringValueParser;

use scorematch::analysis::{row_densities, row_scores};
use scorematch::fit::{Options, first_not_finite, rescaled};
use scorematch::source::Diagnostic;

use crate::args::{InputArgs, RunArgs, TargetArgs};
use crate::asked::{Asked, CountingArgs};
use crate::bound::{bound, objective, warn};
use crate::eval::{check_domain, no_normaliser, write_table};
use crate::failure::{Ending, Failure};
use crate::fit::robust;
use crate::interrupt::Watch;
use crate::output::{check_target, tell};
use crate::values;

#[derive(Debug, Args)]
pub struct ScoreArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    /// Every parameter, as 'mu=0, W=[1,2;3,4]' or @FILE.json (names to numbers, or a fit's JSON)
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new())]
    pub at: Vec<String>,
    /// Add the weight that each row has in a robust fit of this power, as 0.7, or 'a=0.7, b=0.7'
    #[arg(long, value_name = "POWER", value_parser = NonEmptyStringValueParser::new())]
    pub robust: Option<String>,
    /// Add the log-density of each row, and of one number the share of the mass below it
    #[arg(long)]
    pub normalise: bool,
    /// The columns of the model in front of what is computed, data before covariates
    #[arg(long)]
    pub with_data: bool,
    /// Seed of the directions of slices and of noise [default: 0]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

pub fn run(args: &ScoreArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.target;
    watch.hide_if_quiet(target);
    check_target(target)?;
    let (source, data) = args.input.open(args.run.threads, watch)?;
    let asked = Asked {
        objective: args.run.objective.choices(),
        rows: args.counting.choices(),
        seed: args.seed.unwrap_or(0),
    };
    let bound = bound(&source, &args.input.model, data, args.input.table.missing, &asked)?;
    warn(bound.model.warnings(), &source, target);
    if args.counting.cluster.is_some() {
        return Err(Failure::usage("`--cluster` changes no value of a row"));
    }
    if args.at.is_empty() && !bound.model.parameters().is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    let theta = values::complete(&bound.model, "--at", &args.at)?;
    let specification = objective(&bound, &asked, &source)?;
    if args.seed.is_some() && specification.drawn().is_none() {
        let message = "`--seed` is for objectives with random numbers, sliced and denoising";
        return Err(Failure::usage(message));
    }
    let threads = args.run.threads();
    check_domain(&bound, &theta, threads)?;
    watch.line().tell(|| "scoring".to_owned());
    let options = match &args.robust {
        Some(text) => robust(&bound.model, text, Options::default())?,
        None => Options::default(),
    };
    let (model, rows) = (&bound.model, &bound.selection);
    let scores = row_scores(&specification, model, rows, &theta, &options, threads);
    let mut scores = scores
        .map_err(|reason| Failure::plain(&Diagnostic::error("no-scores", reason.to_string())))?;
    if args.normalise {
        let found = row_densities(model, rows, &theta, threads).map_err(no_normaliser)?;
        scores.columns.push(("log_density".to_owned(), found.log_density));
        scores.columns.extend(found.below.map(|below| ("below".to_owned(), below)));
    }
    let lost = |(name, values): &(String, Vec<f64>)| {
        name == "loss" && values.iter().any(|loss| !loss.is_finite())
    };
    let lost = scores.columns.iter().any(lost);
    let missing = lost
        .then(|| first_not_finite(&specification, model, &rows.slices(), &theta, threads))
        .flatten();
    let missing = missing.map(|missing| bound.missing(&missing, "the loss"));
    let doubts = bound.reading().chain(rescaled(rows.rescaled())).chain(scores.warnings);
    tell(&doubts.chain(missing).collect::<Vec<_>>(), target);
    write_table(target, &bound, args.with_data, &scores.columns, watch)?;
    Ok(if lost { Ending::Mismatch } else { Ending::Done })
}
