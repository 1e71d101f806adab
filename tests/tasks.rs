//! What somebody who comes from R or Stan asks for first: each task as it would be typed, through the
//! built program, with data that are simulated here, so that the true parameters are known.
//!
//! A task holds if the program ends with status 0, finds the truth within a few standard errors or the
//! numbers of a closed form, takes the names for what they were meant to be, and warns of nothing but
//! what the task lists. First tries in another language have to be told what to write instead.

#[path = "tasks/angles.rs"]
mod angles;
#[path = "tasks/groups.rs"]
mod groups;
#[path = "tasks/mixtures.rs"]
mod mixtures;
#[path = "tasks/one_column.rs"]
mod one_column;
#[path = "tasks/regressions.rs"]
mod regressions;
#[path = "tasks/sessions.rs"]
mod sessions;
#[path = "tasks/several_columns.rs"]
mod several_columns;
#[path = "tasks/slips.rs"]
mod slips;
mod support;
#[path = "tasks/work.rs"]
mod work;
