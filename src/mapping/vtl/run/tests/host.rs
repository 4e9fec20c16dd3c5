//! An embedding that is no more than tests need.

use std::sync::Arc;

use crate::mapping::vtl::{
    self, Absent, Bounds, EvalError, FunctionId, Host, Map, Names, ObjectId, Printed, Settings, Val,
};

/// `$ctx`, with `args` and `stash`, and `$util`, with `upper(…)`, `fail(…)`, `qr(…)` and
/// `time.now()`.
#[derive(Default)]
pub(super) struct Fake {
    pub(super) stash: Map,
    pub(super) assigned: Vec<(String, String)>,
}

pub(super) const SETTINGS: Settings = Settings {
    absent: Absent::AsWritten,
    lists_as_json: false,
    set_null: false,
    null_is_empty: false,
    bounds: Bounds {
        steps: 100_000,
        output: 100_000,
        turns: 1000,
        depth: 20,
    },
};

const CTX: ObjectId = ObjectId(0);
const UTIL: ObjectId = ObjectId(1);
const TIME: ObjectId = ObjectId(2);

pub(super) type Ran = Result<Printed, EvalError<String>>;

/// Compiles and runs a template.
pub(super) fn run_with(template: &str, settings: &Settings) -> Ran {
    let mut host = Fake::default();
    run_in(template, settings, &mut host)
}

pub(super) fn run_in(template: &str, settings: &Settings, host: &mut Fake) -> Ran {
    match vtl::compile(template, host) {
        Ok(program) => program.run(host, settings),
        Err(error) => panic!("`{template}` does not compile: {error} at {:?}", error.span),
    }
}

/// What a template prints, or why it does not.
pub(super) fn print(template: &str) -> String {
    match run_with(template, &SETTINGS) {
        Ok(printed) => printed.text,
        Err(error) => format!("!! {} at {:?}", error.fault, error.span),
    }
}

impl Names for Fake {
    fn root(&self, name: &str) -> Option<ObjectId> {
        match name {
            "ctx" => Some(CTX),
            "util" => Some(UTIL),
            _ => None,
        }
    }

    fn namespace(&self, object: ObjectId, name: &str) -> Option<ObjectId> {
        (object == UTIL && name == "time").then_some(TIME)
    }

    fn function(&self, object: ObjectId, name: &str) -> Option<FunctionId> {
        match (object, name) {
            (UTIL, "upper") => Some(FunctionId(0)),
            (UTIL, "fail") => Some(FunctionId(1)),
            (UTIL, "qr") => Some(FunctionId(2)),
            (TIME, "now") => Some(FunctionId(3)),
            _ => None,
        }
    }

    fn known(&self, object: Option<ObjectId>) -> Vec<&str> {
        match object {
            None => vec!["ctx", "util"],
            Some(_) => Vec::new(),
        }
    }
}

impl Host for Fake {
    type Thrown = String;

    fn member(&mut self, object: ObjectId, name: &str) -> Option<Val> {
        match (object, name) {
            (CTX, "args") => Some(Val::from(arguments())),
            (CTX, "stash") => Some(Val::from(self.stash.clone())),
            _ => None,
        }
    }

    fn assign(&mut self, object: ObjectId, name: &str, value: &Val) -> bool {
        let text = value.printed(1000).unwrap_or_default();
        self.assigned.push((name.to_owned(), text));
        object == CTX
    }

    fn whole(&mut self, object: ObjectId) -> Val {
        match object {
            CTX => {
                Map::new([(Arc::from("args"), Val::from(arguments()))]).map_or(Val::Null, Val::from)
            }
            _ => Val::Null,
        }
    }

    fn call(&mut self, function: FunctionId, arguments: &[Val]) -> Result<Val, String> {
        let text = arguments.first().map(|value| value.printed(1000));
        let text = text.and_then(Result::ok).unwrap_or_default();
        match function.0 {
            0 => Ok(Val::from(text.to_uppercase())),
            1 => Err(text),
            2 => Ok(Val::from("")),
            _ => Ok(Val::from("now")),
        }
    }
}

fn arguments() -> Map {
    Map::new([(Arc::from("id"), Val::from("7"))]).unwrap_or_default()
}
