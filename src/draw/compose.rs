//! Panels in rows with the notes of the figure below, as SVG text.

use kuva::backend::svg::SvgBackend;
use kuva::render::color::Color;
use kuva::render::render::{Primitive, Scene, TextAnchor};

use super::axes;
use super::shapes::literal;
use super::theme::{FONTS, Theme};
use crate::analysis::Figure;

/// Space around and between panels, in pixels.
const GAP: f64 = 12.0;
/// Panels in a row.
const PER_ROW: usize = 2;
/// Size of the font of notes, distance of their lines, and average width of a letter, in pixels.
const NOTE: u32 = 11;
const LINE: f64 = 16.0;
const LETTER: f64 = 6.4;

/// All panels of a figure with its notes below.
pub(super) fn whole(figure: &Figure, theme: Theme) -> Scene {
    let scenes = figure.panels.iter().map(|panel| axes::scene(panel, theme)).collect();
    beside(scenes, &figure.notes, theme)
}

/// Scenes in rows of [`PER_ROW`], with notes below.
pub(super) fn beside(scenes: Vec<Scene>, notes: &[String], theme: Theme) -> Scene {
    let rows: Vec<Vec<Scene>> = chunks(scenes, PER_ROW);
    let width = |row: &Vec<Scene>| row.iter().map(|scene| scene.width + GAP).sum::<f64>();
    let width = rows.iter().map(width).fold(axes::SIZE.0, f64::max) + GAP;
    let colours = theme.colours();
    let mut elements = Vec::new();
    let mut y = GAP;
    for row in rows {
        let mut x = GAP;
        let height = row.iter().map(|scene| scene.height).fold(0.0, f64::max);
        for scene in row {
            elements.push(group(x, y));
            x += scene.width + GAP;
            elements.extend(scene.elements);
            elements.push(Primitive::GroupEnd);
        }
        y += height + GAP;
    }
    for line in notes.iter().flat_map(|note| wrapped(note, (width - 3.0 * GAP) / LETTER)) {
        y += LINE;
        elements.push(note(&line, y - GAP / 2.0, theme));
    }
    let mut scene = Scene::new(width, y + GAP);
    scene.background_color = Some(colours.paper.to_owned());
    scene.font_family = Some(FONTS.to_owned());
    scene.text_color = Some(colours.ink.to_owned());
    scene.elements = elements;
    scene
}

fn note(line: &str, y: f64, theme: Theme) -> Primitive {
    Primitive::Text {
        x: 2.0 * GAP,
        y,
        content: literal(line),
        size: NOTE,
        anchor: TextAnchor::Start,
        rotate: None,
        bold: false,
        color: Some(Color::from(theme.colours().muted)),
    }
}

fn group(x: f64, y: f64) -> Primitive {
    let transform = Some(format!("translate({x},{y})"));
    Primitive::GroupStart { transform, title: None, extra_attrs: None }
}

fn chunks<T>(items: Vec<T>, size: usize) -> Vec<Vec<T>> {
    let mut chunks: Vec<Vec<T>> = Vec::new();
    for item in items {
        match chunks.last_mut() {
            Some(last) if last.len() < size => last.push(item),
            _ => chunks.push(vec![item]),
        }
    }
    chunks
}

/// The lines of a text, of at most `letters` letters each where no word is
/// longer; broken at blanks.
fn wrapped(text: &str, letters: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("lines is not empty");
        let length = last.chars().count() + word.chars().count() + 1;
        if last.is_empty() || length as f64 <= letters {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A description of a figure in words: the titles of its panels, with their axes, and its notes.
pub(super) fn words(figure: &Figure) -> String {
    let titles = figure.panels.iter().map(|panel| {
        let axes = match panel.is_map {
            true => String::new(),
            false => format!(" ({} against {})", panel.y.label, panel.x.label),
        };
        format!("{}{axes}", panel.title)
    });
    let notes = figure.notes.iter().cloned();
    titles.chain(notes).collect::<Vec<_>>().join("; ")
}

/// The SVG of a scene, scaled to the width of its container, with a description as its title.
pub(super) fn text(scene: &Scene, alternative: &str) -> String {
    let drawn = SvgBackend::new().render_scene(scene);
    let (head, body) = drawn.split_once('>').expect("an SVG begins with a tag");
    let (width, height) = (scene.width, scene.height);
    let sized = format!("width=\"{width}\" height=\"{height}\"");
    let scaled = format!("viewBox=\"0 0 {width} {height}\" {sized} role=\"img\"");
    let head = head.replacen(&sized, &scaled, 1);
    let title = escaped(&crate::source::printable(alternative));
    format!("{head}><title>{title}</title>{}", uncommented(body))
}

/// SVG text without the comment of the plotting crate, which contains its version.
pub(super) fn uncommented(body: &str) -> &str {
    body.split_once("-->").map_or(body, |(_, rest)| rest)
}

/// Text with the special characters of XML escaped.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
