//! Errors as sentences and as diagnostics with remedies.

use std::fmt;

use super::call::BESSEL_ORDER;
use super::error::{Error, ErrorKind, Errors, NamingOption, Operand};
use super::{estimand, functions, prelude, slip};
use crate::source::{Diagnostic, first_of, nearest};
use crate::syntax::name_spelling;

/// Most calls that lead to an error in a definition and are shown.
const CALLS_MAX: usize = 4;
/// Most columns of a file that are listed.
const LISTED_MAX: usize = 12;

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is {}", self.text, self.shape)
    }
}

impl NamingOption {
    fn flag(self) -> &'static str {
        match self {
            Self::Map => "--map",
            Self::Data => "--data",
            Self::Const => "--const",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Map => "data or covariate",
            Self::Data => "undeclared name",
            Self::Const => "constant",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "{error}"),
            Self::UnknownName { name, .. } => write!(f, "`{name}` is not declared"),
            Self::UsedBeforeDeclaration { name, .. } => {
                write!(f, "`{name}` is used before it is declared")
            }
            Self::UnknownFunction { name, .. } => write!(f, "there is no function `{name}`"),
            Self::ArgumentCount { function, found, .. } => {
                let noun = if *found == 1 { "argument" } else { "arguments" };
                write!(f, "`{function}` does not take {found} {noun}")
            }
            Self::NotAReduction { function } => {
                write!(f, "`{function}` does not reduce, so it takes no `i in …`")
            }
            Self::Duplicate { name, .. } => write!(f, "`{name}` is declared twice"),
            Self::RedefinedBuiltin { name } => {
                write!(f, "the built-in function `{name}` cannot be redefined")
            }
            Self::OneWeight { weight, count, .. } => write!(
                f,
                "`mixture` takes a weight for each of its {count} densities, and `{weight}` is one number"
            ),
            Self::UnnormalisedInMixture { density } => {
                write!(f, "`{density}` lacks its normalising constant, which a `mixture` needs")
            }
            Self::Recursive { name } => write!(f, "`{name}` calls itself"),
            Self::TwoLogDensities { .. } => {
                f.write_str("a model has one log-density, this is a second")
            }
            Self::NoLogDensity => f.write_str("the model has no log-density"),
            Self::ShapedLogDensity { shape } => {
                write!(f, "the log-density must be a scalar, this is {shape}")
            }
            Self::ShapeMismatch { operator, left, right, .. } => {
                write!(f, "shapes do not fit `{operator}`: {left}, {right}")
            }
            Self::WrongShape { operation, needed, found, .. } => {
                write!(f, "{operation} needs {needed}, but {found}")
            }
            Self::NotSymmetric { function, found, place: (i, j) } => write!(
                f,
                "`{function}` needs a matrix that is symmetric by construction, but [{i},{j}] and \
                 [{j},{i}] of `{}` are different expressions",
                found.text
            ),
            Self::GroupAsNumber { name } => {
                write!(f, "`{name}` is a group: it has levels, and stands in an index only")
            }
            Self::NotAGroup { name } => {
                write!(
                    f,
                    "`{name}` is no group: the size of a parameter is a constant or a covariate"
                )
            }
            Self::LevelCount { levels, base } => {
                write!(f, "a group of {levels} levels needs an entry for each of them, but {base}")
            }
            Self::UnknownLevel { level, group, .. } => {
                write!(f, "`{level}` is no level of `{group}`")
            }
            Self::RaggedMatrix { first, found } => {
                write!(f, "the rows of a matrix have one length: first {first}, here {found}")
            }
            Self::IndexOutOfRange { index, largest, base } => {
                write!(f, "index {index} is outside of 1 to {largest}: {base}")
            }
            Self::EmptyRange { from, to } => write!(f, "the range {from}:{to} is empty"),
            Self::IndexCount { found: 1, base } => {
                write!(f, "one index does not fit: {base}")
            }
            Self::IndexCount { found, base } => {
                write!(f, "{found} indices do not fit: {base}")
            }
            Self::NotConstant { place, culprit: Some((name, what)) } => {
                write!(f, "{place} must be constant, but `{name}` is {what}")
            }
            Self::NotConstant { place, culprit: None } => write!(f, "{place} must be constant"),
            Self::NotAnInteger { place, value } => {
                write!(f, "{place} must be an integer, this is {value}")
            }
            Self::BadOrder { place, value, largest } => {
                write!(f, "{place} must be from 0 to {largest}, this is {value}")
            }
            Self::BadBesselOrder { function, value, largest } => write!(
                f,
                "the order of `{function}` must be one of 0, 1/2, 1, …, {largest}, this is {value}"
            ),
            Self::BadSize { value } => write!(f, "a size must be at least 1, this is {value}"),
            Self::NodeLimit { needed, limit } => {
                write!(f, "this needs {needed} or more nodes, the limit is {limit}")
            }
            Self::DepthLimit => f.write_str("calls of definitions are nested too deep"),
            Self::EmptyInterval { low, high } => {
                write!(f, "the interval from {low} to {high} has no inside")
            }
            Self::BadPair { first, second } => {
                write!(f, "a pair is {{0, 1}} or {{-1, 1}}, not {{{first}, {second}}}")
            }
            Self::ConstraintNotApplicable { constraint, name, needed, found, .. } => {
                write!(f, "`{constraint}` needs {needed}, but `{name}` is {found}")
            }
            Self::InitOfData { name } => {
                write!(f, "`{name}` is no parameter, so it has no start value")
            }
            Self::OutsideConstraint { name, value: Some(value), constraint } => {
                write!(f, "{value} is no value for `{name}`, which must be {constraint}")
            }
            Self::OutsideConstraint { name, value: None, constraint } => {
                write!(f, "this is no value for `{name}`, which must be {constraint}")
            }
            Self::NotFinite { place, value } => {
                write!(f, "{place} must be a finite number, this is {value}")
            }
            Self::NoValue => f.write_str("this has no real value, whatever the data are"),
            Self::SizeFromColumns { name, .. } => {
                write!(f, "no columns give `{name}` its size")
            }
            Self::EmptyReduction { function } => {
                write!(f, "`{function}` over an empty range has no value")
            }
            Self::MixedWeights => f.write_str(
                "two weights are multiplied, and only one of them has its gradient given",
            ),
            Self::WeightOfUnknown { name, .. } => write!(f, "`{name}` is no data to be weighted"),
            Self::NoData { .. } => f.write_str("nothing in the model is data"),
            Self::MissingColumns { name, wanted, .. } => {
                let wanted: Vec<String> = wanted.iter().map(|name| format!("`{name}`")).collect();
                write!(f, "`{name}` has no column: looked for {}", wanted.join(", "))
            }
            Self::UnknownColumn { column, .. } => write!(f, "the data has no column `{column}`"),
            Self::MapCount { name, entries, found } => {
                write!(f, "`{name}` has {entries} entries, `--map` gives it {found} columns")
            }
            Self::UnknownInOption { option, name, .. } => {
                write!(
                    f,
                    "{} names `{name}`, which is no {} of the model",
                    option.flag(),
                    option.noun()
                )
            }
            Self::DataGivenTwice => {
                f.write_str("the model declares its data, so --data does not apply")
            }
            Self::NotAnAssignment => f.write_str("expected an assignment such as `mu = 0`"),
            Self::NotAnExpression => {
                f.write_str("expected an expression of the parameters such as `mu/sqrt(s2)`")
            }
            Self::NotAHypothesis => f.write_str("expected a hypothesis such as `mu = 0`"),
            Self::NotOfParameters { name, what } => {
                write!(f, "`{name}` is {what}: only parameters and constants have a place here")
            }
            Self::WithoutParameter { text } => write!(f, "`{text}` depends on no parameter"),
            Self::UnknownParameter { name, .. } => write!(f, "there is no parameter `{name}`"),
            Self::Contradiction { name, first, second } => {
                write!(f, "`{name}` is given twice: first {first}, here {second}")
            }
        }
    }
}

