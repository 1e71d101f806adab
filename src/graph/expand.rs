//! Expressions as polynomials in data: the one place that multiplies products out.
//!
//! An expression of data alone that cannot be multiplied out, as log(x) or 1/x, is an atom: a further
//! column. So is the mask of a selection whose condition has data alone. Coefficients are expressions
//! of all other inputs. Promises a polynomial of at most [`MONOMIALS_MAX`] monomials that equals the
//! expression wherever all values are finite, or `None`. Deliberately not known here: rows, means,
//! whether the expansion pays.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{DOT_MIN, ExprId, Graph, ListId, Node, Number, Part};

/// Most monomials of a polynomial, of intermediate results and of the final one.
pub const MONOMIALS_MAX: usize = 2000;
/// Most terms of sums and products computed during an expansion.
const WORK_MAX: usize = 400_000;
/// Highest degree; powers beyond it leave the range of doubles for data of any modest size.
const DEGREE_MAX: usize = 40;

/// A product of atoms, by their numbers in ascending order, each as often as its power says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Monomial(Vec<u32>);

impl Monomial {
    /// The product of these atoms.
    #[must_use]
    pub fn new(mut factors: Vec<u32>) -> Self {
        factors.sort_unstable();
        Self(factors)
    }

    /// Number of factors.
    #[must_use]
    pub fn degree(&self) -> usize {
        self.0.len()
    }

    /// The numbers of its atoms, ascending.
    #[must_use]
    pub fn factors(&self) -> &[u32] {
        &self.0
    }

    fn times(&self, other: &Self) -> Self {
        Self::new([self.factors(), other.factors()].concat())
    }
}

