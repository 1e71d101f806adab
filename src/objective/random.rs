//! Objectives with random numbers: sliced and denoising score matching.
//!
//! Slices (Song, Garg, Shi, Ermon 2019) replace the Laplacian by second derivatives along M
//! directions v with E vvᵀ = I:
//!
//! ```text
//! ρ = 1/M Σ_m (G^½v_m)ᵀ ∇²ℓ (G^½v_m) + b·∇ℓ + ½ ∇ℓᵀG∇ℓ
//! ```
//!
//! which is their objective with reduced variance, for diagonal G. Denoising (Vincent 2011)
//! estimates the score of the data with normal noise of sd σ, from rows moved by antithetic noise
//! ±σε, and takes no second derivative:
//!
//! ```text
//! ρ = mean over σ and ± of λ(σ)/2 ‖∇ℓ(x ± σε) ± ε/σ‖²,   λ(σ) = σ² (Song and Ermon 2019)
//! ```
//!
//! The random numbers of a row are functions of the seed and the number of the row, so that J is a
//! deterministic function. They are part of the row's loss, so that standard errors include their
//! variance.

use super::coordinates::{Coordinates, number};
use super::diffusion::half_norm;
use super::geometry::Geometry;
use super::{Loss, Quadratic, Square};
use crate::calculus::gradient;
use crate::graph::{ExprId, Function, Graph, InputId, Number};
use crate::numerics::rng::Law;

/// The distribution of the directions of slices, each with E vvᵀ = I.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Directions {
    /// Entries -1 or 1. Exact where the Hessian of log p in the data is diagonal.
    #[default]
    Rademacher,
    /// Standard normal entries.
    Gaussian,
    /// Uniform on the sphere of radius √d.
    Sphere,
}

impl Directions {
    /// All distributions of directions.
    pub const ALL: [Self; 3] = [Self::Rademacher, Self::Gaussian, Self::Sphere];

    /// The name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rademacher => "rademacher",
            Self::Gaussian => "gaussian",
            Self::Sphere => "sphere",
        }
    }

    fn law(self) -> Law {
        match self {
            Self::Rademacher => Law::Rademacher,
            Self::Gaussian | Self::Sphere => Law::Normal,
        }
    }
}

/// Random directions for each row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slices {
    /// M, the number of directions.
    pub count: usize,
    pub directions: Directions,
}

/// The source of random numbers: the key of the row, or named inputs as long as there are no rows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Numbers {
    Keyed(ExprId),
    Named(&'static str),
}

impl Numbers {
    /// Entry k of random vector m, which has d entries.
    fn entry(self, g: &mut Graph, law: Law, (m, k, d): (usize, usize, usize)) -> ExprId {
        match self {
            Self::Keyed(key) => {
                let place = g.integer((m * d + k) as i64);
                let name = g.add(key, place);
                g.call(Function::Random(law), name)
            }
            Self::Named(name) => g.internal_input(&format!("{name}[{},{}]", m + 1, k + 1)),
        }
    }

    fn vector(self, g: &mut Graph, law: Law, m: usize, d: usize) -> Vec<ExprId> {
        (0..d).map(|k| self.entry(g, law, (m, k, d))).collect()
    }
}

impl Slices {
    /// The geometry with second derivatives along random directions; its metric must be diagonal.
    pub fn of(self, g: &mut Graph, geometry: Geometry, numbers: Numbers) -> Geometry {
        let d = geometry.operator.seeds.len();
        let directions =
            (0..self.count).map(|m| self.direction(g, numbers, m, d)).collect::<Vec<_>>();
        geometry.sliced(g, &directions)
    }

    fn direction(self, g: &mut Graph, numbers: Numbers, m: usize, d: usize) -> Vec<ExprId> {
        let entries = numbers.vector(g, self.directions.law(), m, d);
        match self.directions {
            Directions::Rademacher | Directions::Gaussian => entries,
            Directions::Sphere => {
                let square = g.sum_of_squares(&entries);
                let share = g.scale(Number::ratio(1, d as i64), square);
                let half = g.ratio(-1, 2);
                let factor = g.pow(share, half);
                entries.iter().map(|&entry| g.mul(factor, entry)).collect()
            }
        }
    }
}

