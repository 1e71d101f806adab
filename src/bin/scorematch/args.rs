//! The arguments of the command line, checked for form only.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use scorematch::data::{Comment, Delimiter};
use scorematch::fit::Covariance;
use scorematch::model::NODES_MAX;
use scorematch::objective::Path;
use scorematch::report::{Page, Telling};

use crate::asked::{CountingArgs, ObjectiveArgs};
use crate::compare::CompareArgs;
use crate::eval::EvalArgs;
#[cfg(feature = "plot")]
use crate::examples::{ANIMATE_EXAMPLES, PLOT_EXAMPLES, REPORT_EXAMPLES};
use crate::examples::{
    CHECK_EXAMPLES, COMPARE_EXAMPLES, COMPLETIONS_EXAMPLES, DERIVE_EXAMPLES, EVAL_EXAMPLES,
    EXAMPLES, FIT_EXAMPLES, FUNCTIONS_EXAMPLES, HELP_EXAMPLES, LONG_ABOUT, MAN_EXAMPLES,
    NEW_EXAMPLES, OBJECTIVES_EXAMPLES, SAMPLE_EXAMPLES, SCORE_EXAMPLES, TEST_EXAMPLES,
};
use crate::help::HelpArgs;
use crate::new::NewArgs;
use crate::output::page;
#[cfg(feature = "plot")]
use crate::pictured::{AnimateArgs, PlotArgs, ReportArgs};
use crate::sample::SampleArgs;
use crate::score::ScoreArgs;
use crate::test::TestArgs;

/// Default number of timed evaluations.
pub const REPEAT: NonZeroUsize = NonZeroUsize::new(5).expect("a positive constant");

const ABOUT: &str =
    "Fit a probability model from the text of its unnormalised log-density, by score matching";

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "scorematch",
    version,
    about = ABOUT,
    long_about = LONG_ABOUT,
    after_help = EXAMPLES,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Arguments {
    /// Without a command a session starts; from a pipe, stop it at the first line that fails
    #[arg(long)]
    pub strict: bool,
    /// Colour messages: on a terminal where NO_COLOR is not set, always, or never
    #[arg(long, value_name = "WHEN", value_enum, global = true, hide_possible_values = true, default_value_t = Colour::Auto)]
    pub color: Colour,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Estimate the parameters, with standard errors and warnings
    #[command(after_help = FIT_EXAMPLES)]
    Fit(FitArgs),
    /// Evaluate the objective, its terms and its gradient at given parameters
    #[command(after_help = EVAL_EXAMPLES)]
    Eval(EvalArgs),
    /// Test whether the rows can come from the model, by the kernel Stein discrepancy
    #[command(after_help = TEST_EXAMPLES)]
    Test(TestArgs),
    /// Compare models on the same rows: cross-validation, SMIC, discrepancy, likelihood
    #[command(after_help = COMPARE_EXAMPLES)]
    Compare(CompareArgs),
    /// Show log p, its score, Laplacian, loss and gradient as formulas
    #[command(after_help = DERIVE_EXAMPLES)]
    Derive(DeriveArgs),
    /// Tell what a model says of each row: density, loss, leverage, misfit, as CSV
    #[command(after_help = SCORE_EXAMPLES)]
    Score(ScoreArgs),
    /// Draw from the model at given parameters
    #[command(after_help = SAMPLE_EXAMPLES)]
    Sample(SampleArgs),
    /// Check shapes, supports and kinks, and derivatives against finite differences
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArgs),
    /// Draw the model over its data: density, score, contours, conditional means
    #[cfg(feature = "plot")]
    #[command(after_help = PLOT_EXAMPLES)]
    Plot(PlotArgs),
    /// Let a parameter move: the model over its data beside the terms of the objective
    #[cfg(feature = "plot")]
    #[command(after_help = ANIMATE_EXAMPLES)]
    Animate(AnimateArgs),
    /// Write a fit as one page: model, formulas, estimates, minima, warnings, figures
    #[cfg(feature = "plot")]
    #[command(after_help = REPORT_EXAMPLES)]
    Report(ReportArgs),
    /// List the functions of the model language, each with an example
    #[command(after_help = FUNCTIONS_EXAMPLES)]
    Functions(ListArgs),
    /// List the objectives, each with its formula, its source and an example
    #[command(after_help = OBJECTIVES_EXAMPLES)]
    Objectives(ListArgs),
    /// Write a commented model for the columns of a data file, from which to go on
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Explain a command, the language, or any function, word, option or warning
    #[command(after_help = HELP_EXAMPLES)]
    Help(HelpArgs),
    /// Write the script that lets a shell complete this program's command line
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(CompletionsArgs),
    /// Write the manual: one page, or one for each command into a folder
    #[command(after_help = MAN_EXAMPLES)]
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub struct FitArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    #[command(flatten)]
    pub search: SearchArgs,
    #[command(flatten)]
    pub errors: ErrorsArgs,
    #[command(flatten)]
    pub speed: SpeedArgs,
    /// Draw the fitted model below the table, as `:plot` does
    #[arg(long)]
    pub plot: bool,
}

