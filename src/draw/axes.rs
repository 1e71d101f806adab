//! One panel: axes, layers, a legend.

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

/// Width and height of a panel with axes, and the side of a map, in pixels.
pub(super) const SIZE: (f64, f64) = (460.0, 330.0);
const MAP: f64 = 360.0;
/// The height of the line of a legend, and the width of its signs, in pixels.
const LEGEND: f64 = 22.0;
const SIGN: f64 = 18.0;
/// Sizes of text, in pixels.
const TITLE: u32 = 15;
const LABEL: u32 = 13;
/// The average width of a letter, as a share of its size.
const LETTER: f64 = 0.6;
/// About how many ticks an axis has.
const TICKS: f64 = 6.0;
/// Least room for the labels of an upright axis, in pixels.
const MARGIN: f64 = 60.0;
/// Most letters of a label.
const LETTERS: usize = 60;

/// Where a panel's layers lie.
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

/// Whether names beside each other would touch.
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

/// Round ticks with as many digits as tell them apart; quarters of a turn; names.
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

/// A round distance of ticks.
fn distance(axis: &Axis) -> f64 {
    round_above((axis.high - axis.low) / TICKS)
}

/// The label of the tick near a value.
fn written(x: f64, between: f64) -> String {
    trimmed((x / between).round() * between, 6)
}

/// Letters of the longest label of an axis of numbers.
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

/// A panel with everything in it.
pub(super) fn scene(panel: &Panel, theme: Theme) -> Scene {
    drawn(panel, theme, |_| true)
}

/// The same with some of its layers only.
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
        scene.add(upper(&panel.y, &computed, colours));
    }
    legend(panel, &computed, colours).into_iter().for_each(|one| scene.add(one));
    scene
}

/// What the upright axis measures, above it.
fn upper(axis: &Axis, computed: &ComputedLayout, colours: &Colours) -> Primitive {
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

/// Some of the layers without axes and names.
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

/// Signs and names of the layers that have one, on the lowest line.
fn legend(panel: &Panel, computed: &ComputedLayout, colours: &Colours) -> Vec<Primitive> {
    let named: Vec<&Layer> = panel.layers.iter().filter(|one| !one.label.is_empty()).collect();
    let size = f64::from(LABEL) - 1.0;
    let length =
        |layer: &Layer| SIGN + 8.0 + LETTER * size * layer.label.chars().count() as f64 + 14.0;
    let total: f64 = named.iter().map(|layer| length(layer)).sum();
    let mut x = ((computed.width - total) / 2.0).max(4.0);
    let y = computed.height - 9.0;
    let mut drawn = Vec::new();
    for layer in named {
        drawn.push(sign(layer, (x, y - 4.0), colours));
        drawn.push(Primitive::Text {
            x: x + SIGN + 6.0,
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

/// A small piece of what a layer looks like.
fn sign(layer: &Layer, (x, y): (f64, f64), colours: &Colours) -> Primitive {
    match layer.mark {
        Mark::Points(_) => Primitive::Circle {
            cx: x + SIGN / 2.0,
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
            width: SIGN - 6.0,
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
            x2: x + SIGN,
            y2: y,
            stroke: Color::from(colours.line(layer.role)),
            stroke_width: if layer.role == Role::Guide { 1.0 } else { 2.2 },
            stroke_dasharray: None,
        },
    }
}
