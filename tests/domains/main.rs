//! Domains other than the line: half-lines, boxes, spheres, simplexes, two values.

mod binary;
mod identities;
