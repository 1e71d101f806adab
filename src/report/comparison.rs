//! Comparisons of models as tables and as JSON.

use serde_json::{Value, json};

use super::json::{lines, number, opened, put};
use super::page::Page;
use super::table::{Align, labelled, table};
use super::{trimmed, warnings};
use crate::analysis::{Compared, Comparison, Mean};
use crate::fit::{Outcome, Warning};
use crate::numerics::digits::significant;
use crate::objective::{RowWeights, Transform};

const TITLE: &str = "Comparison of models\n\n";
/// The cell of a missing number.
const NONE: &str = "-";

impl Comparison {
    /// The models, the settings of the comparison, its tables, the choice with
    /// its reason, and warnings.
    #[must_use]
    pub fn text(&self) -> String {
        self.text_on(Page::PLAIN)
    }

    /// The text, laid out for a page.
    #[must_use]
    pub fn text_on(&self, page: Page) -> String {
        let names = self.models.iter().zip(1..);
        let names: String =
            names.map(|(model, place)| labelled(&format!("model {place}"), &model.name)).collect();
        let doubts = warnings::marked(&self.all_doubts(), page);
        let doubts = if doubts.is_empty() { doubts } else { format!("\n{doubts}") };
        page.set(&format!(
            "{TITLE}{names}{}\n{}\n{}{doubts}",
            self.setting(),
            self.tables(),
            labelled("choice", &self.reason())
        ))
    }

    /// Data, objective, weights, clusters and columns of the tables.
    fn setting(&self) -> String {
        let data = format!("{}, {} rows", self.data.join(", "), self.rows);
        let transform = self.transform.map(|one| format!(", in {} coordinates", one.name()));
        let detail = self.detail.as_ref().map(|detail| format!(", {detail}"));
        let kind = [Some(self.objective_kind.to_owned()), transform, detail];
        let kind: String = kind.into_iter().flatten().collect();
        let constants = self.frozen.iter().map(|(name, value)| {
            let value = trimmed(*value, 6);
            format!(", {name} = {value}")
        });
        let constants: String = constants.collect();
        let weight =
            self.weight.as_ref().map(|one| labelled("weight", &format!("{one}{constants}")));
        let rows = self.row_weights.as_ref().map(|RowWeights { column, kind, total, .. }| {
            let total = trimmed(*total, 10);
            labelled("row weights", &format!("`{column}`, {kind}, {total} in all"))
        });
        let clusters = self.clusters.map(|clusters| labelled("clusters", &clusters.to_string()));
        let what = if self.clusters.is_some() { "clusters" } else { "rows" };
        let folds = format!(
            "CV, mean loss of held-out rows in {} folds of {what}, with its standard error; dCV, dSMIC, \
             dKSD, differences from the model with the lowest CV, row by row; * the choice",
            self.folds
        );
        let parts = [
            Some(labelled("data", &data)),
            Some(labelled("objective", &kind)),
            weight,
            rows,
            clusters,
            Some(labelled("columns", &folds)),
        ];
        parts.into_iter().flatten().collect()
    }

    fn tables(&self) -> String {
        let validated = self.table(&["k", "J", "CV", "error", "dCV", "error"], &|model, own| {
            let validation = model.validation.as_ref().ok();
            let loss = pair(validation.map(|one| one.loss), 6);
            let difference = validation.and_then(|one| one.difference).filter(|_| !own);
            let head = [model.parameters.to_string(), significant(model.objective, 6)];
            head.into_iter().chain(loss).chain(pair(difference, 4)).collect()
        });
        let heading = ["SMIC/n", "dSMIC/n", "error", "KSD", "dKSD", "error", "log-lik./n"];
        let others = self.table(&heading, &|model, own| {
            let [smic, ksd] = [model.smic_difference, model.ksd_difference]
                .map(|difference| pair(difference.filter(|_| !own), 4));
            let mut cells = vec![optional(model.smic, 6)];
            cells.extend(smic);
            cells.push(optional(model.ksd, 4));
            cells.extend(ksd);
            cells.push(optional(model.log_likelihood, 6));
            cells
        });
        format!("{validated}\n{others}")
    }

    /// A line for each model, with an asterisk at the chosen one; `cells` takes a model and whether
    /// it has the lowest held-out loss.
    fn table(&self, heading: &[&str], cells: &dyn Fn(&Compared, bool) -> Vec<String>) -> String {
        let heading = std::iter::once("model").chain(heading.iter().copied()).map(str::to_owned);
        let heading: Vec<String> = heading.collect();
        let align = vec![Align::Right; heading.len()];
        let row = |(model, place): (&Compared, usize)| {
            let mark = if self.choice == Some(place) { "*" } else { "" };
            let name = format!("{mark}{}", place + 1);
            let cells = cells(model, self.best == Some(place));
            std::iter::once(name).chain(cells).collect()
        };
        let rows = self.models.iter().zip(0..).map(row);
        table(&std::iter::once(heading).chain(rows).collect::<Vec<_>>(), &align)
    }

