//! The abstract syntax of the model language, faithful to the text.
//!
//! Promises: every node carries its [`Span`]; chains of one precedence are lists,
//! so depth is bounded by [`NESTING_MAX`]. Deliberately not known here: what a
//! name means, shapes, the values of numbers.

mod error;
mod expression;
mod help;
mod lex;
mod lexeme;
mod parse;
mod print;
mod statement;
mod stream;

use crate::source::Span;

pub use error::{Error, ErrorKind};
pub use help::STATEMENT_WORDS;
pub(crate) use lex::name_spelling;
pub use lex::unfinished;
pub use lexeme::{Class, DECLARATION_WORDS, Lexeme, lexemes};
pub use parse::parse;
pub use print::text_of;

/// Deepest nesting of brackets and prefix, postfix or power operators.
pub const NESTING_MAX: usize = 256;
/// Longest source in bytes.
pub const SOURCE_MAX: usize = 1 << 20;

/// A parsed model.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The statements in order of the text.
    pub statements: Vec<Statement>,
}

/// A name with its place. Backquotes are removed, the text is in NFC, the micro sign folded to μ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// The whole statement.
    pub span: Span,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `data`, `covariate` or `param`.
    Declare(Declarator, Vec<Declaration>),
    /// `const NAME = expr`
    Const(Name, Expr),
    /// `let NAME = expr`
    Let(Name, Expr),
    /// `def NAME(a, b) = expr`
    Def {
        /// The function's name.
        name: Name,
        /// Its parameters.
        parameters: Vec<Name>,
        /// Its body.
        body: Expr,
    },
    /// `weight [NAME] = expr [with gradient expr]`
    Weight {
        /// The data that the weight applies to; all data if `None`.
        target: Option<Name>,
        /// The weight.
        value: Expr,
        /// Its derivatives with respect to the data; derived from `value` if `None`.
        gradient: Option<Expr>,
    },
    /// `logp = expr`
    LogDensity(Expr),
    /// `energy = expr`: log p is minus this.
    Energy(Expr),
    /// An expression alone is the log-density.
    Bare(Expr),
}

/// The word at the head of a declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declarator {
    /// Data, with respect to which the score differentiates.
    Data,
    /// Data that are given and never differentiated.
    Covariate,
    /// Parameters, which are estimated.
    Param,
}

/// `NAME [shape] [constraint] [init expr]`
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// The declared name.
    pub name: Name,
    /// One extent for a vector, two for a matrix, none for a scalar.
    pub shape: Vec<Extent>,
    /// The constraint on this name.
    pub constraint: Option<Constraint>,
    /// A start value.
    pub init: Option<Expr>,
    /// The whole declaration.
    pub span: Span,
}

/// A size in a declaration.
#[derive(Clone, Debug, PartialEq)]
pub enum Extent {
    /// A constant expression.
    Size(Expr),
    /// `*`: taken from the columns (data and covariates only; the model checks).
    Columns(Span),
}

/// A constraint with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// What it says.
    pub kind: ConstraintKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of constraint.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintKind {
    /// `> e`, `>= e`, `< e`, `<= e`
    Bound(Relation, Expr),
    /// `in (a, b)`, `in [a, b]` and the mixed forms.
    Interval {
        /// Lower end.
        low: Expr,
        /// Upper end.
        high: Expr,
        /// `[` rather than `(`.
        low_closed: bool,
        /// `]` rather than `)`.
        high_closed: bool,
    },
    /// `in {a, b, …}`, two or more
    Set(Vec<Expr>),
    /// `in a:b`, the whole numbers from one to the other.
    Range(Expr, Expr),
    /// `on sphere`, `on simplex`, `on circle`
    On(Manifold),
    /// `symmetric`
    Symmetric,
    /// `posdef`
    Posdef,
    /// `simplex`
    Simplex,
    /// `ordered`
    Ordered,
}

/// A domain of data other than the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manifold {
    /// Unit vectors.
    Sphere,
    /// Non-negative vectors that sum to one.
    Simplex,
    /// Angles in radians.
    Circle,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, without enclosing parentheses.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A literal as written, `1.5e-3`.
    Number(String),
    /// A variable.
    Name(String),
    /// The constant `pi`; a column of that name is written in backquotes.
    Pi,
    /// `f(args)`, `sum(i in 1:3, …)`. `if` is [`ExprKind::If`].
    Call {
        /// The function.
        function: Name,
        /// Generators in front of the arguments.
        generators: Vec<Generator>,
        /// The arguments; exactly one after generators.
        arguments: Vec<Expr>,
    },
    /// `if(condition, then, otherwise)`
    If(Box<Condition>, Box<Expr>, Box<Expr>),
    /// `[a, b; c, d]`, row by row.
    Matrix(Vec<Vec<Expr>>),
    /// `-a`
    Negate(Box<Expr>),
    /// `a + b - c`, two terms or more; the first sign is plus.
    Sum(Vec<(Sign, Expr)>),
    /// `a * b / c .* d`, two factors or more; the first operator is [`ProductOperator::Times`].
    Product(Vec<(ProductOperator, Expr)>),
    /// `a ^ b`, `a .^ b`
    Power(Box<Expr>, PowerOperator, Box<Expr>),
    /// `a²`, `x⁻¹`: the exponent as an integer.
    Superscript(Box<Expr>, i64),
    /// `a'`
    Transpose(Box<Expr>),
    /// `a[i]`, `a[i, j]`
    Index(Box<Expr>, Vec<Index>),
    /// `(a)`: kept so that the printer is faithful.
    Group(Box<Expr>),
}

/// `+` or `-` in front of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// An operator between factors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductOperator {
    /// `*`
    Times,
    /// `/`
    Over,
    /// `.*`
    DotTimes,
    /// `./`
    DotOver,
}

/// An operator before an exponent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerOperator {
    /// `^`
    Power,
    /// `.^`
    DotPower,
}

/// One index.
#[derive(Clone, Debug, PartialEq)]
pub enum Index {
    /// `i`
    At(Expr),
    /// `a:b`
    Range(Expr, Expr),
    /// `:`
    All(Span),
}

/// `NAME in from:to`
#[derive(Clone, Debug, PartialEq)]
pub struct Generator {
    /// The index.
    pub name: Name,
    /// First value.
    pub from: Expr,
    /// Last value.
    pub to: Expr,
}

/// A condition of `if`.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// What it says.
    pub kind: ConditionKind,
    /// Where it stands.
    pub span: Span,
}

/// The kinds of condition.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionKind {
    /// `a < b`
    Compare(Relation, Expr, Expr),
    /// `a and b and …`, two or more.
    And(Vec<Condition>),
    /// `a or b or …`, two or more.
    Or(Vec<Condition>),
    /// `not a`
    Not(Box<Condition>),
    /// `(a)`
    Group(Box<Condition>),
}

/// Comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}
