//! Pages and pictures in a browser: they are loaded in a headless Chromium, which is driven through
//! its DevTools protocol, inspected, clicked and typed into.
//!
//! Without a Chromium these tests print this and pass, unless the environment has `CI=true`.
//! `SCOREMATCH_CHROMIUM` names one that is not on the path. `SCOREMATCH_SHOTS=FOLDER` saves a
//! screenshot of every page.
#![cfg(all(unix, feature = "plot"))]

#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/examples.rs"]
mod examples;
#[path = "pages/film.rs"]
mod film;
#[path = "pages/hostile.rs"]
mod hostile;
#[path = "pages/look.rs"]
mod look;
#[path = "pages/pictures.rs"]
mod pictures;
#[path = "cli/run.rs"]
#[allow(dead_code, reason = "the command line's tests use all of it")]
mod run;
#[path = "pages/tab.rs"]
mod tab;
