//! Colours. Those of data, model and score are of the palette of Okabe and Ito (2008), which
//! colour-blind readers tell apart.

use kuva::prelude::Theme as Chrome;

use crate::analysis::Role;

/// What a picture lies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Theme {
    /// White.
    Light,
    /// Nearly black.
    Dark,
    /// The page around it, whose style sheet sets the colours as custom properties: `--paper`,
    /// `--ink`, `--muted`, `--grid`, `--data`, `--data-fill`, `--model`, `--score`.
    Page,
}

/// The colours of a theme, as CSS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Colours {
    pub paper: &'static str,
    pub ink: &'static str,
    pub muted: &'static str,
    pub grid: &'static str,
    pub data: &'static str,
    pub data_fill: &'static str,
    pub model: &'static str,
    pub score: &'static str,
}

pub(super) const LIGHT: Colours = Colours {
    paper: "#ffffff",
    ink: "#1b1f24",
    muted: "#59636e",
    grid: "#e4e7eb",
    data: "#0072b2",
    data_fill: "#9fcbe8",
    model: "#c2410c",
    score: "#00795a",
};

pub(super) const DARK: Colours = Colours {
    paper: "#14171c",
    ink: "#e6e9ee",
    muted: "#a2abb6",
    grid: "#2d333b",
    data: "#56b4e9",
    data_fill: "#28536f",
    model: "#f0904a",
    score: "#2fc79a",
};

const PAGE: Colours = Colours {
    paper: "none",
    ink: "var(--ink)",
    muted: "var(--muted)",
    grid: "var(--grid)",
    data: "var(--data)",
    data_fill: "var(--data-fill)",
    model: "var(--model)",
    score: "var(--score)",
};

/// The fonts of pictures, the first of which the PNG holds itself.
pub(super) const FONTS: &str = "DejaVu Sans, Verdana, Liberation Sans, Arial, sans-serif";

impl Theme {
    pub(super) fn colours(self) -> &'static Colours {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
            Self::Page => &PAGE,
        }
    }

    /// The colours of axes, for the plotting crate.
    pub(super) fn chrome(self) -> Chrome {
        let colours = self.colours();
        Chrome {
            background: colours.paper.into(),
            axis_color: colours.muted.into(),
            grid_color: colours.grid.into(),
            tick_color: colours.muted.into(),
            text_color: colours.ink.into(),
            legend_bg: "none".into(),
            legend_border: "none".into(),
            font_family: Some(FONTS.into()),
            ..Chrome::light()
        }
    }
}

impl Colours {
    /// The colour of lines and points of a role.
    pub(super) fn line(&self, role: Role) -> &'static str {
        match role {
            Role::Data => self.data,
            Role::Model => self.model,
            Role::Score => self.score,
            Role::Guide => self.muted,
        }
    }

    /// The colour of areas of a role.
    pub(super) fn area(&self, role: Role) -> &'static str {
        match role {
            Role::Data => self.data_fill,
            Role::Model | Role::Score | Role::Guide => self.line(role),
        }
    }
}
