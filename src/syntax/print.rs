//! [`Ast`](super::Ast) → text.
//!
//! Promises: the text parses to the same tree, up to spans. The tree has the parentheses of
//! its text, so the printer never adds or removes any.

use std::fmt::{self, Display, Formatter, Write};

use super::lex::{SUPERSCRIPT_DIGITS, SUPERSCRIPT_MINUS, name_spelling};
use super::{
    Ast, Condition, ConditionKind, Constraint, ConstraintKind, Declaration, Declarator, Expr,
    ExprKind, Extent, Generator, Index, Manifold, Name, PowerOperator, ProductOperator, Relation,
    Sign, Statement, StatementKind,
};

/// An expression as text of the language.
#[must_use]
pub fn text_of(expr: &Expr) -> String {
    expr.to_string()
}

impl Display for Ast {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.statements.iter().try_for_each(|statement| writeln!(f, "{statement}"))
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            StatementKind::Declare(declarator, list) => {
                write!(f, "{declarator} ")?;
                separated(f, list, ", ")
            }
            StatementKind::Const(name, value) => write!(f, "const {name} = {value}"),
            StatementKind::Let(name, value) => write!(f, "let {name} = {value}"),
            StatementKind::Def { name, parameters, body } => {
                write!(f, "def {name}(")?;
                separated(f, parameters, ", ")?;
                write!(f, ") = {body}")
            }
            StatementKind::Weight { target, value, gradient } => {
                let target = target.iter().map(|name| format!("{name} ")).collect::<String>();
                write!(f, "weight {target}= {value}")?;
                gradient.iter().try_for_each(|gradient| write!(f, " with gradient {gradient}"))
            }
            StatementKind::LogDensity(value) => write!(f, "logp = {value}"),
            StatementKind::Energy(value) => write!(f, "energy = {value}"),
            StatementKind::Bare(value) => write!(f, "{value}"),
        }
    }
}

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&name_spelling(&self.text))
    }
}

impl Display for Declarator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "data",
            Self::Covariate => "covariate",
            Self::Param => "param",
        })
    }
}

impl Display for Declaration {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if !self.shape.is_empty() {
            f.write_char('[')?;
            separated(f, &self.shape, ", ")?;
            f.write_char(']')?;
        }
        if let Some(constraint) = &self.constraint {
            write!(f, " {constraint}")?;
        }
        self.init.as_ref().map_or(Ok(()), |init| write!(f, " init {init}"))
    }
}

impl Display for Extent {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(size) => write!(f, "{size}"),
            Self::Columns(_) => f.write_char('*'),
        }
    }
}

impl Display for Constraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ConstraintKind::Bound(relation, end) => write!(f, "{relation} {end}"),
            ConstraintKind::Interval { low, high, low_closed, high_closed } => {
                let open = if *low_closed { '[' } else { '(' };
                let close = if *high_closed { ']' } else { ')' };
                write!(f, "in {open}{low}, {high}{close}")
            }
            ConstraintKind::Set(entries) => {
                let entries: Vec<String> = entries.iter().map(Expr::to_string).collect();
                write!(f, "in {{{}}}", entries.join(", "))
            }
            ConstraintKind::Range(first, last) => write!(f, "in {first}:{last}"),
            ConstraintKind::On(manifold) => write!(f, "on {manifold}"),
            ConstraintKind::Symmetric => f.write_str("symmetric"),
            ConstraintKind::Posdef => f.write_str("posdef"),
            ConstraintKind::Simplex => f.write_str("simplex"),
            ConstraintKind::Ordered => f.write_str("ordered"),
        }
    }
}

