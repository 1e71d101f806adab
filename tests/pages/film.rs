//! The page of a film shows at every frame the numbers that the program computes there.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use scorematch::numerics::rng::stream;
use serde_json::Value;

use crate::look::made;
use crate::run::run;
use crate::tab::{Screen, Tab, WIDE};

const MODEL: &str = "-(x - mu)^2/(2*s2)";
const DATA: &str = "examples/normal100.csv";
/// The range of s2 and the number of its values.
const ENDS: (f64, f64) = (0.2, 4.0);
const FRAMES: u16 = 60;

/// The first 100 normal draws of the stream with seed 1 and key 0.
fn draws() -> String {
    let mut stream = stream(1, 0);
    let rows: String = (0..100).map(|_| format!("{:.4}\n", stream.normal())).collect();
    format!("x\n{rows}")
}

#[test]
fn the_sample_is_of_its_seed() {
    if std::env::var_os("SCOREMATCH_BLESS").is_some() {
        fs::write(DATA, draws()).expect("the examples can be written");
    }
    assert_eq!(fs::read_to_string(DATA).expect("the sample"), draws());
}

fn page(name: &str) -> String {
    made(&["animate", "-e", MODEL, DATA, "--over", "s2=0.2..4", "--at", "mu=0"], name)
}

fn value(frame: u16) -> f64 {
    let share = f64::from(frame) / f64::from(FRAMES - 1);
    ENDS.0 * (1.0 - share) + ENDS.1 * share
}

/// The content of the page at a frame.
struct Shown {
    /// The parameter as text.
    value: String,
    /// Terms and J.
    numbers: Vec<f64>,
    density: String,
    /// The lower and the upper y of each bar, which is drawn from zero.
    bars: Vec<(f64, f64)>,
}

/// Moves the slider to every frame, as a reader would, and reads the page.
const ALL: &str = r#"
Array.from({length: Number(document.getElementById("slider").max) + 1}, (_, frame) => {
  const slider = document.getElementById("slider");
  slider.value = frame;
  slider.dispatchEvent(new Event("input", {bubbles: true}));
  const [density, bars] = [...document.querySelectorAll("figure")]
    .map((figure) => [...figure.querySelectorAll("path[data-layer]")].map((path) => path.getAttribute("d")));
  return {
    value: document.getElementById("value").textContent,
    numbers: [...document.querySelectorAll("[data-term]")].map((cell) => cell.textContent),
    density: density[0],
    bars,
  };
})"#;

fn shown(tab: &Tab) -> Vec<Shown> {
    let all = tab.value(ALL);
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().expect("a list");
        list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
    };
    let frame = |frame: &Value| Shown {
        value: frame["value"].as_str().expect("a text").to_owned(),
        numbers: texts(&frame["numbers"]).iter().map(|n| n.parse().expect("a number")).collect(),
        density: frame["density"].as_str().expect("a path").to_owned(),
        bars: texts(&frame["bars"]).iter().map(|path| ends(path)).collect(),
    };
    all.as_array().expect("frames").iter().map(frame).collect()
}

/// The y of the first and of the third corner of a rectangle.
fn ends(path: &str) -> (f64, f64) {
    let numbers: Vec<f64> = path
        .split(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == '-'))
        .filter_map(|word| word.parse().ok())
        .collect();
    assert_eq!(numbers.len(), 8, "a bar has four corners: {path}");
    (numbers[1], numbers[5])
}

#[test]
fn every_frame_shows_the_numbers_of_the_program() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    tab.load(&page("film.html"));
    let names = tab.texts("[...document.querySelectorAll('th')].map((head) => head.textContent)");
    assert_eq!(names, ["laplacian", "norm", "J"]);
    let shown = shown(&tab);
    assert_eq!(shown.len(), usize::from(FRAMES));
    for frame in (0..FRAMES).step_by(6).chain([FRAMES - 1]) {
        let at = format!("mu=0, s2={:?}", value(frame));
        let evaluated =
            run(&["eval", "-e", MODEL, DATA, "--format", "json", "--at", &at]).expect(0).json();
        let shown = &shown[usize::from(frame)];
        let told: f64 = shown.value.parse().expect("a number");
        assert!((told / value(frame) - 1.0).abs() < 1e-3, "{told} at {at}");
        let terms = &evaluated["terms"];
        let wanted = [&terms["laplacian"], &terms["norm"], &evaluated["objective"]];
        for (got, want) in shown.numbers.iter().zip(wanted) {
            let want = want.as_f64().expect("a number");
            assert!((got / want - 1.0).abs() < 1e-7, "{got} for {want} at {at}");
        }
    }
    assert_eq!(tab.faults(), [""; 0]);
}

