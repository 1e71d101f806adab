//! Clips lines to a rectangle, and simplifies them.

use crate::analysis::Point;

/// A rectangle, in pixels; y grows downwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Frame {
    pub fn contains(&self, (x, y): Point) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub fn clamp(&self, (x, y): Point) -> Point {
        (x.clamp(self.left, self.right), y.clamp(self.top, self.bottom))
    }

    /// The pieces of a polyline inside the frame; a point that is not finite breaks the line.
    pub fn pieces(&self, line: &[Point]) -> Vec<Vec<Point>> {
        let mut pieces: Vec<Vec<Point>> = Vec::new();
        let mut open = false;
        for pair in line.windows(2) {
            let Some((from, to)) = self.inside(pair[0], pair[1]) else {
                open = false;
                continue;
            };
            match pieces.last_mut() {
                Some(piece) if open => piece.push(to),
                _ => pieces.push(vec![from, to]),
            }
            open = to == pair[1];
        }
        pieces
    }

    /// The part of a segment inside the frame (Liang and Barsky 1984).
    fn inside(&self, from: Point, to: Point) -> Option<(Point, Point)> {
        if ![from.0, from.1, to.0, to.1].iter().all(|x| x.is_finite()) {
            return None;
        }
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let (mut first, mut last) = (0.0_f64, 1.0_f64);
        let edges = [
            (-dx, from.0 - self.left),
            (dx, self.right - from.0),
            (-dy, from.1 - self.top),
            (dy, self.bottom - from.1),
        ];
        for (speed, room) in edges {
            if speed == 0.0 && room < 0.0 {
                return None;
            }
            if speed < 0.0 {
                first = first.max(room / speed);
            } else if speed > 0.0 {
                last = last.min(room / speed);
            }
        }
        let at = |t: f64| match t {
            0.0 => from,
            1.0 => to,
            _ => (from.0 + t * dx, from.1 + t * dy),
        };
        (first <= last).then(|| (at(first), at(last)))
    }
}

/// Largest distance of a polyline from its simplification, in pixels; too small to be visible.
const TOLERANCE: f64 = 0.08;

/// A polyline with fewer points, within [`TOLERANCE`] of the given one (Douglas and Peucker 1973).
pub(super) fn simplified(line: &[Point]) -> Vec<Point> {
    let Some(last) = line.len().checked_sub(1).filter(|&last| last > 1) else {
        return line.to_vec();
    };
    let mut kept = vec![false; line.len()];
    (kept[0], kept[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let far = |k: &usize| distance(line[*k], line[from], line[to]);
        let farthest = (from + 1..to).max_by(|a, b| far(a).total_cmp(&far(b)));
        if let Some(k) = farthest.filter(|k| far(k) > TOLERANCE) {
            kept[k] = true;
            open.extend([(from, k), (k, to)]);
        }
    }
    line.iter().zip(kept).filter(|(_, kept)| *kept).map(|(point, _)| *point).collect()
}

/// The distance of a point from a segment.
fn distance(point: Point, from: Point, to: Point) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let square = dx * dx + dy * dy;
    let along = (point.0 - from.0) * dx + (point.1 - from.1) * dy;
    let t = if square > 0.0 { (along / square).clamp(0.0, 1.0) } else { 0.0 };
    (point.0 - from.0 - t * dx).hypot(point.1 - from.1 - t * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    #[test]
    fn a_line_that_leaves_and_comes_back_is_two_pieces() {
        let line = [(1.0, 5.0), (5.0, 15.0), (9.0, 5.0), (9.5, 5.0)];
        let pieces = FRAME.pieces(&line);
        assert_eq!(pieces.len(), 2, "{pieces:?}");
        assert_eq!(pieces[0], [(1.0, 5.0), (3.0, 10.0)]);
        assert_eq!(pieces[1], [(7.0, 10.0), (9.0, 5.0), (9.5, 5.0)]);
    }

    #[test]
    fn a_simplified_line_is_within_the_tolerance() {
        let wave: Vec<Point> =
            (0..400).map(|k| (f64::from(k), 50.0 * (f64::from(k) / 30.0).sin())).collect();
        let few = simplified(&wave);
        assert!(few.len() < 120 && few[0] == wave[0], "{}", few.len());
        for &point in &wave {
            let near = few.windows(2).map(|two| distance(point, two[0], two[1]));
            assert!(near.fold(f64::INFINITY, f64::min) <= TOLERANCE, "{point:?}");
        }
        assert_eq!(simplified(&[(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (2.0, 5.0)]).len(), 3);
    }

    #[test]
    fn a_point_that_is_not_a_number_breaks_a_line() {
        let line = [(1.0, 1.0), (2.0, 2.0), (3.0, f64::NAN), (4.0, 4.0), (5.0, 5.0)];
        assert_eq!(FRAME.pieces(&line).len(), 2);
        assert!(FRAME.pieces(&[(-5.0, -5.0), (-1.0, 20.0)]).is_empty());
    }

    #[test]
    fn a_line_across_is_cut_at_both_edges() {
        assert_eq!(FRAME.pieces(&[(-10.0, 5.0), (20.0, 5.0)]), [[(0.0, 5.0), (10.0, 5.0)]]);
    }
}
