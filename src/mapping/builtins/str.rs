//! `util.str`
//!
//! See: appsync.md 3.3.

use unicode_normalization::UnicodeNormalization;

use super::{Arguments, Builtin, Languages, MAX_TEXT, Namespace, Services, Thrown};
use crate::json::Value;

pub(super) const STR: Namespace = Namespace {
    name: "util.str",
    functions: &[
        Builtin::values("toUpper", 1..=1, to_upper).only(Languages::Vtl),
        Builtin::values("toLower", 1..=1, to_lower).only(Languages::Vtl),
        Builtin::values("toReplace", 3..=3, to_replace).only(Languages::Vtl),
        Builtin::values("normalize", 2..=2, normalize),
    ],
    namespaces: &[],
};

fn to_upper(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let text = Arguments::new("util.str.toUpper", values).text(0, "value")?;
    Ok(Value::from(text.to_uppercase()))
}

fn to_lower(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let text = Arguments::new("util.str.toLower", values).text(0, "value")?;
    Ok(Value::from(text.to_lowercase()))
}

/// Replaces every occurrence of a text, which is no pattern.
fn to_replace(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.str.toReplace", values);
    let text = arguments.text(0, "value")?;
    let target = arguments.text(1, "target")?;
    let replacement = arguments.text(2, "replacement")?;
    let more = replacement.len().saturating_sub(target.len());
    let added = text.matches(&*target).count().saturating_mul(more);
    if text.len().saturating_add(added) > MAX_TEXT {
        return Err(arguments.wrong("the text would be longer than 16 MiB"));
    }
    Ok(Value::from(text.replace(&*target, &replacement)))
}

fn normalize(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.str.normalize", values);
    let (text, form) = (arguments.text(0, "value")?, arguments.text(1, "form")?);
    let normal: String = match form.to_ascii_lowercase().as_str() {
        "nfc" => text.nfc().collect(),
        "nfd" => text.nfd().collect(),
        "nfkc" => text.nfkc().collect(),
        "nfkd" => text.nfkd().collect(),
        _ => return Err(arguments.wrong("'form' must be nfc, nfd, nfkc or nfkd")),
    };
    Ok(Value::from(normal))
}

#[cfg(test)]
mod tests {
    use crate::mapping::builtins::tests::{refused, value};

    #[test]
    fn letters_change_their_case() {
        assert_eq!(value("str.toUpper", &[r#""straße é""#]), r#""STRASSE É""#);
        assert_eq!(value("str.toLower", &[r#""ÀB""#]), r#""àb""#);
        assert_eq!(value("str.toLower", &[r#""ΑΣ""#]), r#""ας""#);
    }

    #[test]
    fn what_is_replaced_is_no_pattern() {
        let replaced = |text, target, by| value("str.toReplace", &[text, target, by]);
        assert_eq!(replaced(r#""a.b.c""#, r#"".""#, r#""$1""#), r#""a$1b$1c""#);
        assert_eq!(replaced(r#""ab""#, r#""""#, r#""-""#), r#""-a-b-""#);
    }

    #[test]
    fn a_text_has_four_normal_forms() {
        // An ångström sign and a ligature.
        let forms = ["nfc", "nfd", "nfkc", "NFKD"].map(|form| {
            let form = format!("{form:?}");
            value("str.normalize", &[r#""\u212b\ufb01""#, &form])
        });
        let expected = [
            "\"\u{c5}\u{fb01}\"",
            "\"A\u{30a}\u{fb01}\"",
            "\"\u{c5}fi\"",
            "\"A\u{30a}fi\"",
        ];
        assert_eq!(forms, expected);
    }

    #[test]
    fn wrong_texts_are_refused() {
        let long = format!("{:?}", "a".repeat(5000));
        insta::assert_snapshot!(refused(&[
            ("str.toUpper", &["null"]),
            ("str.toLower", &["[]"]),
            ("str.normalize", &[r#""a""#, r#""nfx""#]),
            ("str.toReplace", &[&long, r#""a""#, &long]),
            ("str.toReplace", &[r#""a""#, r#""a""#]),
        ]));
    }
}