impl ErrorKind {
    /// The stable code of the diagnostic.
    fn code(&self) -> &'static str {
        match self {
            Self::Syntax(_) => "syntax",
            Self::UnknownName { .. } => "unknown-name",
            Self::UsedBeforeDeclaration { .. } => "used-before-declaration",
            Self::UnknownFunction { .. } => "unknown-function",
            Self::ArgumentCount { .. } => "argument-count",
            Self::NotAReduction { .. } => "not-a-reduction",
            Self::Duplicate { .. } => "duplicate-name",
            Self::RedefinedBuiltin { .. } => "redefined-builtin",
            Self::UnnormalisedInMixture { .. } => "unnormalised-in-mixture",
            Self::OneWeight { .. } => "one-weight",
            Self::Recursive { .. } => "recursive-definition",
            Self::TwoLogDensities { .. } => "two-log-densities",
            Self::NoLogDensity => "no-log-density",
            Self::ShapedLogDensity { .. } => "shaped-log-density",
            Self::ShapeMismatch { .. } => "shape-mismatch",
            Self::WrongShape { .. } => "wrong-shape",
            Self::NotSymmetric { .. } => "not-symmetric",
            Self::GroupAsNumber { .. } => "group-as-number",
            Self::NotAGroup { .. } => "not-a-group",
            Self::LevelCount { .. } => "level-count",
            Self::UnknownLevel { .. } => "unknown-level",
            Self::RaggedMatrix { .. } => "ragged-matrix",
            Self::IndexOutOfRange { .. } => "index-out-of-range",
            Self::EmptyRange { .. } => "empty-range",
            Self::IndexCount { .. } => "index-count",
            Self::NotConstant { .. } => "not-constant",
            Self::NotAnInteger { .. } => "not-an-integer",
            Self::BadOrder { .. } => "bad-order",
            Self::BadBesselOrder { .. } => "bad-order",
            Self::BadSize { .. } => "bad-size",
            Self::NodeLimit { .. } => "node-limit",
            Self::DepthLimit => "depth-limit",
            Self::EmptyInterval { .. } => "empty-interval",
            Self::BadPair { .. } => "bad-pair",
            Self::ConstraintNotApplicable { .. } => "constraint-not-applicable",
            Self::InitOfData { .. } => "init-of-data",
            Self::OutsideConstraint { .. } => "outside-constraint",
            Self::NotFinite { .. } => "not-finite",
            Self::NoValue => "no-value",
            Self::SizeFromColumns { .. } => "size-from-columns",
            Self::EmptyReduction { .. } => "empty-reduction",
            Self::MixedWeights => "mixed-weights",
            Self::WeightOfUnknown { .. } => "weight-of-unknown",
            Self::NoData { .. } => "no-data",
            Self::MissingColumns { .. } => "missing-columns",
            Self::UnknownColumn { .. } => "unknown-column",
            Self::MapCount { .. } => "map-count",
            Self::UnknownInOption { .. } => "unknown-in-option",
            Self::DataGivenTwice => "data-given-twice",
            Self::NotAnAssignment => "not-an-assignment",
            Self::NotAnExpression => "not-an-expression",
            Self::NotAHypothesis => "not-a-hypothesis",
            Self::NotOfParameters { .. } => "not-of-parameters",
            Self::WithoutParameter { .. } => "without-parameter",
            Self::UnknownParameter { .. } => "unknown-parameter",
            Self::Contradiction { .. } => "contradiction",
        }
    }

    /// The remedy, if there is a general one.
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownName { name, nearest } => slip::constant(name)
                .or_else(|| meant(nearest.as_deref()))
                .or_else(|| Some(format!("declare it, for example `param {name}`"))),
            Self::WeightOfUnknown { nearest, .. }
            | Self::UnknownColumn { nearest, .. }
            | Self::UnknownInOption { nearest, .. }
            | Self::UnknownParameter { nearest, .. } => meant(nearest.as_deref()),
            Self::UnknownFunction { name, nearest, is_variable } => {
                unknown_function(name, nearest.as_deref(), *is_variable)
            }
            Self::MissingColumns { columns, .. } if all_numbers(columns) => Some(HEADER.to_owned()),
            Self::MissingColumns { name, nearest, .. } => meant(nearest.as_deref())
                .or_else(|| Some(format!("say which columns with `--map {name}=…`"))),
            Self::ArgumentCount { usage, .. } => Some(format!("write `{usage}`")),
            Self::NotAReduction { .. } => {
                Some(format!("these reduce: {}", functions::reductions().join(", ")))
            }
            Self::RedefinedBuiltin { .. } => Some("choose another name".to_owned()),
            Self::BadBesselOrder { function, value, largest } => {
                let whole = if value.is_nan() { 0.0 } else { (2.0 * value).round() };
                let nearest = (whole / 2.0).clamp(0.0, f64::from(*largest));
                Some(format!("write `{function}({nearest}, x)` for the nearest order"))
            }
            Self::UnnormalisedInMixture { density } => Some(whole_density(density)),
            Self::OneWeight { weight, parts, count: 2 } => {
                Some(format!("write `mixture([{weight}, 1 - {weight}], {parts})`"))
            }
            Self::OneWeight { count, .. } => {
                Some(format!("declare a weight for each: `param w[{count}] simplex`"))
            }
            Self::Recursive { .. } => {
                Some("repeat with a generator: `sum(i in 1:n, …)`".to_owned())
            }
            Self::TwoLogDensities { .. } => Some(
                "put an expression that goes on over several lines in parentheses, \
                 or end a line with its operator"
                    .to_owned(),
            ),
            Self::NoLogDensity => Some("add `logp = …` or `energy = …`".to_owned()),
            Self::ShapedLogDensity { .. } => Some("add its entries up with `sum(…)`".to_owned()),
            Self::ShapeMismatch { help, .. }
            | Self::WrongShape { help, .. }
            | Self::ConstraintNotApplicable { help, .. } => help.clone(),
            Self::IndexOutOfRange { index: 0, .. } => Some("indices start at 1".to_owned()),
            Self::IndexOutOfRange { index: ..0, largest, .. } => {
                Some(format!("indices start at 1, the last one is {largest}"))
            }
            Self::NotSymmetric { found, .. } => Some(not_symmetric(&found.text)),
            Self::GroupAsNumber { name } => Some(format!(
                "its levels index parameters, as in `m[{name}]`; for their numbers, \
                 read the column under another name too: `covariate z` and `--map z={name}`"
            )),
            Self::NotAGroup { name } => Some(format!("declare `covariate {name}`, one number")),
            Self::LevelCount { .. } => {
                Some("give it the size of the group: `param m[g]` for `m[g]`".to_owned())
            }
            Self::UnknownLevel { level, levels, .. } => {
                let known = nearest(level, levels.iter().map(String::as_str));
                meant(known).or_else(|| Some(format!("its levels are {}", first_of(levels))))
            }
            Self::RaggedMatrix { .. } => {
                Some("`,` separates the entries of a row, `;` the rows: `[a, b; c, d]`".to_owned())
            }
            Self::NotConstant { culprit: Some((name, _)), .. } if name == "end" => {
                Some("the last index is the size itself, as in `x[3]`".to_owned())
            }
            Self::InitOfData { name } => {
                Some(format!("leave `init` out, or declare it with `param {name}`"))
            }
            Self::IndexCount { base, found } => index_count(base, *found),
            Self::NotConstant { place: "an index", culprit: Some((name, "a covariate")) } => {
                Some(format!(
                    "a covariate with levels may stand in an index: `covariate {name} in 1:12`, or \
                     `param m[{name}]`, which takes the levels from the data"
                ))
            }
            Self::NotConstant { culprit: Some((name, "a `let`")), .. } => {
                Some(format!("declare it with `const {name} = …`"))
            }
            Self::NodeLimit { .. } => Some("raise the limit with `--nodes-max`".to_owned()),
            Self::DepthLimit => Some("name intermediate results with `let`".to_owned()),
            Self::SizeFromColumns { bound: false, .. } => {
                Some("give a data file, or a size in place of `*`".to_owned())
            }
            Self::SizeFromColumns { name, bound: true } => {
                Some(format!("name them {name}1, {name}2, …, or say `--map {name}=…`"))
            }
            Self::NoData { columns, others, meant } => {
                meant.clone().or_else(|| no_data(columns, others))
            }
            Self::NotAnAssignment => Some("separate assignments with `,`".to_owned()),
            Self::NotAnExpression => Some("separate expressions with `,`".to_owned()),
            Self::NotAHypothesis => Some(
                "write an expression of the parameters, `=` and a number; separate hypotheses with `,`"
                    .to_owned(),
            ),
            Self::NotConstant { place: BESSEL_ORDER, .. } => {
                Some("write a number, as `1/2`, or one of sizes, as `length(x)/2 - 1`".to_owned())
            }
            Self::NotConstant { place: estimand::RIGHT_SIDE, .. } => {
                Some("bring what varies to the left, as in `m[1] - m[2] = 0`".to_owned())
            }
            Self::NotOfParameters { name, .. } => Some(format!(
                "`{name}` has a value in each row, an estimate is one number for all rows"
            )),
            Self::Syntax(_)
            | Self::UsedBeforeDeclaration { .. }
            | Self::Duplicate { .. }
            | Self::IndexOutOfRange { .. }
            | Self::EmptyRange { .. }
            | Self::NotConstant { .. }
            | Self::NotAnInteger { .. }
            | Self::BadOrder { .. }
            | Self::BadSize { .. }
            | Self::EmptyInterval { .. }
            | Self::BadPair { .. }
            | Self::OutsideConstraint { .. }
            | Self::NotFinite { .. }
            | Self::NoValue
            | Self::MixedWeights
            | Self::EmptyReduction { .. }
            | Self::MapCount { .. }
            | Self::DataGivenTwice
            | Self::WithoutParameter { .. }
            | Self::Contradiction { .. } => None,
        }
    }
}

