//! Functions on slices in which a few elements, if any, need a slower computation.

/// out = body(a), and `repair` instead for rare elements.
///
/// The loop stays free of branches; a second pass runs only if there are rare elements.
#[inline(always)]
pub(super) fn apply_with_repair(
    out: &mut [f64],
    a: &[f64],
    body: impl Fn(f64) -> f64,
    is_rare: fn(f64) -> bool,
    repair: fn(f64) -> f64,
) {
    let mut any = false;
    for (out, &a) in out.iter_mut().zip(a) {
        *out = body(a);
        any |= is_rare(a);
    }
    if any {
        repair_all(out, a, is_rare, repair);
    }
}

#[cold]
#[inline(never)]
fn repair_all(out: &mut [f64], a: &[f64], is_rare: fn(f64) -> bool, repair: fn(f64) -> f64) {
    for (out, &a) in out.iter_mut().zip(a) {
        if is_rare(a) {
            *out = repair(a);
        }
    }
}
