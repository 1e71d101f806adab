//! Golden files: inputs in a folder, each with its expected output in a file beside it.

use std::fs;
use std::path::{Path, PathBuf};

/// The files of `tests/golden/FOLDER` with this extension, sorted.
fn inputs(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(folder);
    let entries = fs::read_dir(folder).expect("the golden folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths
}

/// Checks that there are at least `least` files, and that the output for each is that of its
/// `.expected` file; SCOREMATCH_BLESS=1 rewrites these.
pub fn holds(folder: &str, extension: &str, least: usize, drawn: impl Fn(&str, &[u8]) -> String) {
    let bless = std::env::var_os("SCOREMATCH_BLESS").is_some_and(|value| value == "1");
    let paths = inputs(folder, extension);
    assert!(paths.len() >= least, "only {} files in {folder}", paths.len());
    let mut different = Vec::new();
    for path in paths {
        let name = path.file_name().expect("a file name").to_string_lossy().into_owned();
        let drawing = drawn(&name, &fs::read(&path).expect("a readable file"));
        let beside = path.with_extension("expected");
        if bless {
            fs::write(&beside, format!("{drawing}\n")).expect("a writable file");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if expected.trim_end() != drawing {
            different.push(format!("{name}: expected\n{expected}\nfound\n{drawing}\n"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
