//! One panel of a figure: axes, layers and legend.

use std::f64::consts::PI;
use std::sync::Arc;

use kuva::render::axis::{add_axes_and_grid, add_labels_and_title};
use kuva::render::color::Color;
use kuva::render::layout::{ComputedLayout, Layout, TickFormat};
use kuva::render::render::{Primitive, Scene, TextAnchor};

use super::shapes::{Places, literal, primitives};
use super::theme::{Colours, Theme};
use crate::analysis::{Axis, Layer, Mark, Panel, Role, Scale};
use crate::numerics::digits::{quarters_of_pi, round_above, trimmed};

/// Width and height of a panel with axes, in pixels.
pub(super) const SIZE: (f64, f64) = (460.0, 330.0);
/// Width of a map, which has no axes, in pixels.
const MAP: f64 = 360.0;
/// Height of the legend, and width of its keys, in pixels.
const LEGEND: f64 = 22.0;
const KEY: f64 = 18.0;
/// Sizes of fonts, in pixels.
const TITLE: u32 = 15;
const LABEL: u32 = 13;
/// Average width of a letter, as a share of the size of its font.
const LETTER: f64 = 0.6;
/// Most intervals between the ticks of an axis.
const TICKS: f64 = 6.0;
/// Least left margin, which holds the tick labels of the y axis, in pixels.
const MARGIN: f64 = 60.0;
/// Length in letters beyond which the label of an axis is cut.
const LETTERS: usize = 60;

/// The layout of a panel with its margins and axes, and its scales computed from it.
pub(super) fn layout(panel: &Panel, theme: Theme) -> (Layout, ComputedLayout) {
    let (x, y) = (&panel.x, &panel.y);
    let mut layout = Layout::new((x.low, x.high), (y.low, y.high))
        .with_theme(theme.chrome())
        .with_title(literal(&panel.title))
        .with_title_size(TITLE)
        .with_label_size(LABEL)
        .with_tick_size(LABEL)
        .with_x_axis_min(x.low)
        .with_x_axis_max(x.high)
        .with_y_axis_min(y.low)
        .with_y_axis_max(y.high)
        .with_clamp_axis();
    if panel.is_map {
        layout = layout.with_width(MAP).with_height(MAP + 20.0 + LEGEND).with_show_grid(false);
        layout = layout.with_force_margins(10.0, 10.0).with_force_margins_y(30.0, 10.0 + LEGEND);
    } else {
        let names = slanted(x);
        let (width, height) = SIZE;
        let bottom = if names { 74.0 } else { 46.0 };
        layout = layout.with_width(width).with_height(height).with_x_label(label(x));
        layout = layout.with_x_label_offset(0.0, -LEGEND);
        let left = MARGIN.max(LETTER * f64::from(LABEL) * widest(y) as f64 + 14.0);
        layout = layout.with_force_margins(left, 16.0).with_force_margins_y(48.0, bottom + LEGEND);
        if names {
            layout = layout.with_x_tick_rotate(-60.0);
        }
        layout = ticks(layout, x, Layout::with_x_tick_step, Layout::with_x_tick_format);
        layout = ticks(layout, y, Layout::with_y_tick_step, Layout::with_y_tick_format);
    }
    let computed = ComputedLayout::from_layout(&layout);
    (layout, computed)
}

/// Whether horizontal names would overlap, so that they have to be slanted.
fn slanted(axis: &Axis) -> bool {
    match &axis.scale {
        Scale::Numbers | Scale::Turn => false,
        Scale::Names(names) => {
            let longest = names.iter().map(|name| name.chars().count() + 2).max().unwrap_or(0);
            LETTER * f64::from(LABEL) * (longest * names.len()) as f64 > SIZE.0 - 76.0
        }
    }
}

fn label(axis: &Axis) -> String {
    let mut text: String = axis.label.chars().take(LETTERS).collect();
    if axis.label.chars().count() > LETTERS {
        text.push('…');
    }
    literal(&text)
}

/// Sets the ticks of an axis: round numbers with as few digits as distinguish them, quarters of a
/// turn, or names.
fn ticks(
    layout: Layout,
    axis: &Axis,
    step: fn(Layout, f64) -> Layout,
    format: fn(Layout, TickFormat) -> Layout,
) -> Layout {
    let custom =
        |write: Box<dyn Fn(f64) -> String + Send + Sync>| TickFormat::Custom(Arc::from(write));
    match &axis.scale {
        Scale::Numbers => {
            let between = distance(axis);
            format(step(layout, between), custom(Box::new(move |x| written(x, between))))
        }
        Scale::Turn => format(step(layout, PI / 2.0), custom(Box::new(quarters))),
        Scale::Names(names) => {
            let names = names.clone();
            let name = move |x: f64| {
                let place = (x.round() as usize).wrapping_sub(1);
                names.get(place).map_or_else(String::new, |name| literal(name))
            };
            format(step(layout, 1.0), custom(Box::new(name)))
        }
    }
}

/// The distance between ticks, a round number.
fn distance(axis: &Axis) -> f64 {
    round_above((axis.high - axis.low) / TICKS)
}

/// The label of the tick near a value.
fn written(x: f64, between: f64) -> String {
    trimmed((x / between).round() * between, 6)
}

