//! Zeros in compositions under the transforms sqrt and flat.
//!
//! There the weight of a row with a zero vanishes, and J leaves the row out. The loss that is left
//! out is its limit as the entry tends to zero: where log p grows like a log u and the weight like
//! u, this is 2a'(a' + 1) for sqrt, with a' = a + ½. As long as it is a constant it moves no
//! minimum; a free exponent a would be estimated without the rows that say most about it.

use super::Specification;
use super::choices::Transform;
use super::unsuited::{BY_LOG_RATIOS, Unsuited};
use crate::data::OriginalRows;
use crate::model::{Domain, Model, Support};
use crate::numerics::rng::stream;
use crate::program::{Layout, Program};

/// Small entries in place of a zero, from which the limit is computed.
const NEAR: [f64; 2] = [1e-30, 1e-60];
/// A size that falls below this share from the first entry to the second tends to zero.
const FALLS: f64 = 1e-3;
/// Differences below this share of a loss are rounding errors.
const ROUNDING: f64 = 1e-10;
/// Number of random points of the parameters that are compared with a first one.
const OTHERS: u64 = 3;
/// The key of the stream that draws these points.
const KEY: u64 = 41;
/// Most rows that a message lists.
const NAMED: usize = 5;

impl Specification {
    /// The specification with the number of rows whose loss is a constant that J leaves out because
    /// of a zero. Columns are those of data, then of covariates; `original_rows` are the row
    /// numbers in the file, from 0.
    ///
    /// # Errors
    /// Where the loss that is left out depends on a parameter that is not held.
    pub(super) fn at_zeros(
        mut self,
        model: &Model,
        columns: &[&[f64]],
        original_rows: OriginalRows<'_>,
    ) -> Result<Self, Unsuited> {
        for domain in self.by_weight() {
            let rows = self.left_out_of(model, &domain, columns);
            if rows.is_empty() {
                continue;
            }
            let limits = Limits::new(&self, model, &domain, columns, &rows);
            let free = limits.varying();
            if !free.is_empty() {
                let named = free.iter().map(|&at| original_rows.at(rows[at]));
                return Err(self.free_exponent(model, &domain, named.collect()));
            }
            self.constant_rows += limits.count();
        }
        Ok(self)
    }

    /// The compositions under a transform whose weight vanishes at zeros.
    fn by_weight(&self) -> Vec<Domain> {
        let weighed = match self.transform {
            Transform::Sqrt | Transform::Flat => true,
            Transform::Clr | Transform::Alr => false,
        };
        let domains = self.domains.iter();
        domains.filter(|one| weighed && one.support == Support::Simplex).cloned().collect()
    }

    /// Rows with a zero in this composition whose weight is zero.
    fn left_out_of(&self, model: &Model, domain: &Domain, columns: &[&[f64]]) -> Vec<usize> {
        let own = &columns[domain.components.clone()];
        let zero = |row: &usize| own.iter().any(|column| column[*row] == 0.0);
        let rows: Vec<usize> = (0..own[0].len()).filter(zero).collect();
        if rows.is_empty() {
            return rows;
        }
        let mut graph = model.graph().clone();
        let weight = self.component_weights(&mut graph)[domain.components.start];
        let layout = Layout { rows: model.row_inputs(), parameters: Vec::new() };
        let program = Program::compile(&graph, &layout, &[weight]);
        let weights = program.rows(columns, &[], 1).swap_remove(0);
        rows.into_iter().filter(|&row| weights[row] == 0.0).collect()
    }

