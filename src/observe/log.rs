//! Logs go to standard error: for people on a terminal, one JSON object a line otherwise.
//!
//! Lines are handed to a thread of their own, so that a request never waits for a terminal or a
//! pipe. `LOOMGATE_LOG` chooses what is logged, for example `debug` or `info,loomgate::request=off`.

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
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
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
        builder.event_format(JsonLine).try_init()
    };
    if let Err(error) = installed {
        eprintln!("loomgate: logs are set up already: {error}");
    }
    guard
}

/// An event as one JSON object on one line: time, level, target, then its fields.
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
        _: &FmtContext<'_, S, N>,
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
        let mut fields = Fields {
            out,
            result: Ok(()),
        };
        event.record(&mut fields);
        fields.result?;
        fields.out.write_str("}\n")
    }
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

    use super::JsonLine;

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

    #[test]
    fn an_event_is_one_line_of_json() {
        let sink = Sink::default();
        let writer = sink.clone();
        let subscriber = tracing_subscriber::fmt()
            .event_format(JsonLine)
            .with_writer(move || writer.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(target: "t", path = "/a\"b\\c\n\u{1}é", status = 200_u16, ok = true, n = -1, id = ?"x", "said \"so\"");
        });
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
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