impl Display for Manifold {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sphere => "sphere",
            Self::Simplex => "simplex",
            Self::Circle => "circle",
        })
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Number(digits) => f.write_str(digits),
            ExprKind::Name(name) => f.write_str(&name_spelling(name)),
            ExprKind::Pi => f.write_str("pi"),
            ExprKind::Call { function, generators, arguments } => {
                call(f, function, generators, arguments)
            }
            ExprKind::If(condition, then, otherwise) => {
                write!(f, "if({condition}, {then}, {otherwise})")
            }
            ExprKind::Matrix(rows) => matrix(f, rows),
            ExprKind::Negate(inner) => write!(f, "-{inner}"),
            ExprKind::Sum(terms) => chain(f, terms),
            ExprKind::Product(factors) => chain(f, factors),
            ExprKind::Power(base, operator, exponent) => write!(f, "{base}{operator}{exponent}"),
            ExprKind::Superscript(base, exponent) => superscript(f, base, *exponent),
            ExprKind::Transpose(base) => write!(f, "{base}'"),
            ExprKind::Index(base, indices) => {
                write!(f, "{base}[")?;
                separated(f, indices, ", ")?;
                f.write_char(']')
            }
            ExprKind::Group(inner) => write!(f, "({inner})"),
        }
    }
}

/// A call; a function named `if` is printed in backquotes.
fn call(
    f: &mut Formatter<'_>,
    function: &Name,
    generators: &[Generator],
    arguments: &[Expr],
) -> fmt::Result {
    if function.text == "if" {
        f.write_str("`if`")?
    } else {
        write!(f, "{function}")?
    }
    f.write_char('(')?;
    generators.iter().try_for_each(|generator| write!(f, "{generator}, "))?;
    separated(f, arguments, ", ")?;
    f.write_char(')')
}

fn matrix(f: &mut Formatter<'_>, rows: &[Vec<Expr>]) -> fmt::Result {
    for (i, row) in rows.iter().enumerate() {
        f.write_str(if i == 0 { "[" } else { "; " })?;
        separated(f, row, ", ")?;
    }
    f.write_char(']')
}

/// A chain of operands, without its leading operator.
fn chain<T: Display>(f: &mut Formatter<'_>, parts: &[(T, Expr)]) -> fmt::Result {
    for (i, (operator, part)) in parts.iter().enumerate() {
        if i > 0 {
            write!(f, "{operator}")?;
        }
        write!(f, "{part}")?;
    }
    Ok(())
}

/// A superscript, with a space after another superscript, which would otherwise merge with it.
fn superscript(f: &mut Formatter<'_>, base: &Expr, exponent: i64) -> fmt::Result {
    write!(f, "{base}")?;
    if matches!(base.kind, ExprKind::Superscript(..)) {
        f.write_char(' ')?;
    }
    for c in exponent.to_string().chars() {
        f.write_char(match c.to_digit(10) {
            Some(digit) => SUPERSCRIPT_DIGITS[digit as usize],
            None => SUPERSCRIPT_MINUS,
        })?;
    }
    Ok(())
}

fn separated<T: Display>(f: &mut Formatter<'_>, items: &[T], separator: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl Display for Sign {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plus => " + ",
            Self::Minus => " - ",
        })
    }
}

impl Display for ProductOperator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Times => "*",
            Self::Over => "/",
            Self::DotTimes => " .* ",
            Self::DotOver => " ./ ",
        })
    }
}

impl Display for PowerOperator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Power => "^",
            Self::DotPower => " .^ ",
        })
    }
}

impl Display for Index {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(index) => write!(f, "{index}"),
            Self::Range(from, to) => write!(f, "{from}:{to}"),
            Self::All(_) => f.write_char(':'),
        }
    }
}

impl Display for Generator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}:{}", self.name, self.from, self.to)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ConditionKind::Compare(relation, left, right) => {
                write!(f, "{left} {relation} {right}")
            }
            ConditionKind::And(parts) => separated(f, parts, " and "),
            ConditionKind::Or(parts) => separated(f, parts, " or "),
            ConditionKind::Not(inner) => write!(f, "not {inner}"),
            ConditionKind::Group(inner) => write!(f, "({inner})"),
        }
    }
}

impl Display for Relation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        })
    }
}
