//! Values of parameters from `--at`, `--start` and `--fix`: assignments, or a JSON file.

use scorematch::model::{Model, assignments};
use scorematch::source::{Diagnostic, Source};
use serde_json::{Map, Value};

use crate::failure::Failure;
use crate::input::text_file;

/// Values, each with the index of its parameter.
pub type Values = Vec<(usize, f64)>;

/// Reads all texts given to one option. A parameter that has several values must have equal ones.
pub fn values(model: &Model, option: &str, texts: &[String]) -> Result<Values, Failure> {
    let mut all = Values::new();
    for text in texts {
        for (parameter, value) in one(model, option, text)? {
            match all.iter().find(|(known, _)| *known == parameter) {
                Some((_, known)) if *known == value => {}
                Some((_, known)) => {
                    let name = &model.parameters()[parameter].name;
                    let message = format!("{option} gives `{name}` both as {known} and as {value}");
                    return Err(Failure::usage(message));
                }
                None => all.push((parameter, value)),
            }
        }
    }
    Ok(all)
}

/// The names of the data in a fit's JSON, if one of the texts names such a file.
pub fn data_of(texts: &[String]) -> Result<Option<Vec<String>>, Failure> {
    for file in texts.iter().filter_map(|text| text.strip_prefix('@')) {
        let object: Option<Value> = serde_json::from_str(&text_file(file)?).ok();
        let names = object.as_ref().and_then(|object| object["roles"]["data"].as_array());
        let name = |name: &Value| name.as_str().map(str::to_owned);
        if let Some(names) = names.and_then(|names| names.iter().map(name).collect()) {
            return Ok(Some(names));
        }
    }
    Ok(None)
}

/// A value for every parameter, in order; an error names those that have none.
pub fn complete(model: &Model, option: &str, texts: &[String]) -> Result<Vec<f64>, Failure> {
    let given = values(model, option, texts)?;
    let value = |position: usize| given.iter().find(|(known, _)| *known == position);
    let parameters = model.parameters().iter().enumerate();
    let missing: Vec<_> = parameters
        .filter(|(position, _)| value(*position).is_none())
        .map(|(_, parameter)| format!("`{}`", parameter.name))
        .collect();
    if !missing.is_empty() {
        let message = format!("{option} lacks a value for {}", missing.join(", "));
        return Err(Failure::usage(message));
    }
    let values = (0..model.parameters().len()).filter_map(value);
    Ok(values.map(|(_, value)| *value).collect())
}

fn one(model: &Model, option: &str, text: &str) -> Result<Values, Failure> {
    let Some(file) = text.strip_prefix('@') else {
        let source = Source { name: option.to_owned(), text: text.to_owned() };
        return assigned(model, &source).map_err(Failure::on_command_line);
    };
    let text = text_file(file)?;
    let text = language(&text).map_err(|reason| {
        Failure::plain(&Diagnostic::error("values", format!("{file}: {reason}")))
    })?;
    assigned(model, &Source { name: file.to_owned(), text })
}

fn assigned(model: &Model, source: &Source) -> Result<Values, Failure> {
    let values = assignments(&source.text, model);
    values.map_err(|errors| Failure::drawn(&Vec::from(&errors), source))
}

/// JSON as assignments of the language, which checks names, shapes and constraints.
fn language(json: &str) -> Result<String, String> {
    let value: Value = serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))?;
    let Value::Object(object) = value else {
        return Err("expected an object from parameter names to numbers".to_owned());
    };
    let entries = match object.get("parameters") {
        Some(Value::Array(parameters)) if object.contains_key("schema") => fitted(parameters)?,
        _ => named(&object)?,
    };
    Ok(entries.join(", "))
}

/// The parameters of a fit's JSON.
fn fitted(parameters: &[Value]) -> Result<Vec<String>, String> {
    let entry = |parameter: &Value| {
        let name = parameter["name"].as_str().ok_or("a parameter without a name")?;
        let estimate = parameter["estimate"].as_f64();
        let estimate = estimate.ok_or_else(|| format!("`{name}` has no estimate"))?;
        Ok(format!("{} = {estimate:e}", target(name)))
    };
    parameters.iter().map(entry).collect()
}

