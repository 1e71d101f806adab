//! The text of a session's model: statements in order, each replaced by a later one of its name.
//!
//! Promises: every statement knows the part of the current line that it came from, so that a
//! diagnostic about the whole text can be shown in that line. Deliberately not known here: the
//! meaning of the statements.

use std::fmt;

use scorematch::source::Span;
use scorematch::syntax::{self, Declaration, Declarator, Name, Statement, StatementKind};

/// The subject of a statement; a later statement with an equal key replaces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A variable of any role.
    Variable(String),
    Function(String),
    /// The weight of one component, or of all.
    Weight(Option<String>),
    LogDensity,
}

/// The order of new statements: names are defined before they are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    Constant,
    Declaration,
    Definition,
    Weight,
    LogDensity,
}

/// Where the statements of a line are inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// In the place of the statement that they replace; new ones after others of their rank.
    InPlace,
    /// After all definitions, whose names they may then use.
    BehindDefinitions,
}

/// One statement; a declaration of several names is split into one for each.
#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Key,
    pub rank: Rank,
    /// `data `, `param `, …, of a declaration; it is kept apart since the line may
    /// have it before another name.
    head: String,
    body: String,
    /// The byte offset of the body in the current line; `None` for statements of earlier lines.
    origin: Option<u32>,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.head, self.body)
    }
}

/// Statements in order.
#[derive(Clone, Debug, Default)]
pub struct Statements(Vec<Entry>);

impl Statements {
    /// The statements of a whole text, in its order.
    pub fn read(text: &str) -> Result<Self, syntax::Error> {
        entries(text).map(Self)
    }

    /// The statements, with those of a line added.
    pub fn with(&self, line: &[Entry], placement: Placement) -> Self {
        let mut all = self.settled();
        for entry in line {
            let old = all.removed(&entry.key);
            let (old, rank) = match placement {
                Placement::InPlace => (old, entry.rank),
                Placement::BehindDefinitions => (None, entry.rank.max(Rank::Definition)),
            };
            let behind = || all.0.iter().position(|other| other.rank > rank);
            let place = old.or_else(behind).unwrap_or(all.0.len());
            all.0.insert(place, entry.clone());
        }
        all
    }

    /// The statements, none of which belong to a current line.
    pub fn settled(&self) -> Self {
        let settle = |entry: &Entry| Entry { origin: None, ..entry.clone() };
        Self(self.0.iter().map(settle).collect())
    }

    /// The statements without the one that declares a name; `None` if there is none.
    pub fn without(&self, name: &str) -> Option<Self> {
        let is_it = |entry: &Entry| match &entry.key {
            Key::Variable(known) | Key::Function(known) => known == name,
            Key::Weight(_) | Key::LogDensity => false,
        };
        let rest: Vec<Entry> = self.0.iter().filter(|entry| !is_it(entry)).cloned().collect();
        (rest.len() < self.0.len()).then_some(Self(rest))
    }

    /// Removes the statement of an earlier line with this key, and returns its index. Two with one
    /// key in the same line are both kept, and the model refuses them.
    fn removed(&mut self, key: &Key) -> Option<usize> {
        let old = |entry: &Entry| entry.key == *key && entry.origin.is_none();
        let place = self.0.iter().position(old)?;
        self.0.remove(place);
        Some(place)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of log-densities; a model has one.
    pub fn log_densities(&self) -> usize {
        self.0.iter().filter(|entry| entry.key == Key::LogDensity).count()
    }

    pub fn has_log_density(&self) -> bool {
        self.log_densities() > 0
    }

    pub fn declares_data(&self) -> bool {
        self.0.iter().any(|entry| entry.head == format!("{} ", Declarator::Data))
    }

    /// The whole text, one statement a line.
    pub fn text(&self) -> String {
        self.0.iter().map(|entry| format!("{entry}\n")).collect()
    }

    /// Whether a statement belongs to a current line.
    pub fn are_changing(&self) -> bool {
        self.0.iter().any(|entry| entry.origin.is_some())
    }

    /// The place in the current line of a place in the whole text.
    pub fn origin(&self, span: Span) -> Option<Span> {
        let mut start = 0;
        for entry in &self.0 {
            let body = start + length(&entry.head);
            let end = body + length(&entry.body);
            if (body..=end).contains(&span.start) && span.end <= end {
                let shift = |at: u32| entry.origin.map(|origin| origin + at - body);
                return Some(Span { start: shift(span.start)?, end: shift(span.end)? });
            }
            start = end + 1;
        }
        None
    }
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).expect("the parser limits the length of a text")
}

