//! Domains other than the line: half-lines, boxes, spheres, simplexes, two values.

mod against;
mod binary;
mod identities;
mod published;
mod random;
mod verdicts;