/// The digests of data in the fits whose JSON is given to an option.
pub fn digests(texts: &[String]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for file in texts.iter().filter_map(|text| text.strip_prefix('@')) {
        let json: Option<Value> = serde_json::from_str(&text_file(file)?).ok();
        let digest = json.and_then(|json| json["data"]["digest"].as_str().map(str::to_owned));
        found.extend(digest);
    }
    Ok(found)
}

/// The parameters that fits held fixed, as assignments, where their JSON is given to an option.
pub fn held(texts: &[String]) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for file in texts.iter().filter_map(|text| text.strip_prefix('@')) {
        let json: Option<Value> = serde_json::from_str(&text_file(file)?).ok();
        let parameters = json.as_ref().and_then(|json| json["parameters"].as_array());
        let held = parameters.into_iter().flatten().filter(|one| one["status"] == "fixed");
        let entry = |one: &Value| {
            Some(format!("{} = {:e}", target(one["name"].as_str()?), one["estimate"].as_f64()?))
        };
        found.extend(held.filter_map(entry));
    }
    Ok(found)
}

fn named(object: &Map<String, Value>) -> Result<Vec<String>, String> {
    let entry = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::Array(rows) if rows.iter().any(Value::is_array) => {
                let rows: Result<Vec<_>, _> = rows.iter().map(|row| entries(name, row)).collect();
                format!("[{}]", rows?.join("; "))
            }
            Value::Array(_) => format!("[{}]", entries(name, value)?),
            _ => number(name, value)?,
        };
        Ok(format!("{} = {value}", target(name)))
    };
    object.iter().map(entry).collect()
}

fn entries(name: &str, row: &Value) -> Result<String, String> {
    let row = row.as_array().ok_or_else(|| format!("`{name}` has rows of different depth"))?;
    let numbers: Result<Vec<_>, _> = row.iter().map(|value| number(name, value)).collect();
    Ok(numbers?.join(", "))
}

fn number(name: &str, value: &Value) -> Result<String, String> {
    let number = value.as_f64().ok_or_else(|| format!("`{name}` holds {value}, not a number"))?;
    Ok(format!("{number:e}"))
}

/// A parameter's name as written in the language; `W[1,2]` keeps its indices.
pub fn target(name: &str) -> String {
    let (base, indices) = match name.find('[') {
        Some(start) if name.ends_with(']') => name.split_at(start),
        _ => (name, ""),
    };
    let plain = base.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !base.starts_with(|c: char| c.is_numeric());
    if plain { format!("{base}{indices}") } else { format!("`{base}`{indices}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        assert_eq!(language(json).as_deref(), Ok(expected));
    }

    #[test]
    fn json_becomes_assignments() {
        check(r#"{"mu": 0.5, "W[1,2]": -3}"#, "mu = 5e-1, W[1,2] = -3e0");
        check(
            r#"{"b": [1, 2], "W": [[1, 2], [3, 4]]}"#,
            "b = [1e0, 2e0], W = [1e0, 2e0; 3e0, 4e0]",
        );
        check(r#"{"a.b": 1e-300}"#, "`a.b` = 1e-300");
        let fit = r#"{"schema": 1, "parameters": [{"name": "s2", "estimate": 2.25}]}"#;
        check(fit, "s2 = 2.25e0");
    }

    #[test]
    fn other_json_is_refused() {
        for json in ["[1]", "{", r#"{"a": "1"}"#, r#"{"a": null}"#, r#"{"a": [1, [2]]}"#] {
            assert!(language(json).is_err(), "{json}");
        }
        let fit = r#"{"schema": 1, "parameters": [{"name": "s2", "estimate": null}]}"#;
        assert_eq!(language(fit), Err("`s2` has no estimate".to_owned()));
    }
}
