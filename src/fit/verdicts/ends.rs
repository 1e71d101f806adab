//! Warnings about the ends of the starts: no minimum, several ones, parameters without an estimate.

use std::collections::BTreeSet;

use super::{Findings, NAMED, enumerate, few, unnamed};
use crate::fit::bounds::Edge;
use crate::fit::candidates::{Candidate, Verdict};
use crate::fit::domain::AsWritten;
use crate::fit::labels::Rule;
use crate::fit::rank::{Criterion, Ranking};
use crate::fit::{Outcome, Status, Warning};

/// Entries of a flat direction below this share of the largest are left out.
const ENTRY_NAMED: f64 = 1e-3;
/// Most entries of a direction, and most parameters of a set, that are named.
const ENTRIES_NAMED: usize = 6;
/// Most rows that are named.
const ROWS_NAMED: usize = 5;

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

/// The rows onto which the model shrank at an end; none at others.
fn culprits(candidate: &Candidate) -> &[usize] {
    match &candidate.verdict {
        Verdict::Collapsed(rows) => rows,
        Verdict::Proper | Verdict::Unfinished => &[],
    }
}

/// `rows 3 and 17 (x = 78)`, with at most this many rows.
fn named_rows(findings: &Findings<'_>, rows: &BTreeSet<usize>, most: usize) -> String {
    let number = |&row: &usize| (u64::from(findings.original_rows.at(row)) + 1).to_string();
    let word = if rows.len() == 1 { "row" } else { "rows" };
    let values: BTreeSet<u64> =
        rows.iter().map(|&row| findings.columns[0][row].to_bits()).collect();
    let value = match (values.first(), values.len(), findings.model.data().first()) {
        (Some(&bits), 1, Some(x)) => format!(" ({} = {})", x.name, f64::from_bits(bits)),
        _ => String::new(),
    };
    format!("{word} {}{value}", few(&rows.iter().map(number).collect::<Vec<_>>(), most))
}

fn unbounded(findings: &Findings<'_>) -> Option<Warning> {
    if findings.outcome != Outcome::Unbounded {
        return None;
    }
    let rows = culprits(findings.best).iter().copied().collect();
    let [short, named] = [NAMED, ROWS_NAMED].map(|most| named_rows(findings, &rows, most));
    let meaning = match shrank(findings, &[findings.best]) {
        true => format!("No proper minimum was found: the model concentrates on {named}"),
        false => format!("No proper minimum was found: J falls most of all in {named}"),
    };
    let headline = format!("the objective falls without bound, most of all in {short}");
    let warning = Warning::new("unbounded-objective", headline).meaning(meaning);
    Some(warning.remedy("Bound the scale from below, or choose start values"))
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
    let named = named_rows(findings, &rows, ROWS_NAMED);
    let (count, all) = (collapsed.len(), findings.ends.len());
    let headline =
        format!("{count} of {all} starts were discarded: a few rows carried the objective there");
    let warning = Warning::new("collapse", headline)
        .meaning(format!("Most of all these were {named}"))
        .meaning("Where a model can concentrate on rows the objective has no lower bound");
    Some(warning.remedy("Bound a scale from below if many are lost"))
}

/// Whether each of these ends has no more distinct culprits than the model has parameters, so that a component
/// can have shrunk onto them. A curve that passes through its rows has not.
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

/// A number that is low at a good minimum.
type Measure = fn(&Candidate) -> Option<f64>;

