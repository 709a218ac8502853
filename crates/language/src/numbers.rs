//! Numbers as people write them. What machines read (CSV, JSON, addresses) never comes from here.

use crate::Language;

/// `1,204` or `1.204`.
pub fn count(value: impl TryInto<i128>) -> String {
    // Every whole number that there is to count has room.
    let value: i128 = value.try_into().unwrap_or(i128::MAX);
    let digits = value.unsigned_abs().to_string();
    let mut grouped = String::from(if value < 0 { "−" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(match Language::current() {
                Language::English => ',',
                Language::German => '.',
            });
        }
        grouped.push(digit);
    }
    grouped
}

/// `12.5` or `12,5`: with so many digits behind the point.
pub fn decimal(value: f64, digits: usize) -> String {
    let written = format!("{value:.digits$}");
    match Language::current() {
        Language::English => written,
        Language::German => written.replace('.', ","),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped_and_the_point_is_a_comma_in_german() {
        let told = || (count(1u8), count(1_500usize), count(-1_234_567i64), decimal(12.25, 1), decimal(0.5, 2));
        let of = |of: [&str; 5]| of.map(str::to_owned).into();
        assert_eq!(told(), of(["1", "1,500", "−1,234,567", "12.2", "0.50"]));
        assert_eq!(Language::German.scope(told), of(["1", "1.500", "−1.234.567", "12,2", "0,50"]));
    }
}
