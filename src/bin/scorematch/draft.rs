//! The text of a first model: a description of the columns, one active
//! model, and others in comments.
//!
//! Promises: the text is a valid model, and so is each model in comments by itself.

use scorematch::numerics::decimal::shortest;
use scorematch::source::{Span, one_line};
use scorematch::syntax;

/// Most columns for which a joint normal is offered; its precision has about half as many
/// parameters as the square of this number.
const JOINT_MAX: usize = 30;
/// Length in letters beyond which a name in a comment is cut.
const SHOWN: usize = 60;
/// Most terms or names on a line.
const ON_A_LINE: usize = 5;

/// A column with the range and the kind of its values.
pub struct Column<'a> {
    pub name: &'a str,
    pub low: f64,
    pub high: f64,
    holds: Holds,
}

/// The kind of the values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// Both 0 and 1, and no others.
    ZeroOne,
    /// Both -1 and 1, and no others.
    Signs,
    /// Strictly between 0 and 1.
    Shares,
    Positive,
    Line,
}

/// A column of texts whose levels can index parameters.
pub struct Group {
    pub name: String,
    /// Its number of levels and the first of them.
    pub described: String,
}

/// The parts from which the text of a first model is written.
pub struct Draft<'a> {
    /// Comments at the top.
    pub heading: String,
    /// Number of rows in use.
    pub rows: usize,
    /// The columns in use, at least one; the first is the response.
    pub columns: Vec<Column<'a>>,
    /// Columns of few texts.
    pub groups: Vec<Group>,
    /// Columns that are left out, with the reason.
    pub left_out: Vec<String>,
}

/// A model with the comment above it.
struct Choice {
    why: String,
    text: String,
}

impl<'a> Column<'a> {
    pub fn of(name: &'a str, values: &[f64]) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ends = values.iter().all(|&x| x == low || x == high);
        let holds = match (low, high) {
            (0.0, 1.0) if ends => Holds::ZeroOne,
            (-1.0, 1.0) if ends => Holds::Signs,
            _ if low > 0.0 && high < 1.0 => Holds::Shares,
            _ if low > 0.0 => Holds::Positive,
            _ => Holds::Line,
        };
        Self { name, low, high, holds }
    }

    /// The name, in backquotes where the language requires them.
    fn spelled(&self) -> String {
        spelled(self.name)
    }

    fn described(&self) -> String {
        let support = match self.holds {
            Holds::ZeroOne => "in {0, 1}",
            Holds::Signs => "in {-1, 1}",
            Holds::Shares => "in (0, 1)",
            Holds::Positive => "> 0",
            Holds::Line => "on the line",
        };
        let (low, high) = (shortest(self.low), shortest(self.high));
        format!("# * {}: {low} to {high}, {support}\n", one_line(self.name, SHOWN))
    }
}

