//! Colours. Data, model and score have the hues of the palette of Okabe and Ito (2008), darker on
//! white and lighter on black so that thin lines are visible. Readers without red or green cones
//! distinguish all three by colour; those without blue cones distinguish data and score by shape.

use kuva::prelude::Theme as Chrome;

use crate::analysis::Role;

/// The background of a picture, with the colours that suit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Theme {
    /// White background.
    Light,
    /// Nearly black background.
    Dark,
    /// The background of the page that embeds the picture, whose style sheet sets the colours as
    /// custom properties: `--paper`, `--ink`, `--muted`, `--grid`, `--data`, `--data-fill`,
    /// `--model`, `--score`.
    Page,
}

/// The colours of a theme, as CSS values.
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

/// The fonts of pictures; the PNG renderer contains the first one.
pub(super) const FONTS: &str = "DejaVu Sans, Verdana, Liberation Sans, Arial, sans-serif";

impl Theme {
    pub(super) fn colours(self) -> &'static Colours {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
            Self::Page => &PAGE,
        }
    }

    /// The colours of axes, as the plotting crate takes them.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Linear RGB as seen without red and without green cones (Machado,
    /// Oliveira and Fernandes 2009).
    const BLIND: [[[f64; 3]; 3]; 2] = [
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ];

    /// Linear intensities of red, green and blue of a colour `#rrggbb`.
    fn light(colour: &str) -> [f64; 3] {
        [1, 3, 5].map(|at| {
            let byte = u8::from_str_radix(&colour[at..at + 2], 16).expect("two hexadecimal digits");
            let share = f64::from(byte) / 255.0;
            if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        })
    }

    fn product(matrix: &[[f64; 3]; 3], vector: [f64; 3]) -> [f64; 3] {
        matrix.map(|row| (0..3).map(|k| row[k] * vector[k]).sum::<f64>().clamp(0.0, 1.5))
    }

    /// CIE 1976 L*a*b* coordinates, in which distances are perceived differences.
    fn lab(light: [f64; 3]) -> [f64; 3] {
        const XYZ: [[f64; 3]; 3] = [
            [0.412_456, 0.357_576, 0.180_437],
            [0.212_673, 0.715_152, 0.072_175],
            [0.019_334, 0.119_192, 0.950_304],
        ];
        let [x, y, z] = product(&XYZ, light);
        let root = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let (x, y, z) = (root(x / 0.950_47), root(y), root(z / 1.088_83));
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn roles_differ_in_colour_without_red_or_green_cones() {
        for colours in [&LIGHT, &DARK] {
            let all = [colours.data, colours.data_fill, colours.model, colours.score];
            for seen in &BLIND {
                let lab = all.map(|colour| lab(product(seen, light(colour))));
                for (i, j) in [(0, 2), (0, 3), (2, 3), (1, 2), (1, 3)] {
                    let distance =
                        (0..3).map(|k| (lab[i][k] - lab[j][k]).powi(2)).sum::<f64>().sqrt();
                    assert!(distance > 30.0, "{} {}: {distance}", all[i], all[j]);
                }
            }
        }
    }

    #[test]
    fn text_and_lines_contrast_with_the_background() {
        let luminance = |colour: &str| {
            let [red, green, blue] = light(colour);
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        for Colours { paper, ink, muted, data, model, score, .. } in [&LIGHT, &DARK] {
            for colour in [ink, muted, data, model, score] {
                let (a, b) = (luminance(colour), luminance(paper));
                let contrast = (a.max(b) + 0.05) / (a.min(b) + 0.05);
                assert!(contrast >= 4.5, "{colour} on {paper}: {contrast}");
            }
        }
    }
}
