//! Layers of a panel as paths in pixels.

use std::fmt::Write;

use kuva::render::color::Color;
use kuva::render::layout::ComputedLayout;
use kuva::render::render::{PathData, Primitive, TextAnchor};

use super::clip::{Frame, simplified};
use super::theme::Colours;
use crate::analysis::{Layer, Mark, Point, Role};

/// Width of a line and of a thin one, radius of a point, length of a rug's tick and of an arrow's
/// head, in pixels.
const LINE: f64 = 2.2;
const THIN: f64 = 1.0;
const RADIUS: f64 = 2.0;
const TICK: f64 = 9.0;
const HEAD: f64 = 4.5;
/// Size of the font of words on a map, in pixels.
const WORDS: u32 = 12;

/// The map from the units of a panel to pixels, with the rectangle of its axes.
pub(super) struct Places<'a> {
    pub layout: &'a ComputedLayout,
    pub frame: Frame,
}

/// A path with its paint; widths in pixels.
pub(super) struct Shape {
    pub path: String,
    pub is_filled: bool,
    pub width: f64,
    pub opacity: f64,
}

impl<'a> Places<'a> {
    pub fn new(layout: &'a ComputedLayout) -> Self {
        let frame = Frame {
            left: layout.margin_left,
            top: layout.margin_top,
            right: layout.width - layout.margin_right,
            bottom: layout.height - layout.margin_bottom,
        };
        Self { layout, frame }
    }

    pub fn at(&self, (x, y): Point) -> Point {
        (self.layout.map_x(x), self.layout.map_y(y))
    }

    /// The path of a layer, clipped to the frame; empty for points and words,
    /// which are drawn otherwise.
    pub fn shape(&self, layer: &Layer) -> Shape {
        let painted = |path, is_filled, width, opacity| Shape { path, is_filled, width, opacity };
        match &layer.mark {
            Mark::Bars(bars) => painted(self.bars(bars), true, 0.0, 0.85),
            Mark::Areas(areas) => painted(self.areas(areas), true, 0.8, 0.8),
            Mark::Band(band) => painted(self.band(band), true, 0.0, 0.18),
            Mark::Line(line) => {
                let width = if layer.role == Role::Guide { THIN } else { LINE };
                painted(self.lines(std::slice::from_ref(line)), false, width, 1.0)
            }
            Mark::Lines(lines) => painted(self.lines(lines), false, THIN, 0.7),
            Mark::Contour { mass, lines } => {
                painted(self.lines(lines), false, if *mass < 0.6 { LINE } else { 1.4 }, 1.0)
            }
            Mark::Rug(values) => painted(self.rug(values), false, THIN, 0.75),
            Mark::Arrows(arrows) => painted(self.arrows(arrows), false, 1.2, 0.9),
            Mark::Points(_) | Mark::Words(_) => painted(String::new(), false, 0.0, 1.0),
        }
    }

    fn lines(&self, lines: &[Vec<Point>]) -> String {
        let mut path = String::new();
        for line in lines {
            let pixels: Vec<Point> = line.iter().map(|&point| self.at(point)).collect();
            for piece in self.frame.pieces(&pixels) {
                polyline(&mut path, &simplified(&piece), false);
            }
        }
        path
    }

    fn bars(&self, bars: &[(f64, f64, f64)]) -> String {
        let mut path = String::new();
        for &(left, right, height) in bars.iter().filter(|bar| bar.2 != 0.0 && bar.2.is_finite()) {
            let corner = |point| self.frame.clamp(self.at(point));
            let (low, high) = (corner((left, 0.0)), corner((right, height)));
            let around = [low, (high.0, low.1), high, (low.0, high.1)];
            polyline(&mut path, &around, true);
        }
        path
    }

    fn areas(&self, areas: &[Vec<Point>]) -> String {
        let mut path = String::new();
        for area in areas {
            let pixels: Vec<Point> =
                area.iter().map(|&point| self.frame.clamp(self.at(point))).collect();
            polyline(&mut path, &pixels, true);
        }
        path
    }

    fn band(&self, band: &[(f64, f64, f64)]) -> String {
        let there = band.iter().filter(|one| one.1.is_finite() && one.2.is_finite());
        let upper = there.clone().map(|&(x, _, high)| (x, high));
        let lower = there.rev().map(|&(x, low, _)| (x, low));
        let around = upper.chain(lower).map(|point| self.frame.clamp(self.at(point)));
        let mut path = String::new();
        polyline(&mut path, &around.collect::<Vec<_>>(), true);
        path
    }

