//! The current values of the parameters: what was set, or what the last fit found.

use scorematch::model::{Model, assignments};

use crate::failure::Failure;

/// Values by name, so that they outlive a change of the model.
#[derive(Clone, Debug, Default)]
pub struct Current(Vec<(String, f64)>);

impl Current {
    /// The value of a parameter, where it has one.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    pub fn set(&mut self, name: &str, value: f64) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// These with other values of some parameters, by position.
    pub fn with(&self, model: &Model, values: &[(usize, f64)]) -> Self {
        let mut all = self.clone();
        for &(position, value) in values {
            all.set(&model.parameters()[position].name, value);
        }
        all
    }

    /// What a model still has a place for. A name keeps its values together or not at all.
    pub fn kept(&self, model: &Model) -> Self {
        let kept = model.blocks().iter().flat_map(|block| {
            let names = model.parameters()[block.parameters.clone()].iter();
            let values: Vec<(String, f64)> = names
                .filter_map(|parameter| {
                    Some((parameter.name.clone(), self.value(&parameter.name)?))
                })
                .collect();
            if admitted(model, &values) { values } else { Vec::new() }
        });
        Self(kept.collect())
    }

    /// A value for every parameter.
    pub fn complete(&self, model: &Model) -> Result<Vec<f64>, Failure> {
        let names = || model.parameters().iter().map(|parameter| parameter.name.as_str());
        let missing: Vec<String> = names()
            .filter(|name| self.value(name).is_none())
            .map(|name| format!("`{name}`"))
            .collect();
        if missing.is_empty() {
            return Ok(names().filter_map(|name| self.value(name)).collect());
        }
        let missing = missing.join(", ");
        Err(Failure::usage(format_args!(
            "no value for {missing}: `:set` gives one, `:fit` finds one"
        )))
    }
}

/// Whether values lie inside their constraints, as the language checks them.
fn admitted(model: &Model, values: &[(String, f64)]) -> bool {
    let text =
        |(name, value): &(String, f64)| format!("{} = {value:e}", crate::values::target(name));
    let texts: Vec<String> = values.iter().map(text).collect();
    assignments(&texts.join(", "), model).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(values: &[(&str, f64)], text: &str) -> Vec<(String, f64)> {
        let current = Current(values.iter().map(|&(name, v)| (name.to_owned(), v)).collect());
        current.kept(&Model::parse(text).expect("it is a model")).0
    }

    #[test]
    fn values_outlive_a_change_that_has_a_place_for_them() {
        let values = [("mu", -1.0), ("w[1]", 0.25), ("w[2]", 0.75)];
        let free = "data x; param mu, w[2]; -x^2*w[1]*w[2] + mu*x";
        assert_eq!(kept(&values, free).len(), 3);
        let simplex = "data x; param mu > 0, w[2] simplex; -x^2*w[1]*w[2] + mu*x";
        assert_eq!(kept(&values, simplex), [("w[1]".to_owned(), 0.25), ("w[2]".to_owned(), 0.75)]);
        assert!(kept(&values, "data x; param w[3] simplex; -x^2*w[1]").len() == 2);
        assert_eq!(kept(&values, "-x^2*s"), []);
    }
}
