//! One name for one fit: exchangeable components in order, signs and angles by convention.
//!
//! Exchangeable components are found by trials: entries with one index in several blocks, or
//! scalars whose names differ in their last character, are swapped, and the score must not change at
//! random points. So it finds exchanges that the text hides, as between `w` and `1 - w`.

use std::cell::OnceCell;
use std::f64::consts::{PI, TAU};

use crate::graph::{ExprId, Graph, InputId, evaluate};
use crate::model::{Constraint, Model, Shape};
use crate::numerics::rng::stream;
use crate::objective::Specification;

use super::involutions::involutions;
use super::parities::together;
use super::space::Space;
use super::standardise::Frame;
use super::symmetry::Symmetries;

/// Number of points at which the score is compared, and the relative tolerance.
const POINTS: usize = 6;
const SAME: f64 = 1e-9;
/// Fraction of a change at which the score is compared too: no model in use is symmetric under it.
const PART: f64 = 0.437;
/// Most blocks whose entries are exchanged together.
const UNITS_MAX: usize = 8;
/// Key of the random stream, which no other part of a fit uses.
const STREAM: u64 = u64::MAX / 2;
/// Most parameters for which exchanges are tried; of more only signs of rows are.
const PAIRS_MAX: usize = 12;

/// A change of parameters under which the density stays as it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rule {
    /// These lists of parameters may be exchanged; `mirror` changes with every exchange of two lists.
    Exchange { slots: Vec<Vec<usize>>, mirror: Option<Mirror> },
    /// These parameters may all change sign.
    Sign(Vec<usize>),
    /// These parameters of several blocks may change sign together. The sign of the first one, which is in no
    /// other such set, decides.
    Together(Vec<usize>),
    /// (κ, μ): κ may change sign where μ changes by π.
    Turn { size: usize, angle: usize },
    /// This angle may change by multiples of 2π.
    Wrap(usize),
}

/// The change of one further parameter when two components are exchanged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mirror {
    /// θ → -θ
    Negate(usize),
    /// θ → low + high - θ
    Reflect(usize, f64),
    /// θ → 1 - θ, for a share without a constraint.
    Complement(usize),
}

impl Mirror {
    fn parameter(self) -> usize {
        match self {
            Self::Negate(j) | Self::Reflect(j, _) | Self::Complement(j) => j,
        }
    }

    fn apply(self, theta: &mut [f64]) {
        match self {
            Self::Negate(j) => theta[j] = -theta[j],
            Self::Reflect(j, sum) => theta[j] = sum - theta[j],
            Self::Complement(j) => theta[j] = 1.0 - theta[j],
        }
    }
}

/// Finds the rules of a model by trials at random θ in the coordinates of `space`.
pub(super) fn rules(
    model: &Model,
    specification: &Specification,
    space: &Space,
    held: &[bool],
) -> Vec<Rule> {
    let probe = Probe::new(model, specification, space);
    let mut rules = exchanges(model, &probe, held);
    rules.extend(involutions(model, &probe, held, &rules));
    rules.extend(turns(model, &probe, held));
    rules.extend(signs(model, &probe, held, &rules));
    let sets = joint_signs(model, &probe, held, &rules);
    rules.extend(sets.into_iter().map(Rule::Together));
    rules
}

/// Whether parameter `j` is a share, or changes sign when two components are exchanged.
pub(super) fn is_weight(model: &Model, rules: &[Rule], j: usize) -> bool {
    let constraint = model.blocks()[model.parameters()[j].block].constraint;
    let mirrored = rules.iter().any(|rule| match rule {
        Rule::Exchange { mirror: Some(mirror), .. } => mirror.parameter() == j,
        Rule::Exchange { mirror: None, .. }
        | Rule::Sign(_)
        | Rule::Together(_)
        | Rule::Turn { .. }
        | Rule::Wrap(_) => false,
    });
    mirrored || matches!(constraint, Constraint::Simplex | Constraint::Between(0.0, 1.0))
}

