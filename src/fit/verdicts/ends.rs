//! About where the starts ended.

use std::collections::BTreeSet;

use super::{Findings, enumerate, few, warning};
use crate::fit::bounds::Edge;
use crate::fit::candidates::{Candidate, Verdict};
use crate::fit::domain::AsWritten;
use crate::fit::labels::Rule;
use crate::fit::rank::{Criterion, Ranking};
use crate::fit::{Outcome, Status, Warning};

/// Entries of a flat direction below this share of the largest are left out.
const ENTRY_NAMED: f64 = 1e-3;
const ENTRIES_NAMED: usize = 6;

pub(super) fn warnings(findings: &Findings<'_>) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = Vec::new();
    warnings.extend(unbounded(findings));
    warnings.extend(collapse(findings));
    warnings.extend(ambiguous(findings));
    warnings.extend(unidentified(findings));
    if findings.specification.is_binary() {
        warnings.extend(separation(findings));
    } else {
        warnings.extend(findings.edges.iter().flat_map(|&edge| at_edge(findings, edge)));
    }
    warnings.extend(flat_directions(findings));
    warnings.extend(conventions(findings));
    warnings
}

fn culprits(candidate: &Candidate) -> &[usize] {
    match &candidate.verdict {
        Verdict::Collapsed(rows) => rows,
        Verdict::Proper | Verdict::Unfinished => &[],
    }
}

/// `rows 3 and 17 (x = 78)`
fn named_rows(findings: &Findings<'_>, rows: &BTreeSet<usize>) -> String {
    let number = |&row: &usize| (u64::from(findings.original_rows[row]) + 1).to_string();
    let word = if rows.len() == 1 { "row" } else { "rows" };
    let values: BTreeSet<u64> =
        rows.iter().map(|&row| findings.columns[0][row].to_bits()).collect();
    let value = match (values.first(), values.len(), findings.model.data().first()) {
        (Some(&bits), 1, Some(x)) => format!(" ({} = {})", x.name, f64::from_bits(bits)),
        _ => String::new(),
    };
    format!("{word} {}{value}", few(rows.iter().map(number).collect()))
}

fn unbounded(findings: &Findings<'_>) -> Option<Warning> {
    if findings.outcome != Outcome::Unbounded {
        return None;
    }
    let rows = culprits(findings.best).iter().copied().collect();
    let named = named_rows(findings, &rows);
    Some(warning(
        "unbounded-objective",
        format!(
            "the objective falls without bound{}; no proper minimum was found. Bound the scale from \
             below, or choose start values",
            match shrank(findings, &[findings.best]) {
                true => format!(" as the model concentrates on {named}"),
                false => format!(", most of all in {named}"),
            }
        ),
    ))
}

fn collapse(findings: &Findings<'_>) -> Option<Warning> {
    // Losses of binary data are not negative.
    if findings.specification.is_binary() {
        return None;
    }
    let collapsed: Vec<&Candidate> =
        findings.ends.iter().filter(|end| !culprits(end).is_empty()).collect();
    if collapsed.is_empty() || findings.outcome == Outcome::Unbounded {
        return None;
    }
    let rows = collapsed.iter().flat_map(|end| culprits(end)).copied().collect();
    let named = named_rows(findings, &rows);
    let (count, all) = (collapsed.len(), findings.ends.len());
    Some(warning(
        "collapse",
        format!(
            "{count} of {all} starts were discarded: a few rows carried the objective there, most of \
             all {named}, and where a model can concentrate on rows it has no lower bound"
        ),
    ))
}

/// Whether each of these ends lies on so few different values that a component can have shrunk onto
/// all of them. A curve passes through rows as it should.
fn shrank(findings: &Findings<'_>, collapsed: &[&Candidate]) -> bool {
    let parameters = findings.space.active().len();
    let different = |end: &&Candidate| {
        let values = |&row: &usize| -> Vec<u64> {
            findings.columns.iter().map(|column| column[row].to_bits()).collect()
        };
        culprits(end).iter().map(values).collect::<BTreeSet<_>>().len()
    };
    findings.model.conditions().is_empty()
        && collapsed.iter().all(|end| different(end) <= parameters)
}

/// What is low at a good minimum.
type Measure = fn(&Candidate) -> Option<f64>;

/// The measures disagree on the best minimum, or another is as good as the reported one.
fn ambiguous(findings: &Findings<'_>) -> Option<Warning> {
    if is_separated(findings) {
        return None;
    }
    let Ranking { criterion, close } = findings.ranking;
    let measures: [(&str, Measure); 3] = [
        ("J", |minimum| Some(minimum.value())),
        ("SMIC", |minimum| Some(minimum.smic)),
        ("the KSD", |minimum| minimum.ksd),
    ];
    // Given covariates the KSD prefers flat curves.
    let covariates = !findings.model.conditions().is_empty();
    let measures = if covariates { &measures[..2] } else { &measures[..] };
    let mut doubts: Vec<String> = measures
        .iter()
        .filter_map(|(name, measure)| Some((name, preferred(findings, *measure)?)))
        .map(|(name, k)| format!("{name} is lowest at other {k}"))
        .collect();
    let near: Vec<String> = close.iter().map(|k| format!("other {k}")).collect();
    if !near.is_empty() {
        doubts.push(format!("{} cannot be told from it within one standard error", few(near)));
    }
    let by = match criterion {
        Criterion::LogLikelihood => "has the highest likelihood",
        Criterion::Stein => "has the lowest kernel Stein discrepancy (KSD)",
        Criterion::Smic => "has the lowest SMIC",
    };
    (!doubts.is_empty()).then(|| {
        warning(
            "ambiguous-minimum",
            format!(
                "of {} minima the one reported {by}, but {}. Compare the list of minima",
                findings.minima.len(),
                enumerate(&doubts)
            ),
        )
    })
}

