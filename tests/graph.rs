//! The graph compared with the expression as written: canonical form and stabilisation change no
//! value, the order of terms changes no node, and time is linear in the size.

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