/// The statements of a line.
pub fn entries(line: &str) -> Result<Vec<Entry>, syntax::Error> {
    let ast = syntax::parse(line)?;
    Ok(ast.statements.iter().flat_map(|statement| split(statement, line)).collect())
}

fn split(statement: &Statement, line: &str) -> Vec<Entry> {
    let (key, rank) = match &statement.kind {
        StatementKind::Declare(declarator, list) => {
            return list.iter().map(|one| declared(*declarator, one, line)).collect();
        }
        StatementKind::Const(name, _) => (variable(name), Rank::Constant),
        StatementKind::Let(name, _) => (variable(name), Rank::Definition),
        StatementKind::Def { name, .. } => (Key::Function(name.text.clone()), Rank::Definition),
        StatementKind::Weight { target: name, .. } => {
            (Key::Weight(name.as_ref().map(|name| name.text.clone())), Rank::Weight)
        }
        StatementKind::LogDensity(_) | StatementKind::Energy(_) | StatementKind::Bare(_) => {
            (Key::LogDensity, Rank::LogDensity)
        }
    };
    vec![entry(key, rank, String::new(), statement.span, line)]
}

fn declared(declarator: Declarator, declaration: &Declaration, line: &str) -> Entry {
    let key = variable(&declaration.name);
    entry(key, Rank::Declaration, format!("{declarator} "), declaration.span, line)
}

fn variable(name: &Name) -> Key {
    Key::Variable(name.text.clone())
}

fn entry(key: Key, rank: Rank, head: String, span: Span, line: &str) -> Entry {
    let body = line[span.start as usize..span.end as usize].to_owned();
    Entry { key, rank, head, body, origin: Some(span.start) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(lines: &[&str]) -> Statements {
        lines.iter().fold(Statements::default(), |all, line| {
            all.with(&entries(line).expect("the line parses"), Placement::InPlace)
        })
    }

    #[track_caller]
    fn check(lines: &[&str], expected: &str) {
        assert_eq!(model(lines).text().trim_end().replace('\n', "; "), expected);
    }

    #[test]
    fn a_later_statement_of_a_name_replaces_the_former() {
        check(&["-x^2", "energy = x^2"], "energy = x^2");
        check(&["param a, b, c", "param b > 0"], "param a; param b > 0; param c");
        check(&["data y", "covariate y"], "covariate y");
        check(&["let r = 1", "def r(t) = t", "let r = 2"], "let r = 2; def r(t) = t");
        check(&["weight = 1", "weight y = 2", "weight = 3"], "weight = 3; weight y = 2");
    }

    #[test]
    fn names_are_defined_before_they_are_used() {
        check(&["-(x - m)^2", "let m = a", "param a"], "param a; let m = a; -(x - m)^2");
        check(&["data x[d]", "const d = 3"], "const d = 3; data x[d]");
    }

    #[test]
    fn two_statements_of_one_line_are_both_kept() {
        check(&["-x^2; -x^4"], "-x^2; -x^4");
    }

    #[test]
    fn places_are_mapped_back_to_the_line() {
        let line = "param a, bb > 0";
        let all = model(&["data x"])
            .with(&entries(line).expect("a text that parses"), Placement::InPlace);
        let text = all.text();
        let at = u32::try_from(text.find("bb > 0").expect("the text has the declaration"))
            .expect("a short text");
        let origin = all.origin(Span { start: at, end: at + 2 });
        assert_eq!(origin, Some(Span { start: 9, end: 11 }));
        assert_eq!(all.origin(Span { start: 5, end: 6 }), None, "typed before");
        assert_eq!(all.settled().origin(Span { start: at, end: at + 2 }), None);
    }
}
