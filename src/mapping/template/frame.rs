//! One run of a template: the objects behind its names, the same ones each time.

use std::sync::Arc;

use super::{
    Dialect, gateway,
    names::{CONTEXT, FIRST_INPUT, GATEWAY, INFO, INPUT, KEYS, TemplateNames, VARIABLES},
};
use crate::{
    json::Value,
    mapping::{
        Context, Turn,
        builtins::{self, Services, Thrown},
        members,
        vtl::{FunctionId, Host, Map, Names, ObjectId, Val},
    },
};

/// What a run reaches.
pub(super) struct Frame<'a, 't> {
    names: TemplateNames,
    cx: &'a Context<'a>,
    turn: &'t mut Turn,
    /// The members of `$ctx` that were reached, by their place in [`members::NAMES`].
    reached: [Option<Val>; members::NAMES.len()],
    /// `$context.requestOverride` and `$context.responseOverride`, once they were reached.
    overrides: [Option<Val>; 2],
    variables: Option<Val>,
    keys: Option<Val>,
}

impl<'a, 't> Frame<'a, 't> {
    pub(super) fn new(dialect: Dialect, cx: &'a Context<'a>, turn: &'t mut Turn) -> Self {
        Frame {
            names: TemplateNames(dialect),
            cx,
            turn,
            reached: Default::default(),
            overrides: [None, None],
            variables: None,
            keys: None,
        }
    }

    /// Keeps what the template changed: the stash, and the overrides of a route.
    pub(super) fn keep(self) {
        let stash = index("stash").and_then(|index| self.reached[index].as_ref());
        if let Some(stash) = stash {
            self.turn.stash = stash.to_value();
        }
        let [request, response] = self.overrides;
        if let Some(request) = request {
            self.turn.overrides.request = request.to_value();
        }
        if let Some(response) = response {
            self.turn.overrides.response = response.to_value();
        }
    }

    /// A value as JSON; an object of ours is all its members.
    pub(super) fn value(&mut self, value: &Val) -> Value {
        self.plain(value).to_value()
    }

    fn plain(&mut self, value: &Val) -> Val {
        match value {
            Val::Object(object) => self.whole(*object),
            value => value.clone(),
        }
    }

    /// A member of `$ctx`.
    fn context(&mut self, name: &str) -> Option<Val> {
        if name == "info" {
            return Some(Val::Object(INFO));
        }
        let index = index(name)?;
        // What was appended meanwhile is seen.
        if name == "outErrors" {
            return members::value(self.cx, self.turn, name).map(Val::from);
        }
        if self.reached[index].is_none() {
            self.reached[index] = members::value(self.cx, self.turn, name).map(Val::from);
        }
        self.reached[index].clone()
    }

    fn info(&mut self, name: &str) -> Option<Val> {
        let info = &self.cx.info;
        let value = match name {
            "fieldName" => Value::from(info.field_name),
            "parentTypeName" => Value::from(info.parent_type_name),
            "variables" => info.variables.to_value(),
            "selectionSetList" => info
                .selection?
                .paths()
                .into_iter()
                .map(Value::from)
                .collect(),
            "selectionSetGraphQL" => Value::from(info.selection?.printed()),
            _ => return None,
        };
        Some(Val::from(value))
    }

    /// `$context.requestOverride`, `$context.responseOverride`
    fn overrides(&mut self, is_response: bool) -> Val {
        let kept = match is_response {
            false => &self.turn.overrides.request,
            true => &self.turn.overrides.response,
        };
        self.overrides[usize::from(is_response)]
            .get_or_insert_with(|| gateway::overrides(kept, is_response))
            .clone()
    }

    /// All members of `$ctx`, without the selection sets, as AppSync has it.
    fn whole_context(&mut self) -> Val {
        let names = members::NAMES.iter().filter(|name| **name != "args");
        let mut whole = Vec::with_capacity(members::NAMES.len());
        for name in names {
            let value = match *name {
                "info" => Some(self.whole(INFO)),
                name => self.context(name),
            };
            whole.extend(value.map(|value| (Arc::from(*name), value)));
        }
        map(whole)
    }
}

/// A map of objects that hold no other of their own kind.
fn map(members: Vec<(Arc<str>, Val)>) -> Val {
    Map::new(members).map_or(Val::Null, Val::Map)
}

/// The place of a member of `$ctx`; both spellings of the arguments are one.
fn index(name: &str) -> Option<usize> {
    let name = if name == "args" { "arguments" } else { name };
    members::NAMES.iter().position(|known| *known == name)
}

impl Names for Frame<'_, '_> {
    fn root(&self, name: &str) -> Option<ObjectId> {
        self.names.root(name)
    }

    fn namespace(&self, object: ObjectId, name: &str) -> Option<ObjectId> {
        self.names.namespace(object, name)
    }

    fn function(&self, object: ObjectId, name: &str) -> Option<FunctionId> {
        self.names.function(object, name)
    }

    fn known(&self, object: Option<ObjectId>) -> Vec<&str> {
        self.names.known(object)
    }
}

impl Host for Frame<'_, '_> {
    type Thrown = Thrown;

    fn member(&mut self, object: ObjectId, name: &str) -> Option<Val> {
        match object {
            CONTEXT => self.context(name),
            INFO => self.info(name),
            GATEWAY => match name {
                "requestOverride" => Some(self.overrides(false)),
                "responseOverride" => Some(self.overrides(true)),
                _ => gateway::member(self.cx, name)
                    .map(Val::from)
                    .or_else(|| self.context(name)),
            },
            INPUT => (name == "body").then(|| Val::from(gateway::body_text(self.cx))),
            VARIABLES | KEYS => match self.whole(object) {
                Val::Map(map) => map.get(name),
                _ => None,
            },
            _ => None,
        }
    }

    fn assign(&mut self, _object: ObjectId, _name: &str, _value: &Val) -> bool {
        false
    }

    fn whole(&mut self, object: ObjectId) -> Val {
        match object {
            CONTEXT | GATEWAY => self.whole_context(),
            INFO => {
                let names = ["fieldName", "parentTypeName", "variables"];
                let members = names.map(|name| {
                    let member = self.info(name).unwrap_or_default();
                    (Arc::from(name), member)
                });
                map(members.into())
            }
            VARIABLES => {
                let env = || members::value(self.cx, self.turn, "env").unwrap_or_default();
                self.variables
                    .get_or_insert_with(|| Val::from(env()))
                    .clone()
            }
            KEYS => {
                let keys = || self.cx.keys.map(Value::from).unwrap_or_default();
                self.keys.get_or_insert_with(|| Val::from(keys())).clone()
            }
            _ => Val::Null,
        }
    }

    fn call(&mut self, function: FunctionId, arguments: &[Val]) -> Result<Val, Thrown> {
        let FunctionId(id) = function;
        if id >= FIRST_INPUT {
            return gateway::call(self.cx, id - FIRST_INPUT, arguments);
        }
        // Objects of ours are handed on as what they hold.
        let arguments: Vec<Val> = arguments.iter().map(|it| self.plain(it)).collect();
        let mut services = Services {
            turn: self.turn,
            auth_type: members::auth_type(self.cx),
            place: None,
        };
        builtins::function(id).call_objects(&mut services, &arguments)
    }
}