/// A warning where the measures disagree on the best minimum, or another one is as good as the reported one.
fn ambiguous(findings: &Findings<'_>) -> Option<Warning> {
    if is_separated(findings) {
        return None;
    }
    let Ranking { criterion, close } = findings.ranking;
    let measures: [(&str, Measure); 3] = [
        ("J", |minimum| Some(minimum.value())),
        ("SMIC", |minimum| Some(minimum.smic)),
        ("KSD", |minimum| minimum.ksd),
    ];
    // Given covariates the KSD prefers flat curves, and beside a likelihood it is the poorer judge.
    let covariates = !findings.model.conditions().is_empty();
    let surpassed = covariates || *criterion == Criterion::LogLikelihood;
    let measures = if surpassed { &measures[..2] } else { &measures[..] };
    let elsewhere: Vec<(&str, usize)> = measures
        .iter()
        .filter_map(|(name, measure)| Some((*name, preferred(findings, *measure)?)))
        .collect();
    if elsewhere.is_empty() && close.is_empty() {
        return None;
    }
    let by = match criterion {
        Criterion::LogLikelihood => "highest likelihood",
        Criterion::Stein => "lowest KSD",
        Criterion::Smic => "lowest SMIC",
    };
    let names: Vec<String> = elsewhere.iter().map(|(name, _)| (*name).to_owned()).collect();
    let lower = (!names.is_empty()).then(|| format!("another has a lower {}", enumerate(&names)));
    let near = match close.len() {
        0 => None,
        1 => Some("1 other is as good".to_owned()),
        more => Some(format!("{more} others are as good")),
    };
    let doubts: Vec<String> = lower.into_iter().chain(near).collect();
    let count = findings.minima.len();
    let doubts = doubts.join("; ");
    let headline = format!("of {count} minima the one reported has the {by}; {doubts}");
    let mut sentences: Vec<String> =
        elsewhere.iter().map(|(name, k)| format!("{name} is lowest at other {k}")).collect();
    if !close.is_empty() {
        let near: Vec<String> = close.iter().map(|k| format!("other {k}")).collect();
        let near = few(&near, ROWS_NAMED);
        sentences.push(format!("{near} cannot be told from it within one standard error"));
    }
    let warning = Warning::new("ambiguous-minimum", headline).meaning(enumerate(&sentences));
    Some(warning.remedy("Compare the list of minima"))
}

/// The position of the minimum at which a measure is lowest, unless that is the reported one or as
/// good; `None` too where some minimum has no such measure.
fn preferred(findings: &Findings<'_>, measure: Measure) -> Option<usize> {
    let values: Vec<f64> = findings.minima.iter().map(measure).collect::<Option<_>>()?;
    let (k, lowest) = values.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1))?;
    let size = findings.best.path.expansion.magnitude;
    (k > 0 && values[0] - lowest > 1e-9 * size.max(values[0].abs())).then_some(k)
}

/// A warning about parameters that log p does not contain, and those that only add to it.
fn unidentified(findings: &Findings<'_>) -> Option<Warning> {
    let graph = findings.model.graph();
    let reached = graph.reachable(&[findings.model.log_density()]);
    let inputs = findings.model.parameter_inputs();
    let contained = |&j: &usize| reached[graph.input_node(inputs[j]).index()];
    let (scales, absent): (Vec<usize>, Vec<usize>) =
        findings.unidentified.iter().copied().partition(contained);
    let [absent, scales] = [absent, scales].map(|set| findings.quoted(&set));
    let mut causes = Vec::new();
    if !absent.is_empty() {
        causes.push(format!("log p does not contain {}", few(&absent, NAMED)));
    }
    if !scales.is_empty() {
        causes.push(format!("the objective does not depend on {}", few(&scales, NAMED)));
    }
    if causes.is_empty() {
        return None;
    }
    let blind = match (scales.is_empty(), findings.specification.is_binary()) {
        (true, _) => "",
        (false, true) => {
            "It compares log p at the two values of an entry, which does not show what only scales the \
             density"
        }
        (false, false) => "Score matching cannot see what only scales the density",
    };
    let remedy = match findings.unidentified {
        [_] => "Leave it out, or hold it by `--fix`",
        _ => "Leave them out, or hold them by `--fix`",
    };
    let warning = Warning::new("unidentified", causes.join("; ")).meaning(blind);
    let warning = warning.meaning(unnamed(&absent, NAMED)).meaning(unnamed(&scales, NAMED));
    Some(warning.remedy(remedy))
}

