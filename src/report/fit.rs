//! A fit as text: model, data, method, J, a table of the parameters, minima, warnings.

use super::page::Page;
use super::table::{Align, hanging, labelled, table};
use super::{MatrixFacts, ModelFacts, Report, warnings};
use crate::analysis::Timing;
use crate::fit::{
    Bootstrap, Derived, Estimate, FittedParameter, Method, Minimum, Outcome, Profile,
    ProfileInterval, Resampled, Status, Wald,
};
use crate::graph::Function;
use crate::numerics::digits::{significant, trimmed};
use crate::objective::{Kind, Path, RowWeights, Transform};
use crate::source::{Warning, by_weight};

/// Told where J is negative, as it is for a good fit.
const SIGN_OF_J: &str = "(J < 0 is normal: at the truth it is -1/2 E|grad log p|^2, not 0)";

/// A search has arrived within this distance of the solution, in standard errors.
const ARRIVED: f64 = 1e-6;
/// Most parameters for which other minima are written out.
const PLACES_MAX: usize = 12;
/// Most characters of the model's text that a report shows.
const FORMULA_MAX: usize = 700;

impl Report {
    /// The fit as a table, at most 80 columns wide where names and formulas allow it.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_on(Page::PLAIN)
    }

    /// The fit as a table, set for a page.
    #[must_use]
    pub fn text_on(&self, page: Page) -> String {
        let estimate = &self.estimate;
        let blocks = [
            self.head(),
            objective_lines(
                &Setting {
                    kind: estimate.objective_kind,
                    detail: estimate.detail.as_deref(),
                    weight: estimate.weight.as_deref(),
                    frozen: &estimate.frozen,
                    transform: estimate.transform,
                    row_weights: estimate.row_weights.as_ref(),
                    clusters: estimate.clusters,
                },
                estimate.objective,
                &estimate.terms,
                &estimate.components,
            ) + &self.likelihood(),
            parameter_table(estimate, &self.rows_of_table()),
            self.matrices()
                .map(|one| one.tables(&estimate.parameters))
                .collect::<Vec<_>>()
                .join("\n"),
            derived_table(estimate),
            estimate.bootstrap.as_ref().map(|it| bootstrap_table(it, estimate)).unwrap_or_default(),
            estimate.profile.as_ref().map(|it| profile_table(it, estimate)).unwrap_or_default(),
            estimate.wald.as_ref().map(wald_table).unwrap_or_default(),
            other_minima(estimate),
            warnings::marked(self.doubts(), page),
            self.timing.as_ref().map(Timing::marked).unwrap_or_default(),
        ];
        let blocks: Vec<_> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
        page.set(&blocks.join("\n"))
    }

    /// All warnings about model, data and fit, the gravest first.
    #[must_use]
    pub fn doubts(&self) -> Vec<&Warning> {
        by_weight(self.warnings.iter().chain(&self.estimate.warnings))
    }

    fn head(&self) -> String {
        let data = &self.data;
        let dropped = match data.dropped {
            0 => String::new(),
            dropped => format!(", {dropped} dropped"),
        };
        let rows = format!("{}: {} rows, {} used{dropped}", data.file, data.rows, data.used);
        let free = self.estimate.parameters.iter().filter(|one| one.status != Status::Fixed);
        let rows = format!("{rows}; {}", counted(free.count(), "parameter"));
        let method = labelled("method", &course(&self.estimate));
        [self.model.marked(), labelled("data", &rows), method].concat()
    }

    /// The log-likelihood of all rows, where the ranking of minima computed it. Empty where a table has those of
    /// several minima, where the fit is not of the density on the whole declared domain, and for binary data and
    /// covariates, whose likelihood is that of entries given the others or of some rows only.
    fn likelihood(&self) -> String {
        let estimate = &self.estimate;
        let [only] = estimate.minima.as_slice() else { return String::new() };
        let whole = estimate.objective_kind == Kind::Hyvarinen.name()
            && estimate.transform.is_none()
            && estimate.row_weights.is_none()
            && self.model.roles.covariate.is_empty();
        let mean = only.log_likelihood.filter(|mean| whole && mean.is_finite());
        mean.map_or_else(String::new, |mean| {
            let total = trimmed(mean * estimate.rows as f64, 8);
            labelled("log-lik.", &format!("{total}, {} a row", trimmed(mean, 6)))
        })
    }

    /// Parameters that are shown as matrices.
    fn matrices(&self) -> impl Iterator<Item = &MatrixFacts> {
        self.model.matrices.iter().filter(|one| one.is_plain(&self.estimate.parameters))
    }

    /// Places of the parameters that are rows of the table.
    fn rows_of_table(&self) -> Vec<usize> {
        let places = 0..self.estimate.parameters.len();
        places.filter(|j| !self.matrices().any(|one| one.parameters.contains(j))).collect()
    }
}

