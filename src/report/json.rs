//! JSON: the keys of each report in their fixed order.

use serde_json::{Map, Value, json};

use super::fit::{two_sided, z_statistic};
use super::warnings;
use super::{Report, SCHEMA};
use crate::analysis::{Evaluation, Normaliser, Timing};
use crate::fit::{
    Bootstrap, Derived, Estimate, FittedParameter, Method, Minimum, Outcome, Profile,
    ProfileInterval, Resampled, Status, TestedHypothesis, Wald,
};
use crate::objective::{RowWeights, Transform};

impl Report {
    /// The fit as JSON, one top-level key a line.
    #[must_use]
    pub fn json(&self) -> String {
        let mut object = opened();
        self.provenance(&mut object);
        self.objective(&mut object);
        course(&self.estimate, &mut object);
        result(&self.estimate, &mut object);
        put(&mut object, "warnings", warnings::entries(self.doubts()));
        timed(&mut object, self.timing.as_ref());
        lines(&object)
    }

    fn provenance(&self, object: &mut Map<String, Value>) {
        let (data, roles) = (&self.data, &self.model.roles);
        put(object, "command", self.command.as_str());
        put(object, "seed", self.seed);
        let data = json!({
            "file": data.file, "digest": data.digest,
            "rows": data.rows, "used": data.used, "dropped": data.dropped,
        });
        put(object, "data", data);
        put(object, "model", self.model.text.as_str());
        put(object, "n", self.estimate.rows);
        put(object, "dim", self.estimate.dimension);
        let roles = json!({"data": roles.data, "covariate": roles.covariate, "param": roles.param});
        put(object, "roles", roles);
    }

    fn objective(&self, object: &mut Map<String, Value>) {
        let estimate = &self.estimate;
        put(object, "objective_kind", estimate.objective_kind);
        put(object, "objective", number(estimate.objective));
        put(object, "terms", numbers(&estimate.terms));
        put(object, "objective_by_component", split(&estimate.components));
        put(object, "weight", estimate.weight.clone());
        put(object, "transform", estimate.transform.map(Transform::name));
        put(object, "frozen", numbers(&estimate.frozen));
        if let Some(detail) = &estimate.detail {
            put(object, "detail", detail.as_str());
        }
        counted(object, estimate.row_weights.as_ref(), estimate.clusters);
    }
}

/// The weights of the rows and the number of clusters, if there are any.
fn counted(object: &mut Map<String, Value>, weights: Option<&RowWeights>, clusters: Option<usize>) {
    if let Some(RowWeights { column, kind, total, .. }) = weights {
        let weights = json!({"column": column, "kind": kind.name(), "total": number(*total)});
        put(object, "row_weights", weights);
    }
    if let Some(clusters) = clusters {
        put(object, "clusters", clusters);
    }
}

/// How the fit proceeded: method, convergence, starts and minima.
fn course(estimate: &Estimate, object: &mut Map<String, Value>) {
    let starts = estimate.starts;
    put(object, "method", estimate.method.name());
    put(object, "path", estimate.path.name());
    put(object, "converged", estimate.outcome == Outcome::Converged);
    put(object, "stop_reason", estimate.stop_reason.as_str());
    put(object, "iterations", estimate.iterations);
    put(object, "gradient_norm", number(estimate.gradient_norm));
    let starts = json!({
        "tried": starts.tried, "converged": starts.converged,
        "collapsed": starts.collapsed, "failed": starts.failed,
    });
    put(object, "starts", starts);
    put(object, "minima", estimate.minima.iter().map(minimum).collect::<Vec<_>>());
}

