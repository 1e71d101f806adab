//! Figures as pictures: SVG, PNG, pages with an animation.
//!
//! Promises: the same bytes for the same figure; text of users is shown as text, never interpreted;
//! the colours differ to colour-blind readers too; pictures load nothing. Deliberately not known
//! here: how the numbers of a figure were computed.

mod axes;
mod clip;
mod compose;
mod film;
mod page;
mod raster;
mod report;
mod shapes;
mod theme;

use kuva::backend::png::PngBackend;

use crate::analysis::{Figure, Panel};

pub use film::{film_gif, film_page, film_svg};
pub use report::{ReportPage, report_page};
pub use theme::Theme;

/// A figure as a stand-alone SVG, with its notes below, of elements that browsers
/// and editors render alike.
///
/// # Examples
/// ```
/// use scorematch::{Columns, Model, analysis::Figure, data::Missing, draw};
///
/// let model = Model::parse("-(x - mu)^2/2")?.bind(&["x"], &["x"])?;
/// let rows = model.select(&Columns::from_csv("x\n1.0\n2.0\n4.5\n".as_bytes())?, Missing::Error)?;
/// let figure = Figure::of(&model, &rows, &[2.5])?;
/// assert!(draw::svg(&figure, draw::Theme::Light).starts_with("<svg"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn svg(figure: &Figure, theme: Theme) -> String {
    compose::text(&compose::whole(figure, theme), &compose::words(figure))
}

/// A figure as PNG, with two pixels for each unit of its SVG.
///
/// # Errors
/// When the picture is too large for memory: a sentence that says so.
pub fn png(figure: &Figure, theme: Theme) -> Result<Vec<u8>, String> {
    PngBackend::new().render_scene(&compose::whole(figure, theme))
}

/// One panel without notes as SVG, for embedding in a page; `alternative` is
/// its description in words.
#[must_use]
pub fn panel(panel: &Panel, theme: Theme, alternative: &str) -> String {
    compose::text(&axes::scene(panel, theme), alternative)
}
