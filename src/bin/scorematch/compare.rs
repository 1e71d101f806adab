//! `scorematch compare`: several models compared by their losses on held-out rows.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use scorematch::analysis::{Comparison, Contender, FOLDS, NotComparable};
use scorematch::fit::{Outcome, Warning};
use scorematch::model::NODES_MAX;
use scorematch::objective::Path;
use scorematch::report::Report;
use scorematch::source::{Diagnostic, Source};

use crate::args::{
    ErrorsArgs, Format, ModelArgs, OutputArgs, RunArgs, SearchArgs, TableArgs, constant, mapping,
    name,
};
use crate::asked::{Asked, CountingArgs};
use crate::bound::{Bound, several, warn};
use crate::failure::{Ending, Failure};
use crate::fit::Task;
use crate::input;
use crate::interrupt::Watch;
use crate::output::{check_target, emit_text, tell as told};

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Models, two at least with those that -e gives, and the data: a file, possibly .gz, or - for
    /// standard input
    #[arg(value_name = "MODEL... DATA", num_args = 1.., required = true)]
    pub files: Vec<PathBuf>,
    /// A model itself, in place of a file; may be given several times. Texts come after files
    #[arg(short = 'e', long = "expression", value_name = "TEXT", allow_hyphen_values = true)]
    pub expressions: Vec<String>,
    /// Set a constant of the models, as d=5
    #[arg(long = "const", value_name = "NAME=NUMBER", value_parser = constant)]
    pub constants: Vec<(String, f64)>,
    /// Take the entries of a name from these columns, as x=height,width
    #[arg(long, value_name = "NAME=COLUMNS", value_parser = mapping)]
    pub map: Vec<(String, Vec<String>)>,
    /// Most nodes that a text may come to; a guard against sums that are longer than meant
    #[arg(long, value_name = "N", default_value_t = NODES_MAX)]
    pub nodes_max: usize,
    /// Which undeclared names are data, as x,y
    #[arg(long = "data", value_name = "NAMES", value_delimiter = ',', value_parser = name)]
    pub data: Option<Vec<String>>,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub contest: ContestArgs,
}

/// Options of a comparison that do not concern a single model.
#[derive(Debug, Args)]
pub struct ContestArgs {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    /// Seed of everything random: folds and starts
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How many random starts to optimise
    #[arg(long, value_name = "N")]
    pub starts: Option<NonZeroUsize>,
    /// Weight each data component by its variance, so that units do not matter
    #[arg(long)]
    pub standardise: bool,
    /// Folds of the cross-validation, of whole clusters where `--cluster` names them; as many as rows
    /// leave out one at a time
    #[arg(long, value_name = "K", default_value_t = FOLDS)]
    pub folds: usize,
}

pub fn run(args: &CompareArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.hide_if_quiet(target);
    check_target(target)?;
    let (sources, data) = models_and_data(args)?;
    let contest = &args.contest;
    let table = input::data(data, &args.table, contest.run.threads, watch)?.all()?;
    let missing = args.table.missing;
    let bounds = several(&sources, &args.model(), &Arc::new(table), missing, &contest.asked())?;
    let mut comparison = contest.comparison(&sources, &bounds, watch)?;
    if args.output.is_bare() {
        comparison.warnings.clear();
        comparison.models.iter_mut().for_each(|model| model.warnings.clear());
    }
    tell(args, &comparison, &sources, &bounds)?;
    Ok(ending(&comparison))
}

/// The exit status, which tells whether all fits converged.
pub fn ending(comparison: &Comparison) -> Ending {
    if comparison.converged() { Ending::Done } else { Ending::NotConverged }
}

impl ContestArgs {
    /// The objective and the weights of rows, the same for all models.
    pub fn asked(&self) -> Asked {
        Asked {
            objective: self.run.objective.choices(),
            rows: self.counting.choices(),
            seed: self.seed,
        }
    }