/// The results of the fit: parameters, estimates, intervals, tests, covariance.
fn result(estimate: &Estimate, object: &mut Map<String, Value>) {
    put(object, "level", number(estimate.level));
    put(object, "parameters", estimate.parameters.iter().map(parameter).collect::<Vec<_>>());
    if !estimate.derived.is_empty() {
        put(object, "estimates", estimate.derived.iter().map(derived).collect::<Vec<_>>());
    }
    if let Some(found) = &estimate.bootstrap {
        put(object, "bootstrap", bootstrap(found));
    }
    if let Some(Profile { parameters, .. }) = &estimate.profile {
        let parameters = parameters.iter().map(profile_interval).collect::<Vec<_>>();
        put(object, "profile", json!({"parameters": parameters}));
    }
    if let Some(found) = &estimate.wald {
        put(object, "wald", wald(found));
    }
    let row = |row: &Vec<f64>| row.iter().copied().map(number).collect::<Vec<_>>();
    let covariance =
        estimate.covariance.as_ref().map(|rows| rows.iter().map(row).collect::<Vec<_>>());
    let errors = estimate.parameters.iter().any(|parameter| parameter.std_error.is_some());
    let se_method = (errors || covariance.is_some()).then_some("sandwich");
    put(object, "covariance", covariance);
    put(object, "se_method", se_method);
    put(object, "scaled_condition", estimate.scaled_condition.map(number));
}

impl Evaluation {
    /// The evaluation as JSON, one top-level key a line.
    #[must_use]
    pub fn json(&self) -> String {
        let mut object = opened();
        put(&mut object, "n", self.rows);
        put(&mut object, "objective_kind", self.objective_kind);
        put(&mut object, "objective", number(self.objective));
        put(&mut object, "terms", numbers(&self.terms));
        put(&mut object, "objective_by_component", split(&self.components));
        put(&mut object, "weight", self.weight.clone());
        put(&mut object, "transform", self.transform.map(Transform::name));
        put(&mut object, "frozen", numbers(&self.frozen));
        if let Some(detail) = &self.detail {
            put(&mut object, "detail", detail.as_str());
        }
        counted(&mut object, self.row_weights.as_ref(), self.clusters);
        put(&mut object, "gradient", numbers(&self.gradient));
        if let Some((_, value)) = &self.divergence {
            put(&mut object, "fisher_divergence", number(*value));
        }
        if let Some(found) = &self.normalised {
            let one =
                |f: fn(&Normaliser) -> f64| found.normaliser.as_ref().map(|one| number(f(one)));
            put(&mut object, "log_normaliser", one(|one| one.log));
            put(&mut object, "log_normaliser_error", one(|one| one.error));
            put(&mut object, "log_likelihood", number(found.log_likelihood));
            let quantiles = found.quantiles.iter();
            let quantile =
                |(share, value): &(f64, f64)| json!({"share": share, "value": number(*value)});
            put(&mut object, "quantiles", quantiles.map(quantile).collect::<Vec<_>>());
        }
        put(&mut object, "warnings", warnings::entries(&self.warnings));
        timed(&mut object, self.timing.as_ref());
        lines(&object)
    }
}

/// An object with the keys that every report begins with: the versions of the JSON
/// layout and of the program.
#[must_use]
pub fn opened() -> Map<String, Value> {
    let mut object = Map::new();
    put(&mut object, "schema", SCHEMA);
    put(&mut object, "version", env!("CARGO_PKG_VERSION"));
    object
}

/// A number, or null if it is not finite.
#[must_use]
pub fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn numbers(named: &[(impl AsRef<str>, f64)]) -> Value {
    let pairs = named.iter().map(|(name, value)| (name.as_ref().to_owned(), number(*value)));
    Value::Object(pairs.collect())
}

/// J by component; null where the domains do not split it into components.
fn split(components: &[(String, f64)]) -> Value {
    if components.is_empty() { Value::Null } else { numbers(components) }
}

pub(super) fn put(object: &mut Map<String, Value>, key: &str, value: impl Into<Value>) {
    object.insert(key.to_owned(), value.into());
}

/// The times, if they were asked for.
fn timed(object: &mut Map<String, Value>, timing: Option<&Timing>) {
    if let Some(timing) = timing {
        put(object, "timing", timing.value());
    }
}

/// An object as text, one key a line; a list of objects or lists has one entry a line.
pub(super) fn lines(object: &Map<String, Value>) -> String {
    let entry = |(key, value): (&String, &Value)| format!("  {}: {}", json!(key), inner(value));
    format!("{{\n{}\n}}\n", object.iter().map(entry).collect::<Vec<_>>().join(",\n"))
}

