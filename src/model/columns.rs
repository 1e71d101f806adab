//! Binds declared names to columns of a file.

use unicode_normalization::UnicodeNormalization;

use super::Shape;
use super::declare::Declared;
use super::error::{Error, ErrorKind, NamingOption};
use super::roles::note;
use crate::source::Diagnostic;
use crate::source::nearest;
use crate::syntax::Declarator;

/// The columns of a file, and the assignments of `--map`.
#[derive(Debug)]
pub(super) struct Columns<'a> {
    pub all: &'a [&'a str],
    /// The names of the columns in the normal form of names of the language.
    folded: Vec<String>,
    pub numeric: &'a [&'a str],
    map: &'a [(String, Vec<String>)],
}

impl<'a> Columns<'a> {
    pub fn new(
        all: &'a [&'a str],
        numeric: &'a [&'a str],
        map: &'a [(String, Vec<String>)],
    ) -> Self {
        let folded = all.iter().map(|column| folded(column)).collect();
        Self { all, folded, numeric, map }
    }

    /// The column with this name; the result is its name in the file.
    pub fn find(&self, name: &str) -> Option<&'a str> {
        self.folded.iter().position(|folded| folded == name).map(|position| self.all[position])
    }

    pub fn is_mapped(&self, name: &str) -> bool {
        self.mapped(name).is_some()
    }

    fn mapped(&self, name: &str) -> Option<&'a [String]> {
        let entry = self.map.iter().find(|(mapped, _)| mapped == name);
        entry.map(|(_, columns)| columns.as_slice())
    }

    /// The number of entries that columns give `name[*]`: those of `--map`, else the numbered
    /// columns, else all numeric columns if it is the only declared variable.
    pub fn size_of(&self, name: &str, alone: bool) -> Option<usize> {
        if let Some(columns) = self.mapped(name) {
            return Some(columns.len());
        }
        let counts = spellings(name).into_iter().map(|spelling| {
            (1..).take_while(|entry| self.find(&spelling.of(&[*entry])).is_some()).count()
        });
        let count = counts.into_iter().find(|count| *count > 0);
        count.or_else(|| Some(self.numeric.len()).filter(|count| alone && *count > 0))
    }

    /// A suggestion for names without a column: a vector of numbered columns, or a column with a
    /// similar name.
    pub fn meant_by<'b>(&self, names: impl Iterator<Item = &'b str> + Clone) -> Option<String> {
        let vector = |name: &str| {
            let entries = self.size_of(name, false).filter(|&entries| entries > 1)?;
            Some(format!(
                "the columns are one vector where it is declared: `data {name}[{entries}]`"
            ))
        };
        let column = |name: &str| {
            let near = nearest(name, self.numeric.iter().copied()).filter(|near| near != &name)?;
            Some(format!("did you mean the column `{near}` by `{name}`?"))
        };
        names.clone().find_map(vector).or_else(|| names.clone().find_map(column))
    }

    /// The names of the numeric columns, and those of the other columns.
    pub fn by_content(&self) -> (Vec<String>, Vec<String>) {
        let named = self.owned().into_iter().filter(|column| !column.is_empty());
        named.partition(|column| self.numeric.contains(&column.as_str()))
    }

    fn owned(&self) -> Vec<String> {
        self.all.iter().map(|column| (*column).to_owned()).collect()
    }
}

/// The normal form of names in the language: NFC, with the micro sign as μ.
fn folded(column: &str) -> String {
    column.nfc().map(|c| if c == 'µ' { 'μ' } else { c }).collect()
}

/// A spelling of the numbered columns of a name.
struct Spelling {
    before: String,
    between: &'static str,
    after: &'static str,
}

impl Spelling {
    fn of(&self, indices: &[usize]) -> String {
        let indices: Vec<String> = indices.iter().map(usize::to_string).collect();
        format!("{}{}{}", self.before, indices.join(self.between), self.after)
    }
}

/// The spellings in order of preference: `x1`, `x[1]`, `x_1`.
fn spellings(name: &str) -> [Spelling; 3] {
    [
        Spelling { before: name.to_owned(), between: "_", after: "" },
        Spelling { before: format!("{name}["), between: ",", after: "]" },
        Spelling { before: format!("{name}_"), between: "_", after: "" },
    ]
}

/// Binds every component of data and covariates to a column.
pub(super) fn bind(
    declared: &mut [Declared],
    columns: &Columns<'_>,
    errors: &mut Vec<Error>,
    warnings: &mut Vec<Diagnostic>,
) {
    check_map(declared, columns, errors);
    let mut variables: Vec<&mut Declared> =
        declared.iter_mut().filter(|declared| declared.role != Declarator::Param).collect();
    for declared in &mut variables {
        if declared.columns.is_empty() {
            declared.columns = columns_of(declared, columns, errors);
        }
    }
    let wanted: usize = variables.iter().map(|declared| declared.shape.len()).sum();
    let none = variables.iter().all(|declared| declared.columns.is_empty());
    if none && wanted > 0 && wanted == columns.numeric.len() && errors.is_empty() {
        warnings.push(bind_in_order(&mut variables, columns.numeric));
        return;
    }
    warnings.extend(variables.iter().filter_map(|declared| from_zero(declared, columns)));
    for declared in variables.iter().filter(|declared| declared.columns.is_empty()) {
        if !columns.is_mapped(&declared.name) {
            errors.push(missing(declared, columns));
        }
    }
}

