//! Texts and tables from which fuzzing starts, and their mutations.

use std::fs;
use std::path::Path;

/// Longer texts are cut, so that a case takes about a millisecond.
const BYTES_MAX: usize = 1500;

/// Pieces that are inserted into texts.
const PIECES: [&str; 69] = [
    "data ",
    "covariate ",
    "param ",
    "const ",
    "let ",
    "def ",
    "weight ",
    "logp = ",
    "energy = ",
    " posdef",
    " simplex",
    " ordered",
    " symmetric",
    " init ",
    " on sphere",
    " on circle",
    "[*]",
    " in {0, 1}",
    " in (0, 1)",
    " > 0",
    "x",
    "y",
    "mu",
    "s2",
    "W[1,2]",
    "[1:3]",
    "[:, 1]",
    "[0]",
    "f(x)",
    "sum(i in 1:3, ",
    "if(x < 0, ",
    "exp(",
    "log(",
    "lgamma(",
    "polygamma(3, ",
    "log_bessel_i(1/2, ",
    "max(",
    "log_sum_exp(",
    "trace(",
    "det(",
    "inv(",
    "solve([1, 2; 2, x], ",
    "log_det(",
    "dot(",
    "erf(",
    "abs(",
    "floor(",
    "'",
    "^",
    "^-1",
    "^0.5",
    "^1e300",
    "²",
    "*",
    "/",
    "-",
    ".*",
    "(",
    ")",
    "[",
    "]",
    ";",
    "\n",
    ",",
    "1e308",
    "9223372036854775807",
    "0",
    "`a b`",
    "#",
];
/// Pieces that are inserted into tables.
const CELLS: [&str; 20] = [
    ",",
    ";",
    "\t",
    " ",
    "\n",
    "\r\n",
    "\"",
    "#",
    "NA",
    "nan",
    "inf",
    "-1e309",
    "1e-400",
    "x",
    "\u{feff}",
    "1,5",
    "-",
    ".",
    "0x10",
    "9999999999999999999999",
];

/// The random numbers of a case, by SplitMix64.
pub struct Draws(u64);

impl Draws {
    /// The numbers of one case of a seed.
    pub fn of(seed: u64, case: u64) -> Self {
        let mut start = Self(seed);
        Self(start.next() ^ case.wrapping_mul(0xd134_2543_de82_ef95))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a positive bound.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn one_of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    /// A range within a text, mostly short.
    fn span(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 8 };
        let size = self.below(most.max(1) + 1).min(length - start);
        start..start + size
    }
}

/// The texts to be mutated, and the pieces to be inserted.
pub struct Corpus {
    texts: Vec<Vec<u8>>,
    pieces: &'static [&'static str],
}

impl Corpus {
    pub fn models() -> Self {
        let grammar = fs::read_to_string("grammar/README.md").expect("the grammar is there");
        let mut texts: Vec<Vec<u8>> = grammar
            .split("\n\n")
            .filter(|block| block.starts_with("    "))
            .map(|block| block.replace("\n    ", "\n").trim().as_bytes().to_vec())
            .collect();
        for folder in ["examples", "tests/golden/bad_model", "tests/golden/bad_syntax"] {
            texts.extend(files(folder, "energy"));
        }
        Self { texts, pieces: &PIECES }
    }

    pub fn tables() -> Self {
        let folders = ["examples", "tests/golden/bad_data"];
        let texts = folders.iter().flat_map(|folder| files(folder, "csv")).collect();
        Self { texts, pieces: &CELLS }
    }

    pub fn mutant(&self, draws: &mut Draws) -> Vec<u8> {
        let mut text = self.texts[draws.below(self.texts.len())].clone();
        for _ in 0..=draws.below(5) {
            let span = draws.span(text.len());
            let new = match draws.below(7) {
                0 => Vec::new(),
                1 => text[span.clone()].repeat(2),
                2 => {
                    let other = &self.texts[draws.below(self.texts.len())];
                    other[draws.span(other.len())].to_vec()
                }
                3 => vec![draws.next() as u8; 1],
                4 => {
                    let deep = 1 + draws.below(200);
                    draws.one_of(self.pieces).as_bytes().repeat(deep)
                }
                _ => draws.one_of(self.pieces).as_bytes().to_vec(),
            };
            let span = if draws.below(2) == 0 { span.start..span.start } else { span };
            text.splice(span, new);
            text.truncate(BYTES_MAX);
        }
        text
    }
}

/// The files of a kind, each cut to a length that is read fast.
fn files(folder: &str, extension: &str) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|e| e == extension));
    paths.sort();
    let read = |path: &Path| {
        let mut bytes = fs::read(path).expect("a file");
        bytes.truncate(BYTES_MAX);
        bytes
    };
    paths.iter().map(|path| read(path)).filter(|bytes| !bytes.is_empty()).collect()
}
