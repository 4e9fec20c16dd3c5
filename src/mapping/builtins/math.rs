//! `util.math`
//!
//! See: appsync.md 3.3.

use uuid::Uuid;

use super::{Arguments, Builtin, Namespace, Services, Thrown};
use crate::json::Value;

pub(super) const MATH: Namespace = Namespace {
    name: "util.math",
    functions: &[
        Builtin::values("roundNum", 1..=1, round),
        Builtin::values("minVal", 2..=2, min),
        Builtin::values("maxVal", 2..=2, max),
        Builtin::values("randomDouble", 0..=0, random_double).varying(),
        Builtin::values("randomWithinRange", 2..=2, random_within_range).varying(),
    ],
    namespaces: &[],
};

/// As Java's `Math.round`: halves go up, what is too large is the largest long.
fn round(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.math.roundNum", values);
    if let Some(whole) = arguments.view(0).as_i64() {
        return Ok(Value::from(whole));
    }
    let number = arguments.float(0, "value")?;
    let floor = number.floor();
    // Adding a half first would round 0.49999999999999994 up.
    let rounded = if number - floor >= 0.5 {
        floor + 1.0
    } else {
        floor
    };
    // The cast saturates.
    Ok(Value::from(rounded as i64))
}

/// The smaller one, as it was given.
fn min(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.math.minVal", values);
    let (a, b) = (arguments.float(0, "a")?, arguments.float(1, "b")?);
    Ok(arguments.value(usize::from(b < a)))
}

/// The larger one, as it was given.
fn max(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.math.maxVal", values);
    let (a, b) = (arguments.float(0, "a")?, arguments.float(1, "b")?);
    Ok(arguments.value(usize::from(b > a)))
}

/// At least 0 and less than 1.
fn random_double(_: &mut Services<'_>, _: &[Value]) -> Result<Value, Thrown> {
    let bits = random_bits() & ((1 << 53) - 1);
    Ok(Value::from(bits as f64 / (1_u64 << 53) as f64))
}

/// A whole number from the first to the second, both included: whether AppSync ever gives the
/// second is not documented.
fn random_within_range(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.math.randomWithinRange", values);
    let (from, to) = (arguments.integer(0, "from")?, arguments.integer(1, "to")?);
    if from > to {
        return Err(arguments.wrong(format!("there is nothing from {from} to {to}")));
    }
    let count = i128::from(to) - i128::from(from) + 1;
    // A remainder favours the small ones by less than one in 2⁶⁴ over what a range has, which no
    // one can see but in ranges that no one uses.
    let chosen = i128::from(from) + i128::from(random_bits() ^ (random_bits() << 8)) % count;
    Ok(Value::from(i64::try_from(chosen).unwrap_or(from)))
}

/// The 62 random bits at the end of a UUID; the two before them are not random.
fn random_bits() -> u64 {
    Uuid::new_v4().as_u64_pair().1
}

#[cfg(test)]
mod tests {
    use crate::mapping::builtins::tests::{refused, value};

    #[test]
    fn rounding_is_javas() {
        // As `Math.round` of Java 17 answers.
        let cases = [
            ("2.5", "3"),
            ("-2.5", "-2"),
            ("-2.51", "-3"),
            ("0.49999999999999994", "0"),
            ("4503599627370497.5", "4503599627370498"),
            ("1e300", "9223372036854775807"),
            ("-1e300", "-9223372036854775808"),
            ("7", "7"),
        ];
        for (given, expected) in cases {
            assert_eq!(value("math.roundNum", &[given]), expected, "{given}");
        }
    }

    #[test]
    fn the_smaller_and_the_larger_are_given_as_they_were() {
        assert_eq!(value("math.minVal", &["1", "2.5"]), "1");
        assert_eq!(value("math.maxVal", &["1", "2.5"]), "2.5");
        assert_eq!(value("math.maxVal", &["-1", "-2"]), "-1");
    }

    #[test]
    fn random_numbers_stay_within_their_range() {
        let mut seen = [false; 3];
        for _ in 0..200 {
            let double: f64 = value("math.randomDouble", &[]).parse().unwrap();
            assert!((0.0..1.0).contains(&double));
            let whole: i64 = value("math.randomWithinRange", &["-1", "1"])
                .parse()
                .unwrap();
            seen[usize::try_from(whole + 1).unwrap()] = true;
        }
        assert_eq!(seen, [true; 3]);
        assert_eq!(value("math.randomWithinRange", &["5", "5"]), "5");
        let all = ["-9223372036854775808", "9223372036854775807"];
        value("math.randomWithinRange", &all);
    }

    #[test]
    fn wrong_numbers_are_refused() {
        insta::assert_snapshot!(refused(&[
            ("math.roundNum", &[r#""2.5""#]),
            ("math.minVal", &["1", "null"]),
            ("math.randomWithinRange", &["2", "1"]),
            ("math.randomWithinRange", &["1.5", "2"]),
            ("math.randomDouble", &["1"]),
            ("math.maxVal", &["1"]),
        ]));
    }
}
