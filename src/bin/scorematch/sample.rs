//! `scorematch sample`: draws from a model at parameters that are given.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{NonEmptyStringValueParser, PossibleValuesParser, TypedValueParser};
use flate2::Compression;
use flate2::write::GzEncoder;

use scorematch::data::Selection;
use scorematch::model::Model;
use scorematch::sample::{Draws, Error, Method, Options, draw};
use scorematch::source::{Diagnostic, Source};

use crate::args::{Format, ModelArgs, OutputArgs, TableArgs, processors};
use crate::bound::{conditioned, parsed, warn};
use crate::failure::{Ending, Failure};
use crate::input;
use crate::interrupt::Watch;
use crate::output::{check_target, emit, emit_text, say};
use crate::progress::of_drawing;
use crate::values;

#[derive(Debug, Args)]
#[command(mut_arg("file", |arg| arg.help(
    "Write the draws as CSV to a file, compressed where it ends in .gz, and the report to standard \
     output [default: the draws to standard output]")))]
pub struct SampleArgs {
    /// The model, unless -e gives it
    #[arg(value_name = "MODEL", num_args = 0..=1)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    /// Every parameter, as 'mu=0, W=[1,2;3,4]' or @FILE.json (names to numbers, or a fit's JSON)
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new())]
    pub at: Vec<String>,
    /// How many draws; with covariates, given each row of them
    #[arg(short = 'n', long, value_name = "N", default_value = "1000")]
    pub count: NonZeroUsize,
    /// A file with columns of the covariates: draws are made given each of its rows
    #[arg(long, value_name = "FILE")]
    pub given: Option<PathBuf>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// How to draw, in place of the method that suits the model: inverse, patterns, gibbs, nuts, langevin
    /// or hit-and-run
    #[arg(long, value_name = "METHOD", value_parser = method())]
    pub method: Option<Method>,
    /// Markov chains [default: 4 of nuts and hit-and-run, 32 of gibbs and langevin]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=4096))]
    pub chains: Option<u16>,
    /// Steps of each chain on which step sizes are tuned, and which are thrown away
    #[arg(long, value_name = "N")]
    pub warmup: Option<usize>,
    /// Run Langevin's chains at these levels of the covariate `sigma` in turn, from where the level before
    /// left them, as 10,3,1,0.1; the draws are those of the last
    #[arg(long, value_name = "LEVELS", value_delimiter = ',', conflicts_with = "given")]
    pub annealed: Vec<f64>,
    /// Write the chain and the number of the draw in it before each draw
    #[arg(long)]
    pub with_chain: bool,
    /// Threads to use; the draws do not depend on it [default: all processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

fn method() -> impl TypedValueParser<Value = Method> {
    let all = Method::ALL;
    PossibleValuesParser::new(all.map(Method::name)).map(move |name| {
        let found = all.into_iter().find(|one| one.name() == name);
        found.expect("clap let a name of the list through")
    })
}

pub fn run(args: &SampleArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.heed(target);
    check_target(target)?;
    let (source, data) = input::model_and_maybe_data(&args.files, &args.model)?;
    if data.is_some() {
        return Err(Failure::usage(
            "`sample` takes a model and no data; covariates are given by `--given FILE`",
        ));
    }
    let (model, given) = subject(args, &source, watch)?;
    warn(model.warnings(), &source, target);
    if args.at.is_empty() && !model.parameters().is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    let theta = values::complete(&model, "--at", &args.at)?;
    watch.line().tell(|| "drawing".to_owned());
    let columns = given.as_ref().map_or(Vec::new(), Selection::slices);
    let draws = draw(&model, &theta, &columns, &options(args, watch)).map_err(refused)?;
    if args.with_chain && !draws.is_chained() {
        return Err(Failure::usage(
            "`--with-chain` is for Markov chains; these draws are independent",
        ));
    }
    write(args, &draws, &model, &columns)?;
    Ok(if draws.is_sound() { Ending::Done } else { Ending::NotConverged })
}

