//! The tables are what `java.time` of Java 17 answers, in the locale `en_US`: `formats.tsv` has
//! pattern, milliseconds, zone, text, and what the text parses to without and with the zone;
//! `texts.tsv` has pattern, text, zone and what it parses to. `!` is an exception, `-` no zone.

use super::{format::format, parse::parse, pattern::compile, resolve::resolve, *};
use crate::mapping::builtins::tests::{refused, value};

fn java_format(pattern: &str, millis: i64, zone: &str) -> String {
    let at = Moment::from_millis(millis).unwrap();
    let zone = Zone::named(zone).unwrap();
    let Ok(pattern) = compile(pattern) else {
        return "!".to_owned();
    };
    format(&pattern, at, &zone).unwrap_or_else(|_| "!".to_owned())
}

fn java_parse(pattern: &str, text: &str, zone: Option<&str>) -> String {
    let zone = zone.map(|zone| Zone::named(zone).unwrap());
    let Ok(pattern) = compile(pattern) else {
        return "!".to_owned();
    };
    let Ok(parsed) = parse(&pattern, text) else {
        return "!".to_owned();
    };
    let moment = resolve(parsed, zone.as_ref());
    moment.map_or_else(|_| "!".to_owned(), |moment| moment.millis().to_string())
}

#[test]
fn moments_are_written_and_read_as_java_does() {
    let mut wrong = Vec::new();
    let table = include_str!("tests/formats.tsv");
    assert_eq!(table.lines().count(), 126);
    for line in table.lines() {
        let parts: Vec<_> = line.split('\t').collect();
        let [pattern, millis, zone, text, alone, with_zone] = parts[..] else {
            panic!("{line}");
        };
        let written = java_format(pattern, millis.parse().unwrap(), zone);
        let answers = [
            (written.as_str(), text),
            (&java_parse(pattern, text, None), alone),
            (&java_parse(pattern, text, Some(zone)), with_zone),
        ];
        let differs = |(ours, theirs): &&(&str, &str)| ours != theirs;
        for (ours, theirs) in answers.iter().filter(differs) {
            wrong.push(format!("{line}: {ours}, not {theirs}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts_are_read_as_java_does() {
    let mut wrong = Vec::new();
    let table = include_str!("tests/texts.tsv");
    assert_eq!(table.lines().count(), 106);
    for line in table.lines() {
        let parts: Vec<_> = line.split('\t').collect();
        let [pattern, text, zone, theirs] = parts[..] else {
            panic!("{line}");
        };
        let ours = java_parse(pattern, text, (zone != "-").then_some(zone));
        if ours != theirs {
            wrong.push(format!("{line}: {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn abbreviations_are_those_of_the_zone_database() {
    let z = |zone| java_format("z", 1_517_943_695_749, zone);
    assert_eq!(z("America/Los_Angeles"), "PST");
    assert_eq!(z("Australia/Perth"), "AWST");
    assert_eq!(z("UTC"), "UTC");
    assert_eq!(z("+08:00"), "+08:00");
    // Java has GST, of a table of its own.
    assert_eq!(z("Asia/Dubai"), "Asia/Dubai");
}

#[test]
fn moments_become_what_the_reference_shows() {
    let at = "1517943695749";
    let iso = value("time.epochMilliSecondsToISO8601", &[at]);
    assert_eq!(iso, r#""2018-02-06T19:01:35.749Z""#);
    assert_eq!(
        value("time.epochMilliSecondsToSeconds", &[at]),
        "1517943695"
    );
    assert_eq!(value("time.parseISO8601ToEpochMilliSeconds", &[&iso]), at);
    let formatted = |rest: &[&str]| {
        let arguments = [&[at], rest].concat();
        value("time.epochMilliSecondsToFormatted", &arguments)
    };
    let format = r#""yyyy-MM-dd HH:mm:ssZ""#;
    assert_eq!(formatted(&[format]), r#""2018-02-06 19:01:35+0000""#);
    let perth = formatted(&[format, r#""Australia/Perth""#]);
    assert_eq!(perth, r#""2018-02-07 03:01:35+0800""#);
    let parsed = value("time.parseFormattedToEpochMilliSeconds", &[&perth, format]);
    assert_eq!(parsed, "1517943695000");
    let local = [
        r#""2018-02-07 03:01:35""#,
        r#""yyyy-MM-dd HH:mm:ss""#,
        r#""+08:00""#,
    ];
    let parsed = value("time.parseFormattedToEpochMilliSeconds", &local);
    assert_eq!(parsed, "1517943695000");
}

#[test]
fn iso_texts_may_have_any_offset() {
    let parse = |text: &str| value("time.parseISO8601ToEpochMilliSeconds", &[text]);
    assert_eq!(parse(r#""2018-02-01T17:21:05.180+08:00""#), "1517476865180");
    assert_eq!(parse(r#""1969-12-31T23:59:59.9999Z""#), "-1");
}

#[test]
fn the_last_second_is_told() {
    let last = "253402300799000";
    let iso = value("time.epochMilliSecondsToISO8601", &[last]);
    assert_eq!(iso, r#""9999-12-31T23:59:59.000Z""#);
    assert_eq!(value("time.parseISO8601ToEpochMilliSeconds", &[&iso]), last);
    let format = r#""uuuu-MM-dd HH:mm:ss VV""#;
    let zone = r#""America/New_York""#;
    let formatted = value("time.epochMilliSecondsToFormatted", &[last, format, zone]);
    assert_eq!(formatted, r#""9999-12-31 18:59:59 America/New_York""#);
    let parsed = value(
        "time.parseFormattedToEpochMilliSeconds",
        &[&formatted, format],
    );
    assert_eq!(parsed, last);
}

#[test]
fn now_is_told_in_four_ways() {
    let before = clock::unix_millis();
    let iso = value("time.nowISO8601", &[]);
    let millis: u64 = value("time.nowEpochMilliSeconds", &[]).parse().unwrap();
    let seconds: u64 = value("time.nowEpochSeconds", &[]).parse().unwrap();
    let formatted = value("time.nowFormatted", &[r#""yyyy-MM-dd'T'HH:mm:ss.SSSX""#]);
    let after = clock::unix_millis();
    assert!((before..=after).contains(&millis));
    assert!((before / 1000..=after / 1000).contains(&seconds));
    for text in [iso, formatted] {
        let told = value("time.parseISO8601ToEpochMilliSeconds", &[&text]);
        assert!((before..=after).contains(&told.parse().unwrap()), "{text}");
    }
    let utc = value("time.nowFormatted", &[r#""XXX VV""#, "null"]);
    assert_eq!(utc, r#""Z UTC""#);
}

#[test]
fn what_is_no_time_is_refused() {
    let long = format!("{:?}", "y-".repeat(200));
    let deep = format!("{:?}", "[".repeat(9));
    insta::assert_snapshot!(refused(&[
        ("time.nowFormatted", &[r#""yyyy-jj""#]),
        ("time.nowFormatted", &[r#""HHH""#]),
        ("time.nowFormatted", &[r#""'x""#]),
        ("time.nowFormatted", &[r#""y]""#]),
        ("time.nowFormatted", &[&long]),
        ("time.nowFormatted", &[&deep]),
        ("time.nowFormatted", &[r#""y""#, r#""Mars/Olympus""#]),
        ("time.nowFormatted", &[]),
        ("time.epochMilliSecondsToISO8601", &["1e300"]),
        ("time.epochMilliSecondsToISO8601", &["9223372036854775807"]),
        (
            "time.epochMilliSecondsToFormatted",
            &["253402300799000", r#""y""#, r#""+01:00""#]
        ),
        ("time.epochMilliSecondsToFormatted", &["1", "null"]),
        (
            "time.epochMilliSecondsToFormatted",
            &["1000000000", r#""n""#, r#""+99:00""#]
        ),
        ("time.epochMilliSecondsToFormatted", &["999", r#""nn""#]),
        ("time.epochMilliSecondsToSeconds", &["1.5"]),
        ("time.parseISO8601ToEpochMilliSeconds", &[r#""2018-02-06""#]),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""2018-2""#, r#""yyyy-MM""#]
        ),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""2018 ""#, r#""yyyy""#]
        ),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""2018""#, r#""yyyy""#]
        ),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""2018-01-01""#, r#""yyyy-MM-dd""#]
        ),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""2018-001 1""#, r#""uuuu-DDD H""#]
        ),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""2018-001 25""#, r#""uuuu-DDD H""#]
        ),
        (
            "time.parseFormattedToEpochMilliSeconds",
            &[r#""Tue 2018-001 1Z""#, r#""E uuuu-DDD HX""#]
        ),
    ]));
}

proptest::proptest! {
    #[test]
    fn no_pattern_and_no_text_panics(pattern in "[a-zA-Z\\[\\]' .:+-]{0,12}", text in ".{0,12}") {
        if let Ok(compiled) = compile(&pattern) {
            let written = java_format(&pattern, 951_868_799_123, "America/New_York");
            java_parse(&pattern, &written, None);
            if let Ok(parsed) = parse(&compiled, &text) {
                let _ = resolve(parsed, Some(&UTC));
            }
        }
    }

    #[test]
    fn what_is_written_in_full_reads_as_it_was(millis in -62_135_596_800_000..253_402_300_799_999_i64) {
        let pattern = "yyyy-MM-dd HH:mm:ss.SSS XXXXX";
        let written = java_format(pattern, millis, "Asia/Kathmandu");
        proptest::prop_assert_eq!(java_parse(pattern, &written, None), millis.to_string());
    }
}
