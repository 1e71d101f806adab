//! Options that choose the objective, the weights of the rows and their clusters.

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use scorematch::objective::{Choices, Directions, Kind, RowChoices, Transform, WeightsKind};

/// The objective that is asked for, and what it takes from the rows.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub objective: Choices,
    pub rows: RowChoices,
    /// The seed of the random numbers in the objective.
    pub seed: u64,
}

/// Weights and clusters of the rows.
#[derive(Debug, Default, Args)]
pub struct CountingArgs {
    /// The column of weights of the rows
    #[arg(long, value_name = "COLUMN")]
    pub weights: Option<String>,
    /// The kind of the weights: how many independent rows a row stands for (frequency), or the inverse
    /// of its chance to be in the sample (probability)
    #[arg(long, value_name = "KIND", requires = "weights", default_value_t, value_parser = weights_kind())]
    pub weights_kind: WeightsKind,
    /// The column whose equal values make a cluster of rows that are not independent: standard errors
    /// are those of clusters
    #[arg(long, value_name = "COLUMN")]
    pub cluster: Option<String>,
}

impl CountingArgs {
    pub fn choices(&self) -> RowChoices {
        let mut choices = RowChoices::default();
        if let Some(column) = &self.weights {
            choices = choices.weights(column, self.weights_kind);
        }
        if let Some(column) = &self.cluster {
            choices = choices.cluster(column);
        }
        choices
    }
}

fn weights_kind() -> impl TypedValueParser<Value = WeightsKind> {
    PossibleValuesParser::new(WeightsKind::ALL.map(WeightsKind::name))
        .map(|name| name.parse().expect("clap admits only names of the list"))
}

/// The choice of the objective.
#[derive(Debug, Default, Args)]
pub struct ObjectiveArgs {
    /// The objective; auto takes the one that suits the model: score matching (hyvarinen, or weighted
    /// at an edge), of binary data ratio matching; `scorematch objectives` tells of each
    #[arg(long = "objective", value_name = "KIND", default_value_t = Kind::Auto, value_parser = kind())]
    pub kind: Kind,
    /// The coordinates in which compositions are differentiated: clr, alr, alr:NAME (ratios to that
    /// entry, the last one if none is named), sqrt or flat [default: clr]
    #[arg(long, value_name = "TRANSFORM", value_parser = transform)]
    pub transform: Option<Choices>,
    /// Of `--objective sliced`: directions a row [default: 4]
    #[arg(long, value_name = "N")]
    pub slices: Option<usize>,
    /// Of `--objective sliced`: the law of the directions [default: rademacher]
    #[arg(long, value_name = "LAW", value_parser = directions())]
    pub directions: Option<Directions>,
    /// Of `--objective denoising`: the standard deviation of the noise, in units of the data, or several,
    /// as 1,0.5,0.1, which the text may call `covariate sigma`
    #[arg(long, value_name = "SD", value_delimiter = ',')]
    pub sigma: Vec<f64>,
}

impl ObjectiveArgs {
    pub fn choices(&self) -> Choices {
        let mut choices = self.transform.clone().unwrap_or_default().kind(self.kind);
        choices.slices = self.slices;
        choices.directions = self.directions;
        choices.sigma.clone_from(&self.sigma);
        choices
    }
}

fn kind() -> impl TypedValueParser<Value = Kind> {
    PossibleValuesParser::new(Kind::ALL.map(Kind::name))
        .map(|name| name.parse().expect("clap admits only names of the list"))
}

fn directions() -> impl TypedValueParser<Value = Directions> {
    let known = |name: String| Directions::ALL.into_iter().find(|one| one.name() == name);
    PossibleValuesParser::new(Directions::ALL.map(Directions::name))
        .map(move |name| known(name).expect("clap admits only names of the list"))
}

fn transform(text: &str) -> Result<Choices, String> {
    if let Some(reference) = text.strip_prefix("alr:").filter(|name| !name.is_empty()) {
        return Ok(Choices::default().log_ratios_to(reference));
    }
    let known = Transform::ALL.into_iter().find(|transform| transform.name() == text);
    let known = known.ok_or("it is one of clr, alr, alr:NAME, sqrt and flat")?;
    Ok(Choices::default().transform(known))
}
