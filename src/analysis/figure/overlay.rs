//! The density of a model of one number over a histogram of its data.

use std::f64::consts::TAU;
use std::sync::Arc;

use super::Point;
use super::bins::Bins;
use super::build::turn;
use super::density::{Density, Extent, Shifted};
use super::sample::{Sample, Undrawable};
use crate::model::{Model, Support};
use crate::sample::LogDensity;

/// Largest height of a density, in heights of the highest bar, before it is truncated.
const HIGHEST: f64 = 2.5;

/// A density, the histogram over which it is drawn, and the interval of both. All numbers are
/// differences from the shift of the sample.
#[derive(Clone, Debug)]
pub(crate) struct Overlay {
    pub sample: Arc<Sample>,
    pub bins: Bins,
    pub extent: Extent,
    /// `None` where log p is finite nowhere on the interval.
    pub density: Option<Density>,
}

impl Overlay {
    /// The overlay for a model with one continuous data component and no covariates, with at most
    /// `most` bins, and the mean density in each of `parts` parts of the interval.
    pub fn of(
        model: &Model,
        values: &[f64],
        theta: &[f64],
        most: usize,
        parts: usize,
    ) -> Result<Self, Undrawable> {
        let ground = Ground::of(values, model.data()[0].support, most)?;
        Ok(Self::on(&ground, model, theta, ground.extent(model, theta), parts))
    }

    /// The overlay of prepared data and a density on a given interval.
    pub fn on(ground: &Ground, model: &Model, theta: &[f64], extent: Extent, parts: usize) -> Self {
        let log_p = ground.shifted(model, theta);
        let density = Density::of(&log_p, extent, parts, &ground.sample.sorted);
        let (sample, bins) = (Arc::clone(&ground.sample), ground.bins.clone());
        Self { sample, bins, extent, density }
    }

    /// The density at the centres of equal parts of the interval; `None` where there is none.
    pub fn curve(&self) -> Option<Vec<Point>> {
        let values = &self.density.as_ref()?.values;
        let (low, high) = (self.extent.low, self.extent.high);
        let middle = |k: usize| low + (k as f64 + 0.5) / values.len() as f64 * (high - low);
        Some(values.iter().enumerate().map(|(k, &value)| (middle(k), value)).collect())
    }

    /// log ∫ p, where quadrature succeeded.
    pub fn log_normaliser(&self) -> Option<f64> {
        self.density.as_ref()?.log_normaliser
    }

    /// The height of the panel, in which bars stay readable below a density that is far higher.
    pub fn height(&self) -> f64 {
        let highest = self.bins.density(self.bins.highest());
        let peak = self.density.as_ref().map_or(0.0, Density::highest);
        highest.max(peak.min(HIGHEST * highest))
    }
}

/// The data with the interval on which they are drawn.
#[derive(Clone, Debug)]
pub(crate) struct Ground {
    sample: Arc<Sample>,
    bins: Bins,
    extent: Extent,
}

impl Ground {
    /// Prepares values of a column on this support, with at most `most` bins.
    pub fn of(values: &[f64], support: Support, most: usize) -> Result<Self, Undrawable> {
        let (low, high) = match support {
            Support::Circle => return Self::around(values, most),
            Support::Line | Support::Binary(..) => (f64::NEG_INFINITY, f64::INFINITY),
            Support::Above(low) => (low, f64::INFINITY),
            Support::Below(high) => (f64::NEG_INFINITY, high),
            Support::Between(low, high) => (low, high),
            Support::Sphere => (-1.0, 1.0),
            Support::Simplex => (0.0, 1.0),
        };
        let sample = Sample::of(values)?;
        let domain = (low - sample.shift, high - sample.shift);
        let bound = [domain.0, domain.1, 0.0].into_iter().find(|x| x.is_finite());
        let bins = Bins::of(&sample, most, bound.unwrap_or(0.0));
        let room = bins.step.max(0.05 * (bins.end() - bins.first));
        let extent = Extent { low: bins.first, high: bins.end(), domain };
        let extent = extent.padded(room, room).to_bounds();
        Ok(Self { extent, sample: Arc::new(sample), bins })
    }

    /// The interval, widened where the density of the model at θ has not decayed at its ends.
    pub fn extent(&self, model: &Model, theta: &[f64]) -> Extent {
        self.extent.widened(&self.shifted(model, theta))
    }

    fn shifted<'a>(&self, model: &Model, theta: &'a [f64]) -> Shifted<'a> {
        Shifted { log_p: LogDensity::of(model, theta), shift: self.sample.shift }
    }

    fn around(values: &[f64], most: usize) -> Result<Self, Undrawable> {
        let start = turn(values);
        let sample = Sample::around(values, start)?;
        let bins = Bins::around(&sample, start, most);
        let domain = (start, start + TAU);
        let extent = Extent { low: start, high: start + TAU, domain };
        Ok(Self { sample: Arc::new(sample), bins, extent })
    }
}
