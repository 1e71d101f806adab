//! Derivatives against judges that share nothing with them: hyper-dual numbers carried through
//! the text as written, central differences, closed forms and 71-digit arithmetic.

#[path = "derivatives/digits.rs"]
mod digits;
#[path = "derivatives/figures.rs"]
mod figures;
#[path = "derivatives/judge.rs"]
mod judge;
#[path = "derivatives/numbers.rs"]
mod numbers;
#[path = "derivatives/problem.rs"]
mod problem;
#[path = "derivatives/random.rs"]
mod random;
#[path = "derivatives/recipe.rs"]
mod recipe;
#[path = "derivatives/size.rs"]
mod size;
mod support;
#[path = "derivatives/table.rs"]
mod table;
#[path = "derivatives/texts.rs"]
mod texts;