/// How to make a matrix symmetric by construction.
fn not_symmetric(text: &str) -> String {
    let known = "is symmetric, as are `L*L' + diag(s)` and parameters declared `posdef`";
    match text.chars().all(|c| c.is_alphanumeric() || c == '_') {
        true => format!("`({text} + {text}')/2` {known}"),
        false => format!("name it A by `let`: `(A + A')/2` {known}"),
    }
}

/// The normalised density, or another remedy, for a density without its constant in a mixture.
fn whole_density(density: &str) -> String {
    match prelude::find(&format!("{density}_lpdf")) {
        Some(whole) => format!("write `{}`, which has the constant", whole.entry.usage),
        None => "take a density whose name ends in `_lpdf`, or write `log_dot_exp(w, […])`, \
                 where each weight is one times the constant that its part lacks"
            .to_owned(),
    }
}

fn meant(nearest: Option<&str>) -> Option<String> {
    nearest.map(|name| format!("did you mean `{name}`?"))
}

fn unknown_function(name: &str, nearest: Option<&str>, is_variable: bool) -> Option<String> {
    if is_variable {
        return Some(format!(
            "`{name}` is a variable: write `{name}*(…)` for a product, `{name}[…]` for an entry"
        ));
    }
    let known = slip::function(name).or_else(|| meant(nearest));
    known.or_else(|| {
        Some(format!("define it, `def {name}(t) = …`, or write `{name}*(…)` for a product"))
    })
}

