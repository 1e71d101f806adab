//! Checks of programs against the reference evaluator, the values used for them, and tolerances.

use scorematch::graph::{ExprId, Graph, Number, Part, Support, evaluate};
use scorematch::program::{Isa, Layout, Program};

use crate::support::{Tolerance, assert_close, is_close};

/// Values at which some function has a special case.
pub const SPECIAL: [f64; 24] = [
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    5e-324,
    -5e-324,
    1e-310,
    f64::MIN_POSITIVE,
    f64::MAX,
    -f64::MAX,
    1.0,
    -1.0,
    0.5,
    -0.5,
    2.0,
    1.5,
    -1.5,
    3.0,
    -3.7,
    7.25,
    -30.0,
    40.0,
    800.0,
];

/// Two units for the library's function and one for the standard library's.
pub const ELEMENTARY: Tolerance = Tolerance::Ulps(3.0);

/// A graph with two columns x, y and two parameters a, b.
pub struct Bench {
    pub graph: Graph,
    pub x: ExprId,
    pub y: ExprId,
    pub a: ExprId,
    pub b: ExprId,
}

impl Bench {
    pub fn new(mut graph: Graph) -> Self {
        let [x, y, a, b] = ["x", "y", "a", "b"].map(|name| graph.input(name, Support::LINE));
        Self { graph, x, y, a, b }
    }

    fn layout(&self) -> Layout {
        let input = |id| self.graph.as_input(id).expect("an input");
        Layout {
            rows: vec![input(self.x), input(self.y)],
            parameters: vec![input(self.a), input(self.b)],
        }
    }

    pub fn compile(&self, roots: &[ExprId]) -> Program {
        Program::compile(&self.graph, &self.layout(), roots)
    }

    pub fn means(&self, roots: &[ExprId]) -> Program {
        Program::compile_means(&self.graph, &self.layout(), roots)
    }

    /// The reference values of roots, for inputs in order of creation: x, y, a, b.
    pub fn reference(&self, roots: &[ExprId], point: [f64; 4]) -> Vec<f64> {
        evaluate(&self.graph, roots, |input| point[input.index()])
    }

    /// Compares the program of `root` with the reference on every row.
    #[track_caller]
    pub fn check(
        &self,
        root: ExprId,
        columns: &[&[f64]; 2],
        parameters: [f64; 2],
        tolerance: Tolerance,
    ) {
        for (name, program) in self.on_all(&[root]) {
            let got = &program.rows(columns, &parameters, 1)[0];
            assert_eq!(got.len(), columns[0].len());
            for (row, &got) in got.iter().enumerate() {
                let point = [columns[0][row], columns[1][row], parameters[0], parameters[1]];
                let want = self.reference(&[root], point)[0];
                assert_close(got, want, tolerance, format_args!("{name}: row {row}, {point:?}"));
            }
        }
    }

    /// The program on every instruction set of this machine, with machine code where there is any
    /// and without it.
    pub fn on_all(&self, roots: &[ExprId]) -> Vec<(String, Program)> {
        let sets = Isa::available().into_iter();
        let mut programs: Vec<_> =
            sets.map(|isa| (isa.to_string(), self.compile(roots).on(isa))).collect();
        programs.push(("interpreted".to_owned(), self.compile(roots).interpreted()));
        programs
    }
}

/// All pairs of special values, so that all pairs occur in lanes.
pub fn special_pairs() -> (Vec<f64>, Vec<f64>) {
    SPECIAL.iter().flat_map(|&x| SPECIAL.iter().map(move |&y| (x, y))).unzip()
}

/// A reproducible sequence of numbers in (-4, 4).
pub fn noise(rows: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 50) as f64 - 4.0
    };
    (0..rows).map(|_| next()).collect()
}

pub fn part(weight: Number, expr: ExprId) -> Part {
    Part { weight, expr }
}

#[test]
fn close_means_close_from_both_sides_of_zero() {
    for sign in [1.0, -1.0] {
        let one = sign;
        let next = sign * (1.0 + f64::EPSILON);
        assert!(
            is_close(next, one, Tolerance::Ulps(1.0)) && is_close(one, next, Tolerance::Ulps(1.0))
        );
        assert!(!is_close(sign * 1.1, one, Tolerance::Ulps(8.0)));
        assert!(!is_close(sign * 0.9, one, Tolerance::Ulps(8.0)));
        assert!(!is_close(-one, one, Tolerance::Ulps(1e6)));
        assert!(is_close(sign * 1.25, one, Tolerance::Absolute(0.25)));
        assert!(is_close(sign * 0.75, one, Tolerance::Absolute(0.25)));
        assert!(!is_close(sign * 0.7, one, Tolerance::Absolute(0.25)));
        assert!(!is_close(-one, one, Tolerance::Absolute(1.0)));
        assert!(!is_close(next, one, Tolerance::Exact) && is_close(one, one, Tolerance::Exact));
        assert!(!is_close(f64::NAN, one, Tolerance::Absolute(9.0)));
        assert!(!is_close(one, f64::NAN, Tolerance::Absolute(9.0)));
        let infinity = sign * f64::INFINITY;
        assert!(!is_close(infinity, one, Tolerance::Absolute(f64::INFINITY)));
        assert!(!is_close(-infinity, infinity, Tolerance::Ulps(1.0)));
        assert!(is_close(infinity, infinity, Tolerance::Exact));
        assert!(!is_close(sign * 1e-300, 0.0, Tolerance::Ulps(4.0)));
    }
    assert!(is_close(f64::NAN, -f64::NAN, Tolerance::Exact));
    assert!(!is_close(0.0, -0.0, Tolerance::Exact) && is_close(0.0, -0.0, Tolerance::Ulps(0.0)));
}