/// Letters of the longest tick label of an axis of numbers.
fn widest(axis: &Axis) -> usize {
    let between = distance(axis);
    let (first, last) = ((axis.low / between).ceil(), (axis.high / between).floor());
    let count = (last - first).clamp(0.0, 2.0 * TICKS) as usize;
    let length = |k: usize| written((first + k as f64) * between, between).chars().count();
    (0..=count).map(length).max().unwrap_or(0)
}

/// The quarter of a turn near an angle.
fn quarters(angle: f64) -> String {
    quarters_of_pi((angle / (PI / 2.0)).round())
}

/// A panel with axes, all layers and legend.
pub(super) fn scene(panel: &Panel, theme: Theme) -> Scene {
    drawn(panel, theme, |_| true)
}

/// A panel with axes and legend, and the layers that are `wanted`.
pub(super) fn drawn(panel: &Panel, theme: Theme, wanted: impl Fn(&Layer) -> bool) -> Scene {
    let (layout, computed) = layout(panel, theme);
    let colours = theme.colours();
    let mut scene = empty(&computed, theme);
    if !panel.is_map {
        add_axes_and_grid(&mut scene, &computed, &layout);
    }
    add_layers(&mut scene, panel, &computed, theme, wanted);
    add_labels_and_title(&mut scene, &computed, &layout);
    if !panel.is_map {
        scene.add(axis_label(&panel.y, &computed, colours));
    }
    legend(panel, &computed, colours).into_iter().for_each(|one| scene.add(one));
    scene
}

/// The label of the y axis, horizontal above the axis.
fn axis_label(axis: &Axis, computed: &ComputedLayout, colours: &Colours) -> Primitive {
    Primitive::Text {
        x: computed.margin_left - 40.0,
        y: computed.margin_top - 9.0,
        content: label(axis),
        size: LABEL,
        anchor: TextAnchor::Start,
        rotate: None,
        bold: false,
        color: Some(Color::from(colours.ink)),
    }
}

/// The layers of a panel that are `wanted`, without axes, title and legend.
pub(super) fn layers(panel: &Panel, theme: Theme, wanted: impl Fn(&Layer) -> bool) -> Scene {
    let (_, computed) = layout(panel, theme);
    let mut scene = empty(&computed, theme);
    add_layers(&mut scene, panel, &computed, theme, wanted);
    scene
}

fn empty(computed: &ComputedLayout, theme: Theme) -> Scene {
    let colours = theme.colours();
    let mut scene = Scene::new(computed.width, computed.height);
    scene.background_color = (theme != Theme::Page).then(|| colours.paper.to_owned());
    scene.font_family = Some(super::theme::FONTS.to_owned());
    scene.text_color = Some(colours.ink.to_owned());
    scene
}

fn add_layers(
    scene: &mut Scene,
    panel: &Panel,
    computed: &ComputedLayout,
    theme: Theme,
    wanted: impl Fn(&Layer) -> bool,
) {
    let places = Places::new(computed);
    for layer in panel.layers.iter().filter(|layer| wanted(layer)) {
        primitives(layer, &places, theme.colours()).into_iter().for_each(|one| scene.add(one));
    }
}

/// Keys and labels of the layers that have a label, in one line at the bottom.
fn legend(panel: &Panel, computed: &ComputedLayout, colours: &Colours) -> Vec<Primitive> {
    let named: Vec<&Layer> = panel.layers.iter().filter(|one| !one.label.is_empty()).collect();
    let size = f64::from(LABEL) - 1.0;
    let length =
        |layer: &Layer| KEY + 8.0 + LETTER * size * layer.label.chars().count() as f64 + 14.0;
    let total: f64 = named.iter().map(|layer| length(layer)).sum();
    let mut x = ((computed.width - total) / 2.0).max(4.0);
    let y = computed.height - 9.0;
    let mut drawn = Vec::new();
    for layer in named {
        drawn.push(key(layer, (x, y - 4.0), colours));
        drawn.push(Primitive::Text {
            x: x + KEY + 6.0,
            y,
            content: literal(&layer.label),
            size: LABEL - 1,
            anchor: TextAnchor::Start,
            rotate: None,
            bold: false,
            color: Some(Color::from(colours.muted)),
        });
        x += length(layer);
    }
    drawn
}

/// The key of a layer: a dot, a rectangle or a line in its colour.
fn key(layer: &Layer, (x, y): (f64, f64), colours: &Colours) -> Primitive {
    match layer.mark {
        Mark::Points(_) => Primitive::Circle {
            cx: x + KEY / 2.0,
            cy: y,
            r: 3.0,
            fill: Color::from(colours.line(layer.role)),
            fill_opacity: Some(0.7),
            stroke: None,
            stroke_width: None,
        },
        Mark::Bars(_) | Mark::Areas(_) | Mark::Band(_) => Primitive::Rect {
            x: x + 3.0,
            y: y - 5.0,
            width: KEY - 6.0,
            height: 10.0,
            fill: Color::from(colours.area(layer.role)),
            stroke: None,
            stroke_width: None,
            opacity: Some(0.85),
        },
        Mark::Line(_)
        | Mark::Lines(_)
        | Mark::Contour { .. }
        | Mark::Rug(_)
        | Mark::Arrows(_)
        | Mark::Words(_) => Primitive::Line {
            x1: x,
            y1: y,
            x2: x + KEY,
            y2: y,
            stroke: Color::from(colours.line(layer.role)),
            stroke_width: if layer.role == Role::Guide { 1.0 } else { 2.2 },
            stroke_dasharray: None,
        },
    }
}
