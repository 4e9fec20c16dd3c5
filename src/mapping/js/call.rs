//! One call of one function: the context goes in as JSON, the result comes out as JSON.
//!
//! What a function says about its context decides what is handed to it: a module that only reads
//! `ctx.args` costs nothing for headers, identity and selection sets.

use std::{
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;

use super::{Function, Module, Uses};
use crate::{
    json::{Value, write_string},
    mapping::{
        Context, MappingError, Rendered, Stop, Turn, Yield,
        builtins::{self, Language, Root, Services, Thrown},
        members,
        pattern::Pattern,
        turn::LogLevel,
    },
    script::{ErrorKind, Native, Natives, Place, Platform, Ran, ScriptError, Stopped},
};

/// The functions of `console`, whose numbers lie beyond those of all others.
const CONSOLE: [(&str, LogLevel); 5] = [
    ("console.debug", LogLevel::Debug),
    ("console.log", LogLevel::Info),
    ("console.info", LogLevel::Info),
    ("console.warn", LogLevel::Info),
    ("console.error", LogLevel::Error),
];

/// What can be imported: the module, the name it exports them under, and the functions. Those that
/// are exported under a name are there without an import, too.
const MODULES: [(&str, &str, Root); 5] = [
    ("@aws-appsync/utils", "util", Root::Util),
    ("@aws-appsync/utils", "extensions", Root::Extensions),
    ("@aws-appsync/utils", "runtime", Root::Runtime),
    ("@aws-appsync/utils/dynamodb", "", Root::DynamodbRequests),
    ("@aws-appsync/utils/http", "", Root::HttpRequests),
];

/// The number of the first of them.
const FIRST_CONSOLE: u16 = 0xff00;

/// What the setup needs of Java: the replacing methods of texts.
const JAVA: [&str; 2] = ["replaceAll", "replaceFirst"];

/// Where the setup finds it.
const JAVA_MODULE: &str = "loomgate:java";

/// The number of the first of them.
const FIRST_JAVA: u16 = 0xff10;

/// The longest text that replacing may make, in bytes.
const MAX_REPLACED: usize = 16 << 20;

/// The module that stands before what the team wrote. It hands back the stash beside the result,
/// and keeps the context's own members from being replaced.
pub(super) const DOOR: &str = "loomgate:door";

/// The functions that modules may call, and where they find them.
static NATIVES: LazyLock<Vec<Native>> = LazyLock::new(natives);

/// What modules find beside the language.
pub(super) fn platform() -> Platform {
    Platform {
        natives: &NATIVES,
        setup: include_str!("setup.js"),
    }
}

/// A call that is still to be made, elsewhere.
#[derive(Debug)]
pub(in crate::mapping) struct Pending {
    module: Arc<Module>,
    function: Function,
    arguments: Bytes,
    services: Owned,
}

/// What the functions of a run can reach.
#[derive(Debug)]
struct Owned {
    /// Knows where places of the running code were written.
    module: Arc<Module>,
    turn: Turn,
    auth_type: &'static str,
    /// How one of them ended the run.
    thrown: Option<Thrown>,
}

impl Module {
    /// Calls one of its functions.
    pub(in crate::mapping) fn call(
        self: &Arc<Self>,
        function: Function,
        cx: &Context<'_>,
        turn: &mut Turn,
    ) -> Result<Yield<'static>, Stop> {
        let arguments = arguments(cx, turn, self.uses(function));
        let mut services = Owned {
            module: Arc::clone(self),
            turn: std::mem::take(turn),
            auth_type: members::auth_type(cx),
            thrown: None,
        };
        let ran = self.program.run(function.name(), &arguments, &mut services);
        if matches!(ran, Ok(Ran::TooLong)) {
            services.thrown = None;
            return Err(Stop::elsewhere(Pending {
                module: Arc::clone(self),
                function,
                arguments: Bytes::from(arguments),
                services,
            }));
        }
        let ran = ran.map(|ran| match ran {
            Ran::Done(result) => result,
            Ran::TooLong => Bytes::new(),
        });
        let ended = self.ended(ran, &mut services);
        *turn = services.turn;
        ended.map_err(Stop::Error)
    }

    /// What a run came to.
    fn ended(
        &self,
        ran: Result<Bytes, ScriptError>,
        services: &mut Owned,
    ) -> Result<Yield<'static>, Box<MappingError>> {
        match services.thrown.take() {
            Some(Thrown::Error(error)) => return Err(error),
            Some(Thrown::Return { value, to_end }) => return Ok(Yield::Return { value, to_end }),
            None => {}
        }
        let result = ran.map_err(|error| self.explain(&error))?;
        let result = Value::parse(result)
            .map_err(|error| MappingError::code(format!("the result is no JSON: {error}")))?;
        let view = result.view();
        if let Some(stash) = view.get("stash") {
            services.turn.stash = stash.to_value();
        }
        let value = view.get("value").map_or(Value::Null, Value::from);
        Ok(Yield::Value(Rendered::Built(value)))
    }

    /// Says what went wrong, and where in the team's files.
    fn explain(&self, error: &ScriptError) -> Box<MappingError> {
        let what = match error.kind {
            ErrorKind::Time => "the function runs too long",
            ErrorKind::Memory => "the function uses too much memory",
            ErrorKind::Stack => "the function calls itself too often",
            ErrorKind::Syntax | ErrorKind::Threw | ErrorKind::Stopped | ErrorKind::Busy => {
                &error.message
            }
        };
        let mut explained = MappingError::code(what);
        if let Some(place) = &error.place {
            self.place(&mut explained, place);
        }
        Box::new(explained)
    }

    /// Puts the place that an error is about in front of its message, as AppSync writes it.
    fn place(&self, error: &mut MappingError, place: &Place) {
        let Some((file, line, column)) = self.written(place) else {
            return;
        };
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        error.message = format!("{name}:{line}:{column}: {}", error.message);
        error.place = Some((line, column));
    }

    /// Where the team wrote what stands at a place of the running code.
    fn written(&self, (module, line, column): &Place) -> Option<(PathBuf, u32, u32)> {
        self.places.find(module, *line, *column)
    }
}

