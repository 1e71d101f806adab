//! First tasks of a user who comes from R or Stan, as they would be typed, run by the built program
//! on simulated data, so that the true parameters are known.
//!
//! A task passes if the program ends with status 0, finds the truth within a few standard
//! errors or the numbers of a closed form, assigns the names to the intended roles, and has
//! only the warnings that the task lists. First tries in another language must get a message
//! that says what to write instead.

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
