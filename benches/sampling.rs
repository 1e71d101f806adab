//! Effective draws per second: a model given as text, compared with nuts-rs
//! on a handwritten density.
//!
//! The first density is that of the example of nuts-rs: ten independent normals with mean 3; the
//! others are correlated normals and a mixture. Both samplers run four chains of equal length after
//! equal warmup on one thread; the effective sample size is the smallest of all components. Both
//! times include the diagnostics; that of the text also its coordinates, its compilation and the
//! search for modes. `cargo bench --bench sampling` prints the table.

use std::collections::HashMap;
use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

use nuts_rs::rand::SeedableRng as _;
use nuts_rs::rand::rngs::ChaCha8Rng;
use nuts_rs::{
    Chain as _, CpuLogpFunc, CpuMath, CpuMathError, DiagNutsSettings, HasDims, LogpError,
    Settings as _,
};
use scorematch::Model;
use scorematch::sample::{Convergence, Method, Options, draw};

const CHAINS: usize = 4;
const WARMUP: usize = 500;
const LENGTH: usize = 1000;
const DIMENSION: usize = 10;
/// Runs of each sampler, of which the fastest is reported.
const RUNS: usize = 5;

/// A handwritten log p, which writes its gradient to the second argument.
type ByHand = fn(&[f64], &mut [f64]) -> f64;

struct Density(ByHand);

#[derive(Debug)]
struct Never;

impl fmt::Display for Never {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("never")
    }
}

impl std::error::Error for Never {}

impl LogpError for Never {
    fn is_recoverable(&self) -> bool {
        true
    }
}

impl HasDims for Density {
    fn dim_sizes(&self) -> HashMap<String, u64> {
        HashMap::from([("unconstrained_parameter".to_owned(), DIMENSION as u64)])
    }
}

impl CpuLogpFunc for Density {
    type LogpError = Never;
    type FlowParameters = ();
    type ExpandedVector = Vec<f64>;

    fn dim(&self) -> usize {
        DIMENSION
    }

    fn logp(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, Never> {
        Ok((self.0)(position, gradient))
    }

    fn expand_vector<R: nuts_rs::rand::Rng + ?Sized>(
        &mut self,
        _rng: &mut R,
        position: &[f64],
    ) -> Result<Vec<f64>, CpuMathError> {
        Ok(position.to_vec())
    }
}

/// Independent normals with mean 3.
fn independent(x: &[f64], slopes: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for (x, slope) in x.iter().zip(slopes) {
        let difference = x - 3.0;
        *slope = -difference;
        sum -= 0.5 * difference * difference;
    }
    sum
}

/// Correlated normals with mean 3: -(x - 3)²/2 - 2 (Σ (x - 3))²/10.
fn correlated(x: &[f64], slopes: &mut [f64]) -> f64 {
    let all: f64 = x.iter().map(|x| x - 3.0).sum();
    let own = independent(x, slopes);
    slopes.iter_mut().for_each(|slope| *slope -= 0.4 * all);
    own - 0.2 * all * all
}

/// Independent components, each a mixture of two overlapping normals.
fn bumps(x: &[f64], slopes: &mut [f64]) -> f64 {
    let mut sum = 0.0;
    for (x, slope) in x.iter().zip(slopes) {
        let (one, other) = (-0.5 * (x - 1.5).powi(2), -0.5 * (x + 1.0).powi(2));
        let most = f64::max(one, other);
        let (p, q) = ((one - most).exp(), (other - most).exp());
        sum += most + (p + q).ln();
        *slope = -(p * (x - 1.5) + q * (x + 1.0)) / (p + q);
    }
    sum
}

const CASES: [(&str, &str, ByHand); 3] = [
    ("normals", "data x[10]; -sum(i in 1:10, (x[i] - 3)^2)/2", independent),
    (
        "together",
        "data x[10]; -sum(i in 1:10, (x[i] - 3)^2)/2 - sum(i in 1:10, x[i] - 3)^2/5",
        correlated,
    ),
    (
        "bumps",
        "data x[10]; sum(i in 1:10, log(exp(-(x[i] - 1.5)^2/2) + exp(-(x[i] + 1)^2/2)))",
        bumps,
    ),
];

/// The smallest effective sample size of all components, and the time of the draws.
type Worth = (f64, Duration);

fn by_text(model: &Model) -> Worth {
    let options = Options::default()
        .count(CHAINS * LENGTH)
        .chains(CHAINS)
        .warmup(WARMUP)
        .method(Method::Nuts);
    let start = Instant::now();
    let draws = black_box(draw(model, &[], &[], &options).expect("draws"));
    let spent = start.elapsed();
    (draws.convergence.iter().map(|one| one.bulk).fold(f64::INFINITY, f64::min), spent)
}

fn by_hand(density: ByHand) -> Worth {
    let mut settings = DiagNutsSettings { num_tune: WARMUP as u64, ..Default::default() };
    settings.adapt_options.step_size_settings.target_accept = 0.9;
    let mut states = vec![Vec::new(); DIMENSION];
    let start = Instant::now();
    for number in 0..CHAINS {
        let mut rng = ChaCha8Rng::seed_from_u64(number as u64);
        let math = CpuMath::new(Density(density));
        let mut chain = settings.new_chain(number as u64, math, &mut rng).expect("settings");
        chain.set_position(&[0.1; DIMENSION]).expect("a start");
        for step in 0..WARMUP + LENGTH {
            let (state, _) = chain.draw().expect("a draw");
            if step >= WARMUP {
                states.iter_mut().zip(&state).for_each(|(states, x)| states.push(*x));
            }
        }
    }
    let sizes = states.iter().map(|states| Convergence::of("x", states, CHAINS).bulk);
    let least = sizes.fold(f64::INFINITY, f64::min);
    (least, start.elapsed())
}

fn rate((size, spent): Worth) -> f64 {
    size / spent.as_secs_f64()
}

fn main() {
    println!("effective draws a second, the fastest of {RUNS} runs in turn; one thread");
    println!("{:<10}{:>12}{:>12}{:>8}", "density", "by hand", "scorematch", "ratio");
    for (name, text, density) in CASES {
        let model = Model::parse(text).expect("a model");
        let (mut hand, mut own) = (0.0_f64, 0.0_f64);
        for _ in 0..RUNS {
            hand = hand.max(rate(by_hand(density)));
            own = own.max(rate(by_text(&model)));
        }
        println!("{name:<10}{hand:>12.0}{own:>12.0}{:>8.2}", own / hand);
    }
}
