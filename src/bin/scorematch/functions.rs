//! `scorematch functions`: the functions and the densities of the language, each
//! with a model as example.

use scorematch::model::{DensityEntry, FunctionKind, densities, functions};
use scorematch::report::SCHEMA;
use serde_json::{Value, json};

use crate::args::{Format, ListArgs, TargetArgs};
use crate::failure::{Ending, Failure};
use crate::output::emit_text;

/// Columns before the meaning.
const INDENT: usize = 22;
/// Headings of the densities; a text may define its own under the same names.
const WHOLE: &str =
    "Logarithms of densities, whole: each factor that depends on a parameter is there";
const OTHERS: &str =
    "Logarithms of densities without their normalising constants, no parts of a mixture";
/// `if` is syntax and not a function, but users look for it among the functions.
const CHOICE: Entry = Entry {
    name: "if",
    usage: "if(x < c, a, b)",
    meaning: "a where the condition holds, else b",
    kind: Some(FunctionKind::Choice),
};

/// A function or density that a model can call.
pub struct Entry {
    pub name: &'static str,
    /// For example `clamp(x, low, high)`.
    pub usage: &'static str,
    /// A formula or phrase of one line.
    pub meaning: &'static str,
    /// `None` for densities.
    pub kind: Option<FunctionKind>,
}

pub fn run(args: &ListArgs) -> Result<Ending, Failure> {
    let text = match args.format {
        Format::Text => {
            let (whole, others): (Vec<_>, Vec<_>) = densities().partition(|entry| entry.normalised);
            let table: String = FunctionKind::ALL.into_iter().map(section).collect();
            format!("{table}{WHOLE}\n\n{}\n{OTHERS}\n\n{}", listed(&whole), listed(&others))
        }
        Format::Json => {
            let densities = densities().map(density_json);
            let entries: Vec<Value> =
                entries().map(|entry| entry.json()).chain(densities).collect();
            format!(
                "{:#}\n",
                json!({"schema": SCHEMA, "version": env!("CARGO_PKG_VERSION"), "functions": entries})
            )
        }
    };
    emit_text(&TargetArgs { file: args.file.clone(), ..TargetArgs::default() }, &text)?;
    Ok(Ending::Done)
}

/// The functions of a group under its heading.
fn section(kind: FunctionKind) -> String {
    let own = entries().filter(|entry| entry.kind == Some(kind));
    format!("{}\n\n{}\n", kind.title(), own.map(|entry| entry.text()).collect::<String>())
}

fn listed(densities: &[DensityEntry]) -> String {
    let text = |entry: &DensityEntry| {
        let DensityEntry { usage, meaning, source, example, .. } = entry;
        format!(
            "{usage}\n{:<INDENT$}{meaning}\n{:<INDENT$}{source}\n{:<INDENT$}{example}\n",
            "", "", ""
        )
    };
    densities.iter().map(text).collect()
}

fn density_json(entry: DensityEntry) -> Value {
    let group = if entry.normalised { "density" } else { "density-without-constant" };
    json!({
        "name": entry.name, "kind": "density", "group": group, "usage": entry.usage,
        "meaning": entry.meaning, "example": entry.example, "normalised": entry.normalised,
        "source": entry.source, "definition": entry.definition,
    })
}

/// Every function of the language, in the order of the function table, then `if`.
pub fn entries() -> impl Iterator<Item = Entry> {
    let table = functions().map(|function| Entry {
        name: function.name,
        usage: function.usage,
        meaning: function.meaning,
        kind: Some(function.kind()),
    });
    table.chain([CHOICE])
}

/// Everything that a model can call: functions, then densities.
pub fn callable() -> impl Iterator<Item = Entry> {
    let named = densities().map(|density| Entry {
        name: density.name,
        usage: density.usage,
        meaning: density.meaning,
        kind: None,
    });
    entries().chain(named)
}

impl Entry {
    fn text(&self) -> String {
        let example = example(self.name).unwrap_or_default();
        format!("{:<INDENT$}{}\n{:<INDENT$}{example}\n", self.usage, self.meaning, "")
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name, "kind": "function", "group": self.kind.map(FunctionKind::name),
            "usage": self.usage, "meaning": self.meaning, "example": example(self.name),
        })
    }
}

