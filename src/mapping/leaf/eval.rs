//! Runs a program in a scope.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::{
    error::{EvalError, EvalFault},
    operand::{self, Buffer, Operand},
    program::{Op, Program, Reference, Scope, Step},
};

/// What is encoded in a value that stands in a path: everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A value, or nothing. The fault is boxed, because it is rare and values are moved often.
type Evaluated<'a> = Result<Option<Operand<'a>>, Box<EvalError>>;

impl<P> Program<P> {
    /// Prints what the program says.
    ///
    /// Velocity prints a reference without value as it was written, which makes a wrong URL or key
    /// of it; here it is an error, unless the reference is quiet.
    pub(crate) fn print<'a, S>(&'a self, scope: &S, out: &mut Buffer) -> Result<(), Box<EvalError>>
    where
        S: Scope<'a, Place = P>,
    {
        for op in &self.ops {
            match op {
                Op::Text(text) => out.extend_from_slice(text.as_bytes()),
                Op::Print(reference) => reference.print(scope, out)?,
            }
        }
        Ok(())
    }
}

impl<P> Program<P> {
    /// Prints a URL path: what references print is percent-encoded, so that it cannot end the
    /// segment it stands in, and must not be empty, so that there is a segment.
    pub(crate) fn print_path<'a, S>(
        &'a self,
        scope: &S,
        out: &mut Buffer,
    ) -> Result<(), Box<EvalError>>
    where
        S: Scope<'a, Place = P>,
    {
        for op in &self.ops {
            match op {
                Op::Text(text) => out.extend_from_slice(text.as_bytes()),
                Op::Print(reference) => {
                    let mut value = Buffer::new();
                    reference.print(scope, &mut value)?;
                    if value.is_empty() && !reference.quiet {
                        return Err(reference.missing());
                    }
                    for piece in percent_encode(&value, SEGMENT) {
                        out.extend_from_slice(piece.as_bytes());
                    }
                }
            }
        }
        Ok(())
    }
}

impl<P> Reference<P> {
    /// What the reference stands for; `None` when there is nothing. `hint` remembers where the
    /// first member was found, for the next scope of the same shape.
    pub(crate) fn evaluate<'a, S>(&'a self, scope: &S, hint: &mut u32) -> Evaluated<'a>
    where
        S: Scope<'a, Place = P>,
    {
        let mut view = match scope.value(&self.place) {
            Some(Operand::View(view)) => view,
            Some(operand) => return self.follow(operand, &self.steps),
            None => return Ok(None),
        };
        // Most references are members of something that stands elsewhere: views are enough.
        for (index, step) in self.steps.iter().enumerate() {
            let next = match step {
                Step::Member(name) if index == 0 => view.get_hinted(name, hint),
                Step::Member(name) => view.get(name),
                Step::Item(item) => operand::item(view, *item),
                Step::Call(..) => {
                    let rest = self.steps.get(index..).unwrap_or_default();
                    return self.follow(Operand::View(view), rest);
                }
            };
            match next {
                Some(value) => view = value,
                None => return Ok(None),
            }
        }
        Ok(Some(Operand::View(view)))
    }

    /// Goes from any value through any steps.
    fn follow<'a>(&self, start: Operand<'a>, steps: &[Step]) -> Evaluated<'a> {
        let mut operand = start;
        for step in steps {
            let next = match step {
                Step::Member(name) => operand.member(name),
                Step::Item(index) => operand.item(*index),
                Step::Call(method, arguments) => {
                    let result = (method.run)(&operand, arguments);
                    Some(result.ok_or_else(|| self.wrong_receiver(method.name, method.receiver))?)
                }
            };
            match next {
                Some(value) => operand = value,
                None => return Ok(None),
            }
        }
        Ok(Some(operand))
    }

    fn print<'a, S>(&'a self, scope: &S, out: &mut Buffer) -> Result<(), Box<EvalError>>
    where
        S: Scope<'a, Place = P>,
    {
        match self.evaluate(scope, &mut 0)? {
            Some(operand) if !operand.is_null() => operand.print(out),
            _ if self.quiet => {}
            _ => return Err(self.missing()),
        }
        Ok(())
    }

    #[cold]
    fn missing(&self) -> Box<EvalError> {
        let bare = self.written.trim_start_matches('$');
        let bare = bare.strip_prefix('{').unwrap_or(bare);
        let bare = bare.strip_suffix('}').unwrap_or(bare);
        let fault = EvalFault::Missing {
            written: self.written.to_string(),
            bare: bare.to_owned(),
        };
        Box::new(EvalError { at: self.at, fault })
    }

    #[cold]
    fn wrong_receiver(&self, method: &'static str, expected: &'static str) -> Box<EvalError> {
        let fault = EvalFault::Receiver {
            written: self.written.to_string(),
            method,
            expected,
        };
        Box::new(EvalError { at: self.at, fault })
    }
}