fn index_count(base: &Operand, found: usize) -> Option<String> {
    match base.shape {
        super::Shape::Scalar if found == 2 => {
            Some(format!("declare its size, as in `{}[2,2]`", base.text))
        }
        super::Shape::Scalar => Some(format!(
            "declare its size, as in `{0}[2]`, or its group, as in `{0}[g]`",
            base.text
        )),
        super::Shape::Vector(_) => Some(format!("write `{}[i]`", base.text)),
        super::Shape::Matrix(..) => {
            Some(format!("write `{0}[i,j]`, or `{0}[i,:]` for a row", base.text))
        }
    }
}

/// The help where the first line of a file was taken for names and holds numbers.
const HEADER: &str = "if the first line holds data, say `--no-header`: the columns are then `x1`, \
                      `x2`, …";

fn no_data(columns: &[String], others: &[String]) -> Option<String> {
    match columns {
        [] if others.is_empty() => Some("declare it: `data x`".to_owned()),
        [] => None,
        [_, ..] if all_numbers(columns) => Some(HEADER.to_owned()),
        [first, ..] if is_spelled(first) => {
            let first = name_spelling(first);
            let mark = if first.contains('`') { "``" } else { "`" };
            let blank = if mark == "``" { " " } else { "" };
            Some(format!("use a column by its name: {mark}{blank}data {first}{blank}{mark}"))
        }
        [first, ..] => Some(format!("give a column a name: `data y` and `--map 'y={first}'`")),
    }
}

