//! The graph against what was written: canonical form and stabilisation change no value, the order
//! of writing changes no node, and size costs linear time.

#[path = "graph/judge.rs"]
mod judge;
#[path = "graph/mathml.rs"]
mod mathml;
#[path = "graph/order.rs"]
mod order;
#[path = "graph/scale.rs"]
mod scale;
mod support;
#[path = "graph/values.rs"]
mod values;
#[path = "graph/wild.rs"]
mod wild;
