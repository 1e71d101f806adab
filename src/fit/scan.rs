//! Starts for the parameters of a profiled objective, which are few and of any order of magnitude.
//!
//! The text does not show the magnitude of exponents, rates, positions and frequencies. Each
//! coordinate is varied over all decades to find those in which the objective changes; candidates are
//! drawn from these decades, from the values of the covariates, and around zero.

use std::ops::Range;
use std::rc::Rc;

use super::options::Options;
use super::profile::Profile;
use super::ranges::NaturalRange;
use super::search::step_work;
use super::starts::Recipe;
use super::trust_region::{Limits, minimise};
use crate::numerics::rng::{Stream, stream};

/// Decades that are scanned above and below one.
const DECADES: i32 = 20;
const WIDTH: usize = 2 * DECADES as usize;
/// Random values of the other coordinates at which a coordinate is scanned.
const ROUNDS: usize = 3;
/// Evaluations that the scan of one coordinate takes: both signs, and a neighbour of each point.
const POINTS_SCANNED: usize = 2 * 2 * ROUNDS * (WIDTH + 1);
/// Relative change of J across a decade below which it counts as none.
const CHANGE: f64 = 1e-6;
/// Relative distance of a neighbour, and the share of a decade's change by which J may change to it.
const NEARBY: f64 = 0.01;
const ROUGH: f64 = 0.3;
/// Relative change that stands for a boundary of the values at which J is finite.
const END: f64 = 0.1;
/// Candidates for each pair of coordinates.
const CANDIDATES: usize = 300;
/// Numbers of candidates for each coordinate that are refined, and the steps each takes, in two
/// rounds.
const REFINED: [(usize, usize); 2] = [(80, 4), (25, 16)];
/// Most operations of a scan: a third for the decades, a third for the candidates, a third for their
/// refinement.
const WORK_MAX: u64 = 30_000_000_000;
/// Least number of points of each kind, and of candidates that are refined, whatever their cost.
const POINTS_LEAST: usize = 100;
const KEPT_LEAST: usize = 8;
/// Starts whose J differ by less than this relative amount lie on one plateau.
const APART: f64 = 1e-3;
/// First key of the random streams, unlike those of the other starts.
const STREAM: u64 = u64::MAX / 5;

/// The kind of a searched coordinate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// An unconstrained parameter, of either sign and any magnitude.
    Line,
    /// An unconstrained parameter that starts in a natural range.
    Natural(NaturalRange),
    /// The logarithm of a positive parameter, or the logit or the like of another bounded one.
    Logarithm,
    /// An angle: one period contains all its values, and at large values the differences from the
    /// data lose all digits.
    Turn,
}

/// Moving coordinates of the candidates, best first, with one of each plateau before the others. Each
/// `wave` draws other candidates.
pub(super) fn scanned(
    recipe: &Recipe<'_>,
    profile: &Profile<'_>,
    scales: &[Scale],
    wave: usize,
    options: &Options,
) -> Vec<Vec<f64>> {
    if scales.is_empty() {
        return profile.solve(&[]).into_iter().map(|(whole, _)| whole).collect();
    }
    let points_max = points_max(profile, scales.len());
    let mut found = Found { profile, marks: Vec::new(), options };
    let ranges = found.scans(recipe, scales, points_max);
    let draw = Draw { recipe, profile, scales, ranges: &ranges };
    let count = CANDIDATES * scales.len() * scales.len().max(2);
    let count = count.min(points_max).max(options.starts.unwrap_or(0));
    for index in wave * count..(wave + 1) * count {
        if options.is_interrupted() && !found.marks.is_empty() {
            break;
        }
        found.mark(&draw.at(index));
    }
    found.refined(scales.len(), points_max)
}

/// Number of points that a third of [`WORK_MAX`] allows. For a text of hundreds of terms a point
/// takes a millisecond, and the number of points grows with the square of the number of coordinates.
fn points_max(profile: &Profile<'_>, coordinates: usize) -> usize {
    let work = profile.solving_work() + step_work(coordinates);
    usize::try_from(WORK_MAX / 3 / work as u64).unwrap_or(usize::MAX).max(POINTS_LEAST)
}

