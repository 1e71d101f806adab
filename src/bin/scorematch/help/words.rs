//! The words of the language other than functions: the meaning of each, with a model that uses it.

/// A word of a statement, a declaration or a condition.
pub struct Word {
    pub name: &'static str,
    /// For example `a statement`.
    pub kind: &'static str,
    pub usage: &'static str,
    pub meaning: &'static str,
    /// A complete model.
    pub example: &'static str,
}

const fn word(
    name: &'static str,
    kind: &'static str,
    usage: &'static str,
    meaning: &'static str,
    example: &'static str,
) -> Word {
    Word { name, kind, usage, meaning, example }
}

const STATEMENT: &str = "a statement";
const CONSTRAINT: &str = "a constraint";
const CONDITION: &str = "a word of conditions";

/// Every word, statements first.
pub const WORDS: [Word; 24] = [
    word(
        "data",
        STATEMENT,
        "data NAME[SIZE] CONSTRAINT, …",
        "What the score differentiates: the model is a density of these names, which are columns of the \
         file. Without a constraint they are on the real line. With a `data` statement nothing else \
         becomes data by its name.",
        "data x, t > 0; -(x - mu)^2 - t",
    ),
    word(
        "covariate",
        STATEMENT,
        "covariate NAME[SIZE] CONSTRAINT, …",
        "Columns that are given and never differentiated: the model is a density of the data for given \
         covariates, as in a regression. One that is the size of a parameter, `param m[g]`, is a group: its \
         levels are the distinct numbers or texts of its column, or those of `covariate g in 1:12` or \
         `covariate g in {north, south}`, and `m[g]` is the entry of the level of each row.",
        "data y; covariate z; param a, b, s > 0; normal_lpdf(y, a + b*z, s)",
    ),
    word(
        "param",
        STATEMENT,
        "param NAME[SIZE] CONSTRAINT init VALUE, …",
        "What is estimated: numbers, vectors or matrices. While there is no `param`, undeclared names are \
         free real parameters; after one, an undeclared name is an error.",
        "data x; param mu, s2 > 0 init 1; -(x - mu)^2/(2*s2)",
    ),
    word(
        "const",
        STATEMENT,
        "const NAME = EXPRESSION",
        "A number that may be a size or a bound. `--const NAME=NUMBER` sets another one.",
        "const d = 2; data x[d]; -sumsq(x)/2",
    ),
    word(
        "let",
        STATEMENT,
        "let NAME = EXPRESSION",
        "A name for a part of the text, of any shape. It may use what stands above it.",
        "data x; let r = x - mu; -r^2/2",
    ),
    word(
        "def",
        STATEMENT,
        "def NAME(NAME, …) = EXPRESSION",
        "A function, which is called at any shape and never calls itself. It replaces a density by name, \
         but no built-in function.",
        "def bump(t, c) = exp(-(t - c)^2); data x; bump(x, m) - x^2",
    ),
    word(
        "weight",
        STATEMENT,
        "weight [NAME] = EXPRESSION [with gradient EXPRESSION]",
        "The weight h of weighted score matching, for one component or for all. It has to vanish at the \
         edges of the data and replaces the default, the squared distance from the nearest edge up to its \
         median.",
        "data t > 0; weight t = t^2; param a > 0, b > 0; (a - 1)*log(t) - b*t",
    ),
    word(
        "with",
        "a part of `weight`",
        "weight = h with gradient [h1, h2]",
        "Gives the derivatives of a weight that comes from columns, as for a region of any shape.",
        "data x, y; covariate h, g, k; weight = h with gradient [g, k]; -(x - a)^2 - (y - b)^2",
    ),
    word(
        "gradient",
        "a part of `weight`",
        "weight = h with gradient [h1, h2]",
        "Stands behind `with`: one derivative of the weight for each data component, in their order.",
        "data x, y; covariate h, g, k; weight = h with gradient [g, k]; -(x - a)^2 - (y - b)^2",
    ),
    word(
        "logp",
        STATEMENT,
        "logp = EXPRESSION",
        "The log-density, up to a constant. An expression alone says the same; a text has one of them.",
        "data x; logp = -(x - mu)^2/2",
    ),
    word(
        "energy",
        STATEMENT,
        "energy = EXPRESSION",
        "Minus the log-density, in place of `logp`.",
        "data x; energy = (x - mu)^2/2",
    ),
    word(
        "init",
        "a start value",
        "param NAME init VALUE",
        "The value of a parameter at the first start of a fit, one number or as many as its entries; the \
         other starts are random. `--start` does the same for one run.",
        "data x; param m[2] init [0, 4]; log(exp(-(x - m[1])^2) + exp(-(x - m[2])^2))",
    ),
    word(
        "in",
        CONSTRAINT,
        "NAME in (LOW, HIGH), NAME in {0, 1}, i in 1:n",
        "An interval of data or parameters, round and square brackets alike; one of two values, {0, 1} or \
         {-1, 1}, of data; behind the index of a generator, its range.",
        "data u in (0, 1); param a > 0; a*sum(i in 1:2, log(u)/i) + log(1 - u)",
    ),
    word(
        "on",
        CONSTRAINT,
        "NAME on circle, NAME[3] on sphere, NAME[4] on simplex",
        "Stands before the name of a curved domain on which data live.",
        "data a on circle; k*cos(a - m)",
    ),
    word(
        "circle",
        CONSTRAINT,
        "data NAME on circle",
        "Angles in radians: log p has to be the same a turn later.",
        "data a on circle; k*cos(a - m)",
    ),
    word(
        "sphere",
        CONSTRAINT,
        "data NAME[SIZE] on sphere",
        "Unit vectors; derivatives are taken along the sphere.",
        "data v[3] on sphere; param b[3]; dot(b, v)",
    ),
    word(
        "simplex",
        CONSTRAINT,
        "data NAME[SIZE] on simplex, param NAME[SIZE] simplex",
        "Of data, compositions: entries that are not negative and sum to one, differentiated in centred \
         log-ratios or as `--transform` says. Of parameters, weights that are positive and sum to one.",
        "data u[3] on simplex; param w[3] simplex; dot(w, log(u))",
    ),
    word(
        "symmetric",
        CONSTRAINT,
        "param NAME[n,n] symmetric",
        "A symmetric matrix: one parameter for K[i,j] and K[j,i].",
        "data x[2]; param K[2,2] symmetric; -x'*K*x/2",
    ),
    word(
        "posdef",
        CONSTRAINT,
        "param NAME[n,n] posdef",
        "A symmetric matrix that is positive definite, as covariances and precisions are.",
        "data x[2]; param m[2], K[2,2] posdef; multi_normal_prec_lpdf(x, m, K)",
    ),
    word(
        "ordered",
        CONSTRAINT,
        "param NAME[SIZE] ordered",
        "A vector whose entries ascend, so that components of a mixture keep their places.",
        "data x; param m[2] ordered; log_sum_exp(-(x - m)^2/2)",
    ),
    word(
        "and",
        CONDITION,
        "if(a < x and x < b, …, …)",
        "Both conditions hold. It binds tighter than `or`.",
        "data x; -if(x > 0 and x < 1, a, 1)*x^2",
    ),
    word(
        "or",
        CONDITION,
        "if(x < a or x > b, …, …)",
        "One of two conditions holds, or both.",
        "data x; -if(x < 0 or x > 1, a, 1)*x^2",
    ),
    word(
        "not",
        CONDITION,
        "if(not (x < a), …, …)",
        "The condition does not hold.",
        "data x; -if(not (x < 0), a, 1)*x^2",
    ),
    word(
        "pi",
        "a number",
        "pi",
        "3.14159…, the only name of a number in the language; Euler's number is `exp(1)`.",
        "data x; covariate t; -(x - a*sin(2*pi*t))^2",
    ),
];