/// The position of the minimum at which a measure is lowest, unless that is the reported one or as
/// good; `None` too where some minimum has no such measure.
fn preferred(findings: &Findings<'_>, measure: Measure) -> Option<usize> {
    let values: Vec<f64> = findings.minima.iter().map(measure).collect::<Option<_>>()?;
    let (k, lowest) = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?;
    let size = findings.best.path.expansion.magnitude;
    (k > 0 && values[0] - lowest > 1e-9 * size.max(values[0].abs())).then_some(k)
}

/// Parameters that log p does not contain, and those that only add to it.
fn unidentified(findings: &Findings<'_>) -> Option<Warning> {
    let graph = findings.model.graph();
    let reached = graph.reachable(&[findings.model.log_density()]);
    let inputs = findings.model.parameter_inputs();
    let contained = |&j: &usize| reached[graph.input_node(inputs[j]).index()];
    let (scales, absent): (Vec<usize>, Vec<usize>) =
        findings.unidentified.iter().copied().partition(contained);
    let named = |set: &[usize]| -> String {
        enumerate(&set.iter().map(|&j| format!("`{}`", findings.name(j))).collect::<Vec<_>>())
    };
    let mut causes = Vec::new();
    if !absent.is_empty() {
        causes.push(format!("log p does not contain {}", named(&absent)));
    }
    if !scales.is_empty() {
        let blind = match findings.specification.is_binary() {
            true => "it compares log p at the two values of an entry, which does not show",
            false => "score matching cannot see",
        };
        let names = named(&scales);
        causes.push(format!(
            "the objective does not depend on {names}: {blind} what only scales the density"
        ));
    }
    (!causes.is_empty()).then(|| warning("unidentified", causes.join("; ")))
}

/// Perfect predictions, and bounds as elsewhere.
fn separation(findings: &Findings<'_>) -> Vec<Warning> {
    let (endless, bounds): (Vec<Edge>, Vec<Edge>) =
        findings.edges.iter().copied().partition(|edge| edge.status == Status::AtInfinity);
    let mut warnings: Vec<Warning> =
        bounds.into_iter().filter_map(|edge| at_edge(findings, edge)).collect();
    let active = findings.space.active();
    let runs =
        |&j: &usize| endless.iter().any(|edge| findings.space.depends(j, active[edge.coordinate]));
    let named = (0..findings.model.parameters().len()).filter(runs);
    let names: Vec<String> = named.map(|j| format!("`{}`", findings.name(j))).collect();
    if !names.is_empty() {
        let message = format!(
            "some entries are predicted perfectly, and better still the farther {} go: the objective \
             falls to a limit that no finite values reach. These estimates only say how far the \
             search went; the errors of the others hold where they are. Leave out what predicts \
             these entries, or bound the parameters",
            few(names)
        );
        warnings.push(warning("separation", message));
    }
    warnings
}

/// Whether parameters run to infinity: each end then stopped at another place.
fn is_separated(findings: &Findings<'_>) -> bool {
    findings.specification.is_binary()
        && findings.edges.iter().any(|edge| edge.status == Status::AtInfinity)
}

fn at_edge(findings: &Findings<'_>, edge: Edge) -> Option<Warning> {
    let all = findings.space.active()[edge.coordinate];
    let parameters = 0..findings.model.parameters().len();
    let names: Vec<String> = parameters
        .filter(|&j| findings.space.depends(j, all))
        .map(|j| format!("`{}`", findings.name(j)))
        .collect();
    let names = enumerate(&names);
    match edge.status {
        Status::AtBound => Some(warning(
            "at-bound",
            format!(
                "{names} lies on its bound; the errors of the others hold on the condition that it \
                 stays there"
            ),
        )),
        Status::AtInfinity => Some(warning(
            "at-infinity",
            format!(
                "{names} grows without limit while the objective stays the same: the data point to the \
                 simpler model for {names} → ∞. The errors of the others hold on that condition"
            ),
        )),
        Status::Interior | Status::Fixed | Status::Unidentified => None,
    }
}

fn flat_directions(findings: &Findings<'_>) -> Option<Warning> {
    let null = &findings.uncertainty?.null;
    let words: Vec<String> = null.iter().map(|change| direction(findings, change)).collect();
    (!words.is_empty()).then(|| {
        warning(
            "flat-direction",
            format!(
                "the data do not decide these joint changes of parameters: {}. Parameters in them have \
                 no standard error; hold one of them fixed",
                words.join("; ")
            ),
        )
    })
}

