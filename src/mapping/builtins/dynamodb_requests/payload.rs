//! What a function is given, and the request that it makes of it.

use std::sync::Arc;

use super::{
    super::{
        Thrown,
        dynamodb::{MAX_MADE, Typed, called, check_size, object},
        transform::Expression,
    },
    update,
};
use crate::json::{Kind, Object, Value, View};

/// The argument of a function, or a part of it that is built like one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a> {
    /// The function, for messages.
    pub(super) function: &'static str,
    pub(super) view: View<'a>,
}

/// A request that is being made.
#[derive(Debug)]
pub(super) struct Request {
    members: Object,
    typed: Typed,
}

// === impl Payload ===

impl<'a> Payload<'a> {
    /// The first argument: an object of known members.
    pub(super) fn new(
        function: &'static str,
        arguments: &'a [Value],
        known: &[&str],
    ) -> Result<Self, Thrown> {
        let view = arguments.first().map_or(View::NULL, Value::view);
        check_size(view, MAX_MADE)?;
        Payload { function, view }.checked("its argument", known)
    }

    /// The same, where nothing is needed.
    pub(super) fn or_empty(
        function: &'static str,
        arguments: &'a [Value],
        known: &[&str],
    ) -> Result<Self, Thrown> {
        match arguments.first() {
            Some(given) if !given.view().is_null() => Payload::new(function, arguments, known),
            _ => Ok(Payload {
                function,
                view: View::NULL,
            }),
        }
    }

    /// A part of the payload that is an object of known members; `name` says which, in messages.
    pub(super) fn part(&self, view: View<'a>, name: &str, known: &[&str]) -> Result<Self, Thrown> {
        let function = self.function;
        Payload { function, view }.checked(name, known)
    }

    fn checked(self, name: &str, known: &[&str]) -> Result<Self, Thrown> {
        if self.view.kind() != Kind::Object {
            return Err(self.wrong(format!("{name} must be an object")));
        }
        let unknown = self
            .view
            .entries()
            .find(|(name, _)| !known.contains(&&**name));
        if let Some((unknown, _)) = unknown {
            let known = known.join(", ");
            return Err(self.wrong(format!("there is no '{unknown}'; there are {known}")));
        }
        Ok(self)
    }

    /// A member; null is as if it were not there.
    pub(super) fn get(&self, name: &str) -> Option<View<'a>> {
        self.view.get(name).filter(|value| !value.is_null())
    }

    /// A member that has to be there.
    pub(super) fn required(&self, name: &str, kind: Kind) -> Result<View<'a>, Thrown> {
        let value = self.get(name);
        let value = value.filter(|value| value.kind() == kind);
        value.ok_or_else(|| self.wrong(format!("'{name}' must be {}", called(kind))))
    }

    pub(super) fn wrong(&self, message: impl std::fmt::Display) -> Thrown {
        Thrown::wrong(format!("{}: {message}", self.function))
    }
}

// === impl Request ===

impl Request {
    pub(super) fn new(operation: &'static str) -> Self {
        let mut request = Request::part(Typed::keeping_sets());
        request.set("operation", Value::from(operation));
        request
    }

    /// A part of a request, which counts on from what was made before.
    pub(super) fn part(typed: Typed) -> Self {
        Request {
            members: Object::default(),
            typed,
        }
    }

    pub(super) fn set(&mut self, name: &'static str, value: Value) {
        self.members.insert(Arc::from(name), value);
    }

    /// `key`
    pub(super) fn key(&mut self, payload: &Payload<'_>) -> Result<(), Thrown> {
        let key = payload.required("key", Kind::Object)?;
        let key = self.typed.members(key)?;
        self.set("key", key);
        Ok(())
    }

    /// `item`, which requests call `attributeValues`.
    pub(super) fn item(&mut self, payload: &Payload<'_>) -> Result<(), Thrown> {
        let item = payload.required("item", Kind::Object)?;
        let item = self.typed.members(item)?;
        self.set("attributeValues", item);
        Ok(())
    }

    /// `update`
    pub(super) fn update(&mut self, payload: &Payload<'_>) -> Result<(), Thrown> {
        let update = update::expression(payload, &mut self.typed)?;
        self.set("update", update);
        Ok(())
    }