fn inner(value: &Value) -> String {
    match value {
        Value::Array(entries) if entries.iter().any(|e| e.is_object() || e.is_array()) => {
            let entries: Vec<_> = entries.iter().map(|entry| format!("    {entry}")).collect();
            format!("[\n{}\n  ]", entries.join(",\n"))
        }
        other => other.to_string(),
    }
}

fn minimum(minimum: &Minimum) -> Value {
    json!({
        "objective": number(minimum.objective),
        "smic": number(minimum.smic),
        "ksd": minimum.ksd.map(number),
        "log_likelihood": minimum.log_likelihood.map(number),
        "hits": minimum.hits,
        "estimate": minimum.estimate.iter().copied().map(number).collect::<Vec<_>>(),
    })
}

fn parameter(parameter: &FittedParameter) -> Value {
    let z = z_statistic(parameter);
    json!({
        "name": parameter.name,
        "estimate": number(parameter.estimate),
        "std_error": parameter.std_error.map(number),
        "ci_low": parameter.interval.map(|(low, _)| number(low)),
        "ci_high": parameter.interval.map(|(_, high)| number(high)),
        "z": z.map(number),
        "p": z.map(two_sided).map(number),
        "status": parameter.status.name(),
    })
}

fn derived(derived: &Derived) -> Value {
    let value = json!({
        "expression": derived.expression,
        "estimate": derived.estimate.map(number),
        "std_error": derived.std_error.map(number),
        "ci_low": derived.interval.map(|(low, _)| number(low)),
        "ci_high": derived.interval.map(|(_, high)| number(high)),
    });
    explained(value, derived.reason.as_deref())
}

fn bootstrap(bootstrap: &Bootstrap) -> Value {
    let all = |several: &[Resampled]| several.iter().map(resampled).collect::<Vec<_>>();
    json!({
        "replicates": bootstrap.replicates,
        "failed": bootstrap.failed,
        "unit": bootstrap.unit.name(),
        "parameters": all(&bootstrap.parameters),
        "derived": all(&bootstrap.derived),
    })
}

fn resampled(resampled: &Resampled) -> Value {
    let ends =
        |interval: Option<(f64, f64)>| interval.map(|(low, high)| [number(low), number(high)]);
    json!({
        "name": resampled.name,
        "std_error": resampled.std_error.map(number),
        "percentile": ends(resampled.percentile),
        "bca": ends(resampled.bca),
    })
}

/// The interval; an end that does not exist is null.
fn profile_interval(interval: &ProfileInterval) -> Value {
    let ends = [interval.low.map(number), interval.high.map(number)];
    json!({"name": interval.name, "interval": ends})
}

fn wald(wald: &Wald) -> Value {
    let value = json!({
        "hypotheses": wald.hypotheses.iter().map(hypothesis).collect::<Vec<_>>(),
        "chi2": wald.chi2.map(number),
        "df": wald.degrees,
        "p": wald.p.map(number),
    });
    explained(value, wald.reason.as_deref())
}

fn hypothesis(hypothesis: &TestedHypothesis) -> Value {
    let value = json!({
        "text": hypothesis.text,
        "estimate": hypothesis.estimate.map(number),
        "value": number(hypothesis.value),
        "chi2": hypothesis.chi2.map(number),
        "p": hypothesis.p.map(number),
    });
    explained(value, hypothesis.reason.as_deref())
}

/// The object, with the reason why a value in it is null, if there is one.
fn explained(mut value: Value, reason: Option<&str>) -> Value {
    if let Some(reason) = reason {
        value["reason"] = reason.into();
    }
    value
}

impl Method {
    /// The name in reports, such as `closed-form`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ClosedForm => "closed-form",
            Self::Moments => "moments",
            Self::Newton => "newton",
            Self::Lbfgs => "l-bfgs",
        }
    }
}

impl Status {
    /// The name in reports, such as `at-bound`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interior => "interior",
            Self::AtBound => "at-bound",
            Self::AtInfinity => "at-infinity",
            Self::Fixed => "fixed",
            Self::Unidentified => "unidentified",
        }
    }
}
