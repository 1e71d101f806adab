//! Every operation on every path against the reference evaluator, with special values and with
//! numbers of rows that do not fill vectors or tiles.

#[path = "evaluators/cells.rs"]
mod cells;
#[path = "evaluators/cost.rs"]
mod cost;
#[path = "evaluators/functions.rs"]
mod functions;
#[path = "evaluators/judge.rs"]
mod judge;
#[path = "evaluators/nodes.rs"]
mod nodes;
#[path = "evaluators/random.rs"]
mod random;
#[path = "evaluators/rows.rs"]
mod rows;
#[path = "evaluators/stages.rs"]
mod stages;
mod support;
