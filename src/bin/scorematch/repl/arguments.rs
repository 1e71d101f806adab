//! The arguments of a session's commands: words quoted as in a shell,
//! options as on the command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Parser;

use crate::args::{ErrorsArgs, RunArgs, SearchArgs, TableArgs, mapping};
use crate::asked::CountingArgs;
use crate::compare::ContestArgs;
use crate::failure::Failure;
use crate::sample::{COUNT, DrawingArgs};
use crate::test::TestingArgs;

/// The arguments of `:data`.
#[derive(Debug, Parser)]
#[command(name = ":data", no_binary_name = true, disable_help_flag = true)]
pub struct DataLine {
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub table: TableArgs,
    #[arg(long, value_name = "NAME=COLUMNS", value_parser = mapping)]
    pub map: Vec<(String, Vec<String>)>,
}

/// The arguments of `:fit`.
#[derive(Debug, Parser)]
#[command(name = ":fit", no_binary_name = true, disable_help_flag = true)]
pub struct FitLine {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    #[command(flatten)]
    pub search: SearchArgs,
    #[command(flatten)]
    pub errors: ErrorsArgs,
    /// Tell all of each warning, and what its code means
    #[arg(long)]
    pub explain: bool,
}

/// The arguments of `:test`.
#[derive(Debug, Parser)]
#[command(name = ":test", no_binary_name = true, disable_help_flag = true)]
pub struct TestLine {
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    #[command(flatten)]
    pub testing: TestingArgs,
    /// Seed of everything random [default: that of the fit, without one 0]
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Tell all of each warning, and what its code means
    #[arg(long)]
    pub explain: bool,
}

/// The arguments of `:sample`.
#[derive(Debug, Parser)]
#[command(name = ":sample", no_binary_name = true, disable_help_flag = true)]
pub struct SampleLine {
    #[arg(value_name = "N", default_value_t = COUNT)]
    pub count: NonZeroUsize,
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub drawing: DrawingArgs,
    #[command(flatten)]
    pub table: TableArgs,
    #[arg(long, value_name = "NAME=COLUMNS", value_parser = mapping)]
    pub map: Vec<(String, Vec<String>)>,
    /// Tell all of each warning, and what its code means
    #[arg(long)]
    pub explain: bool,
}

/// The arguments of `:compare`.
#[derive(Debug, Parser)]
#[command(name = ":compare", no_binary_name = true, disable_help_flag = true)]
pub struct CompareLine {
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[arg(short = 'e', long = "expression", value_name = "TEXT", allow_hyphen_values = true)]
    pub expressions: Vec<String>,
    #[command(flatten)]
    pub contest: ContestArgs,
    /// Tell all of each warning, and what its code means
    #[arg(long)]
    pub explain: bool,
}

/// Parses arguments as the command line does.
pub fn parsed<T: Parser>(rest: &str) -> Result<T, Failure> {
    T::try_parse_from(words(rest)?).map_err(|error| {
        let text = error.render().to_string();
        let end =
            text.find("\n\nUsage:").or_else(|| text.find("\n\nFor more")).unwrap_or(text.len());
        Failure::Usage(text[..end].trim_end().to_owned().into())
    })
}

/// The single file that is named.
pub fn file(rest: &str) -> Result<PathBuf, Failure> {
    match words(rest)?.as_slice() {
        [file] => Ok(PathBuf::from(file)),
        [] => Err(Failure::usage("name a file")),
        [..] => Err(Failure::usage("name one file; a name with blanks stands in quotes")),
    }
}

/// The argument, which must be one of these words; `None` where there is none.
pub fn one_of<'a>(rest: &'a str, known: &[&str]) -> Result<Option<&'a str>, Failure> {
    if rest.is_empty() || known.contains(&rest) {
        return Ok(Some(rest).filter(|rest| !rest.is_empty()));
    }
    let near = scorematch::source::nearest(rest, known.iter().copied());
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("choose one of {}", known.join(", ")),
    };
    Err(Failure::usage(format_args!("`{rest}` is not known here: {hint}")))
}

/// The path with a leading `~/` replaced by the user's home folder, if there is one.
pub fn at_home(path: &str) -> String {
    let home = std::env::var_os("HOME").and_then(|home| home.into_string().ok());
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => format!("{}/{rest}", home.trim_end_matches('/')),
        _ => path.to_owned(),
    }
}

/// Words separated by blanks. As in a shell, blanks within quotes of either kind separate nothing,
/// and `~/` outside quotes is the home folder.
pub fn words(text: &str) -> Result<Vec<String>, Failure> {
    let mut words: Vec<String> = Vec::new();
    let (mut inside, mut quote) = (false, None);
    let mut homely: Vec<usize> = Vec::new();
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c.is_whitespace() => inside = false,
            _ => {
                if !inside {
                    if c == '~' {
                        homely.push(words.len());
                    }
                    words.push(String::new());
                    inside = true;
                }
                if quote.is_none() && matches!(c, '\'' | '"') {
                    quote = Some(c);
                } else {
                    words.last_mut().expect("a word has begun").push(c);
                }
            }
        }
    }
    match quote {
        None => {
            homely.into_iter().for_each(|k| words[k] = at_home(&words[k]));
            Ok(words)
        }
        Some(open) => Err(Failure::usage(format_args!("the quote {open} is not closed"))),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::super::command::{COMPARE_OPTIONS, FIT_OPTIONS, SAMPLE_OPTIONS, TEST_OPTIONS};
    use super::*;

    #[test]
    fn the_declarations_of_arguments_are_valid() {
        DataLine::command().debug_assert();
        FitLine::command().debug_assert();
        TestLine::command().debug_assert();
        SampleLine::command().debug_assert();
        CompareLine::command().debug_assert();
    }

    /// Completion offers only options that the command accepts.
    #[test]
    fn offered_options_are_options_of_the_command() {
        let lines = [
            (FIT_OPTIONS, FitLine::command()),
            (TEST_OPTIONS, TestLine::command()),
            (SAMPLE_OPTIONS, SampleLine::command()),
            (COMPARE_OPTIONS, CompareLine::command()),
        ];
        for (offered, line) in lines {
            let known: Vec<String> =
                line.get_opts().filter_map(|one| Some(format!("--{}", one.get_long()?))).collect();
            for option in offered {
                assert!(known.iter().any(|one| one == option), "{option} of {}", line.get_name());
            }
        }
    }

    #[test]
    fn words_and_quotes() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(words(text).expect("quotes are closed"), expected);
        };
        check("", &[]);
        check("  a  b ", &["a", "b"]);
        check("--fix 'a = 1, b=2' \"it's\"", &["--fix", "a = 1, b=2", "it's"]);
        check("a'b c'd ''", &["ab cd", ""]);
        check("'~/a' b~/c ~ d", &["~/a", "b~/c", "~", "d"]);
        let home = at_home("~/");
        check("~/a '~/b' ~/'c d'", &[&format!("{home}a"), "~/b", &format!("{home}c d")]);
        assert!(words("'a").is_err());
    }
}