/// Warnings about binary data: one on entries that are predicted perfectly, others on bounds.
fn separation(findings: &Findings<'_>) -> Vec<Warning> {
    let (endless, bounds): (Vec<Edge>, Vec<Edge>) =
        findings.edges.iter().copied().partition(|edge| edge.status == Status::AtInfinity);
    let mut warnings: Vec<Warning> =
        bounds.into_iter().filter_map(|edge| at_edge(findings, edge)).collect();
    let active = findings.space.active();
    let runs =
        |&j: &usize| endless.iter().any(|edge| findings.space.depends(j, active[edge.coordinate]));
    let named = (0..findings.model.parameters().len()).filter(runs);
    let names = findings.quoted(&named.collect::<Vec<_>>());
    if !names.is_empty() {
        let headline = format!(
            "some entries are predicted perfectly as {} run to infinity",
            few(&names, NAMED)
        );
        let warning = Warning::new("separation", headline)
            .meaning("The objective falls to a limit that no finite values reach")
            .meaning(unnamed(&names, NAMED))
            .meaning("These estimates only say how far the search went")
            .meaning("The errors of the others hold where they are")
            .remedy("Leave out what predicts them, or bound the parameters");
        warnings.push(warning);
    }
    warnings
}

/// Whether parameters run to infinity: each end then stopped at another place.
fn is_separated(findings: &Findings<'_>) -> bool {
    findings.specification.is_binary()
        && findings.edges.iter().any(|edge| edge.status == Status::AtInfinity)
}

/// A warning about a coordinate on its bound or on the way to infinity.
fn at_edge(findings: &Findings<'_>, edge: Edge) -> Option<Warning> {
    let all = findings.space.active()[edge.coordinate];
    let parameters = 0..findings.model.parameters().len();
    let names: Vec<usize> = parameters.filter(|&j| findings.space.depends(j, all)).collect();
    let names = findings.quoted(&names);
    let (short, more) = (few(&names, NAMED), unnamed(&names, NAMED));
    match edge.status {
        Status::AtBound => Some(
            Warning::new("at-bound", format!("{short} lies on its bound"))
                .meaning(more)
                .meaning("The errors of the others hold on the condition that it stays there")
                .remedy("If the bound is meant, `--fix` writes that down"),
        ),
        Status::AtInfinity => {
            let headline = format!("{short} grows without limit while J stays the same");
            let warning = Warning::new("at-infinity", headline)
                .meaning(more)
                .meaning("The data point to that limit of the model")
                .meaning("The errors of the others hold on that condition");
            Some(warning.remedy(format!("Write the simpler model for {short} → ∞")))
        }
        Status::Interior | Status::Fixed | Status::Unidentified => None,
    }
}

/// A warning about directions in which neither J nor the loss of a row changes.
fn flat_directions(findings: &Findings<'_>) -> Option<Warning> {
    let null = &findings.uncertainty?.null;
    let first = direction(findings, null.first()?, NAMED);
    let headline = match null.len() {
        1 => format!("the data do not decide the joint change {first}"),
        more => format!("the data do not decide {more} joint changes, one of them {first}"),
    };
    let change = |change: &Vec<f64>| direction(findings, change, ENTRIES_NAMED);
    let all: Vec<String> = null.iter().map(change).collect();
    let undecided = match all.as_slice() {
        [only] if *only == first => String::new(),
        _ => format!("Undecided are {}", all.join("; ")),
    };
    let warning = Warning::new("flat-direction", headline)
        .meaning(undecided)
        .meaning("Parameters in such a change have no standard error");
    Some(warning.remedy("Hold one of them by `--fix`"))
}