impl Draft<'_> {
    pub fn text(&self) -> String {
        let columns: String = self.columns.iter().map(Column::described).collect();
        let groups = self.groups.iter();
        let groups =
            groups.map(|one| format!("# * {}: {}\n", one_line(&one.name, SHOWN), one.described));
        let left_out = self.left_out.iter().map(|why| format!("# * {why}; left out\n"));
        let mut choices = self.choices().into_iter();
        let live = choices.next().expect("every kind of column has a model");
        let others = choices.map(|Choice { why, text }| {
            let lines = text.lines().map(|line| format!("#   {line}\n"));
            format!("\n# Or {why}:\n{}", lines.collect::<String>())
        });
        format!(
            "{}#\n# Columns, in {} rows:\n{columns}{}{}\n# The model is {}:\n{}{}",
            self.heading,
            self.rows,
            groups.collect::<String>(),
            left_out.collect::<String>(),
            live.why,
            live.text,
            others.collect::<String>(),
        )
    }

    /// The active model first, then the alternatives.
    fn choices(&self) -> Vec<Choice> {
        let (response, given) = self.columns.split_first().expect("columns is not empty");
        let mut choices =
            if given.is_empty() { self.alone(response) } else { self.given(response) };
        if !response.is_binary() {
            choices.extend(self.groups.iter().map(|group| self.by_level(response, group)));
        }
        let on_line = self.columns.iter().all(|column| !column.is_binary());
        if !given.is_empty() && on_line && self.columns.len() <= JOINT_MAX {
            choices.push(self.joint());
        }
        choices
    }

    /// Models of a single column.
    fn alone(&self, column: &Column<'_>) -> Vec<Choice> {
        let y = column.spelled();
        let [a, b, s, m] = ["a", "b", "s", "m"].map(|name| self.free(name));
        let w = self.free("w");
        let on_line = [
            choice(
                "a normal distribution",
                format!("data {y}\nparam {m}, {s} > 0\nlogp = normal_lpdf({y}, {m}, {s})\n"),
            ),
            choice(
                "Student's t, for which rows far out count for less",
                format!("data {y}\nparam {m}, {s} > 0\nlogp = student_t_lpdf({y}, 5, {m}, {s})\n"),
            ),
            choice(
                "two groups",
                format!(
                    "data {y}\nparam {w}[2] simplex, {m}[2] ordered, {s}[2] > 0\nlogp = mixture({w}, \
                     [normal_lpdf({y}, {m}[1], {s}[1]), normal_lpdf({y}, {m}[2], {s}[2])])\n"
                ),
            ),
        ];
        let own = match column.holds {
            Holds::Line => vec![],
            Holds::ZeroOne | Holds::Signs => {
                let pair = column.pair();
                let text = format!("data {y} {pair}\nparam {a}\nlogp = {a}*{y}\n");
                return vec![choice("the share of each value, by its logit", text)];
            }
            Holds::Shares => vec![choice(
                "a beta distribution",
                format!(
                    "data {y} in (0, 1)\nparam {a} > 0, {b} > 0\nlogp = beta_lpdf({y}, {a}, {b})\n"
                ),
            )],
            Holds::Positive => vec![
                choice(
                    "a gamma distribution, of shape and rate",
                    format!(
                        "data {y} > 0\nparam {a} > 0, {b} > 0\nlogp = gamma_lpdf({y}, {a}, {b})\n"
                    ),
                ),
                choice(
                    "a lognormal distribution",
                    format!(
                        "data {y} > 0\nparam {m}, {s} > 0\nlogp = lognormal_lpdf({y}, {m}, {s})\n"
                    ),
                ),
            ],
        };
        own.into_iter().chain(on_line).collect()
    }

    /// Models of the response given the other columns.
    fn given(&self, response: &Column<'_>) -> Vec<Choice> {
        let y = response.spelled();
        let [a, b, s, k] = ["a", "b", "s", "k"].map(|name| self.free(name));
        let given = &self.columns[1..];
        let names: Vec<String> = given.iter().map(Column::spelled).collect();
        let size = if names.len() > 1 { format!("[{}]", names.len()) } else { String::new() };
        let slopes = names.iter().enumerate().map(|(j, name)| match size.as_str() {
            "" => format!("{b}*{name}"),
            _ => format!("{b}[{}]*{name}", j + 1),
        });
        let terms: Vec<String> = std::iter::once(a.clone()).chain(slopes).collect();
        let mean = on_lines(&terms, " +");
        let head = |support: &str, more: &str| {
            let covariates = on_lines(&names, ",");
            format!("data {y}{support}\ncovariate {covariates}\nparam {a}, {b}{size}{more}\n")
        };
        if response.is_binary() {
            let pair = format!(" {}", response.pair());
            let text = format!("{}logp = {y}*({mean})\n", head(&pair, ""));
            return vec![choice(&format!("{y} given the other columns, by its logit"), text)];
        }
        let scale = format!(", {s} > 0");
        let normal = format!("{}logp = normal_lpdf({y}, {mean}, {s})\n", head("", &scale));
        let heavy = format!("{}logp = student_t_lpdf({y}, 5, {mean}, {s})\n", head("", &scale));
        let mut choices = vec![
            choice(
                &format!("the regression of {y} on the other columns, with normal errors"),
                normal,
            ),
            choice("with Student's errors, for which rows far out count for less", heavy),
        ];
        let shape = format!(", {k} > 0");
        let support = match response.holds {
            Holds::Positive => " > 0",
            Holds::Shares => " in (0, 1)",
            Holds::ZeroOne | Holds::Signs | Holds::Line => return choices,
        };
        let (why, text) = match response.holds {
            Holds::Shares => {
                let p = self.free("p");
                let density = format!("beta_lpdf({y}, {k}*{p}, {k}*(1 - {p}))");
                let text = format!("let {p} = sigmoid({mean})\nlogp = {density}\n");
                ("as a beta distribution whose mean has this logit", text)
            }
            _ => {
                let text = format!("logp = gamma_lpdf({y}, {k}, {k}*exp(-({mean})))\n");
                ("as a gamma distribution whose mean has this logarithm", text)
            }
        };
        choices.push(choice(why, head(support, &shape) + &text));
        choices
    }

    /// A normal with a mean for each level of a group.
    fn by_level(&self, response: &Column<'_>, group: &Group) -> Choice {
        let (y, g) = (response.spelled(), spelled(&group.name));
        let [m, s] = ["m", "s"].map(|name| self.free(name));
        choice(
            &format!("with a mean for each level of {g}"),
            format!(
                "data {y}\ncovariate {g}\nparam {m}[{g}], {s} > 0\n\
                 logp = normal_lpdf({y}, {m}[{g}], {s})\n"
            ),
        )
    }

    /// A joint normal of all columns.
    fn joint(&self) -> Choice {
        let names: Vec<String> = self.columns.iter().map(Column::spelled).collect();
        let (d, all) = (names.len(), on_lines(&names, ","));
        let [m, k] = ["m", "K"].map(|name| self.free(name));
        choice(
            "all columns jointly, as a normal distribution with a mean and a precision matrix",
            format!(
                "data {all}\nparam {m}[{d}], {k}[{d},{d}] posdef\n\
                 logp = multi_normal_prec_lpdf([{all}], {m}, {k})\n"
            ),
        )
    }

    /// The name, with underscores appended until no column has it.
    fn free(&self, name: &str) -> String {
        let mut free = name.to_owned();
        let is_taken = |free: &String| {
            let columns = self.columns.iter().any(|column| column.name == free.as_str());
            columns || self.groups.iter().any(|group| group.name == *free)
        };
        while is_taken(&free) {
            free.push('_');
        }
        free
    }
}