    /// Fits models, each bound to the same rows, and compares them. An interrupt is an error.
    pub fn comparison(
        &self,
        sources: &[Source],
        bounds: &[Bound],
        watch: &Watch,
    ) -> Result<Comparison, Failure> {
        let (search, errors) = (self.search(), ErrorsArgs::default());
        let task = |source| Task {
            source,
            run: &self.run,
            counting: self.counting.choices(),
            search: &search,
            errors: &errors,
            path: Path::Auto,
            watch,
        };
        let pairs = || sources.iter().zip(bounds);
        let reports: Vec<Report> = pairs()
            .map(|(source, bound)| task(source).report(bound, String::new()))
            .collect::<Result<_, _>>()?;
        let contenders: Vec<Contender<'_>> = pairs()
            .zip(&reports)
            .map(|((source, bound), report)| {
                Contender::new(&source.name, &bound.model, &bound.selection, &report.estimate)
            })
            .collect();
        if reports.iter().any(|one| one.estimate.outcome == Outcome::Interrupted) {
            return Err(interrupted());
        }
        watch.line().tell(|| "comparing".to_owned());
        let options = task(&sources[0]).options(&bounds[0])?.interrupt(watch.flag());
        let compared = watch.while_polling(|| Comparison::of(&contenders, self.folds, &options));
        let mut comparison = compared.map_err(|reason| refused(&reason))?;
        comparison.warnings.extend(doubts(bounds));
        Ok(comparison)
    }

    fn search(&self) -> SearchArgs {
        SearchArgs {
            seed: self.seed,
            starts: self.starts,
            standardise: self.standardise,
            ..SearchArgs::default()
        }
    }
}

/// The models, those of files before those of texts, and the last file, which holds the data.
fn models_and_data(args: &CompareArgs) -> Result<(Vec<Source>, &PathBuf), Failure> {
    let (data, files) = args.files.split_last().expect("clap requires at least one file");
    Ok((enough(models(files, &args.expressions)?)?, data))
}

/// Models from files and from texts, in this order.
pub fn models(files: &[PathBuf], texts: &[String]) -> Result<Vec<Source>, Failure> {
    let files = files.iter().map(|file| input::model_file(file));
    let texts = texts.iter().map(|text| Ok(Source { name: text.clone(), text: text.clone() }));
    files.chain(texts).collect()
}

/// The models, if there are at least two.
pub fn enough(sources: Vec<Source>) -> Result<Vec<Source>, Failure> {
    if sources.len() < 2 { Err(refused(&NotComparable::TooFew)) } else { Ok(sources) }
}

impl CompareArgs {
    /// The options that apply to every model.
    fn model(&self) -> ModelArgs {
        ModelArgs {
            expression: None,
            constants: self.constants.clone(),
            map: self.map.clone(),
            nodes_max: self.nodes_max,
            data: self.data.clone(),
        }
    }
}

/// The refusal of a comparison. Too few models and a wrong number of folds are
/// errors of the command line.
fn refused(reason: &NotComparable) -> Failure {
    let diagnostic = Diagnostic::error("not-comparable", reason.to_string());
    let failure = || Failure::plain(&diagnostic.help(reason.help()));
    match reason {
        NotComparable::TooFew | NotComparable::Folds { .. } => failure().on_command_line(),
        NotComparable::Interrupted => interrupted(),
        _ => failure(),
    }
}

fn interrupted() -> Failure {
    Failure::interrupted("interrupted before the models were compared")
}

/// Warnings about the table, each once, and about the rows.
fn doubts(bounds: &[Bound]) -> Vec<Warning> {
    let mut doubts: Vec<Warning> = Vec::new();
    for doubt in bounds.iter().flat_map(Bound::doubts) {
        if !doubts.contains(&doubt) {
            doubts.push(doubt);
        }
    }
    for doubt in &mut doubts {
        if doubt.code == "dropped-rows" {
            let rows = "Rows are those with a value in every column of any model";
            *doubt = doubt.clone().meaning(rows);
        }
    }
    doubts
}

/// Writes the comparison. Text contains its warnings; with JSON or a file they are printed to
/// standard error too.
fn tell(
    args: &CompareArgs,
    comparison: &Comparison,
    sources: &[Source],
    bounds: &[Bound],
) -> Result<(), Failure> {
    let target = &args.output.target;
    for (source, bound) in sources.iter().zip(bounds) {
        warn(bound.model.warnings(), source, target);
    }
    if args.output.format == Format::Json || target.file.is_some() {
        told(&comparison.all_doubts(), target);
    }
    emit_text(
        target,
        &match args.output.format {
            Format::Text => comparison.text_on(target.page()),
            Format::Json => comparison.json(),
        },
    )
}