fn check_map(declared: &[Declared], columns: &Columns<'_>, errors: &mut Vec<Error>) {
    let variables = || {
        let variables = declared.iter().filter(|declared| declared.role != Declarator::Param);
        variables.map(|declared| declared.name.as_str())
    };
    for (name, _) in columns.map {
        if !variables().any(|variable| variable == name) {
            let nearest = nearest(name, variables()).map(str::to_owned);
            let option = NamingOption::Map;
            let kind = ErrorKind::UnknownInOption { option, name: name.clone(), nearest };
            errors.push(Error::nowhere(kind));
        }
    }
}

/// The columns of all entries of a declared name; empty where one is missing.
fn columns_of(declared: &Declared, columns: &Columns<'_>, errors: &mut Vec<Error>) -> Vec<String> {
    if let Some(mapped) = columns.mapped(&declared.name) {
        return mapped_columns(declared, mapped, columns, errors);
    }
    let found = candidates(declared).into_iter().find_map(|names| {
        names.iter().map(|name| columns.find(name)).collect::<Option<Vec<&str>>>()
    });
    found.unwrap_or_default().into_iter().map(str::to_owned).collect()
}

fn mapped_columns(
    declared: &Declared,
    mapped: &[String],
    columns: &Columns<'_>,
    errors: &mut Vec<Error>,
) -> Vec<String> {
    let entries = declared.shape.len();
    if mapped.len() != entries {
        let (name, found) = (declared.name.clone(), mapped.len());
        errors.push(Error::at(declared.span, ErrorKind::MapCount { name, entries, found }));
        return Vec::new();
    }
    let known = |column: &String| columns.all.contains(&column.as_str());
    for column in mapped.iter().filter(|column| !known(column)) {
        let nearest = nearest(column, columns.all.iter().copied()).map(str::to_owned);
        let kind = ErrorKind::UnknownColumn { column: column.clone(), nearest };
        errors.push(Error::nowhere(kind));
    }
    if mapped.iter().all(known) { mapped.to_vec() } else { Vec::new() }
}

/// The names of columns that would fit, one list for each spelling, in order of preference.
fn candidates(declared: &Declared) -> Vec<Vec<String>> {
    let name = &declared.name;
    let numbered = |indices: Vec<Vec<usize>>| {
        let spell = |spelling: Spelling| indices.iter().map(|i| spelling.of(i)).collect();
        spellings(name).into_iter().map(spell).collect()
    };
    match declared.shape {
        Shape::Scalar => vec![vec![name.clone()]],
        Shape::Vector(n) => numbered((1..=n).map(|i| vec![i]).collect()),
        Shape::Matrix(rows, width) => {
            let places = (1..=rows).flat_map(|i| (1..=width).map(move |j| vec![i, j]));
            numbered(places.collect())
        }
    }
}

fn bind_in_order(variables: &mut [&mut Declared], numeric: &[&str]) -> Diagnostic {
    let mut rest = numeric.iter();
    let mut pairs = Vec::new();
    for declared in variables {
        let entries = declared.shape.len();
        declared.columns = rest.by_ref().take(entries).map(|&c| c.to_owned()).collect();
        pairs.push(format!("{} = {}", declared.name, declared.columns.join(", ")));
    }
    let message = "no column has a declared name, so the numeric columns are taken in order";
    note("columns-in-order", message.to_owned()).note(pairs.join("; "))
}

fn missing(declared: &Declared, columns: &Columns<'_>) -> Error {
    let first = |names: Vec<String>| names.into_iter().find(|name| columns.find(name).is_none());
    let mut wanted: Vec<String> = candidates(declared).into_iter().filter_map(first).collect();
    wanted.dedup();
    let nearest = wanted.first().and_then(|name| nearest(name, columns.all.iter().copied()));
    let nearest = nearest.map(str::to_owned);
    let (name, columns) = (declared.name.clone(), columns.owned());
    Error::at(declared.span, ErrorKind::MissingColumns { name, wanted, columns, nearest })
}

/// A warning about a numbered column 0, where a vector of the language begins at 1.
fn from_zero(declared: &Declared, columns: &Columns<'_>) -> Option<Diagnostic> {
    let Shape::Vector(_) = declared.shape else { return None };
    let spelled = spellings(&declared.name);
    let column = spelled.iter().find_map(|spelling| columns.find(&spelling.of(&[0])))?;
    if declared.columns.iter().any(|taken| taken == column) {
        return None;
    }
    let message =
        format!("the data has a column `{column}`, but `{}` counts from 1", declared.name);
    let warning = Diagnostic::warning("column-from-zero", message).at(declared.span, "");
    Some(warning.help(format!("say which columns are meant: `--map {}={column},…`", declared.name)))
}