/// The objective of a fit, and where the search for its minimum starts.
#[derive(Clone, Debug, Default, Args)]
pub struct SearchArgs {
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
    /// Values to start from, as 'mu=0, W=[1,2;3,4]' or @FILE.json; may be partial
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new())]
    pub start: Vec<String>,
    /// Hold a parameter at a value, as s2=1 or @FILE.json
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new())]
    pub fix: Vec<String>,
    /// Weigh each row by its own density to this power, so that rows far out count for less, as 0.7, or
    /// in some parameters only, as 'a=0.7, b=0.7'; log p must be linear in its parameters
    #[arg(long, value_name = "POWER", value_parser = NonEmptyStringValueParser::new())]
    pub robust: Option<String>,
    /// How many random starts to optimise
    #[arg(long, value_name = "N")]
    pub starts: Option<NonZeroUsize>,
    /// Weight each data component by its variance, so that units do not matter
    #[arg(long)]
    pub standardise: bool,
}

/// Standard errors, intervals and tests of a fit.
#[derive(Debug, Default, Args)]
pub struct ErrorsArgs {
    /// Standard errors and covariance of more than 500 parameters too: seconds for a thousand,
    /// minutes for five thousand
    #[arg(long)]
    pub covariance: bool,
    /// The level of all intervals, between 0 and 1 [default: 0.95]
    #[arg(long, value_name = "LEVEL", value_parser = level, allow_hyphen_values = true)]
    pub level: Option<f64>,
    /// Functions of the parameters, as 'exp(mu), mu/sqrt(s2)', with standard errors by the delta
    /// method; a vector or matrix stands for its entries. Their intervals are symmetric; those of a constrained parameter are formed on its
    /// unconstrained scale, so that `--estimate s2` has another interval than s2 > 0 itself
    #[arg(long, value_name = "EXPRESSIONS", allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub estimate: Vec<String>,
    /// Bootstrap: errors and intervals, percentile and BCa, from fits of N samples of the rows, drawn
    /// with replacement; of whole clusters where `--cluster` names them. 1000 are enough for most
    #[arg(long, value_name = "N")]
    pub bootstrap: Option<NonZeroUsize>,
    /// Intervals by the profile of J beside Wald's: they end where J, least over the other parameters
    /// and scaled by the standard error, has risen by half of a chi-squared quantile
    #[arg(long)]
    pub profile_intervals: bool,
    /// Wald tests of hypotheses, as 'mu=0, m[1]-m[2]=0, mu/sqrt(s2)=1': of each, and of all together
    #[arg(long, value_name = "HYPOTHESES", allow_hyphen_values = true, value_parser = NonEmptyStringValueParser::new())]
    pub wald: Vec<String>,
}

impl ErrorsArgs {
    pub fn covariance(&self) -> Covariance {
        if self.covariance { Covariance::Always } else { Covariance::OfFew }
    }
}

#[derive(Debug, Args)]
pub struct DeriveArgs {
    /// The model, unless -e gives it
    #[arg(value_name = "MODEL", num_args = 0..=1)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    /// The notation
    #[arg(long, value_enum, default_value_t = Notation::Text)]
    pub format: Notation,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub objective: ObjectiveArgs,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The model, unless -e gives it, and data to take the points of comparison from
    #[arg(value_name = "MODEL [DATA]", num_args = 0..=2)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[command(flatten)]
    pub output: OutputArgs,
    #[command(flatten)]
    pub run: RunArgs,
    /// Seed of the points of comparison
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

/// The format and the file of a list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the result to a file
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write a page for each command into this folder
    #[arg(short = 'o', long = "output", value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

/// A model and its data.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// The model, unless -e gives it, and the data: a file, possibly .gz, or - for standard input
    #[arg(value_name = "MODEL DATA", num_args = 1..=2, required = true)]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub model: ModelArgs,
    #[command(flatten)]
    pub table: TableArgs,
}