/// Points with the value of J at each.
struct Found<'a> {
    profile: &'a Profile<'a>,
    marks: Vec<(f64, Vec<f64>)>,
    options: &'a Options,
}

impl Found<'_> {
    fn mark(&mut self, at: &[f64]) {
        let point = self.profile.solve(at);
        self.marks.extend(point.map(|(whole, value)| (value, whole)));
    }

    fn value(&self, at: &[f64]) -> f64 {
        self.profile.solve(at).map_or(f64::NAN, |(_, value)| value)
    }

    /// The decades of each coordinate; empty for coordinates beyond the allowed number of points.
    fn scans(&mut self, recipe: &Recipe<'_>, scales: &[Scale], points_max: usize) -> Vec<Decades> {
        let allowed = points_max / POINTS_SCANNED;
        let one = |(c, &scale): (usize, &Scale)| {
            if c < allowed.max(1) { self.scan(recipe, scale, c) } else { Decades::default() }
        };
        scales.iter().enumerate().map(one).collect()
    }

    /// Scans J across each decade of coordinate `c`.
    fn scan(&mut self, recipe: &Recipe<'_>, scale: Scale, c: usize) -> Decades {
        let mut scanned = Vec::new();
        let mut decades = Decades::default();
        let signs: &[f64] = match scale {
            Scale::Line | Scale::Natural(NaturalRange::Correlation) => &[1.0, -1.0],
            Scale::Natural(NaturalRange::Positive | NaturalRange::Share) | Scale::Logarithm => {
                &[1.0]
            }
            Scale::Turn => &[],
        };
        'rounds: for round in 0..ROUNDS {
            let base = self.profile.part(&recipe.space.part(&recipe.draw(round + 1)));
            for &sign in signs {
                let mut last = f64::NAN;
                for decade in -DECADES..=DECADES {
                    if self.options.is_interrupted() {
                        break 'rounds;
                    }
                    let mut at = base.clone();
                    at[c] = placed(scale, sign, f64::from(decade));
                    let beside = self.value(&beside(&at, scale, c));
                    let point = self.profile.solve(&at);
                    let value = point.as_ref().map_or(f64::NAN, |(_, value)| *value);
                    decades.add(decade, last, value, beside);
                    scanned.extend(point.map(|point| (decade, point)));
                    last = value;
                }
            }
        }
        let smooth_run = decades.smooth_run();
        let smooth_points = scanned.into_iter().filter(|(decade, _)| smooth_run.contains(*decade));
        self.marks.extend(smooth_points.map(|(_, (whole, value))| (value, whole)));
        decades
    }

    /// The best candidates after a few steps downhill each, best first, then the best of these after
    /// more steps: where a start leads matters more than its own J.
    fn refined(self, coordinates: usize, points_max: usize) -> Vec<Vec<f64>> {
        let (profile, options) = (self.profile, self.options);
        let wanted = options.starts.unwrap_or(0);
        let refine = |starts: Vec<Vec<f64>>, (kept, iterations): (usize, usize)| {
            if options.is_interrupted() {
                return starts;
            }
            let limits = Limits {
                iterations,
                floor: f64::NEG_INFINITY,
                interrupt: options.interrupt.clone(),
                watch: None,
                steps: Rc::default(),
            };
            let mut refined = Found { profile, marks: Vec::new(), options };
            // A step takes a Hessian, which costs as much as the point.
            let affordable = (points_max / (2 * REFINED.len() * iterations)).max(KEPT_LEAST);
            let kept = (kept * coordinates).min(affordable).max(wanted);
            for start in starts.iter().take(kept) {
                if options.is_interrupted() && !refined.marks.is_empty() {
                    break;
                }
                let part = profile.part(start);
                let at = minimise(profile, &part, &limits).map_or(part, |path| path.at);
                refined.mark(&at);
            }
            refined.best_first()
        };
        REFINED.into_iter().fold(self.best_first(), refine)
    }

    /// By J, with one point of each plateau before the others: that of smallest coordinates, since
    /// frequencies that differ by the sampling frequency of the rows give equal J.
    fn best_first(mut self) -> Vec<Vec<f64>> {
        self.marks.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut levels: Vec<(f64, Vec<Vec<f64>>)> = Vec::new();
        for (value, whole) in self.marks {
            match levels.last_mut() {
                Some((level, points)) if value - *level <= APART * value.abs() => {
                    points.push(whole);
                }
                Some(_) | None => levels.push((value, vec![whole])),
            }
        }
        let size = |whole: &Vec<f64>| {
            self.profile.part(whole).iter().fold(0.0, |size: f64, phi| size.max(phi.abs()))
        };
        let smallest = |points: &mut Vec<Vec<f64>>| {
            let order = |&a: &usize, &b: &usize| size(&points[a]).total_cmp(&size(&points[b]));
            let place = (0..points.len()).min_by(order).expect("a plateau has a point");
            points.swap_remove(place)
        };
        let mut first: Vec<Vec<f64>> =
            levels.iter_mut().map(|(_, points)| smallest(points)).collect();
        first.extend(levels.into_iter().flat_map(|(_, points)| points));
        first
    }
}