impl Pending {
    /// Makes the call on a thread that may be held.
    pub(in crate::mapping) async fn finish(
        self,
    ) -> (Result<Yield<'static>, Box<MappingError>>, Turn) {
        let Pending {
            module,
            function,
            arguments,
            services,
        } = self;
        let (ran, mut services) = module
            .program
            .finish(function.name(), arguments, services)
            .await;
        let ended = module.ended(ran, &mut services);
        (ended, services.turn)
    }
}

// === impl Natives ===

impl Natives for Owned {
    fn call(
        &mut self,
        function: u16,
        arguments: &[u8],
        place: &dyn Fn() -> Option<Place>,
    ) -> Result<Bytes, Stopped> {
        let called = self.dispatch(function, arguments, place);
        called.map_err(|mut thrown| {
            if let Thrown::Error(error) = &mut thrown
                && error.is_misuse()
                && let Some(place) = place()
            {
                self.module.place(error, &place);
            }
            self.thrown.get_or_insert(thrown);
            Stopped
        })
    }
}

impl Owned {
    fn dispatch(
        &mut self,
        function: u16,
        arguments: &[u8],
        place: &dyn Fn() -> Option<Place>,
    ) -> Result<Bytes, Thrown> {
        let arguments = Value::parse(arguments.to_vec())
            .map_err(|error| Thrown::wrong(format!("the arguments are no JSON: {error}")))?;
        let arguments: Vec<Value> = arguments.view().items().map(Value::from).collect();
        if let Some((_, level)) = CONSOLE.get(usize::from(function.wrapping_sub(FIRST_CONSOLE))) {
            let place = place().and_then(|place| self.module.written(&place));
            let place = place.map(|(_, line, column)| (line, column));
            let text = arguments.first().and_then(|text| text.view().as_str());
            let text = text.unwrap_or_default().into_owned();
            self.turn.log(*level, text, place);
            return Ok(Bytes::from_static(b"null"));
        }
        if function >= FIRST_JAVA {
            return replace(function == FIRST_JAVA, &arguments);
        }
        let mut services = Services {
            turn: &mut self.turn,
            auth_type: self.auth_type,
            place: None,
        };
        let value = builtins::function(function).call(&mut services, &arguments)?;
        let mut json = Vec::new();
        value.view().write(&mut json);
        Ok(Bytes::from(json))
    }
}

