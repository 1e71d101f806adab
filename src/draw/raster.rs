//! Scenes as pixels, for the GIF.

use kuva::backend::raster::RasterBackend;
use kuva::render::render::Scene;

/// Pixels as red, green, blue and opacity; then width and height. A unit of the scene is one pixel.
pub(super) fn pixels(scene: &Scene) -> Result<(Vec<u8>, u16, u16), String> {
    let png = RasterBackend::new().with_scale(1.0).render_scene(scene)?;
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::ALPHA | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(|reason| reason.to_string())?;
    let size = reader.output_buffer_size().ok_or("the picture is too large")?;
    let mut bytes = vec![0; size];
    let info = reader.next_frame(&mut bytes).map_err(|reason| reason.to_string())?;
    let side =
        |length: u32| u16::try_from(length).map_err(|_| "the picture is too large".to_owned());
    Ok((bytes, side(info.width)?, side(info.height)?))
}
