//! Checks that every page must pass, and the program that makes the pages.

use std::fs;
use std::path::Path;

use crate::run::run;
use crate::tab::{Screen, Tab, WIDE, text};

/// A script that returns every measurable fault of the page, and how many things it examined.
const LOOK: &str = include_str!("look.js");

/// A narrow and a wide screen, light and dark, with reduced motion.
pub fn screens() -> [Screen; 4] {
    let screen = |width, is_dark| Screen { width, is_dark, ..WIDE };
    [screen(1280, false), screen(1280, true), screen(390, false), screen(390, true)]
}

/// The name of a screen in the name of a screenshot.
fn called(Screen { width, is_dark, .. }: Screen) -> String {
    format!("{width}-{}", if is_dark { "dark" } else { "light" })
}

/// A path of this name in a folder for tests.
pub fn path(name: &str) -> String {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    fs::create_dir_all(&folder).expect("the folder for tests can be made");
    folder.join(name).to_str().expect("the path is a text").to_owned()
}

/// The path of a new file with this content in the folder for tests.
pub fn file(name: &str, content: impl AsRef<[u8]>) -> String {
    let path = path(name);
    fs::write(&path, content).expect("the folder for tests can be written");
    path
}

/// The path of the file that the program writes with these arguments.
#[track_caller]
pub fn made(arguments: &[&str], name: &str) -> String {
    let path = path(name);
    run(&[arguments, &["--quiet", "-o", &path]].concat()).expect(0);
    path
}

/// Loads a page on every screen and returns its faults. `least` are the least numbers of its
/// formulas, figures and headings of tables.
#[track_caller]
pub fn faults(tab: &mut Tab, path: &str, least: [u64; 3]) -> Vec<String> {
    let name = Path::new(path).file_stem().expect("a name").to_string_lossy().into_owned();
    let mut faults = Vec::new();
    for screen in screens() {
        tab.set(screen);
        tab.load(path);
        let seen = tab.value(LOOK);
        let told = seen["faults"].as_array().expect("a list").iter().map(text);
        let place = format!("{name}-{}", called(screen));
        let all = told.chain(tab.faults());
        faults.extend(all.map(|fault| format!("{place}: {fault}")));
        for (what, least) in ["formulas", "figures", "headings"].iter().zip(least) {
            let count = seen[what].as_u64().expect("a count");
            assert!(count >= least, "{path} has {count} {what}");
        }
        assert!(seen["texts"].as_u64().expect("a count") > 20, "{path}: {seen}");
        tab.shoot(&format!("{place}.png"));
    }
    faults
}

/// Fails if there are faults, which are printed one a line.
#[track_caller]
pub fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
