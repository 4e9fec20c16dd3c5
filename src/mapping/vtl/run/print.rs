//! Printing references.

use std::sync::Arc;

use super::{
    Absent,
    halt::{Flow, Halt, caught},
    machine::Machine,
    own::Own,
};
use crate::mapping::vtl::{
    compile::{Print, Span},
    error::{EvalFault, Exceeded},
    host::{Host, Names},
    value::{List, Val},
};

/// How often a body may be at work inside itself.
const MAX_SAME_BODY: usize = 2;

impl<'p, H: Host + Names> Machine<'p, '_, H> {
    /// Prints a reference, with the backslashes before it.
    pub(super) fn print(&mut self, print: &'p Print) -> Flow<H::Thrown> {
        let span = print.reference.span;
        let value = self.reference(&print.reference)?;
        self.out.from(span.start);
        if print.backslashes > 0 {
            return self.print_escaped(print, &value);
        }
        self.print_value(print, &value)
    }

    fn print_value(&mut self, print: &'p Print, value: &Val) -> Flow<H::Thrown> {
        if self.write_value(value, print.reference.span)? {
            return Ok(());
        }
        self.print_absent(print)
    }

    /// Two backslashes are one, but only before a reference that has a value.
    #[cold]
    fn print_escaped(&mut self, print: &'p Print, value: &Val) -> Flow<H::Thrown> {
        let span = print.reference.span;
        let pairs = "\\".repeat(print.backslashes / 2);
        self.write(&pairs, span)?;
        if print.backslashes % 2 == 1 {
            if value.is_null() {
                self.write("\\", span)?;
            }
            return self.write(self.written(print), span);
        }
        if value.is_null() && self.settings.absent == Absent::AsWritten {
            self.write(&pairs, span)?;
        }
        self.print_value(print, value)
    }

    #[cold]
    fn print_absent(&mut self, print: &'p Print) -> Flow<H::Thrown> {
        if print.quiet {
            return Ok(());
        }
        match self.settings.absent {
            Absent::AsWritten => self.write(self.written(print), print.reference.span),
            Absent::Nothing => Ok(()),
            Absent::Error => {
                let written = self.written(print).to_owned();
                let fault = EvalFault::Missing(written);
                Err(Halt::failed(print.reference.span, fault))
            }
        }
    }

    /// How a reference prints that has no value: a parameter as its argument.
    fn written(&self, print: &'p Print) -> &'p str {
        let argument = print.plain.and_then(|slot| self.scope.written(slot));
        argument.unwrap_or(&print.reference.written)
    }

    /// Writes a value; `false` when there is none.
    pub(super) fn write_value(&mut self, value: &Val, span: Span) -> Flow<H::Thrown, bool> {
        match value {
            Val::Null => return Ok(false),
            Val::Text(text) => self.write(text, span)?,
            Val::Bool(bool) => self.write(if *bool { "true" } else { "false" }, span)?,
            Val::Object(object) => match Own::of(*object) {
                Some(Own::Body(body)) => return self.write_body(body, span),
                Some(Own::Loop(_)) => self.write("{}", span)?,
                None => {
                    let whole = self.host.whole(*object);
                    // Of an object that is no value, nothing is left to ask again.
                    if matches!(whole, Val::Object(_)) {
                        return Ok(false);
                    }
                    return self.write_value(&whole, span);
                }
            },
            Val::List(list) if self.settings.lists_as_json => {
                self.write_json(list, span)?;
            }
            Val::Number(_) | Val::List(_) | Val::Map(_) | Val::Range(..) | Val::Entry(..) => {
                self.spell(value, span)?;
            }
        }
        Ok(true)
    }

    /// Writes a value as Java does; of API Gateway, the lists in a map as JSON.
    fn spell(&mut self, value: &Val, span: Span) -> Flow<H::Thrown> {
        let bounds = self.meter.bounds();
        let before = self.out.text.len();
        let printed = match value {
            Val::Map(map) if self.settings.lists_as_json => {
                map.print_with_json(&mut self.out.text, bounds.output)
            }
            value => value.print(&mut self.out.text, bounds.output),
        };
        if printed.is_err() {
            return Err(Halt::bound(span, Exceeded::Output(bounds.output)));
        }
        let written = self.out.text.len() - before;
        self.meter.pay_for(written, span)
    }

    fn write_json(&mut self, list: &List, span: Span) -> Flow<H::Thrown> {
        let limit = self
            .meter
            .bounds()
            .output
            .saturating_sub(self.out.text.len());
        let mut json = Vec::new();
        if Val::List(list.clone())
            .write_json(&mut json, limit)
            .is_err()
        {
            let output = self.meter.bounds().output;
            return Err(Halt::bound(span, Exceeded::Output(output)));
        }
        self.meter.pay_for(json.len(), span)?;
        self.write(&String::from_utf8_lossy(&json), span)
    }

    /// Writes what a body prints; `false` when it is at work inside itself already.
    fn write_body(&mut self, body: u16, span: Span) -> Flow<H::Thrown, bool> {
        let at_work = self.open.iter().filter(|open| **open == body).count();
        let Some(code) = self.bodies.get(usize::from(body)).copied() else {
            return Ok(false);
        };
        if at_work >= MAX_SAME_BODY {
            return Ok(false);
        }
        self.meter.enter_call(span)?;
        self.open.push(body);
        let flow = self.block(code);
        self.open.pop();
        self.meter.leave_call();
        caught(flow).map(|()| true)
    }

    /// A value as a text; `None` when there is none.
    pub(super) fn text_of(&mut self, value: &Val, span: Span) -> Flow<H::Thrown, Option<Arc<str>>> {
        if let Val::Text(text) = value {
            return Ok(Some(Arc::clone(text)));
        }
        let outer = self.out.begin();
        let flow = self.write_value(value, span);
        let text = self.out.end(outer, |text| Arc::from(text));
        flow.map(|is_value| is_value.then_some(text))
    }

    /// A value that may leave the interpreter: what a body prints instead of the body.
    pub(super) fn settled(&mut self, value: Val, span: Span) -> Flow<H::Thrown, Val> {
        match Own::of_value(&value) {
            None => Ok(value),
            Some(Own::Loop(_)) => Ok(Val::Null),
            Some(Own::Body(_)) => Ok(self.text_of(&value, span)?.map_or(Val::Null, Val::Text)),
        }
    }
}
