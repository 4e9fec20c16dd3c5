//! What can be called on a value. A method is one entry of [`METHODS`].

use std::borrow::Cow;

use super::operand::{Buffer, Operand, print};
use crate::json::Value;

/// A method: its name, how much it takes, and what it does.
#[derive(Debug)]
pub(super) struct Method {
    pub(super) name: &'static str,
    pub(super) arity: usize,
    /// What it can be called on, for messages.
    pub(super) receiver: &'static str,
    /// The result; `None` when the receiver is of the wrong kind.
    pub(super) run: for<'a> fn(&Operand<'a>, &[Value]) -> Option<Operand<'a>>,
}

const METHODS: &[Method] = &[Method {
    name: "join",
    arity: 1,
    receiver: "a list",
    run: join,
}];

/// Finds a method by its name.
pub(super) fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

/// The items of a list as one text, with a separator between them.
fn join<'a>(receiver: &Operand<'a>, arguments: &[Value]) -> Option<Operand<'a>> {
    let list = receiver.list()?;
    let mut separator = Buffer::new();
    for argument in arguments {
        print(argument.view(), &mut separator);
    }
    let mut out = Buffer::new();
    for (index, item) in list.items().enumerate() {
        if index > 0 {
            out.extend_from_slice(&separator);
        }
        print(item, &mut out);
    }
    let text = String::from_utf8_lossy(&out).into_owned();
    Some(Operand::Text(Cow::Owned(text)))
}
