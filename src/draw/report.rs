//! A fit as one page that loads nothing: model, estimates, warnings, figures, formulas,
//! and how to reproduce it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::page::head;
use super::{Theme, panel};
use crate::analysis::{Derivation, Figure, Panel, Sweep};
use crate::fit::{Estimate, Minimum, Outcome, Warning};
use crate::numerics::digits::trimmed;
use crate::report::fit::{
    bootstrap_cells, counted, course, derived_cells, minimum_cells, no_joint_test, parameter_cells,
    place, profile_cells, samples, wald_cells,
};
use crate::report::{Part, Report};
use crate::source::printable;

/// Longest markup of a formula that is included, in bytes; longer ones would slow browsers down.
const LONGEST: usize = 400_000;
/// Significant digits of numbers in sentences.
const DIGITS: usize = 8;

/// The contents of a page.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReportPage<'a> {
    /// The name of the model.
    pub name: &'a str,
    /// The text of the model.
    pub source: &'a str,
    /// The fit with its data and warnings.
    pub report: &'a Report,
    /// The derivation of the objective from the model.
    pub derivation: &'a Derivation,
    /// The model drawn over its data.
    pub figure: &'a Figure,
    /// J along each of some parameters.
    pub sweeps: &'a [Sweep],
}

impl<'a> ReportPage<'a> {
    /// The contents of a page, from the name and the text of the model, the fit and its figures.
    #[must_use]
    pub fn new(
        (name, source): (&'a str, &'a str),
        report: &'a Report,
        derivation: &'a Derivation,
        figure: &'a Figure,
        sweeps: &'a [Sweep],
    ) -> Self {
        Self { name, source, report, derivation, figure, sweeps }
    }
}

/// The page as HTML.
#[must_use]
pub fn report_page(page: &ReportPage<'_>) -> String {
    let ReportPage { name, report, .. } = *page;
    let title = format!("{} on {}", printable(name), printable(&report.data.file));
    let body = html! {
        header { h1 { (title) } p { (summary(report)) } }
        (model(page))
        (estimates(&report.estimate))
        (warnings(report))
        (figures(page.figure))
        (objective(page))
        (formulas(page.derivation))
        (reproduce(report))
    };
    let head = head(&title, None);
    html! { (DOCTYPE) html lang="en" { (head) body { main { (body) } } } }.into_string()
}

/// Outcome, numbers of parameters and rows, and number of warnings, in one sentence.
fn summary(report: &Report) -> String {
    let estimate = &report.estimate;
    let outcome = match estimate.outcome {
        Outcome::Converged => "The fit converged",
        Outcome::NotConverged => "The fit did not converge: the numbers below are its best point",
        Outcome::Unbounded => "The objective has no lower bound: the numbers below mean little",
        Outcome::Interrupted => "The fit was interrupted: the numbers below are its best point",
    };
    let rows = counted(estimate.rows, "row");
    let parameters = counted(estimate.parameters.len(), "parameter");
    let warnings = match report.doubts().len() {
        0 => "there is no warning".to_owned(),
        1 => "there is one warning".to_owned(),
        many => format!("there are {many} warnings"),
    };
    format!("{outcome}; {parameters}, {rows}; {warnings}.")
}

fn model(page: &ReportPage<'_>) -> Markup {
    let roles = &page.report.model.roles;
    let lists =
        [("data", &roles.data), ("covariates", &roles.covariate), ("parameters", &roles.param)];
    html! {
        section {
            h2 { "Model" }
            pre { code { (lines(page.source)) } }
            (formula(page.derivation, Part::LogDensity))
            dl {
                @for (role, names) in lists.iter().filter(|list| !list.1.is_empty()) {
                    dt { (role) }
                    dd { (printable(&names.join(", "))) }
                }
            }
        }
    }
}