    /// `condition` or `filter`, when there is one.
    pub(super) fn expression(
        &mut self,
        payload: &Payload<'_>,
        name: &'static str,
    ) -> Result<(), Thrown> {
        let Some(condition) = payload.get(name) else {
            return Ok(());
        };
        let expression = Expression::of(condition, &mut self.typed);
        let expression = expression.map_err(|fault| fault.into_thrown(payload.function, name))?;
        // A condition that asks nothing is none.
        if !expression.text.is_empty() {
            self.set(name, expression.into_value());
        }
        Ok(())
    }

    /// `query`
    pub(super) fn key_condition(&mut self, payload: &Payload<'_>) -> Result<(), Thrown> {
        const OPERATORS: [&str; 7] = ["eq", "lt", "le", "gt", "ge", "between", "beginsWith"];
        let query = payload.required("query", Kind::Object)?;
        for (name, operators) in query.entries() {
            let mut operators = operators.entries();
            let other = operators.find(|(operator, _)| !OPERATORS.contains(&&**operator));
            if let Some((operator, _)) = other {
                let known = OPERATORS.join(", ");
                let message = format!("'query.{name}' has no '{operator}'; there are {known}");
                return Err(payload.wrong(message));
            }
        }
        self.expression(payload, "query")?;
        if !self.members.contains_key("query") {
            return Err(payload.wrong("'query' must have a condition on a key"));
        }
        Ok(())
    }

    /// Members that are handed on as they are, when they are there.
    pub(super) fn options(
        &mut self,
        payload: &Payload<'_>,
        options: &[(&'static str, Kind)],
    ) -> Result<(), Thrown> {
        for (name, kind) in options {
            let Some(value) = payload.get(name) else {
                continue;
            };
            if value.kind() != *kind {
                return Err(payload.wrong(format!("'{name}' must be {}", called(*kind))));
            }
            self.set(name, value.to_value());
        }
        Ok(())
    }

    /// `projection`: each part of each path gets a placeholder, the same part the same one.
    pub(super) fn projection(&mut self, payload: &Payload<'_>) -> Result<(), Thrown> {
        let Some(paths) = payload.get("projection") else {
            return Ok(());
        };
        let mut names = Names::default();
        let mut expression = String::new();
        for path in paths.items() {
            let Some(path) = path.as_str().filter(|path| !path.is_empty()) else {
                return Err(payload.wrong("'projection' must be a list of paths such as 'a.b'"));
            };
            let path = path
                .split('.')
                .map(|part| names.of(part))
                .collect::<Vec<_>>();
            if !expression.is_empty() {
                expression.push_str(", ");
            }
            expression.push_str(&path.join("."));
            self.typed.spend(path.len() * Names::SIZE)?;
        }
        if expression.is_empty() {
            return Err(payload.wrong("'projection' must be a list of paths such as 'a.b'"));
        }
        let projection = object([
            ("expression", Value::from(expression)),
            ("expressionNames", names.into_value()),
        ]);
        self.set("projection", projection);
        Ok(())
    }

    /// What has been made so far, apart from the room that is left.
    pub(super) fn split(self) -> (Value, Typed) {
        (Value::from(self.members), self.typed)
    }

    pub(super) fn finish(self) -> Value {
        Value::from(self.members)
    }
}

/// `#expName_1`, `#expName_2`, …
#[derive(Debug, Default)]
pub(super) struct Names(indexmap::IndexSet<Arc<str>, rustc_hash::FxBuildHasher>);

impl Names {
    /// About what a name takes in memory.
    pub(super) const SIZE: usize = 64;

    /// The placeholder of a name; a name keeps the one it has.
    pub(super) fn of(&mut self, name: &str) -> String {
        let index = match self.0.get_index_of(name) {
            Some(index) => index,
            None => self.0.insert_full(Arc::from(name)).0,
        };
        format!("#expName_{}", index + 1)
    }

    pub(super) fn into_value(self) -> Value {
        let names = self.0.into_iter().enumerate();
        let names = names.map(|(index, name)| {
            let placeholder = format!("#expName_{}", index + 1);
            (Arc::from(placeholder), Value::from(name))
        });
        Value::from(names.collect::<Object>())
    }
}
