//! Random streams keyed by numbers, so that every draw can be named.
//!
//! A stream depends on its seed and key alone: work item 7 draws the same numbers
//! whichever thread runs it and whatever ran before.

use rand::Rng as _;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;

/// A reproducible sequence of draws.
#[derive(Debug)]
pub struct Stream {
    source: ChaCha8Rng,
}

/// The stream of a seed and a key; different keys give independent streams.
#[must_use]
pub fn stream(seed: u64, key: u64) -> Stream {
    let mut source = ChaCha8Rng::seed_from_u64(seed);
    source.set_stream(key);
    Stream { source }
}

impl Stream {
    /// Uniform on the open interval (0, 1): the middles of 2⁵² equal cells.
    pub fn uniform(&mut self) -> f64 {
        ((self.source.next_u64() >> 12) as f64 + 0.5) * 2f64.powi(-52)
    }

    /// Standard normal, by the first half of Box and Muller's pair.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Uniform among 0, 1, …, n - 1, without bias.
    ///
    /// # Panics
    /// If n is zero.
    pub fn below(&mut self, n: usize) -> usize {
        assert!(n > 0, "a draw below zero does not exist");
        let n = n as u64;
        // The high word of draw·n is uniform once the first 2⁶⁴ mod n low words are
        // rejected (Lemire 2019).
        let rejected = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.source.next_u64()) * u128::from(n);
            if wide as u64 >= rejected {
                return (wide >> 64) as usize;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_its_seed_and_key() {
        let draws =
            |seed, key| (0..4).map(|_| 0).scan(stream(seed, key), |s, _: i32| Some(s.uniform()));
        let list = |seed, key| draws(seed, key).collect::<Vec<_>>();
        assert_eq!(list(1, 2), list(1, 2));
        assert_ne!(list(1, 2), list(1, 3));
        assert_ne!(list(1, 2), list(2, 2));
    }

    #[test]
    fn uniform_draws_fill_the_open_interval() {
        let mut stream = stream(0, 0);
        let draws: Vec<f64> = (0..10_000).map(|_| stream.uniform()).collect();
        assert!(draws.iter().all(|&u| 0.0 < u && u < 1.0));
        let mean = draws.iter().sum::<f64>() / 1e4;
        assert!((mean - 0.5).abs() < 4.0 * (1.0f64 / 12.0 / 1e4).sqrt(), "{mean}");
    }

    #[test]
    fn normal_draws_have_the_normal_moments() {
        let mut stream = stream(0, 1);
        let draws: Vec<f64> = (0..40_000).map(|_| stream.normal()).collect();
        // Standard errors of the mean powers 1, 2, 4: √1, √2, √96 over √n.
        for (power, want, deviation) in
            [(1, 0.0, 1.0), (2, 1.0, 2f64.sqrt()), (4, 3.0, 96f64.sqrt())]
        {
            let mean = draws.iter().map(|x| x.powi(power)).sum::<f64>() / 4e4;
            assert!((mean - want).abs() < 4.0 * deviation / 200.0, "power {power}: {mean}");
        }
    }

    #[test]
    fn integers_are_uniform() {
        let mut stream = stream(0, 2);
        let mut counts = [0u32; 7];
        for _ in 0..7000 {
            counts[stream.below(7)] += 1;
        }
        assert!(counts.iter().all(|&c| c.abs_diff(1000) < 130), "{counts:?}");
        assert_eq!(stream.below(1), 0);
    }
}
