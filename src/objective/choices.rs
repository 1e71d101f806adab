//! Choices of a user about the objective.

use std::fmt;
use std::str::FromStr;

use super::random::Directions;

/// The coordinates in which a composition is differentiated. Each gives a consistent estimator, but
/// the estimates differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Transform {
    /// Centred log-ratios. They need no weight, and entries may be zero.
    #[default]
    Clr,
    /// Log-ratios to one entry: the last one if none is named.
    Alr,
    /// Square roots of the entries, which lie on a sphere (Scealy and Wood 2023).
    Sqrt,
    /// The entries themselves, on the plane where they sum to one.
    Flat,
}

impl Transform {
    /// All transforms.
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

/// The requested objective.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// The kind that suits the model.
    #[default]
    Auto,
    /// Score matching without a weight (Hyvärinen 2005).
    Hyvarinen,
    /// Score matching with a weight that vanishes at the edges (Hyvärinen 2007).
    Weighted,
    /// Ratio matching of binary data (Hyvärinen 2007).
    Ratio,
    /// Pseudo-likelihood of binary data: the likelihood of each entry given the others (Besag
    /// 1975).
    PseudoLikelihood,
    /// Minimum probability flow between neighbours of binary data (Sohl-Dickstein et al. 2011).
    Flow,
    /// Score matching along random directions (Song, Garg, Shi, Ermon 2019).
    Sliced,
    /// Denoising score matching: the score of the data with normal noise (Vincent 2011).
    Denoising,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Auto,
        Self::Hyvarinen,
        Self::Weighted,
        Self::Ratio,
        Self::PseudoLikelihood,
        Self::Flow,
        Self::Sliced,
        Self::Denoising,
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
            Self::Sliced => "sliced",
            Self::Denoising => "denoising",
        }
    }

    /// The data that it suits, in one line.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        self.facts().meaning
    }

    /// The loss of one row in plain text: s is the gradient of log p in the data, H the Hessian,
    /// and Delta_i the decrease of log p when entry i takes its other value.
    #[must_use]
    pub fn formula(self) -> &'static str {
        self.facts().formula
    }

    /// The publication that introduced it.
    #[must_use]
    pub fn source(self) -> &'static str {
        self.facts().source
    }

    /// The text of a model that it suits.
    #[must_use]
    pub fn example(self) -> &'static str {
        self.facts().example
    }

    fn facts(self) -> Facts {
        match self {
            Self::Auto => Facts {
                meaning: "any model: takes hyvarinen, weighted or ratio as the declarations of the data ask",
                formula: "that of the objective taken, which every report names",
                source: "of the objective taken",
                example: "data a on circle; param k, m; k*cos(a - m)",
            },
            Self::Hyvarinen => Facts {
                meaning: "data without an edge: the line, circles, spheres, and compositions in log-ratios",
                formula: "trace(H) + 1/2 |s|^2; on spheres and compositions along them",
                source: "Hyvarinen (2005), Journal of Machine Learning Research 6, 695-709",
                example: "data x; param mu, s2 > 0; -(x - mu)^2/(2*s2)",
            },
            Self::Weighted => Facts {
                meaning: "data with an edge: half-lines, intervals, regions, or any with a `weight` h",
                formula: "sum over j of h_j H_jj + h_j' s_j + 1/2 h_j s_j^2, by default \
                          h = min(distance from the edge, c)^2",
                source: "Hyvarinen (2007), Computational Statistics & Data Analysis 51, 2499-2512; \
                         Yu, Drton and Shojaie (2019), Journal of Machine Learning Research 20(76)",
                example: "data t > 0; param a > 0, b > 0; (a - 1)*log(t) - b*t",
            },
            Self::Ratio => Facts {
                meaning: "binary data: ratio matching",
                formula: "sum over i of 1/(1 + exp(Delta_i))^2",
                source: "Hyvarinen (2007), Computational Statistics & Data Analysis 51, 2499-2512",
                example: "data x[2] in {0, 1}; param a[2], b; dot(a, x) + b*x[1]*x[2]",
            },
            Self::PseudoLikelihood => Facts {
                meaning: "binary data: the likelihood of each entry given the others; of one, logistic regression",
                formula: "sum over i of log(1 + exp(-Delta_i))",
                source: "Besag (1975), The Statistician 24, 179-195",
                example: "data y in {0, 1}; covariate z; param a, b; y*(a + b*z)",
            },
            Self::Flow => Facts {
                meaning: "binary data: minimum probability flow between states that differ in one entry",
                formula: "sum over i of exp(-Delta_i/2)",
                source: "Sohl-Dickstein, Battaglino and DeWeese (2011), Physical Review Letters 107, 220601",
                example: "data s[3] in {-1, 1}; param b; b*(s[1]*s[2] + s[2]*s[3])",
            },
            Self::Sliced => Facts {
                meaning: "data of many columns, off spheres and simplexes: second derivatives along \
                          random directions v",
                formula: "mean over v of v'Hv, + 1/2 |s|^2; at edges with sqrt(h) v and the terms of \
                          weighted",
                source: "Song, Garg, Shi and Ermon (2019), Uncertainty in Artificial Intelligence 35",
                example: "data x[3]; param K[3,3] posdef; -x'*K*x/2",
            },
            Self::Denoising => Facts {
                meaning: "data on the line with normal noise of sd sigma, which --sigma gives; log p may \
                          have kinks",
                formula: "sigma^2/2 |s(x + sigma e) + e/sigma|^2, the mean over e and -e",
                source: "Vincent (2011), Neural Computation 23, 1661-1674",
                example: "data x; param mu, b > 0; -abs(x - mu)/b",
            },
        }
    }
}

