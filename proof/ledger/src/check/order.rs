//! Order: which of a row of numbers came too late.

/// The numbers that come after a greater one.
pub(super) fn overtaken(numbers: impl IntoIterator<Item = u32>) -> Vec<(u32, u32)> {
    let (mut greatest, mut late) = (0, Vec::new());
    for number in numbers {
        if number < greatest {
            late.push((number, greatest));
        }
        greatest = greatest.max(number);
    }
    late
}
