//! Animations of a figure along a parameter: a page with a slider, an SVG, a GIF.

use std::fmt::Write;

use gif::{Encoder, Frame, Repeat};
use kuva::backend::svg::SvgBackend;
use kuva::render::render::Scene;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::json;

use super::axes::{drawn, layout, scene};
use super::compose::{self, beside};
use super::page::{self, script};
use super::raster::pixels;
use super::report::{lines, sentence};
use super::shapes::{Places, painted};
use super::theme::Theme;
use crate::analysis::{Film, Layer, Panel, Role};
use crate::numerics::digits::significant;
use crate::source::printable;

/// Duration of a frame, in milliseconds.
const PAUSE: u16 = 120;
/// Significant digits of the means of the objective's terms.
const DIGITS: usize = 8;

/// The script of the page, and its SHA-256 in base 64, by which the page's policy admits it.
const SCRIPT: &str = include_str!("film.js");
const DIGEST: &str = include_str!("film.sha256");

/// Whether a layer changes with the parameter.
fn moves(layer: &Layer) -> bool {
    match layer.role {
        Role::Model | Role::Score => true,
        Role::Data | Role::Guide => false,
    }
}

/// The two panels of a frame: the model, and the terms of the objective as bars.
fn panels(film: &Film, frame: usize) -> [&Panel; 2] {
    [&film.models[frame], &film.bars[frame]]
}

/// A page with both panels, a slider, a button, and the source text of the model. It loads nothing,
/// and its animation does not start by itself where the reader prefers reduced motion.
#[must_use]
pub fn film_page(film: &Film, title: &str, source: &str) -> String {
    let first = film.sweep.lowest().unwrap_or(0);
    let body = html! {
        h1 { (printable(title)) }
        (stage(film, first))
        @for note in &film.notes { p.note { (sentence(note)) } }
        details open { summary { "The model" } pre { code { (lines(source)) } } }
        script type="application/json" id="film" { (PreEscaped(data(film, first))) }
        script { (PreEscaped(SCRIPT)) }
    };
    let head = page::head(title, Some(DIGEST.trim()));
    html! { (DOCTYPE) html lang="en" { (head) body { main { (body) } } } }.into_string()
}

