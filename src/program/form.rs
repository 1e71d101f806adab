//! Symmetric matrices of numbers, for quadratic forms in parameters.

use pulp::NullaryFnOnce;

use super::isa::Isa;

/// Entries of a product that are accumulated together: one vector of the widest instruction set.
const ABREAST: usize = 8;

/// A symmetric matrix, stored in the order in which [`Symmetric::times`] reads it.
#[derive(Clone, Debug)]
pub(crate) struct Symmetric {
    size: usize,
    /// The first eight entries of each row, then the next eight of each, padded with zeros.
    blocks: Vec<[f64; ABREAST]>,
}

/// Ax, and the sizes of the terms of its entries.
pub(crate) struct Product {
    /// Σⱼ aᵢⱼ xⱼ
    pub(crate) sums: Vec<f64>,
    /// Σⱼ |aᵢⱼ xⱼ|
    pub(crate) sizes: Vec<f64>,
}

impl Symmetric {
    /// The matrix with these entries, row by row.
    pub(crate) fn new(size: usize, entries: &[f64]) -> Self {
        let mut blocks = Vec::with_capacity(size * size.div_ceil(ABREAST));
        for first in (0..size).step_by(ABREAST) {
            for row in entries.chunks_exact(size) {
                let mut block = [0.0; ABREAST];
                let rest = &row[first..];
                let count = rest.len().min(ABREAST);
                block[..count].copy_from_slice(&rest[..count]);
                blocks.push(block);
            }
        }
        Self { size, blocks }
    }

    /// A times x.
    pub(crate) fn times(&self, x: &[f64]) -> Product {
        let padded = self.size.next_multiple_of(ABREAST);
        let mut product = Product { sums: vec![0.0; padded], sizes: vec![0.0; padded] };
        let Product { sums, sizes } = &mut product;
        let (sums, sizes) = (sums.as_chunks_mut().0, sizes.as_chunks_mut().0);
        Isa::chosen().run(Times { blocks: &self.blocks, x, sums, sizes });
        product.sums.truncate(self.size);
        product.sizes.truncate(self.size);
        product
    }
}

/// The matrix is symmetric, so its rows are its columns: an entry of x multiplies eight entries of a
/// column at once, where an inner product would wait for the latency of each addition.
struct Times<'a> {
    blocks: &'a [[f64; ABREAST]],
    x: &'a [f64],
    sums: &'a mut [[f64; ABREAST]],
    sizes: &'a mut [[f64; ABREAST]],
}

impl NullaryFnOnce for Times<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { blocks, x, sums, sizes } = self;
        let columns = blocks.chunks_exact(x.len().max(1));
        for ((column, sums), sizes) in columns.zip(sums).zip(sizes) {
            let (mut sum, mut size) = ([0.0; ABREAST], [0.0; ABREAST]);
            for (block, x) in column.iter().zip(x) {
                for k in 0..ABREAST {
                    let term = block[k] * x;
                    sum[k] += term;
                    size[k] += term.abs();
                }
            }
            (*sums, *sizes) = (sum, size);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_sizes_of_a_small_matrix() {
        let Product { sums, sizes } = Symmetric::new(2, &[2.0, -1.0, -1.0, 3.0]).times(&[4.0, 5.0]);
        assert_eq!((sums, sizes), (vec![3.0, 11.0], vec![13.0, 19.0]));
    }

    #[test]
    fn sizes_beside_a_whole_vector() {
        for size in [0, 1, 7, 8, 9, 17] {
            let ones: Vec<f64> = vec![1.0; size * size];
            let x: Vec<f64> = (0..size).map(|k| -(k as f64)).collect();
            let Product { sums, sizes } = Symmetric::new(size, &ones).times(&x);
            let total: f64 = x.iter().sum();
            assert_eq!((sums, sizes), (vec![total; size], vec![-total; size]));
        }
    }
}