/// Inner θ with the conventions applied. Angles are wrapped in the units of the data, since centring a
/// covariate shifts a phase by its frequency times the centre.
pub(super) fn apply(
    rules: &[Rule],
    symmetries: &Symmetries,
    frame: &Frame,
    theta: &[f64],
) -> Vec<f64> {
    let mut theta = theta.to_vec();
    for rule in rules.iter().filter(|rule| !matches!(rule, Rule::Exchange { .. })) {
        normalise(rule, &mut theta);
    }
    for rule in rules {
        if let Rule::Exchange { slots, mirror } = rule {
            order(slots, *mirror, symmetries, &mut theta);
        }
    }
    for rule in rules {
        if let Rule::Wrap(angle) = rule {
            let raw = frame.raw(&theta)[*angle];
            theta[*angle] -= raw - within_turn(raw);
        }
    }
    theta
}

/// Parameters that `apply` reflected about the middle of their interval, and this middle.
pub(super) fn reflected(rules: &[Rule], before: &[f64], after: &[f64]) -> Vec<(usize, f64)> {
    let one = |rule: &Rule| match rule {
        Rule::Exchange { mirror: Some(Mirror::Reflect(j, sum)), .. } => {
            (after[*j] != before[*j]).then_some((*j, sum / 2.0))
        }
        Rule::Exchange { .. }
        | Rule::Sign(_)
        | Rule::Together(_)
        | Rule::Turn { .. }
        | Rule::Wrap(_) => None,
    };
    rules.iter().filter_map(one).collect()
}

fn normalise(rule: &Rule, theta: &mut [f64]) {
    match rule {
        Rule::Exchange { .. } => {}
        Rule::Sign(group) => {
            let mut by_size = group.clone();
            by_size.sort_by(|&a, &b| theta[b].abs().total_cmp(&theta[a].abs()));
            if by_size.first().is_some_and(|&j| theta[j] < 0.0) {
                negate(theta, group);
            }
        }
        Rule::Together(group) => {
            if group.first().is_some_and(|&j| theta[j] < 0.0) {
                negate(theta, group);
            }
        }
        Rule::Turn { size, angle } => {
            if theta[*size] < 0.0 {
                theta[*size] = -theta[*size];
                theta[*angle] += PI;
            }
        }
        Rule::Wrap(angle) => theta[*angle] = within_turn(theta[*angle]),
    }
}

/// An angle in (-π, π].
fn within_turn(angle: f64) -> f64 {
    let turned = angle - TAU * (angle / TAU).round();
    if turned <= -PI { turned + TAU } else { turned }
}

/// Sorts components by their first location, ascending; rows of one matrix by their norm, descending.
fn order(slots: &[Vec<usize>], mirror: Option<Mirror>, symmetries: &Symmetries, theta: &mut [f64]) {
    let key = |slot: &Vec<usize>| {
        let location = slot.iter().find(|&&j| symmetries.location(j).is_some());
        match location {
            Some(&j) => theta[j],
            None if slot.len() > 1 => -slot.iter().map(|&j| theta[j].powi(2)).sum::<f64>(),
            None => theta[slot[0]],
        }
    };
    let keys: Vec<f64> = slots.iter().map(key).collect();
    let mut places: Vec<usize> = (0..slots.len()).collect();
    places.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
    let before = theta.to_vec();
    for (slot, &from) in slots.iter().zip(&places) {
        slot.iter().zip(&slots[from]).for_each(|(&to, &from)| theta[to] = before[from]);
    }
    if let (Some(mirror), [1, 0]) = (mirror, places.as_slice()) {
        mirror.apply(theta);
    }
}

/// Lists of equal length whose members may be exchanged together: the entries of a vector, the rows or
/// the columns of a matrix, scalars whose names differ in the last character.
fn units(model: &Model, held: &[bool]) -> Vec<Vec<Vec<usize>>> {
    let mut units = Vec::new();
    for block in model.blocks() {
        let first = block.parameters.start;
        let (rows, columns) = (block.shape.rows(), block.shape.columns());
        let ordered = matches!(block.constraint, Constraint::Ordered);
        if block.parameters.clone().any(|j| held[j]) || block.constraint.is_symmetric() || ordered {
            continue;
        }
        match block.shape {
            Shape::Scalar => {}
            Shape::Vector(length) => units.push((0..length).map(|k| vec![first + k]).collect()),
            Shape::Matrix(..) => {
                let at = |i: usize, j: usize| first + i * columns + j;
                let row = |i| (0..columns).map(|j| at(i, j)).collect();
                let column = |j| (0..rows).map(|i| at(i, j)).collect();
                units.push((0..rows).map(row).collect());
                units.push((0..columns).map(column).collect());
            }
        }
    }
    units.extend(namesakes(model, held));
    units.retain(|unit| unit.len() > 1);
    units
}

