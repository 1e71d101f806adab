//! Special functions.

use num_traits::Float;

/// erf
pub fn erf<T: Float>(_x: T) -> T {
    todo!()
}
/// erfc
pub fn erfc<T: Float>(_x: T) -> T {
    todo!()
}
/// log_normal_cdf
pub fn log_normal_cdf<T: Float>(_x: T) -> T {
    todo!()
}
/// inverse_mills
pub fn inverse_mills<T: Float>(_x: T) -> T {
    todo!()
}
/// mills_excess
pub fn mills_excess<T: Float>(_x: T) -> T {
    todo!()
}
/// lgamma
pub fn lgamma<T: Float>(_x: T) -> T {
    todo!()
}
/// sigmoid
pub fn sigmoid<T: Float>(_x: T) -> T {
    todo!()
}
/// softplus
pub fn softplus<T: Float>(_x: T) -> T {
    todo!()
}
/// log_cosh
pub fn log_cosh<T: Float>(_x: T) -> T {
    todo!()
}
/// polygamma
pub fn polygamma<T: Float>(_k: u8, _x: T) -> T {
    todo!()
}