/// The model and its constants, columns and data.
#[derive(Clone, Debug, Args)]
pub struct ModelArgs {
    /// The model itself, in place of a file; `scorematch help language` shows how it is written
    #[arg(short = 'e', long = "expression", value_name = "TEXT", allow_hyphen_values = true)]
    pub expression: Option<String>,
    /// Set a constant of the model, as d=5
    #[arg(long = "const", value_name = "NAME=NUMBER", value_parser = constant)]
    pub constants: Vec<(String, f64)>,
    /// Take the entries of a name from these columns, as x=height,width
    #[arg(long, value_name = "NAME=COLUMNS", value_parser = mapping)]
    pub map: Vec<(String, Vec<String>)>,
    /// Most nodes that the text may come to; a guard against sums that are longer than meant
    #[arg(long, value_name = "N", default_value_t = NODES_MAX)]
    pub nodes_max: usize,
    /// Which undeclared names are data, as x,y
    #[arg(long = "data", value_name = "NAMES", value_delimiter = ',', value_parser = name)]
    pub data: Option<Vec<String>>,
}

/// The format of the data.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// What separates the fields: a character, `tab`, or `blanks` for runs of blanks and tabs;
    /// detected if not given
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    pub delimiter: Option<Delimiter>,
    /// The first line holds data; the columns are called x1, x2, …
    #[arg(long)]
    pub no_header: bool,
    /// Leave out lines that begin with this character, or `none`; detected if not given
    #[arg(long, value_name = "CHARACTER", value_parser = comment)]
    pub comment: Option<Comment>,
    /// A cell that stands for a missing value, as -999 or '-'; may be given several times
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub na: Vec<String>,
    /// What to do with a row that lacks a value in a column in use
    #[arg(long, value_enum, default_value_t = MissingRows::Error)]
    pub missing: MissingRows,
}

impl TableArgs {
    /// Whether any option on the format of the data is given.
    pub fn is_given(&self) -> bool {
        let Self { delimiter, no_header, comment, na, missing } = self;
        let refuses = match missing {
            MissingRows::Error => true,
            MissingRows::Drop => false,
        };
        delimiter.is_some() || *no_header || comment.is_some() || !na.is_empty() || !refuses
    }
}

/// The format and the file of a result.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// The form of the result
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    #[command(flatten)]
    pub target: TargetArgs,
}

#[derive(Debug, Default, Args)]
pub struct TargetArgs {
    /// Write the result to a file
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Print the result alone: no warnings, not in a text either, and no progress
    #[arg(short, long)]
    pub quiet: bool,
    /// Tell all of each warning, and what its code means, in place of two lines
    #[arg(long, conflicts_with = "quiet")]
    pub explain: bool,
}

impl TargetArgs {
    /// How texts are set: for files and pipes at a fixed width, on a terminal at its own, with as much of
    /// warnings as is asked for.
    pub fn page(&self) -> Page {
        let page = if self.file.is_some() { Page::PLAIN } else { page() };
        page.telling(telling(self.explain, "--explain"))
    }
}

/// All of warnings, or in brief with a word that tells more.
pub fn telling(explain: bool, more: &'static str) -> Telling {
    if explain { Telling::Full } else { Telling::Brief(more) }
}

/// Threads and objective of a computation.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Threads to use; results do not depend on it [default: all processors]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    #[command(flatten)]
    pub objective: ObjectiveArgs,
}

/// The path by which J is computed, and whether its time is measured.
#[derive(Debug, Args)]
pub struct SpeedArgs {
    /// Where J and its derivatives come from: all rows each time, or moments of them taken once
    #[arg(long, value_enum, default_value_t = PathChoice::Auto)]
    pub path: PathChoice,
    /// Tell how long reading, deriving, compiling and one evaluation of J and its gradient take
    #[arg(long)]
    pub timing: bool,
}