    fn free_exponent(&self, model: &Model, domain: &Domain, rows: Vec<u32>) -> Unsuited {
        let component = &model.data()[domain.components.start];
        let mut named: Vec<String> =
            rows.iter().take(NAMED).map(|&row| (u64::from(row) + 1).to_string()).collect();
        let rest = rows.len() - named.len();
        if rest > 0 {
            named.push(format!("{rest} more"));
        }
        let (rows, have) = if rows.len() == 1 { ("row", "has") } else { ("rows", "have") };
        let last = named.pop().expect("there is a row to name");
        let list = if named.is_empty() { last } else { format!("{} and {last}", named.join(", ")) };
        let reason = format!(
            "{rows} {list} {have} a zero, whose exponent is a parameter; by the transform {} the \
             weight of such a row is zero, and J would leave out what it says of the exponent",
            self.transform.name()
        );
        Unsuited {
            what: format!("{}{}", model.declared_name(component), component.support),
            reason: reason.into(),
            help: BY_LOG_RATIOS,
            span: Some(model.declared_at(component)),
        }
    }
}

/// For some rows, the loss near their zeros minus the loss at the zeros, at several points of the
/// parameters.
struct Limits {
    /// By point of the parameters, by entry of [`NEAR`], by row.
    left_out: Vec<[Vec<f64>; 2]>,
    /// By row, the size of the losses that were subtracted, for rounding errors.
    sizes: Vec<f64>,
}

impl Limits {
    fn new(
        specification: &Specification,
        model: &Model,
        domain: &Domain,
        columns: &[&[f64]],
        rows: &[usize],
    ) -> Self {
        let mut graph = model.graph().clone();
        let loss = specification.loss(&mut graph, model.log_density());
        let layout = Layout { rows: model.row_inputs(), parameters: model.parameter_inputs() };
        let program = Program::compile(&graph, &layout, &[loss.total]);
        let beside = |small: f64| -> Vec<Vec<f64>> {
            let of = |k: usize| {
                let place =
                    |x: f64| if x == 0.0 && domain.components.contains(&k) { small } else { x };
                rows.iter().map(|&row| place(columns[k][row])).collect()
            };
            (0..columns.len()).map(of).collect()
        };
        let places = [beside(0.0), beside(NEAR[0]), beside(NEAR[1])];
        let mut sizes = vec![0.0; rows.len()];
        let mut at = |theta: &[f64]| {
            let [on, near, nearer] = places.each_ref().map(|columns| {
                let slices: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
                program.rows(&slices, theta, 1).swap_remove(0)
            });
            let sums = near.iter().zip(&nearer).map(|(a, b)| a.abs() + b.abs());
            sizes.iter_mut().zip(sums).for_each(|(size, sum)| *size = f64::max(*size, sum));
            [near, nearer].map(|one| one.iter().zip(&on).map(|(a, b)| a - b).collect())
        };
        let left_out = (0..=OTHERS).map(|k| at(&specification.draw(model, k))).collect();
        Self { left_out, sizes }
    }

    /// Rows, by position, whose loss left out depends on the parameters.
    fn varying(&self) -> Vec<usize> {
        let (first, others) = self.left_out.split_first().expect("there is a first point");
        let varies = |&row: &usize| {
            others.iter().any(|other| {
                let [near, nearer] = [0, 1].map(|k| (first[k][row] - other[k][row]).abs());
                self.remains(row, near, nearer)
            })
        };
        (0..self.sizes.len()).filter(varies).collect()
    }

    /// The number of rows whose loss left out has a limit other than zero.
    fn count(&self) -> usize {
        let first = &self.left_out[0];
        let counts = |&row: &usize| self.remains(row, first[0][row].abs(), first[1][row].abs());
        (0..self.sizes.len()).filter(counts).count()
    }

    /// Whether a value does not tend to zero, given its sizes at both entries of [`NEAR`].
    fn remains(&self, row: usize, near: f64, nearer: f64) -> bool {
        nearer > ROUNDING * self.sizes[row] && nearer > FALLS * near
    }
}

impl Specification {
    /// A random point of the parameters; held parameters have their values.
    fn draw(&self, model: &Model, number: u64) -> Vec<f64> {
        let mut theta = model.draw_parameters(&mut stream(KEY, number));
        self.held.iter().for_each(|&(j, value)| theta[j] = value);
        theta
    }
}