/// Scalars whose names differ in the last character alone.
fn namesakes(model: &Model, held: &[bool]) -> Vec<Vec<Vec<usize>>> {
    let mut families: Vec<(&str, Vec<Vec<usize>>)> = Vec::new();
    for block in model.blocks() {
        let j = block.parameters.start;
        let last = block.name.char_indices().last().map(|(at, _)| &block.name[..at]);
        let Some(stem) = last.filter(|stem| !stem.is_empty()) else { continue };
        if block.shape != Shape::Scalar || held[j] {
            continue;
        }
        match families.iter_mut().find(|(name, _)| *name == stem) {
            Some((_, members)) => members.push(vec![j]),
            None => families.push((stem, vec![vec![j]])),
        }
    }
    families.into_iter().map(|(_, members)| members).collect()
}

/// The exchanges that leave the score as it is: of the lists of one length, the largest set that can be
/// exchanged together, then the largest of the others.
fn exchanges(model: &Model, probe: &Probe<'_>, held: &[bool]) -> Vec<Rule> {
    let mut rest = units(model, held);
    let mut rules = Vec::new();
    while let Some(members) = rest.first().map(Vec::len) {
        let family: Vec<usize> =
            (0..rest.len()).filter(|&u| rest[u].len() == members).take(UNITS_MAX).collect();
        let found = subsets(&family).find_map(|set| {
            let slots: Vec<Vec<usize>> = (0..members)
                .map(|m| set.iter().flat_map(|&u| rest[u][m].iter().copied()).collect())
                .collect();
            let mirror = trades(model, probe, &slots, held)?;
            Some((set, Rule::Exchange { slots, mirror }))
        });
        let gone = match found {
            Some((set, rule)) => {
                rules.push(rule);
                set
            }
            None => family,
        };
        let mut position = 0;
        rest.retain(|_| {
            position += 1;
            !gone.contains(&(position - 1))
        });
    }
    rules
}

/// Non-empty subsets, largest first.
fn subsets(items: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let mut masks: Vec<u32> = (1..1_u32 << items.len()).collect();
    masks.sort_by_key(|mask| std::cmp::Reverse(mask.count_ones()));
    masks.into_iter().map(|mask| {
        let chosen = items.iter().enumerate().filter(|(bit, _)| mask >> bit & 1 == 1);
        chosen.map(|(_, &item)| item).collect()
    })
}

/// Whether neighbouring slots may be exchanged, alone or with a change of one further parameter.
fn trades(
    model: &Model,
    probe: &Probe<'_>,
    slots: &[Vec<usize>],
    held: &[bool],
) -> Option<Option<Mirror>> {
    let distinct = slots.iter().flatten().enumerate();
    let all: Vec<usize> = slots.iter().flatten().copied().collect();
    if distinct.into_iter().any(|(at, j)| all[..at].contains(j)) {
        return None;
    }
    let swap = |k: usize, theta: &mut [f64]| {
        slots[k].iter().zip(&slots[k + 1]).for_each(|(&a, &b)| theta.swap(a, b));
    };
    let plain = (0..slots.len() - 1).all(|k| probe.keeps(|theta| swap(k, theta)));
    if plain {
        return Some(None);
    }
    if slots.len() != 2 {
        return None;
    }
    let mirrors = (0..held.len()).filter(|j| !held[*j] && !all.contains(j));
    let mut mirrors = mirrors.flat_map(|j| mirrors_of(model, j));
    let found = mirrors.find(|mirror| {
        probe.keeps(|theta| {
            swap(0, theta);
            mirror.apply(theta);
        })
    });
    found.map(Some)
}