impl Ord for Monomial {
    /// By degree, then by factors.
    fn cmp(&self, other: &Self) -> Ordering {
        self.degree().cmp(&other.degree()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Monomial {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Σ coefficient · monomial
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polynomial {
    /// The expressions whose products are the monomials; they depend on data alone.
    pub atoms: Vec<ExprId>,
    /// The centre subtracted from each atom: monomials are products of the differences.
    pub centres: Vec<ExprId>,
    /// Monomials with their coefficients, ascending.
    pub terms: Vec<(Monomial, ExprId)>,
}

/// The terms of an intermediate polynomial.
type Terms = Vec<(Monomial, ExprId)>;

impl Graph {
    /// `root` multiplied out, where it is a polynomial in the inputs `data` and functions of them
    /// alone. `centre` is called with the number of each atom; the polynomial is one in `atom -
    /// centre`, with coefficients that contain the centres but no data.
    ///
    /// # Examples
    /// ```
    /// use scorematch::graph::{Graph, Support};
    /// let mut g = Graph::new();
    /// let (x, mu) = (g.input("x", Support::LINE), g.input("mu", Support::LINE));
    /// let difference = g.sub(x, mu);
    /// let square = g.powi(difference, 2);
    /// let plain = g.expand(&[x], square, |g, _| g.zero()).expect("a polynomial");
    /// let coefficients: Vec<String> = plain.terms.iter().map(|(_, c)| g.plain(*c)).collect();
    /// assert_eq!(coefficients, ["mu^2", "-2*mu", "1"]);
    /// ```
    pub fn expand(
        &mut self,
        data: &[ExprId],
        root: ExprId,
        mut centre: impl FnMut(&mut Self, usize) -> ExprId,
    ) -> Option<Polynomial> {
        let live = self.live(&[root]);
        let mut pass = Pass::new(self, data);
        let demanded = pass.demanded(self, &live, root)?;
        let atoms = pass.number_atoms(data);
        pass.find_levels(self, &atoms);
        let is_level = |k: &usize| pass.indices.contains_key(&(*k as u32));
        let centres = (0..atoms.len())
            .map(|k| if is_level(&k) { self.zero() } else { centre(self, k) })
            .collect::<Vec<ExprId>>();
        pass.place_atoms(self, &atoms, &centres);
        for id in live.into_iter().filter(|id| demanded[id.index()]) {
            if !pass.polynomials.contains_key(&id) {
                let terms = pass.node(self, id)?;
                pass.polynomials.insert(id, Rc::new(terms));
            }
        }
        let terms = pass.of(self, root).as_ref().clone();
        Some(Polynomial { atoms, centres, terms })
    }

    /// A monomial with these values for its atoms.
    pub fn monomial(&mut self, monomial: &Monomial, values: &[ExprId]) -> ExprId {
        let factors = monomial.factors().iter().map(|&atom| Part::one(values[atom as usize]));
        let factors: Vec<Part> = factors.collect();
        self.product(&factors)
    }
}

struct Pass {
    varies: Vec<bool>,
    moves: Vec<bool>,
    atoms: BTreeSet<ExprId>,
    /// The index of each atom that is a level, by the number of the atom.
    indices: BTreeMap<u32, ExprId>,
    polynomials: BTreeMap<ExprId, Rc<Terms>>,
    work: usize,
}

/// The kind of a factor of a product.
enum Factor {
    /// Independent of data.
    Fixed(Part),
    /// Multiplied out, to this power.
    Open(ExprId, usize),
    /// An atom to this power.
    Atom(ExprId, usize),
}

impl Pass {
    fn new(graph: &Graph, data: &[ExprId]) -> Self {
        let inputs = graph.input_nodes.iter().copied();
        let others: Vec<ExprId> = inputs.filter(|node| !data.contains(node)).collect();
        Self {
            varies: graph.dependents(data),
            moves: graph.dependents(&others),
            atoms: BTreeSet::new(),
            indices: BTreeMap::new(),
            polynomials: BTreeMap::new(),
            work: 0,
        }
    }

    fn varies(&self, id: ExprId) -> bool {
        self.varies[id.index()]
    }

    /// Marks the nodes to be multiplied out and collects the atoms; `None` where a node other than a
    /// sum or product depends on both data and other inputs.
    fn demanded(&mut self, graph: &mut Graph, live: &[ExprId], root: ExprId) -> Option<Vec<bool>> {
        let mut demanded = vec![false; root.index() + 1];
        demanded[root.index()] = true;
        for &id in live.iter().rev() {
            demanded[id.index()] &= self.varies(id);
            if demanded[id.index()] {
                let operands = self.opened(graph, id)?;
                operands.into_iter().for_each(|operand| demanded[operand.index()] = true);
            }
        }
        Some(demanded)
    }

    /// The operands of a varying node that are to be multiplied out; an atom has none.
    fn opened(&mut self, graph: &mut Graph, id: ExprId) -> Option<Vec<ExprId>> {
        match graph.node(id) {
            Node::Sum(parts) => Some(graph.parts(parts).iter().map(|part| part.expr).collect()),
            Node::Dot(a, b) => Some([graph.list(a), graph.list(b)].concat()),
            Node::Product(parts) => {
                let parts = graph.parts(parts).to_vec();
                self.opened_factors(graph, &parts)
            }
            Node::Select(condition, then, otherwise)
                if self.moves[id.index()] && !self.moves[condition.index()] =>
            {
                let masks = masks(graph, condition, [then, otherwise]);
                self.atoms.extend(masks.into_iter().map(|(_, mask)| mask));
                Some(vec![then, otherwise])
            }
            Node::Gather(list, index) if self.moves[id.index()] && !self.moves[index.index()] => {
                let entries = graph.list(list).to_vec();
                let levels = (1..=entries.len()).map(|k| graph.level(index, k));
                self.atoms.extend(levels);
                Some(entries)
            }
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
            | Node::Mean(_) => {
                self.atoms.insert(id);
                (!self.moves[id.index()]).then(Vec::new)
            }
        }
    }

    fn opened_factors(&mut self, graph: &mut Graph, parts: &[Part]) -> Option<Vec<ExprId>> {
        let mut opened = Vec::new();
        for &part in parts {
            match self.factor(graph, part)? {
                Factor::Fixed(_) => {}
                Factor::Open(base, _) => opened.push(base),
                Factor::Atom(atom, _) => {
                    self.atoms.insert(atom);
                }
            }
        }
        Some(opened)
    }

    /// The kind of a factor: powers 0, 1, 2, … are multiplied out; other powers, as 1/x and √x, are
    /// atoms where x depends on data alone, else `None`.
    fn factor(&self, graph: &mut Graph, part: Part) -> Option<Factor> {
        if !self.varies(part.expr) {
            return Some(Factor::Fixed(part));
        }
        let times = part.weight.as_integer().map(i64::unsigned_abs);
        let times = times.filter(|&n| n <= DEGREE_MAX as u64).map(|n| n as usize);
        match times {
            Some(times) if !part.weight.is_negative() => Some(Factor::Open(part.expr, times)),
            _ if self.moves[part.expr.index()] => None,
            Some(times) => {
                let inverse = Part { weight: Number::MINUS_ONE, expr: part.expr };
                Some(Factor::Atom(graph.product(&[inverse]), times))
            }
            None => Some(Factor::Atom(graph.product(&[part]), 1)),
        }
    }

    /// Inputs in the order of `data`, then the others in the order of the graph.
    fn number_atoms(&self, data: &[ExprId]) -> Vec<ExprId> {
        let columns = data.iter().copied().filter(|input| self.atoms.contains(input));
        let others = self.atoms.iter().copied().filter(|atom| !data.contains(atom));
        columns.chain(others).collect()
    }

    /// Finds the atoms that are levels: they are not centred, and the product of two levels of one
    /// index is zero.
    fn find_levels(&mut self, graph: &Graph, atoms: &[ExprId]) {
        let levels = atoms.iter().zip(0..);
        self.indices = levels.filter_map(|(&atom, k)| Some((k, graph.as_level(atom)?.0))).collect();
    }

    /// atom = centre + difference
    fn place_atoms(&mut self, graph: &mut Graph, atoms: &[ExprId], centres: &[ExprId]) {
        let zero = graph.zero();
        for (k, (&atom, &centre)) in atoms.iter().zip(centres).enumerate() {
            let mut terms =
                vec![(Monomial::default(), centre), (Monomial(vec![k as u32]), graph.one())];
            terms.retain(|&(_, coefficient)| coefficient != zero);
            self.polynomials.insert(atom, Rc::new(terms));
        }
    }

    fn of(&self, graph: &Graph, id: ExprId) -> Rc<Terms> {
        match self.polynomials.get(&id) {
            Some(known) => Rc::clone(known),
            None => Rc::new(constant(graph, id)),
        }
    }

    fn node(&mut self, graph: &mut Graph, id: ExprId) -> Option<Terms> {
        match graph.node(id) {
            Node::Sum(parts) => {
                let parts = graph.parts(parts).to_vec();
                self.sum(graph, &parts)
            }
            Node::Product(parts) => {
                let parts = graph.parts(parts).to_vec();
                self.product(graph, &parts)
            }
            Node::Dot(a, b) => self.dot(graph, a, b),
            Node::Select(condition, then, otherwise) => {
                self.select(graph, condition, [then, otherwise])
            }
            Node::Gather(list, index) => self.gather(graph, list, index),
            Node::One
            | Node::Pi
            | Node::Input(_)
            | Node::Call(..)
            | Node::Binary(..)
            | Node::Compare(..)
            | Node::LogSumExp(..)
            | Node::Share(..)
            | Node::Mean(_) => unreachable!("what does not open is an atom"),
        }
    }

    fn sum(&mut self, graph: &mut Graph, parts: &[Part]) -> Option<Terms> {
        let mut sums: BTreeMap<Monomial, Vec<Part>> = BTreeMap::new();
        for part in parts {
            let terms = self.of(graph, part.expr);
            self.spend(terms.len())?;
            for (monomial, expr) in terms.iter() {
                let term = Part { weight: part.weight, expr: *expr };
                sums.entry(monomial.clone()).or_default().push(term);
            }
        }
        let terms =
            sums.into_iter().map(|(monomial, parts)| (monomial, graph.sum(&parts))).collect();
        bounded(graph, terms)
    }

    fn product(&mut self, graph: &mut Graph, parts: &[Part]) -> Option<Terms> {
        let mut fixed = Vec::new();
        let mut product: Option<Rc<Terms>> = None;
        for &part in parts {
            let (base, times) = match self.factor(graph, part)? {
                Factor::Fixed(part) => {
                    fixed.push(part);
                    continue;
                }
                Factor::Open(base, times) | Factor::Atom(base, times) => (base, times),
            };
            let power = self.power(graph, &self.of(graph, base), times)?;
            product = Some(match product {
                Some(product) => Rc::new(self.multiply(graph, &product, &power)?),
                None => power,
            });
        }
        let fixed = graph.product(&fixed);
        let varying = product.unwrap_or_else(|| Rc::new(constant(graph, graph.one())));
        let scaled = varying.iter().map(|(monomial, c)| (monomial.clone(), graph.mul(*c, fixed)));
        Some(scaled.collect())
    }

    /// A power by repeated squaring, from the highest bit of the exponent.
    fn power(&mut self, graph: &mut Graph, base: &Rc<Terms>, times: usize) -> Option<Rc<Terms>> {
        let mut power = Rc::new(constant(graph, graph.one()));
        for bit in (0..usize::BITS - times.leading_zeros()).rev() {
            power = Rc::new(self.multiply(graph, &power, &power)?);
            if times >> bit & 1 == 1 {
                power = Rc::new(self.multiply(graph, &power, base)?);
            }
        }
        Some(power)
    }

    fn multiply(&mut self, graph: &mut Graph, a: &Rc<Terms>, b: &Rc<Terms>) -> Option<Terms> {
        let mut products = Products::default();
        self.push(&mut products, a, b)?;
        products.close(graph)
    }

    fn dot(&mut self, graph: &mut Graph, a: ListId, b: ListId) -> Option<Terms> {
        let pairs = graph.list(a).iter().zip(graph.list(b));
        let pairs: Vec<(ExprId, ExprId)> = pairs.map(|(&a, &b)| (a, b)).collect();
        let mut products = Products::default();
        for (a, b) in pairs {
            let left = self.of(graph, a);
            let right = if a == b { Rc::clone(&left) } else { self.of(graph, b) };
            self.push(&mut products, &left, &right)?;
        }
        products.close(graph)
    }

    /// The sum of the branches, each times its mask.
    fn select(
        &mut self,
        graph: &mut Graph,
        condition: ExprId,
        branches: [ExprId; 2],
    ) -> Option<Terms> {
        let mut products = Products::default();
        for (branch, mask) in masks(graph, condition, branches) {
            let (branch, mask) = (self.of(graph, branch), self.of(graph, mask));
            self.push(&mut products, &branch, &mask)?;
        }
        products.close(graph)
    }

    /// The sum of the entries, each times its level of the index.
    fn gather(&mut self, graph: &mut Graph, list: ListId, index: ExprId) -> Option<Terms> {
        let entries = graph.list(list).to_vec();
        let mut products = Products::default();
        for (k, entry) in entries.into_iter().enumerate() {
            let level = graph.level(index, k + 1);
            let (entry, level) = (self.of(graph, entry), self.of(graph, level));
            self.push(&mut products, &entry, &level)?;
        }
        products.close(graph)
    }

    fn spend(&mut self, terms: usize) -> Option<()> {
        self.work += terms;
        (self.work <= WORK_MAX).then_some(())
    }

    /// The product of two monomials, `None` where it is zero in all rows: an index has one value in a
    /// row, and a level, which is 0 or 1, is its own square.
    fn together(&self, left: &Monomial, right: &Monomial) -> Option<Monomial> {
        let mut product = left.times(right);
        if self.indices.is_empty() {
            return Some(product);
        }
        product.0.dedup_by(|later, earlier| later == earlier && self.indices.contains_key(later));
        let mut seen = BTreeMap::new();
        for atom in &product.0 {
            if let Some(index) = self.indices.get(atom)
                && seen.insert(index, atom).is_some()
            {
                return None;
            }
        }
        Some(product)
    }

    /// Adds the products of all terms; equal products of a square are counted twice instead of added
    /// twice.
    fn push(&mut self, products: &mut Products, a: &Rc<Terms>, b: &Rc<Terms>) -> Option<()> {
        let square = Rc::ptr_eq(a, b);
        self.spend(a.len() * b.len())?;
        for (i, (left, p)) in a.iter().enumerate() {
            for (right, q) in &b[if square { i } else { 0 }..] {
                let twice = square && left != right;
                let weight = if twice { Number::integer(2) } else { Number::ONE };
                let Some(monomial) = self.together(left, right) else { continue };
                if monomial.degree() > DEGREE_MAX {
                    return None;
                }
                products.terms.entry(monomial).or_default().push((weight, *p, *q));
            }
        }
        Some(())
    }
}

/// The branches that are not zero, each with its mask: 1 where the branch is taken, else 0.
fn masks(graph: &mut Graph, condition: ExprId, branches: [ExprId; 2]) -> Vec<(ExprId, ExprId)> {
    let (zero, one) = (graph.zero(), graph.one());
    let holds = match graph.as_level(condition) {
        Some(_) => condition,
        None => graph.select(condition, one, zero),
    };
    let masks = [holds, graph.select(condition, zero, one)];
    branches.into_iter().zip(masks).filter(|&(branch, _)| branch != zero).collect()
}

fn constant(graph: &Graph, id: ExprId) -> Terms {
    let is_zero = graph.as_number(id).is_some_and(Number::is_zero);
    if is_zero { Vec::new() } else { vec![(Monomial::default(), id)] }
}

/// The terms without those that cancelled; `None` where more than [`MONOMIALS_MAX`] are left.
fn bounded(graph: &mut Graph, mut terms: Terms) -> Option<Terms> {
    let zero = graph.zero();
    terms.retain(|&(_, coefficient)| coefficient != zero);
    (terms.len() <= MONOMIALS_MAX).then_some(terms)
}

/// Products of two coefficients with a weight, by monomial.
#[derive(Default)]
struct Products {
    terms: BTreeMap<Monomial, Vec<(Number, ExprId, ExprId)>>,
}

impl Products {
    fn close(self, graph: &mut Graph) -> Option<Terms> {
        if self.terms.len() > MONOMIALS_MAX {
            return None;
        }
        let sums = self.terms.into_iter();
        let terms = sums.map(|(monomial, products)| (monomial, total(graph, &products))).collect();
        bounded(graph, terms)
    }
}

/// The sum of products; from [`DOT_MIN`] products of one weight on, they are an inner product.
fn total(graph: &mut Graph, products: &[(Number, ExprId, ExprId)]) -> ExprId {
    let mut terms = Vec::new();
    for weight in [Number::ONE, Number::integer(2)] {
        let alike = products.iter().filter(|(other, ..)| *other == weight);
        let (a, b): (Vec<_>, Vec<_>) = alike.map(|&(_, a, b)| (a, b)).unzip();
        if a.len() >= DOT_MIN {
            terms.push(Part { weight, expr: graph.dot(&a, &b) });
        } else {
            let products = a.into_iter().zip(b);
            terms.extend(products.map(|(a, b)| Part { weight, expr: graph.mul(a, b) }));
        }
    }
    graph.sum(&terms)
}
