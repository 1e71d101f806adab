//! Affine coordinates of the rows in which a log-density is written.

use crate::graph::{ExprId, Graph, InputId, Number};

/// Affine coordinates of the rows: row input k of the model is centre + scale·z, and the
/// log-density is an expression of z.
#[derive(Clone, Debug)]
pub(crate) struct Coordinates {
    pub centre: Vec<f64>,
    pub scale: Vec<f64>,
    /// By data component, a factor of its loss as computed in units of x.
    pub factors: Vec<f64>,
    /// The number by which all losses are divided.
    pub unit: f64,
}

impl Coordinates {
    /// The coordinates of the data themselves: centre 0, scale 1.
    pub fn raw(rows: usize, data: usize) -> Self {
        Self {
            centre: vec![0.0; rows],
            scale: vec![1.0; rows],
            factors: vec![1.0; data],
            unit: 1.0,
        }
    }

    /// Substitutes centre + scale·z for each row input of an expression.
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

/// A number of the graph, exact for integers below 1e15 in size.
pub(super) fn number(value: f64) -> Number {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Number::integer(value as i64);
    }
    Number::float(value)
}
