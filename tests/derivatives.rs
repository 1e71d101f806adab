//! Derivatives compared with independent computations: hyper-dual numbers propagated through the
//! text as written, central differences, closed forms, and arithmetic with 71 digits.

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
