//! Roles of undeclared names.

use super::columns::Columns;
use super::elaborate::ERRORS_MAX;
use super::error::{Error, ErrorKind, NamingOption};
use super::names::Names;
use super::response::response;
use super::slip;
use crate::source::nearest;
use crate::source::{Diagnostic, Severity, Span};
use crate::syntax::{Ast, Name};

/// The undeclared name that is data without a file, or where a file has a single numeric column.
const DEFAULT_DATA: &str = "x";

/// Fewest letters of a name that a column may continue by a unit.
const PREFIX_MIN: usize = 3;

/// The roles of the undeclared names.
#[derive(Debug, Default)]
pub(super) struct Roles<'a> {
    pub data: Vec<(&'a str, Span)>,
    pub parameters: Vec<(&'a str, Span)>,
    /// Groups: undeclared names that are the size of a parameter.
    pub covariates: Vec<(&'a str, Span)>,
    /// The column of `x`, where `x` is the only numeric column of the file.
    pub only_column: Option<String>,
    pub errors: Vec<Error>,
    pub warnings: Vec<Diagnostic>,
}

/// Warns of undeclared parameters whose names mean a constant elsewhere or a function here, such as
/// `e` and `exp`.
fn warn_of_doubtful_parameters(roles: &mut Roles<'_>) {
    for &(name, span) in &roles.parameters {
        let Some(help) = slip::constant(name) else { continue };
        let message = format!("`{name}` is taken for a parameter, because nothing declares it");
        let warning = Diagnostic::warning("doubtful-parameter", message).at(span, "");
        let declare = format!("`param {name}` says that it is meant");
        roles.warnings.push(warning.note(declare).help(help));
    }
}

/// Warns of undeclared parameters that have the name of a column or nearly so, such as `height` beside the
/// column `height_cm`.
fn warn_of_columns(roles: &mut Roles<'_>, columns: Option<&Columns<'_>>) {
    let Some(columns) = columns else { return };
    for &(name, span) in &roles.parameters {
        let help = match near_column(name, roles, columns) {
            _ if slip::constant(name).is_some() => continue,
            Some(column) if column == name => {
                format!(
                    "the data have a column `{name}`: where it is given, declare `covariate {name}`"
                )
            }
            Some(column) => format!("did you mean the column `{column}`?"),
            None => continue,
        };
        let message = format!("`{name}` is taken for a parameter, because nothing declares it");
        let warning = Diagnostic::warning("doubtful-parameter", message).at(span, "");
        let declare = format!("`param {name}` says that it is meant");
        roles.warnings.push(warning.note(declare).help(help));
    }
}

/// The column of this name, else one that adds a unit to it, as `height_cm`, else one that is spelled nearly
/// so and is not data by its own name.
fn near_column<'a>(name: &str, roles: &Roles<'_>, columns: &Columns<'a>) -> Option<&'a str> {
    let all = || columns.all.iter().copied();
    let own = all().find(|column| *column == name);
    let with_unit = |column: &&str| {
        let rest = column.strip_prefix(name).filter(|_| name.len() >= PREFIX_MIN);
        rest.is_some_and(|rest| rest.starts_with(['_', '.', ' ']))
    };
    let is_free = |column: &&str| roles.data.iter().all(|(data, _)| data != column);
    let near = || nearest(name, all().filter(is_free)).filter(|_| name.len() > PREFIX_MIN);
    own.or_else(|| all().find(with_unit)).or_else(near)
}

/// Gives every undeclared name of a text its role.
pub(super) fn assign<'a>(
    ast: &'a Ast,
    names: &Names<'a>,
    chosen: Option<&[String]>,
    columns: Option<&Columns<'_>>,
) -> Roles<'a> {
    let mut roles = Roles::default();
    if let Some(chosen) = chosen {
        check_option(names, chosen, &mut roles.errors);
    }
    let undeclared;
    (roles.covariates, undeclared) =
        names.undeclared.iter().partition(|(name, _)| names.is_group(name));
    if names.declares_data {
        explicit(names, undeclared, &mut roles);
        warn_of_doubtful_parameters(&mut roles);
        warn_of_columns(&mut roles, columns);
        return roles;
    }
    for (name, span) in undeclared {
        let is_data = match (chosen, columns) {
            (Some(chosen), _) => chosen.iter().any(|data| data == name),
            (None, Some(columns)) => columns.find(name).is_some() || columns.is_mapped(name),
            (None, None) => name == DEFAULT_DATA,
        };
        let list = if is_data { &mut roles.data } else { &mut roles.parameters };
        list.push((name, span));
    }
    if let (None, Some(columns), []) = (chosen, columns, roles.data.as_slice()) {
        take_only_column(&mut roles, columns);
    }
    if chosen.is_none() && roles.data.len() >= 2 {
        let warning = both_readings(&roles, ast);
        roles.warnings.push(warning);
    }
    warn_of_doubtful_parameters(&mut roles);
    warn_of_columns(&mut roles, columns);
    roles
}