/// Both panels, the slider, and the table of means, at frame `first`.
fn stage(film: &Film, first: usize) -> Markup {
    let name = printable(&film.sweep.parameter);
    let last = film.sweep.values.len() - 1;
    let moving = panels(film, first).map(|panel| panel.layers.iter().filter(|l| moves(l)).count());
    html! {
        div.panels {
            (panel(film, 0, first, 0))
            (panel(film, 1, first, moving[0]))
        }
        div.controls {
            button #play type="button" { "Play" }
            label for="slider" { (name) " = " output #value aria-live="off" { (value(film, first)) } }
            input #slider type="range" min="0" max=(last) value=(first) step="1";
        }
        div.scroll tabindex="0" {
            table {
                caption { "Means over the rows; J is their sum" }
                thead { tr {
                    @for term in &film.sweep.names { th scope="col" { (term) } }
                    th scope="col" { "J" }
                } }
                tbody { tr {
                    @for (k, term) in terms(film, first).iter().enumerate() { td data-term=(k) { (term) } }
                } }
            }
        }
    }
}

/// A panel whose moving layers are paths that the script changes, numbered from `offset`.
fn panel(film: &Film, side: usize, frame: usize, offset: usize) -> Markup {
    let panel = panels(film, frame)[side];
    let still = drawn(panel, Theme::Page, |layer| !moves(layer));
    let svg =
        compose::text(&still, &format!("{}, moving with {}", panel.title, film.sweep.parameter));
    let body = svg.strip_suffix("</svg>").expect("an SVG ends with its tag");
    let paths = moving(film, side, frame);
    let mut layers = String::new();
    for (k, (path, paint)) in paths.iter().enumerate() {
        write!(layers, "<path data-layer=\"{}\" d=\"{path}\" {paint}/>", offset + k)
            .expect("a string takes any text");
    }
    html! { figure { (PreEscaped(format!("{body}{layers}</svg>"))) } }
}

/// The path and the paint attributes of each moving layer of a panel.
fn moving(film: &Film, side: usize, frame: usize) -> Vec<(String, String)> {
    let panel = panels(film, frame)[side];
    let (_, computed) = layout(panel, Theme::Page);
    let places = Places::new(&computed);
    let layers = panel.layers.iter().filter(|layer| moves(layer));
    layers.map(|layer| painted(layer, &places, Theme::Page.colours())).collect()
}

fn value(film: &Film, frame: usize) -> String {
    significant(film.sweep.values[frame], 4)
}

/// The means of the terms and J, as text.
fn terms(film: &Film, frame: usize) -> Vec<String> {
    let all = film.sweep.terms[frame].iter().chain([&film.sweep.totals[frame]]);
    all.map(|&term| significant(term, DIGITS)).collect()
}

/// All frames as JSON, escaped for a script element.
fn data(film: &Film, first: usize) -> String {
    let frame = |k: usize| {
        let paths: Vec<String> =
            [0, 1].iter().flat_map(|&side| moving(film, side, k)).map(|one| one.0).collect();
        json!({"value": value(film, k), "terms": terms(film, k), "paths": paths})
    };
    let frames: Vec<_> = (0..film.sweep.values.len()).map(frame).collect();
    let name = printable(&film.sweep.parameter);
    script(&json!({"parameter": name, "pause": PAUSE, "lowest": first, "frames": frames}))
}

/// Both panels of a frame side by side, with the value of the parameter below.
fn still(film: &Film, frame: usize, theme: Theme) -> Scene {
    let scenes = panels(film, frame).map(|panel| scene(panel, theme));
    let caption = format!("{} = {}", film.sweep.parameter, value(film, frame));
    beside(scenes.into(), &[caption], theme)
}

/// An SVG that repeats all frames without end; it needs no script, so that
/// it plays as an image too.
#[must_use]
pub fn film_svg(film: &Film, theme: Theme) -> String {
    let count = film.sweep.values.len();
    let seconds = f64::from(PAUSE) * count as f64 / 1000.0;
    let scenes: Vec<String> = (0..count)
        .map(|frame| SvgBackend::new().render_scene(&moving_layers(film, frame, theme)))
        .map(|svg| inner(&svg))
        .collect();
    let mut layers = String::new();
    for (k, body) in scenes.iter().enumerate() {
        let (from, to) = (k as f64 / count as f64, (k + 1) as f64 / count as f64);
        let shown = if k == film.sweep.lowest().unwrap_or(0) { "inline" } else { "none" };
        write!(
            layers,
            "<g display=\"{shown}\"><animate attributeName=\"display\" dur=\"{seconds}s\" \
             repeatCount=\"indefinite\" calcMode=\"discrete\" keyTimes=\"0;{from:.5};{to:.5}\" \
             values=\"none;inline;none\"/>{body}</g>"
        )
        .expect("a string takes any text");
    }
    let words = format!("the model and the objective while {} moves", film.sweep.parameter);
    let background = compose::text(&static_layers(film, theme), &words);
    let body = background.strip_suffix("</svg>").expect("an SVG ends with its tag");
    format!("{body}{layers}</svg>")
}

/// The content between the tags of an SVG, without the comment of the plotting crate.
fn inner(svg: &str) -> String {
    let body = compose::uncommented(svg);
    body.strip_suffix("</svg>").expect("an SVG ends with its tag").to_owned()
}

/// Axes and layers that do not change with the parameter.
fn static_layers(film: &Film, theme: Theme) -> Scene {
    let scenes = panels(film, 0).map(|panel| drawn(panel, theme, |layer| !moves(layer)));
    beside(scenes.into(), &[String::new()], theme)
}

/// The moving layers of a frame, with the value of the parameter, on a transparent background.
fn moving_layers(film: &Film, frame: usize, theme: Theme) -> Scene {
    let scenes = panels(film, frame).map(|panel| super::axes::layers(panel, theme, moves));
    let caption = format!("{} = {}", film.sweep.parameter, value(film, frame));
    let mut scene = beside(scenes.into(), &[caption], theme);
    scene.background_color = None;
    scene
}

/// A GIF that repeats all frames without end.
///
/// # Errors
/// When a frame is too large for a GIF or for memory: a sentence that says so.
pub fn film_gif(film: &Film, theme: Theme) -> Result<Vec<u8>, String> {
    let mut frames = (0..film.sweep.values.len()).map(|k| pixels(&still(film, k, theme)));
    let first = frames.next().expect("a film has a frame")?;
    let (width, height) = (first.1, first.2);
    let told = |reason: gif::EncodingError| reason.to_string();
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, &[]).map_err(told)?;
    encoder.set_repeat(Repeat::Infinite).map_err(told)?;
    for frame in std::iter::once(Ok(first)).chain(frames) {
        let mut rgba = frame?.0;
        let mut frame = Frame::from_rgba_speed(width, height, &mut rgba, 10);
        frame.delay = PAUSE / 10;
        encoder.write_frame(&frame).map_err(told)?;
    }
    drop(encoder);
    Ok(bytes)
}