/// `w1 : w2 = 1 : 0.5`
fn direction(findings: &Findings<'_>, change: &[f64]) -> String {
    let largest =
        change.iter().copied().fold(0.0, |m: f64, v| if v.abs() > m.abs() { v } else { m });
    let mut entries: Vec<(usize, f64)> = change.iter().map(|v| v / largest).enumerate().collect();
    entries.retain(|(_, share)| share.abs() >= ENTRY_NAMED);
    let more = if entries.len() > ENTRIES_NAMED { " : …" } else { "" };
    entries.truncate(ENTRIES_NAMED);
    let names: Vec<&str> = entries.iter().map(|&(j, _)| findings.name(j)).collect();
    if names.len() == 1 {
        return format!("{} alone", names[0]);
    }
    let shares: Vec<String> = entries.iter().map(|(_, share)| format!("{share:.3}")).collect();
    format!("{}{more} = {}{more}", names.join(" : "), shares.join(" : "))
}

/// A note that another labelling is the same fit.
fn conventions(findings: &Findings<'_>) -> Option<Warning> {
    let mut notes: Vec<String> = findings.rules.iter().filter_map(|r| note(findings, r)).collect();
    let heads = findings.rules.iter().filter_map(|rule| match rule {
        Rule::Sign(group) if group.len() > 1 => Some(format!("`{}`", findings.name(group[0]))),
        Rule::Sign(_)
        | Rule::Together(_)
        | Rule::Exchange { .. }
        | Rule::Turn { .. }
        | Rule::Wrap(_) => None,
    });
    let heads: Vec<String> = heads.collect();
    if !heads.is_empty() {
        notes.push(format!(
            "the entries that begin with {} may change sign together: the largest is positive",
            enumerate(&heads)
        ));
    }
    notes.extend(joint_signs(findings));
    (!notes.is_empty()).then(|| warning("labels", notes.join("; ")))
}

/// Sets that change sign together, each by its first parameter and, where they are few, the others.
fn joint_signs(findings: &Findings<'_>) -> Vec<String> {
    let sets = findings.rules.iter().filter_map(|rule| match rule {
        Rule::Together(set) => set.split_first(),
        Rule::Sign(_) | Rule::Exchange { .. } | Rule::Turn { .. } | Rule::Wrap(_) => None,
    });
    let (heads, others): (Vec<usize>, Vec<&[usize]>) =
        sets.map(|(&head, others)| (head, others)).unzip();
    if heads.len() > ENTRIES_NAMED {
        let heads = first_of(findings, &heads);
        return vec![format!("{heads} may change sign, each with others: they are positive")];
    }
    let one = |(&head, others): (&usize, &[usize])| {
        let (head, others) = (findings.name(head), first_of(findings, others));
        format!("`{head}` may change sign together with {others}: `{head}` is reported positive")
    };
    heads.iter().zip(others).map(one).collect()
}

/// The names of the first of these parameters, and how many there are besides.
fn first_of(findings: &Findings<'_>, parameters: &[usize]) -> String {
    let first = parameters.iter().take(ENTRIES_NAMED);
    let mut named: Vec<String> = first.map(|&j| format!("`{}`", findings.name(j))).collect();
    if parameters.len() > ENTRIES_NAMED {
        named.push(format!("{} more", parameters.len() - ENTRIES_NAMED));
    }
    enumerate(&named)
}

/// Whether log p as written has a value in the first row where the sign of parameter `j` is the other
/// one. The score forgets that log(s) has none at -s.
fn has_value_negated(findings: &Findings<'_>, j: usize) -> bool {
    let mut theta = findings.raw.to_vec();
    theta[j] = -theta[j];
    let first: Vec<&[f64]> = findings.columns.iter().map(|column| &column[..1]).collect();
    AsWritten::of(findings.model, &first).is_defined(&theta, 1)
}

fn note(findings: &Findings<'_>, rule: &Rule) -> Option<String> {
    match rule {
        Rule::Exchange { slots, .. } => {
            let heads: Vec<String> =
                slots.iter().map(|slot| format!("`{}`", findings.name(slot[0]))).collect();
            let heads = enumerate(&heads);
            Some(format!("components can trade places and are put in order ({heads})"))
        }
        Rule::Sign(group) if group.len() == 1 => {
            let name = findings.name(group[0]);
            has_value_negated(findings, group[0])
                .then(|| format!("`{name}` enters up to its sign and is reported positive"))
        }
        Rule::Sign(_) | Rule::Together(_) => None,
        Rule::Turn { size, angle } => {
            let (size, angle) = (findings.name(*size), findings.name(*angle));
            Some(format!("`{size}` is reported positive, with `{angle}` turned to match"))
        }
        Rule::Wrap(angle) => Some(format!("`{}` is an angle in (-π, π]", findings.name(*angle))),
    }
}