/// `w1 : w2 = 1 : 0.5`, with at most this many parameters.
fn direction(findings: &Findings<'_>, change: &[f64], most: usize) -> String {
    let largest =
        change.iter().copied().fold(0.0, |m: f64, v| if v.abs() > m.abs() { v } else { m });
    let mut entries: Vec<(usize, f64)> = change.iter().map(|v| v / largest).enumerate().collect();
    entries.retain(|(_, share)| share.abs() >= ENTRY_NAMED);
    let more = if entries.len() > most { " : …" } else { "" };
    entries.truncate(most);
    let names: Vec<&str> = entries.iter().map(|&(j, _)| findings.name(j)).collect();
    if names.len() == 1 {
        return format!("{} alone", names[0]);
    }
    let shares: Vec<String> = entries.iter().map(|(_, share)| format!("{share:.3}")).collect();
    format!("{}{more} = {}{more}", names.join(" : "), shares.join(" : "))
}

/// A note on the labelling that was chosen of several that are the same fit.
fn conventions(findings: &Findings<'_>) -> Option<Warning> {
    let mut notes: Vec<String> = findings.rules.iter().filter_map(|r| note(findings, r)).collect();
    let single = notes.len();
    let heads = findings.rules.iter().filter_map(|rule| match rule {
        Rule::Sign(group) if group.len() > 1 => Some(group[0]),
        Rule::Sign(_)
        | Rule::Together(_)
        | Rule::Exchange { .. }
        | Rule::Turn { .. }
        | Rule::Wrap(_) => None,
    });
    let heads = findings.quoted(&heads.collect::<Vec<_>>());
    if !heads.is_empty() {
        notes.push(format!(
            "the entries that begin with {} may change sign together: the largest is positive",
            enumerate(&heads)
        ));
    }
    notes.extend(joint_signs(findings));
    let (headline, in_full) = match (notes.as_slice(), single) {
        ([], _) => return None,
        ([only], 1) => (only.clone(), String::new()),
        _ => (labelling(findings), format!("In full: {}", notes.join("; "))),
    };
    Some(Warning::new("labels", headline).meaning(in_full))
}

/// What was chosen, by kind of convention, with the first parameters of each.
fn labelling(findings: &Findings<'_>) -> String {
    let [mut ordered, mut positive, mut angles] = [Vec::new(), Vec::new(), Vec::new()];
    for rule in findings.rules {
        match rule {
            Rule::Exchange { slots, .. } => ordered.extend(slots.iter().map(|slot| slot[0])),
            Rule::Sign(group) if group.len() > 1 || has_value_negated(findings, group[0]) => {
                positive.push(group[0]);
            }
            Rule::Sign(_) => {}
            Rule::Together(set) => positive.push(set[0]),
            Rule::Turn { size, .. } => positive.push(*size),
            Rule::Wrap(angle) => angles.push(*angle),
        }
    }
    let kinds = [
        (ordered, "components are put in order"),
        (positive, "signs are chosen"),
        (angles, "angles lie in (-π, π]"),
    ];
    let told = kinds.iter().filter(|(of, _)| !of.is_empty());
    let told = told.map(|(of, what)| format!("{what} ({})", few(&findings.quoted(of), NAMED)));
    told.collect::<Vec<_>>().join("; ")
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

/// The names of the first of these parameters, and the number of the others.
fn first_of(findings: &Findings<'_>, parameters: &[usize]) -> String {
    few(&findings.quoted(parameters), ENTRIES_NAMED)
}

/// Whether log p as written has a value in the first row where parameter `j` has the other sign. The score
/// does not show that log(s) has no value at -s.
fn has_value_negated(findings: &Findings<'_>, j: usize) -> bool {
    let mut theta = findings.raw.to_vec();
    theta[j] = -theta[j];
    let first: Vec<&[f64]> = findings.columns.iter().map(|column| &column[..1]).collect();
    AsWritten::of(findings.model, &first).is_defined(&theta, 1)
}

/// The convention of a rule in words, where it is told by itself.
fn note(findings: &Findings<'_>, rule: &Rule) -> Option<String> {
    match rule {
        Rule::Exchange { slots, .. } => {
            let heads: Vec<usize> = slots.iter().map(|slot| slot[0]).collect();
            let heads = few(&findings.quoted(&heads), ENTRIES_NAMED);
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