/// `replaceAll` and `replaceFirst` of Java's texts: the text, the pattern, the replacement.
fn replace(all: bool, arguments: &[Value]) -> Result<Bytes, Thrown> {
    let text = |at: usize| {
        let text = arguments.get(at).and_then(|text| text.view().as_str());
        text.map(|text| text.into_owned()).unwrap_or_default()
    };
    let replaced = Pattern::compile(&text(1)).and_then(|pattern| match all {
        true => pattern.replace_all(&text(0), &text(2), MAX_REPLACED),
        false => pattern.replace_first(&text(0), &text(2), MAX_REPLACED),
    });
    let replaced = replaced.map_err(|error| Thrown::wrong(error.to_string()))?;
    let mut json = Vec::new();
    write_string(&replaced, &mut json);
    Ok(Bytes::from(json))
}

/// The context as the one argument of a function, in a JSON list.
fn arguments(cx: &Context<'_>, turn: &Turn, uses: Option<&Uses>) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"[{");
    let mut is_first = true;
    for name in members::NAMES {
        if !uses.is_none_or(|uses| uses.names(name)) {
            continue;
        }
        // What is not there is not written: `undefined`, as AppSync has it.
        let Some(value) = members::value(cx, turn, name) else {
            continue;
        };
        if !std::mem::take(&mut is_first) {
            out.push(b',');
        }
        write_string(name, &mut out);
        out.push(b':');
        value.view().write(&mut out);
    }
    out.extend_from_slice(b"}]");
    out
}

/// What a module that can be imported exports, or what a namespace such as `util.time` holds;
/// `None`: it is none.
pub(super) fn exports(name: &str) -> Option<Vec<String>> {
    let inside = |native: &Native| match native.module == name {
        true => Some(native.path),
        false => native.path.strip_prefix(name)?.strip_prefix('.'),
    };
    let mut names: Vec<String> = NATIVES
        .iter()
        .filter_map(inside)
        .map(|path| path.split('.').next().unwrap_or_default().to_owned())
        .collect();
    names.sort();
    names.dedup();
    (!names.is_empty()).then_some(names)
}

/// The module that stands before the entry.
pub(super) fn door(entry: &str, has_request: bool, has_response: bool) -> String {
    let mut name = Vec::new();
    write_string(entry, &mut name);
    let name = String::from_utf8_lossy(&name);
    let mut code = format!("import * as code from {name};\n");
    let functions = [
        (has_request, Function::Request),
        (has_response, Function::Response),
    ];
    for (_, function) in functions.into_iter().filter(|(is_there, _)| *is_there) {
        let function = function.name();
        code.push_str(&format!(
            "export function {function}(ctx) {{ Object.freeze(ctx); \
             const value = code.{function}(ctx); return {{ value, stash: ctx.stash }}; }}\n"
        ));
    }
    code
}

fn natives() -> Vec<Native> {
    let mut natives = Vec::new();
    for (module, export, root) in MODULES {
        for listed in builtins::functions(root, Language::Js) {
            let path = match export {
                "" => listed.path,
                export => format!("{export}.{}", listed.path),
            };
            natives.push(Native {
                module,
                path: path.leak(),
                global: !export.is_empty(),
                function: listed.id,
            });
        }
    }
    natives.extend(JAVA.iter().enumerate().map(|(index, path)| Native {
        module: JAVA_MODULE,
        path,
        global: false,
        function: FIRST_JAVA + index as u16,
    }));
    natives.extend(CONSOLE.iter().enumerate().map(|(index, (path, _))| Native {
        module: "",
        path,
        global: true,
        function: FIRST_CONSOLE + index as u16,
    }));
    natives
}

// === impl Function ===

impl Function {
    /// What it is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Function::Request => "request",
            Function::Response => "response",
        }
    }
}

// === impl Uses ===

impl Uses {
    /// Whether a member of the context may be read.
    fn names(&self, member: &str) -> bool {
        let paths = self.paths.as_ref();
        paths.is_none_or(|paths| {
            paths
                .iter()
                .any(|path| path.first().is_none_or(|it| **it == *member))
        })
    }
}
