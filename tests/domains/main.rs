//! Score matching on domains other than the line: half-lines, boxes, spheres, simplexes.

mod against;
mod identities;
mod published;
mod verdicts;
