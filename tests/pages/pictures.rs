//! Pictures as files: an SVG as an image, a PNG, and file sizes for many rows.

use std::fmt::Write;
use std::fs;

use scorematch::numerics::rng::stream;

use crate::examples::examples;
use crate::look::{file, made, path};
use crate::tab::{Tab, WIDE, address};

/// Largest size of a picture in bytes, for any number of rows.
const MOST: u64 = 2_000_000;

/// The width and height in the header of a PNG.
fn png_size(bytes: &[u8]) -> (u32, u32) {
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "the signature of a PNG");
    assert_eq!(&bytes[12..16], b"IHDR");
    assert_eq!(&bytes[bytes.len() - 8..bytes.len() - 4], b"IEND", "it is whole");
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

/// The widths and heights of images in a page.
fn sizes(tab: &mut Tab, pictures: &[String], name: &str) -> Vec<(f64, f64)> {
    let images: String =
        pictures.iter().map(|path| format!("<img src=\"{}\">", address(path))).collect();
    tab.load(&file(&format!("{name}.html"), format!("<!DOCTYPE html><body>{images}")));
    tab.shoot(&format!("{name}.png"));
    let sizes = tab.value("[...document.images].map((i) => [i.naturalWidth, i.naturalHeight])");
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let sizes = sizes.as_array().expect("a list");
    sizes.iter().map(|size| (number(&size[0]), number(&size[1]))).collect()
}

#[test]
fn an_svg_is_an_image_and_a_png_has_its_size() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    for theme in ["light", "dark"] {
        let (mut svgs, mut pngs) = (Vec::new(), Vec::new());
        for (name, words) in examples() {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            let plot = [&["plot", "--theme", theme], &words[..]].concat();
            svgs.push(made(&plot, &format!("{name}-{theme}.svg")));
            pngs.push(made(&plot, &format!("{name}-{theme}.png")));
        }
        let drawn = sizes(&mut tab, &svgs, &format!("svg-{theme}"));
        let shown = sizes(&mut tab, &pngs, &format!("png-{theme}"));
        assert_eq!((drawn.len(), shown.len()), (svgs.len(), pngs.len()));
        for (path, (svg, png)) in pngs.iter().zip(drawn.iter().zip(&shown)) {
            let bytes = fs::read(path).expect("a picture");
            let (width, height) = png_size(&bytes);
            assert_eq!(*png, (f64::from(width), f64::from(height)), "{path}");
            assert!((5_000..1_000_000).contains(&bytes.len()), "{path}: {} bytes", bytes.len());
            let scale = (png.0 / svg.0, png.1 / svg.1);
            assert!(svg.0 > 300.0 && svg.1 > 300.0, "{path}: {svg:?}");
            assert!((scale.0 - scale.1).abs() < 0.01 && scale.0 >= 1.0, "{path}: {scale:?}");
        }
    }
}

#[test]
fn a_picture_of_a_million_rows_is_small() {
    let mut draws = stream(2, 0);
    let mut table = String::from("x,y\n");
    for _ in 0..1_000_000 {
        let (x, y) = (draws.normal(), draws.normal());
        writeln!(table, "{x:.4},{:.4}", 0.5 * x + y).expect("a string takes any text");
    }
    let data = file("million.csv", table);
    let models = [
        ("one", "-(x - mu)^2/(2*s2)", "mu=0, s2=1"),
        ("two", "data x, y; param a; -x^2/2 - (y - a*x)^2/2", "a=0.5"),
        ("given", "data y; covariate x; param a; -(y - a*x)^2/2", "a=0.5"),
    ];
    for (name, model, at) in models {
        for form in ["svg", "png"] {
            let plot = ["plot", "-e", model, &data, "--at", at];
            let picture = made(&plot, &format!("million-{name}.{form}"));
            let size = fs::metadata(&picture).expect("a picture").len();
            assert!((5_000..MOST).contains(&size), "{picture}: {size} bytes");
        }
    }
    fs::remove_file(path("million.csv")).expect("the table can be removed");
}