impl ModelFacts {
    /// The text, a statement a line; one that would fill the screen is cut.
    fn formula(&self) -> String {
        let mut left = FORMULA_MAX;
        let mut lines = Vec::new();
        for statement in &self.formulas {
            match statement.char_indices().nth(left) {
                Some((end, _)) => {
                    lines.push(format!("{} … (`derive` shows all)", &statement[..end]));
                    break;
                }
                None => lines.push(statement.clone()),
            }
            left -= statement.chars().count();
        }
        let label = |k: usize| if k == 0 { "model" } else { "" };
        lines.iter().enumerate().map(|(k, line)| labelled(label(k), line)).collect()
    }

    /// The model as understood, on labelled lines.
    #[must_use]
    pub fn text(&self) -> String {
        Page::PLAIN.set(&self.marked())
    }

    pub(super) fn marked(&self) -> String {
        let roles: Vec<&str> = self.declarations.lines().collect();
        [self.formula(), labelled("roles", &roles.join("; "))].concat()
    }
}

/// How the fit was found and how it ended, in a sentence, with the reason where it did not converge.
pub(crate) fn course(estimate: &Estimate) -> String {
    let method = match (estimate.method, estimate.path) {
        (Method::ClosedForm, Path::Moments) => "closed form from moments",
        (Method::ClosedForm, Path::Rows | Path::Auto) => "closed form",
        (Method::Moments, _) => "Newton on moments",
        (Method::Newton, _) => "trust-region Newton",
        (Method::Lbfgs, _) => "limited-memory quasi-Newton",
    };
    let iterations = match estimate.method {
        Method::ClosedForm => String::new(),
        Method::Moments | Method::Newton | Method::Lbfgs => iterations(estimate),
    };
    let distance = estimate.gradient_norm;
    let far = format!("; {} standard errors from the solution", trimmed(distance, 2));
    let far = if distance > ARRIVED && distance.is_finite() { far } else { String::new() };
    let outcome = match estimate.outcome {
        Outcome::Converged if iterations.is_empty() => return format!("{method}{far}"),
        Outcome::Converged => return format!("{method}, converged in {iterations}{far}"),
        Outcome::NotConverged => "NOT CONVERGED",
        Outcome::Unbounded => "UNBOUNDED objective",
        Outcome::Interrupted => "INTERRUPTED",
    };
    let after = if iterations.is_empty() { iterations } else { format!(" ({iterations})") };
    format!("{method}, {outcome}: {}{after}{far}", estimate.stop_reason)
}

fn iterations(estimate: &Estimate) -> String {
    let starts = estimate.starts;
    let iterations = counted(estimate.iterations, "iteration");
    match starts.tried {
        0 | 1 => iterations,
        tried => format!("{iterations}, {} of {tried} starts", starts.converged),
    }
}

pub(crate) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// An objective with its weight and whatever else it was asked for.
pub(super) struct Setting<'a> {
    pub kind: &'a str,
    pub detail: Option<&'a str>,
    pub weight: Option<&'a str>,
    pub frozen: &'a [(String, f64)],
    pub transform: Option<Transform>,
    pub row_weights: Option<&'a RowWeights>,
    pub clusters: Option<usize>,
}

impl Setting<'_> {
    /// Lines on weights of rows and clusters, where there are some.
    fn rows(&self) -> String {
        let weights = self.row_weights.map(|RowWeights { column, kind, total, .. }| {
            let total = trimmed(*total, 10);
            labelled("row weights", &format!("`{column}`, {kind}, {total} in all"))
        });
        let clusters = self.clusters.map(|clusters| labelled("clusters", &clusters.to_string()));
        weights.into_iter().chain(clusters).collect()
    }
}

