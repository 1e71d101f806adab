//! The mean over rows, linear by construction.
//!
//! E[Σ w·t] = Σ w·E[t], and factors that do not vary over rows are moved out of the mean, so that each
//! distinct varying factor has one mean. Not split are products of sums, which are not multiplied out
//! here; centred terms `x - mu`, since E[x] - mu cancels digits; and a sum that is computed on every
//! row anyway, where this leaves fewer means.

use std::collections::{BTreeMap, BTreeSet};

use super::{ExprId, Graph, ListId, Node, Part};

impl Graph {
    /// The means of `roots` over the rows of a data set, of which `rows` are the inputs.
    ///
    /// # Examples
    /// ```
    /// use scorematch::graph::{Graph, Support};
    /// let mut g = Graph::new();
    /// let (x, mu) = (g.input("x", Support::LINE), g.input("mu", Support::LINE));
    /// let centred = g.sub(x, mu);
    /// let square = g.powi(centred, 2);
    /// let product = g.mul(mu, square);
    /// let mean = g.means(&[x], &[product])[0];
    /// assert_eq!(g.plain(mean), "mu*E[(x - mu)^2]");
    /// ```
    pub fn means(&mut self, rows: &[ExprId], roots: &[ExprId]) -> Vec<ExprId> {
        let pass = Pass::new(self, rows);
        let means = pass.means(self, roots, &BTreeSet::new());
        let apart: Vec<ExprId> = roots.iter().map(|root| means[root]).collect();
        let whole = pass.computed_anyway(self, &apart, &means);
        if whole.is_empty() {
            return apart;
        }
        let means = pass.means(self, roots, &whole);
        let together: Vec<ExprId> = roots.iter().map(|root| means[root]).collect();
        if self.count_means(&together) < self.count_means(&apart) { together } else { apart }
    }

    fn count_means(&self, roots: &[ExprId]) -> usize {
        let is_mean = |id: &ExprId| matches!(self.node(*id), Node::Mean(_));
        self.live(roots).into_iter().filter(is_mean).count()
    }

    /// E[u] without its numeric factor.
    pub(super) fn mean(&mut self, u: ExprId) -> ExprId {
        let (weight, rest) = match self.node(u) {
            Node::Sum(parts) => match *self.parts(parts) {
                [Part { weight, expr }] => (weight, expr),
                _ => return self.intern(Node::Mean(u)),
            },
            _ => return self.intern(Node::Mean(u)),
        };
        let mean = self.intern(Node::Mean(rest));
        self.scale(weight, mean)
    }
}

/// The nodes that depend on row inputs, and the nodes that depend on other inputs.
struct Pass {
    varies: Vec<bool>,
    moves: Vec<bool>,
}

impl Pass {
    fn new(graph: &Graph, rows: &[ExprId]) -> Self {
        let inputs = (0..graph.inputs().len()).map(|k| graph.input_nodes[k]);
        let others: Vec<ExprId> = inputs.filter(|node| !rows.contains(node)).collect();
        Self { varies: graph.dependents(rows), moves: graph.dependents(&others) }
    }

    fn varies(&self, id: ExprId) -> bool {
        self.varies[id.index()]
    }

    fn is_fixed(&self, graph: &Graph, list: ListId) -> bool {
        !graph.list(list).iter().any(|&entry| self.varies(entry))
    }

    /// Whether a sum has both terms of data alone and terms that do not vary over rows, as x - mu.
    fn is_centred(&self, parts: &[Part]) -> bool {
        let fixed = parts.iter().any(|part| !self.varies(part.expr));
        fixed && parts.iter().any(|part| self.is_plain(part.expr))
    }

    fn is_plain(&self, id: ExprId) -> bool {
        self.varies(id) && !self.moves[id.index()]
    }

    /// The only varying factor, if its exponent is one.
    fn lone_factor(&self, parts: &[Part]) -> Option<ExprId> {
        let mut varying = parts.iter().filter(|part| self.varies(part.expr));
        let first = varying.next().filter(|part| part.weight.is_one())?;
        varying.next().is_none().then_some(first.expr)
    }