/// A complete model that uses the function.
pub fn example(name: &str) -> Option<&'static str> {
    Some(match name {
        "exp" => "x - mu - exp(x - mu)",
        "log" => "-log(1 + ((x - mu)/s)^2)",
        "log1p" => "-log1p((x - mu)^2/s)",
        "expm1" => "-expm1(x - mu)^2",
        "abs" => "-abs(x - mu)^1.5",
        "sign" => "-(x - mu)^2*(1 + a*sign(x - mu))",
        "floor" => "data x; covariate z; -(x - a*floor(z))^2/2",
        "sin" => "-x^2/2 + a*sin(x)",
        "cos" => "kappa*cos(x - mu)",
        "tan" => "data x; covariate z; -(x - a*tan(z))^2/2",
        "asin" => "data x; covariate z; -(x - a*asin(z))^2/2",
        "acos" => "data x; covariate z; -(x - a*acos(z))^2/2",
        "atan" => "-x^2/2 + a*atan(x)",
        "sinh" => "-sinh(x - mu)^2",
        "cosh" => "-a*cosh(x - mu)",
        "tanh" => "-x^2/2 + a*tanh(x)",
        "sigmoid" => "-x^2/2 + a*sigmoid(x)",
        "softplus" => "x - mu - 2*softplus(x - mu)",
        "log_cosh" => "-log_cosh((x - mu)/s)",
        "erf" => "-x^2/2 + a*erf(x)",
        "erfc" => "-x^2/2 + a*erfc(x)",
        "log_normal_cdf" => "-(x - mu)^2/2 + log_normal_cdf(a*(x - mu))",
        "inverse_mills" => "-x^2/2 + a*inverse_mills(x)",
        "mills_excess" => "-x^2/2 - a*mills_excess(x)",
        "lgamma" => "data x; covariate z; -(x - a*lgamma(1 + z^2))^2/2",
        "digamma" => "data x; covariate z; -(x - a*digamma(1 + z^2))^2/2",
        "trigamma" => "data x; covariate z; -(x - a*trigamma(1 + z^2))^2/2",
        "polygamma" => "data x; covariate z; -(x - a*polygamma(2, 1 + z^2))^2/2",
        "log_bessel_i" => "data x > 0; param a > 0; log_bessel_i(1, a*x) - x^2/2",
        "log_bessel_even" => "-log_bessel_even(1, a*x) - x^2/2",
        "bessel_ratio" => "data x; covariate z; -(x - a*z*bessel_ratio(0, z))^2/2",
        "pow_log" => "data x; covariate z; -(x - a*pow_log(1, z, 2))^2/2",
        "sqrt" => "-sqrt(1 + (x - mu)^2)",
        "atan2" => "data x, y; a*cos(2*atan2(y, x)) - (x^2 + y^2)/2",
        "min" => "-min((x - mu)^2, 9) - (x - mu)^2/10",
        "max" => "-x^2/2 - a*max(x, 0)^2",
        "clamp" => "-x^2/2 + a*clamp(x, -1, 1)",
        "sum" => "data x[3]; param K[3,3]; -sum(i in 1:3, j in i:3, K[i,j]*x[i]*x[j])",
        "prod" => "data x[2]; -prod(i in 1:2, a + x[i]^2)",
        "mean" => "data x[3]; -a*sumsq(x - mean(x)) - sumsq(x)/2",
        "log_sum_exp" => "data x; param m[2]; log_sum_exp(i in 1:2, -(x - m[i])^2/2)",
        "log_dot_exp" => "data x; param w[2] simplex, m[2]; log_dot_exp(w, -(x - m)^2/2)",
        "softmax" => "data x; param a[2], m[2]; dot(softmax(a), -(x - m)^2)",
        "dot" => "data x[2]; param b[2]; dot(b, x) - sumsq(x)/2",
        "norm" => "data x[2]; param m[2]; -norm(x - m)^3",
        "sumsq" => "data x[2]; param m[2]; -sumsq(x - m)/2",
        "trace" => "data x[2]; param K[2,2] posdef; -x'*K*x/trace(K)",
        "diag" => "data x[2]; param k[2]; -x'*diag(k)*x/2",
        "eye" => "data x[2]; param a; -x'*(eye(2) + a)*x/2",
        "length" => "data x[3]; param s > 0; -sumsq(x)/(2*s^2) - length(x)*log(s)",
        "inv" => "data x[2]; param S[2,2] posdef; -x'*inv(S)*x/2",
        "solve" => "data x[2]; param m[2], S[2,2] posdef; -(x - m)'*solve(S, x - m)/2",
        "log_det" => "data x[2]; param K[2,2] posdef; -x'*K*x/2 + log_det(K)/2",
        "cholesky" => "data x[2]; param S[2,2] posdef; -sumsq(inv(cholesky(S))*x)/2",
        "quad_form" => "data x[2]; param K[2,2] posdef; -quad_form(K, x)/2",
        "outer" => "data x[2]; param l[2]; -quad_form(inv(eye(2) + outer(l, l)), x)/2",
        "if" => "-if(x < mu, a, b)*(x - mu)^2",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use scorematch::model::Model;

    use super::*;

    #[test]
    fn every_density_has_an_example_that_calls_it_and_is_a_model() {
        for DensityEntry { name, example, .. } in densities() {
            assert!(example.contains(&format!("{name}(")), "{example}");
            if let Err(errors) = Model::parse(example) {
                panic!("{example}: {errors}");
            }
        }
    }

    #[test]
    fn every_function_has_an_example_that_uses_it_and_is_a_model() {
        for entry in entries() {
            let text = example(entry.name).unwrap_or_else(|| panic!("{} has none", entry.name));
            assert!(text.contains(&format!("{}(", entry.name)), "{text}");
            if let Err(errors) = Model::parse(text) {
                panic!("{text}: {errors}");
            }
        }
    }
}
