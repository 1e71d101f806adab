//! What a user may choose about an objective.

use std::fmt;
use std::str::FromStr;

/// The coordinates in which a composition is differentiated. Each gives a consistent estimator,
/// and each another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transform {
    /// Centred log-ratios: no edge, and zeros are values.
    #[default]
    Clr,
    /// Log-ratios to one entry, the last one if none is named.
    Alr,
    /// Square roots, which lie on a sphere (Scealy and Wood 2023).
    Sqrt,
    /// The entries themselves, on their plane.
    Flat,
}

impl Transform {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Clr, Self::Alr, Self::Sqrt, Self::Flat];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clr => "clr",
            Self::Alr => "alr",
            Self::Sqrt => "sqrt",
            Self::Flat => "flat",
        }
    }
}

/// Which objective is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The one that suits the model.
    #[default]
    Auto,
    /// Score matching without a weight (Hyvärinen 2005).
    Hyvarinen,
    /// Score matching with a weight that vanishes at the edges (Hyvärinen 2007).
    Weighted,
    /// Ratio matching of binary data (Hyvärinen 2007).
    Ratio,
    /// The likelihood of each entry of binary data given the others (Besag 1975).
    PseudoLikelihood,
    /// Minimum probability flow between neighbours of binary data (Sohl-Dickstein et al. 2011).
    Flow,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Auto,
        Self::Hyvarinen,
        Self::Weighted,
        Self::Ratio,
        Self::PseudoLikelihood,
        Self::Flow,
    ];

    /// The name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Hyvarinen => "hyvarinen",
            Self::Weighted => "weighted",
            Self::Ratio => "ratio",
            Self::PseudoLikelihood => "pseudolikelihood",
            Self::Flow => "flow",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|kind| kind.name() == text);
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("`{text}` is no objective; there are {names}")
        })
    }
}

/// What is asked of an objective; the default suits every model that one suits.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Choices {
    /// Which one.
    pub kind: Kind,
    /// For compositions; clr where none is given.
    pub transform: Option<Transform>,
    /// The data component that alr takes ratios to, by name, as `u[3]`.
    pub reference: Option<String>,
}

impl Choices {
    /// The same with this objective.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same with these coordinates for compositions.
    #[must_use]
    pub fn transform(mut self, transform: Transform) -> Self {
        self.transform = Some(transform);
        self
    }

    /// The same with log-ratios to this entry of the composition, by name.
    #[must_use]
    pub fn log_ratios_to(mut self, reference: &str) -> Self {
        self.transform = Some(Transform::Alr);
        self.reference = Some(reference.to_owned());
        self
    }
}
