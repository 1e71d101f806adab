//! Times of several computations measured in turn, so that other load of the machine
//! affects all of them alike.

use std::time::Instant;

/// A computation to be measured.
pub type Run<'a> = &'a mut dyn FnMut();

/// Median seconds of one call of each computation, over `rounds` rounds in which each has a turn of
/// `turn` seconds.
pub fn interleaved(rounds: usize, turn: f64, runs: &mut [Run<'_>]) -> Vec<f64> {
    let repeats: Vec<usize> = runs.iter_mut().map(|run| repeats(turn, run)).collect();
    let mut times = vec![Vec::with_capacity(rounds); runs.len()];
    for _ in 0..rounds {
        for ((run, &repeats), times) in runs.iter_mut().zip(&repeats).zip(&mut times) {
            times.push(seconds(repeats, run));
        }
    }
    times.into_iter().map(median).collect()
}

/// Number of calls that fill a turn; the calls made to determine it are the warm-up.
fn repeats(turn: f64, run: &mut Run<'_>) -> usize {
    let (mut calls, mut one) = (1, seconds(1, run));
    while one * (calls as f64) < turn / 4.0 {
        calls *= 2;
        one = seconds(calls, run);
    }
    ((turn / one) as usize).max(1)
}

/// Mean seconds of one call.
fn seconds(calls: usize, run: &mut Run<'_>) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        run();
    }
    start.elapsed().as_secs_f64() / calls as f64
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
