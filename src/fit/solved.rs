//! Models whose parameters are all solved for: the minimum is judged in the natural parameters, without a
//! search.
//!
//! A search would end at the same point, but it derives and evaluates the loss over free coordinates. For a
//! precision matrix of many columns that takes longer than finding the minimum does, and for a covariance
//! matrix, whose inverse is in the loss, the derivatives of the inverse dominate from a few columns on.

use super::bounds::{Ends, FAR, Settled};
use super::candidates::Candidate;
use super::labels;
use super::options::Covariance;
use super::profile::Plan;
use super::task::{Solution, Task};
use super::trust_region::{ARRIVED, Path, Stop};
use super::{Method, Outcome};
use crate::objective;

/// Most coordinates for which a search costs little, where no matrix is inverted.
const FEW: usize = 100;

impl Task<'_> {
    /// The minimum; `None` where parameters are left to be searched, where a search costs little, or where the
    /// solution is no proper minimum inside of the constraints.
    pub fn solved(&self) -> Option<Solution> {
        if self.space.active().len() <= FEW && self.plain().inverses.is_empty() {
            return None;
        }
        let plan = self.plan().filter(|plan| plan.is_whole())?;
        let rules = labels::rules(self.model, &self.asked.specification, &self.space, &self.held());
        let candidate = self.solved_by(plan, &rules)?;
        let theta = self.theta(&candidate.at);
        let problem = self.compile(self.plain()).ok()?;
        let inverted = self.plain().inverses.inverted(&theta)?;
        let at = self.plain_parameters(self.plain()).iter().map(|&j| inverted[j]).collect();
        let mut minima = vec![candidate];
        let ranking = self.judge().rank(&mut minima, |m| self.theta(&m.at), |_| None, None);
        let best = minima[0].clone();
        Some(Solution {
            problem,
            at,
            minima,
            ranking,
            ends: vec![best.clone()],
            best,
            rules,
            method: Method::ClosedForm,
            path: objective::Path::Rows,
            outcome: Outcome::Converged,
            quadratic: plan.is_linear(),
            constant: false,
        })
    }

    /// The solution with conventional labels and signs, judged; `None` unless it is a proper minimum inside of
    /// the constraints at which the gradient vanishes.
    fn solved_by(&self, plan: &Plan, rules: &[labels::Rule]) -> Option<Candidate> {
        let columns: Vec<&[f64]> = self.inner.iter().map(Vec::as_slice).collect();
        let rest = self.theta(&vec![0.0; self.space.active().len()]);
        let (solved, _) = plan.solve(&columns, &rest)?;
        let theta = labels::apply(rules, &self.symmetries, &self.frame, &solved);
        let at = self.space.part(&self.space.to_free(self.model, &theta)?);
        let ends = self.space.ends();
        if at.iter().zip(ends).any(|(at, end)| end != Ends::Open && at.abs() > FAR) {
            return None;
        }
        let whole = self.options.covariance == Covariance::Always;
        let found =
            plan.expansion(&columns, &theta, &self.space.slopes(&at), (self.weighing(), whole))?;
        self.evaluations.set(self.evaluations.get() + 1);
        let path = Path {
            at: at.clone(),
            expansion: found.expansion,
            iterations: 1,
            stop: Stop::Arrived,
            noise: 0.0,
        };
        let settled = Settled { path, at, edges: Vec::new() };
        let candidate = Candidate::with(self.observations(), found.losses, settled);
        (candidate.is_proper() && candidate.gradient_norm <= ARRIVED).then_some(candidate)
    }
}