/// The lines of a user's text, with control characters made harmless; a tab becomes four blanks.
pub(super) fn lines(source: &str) -> String {
    let line = |line: &str| printable(&line.replace('\t', "    "));
    source.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// A formula as MathML, or, if it is too long, the command that shows it.
fn formula(derivation: &Derivation, part: Part) -> Markup {
    let mathml = derivation.mathml_of(&[part]);
    html! {
        @if mathml.len() <= LONGEST {
            div.scroll tabindex="0" { (PreEscaped(mathml)) }
        } @else {
            p.note { "This formula is too long for a page: " code { "scorematch derive" } " shows it." }
        }
    }
}

fn estimates(estimate: &Estimate) -> Markup {
    html! {
        section {
            h2 { "Estimates" }
            (table(&format!("Estimates with sandwich standard errors and {} % intervals",
                percent(estimate.level)), &parameter_cells(&estimate.parameters, estimate.level)))
            @if !estimate.derived.is_empty() {
                (table("Functions of the parameters, by the delta method",
                    &derived_cells(estimate)))
            }
            @if let Some(bootstrap) = &estimate.bootstrap {
                (table("Bootstrap: standard errors, percentile and BCa intervals",
                    &bootstrap_cells(bootstrap, estimate)))
                p.note { (sentence(&samples(bootstrap))) }
            }
            @if let Some(profile) = &estimate.profile {
                (table("Intervals by the profile of J", &profile_cells(profile, estimate)))
            }
            @if let Some(wald) = &estimate.wald {
                (table("Wald tests of hypotheses", &wald_cells(wald)))
                @if let Some(reason) = wald.reason.as_ref().filter(|_| wald.degrees > 1) {
                    p.note { (sentence(&no_joint_test(reason))) }
                }
            }
            p.note { (sentence(&course(estimate))) }
        }
    }
}

/// A table whose first column names its rows; the first row is the heading.
fn table(caption: &str, cells: &[Vec<String>]) -> Markup {
    let (heading, rows) = cells.split_first().expect("a table has a heading");
    let id = format!("table-{}", heading[0]);
    html! {
        p.note id=(id) { (caption) }
        div.scroll tabindex="0" {
            table aria-labelledby=(id) {
                thead { tr { @for (k, cell) in heading.iter().enumerate() {
                    th scope="col" class=[(k == 0).then_some("left")] { (cell) }
                } } }
                tbody { @for row in rows { tr {
                    th scope="row" { (printable(&row[0])) }
                    @for cell in &row[1..] { td { (cell) } }
                } } }
            }
        }
    }
}

fn warnings(report: &Report) -> Markup {
    let all = report.doubts();
    html! {
        section {
            h2 { "Warnings" }
            @if all.is_empty() { p { "None." } }
            @for Warning { code, message, .. } in all {
                div.warning { p { (sentence(message)) " " code.note { (code) } } }
            }
        }
    }
}

/// A message as a sentence: it begins with a capital and ends with a full stop.
pub(super) fn sentence(message: &str) -> String {
    let text = printable(message);
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    let end = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{end}", letters.as_str())
}

fn figures(figure: &Figure) -> Markup {
    html! {
        section {
            h2 { "Model and data" }
            (panels(&figure.panels))
            @for note in &figure.notes { p.note { (sentence(note)) } }
        }
    }
}

fn panels(panels: &[Panel]) -> Markup {
    html! {
        div.panels {
            @for one in panels {
                figure { (PreEscaped(panel(one, Theme::Page, &alternative(one)))) }
            }
        }
    }
}

/// The description of a panel in words.
fn alternative(panel: &Panel) -> String {
    let layers: Vec<&str> = panel
        .layers
        .iter()
        .filter(|layer| !layer.label.is_empty())
        .map(|layer| layer.label.as_str())
        .collect();
    let what = if panel.title.is_empty() { "rows" } else { &panel.title };
    match panel.is_map {
        true => format!("{what}: {}", layers.join(", ")),
        false => format!("{what}, {} over {}: {}", panel.y.label, panel.x.label, layers.join(", ")),
    }
}

fn objective(page: &ReportPage<'_>) -> Markup {
    let estimate = &page.report.estimate;
    let terms: Vec<String> = estimate
        .terms
        .iter()
        .map(|(name, value)| format!("{name} {}", trimmed(*value, DIGITS)))
        .collect();
    let sum = terms.join(" + ").replace("+ -", "- ");
    html! {
        section {
            h2 { "Objective" }
            p { (estimate.objective_kind) ": J = " (trimmed(estimate.objective, DIGITS)) " = " (sum) "." }
            @if estimate.objective < 0.0 {
                p.note { "A negative J is normal: at the truth it is -½ E‖∇ log p‖², not 0." }
            }
            @if let Some(weight) = &estimate.weight { p { "Weight: " (printable(weight)) (frozen(estimate)) "." } }
            @if let Some(detail) = &estimate.detail { p { (sentence(detail)) } }
            (formula(page.derivation, Part::Loss))
            @if estimate.minima.len() > 1 { (minima(estimate)) }
            @if !page.sweeps.is_empty() {
                h3 { "J along each parameter" }
                (panels(&profiles(page.sweeps, estimate)))
            }
        }
    }
}

fn frozen(estimate: &Estimate) -> String {
    let constant = |(name, value): &(String, f64)| format!(", {name} = {}", trimmed(*value, 6));
    estimate.frozen.iter().map(constant).collect()
}

fn minima(estimate: &Estimate) -> Markup {
    let names = || estimate.parameters.iter().map(|one| one.name.as_str());
    let at = |minimum: &Minimum| printable(&place(names(), &minimum.estimate));
    html! {
        h3 { "Minima" }
        (table("All minima that were found; the first one is reported", &minimum_cells(estimate)))
        @if estimate.parameters.len() <= 12 {
            ul { @for (k, minimum) in estimate.minima.iter().enumerate().skip(1) {
                li.note { "other " (k) ": " (at(minimum)) }
            } }
        }
    }
}

/// A confidence level in per cent.
fn percent(level: f64) -> String {
    trimmed(100.0 * level, 6)
}

fn profiles(sweeps: &[Sweep], estimate: &Estimate) -> Vec<Panel> {
    let named = format!("{} % interval", percent(estimate.level));
    let panel = |sweep: &Sweep| {
        let fitted = estimate.parameters.iter().find(|one| one.name == sweep.parameter)?;
        let interval = fitted.interval.map(|interval| (named.as_str(), interval));
        Some(sweep.panel(fitted.estimate, interval))
    };
    sweeps.iter().filter_map(panel).collect()
}

/// All derived formulas but the log-density and the loss, which have their own sections.
fn formulas(derivation: &Derivation) -> Markup {
    let parts = [Part::Score, Part::Laplacian, Part::Differences, Part::Gradient];
    let mathml = derivation.mathml_of(&parts);
    html! {
        section {
            h2 { "Derivatives" }
            @if mathml.len() <= LONGEST {
                div.scroll tabindex="0" { (PreEscaped(mathml)) }
            } @else {
                p.note { "These formulas are too long for a page: " code { "scorematch derive" } " shows them." }
            }
        }
    }
}

fn reproduce(report: &Report) -> Markup {
    let data = &report.data;
    html! {
        section {
            h2 { "To repeat it" }
            pre { code { (lines(&report.command)) } }
            dl {
                dt { "scorematch" } dd { (env!("CARGO_PKG_VERSION")) }
                dt { "seed" } dd { (report.seed) }
                dt { "data" } dd {
                    (printable(&data.file)) ": " (data.rows) " rows, " (data.used) " used, "
                    (data.dropped) " dropped"
                }
                dt { "digest of the columns in use" } dd { code { (data.digest) } }
            }
        }
    }
}
