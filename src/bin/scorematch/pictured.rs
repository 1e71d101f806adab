//! The options of the commands that draw: `plot`, `animate`, `report`.

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum};

use scorematch::objective::{RowChoices, WeightsKind};

use crate::args::{ErrorsArgs, InputArgs, RunArgs, SearchArgs, TargetArgs};
use crate::asked::CountingArgs;

/// The model, data and fit of a command that draws.
#[derive(Debug, Args)]
pub struct SubjectArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub target: TargetArgs,
    #[command(flatten)]
    pub run: RunArgs,
    #[command(flatten)]
    pub search: SearchArgs,
}

/// The weights of rows, for commands that show no standard errors.
#[derive(Debug, Args)]
pub struct WeightsArgs {
    /// The column of weights of the rows
    #[arg(long, value_name = "COLUMN")]
    pub weights: Option<String>,
}

impl WeightsArgs {
    pub fn choices(&self) -> RowChoices {
        match &self.weights {
            Some(column) => RowChoices::default().weights(column, WeightsKind::default()),
            None => RowChoices::default(),
        }
    }
}

#[derive(Debug, Args)]
#[command(mut_arg("file", |arg| arg.help(
    "Write the figure to a file that ends in .svg, .png or .json [default: SVG to standard output]")))]
pub struct PlotArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub weights: WeightsArgs,
    /// Every parameter, as 'mu=0, W=[1,2;3,4]' or @FILE.json; fitted if not given
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new(),
        conflicts_with_all = [
            "seed", "start", "fix", "robust", "starts", "standardise", "weights", "kind",
            "transform", "slices", "directions", "sigma",
        ])]
    pub at: Vec<String>,
    /// The background of the figure
    #[arg(long, value_enum, default_value_t = ThemeChoice::Light)]
    pub theme: ThemeChoice,
}

#[derive(Debug, Args)]
#[command(mut_arg("file", |arg| arg.help(
    "Write the figure to a file that ends in .html, .svg, .gif or .json [default: HTML to standard output]")))]
pub struct AnimateArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub weights: WeightsArgs,
    /// The parameter that moves, with the ends of its range, as s2=0.2..4
    #[arg(long, value_name = "NAME=LOW..HIGH", allow_hyphen_values = true, value_parser = over)]
    pub over: Over,
    /// How many values it takes
    #[arg(long, value_name = "N", default_value_t = FRAMES, value_parser = clap::value_parser!(u16).range(2..=600))]
    pub frames: u16,
    /// The other parameters, as 'mu=0' or @FILE.json; at their estimates if not given
    #[arg(long, value_name = "VALUES", value_parser = NonEmptyStringValueParser::new(),
        conflicts_with_all = ["start", "fix", "robust", "starts", "standardise"])]
    pub at: Vec<String>,
    /// Fit the other parameters anew at each value
    #[arg(long, conflicts_with = "at")]
    pub profile: bool,
    /// The background of an SVG or a GIF
    #[arg(long, value_enum, default_value_t = ThemeChoice::Light)]
    pub theme: ThemeChoice,
}

#[derive(Debug, Args)]
#[command(mut_arg("file", |arg| arg.help(
    "Write the page to a file [default: standard output]")))]
pub struct ReportArgs {
    #[command(flatten)]
    pub subject: SubjectArgs,
    #[command(flatten)]
    pub counting: CountingArgs,
    #[command(flatten)]
    pub errors: ErrorsArgs,
}

/// Default number of frames of a film.
const FRAMES: u16 = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeChoice {
    /// White
    Light,
    /// Nearly black
    Dark,
}

/// The parameter of a film, with the ends of its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Over {
    pub name: String,
    pub low: f64,
    pub high: f64,
}

impl Over {
    /// Evenly spaced values including both ends.
    pub fn values(&self, frames: u16) -> Vec<f64> {
        evenly(self.low, self.high, frames)
    }
}

/// Evenly spaced values from `low` to `high`, including both; `count` is at least two.
pub fn evenly(low: f64, high: f64, count: u16) -> Vec<f64> {
    let share = |k: u16| f64::from(k) / f64::from(count - 1);
    (0..count).map(|k| low * (1.0 - share(k)) + high * share(k)).collect()
}

fn over(text: &str) -> Result<Over, String> {
    const FORM: &str = "expected NAME=LOW..HIGH, as s2=0.2..4";
    let (name, range) = text.split_once('=').ok_or(FORM)?;
    let (low, high) = range.split_once("..").ok_or(FORM)?;
    let number = |text: &str| -> Result<f64, String> {
        let value =
            text.trim().parse().map_err(|_| format!("`{}` is not a number", text.trim()))?;
        if f64::is_finite(value) { Ok(value) } else { Err(format!("`{value}` is not finite")) }
    };
    let (low, high) = (number(low)?, number(high)?);
    match (name.trim(), low < high) {
        ("", _) => Err(FORM.to_owned()),
        (_, false) => Err(format!("{low} is not below {high}")),
        (name, true) => Ok(Over { name: name.to_owned(), low, high }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_a_parameter() {
        let over_s2 = over("s2 = 0.2..4").expect("a range");
        assert_eq!(over_s2.name, "s2");
        assert_eq!(over_s2.values(3), [0.2, 2.1, 4.0]);
        assert_eq!(over("mu=-1..1").map(|one| one.low), Ok(-1.0));
        for wrong in ["s2", "s2=1", "s2=4..1", "s2=1..1", "=1..2", "s2=a..2", "s2=0..inf"] {
            assert!(over(wrong).is_err(), "{wrong}");
        }
    }
}
