//! The parts common to all pages: a head that forbids every load, the style
//! sheet, data for scripts.

use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use super::theme::{Colours, DARK, LIGHT};
use crate::source::printable;

const STYLE: &str = include_str!("page.css");

/// The head of a page. Its policy forbids every load, and every script but
/// the one with this digest.
pub(super) fn head(title: &str, digest: Option<&str>) -> Markup {
    let scripts =
        digest.map_or_else(String::new, |digest| format!("; script-src 'sha256-{digest}'"));
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'{scripts}"
    );
    let style = format!(
        ":root{{color-scheme:light dark;{}}}@media (prefers-color-scheme:dark){{:root{{{}}}}}\
         @media print{{:root{{color-scheme:light;{}}}}}{STYLE}",
        properties(&LIGHT),
        properties(&DARK),
        properties(&LIGHT)
    );
    html! {
        head {
            meta charset="utf-8";
            meta http-equiv="Content-Security-Policy" content=(policy);
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (printable(title)) }
            style { (PreEscaped(style)) }
        }
    }
}

fn properties(colours: &Colours) -> String {
    let Colours { paper, ink, muted, grid, data, data_fill, model, score } = colours;
    format!(
        "--paper:{paper};--ink:{ink};--muted:{muted};--grid:{grid};--data:{data};\
         --data-fill:{data_fill};--model:{model};--score:{score};"
    )
}

/// JSON that is safe in a script element: it contains no `<`, `>` or `&`.
pub(super) fn script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