/// J, its terms, and its parts by component.
pub(super) fn objective_lines(
    setting: &Setting<'_>,
    objective: f64,
    terms: &[(&'static str, f64)],
    components: &[(String, f64)],
) -> String {
    let terms: Vec<_> =
        terms.iter().map(|(name, value)| format!("{name} {}", trimmed(*value, 8))).collect();
    let sum = format!("{} = {}", trimmed(objective, 8), terms.join(" + ").replace(" + -", " - "));
    let by = |(name, value): &(String, f64)| format!("{name} {}", trimmed(*value, 8));
    let split = match components {
        [] | [_] => String::new(),
        several => labelled("", &format!("by component: {}", list(several.iter().map(by)))),
    };
    let note = if objective < 0.0 { labelled("", SIGN_OF_J) } else { String::new() };
    let transform = setting.transform.map(|one| format!(", in {} coordinates", one.name()));
    let detail = setting.detail.map(|detail| format!(", {detail}"));
    let kind = [Some(setting.kind.to_owned()), transform, detail];
    let kind: String = kind.into_iter().flatten().collect();
    let constants = setting.frozen.iter().map(|(name, value)| {
        let value = trimmed(*value, 6);
        format!(", {name} = {value}")
    });
    let constants: String = constants.collect();
    let weight = setting.weight.map(|weight| labelled("weight", &format!("{weight}{constants}")));
    let weight = weight.unwrap_or_default();
    let head = format!("{}{weight}{}", labelled("objective", &kind), setting.rows());
    format!("{head}{}{split}{note}", labelled("J", &sum))
}

fn list(entries: impl Iterator<Item = String>) -> String {
    entries.collect::<Vec<_>>().join(", ")
}

/// Which columns a table of parameters has beside name and estimate.
struct Columns {
    z: bool,
    status: bool,
}

/// The parameters at these places.
fn parameter_table(estimate: &Estimate, places: &[usize]) -> String {
    if places.is_empty() {
        return String::new();
    }
    let parameters: Vec<_> = places.iter().map(|&j| estimate.parameters[j].clone()).collect();
    let rows = parameter_cells(&parameters, estimate.level);
    let status = has_status(&parameters);
    let right = rows[0].len() - 1 - usize::from(status);
    let mut align = vec![Align::Left];
    align.extend(vec![Align::Right; right]);
    align.extend(status.then_some(Align::Left));
    table(&rows, &align)
}

fn has_status(parameters: &[FittedParameter]) -> bool {
    parameters.iter().any(|one| one.status != Status::Interior)
}

/// The table of parameters by cells, its heading first.
pub(crate) fn parameter_cells(parameters: &[FittedParameter], level: f64) -> Vec<Vec<String>> {
    let z = parameters.iter().any(|p| z_statistic(p).is_some());
    let columns = Columns { z, status: has_status(parameters) };
    let mut heading = interval_heading("parameter", level);
    if columns.z {
        heading.extend(words(&["z", "p"]));
    }
    if columns.status {
        heading.push(String::new());
    }
    std::iter::once(heading).chain(parameters.iter().map(|p| row(p, &columns))).collect()
}

fn row(parameter: &FittedParameter, columns: &Columns) -> Vec<String> {
    let cell = |value: Option<f64>, digits| value.map_or_else(dash, |v| significant(v, digits));
    let mut cells = vec![
        parameter.name.clone(),
        significant(parameter.estimate, 7),
        cell(parameter.std_error, 4),
        cell(parameter.interval.map(|(low, _)| low), 6),
        cell(parameter.interval.map(|(_, high)| high), 6),
    ];
    if columns.z {
        let z = z_statistic(parameter);
        cells.push(z.map_or_else(dash, |z| format!("{z:.2}")));
        cells.push(z.map_or_else(dash, |z| probability(two_sided(z))));
    }
    if columns.status {
        cells.push(remark(parameter.status).to_owned());
    }
    cells
}

/// The names of the columns of a table of estimates with intervals of this level.
fn interval_heading(first: &str, level: f64) -> Vec<String> {
    let end = |share: f64| format!("{}%", trimmed(100.0 * share, 6));
    let outside = 0.5 * (1.0 - level);
    let mut heading = words(&[first, "estimate", "std. error"]);
    heading.extend([end(outside), end(1.0 - outside)]);
    heading
}

fn derived_table(estimate: &Estimate) -> String {
    if estimate.derived.is_empty() {
        return String::new();
    }
    let [left, right] = [Align::Left, Align::Right];
    table(&derived_cells(estimate), &[left, right, right, right, right, left])
}

/// The table of functions of the parameters by cells, its heading first.
pub(crate) fn derived_cells(estimate: &Estimate) -> Vec<Vec<String>> {
    let derived = &estimate.derived;
    let mut heading = interval_heading("expression", estimate.level);
    let explained = derived.iter().any(|one| one.reason.is_some());
    heading.extend(explained.then(String::new));
    let row = |one: &Derived| {
        let cell = |value: Option<f64>, digits| value.map_or_else(dash, |v| significant(v, digits));
        let mut cells = vec![
            one.expression.clone(),
            cell(one.estimate, 7),
            cell(one.std_error, 4),
            cell(one.interval.map(|(low, _)| low), 6),
            cell(one.interval.map(|(_, high)| high), 6),
        ];
        cells.extend(explained.then(|| one.reason.clone().unwrap_or_default()));
        cells
    };
    std::iter::once(heading).chain(derived.iter().map(row)).collect()
}

fn bootstrap_table(bootstrap: &Bootstrap, estimate: &Estimate) -> String {
    let [left, right] = [Align::Left, Align::Right];
    let cells =
        table(&bootstrap_cells(bootstrap, estimate), &[left, right, right, right, right, right]);
    format!("{cells}{}\n", hanging(&samples(bootstrap), 4))
}

/// The number of samples of a bootstrap, and whether they are of rows or of clusters.
pub(crate) fn samples(bootstrap: &Bootstrap) -> String {
    let drawn = format!("{} of {}", counted(bootstrap.replicates, "sample"), bootstrap.unit.name());
    match bootstrap.failed {
        0 => drawn,
        failed => format!("{drawn}, {failed} without a minimum near the estimate left out"),
    }
}

/// The table of a bootstrap by cells, its heading first.
pub(crate) fn bootstrap_cells(bootstrap: &Bootstrap, estimate: &Estimate) -> Vec<Vec<String>> {
    let usual = interval_heading("bootstrap", estimate.level);
    let mut heading = vec![usual[0].clone()];
    heading.extend_from_slice(&usual[2..]);
    heading.extend(usual[3..].iter().map(|end| format!("BCa {end}")));
    let cell = |value: Option<f64>, digits| value.map_or_else(dash, |v| significant(v, digits));
    let ends = |pair: Option<(f64, f64)>| {
        let [low, high] = [pair.map(|(low, _)| low), pair.map(|(_, high)| high)];
        [cell(low, 6), cell(high, 6)]
    };
    let row = |one: &Resampled| {
        let mut cells = vec![one.name.clone(), cell(one.std_error, 4)];
        cells.extend(ends(one.percentile));
        cells.extend(ends(one.bca));
        cells
    };
    let all = bootstrap.parameters.iter().chain(&bootstrap.derived);
    std::iter::once(heading).chain(all.map(row)).collect()
}

fn profile_table(profile: &Profile, estimate: &Estimate) -> String {
    let [left, right] = [Align::Left, Align::Right];
    table(&profile_cells(profile, estimate), &[left, right, right])
}

/// The table of intervals by the profile of J by cells, its heading first.
pub(crate) fn profile_cells(profile: &Profile, estimate: &Estimate) -> Vec<Vec<String>> {
    let usual = interval_heading("profile", estimate.level);
    let heading = vec![usual[0].clone(), usual[3].clone(), usual[4].clone()];
    let cell = |end: Option<f64>| end.map_or_else(dash, |end| significant(end, 6));
    let row = |one: &ProfileInterval| vec![one.name.clone(), cell(one.low), cell(one.high)];
    std::iter::once(heading).chain(profile.parameters.iter().map(row)).collect()
}

fn wald_table(wald: &Wald) -> String {
    let [left, right] = [Align::Left, Align::Right];
    let cells = table(&wald_cells(wald), &[left, right, right, right, right, right, left]);
    let reason = wald.reason.as_ref().filter(|_| wald.degrees > 1);
    let reason = reason.map(|reason| format!("{}\n", hanging(&no_joint_test(reason), 4)));
    format!("{cells}{}", reason.unwrap_or_default())
}

/// Why hypotheses are not tested together.
pub(crate) fn no_joint_test(reason: &str) -> String {
    format!("no joint test: {reason}")
}

/// The table of hypotheses by cells, its heading first; where there are several the joint test stands last.
pub(crate) fn wald_cells(wald: &Wald) -> Vec<Vec<String>> {
    let mut heading = words(&["hypothesis", "estimate", "value", "chi2", "df", "p"]);
    let explained = wald.hypotheses.iter().any(|one| one.reason.is_some());
    heading.extend(explained.then(String::new));
    let cell = |value: Option<f64>, digits| value.map_or_else(dash, |v| significant(v, digits));
    let test = |chi2: Option<f64>, degrees: usize, p: Option<f64>| {
        let p = p.map_or_else(dash, probability);
        [chi2.map_or_else(dash, |chi2| format!("{chi2:.2}")), degrees.to_string(), p]
    };
    let mut rows = vec![heading];
    for one in &wald.hypotheses {
        let mut row = vec![one.text.clone(), cell(one.estimate, 7), trimmed(one.value, 7)];
        row.extend(test(one.chi2, 1, one.p));
        row.extend(explained.then(|| one.reason.clone().unwrap_or_default()));
        rows.push(row);
    }
    if wald.degrees > 1 {
        let mut row = words(&["all together", "", ""]);
        row.extend(test(wald.chi2, wald.degrees, wald.p));
        rows.push(row);
    }
    rows
}

fn remark(status: Status) -> &'static str {
    match status {
        Status::Interior => "",
        Status::AtBound => "at bound",
        Status::AtInfinity => "to infinity",
        Status::Fixed => "held fixed",
        Status::Unidentified => "not identified",
    }
}

/// z = estimate/error of a parameter without constraint, for which a test of zero makes sense.
pub(super) fn z_statistic(parameter: &FittedParameter) -> Option<f64> {
    let error = parameter.std_error.filter(|error| parameter.unconstrained && *error > 0.0)?;
    Some(parameter.estimate / error)
}

/// P(|Z| > |z|) of a standard normal Z.
pub(super) fn two_sided(z: f64) -> f64 {
    Function::Erfc.eval(z.abs() / std::f64::consts::SQRT_2)
}

/// The minima beside the reported one.
fn other_minima(estimate: &Estimate) -> String {
    let Some((_, others)) = estimate.minima.split_first().filter(|(_, others)| !others.is_empty())
    else {
        return String::new();
    };
    let right = [Align::Right; 5];
    let align: Vec<Align> = std::iter::once(Align::Left).chain(right).collect();
    let cells = table(&minimum_cells(estimate), &align);
    format!("{cells}{}", places(others, &estimate.parameters))
}

fn mark(i: usize) -> String {
    if i == 0 { "reported".to_owned() } else { format!("other {i}") }
}

/// The table of minima by cells, its heading first.
pub(crate) fn minimum_cells(estimate: &Estimate) -> Vec<Vec<String>> {
    let heading = words(&["minimum", "J", "SMIC/n", "KSD", "log-lik./n", "starts"]);
    let rows = estimate.minima.iter().enumerate().map(|(i, m)| minimum_row(mark(i), m));
    std::iter::once(heading).chain(rows).collect()
}

/// The parameters at the other minima, where they are few enough to be read.
fn places(others: &[Minimum], parameters: &[FittedParameter]) -> String {
    if parameters.len() > PLACES_MAX {
        return "(`--format json` has their parameters)\n".to_owned();
    }
    let names = || parameters.iter().map(|parameter| parameter.name.as_str());
    let line = |(i, m): (usize, &Minimum)| labelled(&mark(i + 1), &place(names(), &m.estimate));
    others.iter().enumerate().map(line).collect()
}

fn minimum_row(mark: String, minimum: &Minimum) -> Vec<String> {
    let (objective, smic) = (significant(minimum.objective, 7), significant(minimum.smic, 7));
    let optional = |value: Option<f64>, digits| value.map_or_else(dash, |v| significant(v, digits));
    let (ksd, likelihood) = (optional(minimum.ksd, 4), optional(minimum.log_likelihood, 7));
    vec![mark, objective, smic, ksd, likelihood, minimum.hits.to_string()]
}

pub(crate) fn place<'a>(names: impl Iterator<Item = &'a str>, values: &[f64]) -> String {
    list(names.zip(values).map(|(name, value)| format!("{name} = {}", trimmed(*value, 7))))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn dash() -> String {
    "-".to_owned()
}

/// A p value, to four decimals.
fn probability(p: f64) -> String {
    if p < 0.0001 { "<0.0001".to_owned() } else { format!("{p:.4}") }
}