impl Column<'_> {
    fn is_binary(&self) -> bool {
        matches!(self.holds, Holds::ZeroOne | Holds::Signs)
    }

    fn pair(&self) -> &'static str {
        if self.holds == Holds::Signs { "in {-1, 1}" } else { "in {0, 1}" }
    }
}

/// A name as the language writes it.
fn spelled(name: &str) -> String {
    syntax::Name { text: name.to_owned(), span: Span::default() }.to_string()
}

fn choice(why: &str, text: String) -> Choice {
    Choice { why: why.to_owned(), text }
}

/// Items joined by a separator, [`ON_A_LINE`] on each line.
fn on_lines(items: &[String], between: &str) -> String {
    let lines: Vec<String> =
        items.chunks(ON_A_LINE).map(|line| line.join(&format!("{between} "))).collect();
    lines.join(&format!("{between}\n    "))
}

#[cfg(test)]
mod tests {
    use scorematch::model::Model;

    use super::*;

    /// The active model, as the whole text, and then those in comments.
    fn models(columns: Vec<Column<'_>>) -> Vec<String> {
        let group = |name: &str| Group { name: name.to_owned(), described: "2 levels".to_owned() };
        let (groups, left_out) = (vec![group("New York"), group("m")], vec!["t".to_owned()]);
        let draft = Draft { heading: "# A\n".to_owned(), rows: 3, columns, groups, left_out };
        let text = draft.text();
        let mut models = vec![text.clone()];
        for line in text.lines() {
            match line.strip_prefix("#   ") {
                Some(line) => {
                    *models.last_mut().expect("the list is not empty") += &format!("{line}\n")
                }
                None if line.starts_with("# Or") => models.push(String::new()),
                None => {}
            }
        }
        models
    }

    #[test]
    fn the_active_model_and_each_one_in_comments_are_valid() {
        let kinds: [(&str, &[f64]); 6] = [
            ("a", &[1.5, 2.0, 7.0]),
            ("b", &[0.1, 0.2, 0.9]),
            ("Sepal.Length", &[-1.0, 2.5, 0.0]),
            ("s", &[0.0, 1.0, 1.0]),
            ("in", &[-1.0, 1.0, 1.0]),
            ("p", &[0.5, 0.7, 0.2]),
        ];
        let column = |k: usize| Column::of(kinds[k].0, kinds[k].1);
        for first in 0..kinds.len() {
            let others = (0..kinds.len()).filter(|&k| k != first);
            let all = std::iter::once(first).chain(others).map(column).collect();
            for columns in [vec![column(first)], vec![column(first), column(2)], all] {
                let repeated = columns.len() == 2 && first == 2;
                for text in if repeated { vec![] } else { models(columns) } {
                    let model = Model::parse(&text);
                    let model = model.unwrap_or_else(|errors| panic!("{errors}\n{text}"));
                    // The levels of a group come with the data.
                    let quiet = model.warnings().iter().all(|one| one.code == "unknown-levels");
                    assert!(!model.parameters().is_empty() && quiet, "{text}");
                }
            }
        }
    }

    #[test]
    fn supports_follow_from_the_values() {
        let holds = |values: &[f64]| Column::of("x", values).holds;
        assert_eq!(holds(&[0.0, 1.0]), Holds::ZeroOne);
        assert_eq!(holds(&[0.0, 0.5, 1.0]), Holds::Line);
        assert_eq!(holds(&[1.0, -1.0]), Holds::Signs);
        assert_eq!(holds(&[0.2, 0.9]), Holds::Shares);
        assert_eq!(holds(&[1.0, 2.0]), Holds::Positive);
        assert_eq!(holds(&[0.0, 2.0]), Holds::Line);
    }
}