#[test]
fn bars_are_as_high_as_the_numbers_and_the_density_moves() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    tab.load(&page("film-bars.html"));
    let zero = tab.number(
        "Number([...document.querySelectorAll('figure:nth-of-type(2) path:not([data-layer])')] \
         .map((path) => /^M[\\d.]+ ([\\d.]+)L[\\d.]+ \\1$/.exec(path.getAttribute('d'))) \
         .find((found) => found)[1])",
    );
    let shown = shown(&tab);
    let all = || shown.iter().flat_map(|frame| frame.numbers.iter().zip(&frame.bars));
    assert!(all().all(|(_, bar)| bar.0 == zero), "every bar stands on the line at {zero}");
    // A bar that reaches the edge of the panel may be clipped there.
    let top = all().map(|(_, bar)| bar.1).fold(f64::INFINITY, f64::min);
    let bottom = all().map(|(_, bar)| bar.1).fold(f64::NEG_INFINITY, f64::max);
    let is_cut = |bar: &(f64, f64)| bar.1 == top || bar.1 == bottom;
    let whole = all().filter(|(_, bar)| !is_cut(bar));
    let (number, bar) =
        whole.max_by(|a, b| a.0.abs().total_cmp(&b.0.abs())).expect("a bar that is not clipped");
    let scale = (bar.0 - bar.1) / number;
    assert!(scale > 1.0, "a unit is {scale} pixels high");
    for (number, bar) in all() {
        let (height, wanted) = (bar.0 - bar.1, scale * number);
        // Both ends are rounded to tenths of a pixel.
        let right = (height - wanted).abs() < 0.2;
        let cut = is_cut(bar) && height.abs() < wanted.abs() && height * wanted > 0.0;
        assert!(right || cut, "a bar of {height} pixels for {number}, {wanted}");
    }
    let cut = all().filter(|(_, bar)| is_cut(bar)).count();
    assert!(cut < 30, "{cut} bars of {} are cut", all().count());
    for pair in shown.windows(2) {
        assert_ne!(pair[0].bars, pair[1].bars, "bars at {}", pair[1].value);
        assert_ne!(pair[0].density, pair[1].density, "the density at {}", pair[1].value);
    }
}

const FRAME: &str = "Number(document.getElementById('slider').value)";
const PLAYS: &str = "document.getElementById('play').textContent === 'Pause'";
const STANDS: &str = "document.getElementById('play').textContent === 'Play'";

/// Whether the frame changes within three times the duration of a frame.
fn moves(tab: &Tab) -> bool {
    let before = tab.number(FRAME);
    sleep(Duration::from_millis(400));
    tab.number(FRAME) != before
}

#[test]
fn it_plays_by_click() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    tab.load(&page("film-play.html"));
    tab.until(STANDS);
    assert!(!moves(&tab), "it plays though the reader prefers that it does not");
    tab.click("#play");
    tab.until(PLAYS);
    assert!(moves(&tab), "a click makes it play");
    tab.click("#play");
    tab.until(STANDS);
    assert!(!moves(&tab), "another one makes it stand");
    assert_eq!(tab.faults(), [""; 0]);
}

#[test]
fn it_plays_and_moves_by_keys() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    tab.load(&page("film-keys.html"));
    tab.press("Tab", 9, "");
    assert_eq!(tab.text("document.activeElement.id"), "play");
    for (key, code, writes) in [(" ", 32, " "), ("Enter", 13, "\r")] {
        tab.press(key, code, writes);
        tab.until(PLAYS);
        assert!(moves(&tab), "the key {key:?} makes it play");
        tab.press(key, code, writes);
        tab.until(STANDS);
    }
    tab.press("Tab", 9, "");
    assert_eq!(tab.text("document.activeElement.id"), "slider");
    let (frame, told) =
        (tab.number(FRAME), tab.text("document.getElementById('value').textContent"));
    tab.press("ArrowRight", 39, "");
    tab.until(&format!("{FRAME} === {}", frame + 1.0));
    assert_ne!(tab.text("document.getElementById('value').textContent"), told);
    assert_eq!(tab.faults(), [""; 0]);
}

#[test]
fn it_plays_by_itself_unless_reduced_motion_is_preferred() {
    let Some(mut tab) = Tab::new(Screen { is_calm: false, ..WIDE }) else { return };
    tab.load(&page("film-itself.html"));
    tab.until(PLAYS);
    assert!(moves(&tab), "it plays by itself");
    tab.value("document.getElementById('slider').dispatchEvent(new Event('input'))");
    tab.until(STANDS);
    assert!(!moves(&tab), "moving the slider makes it stand");
}

#[test]
fn it_opens_at_the_lowest_j() {
    let Some(mut tab) = Tab::new(WIDE) else { return };
    tab.load(&page("film-lowest.html"));
    let frame = tab.number(FRAME);
    let x: Vec<f64> = draws().lines().skip(1).map(|row| row.parse().expect("a number")).collect();
    // J = -1/s2 + m/(2 s2²) with m the mean square is smallest at s2 = m.
    let moment = x.iter().map(|x| x * x).sum::<f64>() / 100.0;
    let distance = |frame: &u16| (value(*frame) - moment).abs();
    let nearest = (0..FRAMES).min_by(|a, b| distance(a).total_cmp(&distance(b)));
    assert_eq!(Some(frame), nearest.map(f64::from));
    let shown = shown(&tab);
    let lowest = shown.iter().map(|frame| frame.numbers[2]).fold(f64::INFINITY, f64::min);
    assert_eq!(shown[frame as usize].numbers[2], lowest);
}
