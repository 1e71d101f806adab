//! The data of figures are compared with closed forms, independent quadrature and random draws, and
//! no data cause a panic.

mod support;

#[path = "figures/binary.rs"]
mod binary;
#[path = "figures/contours.rs"]
mod contours;
#[path = "figures/curves.rs"]
mod curves;
#[path = "figures/edges.rs"]
mod edges;
#[path = "figures/normalisers.rs"]
mod normalisers;
#[path = "figures/regressions.rs"]
mod regressions;
#[path = "figures/sweeps.rs"]
mod sweeps;

use scorematch::analysis::{Figure, Layer, Mark, Panel, Point, Role, Undrawable};
use scorematch::data::{Columns, Missing, Selection};
use scorematch::model::Model;

/// A model bound to columns.
struct Case {
    model: Model,
    data: Selection,
}

impl Case {
    fn of(text: &str, columns: &[(&str, Vec<f64>)]) -> Self {
        let owned = columns.iter().map(|(name, values)| ((*name).to_owned(), values.clone()));
        let table = Columns::from_vecs(owned.collect()).expect("columns of one length");
        let names: Vec<&str> = columns.iter().map(|one| one.0).collect();
        let model =
            Model::parse(text).expect("a model").bind(&names, &names).expect("the columns bind");
        let data = model.select(&table, Missing::Error).expect("complete columns");
        Self { model, data }
    }

    /// The case of rows, for columns of these names.
    fn rows(text: &str, names: &[&'static str], rows: &[Vec<f64>]) -> Self {
        let column = |k: usize| rows.iter().map(|row| row[k]).collect();
        let columns: Vec<(&str, Vec<f64>)> =
            names.iter().enumerate().map(|(k, &name)| (name, column(k))).collect();
        Self::of(text, &columns)
    }

    fn drawn(&self, theta: &[f64]) -> Result<Figure, Undrawable> {
        Figure::of(&self.model, &self.data, theta)
    }

    #[track_caller]
    fn figure(&self, theta: &[f64]) -> Figure {
        self.drawn(theta).expect("a model that can be drawn")
    }
}

/// The layers of a panel with a role and a kind of mark.
fn marks<'a>(panel: &'a Panel, role: Role, name: &'a str) -> impl Iterator<Item = &'a Layer> {
    panel.layers.iter().filter(move |one| one.role == role && one.mark.name() == name)
}

#[track_caller]
fn line(panel: &Panel, role: Role) -> &[Point] {
    match marks(panel, role, "line").next().map(|one| &one.mark) {
        Some(Mark::Line(points)) => points,
        _ => panic!("no such line in {}", panel.title),
    }
}

#[track_caller]
fn points(panel: &Panel) -> &[Point] {
    match marks(panel, Role::Data, "points").next().map(|one| &one.mark) {
        Some(Mark::Points(points)) => points,
        _ => panic!("no points in {}", panel.title),
    }
}

fn notes_say(figure: &Figure, what: &str) -> bool {
    figure.notes.iter().any(|note| note.contains(what))
}

/// Multiples of the golden ratio modulo the interval, which cover it evenly without random numbers.
fn spread(low: f64, high: f64, count: usize) -> Vec<f64> {
    (0..count).map(|k| low + (high - low) * (k as f64 * 0.618_033_988_749_895).fract()).collect()
}
