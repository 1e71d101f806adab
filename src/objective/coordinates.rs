//! Coordinates in which a log-density is written, and the way to them from the data.

use crate::graph::{ExprId, Graph, InputId, Number};

/// The coordinates of a log-density: row input k of the model is centre + scale·z, and z is what
/// the log-density contains in its place.
#[derive(Clone, Debug)]
pub(crate) struct Coordinates {
    pub centre: Vec<f64>,
    pub scale: Vec<f64>,
    /// By data component, a factor of its loss in units of x.
    pub factors: Vec<f64>,
    /// All losses are divided by it.
    pub unit: f64,
}

impl Coordinates {
    /// Those of the data themselves.
    pub fn raw(rows: usize, data: usize) -> Self {
        Self {
            centre: vec![0.0; rows],
            scale: vec![1.0; rows],
            factors: vec![1.0; data],
            unit: 1.0,
        }
    }

    /// An expression over raw rows, with centre + scale·z for each of them.
    pub fn written_in(&self, g: &mut Graph, rows: &[InputId], expr: ExprId) -> ExprId {
        let mut pairs = Vec::new();
        for (k, &input) in rows.iter().enumerate() {
            if (self.centre[k], self.scale[k]) != (0.0, 1.0) {
                let node = g.input_node(input);
                let (centre, scaled) =
                    (g.number(number(self.centre[k])), g.scale(number(self.scale[k]), node));
                pairs.push((node, g.add(centre, scaled)));
            }
        }
        g.substitute(&[expr], &pairs)[0]
    }
}

/// A number, exact where it is whole.
pub(super) fn number(value: f64) -> Number {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Number::integer(value as i64);
    }
    Number::float(value)
}
