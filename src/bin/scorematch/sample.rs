//! `scorematch sample`: draws from a model at given parameters.

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

use crate::args::{Format, ModelArgs, OutputArgs, TableArgs, TargetArgs, processors};
use crate::bound::{conditioned, in_selection, parsed, warn};
use crate::eval::ROWS_AT_ONCE;
use crate::failure::{Ending, Failure};
use crate::input;
use crate::interrupt::Watch;
use crate::output::{check_target, emit, emit_text, say, tell};
use crate::progress::of_drawing;
use crate::values;

/// Default number of draws.
pub const COUNT: NonZeroUsize = NonZeroUsize::new(1000).expect("a positive constant");

#[derive(Debug, Args)]
#[command(mut_arg("file", |arg| arg.help(
    "Write the draws as CSV to a file, compressed where it ends in .gz, as Parquet where it ends in .parquet \
     and the build has that feature, and the report to standard output [default: the draws to standard \
     output]")))]
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
    #[arg(short = 'n', long, value_name = "N", default_value_t = COUNT)]
    pub count: NonZeroUsize,
    #[command(flatten)]
    pub drawing: DrawingArgs,
}

/// Options of drawing that do not depend on the model.
#[derive(Debug, Args)]
pub struct DrawingArgs {
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
        found.expect("clap admits only names of the list")
    })
}

pub fn run(args: &SampleArgs, watch: &Watch) -> Result<Ending, Failure> {
    let target = &args.output.target;
    watch.hide_if_quiet(target);
    check_target(target)?;
    let (source, data) = input::model_and_maybe_data(&args.files, &args.model)?;
    if data.is_some() {
        return Err(Failure::usage(
            "`sample` takes a model and no data; covariates are given by `--given FILE`",
        ));
    }
    let (model, given) = subject(args, &source, watch)?;
    warn(model.warnings(), &source, target);
    if let Some(selection) = &given {
        tell(&in_selection(selection), target);
    }
    if args.at.is_empty() && !model.parameters().is_empty() {
        return Err(Failure::usage("`--at` is needed: a value for every parameter, as in `mu=0`"));
    }
    let theta = values::complete(&model, "--at", &args.at)?;
    let mut drawn = args.drawing.drawn(model, given, &theta, args.count, watch)?;
    if args.output.is_bare() {
        drawn.draws.doubts.clear();
    }
    write(args, &drawn, watch)?;
    Ok(drawn.ending())
}

/// The model, and the covariates if a file gives them.
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
    args.drawing.subject(source, &args.model, alone, &args.table, watch)
}

impl DrawingArgs {
    /// The model, bound to the columns of the file of covariates if there is one;
    /// `alone` is the unbound model.
    pub fn subject(
        &self,
        source: &Source,
        named: &ModelArgs,
        alone: Model,
        reading: &TableArgs,
        watch: &Watch,
    ) -> Result<(Model, Option<Selection>), Failure> {
        let Some(file) = &self.given else {
            if reading.is_given() {
                return Err(Failure::usage(
                    "how a table is written is said of the file of `--given`",
                ));
            }
            if !named.map.is_empty() {
                return Err(Failure::usage("`--map` names columns of the file of `--given`"));
            }
            return Ok((alone, None));
        };
        if alone.conditions().is_empty() {
            return Err(Failure::usage(
                "`--given` has covariates, and log p contains none: declare them, as in `covariate z`",
            ));
        }
        let table = input::data(file, reading, self.threads, watch)?.all()?;
        let (model, selection) = conditioned(source, named, &alone, table, reading.missing)?;
        Ok((model, Some(selection)))
    }

    /// Draws `count` times at θ, for each row of covariates if there are any.
    pub fn drawn(
        &self,
        model: Model,
        given: Option<Selection>,
        theta: &[f64],
        count: NonZeroUsize,
        watch: &Watch,
    ) -> Result<Drawn, Failure> {
        watch.line().tell(|| "drawing".to_owned());
        let columns = given.as_ref().map_or(Vec::new(), Selection::slices);
        let draws = draw(&model, theta, &columns, &self.options(count, watch)).map_err(refused)?;
        if self.with_chain && !draws.is_chained() {
            return Err(Failure::usage(
                "`--with-chain` is for Markov chains; these draws are independent",
            ));
        }
        Ok(Drawn { draws, model, given, with_chain: self.with_chain })
    }