/// Levels σ of noise, in units of the data, and the covariate of the text that stands for σ.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Noise {
    pub levels: Vec<f64>,
    pub covariate: Option<InputId>,
}

impl Noise {
    /// The loss in the given coordinates; `rows` are the inputs of the data.
    pub fn loss(
        &self,
        g: &mut Graph,
        log_density: ExprId,
        (rows, at): (&[InputId], &Coordinates),
        numbers: Numbers,
    ) -> Loss {
        let squares = self.squares(g, log_density, (rows, at), numbers);
        let total = half_norm(g, &squares);
        let linear = g.zero();
        Loss {
            kind: "denoising",
            total,
            terms: vec![("residual", total)],
            quadratic: Some(Quadratic { linear, squares }),
        }
    }

    /// The loss by data component.
    pub fn by_component(
        &self,
        g: &mut Graph,
        log_density: ExprId,
        (rows, at): (&[InputId], &Coordinates),
        numbers: Numbers,
    ) -> Vec<ExprId> {
        let squares = self.squares(g, log_density, (rows, at), numbers);
        let own = |k: usize| -> Vec<Square> {
            squares.iter().skip(k).step_by(rows.len()).copied().collect()
        };
        (0..rows.len()).map(|k| half_norm(g, &own(k))).collect()
    }

    /// σ∇ℓ(x ± σε) ± ε by level, sign and component; half of their weighted squares sum to ρ.
    fn squares(
        &self,
        g: &mut Graph,
        log_density: ExprId,
        (rows, at): (&[InputId], &Coordinates),
        numbers: Numbers,
    ) -> Vec<Square> {
        let x: Vec<ExprId> = rows.iter().map(|&one| g.input_node(one)).collect();
        let score = gradient(g, log_density, &x);
        let share = 1.0 / (2.0 * self.levels.len() as f64 * at.unit);
        let mut squares = Vec::with_capacity(2 * self.levels.len() * x.len());
        for (level, &sigma) in self.levels.iter().enumerate() {
            let noise = numbers.vector(g, Law::Normal, level, x.len());
            for sign in [1.0, -1.0] {
                let mut moved = Vec::with_capacity(x.len() + 1);
                for k in 0..x.len() {
                    let step = g.scale(number(sign * sigma / at.scale[k]), noise[k]);
                    moved.push((x[k], g.add(x[k], step)));
                }
                if let Some(covariate) = self.covariate {
                    moved.push((g.input_node(covariate), g.number(number(sigma))));
                }
                let score = g.substitute(&score, &moved);
                for k in 0..x.len() {
                    let own = g.scale(number(sigma / at.scale[k]), score[k]);
                    let pull = g.scale(number(sign), noise[k]);
                    let weight = g.number(number(at.factors[k] * share));
                    squares.push(Square { weight, root: g.add(own, pull) });
                }
            }
        }
        squares
    }

    /// x + σε at the smallest level, in the given coordinates: the variable whose density the model
    /// is.
    pub fn moved(
        &self,
        g: &mut Graph,
        (rows, at): (&[InputId], &Coordinates),
        numbers: Numbers,
    ) -> Vec<ExprId> {
        let least =
            (0..self.levels.len()).min_by(|&a, &b| self.levels[a].total_cmp(&self.levels[b]));
        let level = least.expect("noise has at least one level");
        let noise = numbers.vector(g, Law::Normal, level, rows.len());
        let step = |g: &mut Graph, k: usize| {
            let x = g.input_node(rows[k]);
            let step = g.scale(number(self.levels[level] / at.scale[k]), noise[k]);
            g.add(x, step)
        };
        (0..rows.len()).map(|k| step(g, k)).collect()
    }
}