/// The model, and the covariates where a file gives them.
fn subject(
    args: &SampleArgs,
    source: &Source,
    watch: &Watch,
) -> Result<(Model, Option<Selection>), Failure> {
    let named = ModelArgs {
        data: args.model.data.clone().or(values::data_of(&args.at)?),
        ..args.model.clone()
    };
    let alone = parsed(source, &ModelArgs { map: Vec::new(), ..named.clone() })
        .or_else(|_| parsed(source, &ModelArgs { map: Vec::new(), ..args.model.clone() }))?;
    let Some(file) = &args.given else {
        if args.table.is_given() {
            return Err(Failure::usage("how a table is written is said of the file of `--given`"));
        }
        if !args.model.map.is_empty() {
            return Err(Failure::usage("`--map` names columns of the file of `--given`"));
        }
        return Ok((alone, None));
    };
    if alone.conditions().is_empty() {
        return Err(Failure::usage(
            "`--given` has covariates, and log p contains none: declare them, as in `covariate z`",
        ));
    }
    let table = input::data(file, &args.table, args.threads, watch)?.all()?;
    let (model, selection) = conditioned(source, &args.model, &alone, table, args.table.missing)?;
    Ok((model, Some(selection)))
}

fn options(args: &SampleArgs, watch: &Watch) -> Options {
    let threads = args.threads.map_or_else(processors, NonZeroUsize::get);
    let told = watch.clone();
    let mut options = Options::default()
        .count(args.count.get())
        .seed(args.seed)
        .threads(threads)
        .annealed(args.annealed.clone())
        .interrupt(watch.flag())
        .progress(move |done, of| {
            told.line().tell(|| of_drawing(done, of));
        });
    if let Some(method) = args.method {
        options = options.method(method);
    }
    if let Some(chains) = args.chains {
        options = options.chains(usize::from(chains));
    }
    if let Some(warmup) = args.warmup {
        options = options.warmup(warmup);
    }
    options
}

fn refused(error: Error) -> Failure {
    let diagnostic = Diagnostic::error("no-draws", error.to_string());
    match error {
        Error::Interrupted => Failure::interrupted("drawing was interrupted"),
        Error::NotGiven { .. } => {
            Failure::plain(&diagnostic.help("give their values by `--given FILE`"))
        }
        Error::Unsuited { .. } | Error::Regional { .. } | Error::NoSigma => Failure::usage(error),
        _ => Failure::plain(&diagnostic),
    }
}

/// Draws to the file and the report to standard output, or draws to standard output and the report
/// beside it.
fn write(args: &SampleArgs, draws: &Draws, model: &Model, given: &[&[f64]]) -> Result<(), Failure> {
    let target = &args.output.target;
    let table = |writer: &mut dyn Write| {
        rows(writer, args, draws, model, given).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(reason) => reason,
            other => io::Error::other(format!("{other:?}")),
        })
    };
    let report = match args.output.format {
        Format::Text => draws.text(),
        Format::Json => draws.json(target.file.is_none()),
    };
    match (&target.file, args.output.format) {
        (Some(file), _) => {
            let zipped = file.extension().is_some_and(|end| end == "gz");
            emit(target, |writer| {
                if !zipped {
                    return table(writer);
                }
                let mut encoder = GzEncoder::new(writer, Compression::default());
                table(&mut encoder)?;
                encoder.finish().map(drop)
            })?;
            emit_text(&crate::args::TargetArgs { file: None, quiet: target.quiet }, &report)
        }
        (None, Format::Json) => emit_text(target, &report),
        (None, Format::Text) => {
            emit(target, table)?;
            if !target.quiet {
                say(report.trim_end());
            }
            Ok(())
        }
    }
}

fn rows(
    writer: &mut dyn Write,
    args: &SampleArgs,
    draws: &Draws,
    model: &Model,
    given: &[&[f64]],
) -> csv::Result<()> {
    let mut table = csv::Writer::from_writer(writer);
    let beside = if draws.given.is_empty() { &[][..] } else { given };
    let covariates = model.covariates().iter().take(beside.len()).map(|one| one.name.as_str());
    let numbering = if args.with_chain { &["chain", "draw"][..] } else { &[] };
    let names = draws.columns.iter().map(|(name, _)| name.as_str());
    table.write_record(numbering.iter().copied().chain(covariates).chain(names))?;
    for row in 0..draws.len() {
        let (chain, number) = draws.place(row);
        let numbers = [chain, number].map(|number| (number + 1).to_string());
        let numbers = numbers.into_iter().take(numbering.len());
        let condition = beside.iter().map(|column| format!("{:?}", column[draws.given[row]]));
        let values = draws.columns.iter().map(|(_, column)| format!("{:?}", column[row]));
        table.write_record(numbers.chain(condition).chain(values))?;
    }
    Ok(table.flush()?)
}
