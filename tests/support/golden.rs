//! Golden drawings: files of one folder, each with the text that is expected of it beside it.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of `tests/golden/FOLDER` with this extension, sorted.
fn inputs(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let entries = fs::read_dir(folder).expect("the golden folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("it can be listed").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths
}

/// Holds where every file, at least `least` of them, is drawn as its `.expected` says;
/// SCOREMATCH_BLESS=1 rewrites those.
pub fn holds(folder: &str, extension: &str, least: usize, drawn: impl Fn(&str, &[u8]) -> String) {
    let bless = std::env::var_os("SCOREMATCH_BLESS").is_some_and(|value| value == "1");
    let paths = inputs(folder, extension);
    assert!(paths.len() >= least, "only {} files in {folder}", paths.len());
    let mut different = Vec::new();
    for path in paths {
        let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
        let drawing = drawn(&name, &fs::read(&path).expect("it is readable"));
        let beside = path.with_extension("expected");
        if bless {
            fs::write(&beside, format!("{drawing}\n")).expect("it is writable");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected.trim_end() != drawing {
            different.push(format!("{name}: expected\n{expected}\nfound\n{drawing}\n"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
