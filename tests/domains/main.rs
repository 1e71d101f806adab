//! Score matching on domains other than the line: half-lines, boxes, spheres, simplexes.

mod identities;
mod verdicts;