    /// The chosen model in a sentence, with the reason of the choice.
    fn reason(&self) -> String {
        let (Some(choice), Some(best)) = (self.choice, self.best) else {
            return "none: no model has a held-out loss".to_owned();
        };
        let Compared { name, parameters, validation, .. } = &self.models[choice];
        let model = format!("model {}, `{name}`", choice + 1);
        let numbers = if *parameters == 1 { "parameter" } else { "parameters" };
        let difference = validation.as_ref().ok().and_then(|one| one.difference);
        match difference.filter(|_| choice != best) {
            None if self.models.iter().all(|one| one.parameters >= *parameters) => {
                format!(
                    "{model}: its held-out loss is the lowest, and no model has fewer parameters"
                )
            }
            None => format!(
                "{model}: its held-out loss is the lowest, and no model with fewer parameters comes \
                 within one standard error of it"
            ),
            Some(Mean { value, std_error, .. }) => format!(
                "{model}: with {parameters} {numbers} it has the fewest of the models whose held-out \
                 loss is within one standard error of the lowest, that of model {} (difference {}, \
                 standard error {})",
                best + 1,
                significant(value, 3),
                significant(std_error, 3)
            ),
        }
    }

    /// Warnings about the comparison, then about each fit, with the name of its model.
    #[must_use]
    pub fn all_doubts(&self) -> Vec<Warning> {
        let fits = self
            .models
            .iter()
            .flat_map(|model| model.warnings.iter().map(|one| one.clone().about(&model.name)));
        self.warnings.iter().cloned().chain(fits).collect()
    }

    /// The comparison as JSON, one top-level key a line.
    #[must_use]
    pub fn json(&self) -> String {
        let mut object = opened();
        put(&mut object, "seed", self.seed);
        put(&mut object, "n", self.rows);
        put(&mut object, "data", self.data.clone());
        put(&mut object, "objective_kind", self.objective_kind);
        put(&mut object, "weight", self.weight.clone());
        put(&mut object, "transform", self.transform.map(Transform::name));
        let frozen = self.frozen.iter().map(|(name, value)| (name.clone(), number(*value)));
        put(&mut object, "frozen", Value::Object(frozen.collect()));
        if let Some(detail) = &self.detail {
            put(&mut object, "detail", detail.as_str());
        }
        if let Some(RowWeights { column, kind, total, .. }) = &self.row_weights {
            let kind = kind.name();
            let weights = json!({"column": column, "kind": kind, "total": number(*total)});
            put(&mut object, "row_weights", weights);
        }
        if let Some(clusters) = self.clusters {
            put(&mut object, "clusters", clusters);
        }
        put(&mut object, "folds", self.folds);
        put(&mut object, "ksd_rows", self.ksd_rows);
        let name = |place: Option<usize>| place.map(|place| self.models[place].name.clone());
        put(&mut object, "models", self.models.iter().map(model).collect::<Vec<_>>());
        put(&mut object, "best", name(self.best));
        put(&mut object, "choice", name(self.choice));
        put(&mut object, "reason", self.reason());
        put(&mut object, "warnings", warnings::entries(&self.warnings));
        lines(&object)
    }
}

fn model(model: &Compared) -> Value {
    let estimate = model.estimate.iter().map(|(name, value)| (name.clone(), number(*value)));
    let validation = model.validation.as_ref();
    let mean = |mean: Option<Mean>| {
        let json = |Mean { value, std_error, .. }| json!({"value": number(value), "std_error": number(std_error)});
        mean.map(json)
    };
    json!({
        "name": model.name,
        "parameters": model.parameters,
        "converged": model.outcome == Outcome::Converged,
        "objective": number(model.objective),
        "cv": mean(validation.ok().map(|one| one.loss)),
        "cv_difference": mean(validation.ok().and_then(|one| one.difference)),
        "folds_from_scratch": validation.ok().map(|one| one.anew),
        "no_cv": validation.err().map(ToString::to_string),
        "smic": model.smic.map(number),
        "smic_difference": mean(model.smic_difference),
        "ksd": model.ksd.map(number),
        "ksd_difference": mean(model.ksd_difference),
        "log_likelihood": model.log_likelihood.map(number),
        "estimate": Value::Object(estimate.collect()),
        "warnings": warnings::entries(&model.warnings),
    })
}

/// The cells of a mean and its standard error.
fn pair(mean: Option<Mean>, digits: usize) -> [String; 2] {
    [optional(mean.map(|one| one.value), digits), optional(mean.map(|one| one.std_error), 3)]
}

fn optional(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| significant(value, digits))
}