/// The neighbour of a point whose coordinate `c` is moved by one per cent.
fn beside(at: &[f64], scale: Scale, c: usize) -> Vec<f64> {
    let mut at = at.to_vec();
    match scale {
        Scale::Line | Scale::Turn | Scale::Natural(NaturalRange::Positive) => at[c] *= 1.0 + NEARBY,
        Scale::Natural(NaturalRange::Share | NaturalRange::Correlation) => at[c] *= 1.0 - NEARBY,
        Scale::Logarithm => at[c] += NEARBY,
    }
    at
}

/// Squared relative changes of J across each decade of a coordinate, summed over all scans.
#[derive(Clone, Copy, Debug)]
struct Decades {
    changes: [f64; WIDTH],
    /// The part of the changes across decades in which J changes as much within one per cent as
    /// across the decade, as it does beyond the sampling frequency of the rows.
    rough: [f64; WIDTH],
}

impl Default for Decades {
    fn default() -> Self {
        Self { changes: [0.0; WIDTH], rough: [0.0; WIDTH] }
    }
}

/// A run of decades without rough ones, by index.
struct SmoothRun(Range<usize>);

impl SmoothRun {
    /// Whether the decade below or above the power `decade` of ten lies within the run.
    fn contains(&self, decade: i32) -> bool {
        let above = (decade + DECADES) as usize;
        self.0.contains(&above) || above.checked_sub(1).is_some_and(|below| self.0.contains(&below))
    }
}

impl Decades {
    /// Adds the change of J across the decade below `decade`, given its values at both ends and at
    /// the neighbour of the upper end.
    fn add(&mut self, decade: i32, below: f64, above: f64, beside: f64) {
        let size = below.abs().max(above.abs());
        let change = match (below.is_finite(), above.is_finite()) {
            (true, true) if size > 0.0 => ((above - below).abs() / size).min(1.0),
            (true, true) | (false, false) => 0.0,
            (true, false) | (false, true) => END,
        };
        if decade > -DECADES && change > CHANGE {
            let rough = (beside - above).abs() > ROUGH * (above - below).abs();
            let place = (decade + DECADES - 1) as usize;
            self.changes[place] += change * change;
            self.rough[place] += if rough { change * change } else { 0.0 };
        }
    }

    /// Removes all decades but the longest run without rough ones, and returns this run. A wave at
    /// the sampling frequency of the rows is smooth by coincidence, so that rough decades may be
    /// followed by smooth ones.
    fn smooth_run(&mut self) -> SmoothRun {
        let is_rough = |place: usize| self.rough[place] > 0.5 * self.changes[place];
        let mut longest = 0..0;
        let mut start = 0;
        for place in 0..=WIDTH {
            if place == WIDTH || is_rough(place) {
                if place - start > longest.len() {
                    longest = start..place;
                }
                start = place + 1;
            }
        }
        for place in (0..WIDTH).filter(|place| !longest.contains(place)) {
            self.changes[place] = 0.0;
        }
        SmoothRun(longest)
    }

