use proptest::prelude::*;

use super::*;

fn text(given: &str) -> Result<String, String> {
    Decimal::parse(given)
        .map(|decimal| decimal.to_string())
        .map_err(|error| error.to_string())
}

#[test]
fn every_spelling_of_a_number_has_one_text() {
    for (given, expected) in [
        ("0", "0"),
        ("-0.000", "0"),
        ("0e500", "0"),
        ("1", "1"),
        ("1.0", "1"),
        ("10e-1", "1"),
        ("+007", "7"),
        (".5", "0.5"),
        ("5.", "5"),
        ("-12.340", "-12.34"),
        ("1e2", "100"),
        ("123E-5", "0.00123"),
        (
            "123456789012345678901234567890.12345678",
            "123456789012345678901234567890.12345678",
        ),
        (
            "99999999999999999999999999999999999999",
            "99999999999999999999999999999999999999",
        ),
        (
            "1000000000000000000000000000000000000000",
            "1000000000000000000000000000000000000000",
        ),
    ] {
        assert_eq!(text(given).as_deref(), Ok(expected), "{given}");
    }
    assert_eq!(text("1e125").map(|text| text.len()), Ok(126));
    assert_eq!(text("-1e-130").map(|text| text.len()), Ok(133));
}

#[test]
fn what_is_no_number_or_has_no_room_is_refused() {
    for given in [
        "", "-", "+", ".", "e5", "1e", "1e+", "--1", "1 ", "0x1", "1,5", "NaN", "٣", "1e1.5",
    ] {
        let error = text(given).expect_err(given);
        assert!(
            error.starts_with("The parameter cannot be converted"),
            "{given}: {error}"
        );
    }
    for (given, start) in [
        (
            "123456789012345678901234567890123456789",
            "Attempting to store more than 38",
        ),
        ("1e126", "Number overflow"),
        ("-10e125", "Number overflow"),
        ("1e99999999999999999999", "Number overflow"),
        ("1e-131", "Number underflow"),
        ("1e-99999999999999999999", "Number underflow"),
    ] {
        let error = text(given).expect_err(given);
        assert!(error.starts_with(start), "{given}: {error}");
    }
}

#[test]
fn json_numbers_are_taken_exactly() {
    for (number, expected) in [
        (Number::Int(i64::MIN), "-9223372036854775808"),
        (Number::Float(0.1), "0.1"),
        (Number::Float(1e22), "10000000000000000000000"),
        (Number::Float(5e-7), "0.0000005"),
        (
            Number::Text("12345678901234567890.5".into()),
            "12345678901234567890.5",
        ),
    ] {
        let decimal = Decimal::from_number(&number).expect("fits");
        assert_eq!(decimal.to_string(), expected);
    }
}

proptest! {
    #[test]
    fn a_number_reads_back_from_its_text(coefficient: u64, exponent in -100i32..90, negative: bool) {
        let sign = if negative { "-" } else { "" };
        let decimal = Decimal::parse(&format!("{sign}{coefficient}e{exponent}")).expect("fits");
        prop_assert_eq!(Decimal::parse(&decimal.to_string()), Ok(decimal));
    }

    #[test]
    fn numbers_are_in_the_order_of_their_values(
        left in -1_000_000i128..1_000_000, left_power in 0u32..12,
        right in -1_000_000i128..1_000_000, right_power in 0u32..12,
    ) {
        let decimal = |value: i128, power: u32| {
            Decimal::parse(&format!("{value}e-{power}")).expect("fits")
        };
        let scaled = |value: i128, power: u32| value * 10i128.pow(12 - power);
        prop_assert_eq!(
            decimal(left, left_power).cmp(&decimal(right, right_power)),
            scaled(left, left_power).cmp(&scaled(right, right_power))
        );
    }
}

#[test]
fn a_double_between_two_decimals_is_the_one_that_was_written() {
    let text = "920284654746423.2";
    let float = text.parse().expect("it is a number");
    let number = Number::from_f64(float).expect("it is finite");
    assert_eq!(Decimal::from_number(&number), Decimal::parse(text));
}
