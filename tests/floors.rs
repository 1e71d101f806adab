//! The floors of the modules: ARCHITECTURE.md says which modules each may use, and
//! this test reads its table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the modules that it may use, from rows like `| 1 | `syntax` | … | source |`.
fn table() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string("ARCHITECTURE.md").expect("ARCHITECTURE.md exists");
    let numbered = |line: &&str| {
        let first = line.trim_matches('|').split('|').next().map(str::trim);
        line.contains("| `") && first.is_some_and(|floor| floor.parse::<u32>().is_ok())
    };
    let rows = text.lines().filter(numbered);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let names = cells.last().expect("a row has cells").split([',', ' ']);
        let names = names.map(|name| name.trim_matches('`')).filter(|name| !name.is_empty());
        (cells[1].trim_matches('`').to_owned(), names.map(str::to_owned).collect())
    })
    .collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(folder).expect("a source folder").map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let inner = folders.iter().flat_map(|folder| sources(folder));
    files
        .into_iter()
        .chain(inner)
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .collect()
}

/// The modules that a file names after `crate::`.
fn used(text: &str) -> Vec<String> {
    let names = text.split("crate::").skip(1);
    names
        .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
        .collect()
}

#[test]
fn every_module_uses_lower_floors_only() {
    let table = table();
    assert!(table.len() >= 10, "the table of floors was not found: {table:?}");
    for (module, allowed) in &table {
        let folder = PathBuf::from("src").join(module);
        assert!(folder.is_dir(), "the table names {module}, which has no folder");
        for file in sources(&folder) {
            let text = fs::read_to_string(&file).expect("a source file");
            for name in used(&text) {
                let inside = name == *module || allowed.contains(&name);
                assert!(
                    inside,
                    "{} uses crate::{name}, which is not below {module}",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn every_folder_is_in_the_table() {
    let table = table();
    for entry in fs::read_dir("src").expect("src") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let known = !path.is_dir() || name == "bin" || table.contains_key(&name);
        assert!(known, "src/{name} is not in ARCHITECTURE.md");
    }
}

#[test]
fn the_binary_uses_the_public_api_only() {
    for file in sources(Path::new("src/bin")) {
        let text = fs::read_to_string(&file).expect("a source file");
        let foreign = text.contains("#[path") || text.contains("../../");
        assert!(!foreign, "{} reaches around the library", file.display());
    }
}

#[test]
fn every_file_begins_with_a_doc_comment() {
    for file in sources(Path::new("src")) {
        let text = fs::read_to_string(&file).expect("a source file");
        assert!(text.starts_with("//!"), "{} has no header", file.display());
    }
}
