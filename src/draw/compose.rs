//! Panels side by side with the notes below, as SVG text.

use kuva::backend::svg::SvgBackend;
use kuva::render::color::Color;
use kuva::render::render::{Primitive, Scene, TextAnchor};

use super::axes;
use super::shapes::literal;
use super::theme::{FONTS, Theme};
use crate::analysis::Figure;

/// Pixels around and between panels.
const GAP: f64 = 12.0;
/// Panels beside each other.
const BESIDE: usize = 2;
/// Size of the notes, the distance of their lines, and the width of a letter, in pixels.
const NOTE: u32 = 11;
const LINE: f64 = 16.0;
const LETTER: f64 = 6.4;

/// The whole figure.
pub(super) fn whole(figure: &Figure, theme: Theme) -> Scene {
    let scenes = figure.panels.iter().map(|panel| axes::scene(panel, theme)).collect();
    beside(scenes, &figure.notes, theme)
}

/// Scenes by twos, with lines of text below.
pub(super) fn beside(scenes: Vec<Scene>, notes: &[String], theme: Theme) -> Scene {
    let rows: Vec<Vec<Scene>> = chunks(scenes, BESIDE);
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

/// Lines of at most so many letters, broken at blanks.
fn wrapped(text: &str, letters: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("there is always a line");
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

/// What is seen, in words: titles of panels and notes.
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

/// The SVG of a scene that scales with what it stands in, and says in words what is seen.
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

/// Without the stamp of the plotting crate, which would change with its version.
pub(super) fn uncommented(body: &str) -> &str {
    body.split_once("-->").map_or(body, |(_, rest)| rest)
}

/// Text as it stands in XML.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