/// Whether all column names are numbers: the first line of the file then holds data.
fn all_numbers(columns: &[String]) -> bool {
    !columns.is_empty() && columns.iter().all(|column| column.trim().parse::<f64>().is_ok())
}

/// Whether the language can write the name, in backquotes if need be.
fn is_spelled(name: &str) -> bool {
    !name.contains(['`', '\u{1fef}']) && !name.contains(char::is_control)
}

/// The first columns of a file as a note.
fn listed(columns: &[String]) -> String {
    let shown = columns.iter().take(LISTED_MAX).map(|column| name_spelling(column));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let rest = columns.len().saturating_sub(LISTED_MAX);
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

impl From<&Error> for Diagnostic {
    fn from(error: &Error) -> Self {
        if let ErrorKind::Syntax(error) = &error.kind {
            return Self::from(error);
        }
        let mut diagnostic = Self::error(error.kind.code(), error.to_string());
        if let Some(span) = error.span {
            let inside = error.density.map(|usage| format!("inside `{usage}`"));
            diagnostic = diagnostic.at(span, inside.unwrap_or_default());
        }
        for call in error.calls.iter().take(CALLS_MAX) {
            diagnostic = diagnostic.at(*call, "in this call");
        }
        diagnostic = match &error.kind {
            ErrorKind::Duplicate { first, .. } => diagnostic.at(*first, "first declared here"),
            ErrorKind::UsedBeforeDeclaration { declared, .. } => {
                diagnostic.at(*declared, "declared here")
            }
            ErrorKind::TwoLogDensities { first } => diagnostic.at(*first, "the first"),
            ErrorKind::UnnormalisedInMixture { .. } => diagnostic.note(
                "the constant depends on the parameters, so that without it the weights would not \
                 be shares",
            ),
            ErrorKind::MissingColumns { columns, .. } if !columns.is_empty() => {
                diagnostic.note(format!("the data has the columns {}", listed(columns)))
            }
            ErrorKind::NoData { columns, others, .. } => with_columns(diagnostic, columns, others),
            _ => diagnostic,
        };
        Self { help: error.kind.help(), ..diagnostic }
    }
}

/// Adds notes that list the numeric columns, and the others.
fn with_columns(diagnostic: Diagnostic, columns: &[String], others: &[String]) -> Diagnostic {
    let diagnostic = match columns {
        [] => diagnostic,
        _ => diagnostic.note(format!("the data has the columns {}", listed(columns))),
    };
    match others {
        [] => diagnostic,
        _ => diagnostic.note(format!("these columns are not numbers: {}", listed(others))),
    }
}

impl From<&Errors> for Vec<Diagnostic> {
    fn from(errors: &Errors) -> Self {
        let mut diagnostics: Self = errors.as_slice().iter().map(Diagnostic::from).collect();
        if errors.has_more() {
            let last =
                diagnostics.pop().expect("more errors are left out only where some are shown");
            diagnostics.push(last.note("there are more errors, which are not shown"));
        }
        diagnostics
    }
}
