//! Help on functions, with domain and derivative, and on densities, with their definition.

use scorematch::analysis::Derivation;
use scorematch::model::{DensityEntry, Model, densities};

use super::lines;
use crate::functions::{Entry, entries, example};

/// Help on a function; `None` if there is none of this name.
pub fn function(name: &str) -> Option<String> {
    let entry = entries().find(|entry| entry.name == name)?;
    let slope = slope(&entry);
    Some(lines(&[
        ("", Some(entry.usage)),
        ("", Some(entry.meaning)),
        ("domain", domain(name)),
        ("slope", slope.as_deref()),
        ("example", example(name)),
    ]))
}

/// Help on a density; `None` if there is none of this name.
pub fn density(name: &str) -> Option<String> {
    let entry = densities().find(|density| density.name == name)?;
    let DensityEntry { usage, meaning, source, example, definition, normalised, .. } = entry;
    let constant = match normalised {
        true => "each factor that depends on a parameter is there",
        false => "without its normalising constant, no part of a mixture",
    };
    let definition = definition.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(lines(&[
        ("", Some(usage)),
        ("", Some(&format!("the log-density of {meaning}; {constant}"))),
        ("source", Some(source)),
        ("example", Some(example)),
        ("defined", Some(&definition)),
    ]))
}

/// The arguments for which a function has a value, if not all.
fn domain(name: &str) -> Option<&'static str> {
    Some(match name {
        "log" => "x > 0",
        "log1p" => "x > -1",
        "sqrt" => "x >= 0",
        "asin" | "acos" => "x in [-1, 1]",
        "lgamma" | "digamma" | "trigamma" | "polygamma" => "all but 0, -1, -2, …",
        "pow_log" => "x >= 0",
        "log_det" => "positive definite matrices",
        "cholesky" => "positive definite matrices",
        "inv" | "solve" => "matrices that have an inverse",
        _ => return None,
    })
}

/// The derivative of a function of one number, as the calculus derives it.
fn slope(entry: &Entry) -> Option<String> {
    let single = entry.usage == format!("{}(x)", entry.name);
    let text = format!("data x; {}", entry.usage);
    let model = single.then(|| Model::parse(&text).ok()).flatten()?;
    let derivation = Derivation::of(&model).ok()?;
    Some(derivation.graph.plain(derivation.score.first()?.expr))
}