    fn rug(&self, values: &[f64]) -> String {
        let mut path = String::new();
        let bottom = self.frame.bottom;
        for &value in values {
            let x = self.layout.map_x(value);
            if (self.frame.left..=self.frame.right).contains(&x) {
                polyline(&mut path, &[(x, bottom), (x, bottom - TICK)], false);
            }
        }
        path
    }

    fn arrows(&self, arrows: &[(Point, Point)]) -> String {
        let mut path = String::new();
        for &(tail, head) in arrows {
            let (tail, head) = (self.at(tail), self.at(head));
            let (dx, dy) = (head.0 - tail.0, head.1 - tail.1);
            let length = dx.hypot(dy);
            if !self.frame.contains(tail) || !self.frame.contains(head) || length < 0.5 {
                continue;
            }
            let size = HEAD.min(0.45 * length) / length;
            let wing = |side: f64| {
                (head.0 - size * (dx + side * 0.6 * dy), head.1 - size * (dy - side * 0.6 * dx))
            };
            polyline(&mut path, &[tail, head], false);
            polyline(&mut path, &[wing(1.0), head, wing(-1.0)], false);
        }
        path
    }
}

/// Appends a polyline to the data of an SVG path, rounded to tenths of a pixel.
fn polyline(path: &mut String, points: &[Point], close: bool) {
    for (k, (x, y)) in points.iter().enumerate() {
        let letter = if k == 0 { 'M' } else { 'L' };
        write!(path, "{letter}{} {}", tenth(*x), tenth(*y)).expect("a string takes any text");
    }
    if close && !points.is_empty() {
        path.push('Z');
    }
}

fn tenth(x: f64) -> f64 {
    (10.0 * x).round() / 10.0
}

/// A layer as primitives of the plotting crate.
pub(super) fn primitives(layer: &Layer, places: &Places<'_>, colours: &Colours) -> Vec<Primitive> {
    match &layer.mark {
        Mark::Points(points) => vec![dots(points, layer.role, places, colours)],
        Mark::Words(words) => words
            .iter()
            .map(|(place, text)| {
                let (x, y) = places.at(*place);
                word(x, y + 4.0, text, WORDS, colours)
            })
            .collect(),
        Mark::Bars(_)
        | Mark::Areas(_)
        | Mark::Band(_)
        | Mark::Line(_)
        | Mark::Lines(_)
        | Mark::Contour { .. }
        | Mark::Rug(_)
        | Mark::Arrows(_) => path(places.shape(layer), layer.role, colours).into_iter().collect(),
    }
}

/// The data of a layer's path, and its paint as attributes of SVG.
pub(super) fn painted(layer: &Layer, places: &Places<'_>, colours: &Colours) -> (String, String) {
    let Shape { path, is_filled, width, opacity } = places.shape(layer);
    let fill = if is_filled { colours.area(layer.role) } else { "none" };
    let stroke = if width > 0.0 { colours.line(layer.role) } else { "none" };
    let paint = format!(
        "fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{width}\" opacity=\"{opacity}\""
    );
    (path, paint)
}

fn path(shape: Shape, role: Role, colours: &Colours) -> Option<Primitive> {
    let fill = shape.is_filled.then(|| Color::from(colours.area(role)));
    let stroke = if shape.width > 0.0 { Color::from(colours.line(role)) } else { Color::None };
    (!shape.path.is_empty()).then(|| {
        Primitive::Path(Box::new(PathData {
            d: shape.path,
            fill,
            stroke,
            stroke_width: shape.width,
            opacity: (shape.opacity < 1.0).then_some(shape.opacity),
            stroke_dasharray: None,
        }))
    })
}

fn dots(points: &[Point], role: Role, places: &Places<'_>, colours: &Colours) -> Primitive {
    let pixels = points.iter().map(|&point| places.at(point));
    let inside = pixels.filter(|&point| places.frame.contains(point));
    let (cx, cy) = inside.map(|(x, y)| (tenth(x), tenth(y))).unzip();
    Primitive::CircleBatch {
        cx,
        cy,
        r: RADIUS,
        fill: Color::from(colours.line(role)),
        fill_opacity: Some(if points.len() > 400 { 0.35 } else { 0.6 }),
        stroke: None,
        stroke_width: None,
    }
}

/// Text centred at x, with its baseline at y.
pub(super) fn word(x: f64, y: f64, text: &str, size: u32, colours: &Colours) -> Primitive {
    Primitive::Text {
        x,
        y,
        content: literal(text),
        size,
        anchor: TextAnchor::Middle,
        rotate: None,
        bold: false,
        color: Some(Color::from(colours.ink)),
    }
}

/// Text without control characters, in which `$`, which the plotting crate reads as
/// mathematics, is escaped.
pub(super) fn literal(text: &str) -> String {
    crate::source::printable(text).replace('$', "\\$")
}