    /// A random decimal logarithm: with probability ½ in proportion to the change of J, else uniform
    /// among the decades in which J changes; standard normal where J does not change.
    fn draw(&self, stream: &mut Stream) -> f64 {
        let evenly = stream.uniform() < 0.5;
        let weight = |change: f64| match (evenly, change > 0.0) {
            (false, _) => change,
            (true, true) => 1.0,
            (true, false) => 0.0,
        };
        let total: f64 = self.changes.iter().map(|&change| weight(change)).sum();
        if total == 0.0 {
            return stream.normal();
        }
        let mut left = total * stream.uniform();
        let place = self.changes.iter().position(|&change| {
            left -= weight(change);
            left < 0.0
        });
        // A sum that rounding left short counts as the last decade.
        let place = place.unwrap_or(WIDTH - 1) as f64 - f64::from(DECADES);
        // Half a decade of margin on both sides, since the change may lie at an end.
        place - 0.5 + 2.0 * stream.uniform()
    }
}

/// The value of a scanned coordinate at a decade.
fn placed(scale: Scale, sign: f64, decade: f64) -> f64 {
    match scale {
        Scale::Line => sign * 10f64.powf(decade),
        Scale::Natural(NaturalRange::Positive) => 10f64.powf(decade),
        Scale::Natural(NaturalRange::Share) => (1.0 + 10f64.powf(-decade)).recip(),
        Scale::Natural(NaturalRange::Correlation) => sign / (1.0 + 10f64.powf(-decade)),
        Scale::Logarithm | Scale::Turn => decade * std::f64::consts::LN_10,
    }
}

struct Draw<'a> {
    recipe: &'a Recipe<'a>,
    profile: &'a Profile<'a>,
    scales: &'a [Scale],
    ranges: &'a [Decades],
}

impl Draw<'_> {
    fn at(&self, index: usize) -> Vec<f64> {
        let mut stream = stream(self.recipe.seed, STREAM + index as u64);
        let mut at = self.profile.part(&self.recipe.space.part(&self.recipe.draw(index + 1)));
        for (c, value) in at.iter_mut().enumerate() {
            let kind = stream.uniform();
            if kind < 0.25 || self.scales[c] == Scale::Turn {
                continue;
            }
            *value = if kind < 0.5 { self.of_covariates(c, &mut stream) } else { f64::NAN };
            if !value.is_finite() {
                let sign = if stream.uniform() < 0.5 { -1.0 } else { 1.0 };
                *value = placed(self.scales[c], sign, self.ranges[c].draw(&mut stream));
            }
        }
        at
    }

    /// A random covariate value, or its logarithm with noise, as the scale requires; NaN without
    /// covariates.
    fn of_covariates(&self, c: usize, stream: &mut Stream) -> f64 {
        let columns = &self.recipe.columns[self.recipe.symmetries.data..];
        if columns.is_empty() {
            return f64::NAN;
        }
        let column = &columns[stream.below(columns.len())];
        let value = column[stream.below(column.len())];
        match self.scales[c] {
            Scale::Line => value,
            Scale::Natural(range) => range.pull(value, stream),
            Scale::Logarithm | Scale::Turn => value.abs().ln() + stream.normal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// J of a wave as a function of its frequency: smooth up to 10, then pseudo-random.
    fn wave() -> Decades {
        let mut decades = Decades::default();
        let value = |phi: f64| -1.0 - 0.3 * (phi * 1.3).sin();
        for decade in -DECADES + 1..=DECADES {
            let (low, high) = (10f64.powi(decade - 1), 10f64.powi(decade));
            decades.add(decade, value(low), value(high), value(high * (1.0 + NEARBY)));
        }
        decades
    }

    #[test]
    fn rough_decades_are_left_out() {
        let mut decades = wave();
        let smooth_run = decades.smooth_run();
        assert!(smooth_run.contains(-10) && smooth_run.contains(0) && !smooth_run.contains(5));
        let mut stream = stream(1, 1);
        let drawn: Vec<f64> = (0..500).map(|_| decades.draw(&mut stream)).collect();
        let smooth = drawn.iter().filter(|&&decade| decade < 2.5).count();
        assert!(smooth > 450, "{smooth}");
    }
}
