//! Sums over rows whose order of additions depends on the rows alone.

/// How many partial sums there are: one for each position of a row modulo this.
const LANES: usize = 8;

/// Eight running sums that a fixed tree adds in the end. Fed with consecutive tiles of a block,
/// the result does not depend on how long the tiles are.
///
/// # Examples
/// ```
/// use scorematch::program::Lanes;
/// let mut lanes = Lanes::default();
/// lanes.add(&[1.0, 2.0, 3.0]);
/// assert_eq!(lanes.total(), 6.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lanes([f64; LANES]);

impl Lanes {
    /// Adds the values, the first of which belongs to a row number divisible by eight.
    pub fn add(&mut self, values: &[f64]) {
        let (chunks, rest) = values.as_chunks::<LANES>();
        let mut sums = self.0;
        for chunk in chunks {
            for (sum, value) in sums.iter_mut().zip(chunk) {
                *sum += value;
            }
        }
        for (sum, value) in sums.iter_mut().zip(rest) {
            *sum += value;
        }
        self.0 = sums;
    }

    /// Adds the products a·b of two outputs of one tile.
    pub fn add_products(&mut self, a: &[f64], b: &[f64]) {
        let ((a_chunks, a_rest), (b_chunks, b_rest)) =
            (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
        let mut sums = self.0;
        for (a, b) in a_chunks.iter().zip(b_chunks) {
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
        for ((sum, a), b) in sums.iter_mut().zip(a_rest).zip(b_rest) {
            *sum += a * b;
        }
        self.0 = sums;
    }

    /// The sum of all lanes.
    #[must_use]
    pub fn total(&self) -> f64 {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + e) + (c + g)) + ((b + f) + (d + h))
    }
}