impl OutputArgs {
    /// Whether the result is text that must not contain warnings.
    pub fn is_bare(&self) -> bool {
        self.target.quiet && self.format == Format::Text
    }
}

impl RunArgs {
    pub fn threads(&self) -> usize {
        self.threads.map_or_else(processors, NonZeroUsize::get)
    }
}

/// The number of processors.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A table for people
    Text,
    /// JSON for programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// In files and pipes too
    Always,
    /// Nowhere
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Notation {
    /// The model language
    Text,
    /// A display for amsmath
    Latex,
    /// A math element for a page
    Mathml,
    /// JSON for programs
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MissingRows {
    /// Refuse the data
    Error,
    /// Leave the row out: valid if values are missing completely at random
    Drop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PathChoice {
    /// Moments where the model has them and they cost less
    Auto,
    /// All rows, every time
    Rows,
    /// Moments, or a refusal where the model has none
    Moments,
}

impl From<PathChoice> for Path {
    fn from(choice: PathChoice) -> Self {
        match choice {
            PathChoice::Auto => Self::Auto,
            PathChoice::Rows => Self::Rows,
            PathChoice::Moments => Self::Moments,
        }
    }
}

fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.trim().parse().map_err(|_| format!("`{text}` is not a number"))?;
    if level > 0.0 && level < 1.0 {
        return Ok(level);
    }
    let is_percent = level > 1.0 && level < 100.0;
    let help = match is_percent {
        true => format!(": {level} % is {}", level / 100.0),
        false => ", as 0.9".to_owned(),
    };
    Err(format!("a level lies between 0 and 1{help}"))
}

/// `NAME=NUMBER`
pub fn constant(text: &str) -> Result<(String, f64), String> {
    let (name, value) = assigned(text)?;
    let number: f64 = value.parse().map_err(|_| format!("`{value}` is not a number"))?;
    if number.is_finite() { Ok((name, number)) } else { Err(format!("`{value}` is not finite")) }
}

/// `NAME=COLUMN,…`
pub fn mapping(text: &str) -> Result<(String, Vec<String>), String> {
    let (name, columns) = assigned(text)?;
    Ok((name, columns.split(',').map(self::name).collect::<Result<_, _>>()?))
}

fn assigned(text: &str) -> Result<(String, &str), String> {
    let (left, right) = text.split_once('=').ok_or("expected NAME=…")?;
    Ok((name(left)?, right.trim()))
}

/// A name without surrounding blanks; an empty one is an error.
pub fn name(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() { Err("a name is missing".to_owned()) } else { Ok(name.to_owned()) }
}

fn comment(text: &str) -> Result<Comment, String> {
    match text.as_bytes() {
        b"none" => Ok(Comment::None),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Ok(Comment::Byte(*byte)),
        _ => Err("one mark such as `#` or `%` is needed, or `none`".to_owned()),
    }
}

fn delimiter(text: &str) -> Result<Delimiter, String> {
    match text {
        "blanks" => Ok(Delimiter::Blanks),
        "tab" | "\\t" | "\t" => Ok(Delimiter::Byte(b'\t')),
        "space" => Ok(Delimiter::Byte(b' ')),
        "\"" | "\n" | "\r" => Err("this character cannot separate fields".to_owned()),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() => Ok(Delimiter::Byte(*byte)),
            _ => Err("one ASCII character is needed, or `tab`, `space` or `blanks`".to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_declaration_of_arguments_is_valid() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn values_of_options_are_parsed() {
        assert_eq!(constant("d = 5"), Ok(("d".to_owned(), 5.0)));
        assert!(constant("d=inf").is_err() && constant("=5").is_err() && constant("d").is_err());
        let columns = vec!["height".to_owned(), "width".to_owned()];
        assert_eq!(mapping("x=height, width"), Ok(("x".to_owned(), columns)));
        assert!(mapping("x=a,,b").is_err());
        assert_eq!(delimiter("tab"), Ok(Delimiter::Byte(b'\t')));
        assert_eq!(delimiter("blanks"), Ok(Delimiter::Blanks));
        assert_eq!(comment("%"), Ok(Comment::Byte(b'%')));
        assert!(comment("\"").is_err() && comment("a").is_err() && comment("##").is_err());
        assert!(delimiter("ab").is_err() && delimiter("\"").is_err() && delimiter("§").is_err());
    }
}
