//! Random streams keyed by numbers, so that every draw is reproducible.
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

    /// Random bits, as a seed of another source.
    pub fn bits(&mut self) -> u64 {
        self.source.next_u64()
    }

    /// Standard normal, by the first half of Box and Muller's pair.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// The sum of `count` signs, -1 or 1 with probability one half each.
    pub fn signs(&mut self, count: u64) -> f64 {
        let (mut left, mut ones) = (count, 0);
        while left > 0 {
            let taken = left.min(64);
            let bits = self.source.next_u64() >> (64 - taken);
            ones += u64::from(bits.count_ones());
            left -= taken;
        }
        2.0 * ones as f64 - count as f64
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

/// The law of a random number that is a function of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Law {
    /// -1 or 1, each with probability one half.
    Rademacher,
    /// Standard normal.
    Normal,
}

/// The first of the whole numbers from which the random numbers of a row are drawn. Far more whole
/// numbers than a row needs follow it exactly as doubles.
#[must_use]
pub fn key(seed: u64, row: u64) -> f64 {
    (mixed(mixed(seed).wrapping_add(row)) >> 12) as f64
}

impl Law {
    /// The random number of a whole number, its counter; NaN of NaN.
    ///
    /// ```
    /// use scorematch::numerics::rng::{Law, key};
    /// let first = key(0, 7);
    /// assert_eq!(Law::Rademacher.draw(first).abs(), 1.0);
    /// assert_ne!(Law::Normal.draw(first), Law::Normal.draw(first + 1.0));
    /// ```
    #[must_use]
    pub fn draw(self, name: f64) -> f64 {
        if name.is_nan() {
            return name;
        }
        let bits = mixed(name as i64 as u64);
        match self {
            Self::Rademacher => 1.0 - 2.0 * (bits >> 63) as f64,
            Self::Normal => {
                let uniform = |bits: u64| ((bits >> 12) as f64 + 0.5) * 2f64.powi(-52);
                let radius = (-2.0 * uniform(bits).ln()).sqrt();
                radius * (std::f64::consts::TAU * uniform(mixed(bits))).cos()
            }
        }
    }
}

/// A step of `SplitMix64` (Steele, Lea, Flood 2014) and its finaliser: a bijection of 64 bits.
#[inline(always)]
pub(super) fn mixed(bits: u64) -> u64 {
    let mut z = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
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

    /// Of 20 000 sums of signs, mean and variance within five standard errors.
    #[test]
    fn sums_of_signs_have_their_moments() {
        for count in [1, 3, 64, 100] {
            let mut stream = stream(0, count);
            let sums: Vec<f64> = (0..20_000).map(|_| stream.signs(count)).collect();
            let parity = |sum: f64| (sum + count as f64).rem_euclid(2.0) == 0.0;
            assert!(sums.iter().all(|&sum| sum.abs() <= count as f64 && parity(sum)));
            let mean = sums.iter().sum::<f64>() / 2e4;
            let square = sums.iter().map(|sum| sum * sum).sum::<f64>() / 2e4;
            let (size, limit) = (count as f64, 5.0 / 2e4f64.sqrt());
            assert!(mean.abs() < limit * size.sqrt(), "{count}: {mean}");
            assert!((square / size - 1.0).abs() < limit * 2f64.sqrt(), "{count}: {square}");
        }
        assert_eq!(stream(0, 0).signs(0), 0.0);
    }

    /// Numbers of neighbouring names, and of neighbouring rows, have the moments of their law and no
    /// correlation: within five standard errors of a hundred thousand.
    #[test]
    fn named_numbers_are_independent() {
        let n = 100_000;
        for law in [Law::Rademacher, Law::Normal] {
            let one: Vec<f64> = (0..n).map(|row| law.draw(key(3, row))).collect();
            let next: Vec<f64> = (0..n).map(|row| law.draw(key(3, row) + 1.0)).collect();
            let other: Vec<f64> = (0..n).map(|row| law.draw(key(4, row))).collect();
            let mean = |f: &dyn Fn(usize) -> f64| (0..n as usize).map(f).sum::<f64>() / n as f64;
            let limit = 5.0 / (n as f64).sqrt();
            assert!(mean(&|i| one[i]).abs() < limit);
            assert!((mean(&|i| one[i] * one[i]) - 1.0).abs() < 2.0 * limit);
            assert!(mean(&|i| one[i] * next[i]).abs() < limit);
            assert!(mean(&|i| one[i] * other[i]).abs() < limit);
            assert!(mean(&|i| one[i] * one[(i + 1) % n as usize]).abs() < limit);
        }
        let fourth =
            (0..n).map(|row| Law::Normal.draw(key(5, row)).powi(4)).sum::<f64>() / n as f64;
        assert!((fourth - 3.0).abs() < 0.2, "{fourth}");
    }
}
