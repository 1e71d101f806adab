//! Domains other than the line: half-lines, boxes, spheres, simplexes, binary data.

mod against;
mod binary;
mod definition;
mod derivatives;
mod identities;
mod published;
mod random;
#[path = "../support/mod.rs"]
mod support;
mod verdicts;