/// Checks that `--data` is used for a text without a `data` statement, and names undeclared names
/// of it.
fn check_option(names: &Names<'_>, chosen: &[String], errors: &mut Vec<Error>) {
    if names.declares_data {
        errors.push(Error::nowhere(ErrorKind::DataGivenTwice));
        return;
    }
    let known = || names.undeclared.iter().map(|(name, _)| *name);
    for name in chosen.iter().filter(|name| !known().any(|known| known == name.as_str())) {
        let nearest = nearest(name, known()).map(str::to_owned);
        let option = NamingOption::Data;
        let kind = ErrorKind::UnknownInOption { option, name: name.clone(), nearest };
        errors.push(Error::nowhere(kind));
    }
}

/// Roles in a text with a `data` statement: undeclared names are parameters, or errors if there is
/// a `param` statement.
fn explicit<'a>(names: &Names<'a>, undeclared: Vec<(&'a str, Span)>, roles: &mut Roles<'a>) {
    if !names.declares_parameters {
        roles.parameters = undeclared;
        return;
    }
    for (name, span) in undeclared.into_iter().take(ERRORS_MAX + 1) {
        let before = names.declared.iter().filter(|(_, place)| *place < span);
        let nearest = nearest(name, before.map(|(name, _)| *name)).map(str::to_owned);
        roles.errors.push(Error::at(span, ErrorKind::UnknownName { name: name.into(), nearest }));
    }
}

fn take_only_column(roles: &mut Roles<'_>, columns: &Columns<'_>) {
    let Some(position) = roles.parameters.iter().position(|(name, _)| *name == DEFAULT_DATA) else {
        return;
    };
    let [column] = columns.numeric else { return };
    let (name, span) = roles.parameters.remove(position);
    roles.data.push((name, span));
    roles.only_column = Some((*column).to_owned());
    let message = format!("`{DEFAULT_DATA}` is the only numeric column, `{column}`");
    roles.warnings.push(note("only-column", message).at(span, ""));
}

/// A diagnostic of severity note.
pub(super) fn note(code: &'static str, message: String) -> Diagnostic {
    Diagnostic { severity: Severity::Note, ..Diagnostic::warning(code, message) }
}

/// The warning about several undeclared columns: covariates of a regression must not be
/// differentiated by accident. It declares both readings, a density of all columns and a regression
/// on those beside the response.
fn both_readings(roles: &Roles<'_>, ast: &Ast) -> Diagnostic {
    let spelled = |names: &[(&str, Span)]| {
        let names = names.iter().map(|&(name, span)| Name { text: name.to_owned(), span });
        names.map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
    };
    let data = spelled(&roles.data);
    let parameters = match roles.parameters.is_empty() {
        true => String::new(),
        false => format!("; param {}", spelled(&roles.parameters)),
    };
    let message = format!("{data} are all taken for data, as columns have these names");
    let mut warning = Diagnostic::warning("implicit-data", message);
    for &(_, span) in &roles.data {
        warning = warning.at(span, "");
    }
    let names: Vec<&str> = roles.data.iter().map(|(name, _)| *name).collect();
    let joint = format!("data {data}{parameters}");
    let Some(response) = response(ast, &names) else {
        return warning
            .note("what is only given, as in a regression, is a `covariate`")
            .help(format!("a density of all of them is `{joint}`"));
    };
    let (own, given): (Vec<_>, Vec<_>) = roles.data.iter().partition(|(name, _)| *name == response);
    let (own, given) = (spelled(&own), spelled(&given));
    warning
        .note(format!("a density of all of them is `{joint}`"))
        .help(format!("for a regression of `{own}`: `data {own}; covariate {given}{parameters}`"))
}

#[cfg(test)]
mod tests {
    use crate::model::{Model, Options};

    /// The helps about undeclared parameters beside these columns.
    fn told(text: &str) -> Vec<String> {
        let columns = ["height_cm", "weight", "age", "m"];
        let options = Options { columns: Some(&columns), numeric: &columns, ..Options::default() };
        let model = Model::with(text, &options).expect("a model");
        let warnings = model.warnings().iter().filter(|one| one.code == "doubtful-parameter");
        warnings.map(|one| one.help.clone().expect("a help")).collect()
    }

    #[test]
    fn parameters_that_nearly_are_columns_are_doubted() {
        let column = "did you mean the column `height_cm`?";
        assert_eq!(told("normal_lpdf(weight, a + b*height, s)"), [column]);
        assert_eq!(told("normal_lpdf(weight, a + b*heigth_cm, s)"), [column]);
        let given = told("data weight; normal_lpdf(weight, a + b*age, s)");
        assert!(given.len() == 1 && given[0].contains("declare `covariate age`"), "{given:?}");
    }

    #[test]
    fn other_parameters_are_not() {
        assert!(told("normal_lpdf(weight, a + b*height_cm, s)").is_empty());
        assert!(
            told("data weight; param height, s > 0; normal_lpdf(weight, height, s)").is_empty()
        );
        assert!(told("normal_lpdf(weight, mu, sigma)").is_empty());
    }
}
