//! The current values of the parameters: those set, or the estimates of the last fit.

use scorematch::fit::{Estimate, Status};
use scorematch::model::{Model, assignments};

use crate::failure::Failure;

/// Values by name, so that they survive a change of the model.
#[derive(Clone, Debug, Default)]
pub struct Current(Vec<Value>);

#[derive(Clone, Debug, PartialEq)]
struct Value {
    name: String,
    value: f64,
    /// The digest of the rows from which the value was estimated; `None` where it was given.
    rows: Option<String>,
}

impl Current {
    /// The value of a parameter, if it has one.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.of(name).map(|one| one.value)
    }

    fn of(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|one| one.name == name)
    }

    fn set(&mut self, value: Value) {
        match self.0.iter_mut().find(|known| known.name == value.name) {
            Some(known) => *known = value,
            None => self.0.push(value),
        }
    }

    /// Takes the finite estimates of a fit to rows with this digest; parameters that were held
    /// fixed count as given.
    pub fn keep(&mut self, estimate: &Estimate, digest: &str) {
        for one in estimate.parameters.iter().filter(|one| one.estimate.is_finite()) {
            let rows = (one.status != Status::Fixed).then(|| digest.to_owned());
            self.set(Value { name: one.name.clone(), value: one.estimate, rows });
        }
    }

    /// The values with some replaced, by index of the parameter; `rows` is the digest of the rows
    /// from which the new values were estimated, if they were.
    pub fn with(&self, model: &Model, values: &[(usize, f64)], rows: Option<&str>) -> Self {
        let mut all = self.clone();
        for &(position, value) in values {
            let name = model.parameters()[position].name.clone();
            all.set(Value { name, value, rows: rows.map(str::to_owned) });
        }
        all
    }

    /// The parameters whose values were estimated from rows with this digest.
    pub fn estimated<'a>(&self, model: &'a Model, digest: &str) -> Vec<&'a str> {
        let names = model.parameters().iter().map(|parameter| parameter.name.as_str());
        let rows = |name: &str| self.of(name).and_then(|one| one.rows.as_deref());
        names.filter(|name| rows(name) == Some(digest)).collect()
    }

    /// The values that suit a model. Those of a vector or matrix are kept together or not at all.
    pub fn kept(&self, model: &Model) -> Self {
        let kept = model.blocks().iter().flat_map(|block| {
            let names = model.parameters()[block.parameters.clone()].iter();
            let values: Vec<Value> =
                names.filter_map(|parameter| self.of(&parameter.name).cloned()).collect();
            if admitted(model, &values) { values } else { Vec::new() }
        });
        Self(kept.collect())
    }

    /// The values of all parameters; an error names those that have none.
    pub fn complete(&self, model: &Model) -> Result<Vec<f64>, Failure> {
        let names = || model.parameters().iter().map(|parameter| parameter.name.as_str());
        self.there(names())?;
        Ok(names().filter_map(|name| self.value(name)).collect())
    }

    /// The values of all parameters, NaN where there is none; an error names those of
    /// `needed` that have none.
    pub fn of_needed(&self, model: &Model, needed: &[usize]) -> Result<Vec<f64>, Failure> {
        let parameters = model.parameters();
        self.there(needed.iter().map(|&j| parameters[j].name.as_str()))?;
        let value = |name: &str| self.value(name).unwrap_or(f64::NAN);
        Ok(parameters.iter().map(|parameter| value(&parameter.name)).collect())
    }

    /// Refuses parameters without a value.
    fn there<'a>(&self, names: impl Iterator<Item = &'a str>) -> Result<(), Failure> {
        let missing = names.filter(|name| self.value(name).is_none());
        let missing: Vec<String> = missing.map(|name| format!("`{name}`")).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let missing = missing.join(", ");
        Err(Failure::usage(format_args!(
            "no value for {missing}: `:set` gives one, `:fit` finds one"
        )))
    }
}

/// Whether values satisfy their constraints, as the language checks them.
fn admitted(model: &Model, values: &[Value]) -> bool {
    let text = |one: &Value| format!("{} = {:e}", crate::values::target(&one.name), one.value);
    let texts: Vec<String> = values.iter().map(text).collect();
    assignments(&texts.join(", "), model).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(values: &[(&str, f64)], text: &str) -> Vec<(String, f64)> {
        let value =
            |&(name, value): &(&str, f64)| Value { name: name.to_owned(), value, rows: None };
        let current = Current(values.iter().map(value).collect());
        let kept = current.kept(&Model::parse(text).expect("a model")).0;
        kept.into_iter().map(|one| (one.name, one.value)).collect()
    }

    #[test]
    fn values_survive_a_change_that_they_suit() {
        let values = [("mu", -1.0), ("w[1]", 0.25), ("w[2]", 0.75)];
        let free = "data x; param mu, w[2]; -x^2*w[1]*w[2] + mu*x";
        assert_eq!(kept(&values, free).len(), 3);
        let simplex = "data x; param mu > 0, w[2] simplex; -x^2*w[1]*w[2] + mu*x";
        assert_eq!(kept(&values, simplex), [("w[1]".to_owned(), 0.25), ("w[2]".to_owned(), 0.75)]);
        assert!(kept(&values, "data x; param w[3] simplex; -x^2*w[1]").len() == 2);
        assert_eq!(kept(&values, "-x^2*s"), []);
    }
}
