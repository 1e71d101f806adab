//! Lists of inputs that are a whole vector, row or column, or a contiguous part of one.

use std::collections::HashMap;

use super::super::{ExprId, Graph};

/// A name as its base and its bracket, `W` and `[1,2]`; the bracket is empty for a name without one.
pub(super) fn split_indices(name: &str) -> (&str, &str) {
    let is_index = |c: char| c.is_ascii_digit() || c == ',' || c == ':';
    let bracket = name.strip_suffix(']').and_then(|open| open.rfind('['));
    match bracket {
        Some(at) if at > 0 && name[at + 1..name.len() - 1].chars().all(is_index) => {
            name.split_at(at)
        }
        _ => (name, ""),
    }
}

/// The one or two indices of an element's name.
fn element(name: &str) -> Option<(&str, Vec<usize>)> {
    let (base, bracket) = split_indices(name);
    let inside = bracket.strip_prefix('[')?.strip_suffix(']')?;
    let indices: Option<Vec<usize>> = inside.split(',').map(|index| index.parse().ok()).collect();
    indices.filter(|indices| indices.len() <= 2).map(|indices| (base, indices))
}

/// The greatest indices of each vector and matrix among the inputs.
pub(super) struct Extents(HashMap<String, Vec<usize>>);

impl Extents {
    pub fn of(graph: &Graph) -> Self {
        let mut extents: HashMap<String, Vec<usize>> = HashMap::new();
        for input in graph.inputs() {
            let Some((base, indices)) = element(&input.name) else { continue };
            let known = extents.entry(base.to_owned()).or_insert_with(|| vec![0; indices.len()]);
            for (most, index) in known.iter_mut().zip(indices) {
                *most = index.max(*most);
            }
        }
        Self(extents)
    }

    /// The name of the matrix whose entries, row by row, are these inputs, and how many columns it has.
    pub fn matrix(&self, graph: &Graph, list: &[ExprId]) -> Option<(String, usize)> {
        let name = |id: ExprId| Some(graph.inputs()[graph.as_input(id)?.index()].name.as_str());
        let (base, first) = element(name(*list.first()?)?)?;
        let &[rows, columns] = self.0.get(base)?.as_slice() else { return None };
        let expected = (1..=rows).flat_map(|i| (1..=columns).map(move |j| vec![i, j]));
        let whole = list.len() == rows * columns
            && list.iter().zip(expected).all(|(&id, place)| {
                name(id).and_then(element).is_some_and(|found| found == (base, place))
            });
        (whole && first == [1, 1]).then(|| (base.to_owned(), columns))
    }

    /// The name of a list of inputs that runs along one axis: `x`, `x[2:9]`, `W[1,:]`.
    pub fn slice(&self, graph: &Graph, list: &[ExprId]) -> Option<String> {
        let elements: Option<Vec<_>> = list
            .iter()
            .map(|&id| element(&graph.inputs()[graph.as_input(id)?.index()].name))
            .collect();
        let elements = elements.filter(|elements| elements.len() > 1)?;
        let (base, first) = &elements[0];
        let extent = self.0.get(*base)?;
        let axis = (0..first.len()).find(|&axis| runs_along(axis, &elements))?;
        let run = (first[axis], first[axis] + list.len() - 1);
        let whole = run == (1, *extent.get(axis)?);
        if whole && first.len() == 1 {
            return Some((*base).to_owned());
        }
        let range = if whole { ":".to_owned() } else { format!("{}:{}", run.0, run.1) };
        let mut indices: Vec<String> = first.iter().map(usize::to_string).collect();
        indices[axis] = range;
        Some(format!("{base}[{}]", indices.join(",")))
    }
}

/// Whether the index on this axis grows by one from element to element, while the name and the other
/// index stay the same.
fn runs_along(axis: usize, elements: &[(&str, Vec<usize>)]) -> bool {
    let (base, first) = &elements[0];
    elements.iter().enumerate().all(|(step, (name, indices))| {
        let follows = |(other, index): (usize, &usize)| {
            first
                .get(other)
                .is_some_and(|&start| *index == if other == axis { start + step } else { start })
        };
        name == base && indices.len() == first.len() && indices.iter().enumerate().all(follows)
    })
}
