//! Following references, and what `#set` does at their end.

use std::sync::Arc;

use smallvec::SmallVec;
use tokio::time::Instant;

use super::{
    expression::held,
    halt::{Flow, Halt},
    machine::Machine,
    own::Own,
    scope::Binding,
};
use crate::{
    json::Number,
    mapping::vtl::{
        compile::{Expression, Reference, Root, Slot, Span, Step},
        error::{EvalFault, Exceeded},
        host::{FunctionId, Host, Names},
        method::{self, MethodFault},
        value::{ObjectId, Shape, Val},
    },
};

/// Arguments of a call.
type Arguments = SmallVec<[Val; 4]>;

impl<'p, H: Host + Names> Machine<'p, '_, H> {
    /// The value of a reference; null where there is none.
    pub(super) fn reference(&mut self, reference: &'p Reference) -> Flow<H::Thrown, Val> {
        self.meter.pay(1, reference.span)?;
        let value = self.walk(reference, &reference.steps)?;
        if reference.steps.is_empty()
            && let Some(Own::Loop(place)) = Own::of_value(&value)
            && let Some(known) = self.loops.get_mut(place)
        {
            known.shared = true;
        }
        Ok(value)
    }

    /// The value after some of the steps of a reference.
    fn walk(&mut self, reference: &'p Reference, steps: &'p [Step]) -> Flow<H::Thrown, Val> {
        let mut value = match reference.root {
            Root::Object(object) => Val::Object(object),
            Root::Slot(slot) => self.read(slot, reference.span)?,
        };
        for step in steps {
            if value.is_null() {
                return Ok(value);
            }
            value = self.step(reference, step, &value)?;
        }
        Ok(value)
    }

    /// The value of a name.
    pub(super) fn read(&mut self, slot: Slot, span: Span) -> Flow<H::Thrown, Val> {
        match self.scope.binding(slot) {
            Binding::Variable => Ok(self.scope.variable(slot).clone()),
            Binding::Nothing => Ok(Val::Null),
            Binding::Body(body) => Ok(Val::Object(body)),
            Binding::Argument(argument, caller) => {
                self.meter.enter(span)?;
                let callee = self.scope.see_as(caller);
                let value = self.expression(&argument.value, span);
                self.scope.see_as(callee);
                self.meter.leave();
                value
            }
        }
    }

    fn step(
        &mut self,
        reference: &'p Reference,
        step: &'p Step,
        value: &Val,
    ) -> Flow<H::Thrown, Val> {
        let span = reference.span;
        match step {
            Step::Member(name) => Ok(self.member(value, name)),
            Step::Index(index) => {
                let index = self.expression(index, span)?;
                self.item(value, &index, span)
            }
            Step::Function(function, arguments) => {
                let arguments = self.arguments(arguments, span)?;
                self.function(*function, &arguments, span)
            }
            Step::Method(name, arguments) => {
                let arguments = self.arguments(arguments, span)?;
                match value {
                    Val::Object(object) => self.call_object(*object, name, &arguments, span),
                    _ => self.call_method(value, name, &arguments, span),
                }
            }
        }
    }

    fn arguments(&mut self, arguments: &'p [Expression], span: Span) -> Flow<H::Thrown, Arguments> {
        let mut values = Arguments::with_capacity(arguments.len());
        for argument in arguments {
            let value = self.expression(argument, span)?;
            values.push(self.settled(value, span)?);
        }
        Ok(values)
    }

    /// `$value.name`
    fn member(&mut self, value: &Val, name: &str) -> Val {
        let object = match value {
            Val::Object(object) => object,
            Val::Map(map) => return map.get(name).unwrap_or_default(),
            _ => return method::property(value, name).unwrap_or_default(),
        };
        match Own::of(*object) {
            Some(Own::Loop(place)) => self.loop_member(place, name),
            Some(Own::Body(_)) => Val::Null,
            None => match self.host.namespace(*object, name) {
                Some(namespace) => Val::Object(namespace),
                None => self.host.member(*object, name).unwrap_or_default(),
            },
        }
    }

    /// `$value[index]`
    fn item(&mut self, value: &Val, index: &Val, span: Span) -> Flow<H::Thrown, Val> {
        match (value, index) {
            (Val::List(list), Val::Number(Number::Int(index))) if list.shape() == Shape::List => {
                let item = position(*index, list.len()).and_then(|index| list.get(index));
                item.ok_or_else(|| beyond(GET, *index, list.len(), span))
            }
            (Val::Range(first, last), Val::Number(Number::Int(index))) => {
                let length = usize::try_from(first.abs_diff(*last))
                    .map_or(usize::MAX, |d| d.saturating_add(1));
                let item = position(*index, length).and_then(|index| i64::try_from(index).ok());
                let item = item.map(|item| {
                    if first <= last {
                        first + item
                    } else {
                        first - item
                    }
                });
                item.map(Val::from)
                    .ok_or_else(|| beyond(GET, *index, length, span))
            }
            (Val::Map(map), _) => {
                let key = self.text_of(index, span)?;
                Ok(key.and_then(|key| map.get(&key)).unwrap_or_default())
            }
            (Val::Object(_), Val::Text(name)) => Ok(self.member(value, name)),
            _ => Ok(Val::Null),
        }
    }

    fn function(
        &mut self,
        function: FunctionId,
        arguments: &[Val],
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        let since = Instant::now();
        let result = self.host.call(function, arguments);
        // A function may search, sort and compare, or only hand on what it is given: its time says
        // which.
        let mut work = method::searching(since);
        if let Ok(Val::Text(text)) = &result {
            let is_given = |given: &Val| matches!(given, Val::Text(it) if Arc::ptr_eq(it, text));
            if !arguments.iter().any(is_given) {
                self.meter.check(text.len(), span)?;
                work = work.saturating_add(text.len());
            }
        }
        self.meter.pay_for(work, span)?;
        result.map_err(|thrown| Halt::failed(span, EvalFault::Thrown(thrown)))
    }

    /// `$object.name(…)`: a function of the embedding, or what a map of its members can do.
    fn call_object(
        &mut self,
        object: ObjectId,
        name: &str,
        arguments: &[Val],
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        match Own::of(object) {
            Some(Own::Loop(place)) => return Ok(self.loop_method(place, name, arguments)),
            Some(Own::Body(_)) => return Ok(Val::Null),
            None => {}
        }
        if let Some(function) = self.host.function(object, name) {
            return self.function(function, arguments, span);
        }
        match (name, arguments) {
            ("get", [Val::Text(member)]) => Ok(self.member(&Val::Object(object), member)),
            ("put", [Val::Text(member), value]) => {
                let old = self.host.member(object, member).unwrap_or_default();
                self.host.assign(object, member, value);
                Ok(old)
            }
            _ => {
                let whole = self.host.whole(object);
                self.call_method(&whole, name, arguments, span)
            }
        }
    }

    /// `$value.name(…)`, as Java has it.
    fn call_method(
        &mut self,
        value: &Val,
        name: &str,
        arguments: &[Val],
        span: Span,
    ) -> Flow<H::Thrown, Val> {
        if value.is_null() {
            return Ok(Val::Null);
        }
        let mut work = 0;
        let result = method::call(value, name, arguments, self.meter.bounds(), &mut work);
        self.meter.pay_for(work, span)?;
        let fault = match result {
            Ok(value) => return Ok(value),
            Err(MethodFault::Unknown) => return Ok(Val::Null),
            Err(MethodFault::Thrown(message)) => EvalFault::Method { message },
            Err(MethodFault::TooLarge) => {
                EvalFault::Bound(Exceeded::Output(self.meter.bounds().output))
            }
        };
        Err(Halt::failed(span, fault))
    }

    /// `#set`: what cannot be set stays as it is.
    pub(super) fn assign(&mut self, target: &'p Reference, value: Val) -> Flow<H::Thrown> {
        let span = target.span;
        let Some((last, steps)) = target.steps.split_last() else {
            if let Root::Slot(slot) = target.root {
                self.scope.set(slot, value);
            }
            return Ok(());
        };
        let owner = self.walk(target, steps)?;
        if owner.is_null() {
            return Ok(());
        }
        let value = self.settled(value, span)?;
        match last {
            Step::Member(name) => self.assign_member(&owner, name, value, span),
            Step::Index(index) => {
                let index = self.expression(index, span)?;
                self.assign_item(&owner, index, value, span)
            }
            Step::Method(..) | Step::Function(..) => Ok(()),
        }
    }

    fn assign_member(
        &mut self,
        owner: &Val,
        name: &Arc<str>,
        value: Val,
        span: Span,
    ) -> Flow<H::Thrown> {
        match owner {
            Val::Map(map) => {
                held(map.put(Arc::clone(name), value), span)?;
            }
            Val::Object(object) if Own::of(*object).is_none() => {
                self.host.assign(*object, name, &value);
            }
            _ => {}
        }
        Ok(())
    }

    fn assign_item(&mut self, owner: &Val, index: Val, value: Val, span: Span) -> Flow<H::Thrown> {
        match (owner, index) {
            (Val::List(list), Val::Number(Number::Int(index))) if list.shape() == Shape::List => {
                let Some(place) = position(index, list.len()) else {
                    return Err(beyond(SET, index, list.len(), span));
                };
                held(list.set(place, value), span)?;
            }
            (Val::Map(map), index) => {
                let key = self.text_of(&index, span)?;
                held(
                    map.put(key.unwrap_or_else(|| Arc::from("null")), value),
                    span,
                )?;
            }
            (Val::Object(_), Val::Text(name)) => {
                return self.assign_member(owner, &name, value, span);
            }
            _ => {}
        }
        Ok(())
    }
}

/// What an index calls.
const GET: &str = "get(java.lang.Integer)";
const SET: &str = "set(java.lang.Integer,java.lang.Object)";

/// Where an index points; a negative one counts from the end. `None`: beyond either end.
fn position(index: i64, length: usize) -> Option<usize> {
    let place = if index < 0 {
        i64::try_from(length).ok()?.checked_add(index)?
    } else {
        index
    };
    usize::try_from(place).ok().filter(|place| *place < length)
}

#[cold]
fn beyond<T>(method: &str, index: i64, length: usize, span: Span) -> Halt<T> {
    let message = format!(
        "Error invoking method '{method}' in java.util.ArrayList: Index {index} out of bounds for \
         length {length}"
    );
    let fault = EvalFault::Method { message };
    Halt::failed(span, fault)
}