/// The changes that a parameter may have when two components are exchanged.
fn mirrors_of(model: &Model, j: usize) -> Vec<Mirror> {
    match model.blocks()[model.parameters()[j].block].constraint {
        Constraint::Free => vec![Mirror::Negate(j), Mirror::Complement(j)],
        Constraint::Between(low, high) => vec![Mirror::Reflect(j, low + high)],
        Constraint::Above(_)
        | Constraint::Below(_)
        | Constraint::Symmetric
        | Constraint::Posdef
        | Constraint::Simplex
        | Constraint::Ordered => Vec::new(),
    }
}

/// Single parameters, slots of exchanges and whole blocks that may change sign.
fn signs(model: &Model, probe: &Probe<'_>, held: &[bool], rules: &[Rule]) -> Vec<Rule> {
    let free = |j: usize| {
        let block = &model.blocks()[model.parameters()[j].block];
        !held[j] && matches!(block.constraint, Constraint::Free | Constraint::Symmetric)
    };
    let singles = (0..held.len()).map(|j| vec![j]);
    let rows = units(model, held).into_iter().flatten();
    let slots = rules.iter().flat_map(|rule| match rule {
        Rule::Exchange { slots, .. } => slots.clone(),
        Rule::Sign(_) | Rule::Together(_) | Rule::Turn { .. } | Rule::Wrap(_) => Vec::new(),
    });
    let blocks = model.blocks().iter().map(|block| block.parameters.clone().collect());
    let mut found: Vec<Vec<usize>> = Vec::new();
    for group in singles.chain(rows).chain(slots).chain(blocks) {
        let seen = group.iter().any(|j| found.iter().any(|known| known.contains(j)));
        let turned = rules.iter().any(|rule| {
            matches!(rule, Rule::Turn { size, angle } if group.contains(size) || group.contains(angle))
        });
        if !seen
            && !turned
            && group.iter().all(|&j| free(j))
            && probe.keeps(|theta| negate(theta, &group))
        {
            found.push(group);
        }
    }
    found.into_iter().map(Rule::Sign).collect()
}

/// Sets of free parameters that may change sign together and are in none of the rules found before.
fn joint_signs(model: &Model, probe: &Probe<'_>, held: &[bool], rules: &[Rule]) -> Vec<Vec<usize>> {
    let ruled = |j: &usize| {
        rules.iter().any(|rule| match rule {
            Rule::Sign(group) | Rule::Together(group) => group.contains(j),
            Rule::Turn { size, angle } => size == j || angle == j,
            Rule::Wrap(angle) => angle == j,
            Rule::Exchange { .. } => false,
        })
    };
    let free = |j: &usize| {
        let constraint = model.blocks()[model.parameters()[*j].block].constraint;
        !held[*j] && constraint == Constraint::Free
    };
    let eligible: Vec<usize> = (0..held.len()).filter(free).filter(|j| !ruled(j)).collect();
    let mut sets = together(&probe.graph, &probe.score, &probe.parameters, &eligible);
    sets.retain(|set| set.len() > 1 && probe.keeps(|theta| negate(theta, set)));
    sets
}

fn negate(theta: &mut [f64], group: &[usize]) {
    group.iter().for_each(|&j| theta[j] = -theta[j]);
}

/// Free parameters in which the density has the period 2π.
pub(super) fn angles(
    model: &Model,
    specification: &Specification,
    space: &Space,
    held: &[bool],
) -> Vec<usize> {
    let candidates = free(model, held);
    if candidates.is_empty() {
        return candidates;
    }
    turning(&candidates, &Probe::new(model, specification, space))
}

/// The parameters without a constraint that are not held; empty where they are too many to be tried in pairs.
fn free(model: &Model, held: &[bool]) -> Vec<usize> {
    let free = |&j: &usize| {
        let constraint = model.blocks()[model.parameters()[j].block].constraint;
        !held[j] && constraint == Constraint::Free
    };
    let candidates: Vec<usize> = (0..held.len()).filter(free).collect();
    if candidates.len() > PAIRS_MAX { Vec::new() } else { candidates }
}

