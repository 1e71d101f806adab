//! Gibbs sweeps over binary entries (Geman and Geman 1984); the chains are rows of one program.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::markov::{Plan, RowDraws, combined};
use super::{Draws, Error, Subject, stream_of};
use crate::numerics::parallel::parallel;
use crate::numerics::rng::Stream;
use crate::objective::Specification;
use crate::program::{Layout, Program};

const CHAINS: usize = 32;
const WARMUP: usize = 500;

/// For each binary entry, a program of the difference between log p and log p with the entry at its
/// other value, and its two values.
struct Entries {
    differences: Vec<Program>,
    values: Vec<(f64, f64)>,
}

/// Draws of the data by component; with covariates, those of the first row first.
pub(super) fn draws(subject: &Subject<'_>, found: &mut Draws) -> Result<Vec<Vec<f64>>, Error> {
    let entries = Entries::new(subject)?;
    let plan = Plan::new(subject, CHAINS, WARMUP);
    (found.chains, found.length) = (plan.chains, plan.length);
    let (rows, done) = (subject.conditions(), AtomicUsize::new(0));
    let one = |row: usize| {
        let x = states(subject, &entries, row, plan)?;
        subject.options.tell(done.fetch_add(1, Ordering::Relaxed) + 1, rows);
        Ok(RowDraws::of(subject, &x, plan, 0, 0))
    };
    combined(parallel(rows, subject.options.threads, one), found)
}

impl Entries {
    fn new(subject: &Subject<'_>) -> Result<Self, Error> {
        let model = subject.model;
        let mut graph = model.graph().clone();
        let specification = Specification::of(model).map_err(|_| Error::Mixed)?;
        let differences = specification.seen(&mut graph, model.log_density());
        let mut rows: Vec<_> = model.data().iter().map(|one| one.input).collect();
        if !subject.given.is_empty() {
            rows.extend(model.covariates().iter().map(|one| one.input));
        }
        let layout = Layout { rows, parameters: model.parameter_inputs() };
        let program = |difference| Program::compile(&graph, &layout, &[difference]);
        let values = |one: &crate::model::Component| {
            one.support.values().expect("all data of the model are binary")
        };
        Ok(Self {
            differences: differences.into_iter().map(program).collect(),
            values: model.data().iter().map(values).collect(),
        })
    }

    /// Draws each entry given the others, in all chains.
    fn sweep(
        &self,
        x: &mut [Vec<f64>],
        given: &[Vec<f64>],
        theta: &[f64],
        streams: &mut [Stream],
    ) -> Result<(), Error> {
        for (k, program) in self.differences.iter().enumerate() {
            let columns: Vec<&[f64]> = x.iter().chain(given).map(Vec::as_slice).collect();
            let differences = program.rows(&columns, theta, 1).swap_remove(0);
            let (low, high) = self.values[k];
            let column = x[k].iter_mut().zip(differences).zip(&mut *streams);
            for ((value, difference), stream) in column {
                if difference.is_nan() {
                    return Err(Error::Undefined);
                }
                // The probability that the entry keeps its value.
                let stay = 1.0 / (1.0 + (-difference).exp());
                if stream.uniform() >= stay {
                    *value = if *value == low { high } else { low };
                }
            }
        }
        Ok(())
    }
}

/// The states of all chains by component, one chain after another.
fn states(
    subject: &Subject<'_>,
    entries: &Entries,
    row: usize,
    plan: Plan,
) -> Result<Vec<Vec<f64>>, Error> {
    let mut streams: Vec<Stream> =
        (0..plan.chains).map(|chain| stream_of(subject.options, row, chain)).collect();
    let start = |&(low, high): &(f64, f64), streams: &mut [Stream]| -> Vec<f64> {
        streams.iter_mut().map(|one| if one.uniform() < 0.5 { low } else { high }).collect()
    };
    let mut x: Vec<Vec<f64>> =
        entries.values.iter().map(|values| start(values, &mut streams)).collect();
    let condition = subject.condition(row);
    let given: Vec<Vec<f64>> = condition.iter().map(|&z| vec![z; plan.chains]).collect();
    let mut states = vec![vec![0.0; plan.chains * plan.length]; x.len()];
    for step in 0..plan.warmup + plan.length {
        if subject.options.interrupt.is_raised() {
            return Err(Error::Interrupted);
        }
        entries.sweep(&mut x, &given, subject.theta, &mut streams)?;
        if step >= plan.warmup {
            for (states, x) in states.iter_mut().zip(&x) {
                for (chain, value) in x.iter().enumerate() {
                    states[chain * plan.length + step - plan.warmup] = *value;
                }
            }
        }
    }
    Ok(states)
}
