//! What can be wrong with a model: one flat list of kinds, each a sentence.
//!
//! Promises: the errors of a text are collected, none twice; twenty of them are told. How
//! one is drawn stands in `explain`.

use std::fmt;

use super::Shape;
use super::elaborate::ERRORS_MAX;
use crate::source::Span;
use crate::syntax;

/// Something wrong with a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where; nowhere for what is missing or comes from an option.
    pub span: Option<Span>,
    /// Where `span` lies in the body of a definition: the calls that led there, innermost first.
    pub calls: Vec<Span>,
    /// Where `span` is the call of a density by name: how that is called.
    pub density: Option<&'static str>,
}

/// A part of the text with its shape, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operand {
    /// As the user wrote it, shortened.
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
    /// The text does not parse; then this is the only error.
    Syntax(syntax::Error),
    /// A name that nothing declares.
    UnknownName {
        /// The name.
        name: String,
        /// The nearest known one.
        nearest: Option<String>,
    },
    /// A name used above its declaration.
    UsedBeforeDeclaration {
        /// The name.
        name: String,
        /// Where it is declared.
        declared: Span,
    },
    /// A call of something that is no function.
    UnknownFunction {
        /// The name before the parenthesis.
        name: String,
        /// The nearest known function.
        nearest: Option<String>,
        /// It is a variable.
        is_variable: bool,
    },
    /// Too few or too many arguments.
    ArgumentCount {
        /// The function.
        function: String,
        /// How it is called, `clamp(x, low, high)`.
        usage: String,
        /// How many were given.
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
    /// A log-density must be one number.
    ShapedLogDensity {
        /// The shape it has.
        shape: Shape,
    },
    /// Two operands do not fit together.
    ShapeMismatch {
        /// What joins them, `*`.
        operator: String,
        /// The left one.
        left: Operand,
        /// The right one.
        right: Operand,
        /// What to write instead.
        help: Option<String>,
    },
    /// An operand has a shape that the operation does not take.
    WrongShape {
        /// Whose operand, `trace`.
        operation: String,
        /// What it takes.
        needed: &'static str,
        /// What it got.
        found: Operand,
        /// What to write instead.
        help: Option<String>,
    },
    /// A matrix that is not symmetric by construction where only such a one has a place.
    NotSymmetric {
        /// The function, `log_det`.
        function: String,
        /// What it got.
        found: Operand,
        /// Row and column of an entry, from one, that differs from the one across the diagonal.
        place: (usize, usize),
    },
    /// A group whose values have names, where a number is needed.
    GroupAsNumber {
        /// The group.
        name: String,
    },
    /// A name that is no covariate with levels, where a group is needed.
    NotAGroup {
        /// The name.
        name: String,
    },
    /// A group as the index of something that has not one entry for each of its levels.
    LevelCount {
        /// How many levels it has.
        levels: usize,
        /// What it indexes.
        base: Operand,
    },
    /// An index that is none of the levels of a group.
    UnknownLevel {
        /// What stands in the index.
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
        /// What is indexed.
        base: Operand,
    },
    /// `x[3:2]`
    EmptyRange {
        /// First index.
        from: i64,
        /// Last index.
        to: i64,
    },
    /// More or fewer indices than the shape has.
    IndexCount {
        /// How many were given.
        found: usize,
        /// What is indexed.
        base: Operand,
    },
    /// A place for constants holds something else.
    NotConstant {
        /// The place, `an index`.
        place: &'static str,
        /// The name that is not constant, and what it is.
        culprit: Option<(String, &'static str)>,
    },
    /// A place for integers holds another number.
    NotAnInteger {
        /// The place.
        place: &'static str,
        /// The number.
        value: f64,
    },
    /// A member of a family of functions that is not there.
    BadOrder {
        /// The place.
        place: &'static str,
        /// The number.
        value: i64,
        /// The last member; the first is 0.
        largest: u8,
    },
    /// An order of a Bessel function that is no whole or half number in range.
    BadBesselOrder {
        /// The function.
        function: &'static str,
        /// The number.
        value: f64,
        /// The last order; the first is 0.
        largest: u8,
    },
    /// A size below one.
    BadSize {
        /// The number.
        value: i64,
    },
    /// More nodes than allowed.
    NodeLimit {
        /// What the expression needs at least.
        needed: u128,
        /// The limit.
        limit: usize,
    },
    /// Calls of definitions within calls of definitions, too deep.
    DepthLimit,
    /// An interval without an inside.
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
    /// A constraint on something that cannot have it.
    ConstraintNotApplicable {
        /// As written.
        constraint: String,
        /// The declared name.
        name: String,
        /// What it asks for.
        needed: &'static str,
        /// What the name is.
        found: String,
        /// What to write instead.
        help: Option<String>,
    },
    /// `data x init 3`
    InitOfData {
        /// The declared name.
        name: String,
    },
    /// A value outside of its constraint, in `init` or in an assignment.
    OutsideConstraint {
        /// The name.
        name: String,
        /// The value, where it is one number.
        value: Option<f64>,
        /// The constraint in words.
        constraint: String,
    },
    /// A value that is no finite number.
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
    /// A reduction over nothing that has no value.
    EmptyReduction {
        /// The function.
        function: String,
    },
    /// A weight of something that is no data.
    /// Of two weights that are multiplied, one has its gradient given and the other has not.
    MixedWeights,
    /// A weight of something that is no data.
    WeightOfUnknown {
        /// The name.
        name: String,
        /// The nearest data name.
        nearest: Option<String>,
    },
    /// Nothing is data.
    NoData {
        /// The numeric columns of the file.
        columns: Vec<String>,
        /// Its other columns that have a name.
        others: Vec<String>,
        /// What a name of the text may have meant among the columns.
        meant: Option<String>,
    },
    /// A declared name has no columns.
    MissingColumns {
        /// The declared name.
        name: String,
        /// The first of the columns that were looked for, in every spelling.
        wanted: Vec<String>,
        /// The columns of the file.
        columns: Vec<String>,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// `--map` names a column that the file lacks.
    UnknownColumn {
        /// The column.
        column: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// `--map` gives more or fewer columns than the name has entries.
    MapCount {
        /// The name.
        name: String,
        /// Entries of the name.
        entries: usize,
        /// Columns given.
        found: usize,
    },
    /// An option names something that the text does not have.
    UnknownInOption {
        /// The option.
        option: NamingOption,
        /// The name.
        name: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// `--data` beside a `data` statement.
    DataGivenTwice,
    /// No assignment where one is expected.
    NotAnAssignment,
    /// No expression where one is expected.
    NotAnExpression,
    /// No hypothesis where one is expected.
    NotAHypothesis,
    /// Data or a covariate in an expression of the parameters.
    NotOfParameters {
        /// The name.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// An expression that depends on no parameter where one is expected that does.
    WithoutParameter {
        /// The expression.
        text: String,
    },
    /// An assignment to something that is no parameter.
    UnknownParameter {
        /// The name.
        name: String,
        /// The nearest one.
        nearest: Option<String>,
    },
    /// Two different values for one parameter.
    Contradiction {
        /// The parameter.
        name: String,
        /// The value before.
        first: f64,
        /// The value here.
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

/// All errors of a model, at least one, in order of the text where they have a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Errors {
    errors: Vec<Error>,
    more: bool,
}

impl Errors {
    /// `None` where there is no error.
    pub(super) fn of(mut errors: Vec<Error>) -> Option<Self> {
        errors.sort_by_key(|error| error.span.map(|span| (span.start, span.end)));
        let more = errors.len() > ERRORS_MAX;
        errors.truncate(ERRORS_MAX);
        (!errors.is_empty()).then_some(Self { errors, more })
    }

    pub(super) fn one(error: Error) -> Self {
        Self { errors: vec![error], more: false }
    }

    /// The errors, at least one and at most twenty.
    #[must_use]
    pub fn as_slice(&self) -> &[Error] {
        &self.errors
    }

    /// Whether there are more of them.
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
