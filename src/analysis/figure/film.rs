//! A model compared with its data as one parameter varies, on common axes.

use super::build::Site;
use super::overlay::Overlay;
use super::sample::Undrawable;
use super::{Axis, Figure, Layer, Mark, Panel, Role, Scale, Sweep};
use super::{line, rose};
use crate::data::Selection;
use crate::model::{Model, Support};

/// Largest size of terms, in medians of their sizes, before bars are truncated.
const TALLEST: f64 = 8.0;

/// The two panels of an animated figure by frame: the model over its data, and bars of the terms of
/// the objective with their sum.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Film {
    /// The parameter and the objective.
    pub sweep: Sweep,
    /// The model at each value, on common axes.
    pub models: Vec<Panel>,
    /// The terms at each value, on common axes.
    pub bars: Vec<Panel>,
    /// Notes on the figure.
    pub notes: Vec<String>,
}

impl Film {
    /// The frames of a sweep.
    ///
    /// # Errors
    /// When the data cannot be drawn.
    ///
    /// # Panics
    /// When the sweep or the columns are not those of the model.
    pub fn of(model: &Model, data: &Selection, sweep: Sweep) -> Result<Self, Undrawable> {
        let sites = sweep.thetas.iter().map(|theta| Site { model, data, theta });
        let sites: Vec<Site<'_>> = sites.collect();
        let (models, mut notes) = match (model.data(), &model.conditions()[..]) {
            ([only], []) if !matches!(only.support, Support::Binary(..)) => one_number(&sites)?,
            _ => others(&sites)?,
        };
        if let Some(lowest) = sweep.lowest() {
            let (name, value) = (&sweep.parameter, sweep.values[lowest]);
            notes.push(format!("J is lowest at {name} = {value:.4} of the values shown"));
        }
        let bars = bars(&sweep);
        Ok(Self { sweep, models, bars, notes })
    }
}

/// Densities on the union of the intervals that suit the single frames.
fn one_number(sites: &[Site<'_>]) -> Result<(Vec<Panel>, Vec<String>), Undrawable> {
    let ground = line::ground(&sites[0])?;
    let extents = sites.iter().map(|site| ground.extent(site.model, site.theta));
    let extent = extents.reduce(|all, one| all.joined(one)).expect("a film has a frame");
    let overlays: Vec<Overlay> =
        sites.iter().map(|site| line::overlay_on(&ground, site, extent)).collect();
    let height = overlays.iter().map(Overlay::height).fold(0.0, f64::max);
    let is_angle = sites[0].component(0).support == Support::Circle;
    let panel = |(site, overlay): (&Site<'_>, &Overlay)| match is_angle {
        true => rose::panel(site, overlay, height),
        false => line::panel(site, overlay, height),
    };
    let panels = sites.iter().zip(&overlays).map(panel).collect();
    let normalised = overlays.iter().all(|one| one.log_normaliser().is_some());
    Ok((panels, vec![line::normalised(normalised).to_owned()]))
}

/// The first panel of the figure at each value, whose axes depend on the data alone.
fn others(sites: &[Site<'_>]) -> Result<(Vec<Panel>, Vec<String>), Undrawable> {
    let figure = |site: &Site<'_>| Figure::of(site.model, site.data, site.theta);
    let figures = sites.iter().map(figure).collect::<Result<Vec<Figure>, _>>()?;
    let mut notes = figures.first().map(|first| first.notes.clone()).unwrap_or_default();
    // Notes on the score belong to other panels.
    notes.retain(|note| !note.starts_with("score:"));
    let mut panels: Vec<Panel> =
        figures.into_iter().filter_map(|figure| figure.panels.into_iter().next()).collect();
    let high = panels.iter().map(|panel| panel.y.high).fold(f64::NEG_INFINITY, f64::max);
    panels.iter_mut().for_each(|panel| panel.y.high = high);
    Ok((panels, notes))
}

/// Bars of the terms, and one of their sum, at each value.
fn bars(sweep: &Sweep) -> Vec<Panel> {
    let names: Vec<String> =
        sweep.names.iter().map(|name| (*name).to_owned()).chain(["J".to_owned()]).collect();
    let (low, high) = reach(sweep);
    let count = names.len() as f64;
    let x = Axis { scale: Scale::Names(names), ..Axis::new("", 0.5, count + 0.5) };
    let y = Axis::new("mean over the rows", low, high);
    let bar = |k: usize, height: f64| {
        let middle = (k + 1) as f64;
        Mark::Bars(vec![(middle - 0.3, middle + 0.3, height)])
    };
    let panel = |(terms, total): (&Vec<f64>, &f64)| {
        let zero = Mark::Line(vec![(x.low, 0.0), (x.high, 0.0)]);
        let mut layers = vec![Layer::new(Role::Guide, zero)];
        let terms_drawn = terms.iter().enumerate();
        layers.extend(terms_drawn.map(|(k, &height)| Layer::new(Role::Score, bar(k, height))));
        layers.push(Layer::new(Role::Model, bar(terms.len(), *total)));
        Panel::new("objective", x.clone(), y.clone(), layers)
    };
    sweep.terms.iter().zip(&sweep.totals).map(panel).collect()
}

/// The range of the bars, truncated where a term diverges.
fn reach(sweep: &Sweep) -> (f64, f64) {
    let all = || sweep.terms.iter().flatten().chain(&sweep.totals).copied();
    let mut sizes: Vec<f64> = all().map(f64::abs).filter(|x| x.is_finite() && *x > 0.0).collect();
    sizes.sort_by(f64::total_cmp);
    let most = sizes.get(sizes.len() / 2).map_or(1.0, |median| TALLEST * median);
    let ends = all()
        .filter(|x| x.is_finite())
        .fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x.max(-most)), high.max(x.min(most))));
    let room = 0.06 * (ends.1 - ends.0).max(1e-300);
    (if ends.0 < 0.0 { ends.0 - room } else { 0.0 }, if ends.1 > 0.0 { ends.1 + room } else { 0.0 })
}
