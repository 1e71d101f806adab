//! The errors of a model: one flat list of kinds.
//!
//! Promises: all errors of a text are collected, each once, and at most twenty are reported. Their
//! wording is in `explain`.

use std::fmt;

use super::Shape;
use super::elaborate::ERRORS_MAX;
use crate::source::Span;
use crate::syntax;

/// An error of a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// The kind of error.
    pub kind: ErrorKind,
    /// Its place; `None` for what is missing or comes from an option.
    pub span: Option<Span>,
    /// The calls that led to `span`, innermost first, where it is in the body of a definition.
    pub calls: Vec<Span>,
    /// The usage of the density, where `span` is a call of a density by name.
    pub density: Option<&'static str>,
}

/// An operand in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// An excerpt of the text, as the user wrote it.
    pub text: String,
    /// Its shape.
    pub shape: Shape,
}

/// An option that names something in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamingOption {
    /// `--map`
    Map,
    /// `--data`
    Data,
    /// `--const`
    Const,
}

/// The kinds of error.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The text does not parse. This is then the only error.
    Syntax(syntax::Error),
    /// A name that is not declared.
    UnknownName {
        /// The name.
        name: String,
        /// The most similar known name.
        nearest: Option<String>,
    },
    /// A name used above its declaration.
    UsedBeforeDeclaration {
        /// The name.
        name: String,
        /// Where it is declared.
        declared: Span,
    },
    /// A call of a name that is no function.
    UnknownFunction {
        /// The name before the parenthesis.
        name: String,
        /// The most similar known function.
        nearest: Option<String>,
        /// Whether the name is a variable.
        is_variable: bool,
    },
    /// Too few or too many arguments.
    ArgumentCount {
        /// The function.
        function: String,
        /// The usage of the function, such as `clamp(x, low, high)`.
        usage: String,
        /// The number of arguments given.
        found: usize,
    },
    /// `exp(i in 1:3, …)`
    NotAReduction {
        /// The function.
        function: String,
    },
    /// A name declared twice.
    Duplicate {
        /// The name.
        name: String,
        /// Where it was declared first.
        first: Span,
    },
    /// `def exp(x) = …`
    RedefinedBuiltin {
        /// The function.
        name: String,
    },
    /// `mixture(w, [von_mises(t, m, k), …])`
    UnnormalisedInMixture {
        /// The density.
        density: &'static str,
    },
    /// `mixture(w, [a, b])` of a single number `w`.
    OneWeight {
        /// The weight.
        weight: String,
        /// The list of densities.
        parts: String,
        /// How many there are.
        count: usize,
    },
    /// A function that calls itself.
    Recursive {
        /// The function.
        name: String,
    },
    /// A second `logp`, `energy` or bare expression.
    TwoLogDensities {
        /// The first one.
        first: Span,
    },
    /// No `logp`, no `energy`, no bare expression.
    NoLogDensity,
    /// A log-density that is not a scalar.
    ShapedLogDensity {
        /// Its shape.
        shape: Shape,
    },
    /// Two operands whose shapes do not fit together.
    ShapeMismatch {
        /// The operator, such as `*`.
        operator: String,
        /// The left operand.
        left: Operand,
        /// The right operand.
        right: Operand,
        /// The remedy.
        help: Option<String>,
    },
    /// An operand has a shape that the operation does not take.
    WrongShape {
        /// The operation, such as `trace`.
        operation: String,
        /// The shape that it needs.
        needed: &'static str,
        /// The operand that it got.
        found: Operand,
        /// The remedy.
        help: Option<String>,
    },
    /// A matrix that is not symmetric by construction where only a symmetric one has a place.
    NotSymmetric {
        /// The function, such as `log_det`.
        function: String,
        /// The matrix that it got.
        found: Operand,
        /// Row and column of an entry, from one, that differs from the one across the diagonal.
        place: (usize, usize),
    },
    /// A group with named levels where a number is needed.
    GroupAsNumber {
        /// The group.
        name: String,
    },
    /// A size that names data or a covariate without levels.
    NotAGroup {
        /// The name.
        name: String,
    },
    /// A group as the index of a side that does not have one entry for each of its levels.
    LevelCount {
        /// The number of levels.
        levels: usize,
        /// The indexed value.
        base: Operand,
    },
    /// An index that is no level of the group.
    UnknownLevel {
        /// The index as written.
        level: String,
        /// The group.
        group: String,
        /// The names of its levels.
        levels: Vec<String>,
    },
    /// Rows of different lengths in a matrix.
    RaggedMatrix {
        /// Entries of the first row.
        first: usize,
        /// Entries of this row.
        found: usize,
    },
    /// An index outside of the shape.
    IndexOutOfRange {
        /// The index.
        index: i64,
        /// The largest one.
        largest: usize,
        /// The indexed value.
        base: Operand,
    },
    /// `x[3:2]`
    EmptyRange {
        /// First index.
        from: i64,
        /// Last index.
        to: i64,
    },
    /// The wrong number of indices for the shape.
    IndexCount {
        /// The number of indices given.
        found: usize,
        /// The indexed value.
        base: Operand,
    },
    /// An expression that is not constant in a place for constants.
    NotConstant {
        /// The place, such as `an index`.
        place: &'static str,
        /// The name that is not constant, with a description.
        culprit: Option<(String, &'static str)>,
    },
    /// A number that is not an integer in a place for integers.
    NotAnInteger {
        /// The place.
        place: &'static str,
        /// The number.
        value: f64,
    },
    /// An order outside the range of a family of functions.
    BadOrder {
        /// The place.
        place: &'static str,
        /// The number.
        value: i64,
        /// The largest order; the smallest is 0.
        largest: u8,
    },
    /// An order of a Bessel function that is no multiple of ½ in range.
    BadBesselOrder {
        /// The function.
        function: &'static str,
        /// The number.
        value: f64,
        /// The largest order; the smallest is 0.
        largest: u8,
    },
    /// A size below one.
    BadSize {
        /// The number.
        value: i64,
    },
    /// An expression that exceeds the limit on nodes.
    NodeLimit {
        /// A lower bound on the nodes that it needs.
        needed: u128,
        /// The limit.
        limit: usize,
    },
    /// Expressions and calls of definitions that are nested too deep.
    DepthLimit,
    /// An interval without interior.
    EmptyInterval {
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
    /// `in {2, 3}`
    BadPair {
        /// First value.
        first: f64,
        /// Second value.
        second: f64,
    },
    /// A constraint on a name that cannot have it.
    ConstraintNotApplicable {
        /// The constraint as written.
        constraint: String,
        /// The declared name.
        name: String,
        /// The kind of name that it needs.
        needed: &'static str,
        /// The kind of name that it got.
        found: String,
        /// The remedy.
        help: Option<String>,
    },
    /// `data x init 3`
    InitOfData {
        /// The declared name.
        name: String,
    },
    /// A value outside of its constraint, in `init`, an assignment or a hypothesis.
    OutsideConstraint {
        /// The name.
        name: String,
        /// The value, where it is a single number.
        value: Option<f64>,
        /// The constraint in words.
        constraint: String,
    },
    /// A value that is not finite.
    NotFinite {
        /// The place.
        place: &'static str,
        /// The value.
        value: f64,
    },
    /// A constant outside of the domain of its function, as `sqrt(-1)`.
    NoValue,
    /// `[*]` where no columns give a size.
    SizeFromColumns {
        /// The declared name.
        name: String,
        /// Whether there are columns at all.
        bound: bool,
    },
    /// A reduction over an empty range that has no value.
    EmptyReduction {
        /// The function.
        function: String,
    },
    /// Two weights that are multiplied, only one of which has a gradient.
    MixedWeights,
    /// A weight of a name that is not data.
    WeightOfUnknown {
        /// The name.
        name: String,
        /// The most similar name of data.
        nearest: Option<String>,
    },
    /// A model without data.
    NoData {
        /// The numeric columns of the file.
        columns: Vec<String>,
        /// Its other columns that have a name.
        others: Vec<String>,
        /// A suggestion about the columns that names of the text may mean.
        meant: Option<String>,
    },
    /// A declared name without columns.
    MissingColumns {
        /// The declared name.
        name: String,
        /// The first missing column of each spelling.
        wanted: Vec<String>,
        /// The columns of the file.
        columns: Vec<String>,
        /// The most similar column.
        nearest: Option<String>,
    },
    /// A column of `--map` that the file lacks.
    UnknownColumn {
        /// The column.
        column: String,
        /// The most similar column.
        nearest: Option<String>,
    },
    /// A `--map` whose number of columns is not that of the entries.
    MapCount {
        /// The name.
        name: String,
        /// The number of entries.
        entries: usize,
        /// The number of columns.
        found: usize,
    },
    /// A name in an option that the text does not have.
    UnknownInOption {
        /// The option.
        option: NamingOption,
        /// The name.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// `--data` for a text with a `data` statement.
    DataGivenTwice,
    /// A text that is no assignment.
    NotAnAssignment,
    /// A text that is no expression.
    NotAnExpression,
    /// A text that is no hypothesis.
    NotAHypothesis,
    /// Data or a covariate in an expression of the parameters.
    NotOfParameters {
        /// The name.
        name: String,
        /// Its role.
        what: &'static str,
    },
    /// An expression that must depend on a parameter and does not.
    WithoutParameter {
        /// The expression.
        text: String,
    },
    /// A name that is no parameter, in an assignment or an expression of the parameters.
    UnknownParameter {
        /// The name.
        name: String,
        /// The most similar name.
        nearest: Option<String>,
    },
    /// Two different values for one parameter.
    Contradiction {
        /// The parameter.
        name: String,
        /// The earlier value.
        first: f64,
        /// The later value.
        second: f64,
    },
}

impl Error {
    pub(super) fn at(span: Span, kind: ErrorKind) -> Self {
        Self { kind, span: Some(span), calls: Vec::new(), density: None }
    }

    pub(super) fn nowhere(kind: ErrorKind) -> Self {
        Self { kind, span: None, calls: Vec::new(), density: None }
    }
}

/// The errors of a model, at least one, in order of the text; errors without a place come first.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    errors: Vec<Error>,
    more: bool,
}

impl Errors {
    /// The errors; `None` where there are none.
    pub(super) fn of(mut errors: Vec<Error>) -> Option<Self> {
        errors.sort_by_key(|error| error.span.map(|span| (span.start, span.end)));
        let more = errors.len() > ERRORS_MAX;
        errors.truncate(ERRORS_MAX);
        (!errors.is_empty()).then_some(Self { errors, more })
    }

    pub(super) fn one(error: Error) -> Self {
        Self { errors: vec![error], more: false }
    }

    /// The errors, at most twenty.
    #[must_use]
    pub fn as_slice(&self) -> &[Error] {
        &self.errors
    }

    /// Whether there are more errors than these.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.more
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { "; " })?;
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Errors {}
impl std::error::Error for Error {}