    fn options(&self, count: NonZeroUsize, watch: &Watch) -> Options {
        let threads = self.threads.map_or_else(processors, NonZeroUsize::get);
        let told = watch.clone();
        let mut options = Options::default()
            .count(count.get())
            .seed(self.seed)
            .threads(threads)
            .annealed(self.annealed.clone())
            .interrupt(watch.flag())
            .progress(move |done, of| {
                told.line().tell(|| of_drawing(done, of));
            });
        if let Some(method) = self.method {
            options = options.method(method);
        }
        if let Some(chains) = self.chains {
            options = options.chains(usize::from(chains));
        }
        if let Some(warmup) = self.warmup {
            options = options.warmup(warmup);
        }
        options
    }
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

/// Writes the draws to the file and the report to standard output; without a file, the draws to
/// standard output and the report to standard error.
fn write(args: &SampleArgs, drawn: &Drawn, watch: &Watch) -> Result<(), Failure> {
    let target = &args.output.target;
    let report = match args.output.format {
        Format::Text => drawn.draws.text_on(target.page()),
        Format::Json => drawn.draws.json(target.file.is_none()),
    };
    match (&target.file, args.output.format) {
        (Some(_), _) => {
            drawn.save(target, watch)?;
            emit_text(&TargetArgs { quiet: target.quiet, ..TargetArgs::default() }, &report)
        }
        (None, Format::Json) => emit_text(target, &report),
        (None, Format::Text) => {
            drawn.save(target, watch)?;
            if !target.quiet {
                say(report.trim_end());
            }
            Ok(())
        }
    }
}

/// Draws with the columns that are written beside them.
#[derive(Debug)]
pub struct Drawn {
    pub draws: Draws,
    model: Model,
    /// The covariates, if a file gives them.
    given: Option<Selection>,
    /// Whether chain and number of the draw are the first columns.
    with_chain: bool,
}

impl Drawn {
    /// The exit status; draws that are not sound are written all the same.
    pub fn ending(&self) -> Ending {
        if self.draws.is_sound() { Ending::Done } else { Ending::NotConverged }
    }

    /// Writes all draws: as CSV, compressed if the file ends in .gz, or as Parquet if it ends in
    /// .parquet. Ends at an interrupt.
    pub fn save(&self, target: &TargetArgs, watch: &Watch) -> Result<(), Failure> {
        let end = target.file.as_ref().and_then(|file| file.extension()?.to_str());
        let end = end.unwrap_or_default().to_owned();
        if end == "parquet" && !cfg!(feature = "parquet") {
            return Err(Failure::usage(
                "this build of scorematch writes no Parquet: write a .csv, or install it with `cargo install \
                 --features parquet`",
            ));
        }
        let written = emit(target, |writer| match end.as_str() {
            "gz" => {
                let mut encoder = GzEncoder::new(writer, Compression::default());
                self.table(&mut encoder, watch)?;
                encoder.finish().map(drop)
            }
            #[cfg(feature = "parquet")]
            "parquet" => writer.write_all(&crate::columnar::written(&self.columns())?),
            _ => self.table(writer, watch),
        });
        written.map_err(|failure| match watch.raised() {
            true => Failure::interrupted("writing was interrupted"),
            false => failure,
        })
    }

    fn table(&self, writer: &mut dyn Write, watch: &Watch) -> io::Result<()> {
        self.rows(writer, watch).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(reason) => reason,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    fn rows(&self, writer: &mut dyn Write, watch: &Watch) -> csv::Result<()> {
        let mut table = csv::Writer::from_writer(writer);
        table.write_record(self.heading())?;
        for row in 0..self.draws.len() {
            if row % ROWS_AT_ONCE == 0 && watch.raised() {
                return Err(io::Error::other("interrupted").into());
            }
            table.write_record(self.record(row, |value| format!("{value:?}")))?;
        }
        Ok(table.flush()?)
    }

    /// The names of a record's columns.
    pub fn heading(&self) -> Vec<String> {
        let numbering = if self.with_chain { &["chain", "draw"][..] } else { &[] };
        let covariates = self.model.covariates().iter().take(self.beside().len());
        let covariates = covariates.map(|one| one.name.as_str());
        let names = self.draws.columns.iter().map(|(name, _)| name.as_str());
        let all = numbering.iter().copied().chain(covariates).chain(names);
        all.map(str::to_owned).collect()
    }

    /// One draw as text, after the covariates that it is given; `number` formats numbers.
    pub fn record(&self, row: usize, number: impl Fn(f64) -> String) -> Vec<String> {
        let (chain, place) = self.draws.place(row);
        let numbering = [chain, place].map(|place| (place + 1).to_string());
        let numbering = numbering.into_iter().filter(|_| self.with_chain);
        let condition = self.model.covariates().iter().zip(self.beside());
        let condition =
            condition.map(|(one, column)| one.cell(column[self.draws.given[row]]).text(&number));
        let values = self.draws.columns.iter().map(|(_, column)| number(column[row]));
        numbering.chain(condition).chain(values).collect()
    }

    /// All records by column, with chain and number as whole numbers; each column has its name.
    #[cfg(feature = "parquet")]
    fn columns(&self) -> Vec<(String, crate::columnar::Column)> {
        use crate::columnar::Column;
        let draws = 0..self.draws.len();
        let number = |of: fn((usize, usize)) -> usize| {
            let numbers = draws.clone().map(|draw| of(self.draws.place(draw)) as i64 + 1);
            Column::Whole(numbers.collect())
        };
        let numbering = [number(|(chain, _)| chain), number(|(_, place)| place)];
        let numbering = numbering.into_iter().filter(|_| self.with_chain);
        let condition = self
            .beside()
            .into_iter()
            .map(|column| Column::Real(self.draws.given.iter().map(|&row| column[row]).collect()));
        let values = self.draws.columns.iter().map(|(_, column)| Column::Real(column.clone()));
        self.heading().into_iter().zip(numbering.chain(condition).chain(values)).collect()
    }

    /// The columns of the covariates, if the draws depend on them.
    fn beside(&self) -> Vec<&[f64]> {
        let given = self.given.as_ref().filter(|_| !self.draws.given.is_empty());
        given.map_or(Vec::new(), Selection::slices)
    }
}