/// Descriptions of an objective for help texts.
struct Facts {
    meaning: &'static str,
    formula: &'static str,
    source: &'static str,
    example: &'static str,
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

/// Requests about the objective; the default suits every model that has an objective.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Choices {
    /// The kind of objective.
    pub kind: Kind,
    /// Coordinates of compositions; clr where none is given.
    pub transform: Option<Transform>,
    /// The data component that alr takes ratios to, by name, as `u[3]`.
    pub reference: Option<String>,
    /// Directions for each row, of [`Kind::Sliced`]; 4 where no number is given.
    pub slices: Option<usize>,
    /// The distribution of the directions; Rademacher where none is given.
    pub directions: Option<Directions>,
    /// Standard deviations of the noise of [`Kind::Denoising`], in units of the data. J is the mean
    /// over them.
    pub sigma: Vec<f64>,
}

impl Choices {
    /// The same choices with this kind of objective.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// The same choices with these coordinates for compositions.
    #[must_use]
    pub fn transform(mut self, transform: Transform) -> Self {
        self.transform = Some(transform);
        self
    }

    /// The same choices for sliced score matching, with `slices` random directions of this
    /// distribution for each row.
    #[must_use]
    pub fn sliced(mut self, slices: usize, directions: Directions) -> Self {
        self.kind = Kind::Sliced;
        self.slices = Some(slices);
        self.directions = Some(directions);
        self
    }

    /// The same choices for denoising score matching, with normal noise of these standard
    /// deviations.
    #[must_use]
    pub fn denoising(mut self, sigma: &[f64]) -> Self {
        self.kind = Kind::Denoising;
        self.sigma = sigma.to_vec();
        self
    }

    /// The same choices with log-ratios to this entry of the composition, by name.
    #[must_use]
    pub fn log_ratios_to(mut self, reference: &str) -> Self {
        self.transform = Some(Transform::Alr);
        self.reference = Some(reference.to_owned());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::objective::Specification;

    #[test]
    fn every_objective_suits_its_example() {
        for kind in Kind::ALL {
            let model = Model::parse(kind.example()).unwrap_or_else(|e| panic!("{kind}: {e}"));
            // The example of denoising has a kink, of which the model warns.
            let smooth = kind != Kind::Denoising;
            assert_eq!(model.warnings().is_empty(), smooth, "{kind}: {:?}", model.warnings());
            let choices = match kind {
                Kind::Denoising => Choices::default().denoising(&[0.1]),
                _ => Choices::default().kind(kind),
            };
            let specification = Specification::with(&model, &choices);
            let found = specification.unwrap_or_else(|e| panic!("{kind}: {e:?}")).kind();
            match kind {
                Kind::Auto => assert_ne!(found, kind.name(), "a report names the one it took"),
                _ => assert_eq!(found, kind.name()),
            }
        }
    }
}
