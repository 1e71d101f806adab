//! Tangents of a node in all data directions, kept factored.
//!
//! In a sum of functions of linear forms the tangent of φ(w·x) is φ'(w·x) times the list w, and
//! its squared length φ'² times ‖w‖², where ‖w‖² is computed once for all rows.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::laplacian::{Metric, Mixed};
use crate::graph::{ExprId, Graph, Number, Part};

/// Entries of a tangent by direction, ascending; directions left out are zero.
type Entries = Vec<(u32, ExprId)>;

/// factor · entries
#[derive(Clone)]
pub(super) struct Tangent {
    factor: ExprId,
    entries: Rc<Entries>,
}

impl Tangent {
    /// The tangent of a constant.
    pub(super) fn zero(g: &Graph) -> Self {
        Self { factor: g.one(), entries: Rc::default() }
    }

    /// factor · entries, sorted by direction.
    pub(super) fn new(factor: ExprId, entries: &[(u32, ExprId)]) -> Self {
        Self { factor, entries: Rc::new(entries.to_vec()) }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.entries.is_empty()
    }

    /// c · self
    pub(super) fn scaled(&self, g: &mut Graph, c: ExprId) -> Self {
        if c == g.zero() {
            return Self::zero(g);
        }
        Self { factor: g.mul(c, self.factor), entries: Rc::clone(&self.entries) }
    }

    /// The entries with the factor multiplied in.
    pub(super) fn written<'a>(
        &'a self,
        g: &'a mut Graph,
    ) -> impl Iterator<Item = (u32, ExprId)> + 'a {
        self.entries.iter().map(move |&(direction, entry)| (direction, g.mul(self.factor, entry)))
    }

    /// Σ weight · tangent
    pub(super) fn sum(g: &mut Graph, terms: &[(Number, Self)]) -> Self {
        let mut moving = terms.iter().filter(|(_, tangent)| !tangent.is_zero());
        let (first, second) = (moving.next(), moving.next());
        match (first, second) {
            (None, _) => Self::zero(g),
            (Some((weight, tangent)), None) => {
                let c = g.number(*weight);
                tangent.scaled(g, c)
            }
            _ => Self::merged(g, terms),
        }
    }

    fn merged(g: &mut Graph, terms: &[(Number, Self)]) -> Self {
        let mut by_direction: BTreeMap<u32, Vec<Part>> = BTreeMap::new();
        for (weight, tangent) in terms {
            for (direction, expr) in tangent.written(g) {
                by_direction.entry(direction).or_default().push(Part { weight: *weight, expr });
            }
        }
        let summed = by_direction.into_iter().map(|(direction, parts)| (direction, g.sum(&parts)));
        let entries: Entries = summed.collect();
        Self::from_entries(g, entries)
    }

    /// A tangent of these entries without those that are zero.
    pub(super) fn from_entries(g: &mut Graph, mut entries: Entries) -> Self {
        let zero = g.zero();
        entries.retain(|&(_, entry)| entry != zero);
        Self { factor: g.one(), entries: Rc::new(entries) }
    }

    /// Combines two tangents entry by entry, over the directions of either.
    pub(super) fn zip_with(
        g: &mut Graph,
        a: &Self,
        b: &Self,
        mut combine: impl FnMut(&mut Graph, ExprId, ExprId) -> ExprId,
    ) -> Self {
        let zero = g.zero();
        let mut pairs: BTreeMap<u32, (ExprId, ExprId)> = BTreeMap::new();
        for (direction, entry) in a.written(g) {
            pairs.insert(direction, (entry, zero));
        }
        for (direction, entry) in b.written(g) {
            pairs.entry(direction).or_insert((zero, zero)).1 = entry;
        }
        let combined = pairs.into_iter().map(|(direction, (x, y))| (direction, combine(g, x, y)));
        let entries: Entries = combined.collect();
        Self::from_entries(g, entries)
    }

    /// The inner product of two tangents in a metric of the directions.
    pub(super) fn inner(g: &mut Graph, metric: &Metric, a: &Self, b: &Self) -> ExprId {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        let mut others = b.entries.iter().peekable();
        for &(direction, entry) in a.entries.iter() {
            while others.next_if(|&&(other, _)| other < direction).is_some() {}
            if let Some(&&(other, partner)) = others.peek()
                && other == direction
            {
                let weighed =
                    metric.weights.get(direction as usize).map(|&weight| g.mul(weight, entry));
                left.push(weighed.unwrap_or(entry));
                right.push(partner);
            }
        }
        for &Mixed { pair: (first, second), weight } in &metric.mixed {
            for (at, other) in [(first, second), (second, first)] {
                if let (Some(entry), Some(partner)) = (a.entry(at), b.entry(other)) {
                    left.push(g.mul(weight, entry));
                    right.push(partner);
                }
            }
        }
        let dot = g.dot(&left, &right);
        g.product(&[Part::one(a.factor), Part::one(b.factor), Part::one(dot)])
    }

    /// The entry of a direction, without the factor.
    fn entry(&self, direction: u32) -> Option<ExprId> {
        let place = self.entries.binary_search_by_key(&direction, |&(at, _)| at).ok()?;
        Some(self.entries[place].1)
    }

    /// The inner product with itself.
    pub(super) fn squared_norm(&self, g: &mut Graph, metric: &Metric) -> ExprId {
        Self::inner(g, metric, self, self)
    }
}

/// A node's value with its tangent and its Laplacian.
#[derive(Clone)]
pub(super) struct Jet {
    pub(super) value: ExprId,
    pub(super) tangent: Tangent,
    pub(super) laplacian: ExprId,
}

impl Jet {
    /// The jet of a value that does not depend on the variables.
    pub(super) fn fixed(g: &mut Graph, value: ExprId) -> Self {
        Self { value, tangent: Tangent::zero(g), laplacian: g.zero() }
    }

    /// ∇(ab) = a∇b + b∇a, Δ(ab) = aΔb + bΔa + 2∇a·∇b
    pub(super) fn product(g: &mut Graph, metric: &Metric, a: &Self, b: &Self) -> Self {
        let left = b.tangent.scaled(g, a.value);
        let right = a.tangent.scaled(g, b.value);
        let cross = Tangent::inner(g, metric, &a.tangent, &b.tangent);
        let (outer, inner) = (g.mul(a.value, b.laplacian), g.mul(b.value, a.laplacian));
        let laplacian = g.sum(&[
            Part::one(outer),
            Part::one(inner),
            Part { weight: Number::integer(2), expr: cross },
        ]);
        let tangent = Tangent::sum(g, &[(Number::ONE, left), (Number::ONE, right)]);
        Self { value: g.mul(a.value, b.value), tangent, laplacian }
    }
}
