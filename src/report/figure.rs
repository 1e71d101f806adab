//! The data of figures as JSON.

use serde_json::{Map, Value, json};

use super::json::{lines, number, opened};
use crate::analysis::{Axis, Figure, Film, Layer, Mark, Panel, Point, Scale};

impl Figure {
    /// The figure as JSON: panels with axes and layers, notes, the log-normaliser.
    #[must_use]
    pub fn json(&self) -> String {
        let mut object = opened();
        object.insert("panels".to_owned(), self.panels.iter().map(panel).collect());
        object.insert("notes".to_owned(), json!(self.notes));
        let normaliser = self.log_normaliser.map_or(Value::Null, number);
        object.insert("log_normaliser".to_owned(), normaliser);
        lines(&object)
    }
}

impl Film {
    /// The film as JSON: for each frame the value of the parameter, all parameters, the terms of
    /// the objective, J, and the panel of the model.
    #[must_use]
    pub fn json(&self) -> String {
        let sweep = &self.sweep;
        let frame = |k: usize| {
            let terms: Map<String, Value> = (sweep.names.iter().zip(&sweep.terms[k]))
                .map(|(name, &term)| ((*name).to_owned(), number(term)))
                .collect();
            json!({
                "value": number(sweep.values[k]),
                "theta": numbers(&sweep.thetas[k]),
                "terms": terms,
                "objective": number(sweep.totals[k]),
                "panel": panel(&self.models[k]),
            })
        };
        let mut object = opened();
        object.insert("parameter".to_owned(), json!(sweep.parameter));
        object.insert("profile".to_owned(), json!(sweep.is_profile));
        object.insert("lowest".to_owned(), json!(sweep.lowest()));
        object.insert("frames".to_owned(), (0..sweep.values.len()).map(frame).collect());
        object.insert("notes".to_owned(), json!(self.notes));
        lines(&object)
    }
}

fn panel(panel: &Panel) -> Value {
    json!({
        "title": panel.title,
        "map": panel.is_map,
        "x": axis(&panel.x),
        "y": axis(&panel.y),
        "layers": panel.layers.iter().map(layer).collect::<Vec<_>>(),
    })
}

fn axis(axis: &Axis) -> Value {
    let names = match &axis.scale {
        Scale::Numbers | Scale::Turn => Value::Null,
        Scale::Names(names) => json!(names),
    };
    json!({
        "label": axis.label,
        "low": number(axis.low),
        "high": number(axis.high),
        "turn": axis.scale == Scale::Turn,
        "names": names,
    })
}

fn layer(layer: &Layer) -> Value {
    let mut object = Map::new();
    object.insert("mark".to_owned(), json!(layer.mark.name()));
    object.insert("role".to_owned(), json!(layer.role.name()));
    object.insert("label".to_owned(), json!(layer.label));
    if let Mark::Contour { mass, .. } = &layer.mark {
        object.insert("mass".to_owned(), number(*mass));
    }
    object.insert("values".to_owned(), values(&layer.mark));
    Value::Object(object)
}

fn values(mark: &Mark) -> Value {
    let triples = |all: &[(f64, f64, f64)]| -> Value {
        all.iter().map(|&(a, b, c)| numbers(&[a, b, c])).collect()
    };
    let lines = |all: &[Vec<Point>]| -> Value { all.iter().map(|line| points(line)).collect() };
    match mark {
        Mark::Bars(all) | Mark::Band(all) => triples(all),
        Mark::Line(all) | Mark::Points(all) => points(all),
        Mark::Rug(all) => numbers(all),
        Mark::Arrows(all) => {
            all.iter().map(|(tail, head)| numbers(&[tail.0, tail.1, head.0, head.1])).collect()
        }
        Mark::Contour { lines: all, .. } | Mark::Areas(all) | Mark::Lines(all) => lines(all),
        Mark::Words(all) => {
            all.iter().map(|((x, y), text)| json!([number(*x), number(*y), text])).collect()
        }
    }
}

fn points(all: &[Point]) -> Value {
    all.iter().map(|&(x, y)| numbers(&[x, y])).collect()
}

fn numbers(all: &[f64]) -> Value {
    all.iter().map(|&x| number(x)).collect()
}