    /// Calls `visit` on the operands whose means make up the mean of a varying node.
    fn each_inner(&self, graph: &Graph, id: ExprId, mut visit: impl FnMut(ExprId)) {
        match graph.node(id) {
            Node::Sum(parts) => {
                let parts = graph.parts(parts);
                let centred = self.is_centred(parts);
                let kept = |part: &&Part| centred && self.is_plain(part.expr);
                parts.iter().filter(|part| !kept(part)).for_each(|part| visit(part.expr));
            }
            Node::Product(parts) => {
                self.lone_factor(graph.parts(parts)).into_iter().for_each(visit);
            }
            Node::Dot(a, b) if self.is_fixed(graph, a) => {
                graph.list(b).iter().for_each(|&entry| visit(entry));
            }
            Node::Dot(a, b) if self.is_fixed(graph, b) => {
                graph.list(a).iter().for_each(|&entry| visit(entry));
            }
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::Dot(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => {}
        }
    }

    /// The means of the roots and the means that these are made of; the means of nodes in `whole` are
    /// not split.
    fn means(
        &self,
        graph: &mut Graph,
        roots: &[ExprId],
        whole: &BTreeSet<ExprId>,
    ) -> BTreeMap<ExprId, ExprId> {
        let mut demanded = vec![false; graph.len()];
        roots.iter().for_each(|root| demanded[root.index()] = true);
        let live = graph.live(roots);
        for &id in live.iter().rev().filter(|id| self.varies(**id)) {
            if demanded[id.index()] && !whole.contains(&id) {
                self.each_inner(graph, id, |inner| demanded[inner.index()] = true);
            }
        }
        let mut means = BTreeMap::new();
        for id in live.into_iter().filter(|id| demanded[id.index()]) {
            let mean =
                if whole.contains(&id) { graph.mean(id) } else { self.mean(graph, id, &means) };
            means.insert(id, mean);
        }
        means
    }

    /// Sums whose means were split although their values are computed on every row: unsplit, the mean
    /// is one sum over rows, and the terms need none.
    fn computed_anyway(
        &self,
        graph: &Graph,
        roots: &[ExprId],
        means: &BTreeMap<ExprId, ExprId>,
    ) -> BTreeSet<ExprId> {
        let is_sum = |id: ExprId| matches!(graph.node(id), Node::Sum(_) | Node::Dot(..));
        let is_apart =
            |id: ExprId| means.get(&id).is_some_and(|&mean| !is_mean_of(graph, mean, id));
        let live = graph.live(roots).into_iter();
        live.filter(|&id| is_sum(id) && is_apart(id) && self.varies(id)).collect()
    }

    fn mean(&self, graph: &mut Graph, id: ExprId, means: &BTreeMap<ExprId, ExprId>) -> ExprId {
        if !self.varies(id) {
            return id;
        }
        match graph.node(id) {
            Node::Sum(parts) => {
                let parts = graph.parts(parts).to_vec();
                self.sum(graph, &parts, means)
            }
            Node::Product(parts) => {
                let parts = graph.parts(parts).to_vec();
                self.product(graph, id, &parts, means)
            }
            Node::Dot(a, b) => self.dot(graph, id, [a, b], means),
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::Select(..)
            | Node::Gather(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => graph.mean(id),
        }
    }

    fn sum(&self, graph: &mut Graph, parts: &[Part], means: &BTreeMap<ExprId, ExprId>) -> ExprId {
        let centred = self.is_centred(parts);
        let stays = |part: &&Part| !self.varies(part.expr) || self.is_plain(part.expr);
        let (kept, open): (Vec<Part>, Vec<Part>) =
            parts.iter().partition(|part| centred && stays(part));
        let mut terms: Vec<Part> = open
            .into_iter()
            .map(|part| Part { weight: part.weight, expr: means[&part.expr] })
            .collect();
        if centred {
            let kept = graph.sum(&kept);
            terms.push(Part::one(graph.mean(kept)));
        }
        graph.sum(&terms)
    }

    fn product(
        &self,
        graph: &mut Graph,
        id: ExprId,
        parts: &[Part],
        means: &BTreeMap<ExprId, ExprId>,
    ) -> ExprId {
        let (mut factors, varying): (Vec<Part>, Vec<Part>) =
            parts.iter().partition(|part| !self.varies(part.expr));
        let mean = match self.lone_factor(parts) {
            Some(lone) => means[&lone],
            None if factors.is_empty() => graph.mean(id),
            None => {
                let rest = graph.product(&varying);
                graph.mean(rest)
            }
        };
        factors.push(Part::one(mean));
        graph.product(&factors)
    }

    fn dot(
        &self,
        graph: &mut Graph,
        id: ExprId,
        [a, b]: [ListId; 2],
        means: &BTreeMap<ExprId, ExprId>,
    ) -> ExprId {
        let of = |graph: &Graph, list: ListId| -> Vec<ExprId> {
            graph.list(list).iter().map(|entry| means[entry]).collect()
        };
        let (weights, varying) = match (self.is_fixed(graph, a), self.is_fixed(graph, b)) {
            (true, _) => (graph.list(a).to_vec(), of(graph, b)),
            (_, true) => (graph.list(b).to_vec(), of(graph, a)),
            (false, false) => return graph.mean(id),
        };
        graph.dot(&weights, &varying)
    }
}

fn is_mean_of(graph: &Graph, mean: ExprId, id: ExprId) -> bool {
    graph.node(mean) == Node::Mean(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Support;

    /// x + tanh x, whose square is there besides when `is_squared`.
    fn means_of_sum(is_squared: bool) -> Vec<String> {
        let mut graph = Graph::new();
        let g = &mut graph;
        let x = g.input("x", Support::LINE);
        let tanh = g.call(crate::graph::Function::Tanh, x);
        let sum = g.add(x, tanh);
        let square = g.powi(sum, 2);
        let roots = if is_squared { vec![sum, square] } else { vec![sum] };
        g.means(&[x], &roots).into_iter().map(|mean| g.plain(mean)).collect()
    }

    #[test]
    fn a_sum_stays_whole_where_its_value_is_needed_anyway() {
        assert_eq!(means_of_sum(false), ["E[x] + E[tanh(x)]"]);
        assert_eq!(means_of_sum(true), ["E[x + tanh(x)]", "E[(x + tanh(x))^2]"]);
    }
}
