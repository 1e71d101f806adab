//! From starts to candidates: each start is followed to its end, until enough ends agree.

use std::rc::Rc;

use crate::objective::Curvature;

use super::bounds::{Ends, settle};
use super::candidates::{Candidate, group};
use super::options::{Options, Progress};
use super::surface::Surface;
use super::trust_region::{Limits, Stop, minimise};

/// At most this many times the wanted starts, while they disagree.
const ROUNDS: usize = 4;
const ITERATIONS: usize = 300;
/// Starts of a surface whose Hessian costs a pass a coordinate.
const COSTLY_STARTS: usize = 3;

/// All ends, and whether the user stopped the search.
pub(super) struct Search {
    pub ends: Vec<Candidate>,
    pub interrupted: bool,
}

/// Limits for values below `floor`, with the options' interrupt and progress.
pub(super) fn limits(options: &Options, floor: f64, start: usize, planned: usize) -> Limits {
    let progress = options.progress.clone();
    let watch = progress.map(|progress| {
        let tell = move |iteration, objective| {
            progress(Progress { start, planned, iteration, objective });
        };
        Rc::new(tell) as Rc<dyn Fn(usize, f64)>
    });
    Limits { iterations: ITERATIONS, floor, interrupt: options.interrupt.clone(), watch }
}

/// Follows the starts, in order, in rounds of `options.starts`.
pub(super) fn search(
    surface: &dyn Surface,
    starts: &[Vec<f64>],
    ends: &[Ends],
    floor: f64,
    options: &Options,
) -> Search {
    let round = match surface.curvature() {
        Curvature::Matrix => options.starts.max(1),
        Curvature::Products => options.starts.clamp(1, COSTLY_STARTS),
    };
    let mut search = Search { ends: Vec::new(), interrupted: false };
    for (index, start) in starts.iter().take(ROUNDS * round).enumerate() {
        if index % round == 0 && index > 0 && agree(&search.ends) {
            break;
        }
        let limits = limits(options, floor, index + 1, round * (index / round + 1));
        let Some(path) = minimise(surface, start, &limits) else { continue };
        search.interrupted = path.stop == Stop::Interrupted;
        let settled = settle(surface, start, path, ends, &limits);
        search.ends.push(Candidate::judge(surface, settled));
        if search.interrupted {
            break;
        }
    }
    search
}

/// At least a third of the ends are the best minimum, twice at least.
fn agree(ends: &[Candidate]) -> bool {
    let minima = group(ends);
    minima.first().is_some_and(|best| best.hits >= 2 && best.hits * 3 >= ends.len())
}