fn turning(candidates: &[usize], probe: &Probe<'_>) -> Vec<usize> {
    let turns = |&j: &usize| probe.keeps(|theta| theta[j] += TAU);
    candidates.iter().copied().filter(turns).collect()
}

/// Angles, and the amplitudes that belong to them.
fn turns(model: &Model, probe: &Probe<'_>, held: &[bool]) -> Vec<Rule> {
    let candidates = free(model, held);
    let mut rules = Vec::new();
    for angle in turning(&candidates, probe) {
        let size = candidates.iter().find(|&&size| {
            size != angle
                && probe.keeps(|theta| {
                    theta[size] = -theta[size];
                    theta[angle] += PI;
                })
        });
        rules.extend(size.map(|&size| Rule::Turn { size, angle }));
        rules.push(Rule::Wrap(angle));
    }
    rules
}

/// The derivatives of log p that the objective contains, usually the score, at random points.
pub(super) struct Probe<'a> {
    model: &'a Model,
    space: &'a Space,
    graph: Graph,
    score: Vec<ExprId>,
    rows: Vec<InputId>,
    parameters: Vec<InputId>,
    /// Points, each drawn at its first use.
    points: [OnceCell<Point>; POINTS],
}

/// A random point and the score there.
struct Point {
    x: Vec<f64>,
    theta: Vec<f64>,
    score: Vec<f64>,
}

impl<'a> Probe<'a> {
    fn new(model: &'a Model, specification: &Specification, space: &'a Space) -> Self {
        let mut graph = model.graph().clone();
        let score = specification.seen(&mut graph, model.log_density());
        let (rows, parameters) = (model.row_inputs(), model.parameter_inputs());
        Self { model, space, graph, score, rows, parameters, points: Default::default() }
    }

    /// Whether the change leaves the score as it is at all points where it is finite, and a fraction of the
    /// change does not. Without the fraction any parameter that the score does not contain would pass.
    pub fn keeps(&self, change: impl Fn(&mut [f64])) -> bool {
        let partly = |theta: &[f64], changed: &mut [f64]| {
            change(changed);
            theta.iter().zip(changed).for_each(|(&from, to)| *to = from + PART * (*to - from));
        };
        self.all_hold(|_, changed| change(changed)) && !self.all_hold(partly)
    }

    fn all_hold(&self, change: impl Fn(&[f64], &mut [f64])) -> bool {
        let mut seen = false;
        for holds in (0..POINTS).filter_map(|point| self.holds_at(point, &change)) {
            if !holds {
                return false;
            }
            seen = true;
        }
        seen
    }

    /// Whether the score at a random point equals that after a change, which is given θ and a copy of it to edit;
    /// `None` where it is not finite.
    fn holds_at(&self, point: usize, change: impl Fn(&[f64], &mut [f64])) -> Option<bool> {
        let Point { x, theta, score } = self.points[point].get_or_init(|| self.point(point as u64));
        if score.iter().any(|s| !s.is_finite()) {
            return None;
        }
        let mut changed = theta.clone();
        change(theta, &mut changed);
        let after = self.score_at(x, &changed);
        let size = score.iter().fold(0.0, |m: f64, s| m.max(s.abs()));
        let same = |(a, b): (&f64, &f64)| (a - b).abs() <= SAME * size;
        Some(score.iter().zip(&after).all(same))
    }

    fn point(&self, number: u64) -> Point {
        let mut stream = stream(number, STREAM);
        let x = self.model.draw_point(&mut stream);
        let all: Vec<f64> = (0..self.space.all()).map(|_| stream.normal()).collect();
        let theta = self.space.theta_of_all(&all);
        let score = self.score_at(&x, &theta);
        Point { x, theta, score }
    }

    fn score_at(&self, x: &[f64], theta: &[f64]) -> Vec<f64> {
        let mut table = vec![f64::NAN; self.graph.inputs().len()];
        let inputs = self.rows.iter().chain(&self.parameters);
        inputs.zip(x.iter().chain(theta)).for_each(|(input, &value)| table[input.index()] = value);
        evaluate(&self.graph, &self.score, |input| table[input.index()])
    }
}
