//! Logs go to standard error: for people on a terminal, one JSON object a line otherwise.
//!
//! Lines are handed to a thread of their own, so that a request never waits for a terminal or a
//! pipe. `LOOMGATE_LOG` chooses what is logged, for example `debug` or `info,loomgate::request=off`.
//!
//! At `debug` there are spans, named as the modules a request passes. A line inside of them tells their
//! names (`request:guard`) and their fields: so it has the `id` of its request.

use std::{
    fmt::{self, Write},
    io::IsTerminal,
};

use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::{
    EnvFilter,
    field::RecordFields,
    fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields, format::Writer},
    registry::LookupSpan,
};

use crate::clock;

/// Installs the log for this process. Dropping the guard writes what is still waiting.
pub(crate) fn install() -> WorkerGuard {
    let (writer, guard) = NonBlockingBuilder::default()
        .thread_name("log")
        .finish(std::io::stderr());
    let filter = EnvFilter::try_from_env("LOOMGATE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer);
    let installed = if std::io::stderr().is_terminal() {
        builder.try_init()
    } else {
        builder
            .fmt_fields(JsonFields)
            .event_format(JsonLine)
            .try_init()
    };
    if let Err(error) = installed {
        eprintln!("loomgate: logs are set up already: {error}");
    }
    guard
}

/// The fields of a span as the members of an object, each with a comma before it.
struct JsonFields;

impl<'w> FormatFields<'w> for JsonFields {
    fn format_fields<R: RecordFields>(&self, out: Writer<'w>, fields: R) -> fmt::Result {
        let mut members = Fields {
            out,
            result: Ok(()),
        };
        fields.record(&mut members);
        members.result
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &tracing::span::Record<'_>,
    ) -> fmt::Result {
        self.format_fields(current.as_writer(), fields)
    }
}

/// An event as one JSON object on one line: time, level, target, the spans it happened in and their
/// fields, then its own.
///
/// There is a line for every request, so it is written piece by piece: with formatting machinery it
/// took twice the instructions.
struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        out.write_str("{\"time\":\"")?;
        clock::write_now(&mut out)?;
        out.write_str("\",\"level\":\"")?;
        out.write_str(metadata.level().as_str())?;
        out.write_str("\",\"target\":\"")?;
        out.write_str(metadata.target())?;
        out.write_char('"')?;
        write_spans(context, &mut out)?;
        let mut fields = Fields {
            out,
            result: Ok(()),
        };
        event.record(&mut fields);
        fields.result?;
        fields.out.write_str("}\n")
    }
}

/// Writes the names of the spans around an event, outermost first, and their fields.
fn write_spans<S, N>(context: &FmtContext<'_, S, N>, out: &mut Writer<'_>) -> fmt::Result
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let Some(scope) = context.event_scope() else {
        return Ok(());
    };
    out.write_str(",\"span\":\"")?;
    for (index, span) in scope.from_root().enumerate() {
        if index > 0 {
            out.write_char(':')?;
        }
        out.write_str(span.name())?;
    }
    out.write_char('"')?;
    for span in context
        .event_scope()
        .into_iter()
        .flat_map(|scope| scope.from_root())
    {
        if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
            out.write_str(&fields.fields)?;
        }
    }
    Ok(())
}

/// Writes the fields of an event as members of an object.
struct Fields<'w> {
    out: Writer<'w>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn member(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_ok() {
            self.result = member(&mut self.out, field.name(), value);
        }
    }
}

fn member(
    out: &mut Writer<'_>,
    name: &str,
    value: impl FnOnce(&mut Writer<'_>) -> fmt::Result,
) -> fmt::Result {
    out.write_str(",\"")?;
    out.write_str(name)?;
    out.write_str("\":")?;
    value(out)
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.member(field, |out| {
            out.write_char('"')?;
            Escaped(out).write_str(value)?;
            out.write_char('"')
        });
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, |out| {
            out.write_str(itoa::Buffer::new().format(value))
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, |out| {
            out.write_str(itoa::Buffer::new().format(value))
        });
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, |out| {
            out.write_str(if value { "true" } else { "false" })
        });
    }

    /// With the errors that caused it.
    fn record_error(&mut self, field: &Field, error: &(dyn std::error::Error + 'static)) {
        self.member(field, |out| {
            out.write_char('"')?;
            write!(Escaped(out), "{error}")?;
            let mut cause = error.source();
            while let Some(error) = cause {
                write!(Escaped(out), ": {error}")?;
                cause = error.source();
            }
            out.write_char('"')
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.member(field, |out| {
            out.write_char('"')?;
            write!(Escaped(out), "{value:?}")?;
            out.write_char('"')
        });
    }
}

/// Escapes what is written for a JSON string.
struct Escaped<'w, 'o>(&'w mut Writer<'o>);

impl Write for Escaped<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let special = |byte: &u8| matches!(byte, b'"' | b'\\') || byte.is_ascii_control();
        let mut rest = text;
        while let Some(at) = rest.as_bytes().iter().position(special) {
            let (plain, after) = rest.split_at(at);
            self.0.write_str(plain)?;
            match after.as_bytes()[0] {
                b'"' => self.0.write_str("\\\"")?,
                b'\\' => self.0.write_str("\\\\")?,
                b'\n' => self.0.write_str("\\n")?,
                control => write!(self.0, "\\u{control:04x}")?,
            }
            rest = &after[1..];
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::{JsonFields, JsonLine};

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is logged meanwhile.
    fn logged(scenario: impl FnOnce()) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .fmt_fields(JsonFields)
            .event_format(JsonLine)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, scenario);
        String::from_utf8(sink.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_line_inside_of_spans_has_their_names_and_fields() {
        let text = logged(|| {
            let _request = tracing::debug_span!("request", id = "a-1").entered();
            let guard = tracing::debug_span!("guard", api = "s\"p", late = tracing::field::Empty);
            guard.record("late", 7);
            let _guard = guard.entered();
            tracing::debug!(n = 1, "inside");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["span"], "request:guard");
        assert_eq!(
            (&line["id"], &line["api"], &line["late"], &line["n"]),
            (&"a-1".into(), &"s\"p".into(), &7.into(), &1.into())
        );
    }

    #[test]
    fn an_event_is_one_line_of_json() {
        let text = logged(|| {
            tracing::info!(target: "t", path = "/a\"b\\c\n\u{1}é", status = 200_u16, ok = true, n = -1, id = ?"x", "said \"so\"");
        });
        assert_eq!(text.lines().count(), 1);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["path"], "/a\"b\\c\n\u{1}é");
        assert_eq!(line["status"], 200);
        assert_eq!(line["ok"], true);
        assert_eq!(line["n"], -1);
        assert_eq!(line["id"], "\"x\"");
        assert_eq!(line["message"], "said \"so\"");
        assert_eq!(
            (&line["level"], &line["target"]),
            (&"INFO".into(), &"t".into())
        );
        assert!(
            line["time"]
                .as_str()
                .is_some_and(|time| time.ends_with('Z'))
        );
    }
}
