//! A mapping tried out on a context that somebody wrote: what `loomgate eval` prints, and what teams
//! call in their own tests.
//!
//! The context is JSON with the members that AppSync's EvaluateMappingTemplate and EvaluateCode take
//! (`arguments`, `source`, `identity`, `result`, `stash`, `prev`, `request`, `info`, `error`, `env`);
//! for templates of routes also `body`, `params`, `context` and `stageVariables`.
//!
//! See: appsync.md 8.5.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Context, Dialect, Function, MappingError, Outcome, Stop, Turn, Yield,
    context::{Caller, Info, Selection, SourceFault},
    js::Module,
    template::{Prints, Template},
    turn::{Extension, LogLine, Overrides},
};
use crate::{
    config::{
        Diagnostic, Diagnostics, Span, read_source,
        resolver::{CodeFile, TemplateFile},
    },
    json::{Value, View},
};

/// What a mapping came to.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// What a template printed, also when it is no JSON. A module prints nothing.
    pub text: Option<String>,
    /// The value: what a module returned, or the document that a template printed.
    pub value: Option<Value>,
    /// Why there is no value.
    pub error: Option<MappingError>,
    /// Whether it ended with `#return` or `runtime.earlyReturn`.
    pub returned: bool,
    /// What was logged, in order.
    pub logs: Vec<LogLine>,
    /// `$ctx.stash` as the mapping left it.
    pub stash: Value,
    /// `$ctx.outErrors`: what was appended.
    pub out_errors: Vec<MappingError>,
    /// Headers that were added to the answer.
    pub response_headers: Vec<(Box<str>, Value)>,
    /// What `$extensions` asked for, in order.
    pub extensions: Vec<Extension>,
    /// What a template of a route changed about the request or the answer.
    pub overrides: Overrides,
}

/// A `.vtl`, `.js` or `.ts` file, compiled for trying it out.
///
/// ```
/// use loomgate::{json::Value, mapping::{Dialect, Function, evaluation::Trial}};
///
/// let trial = Trial::template(r#"{ "id": $util.toJson($ctx.args.id) }"#, Dialect::AppSync).unwrap();
/// let context = Value::parse(r#"{ "arguments": { "id": "p1" } }"#).unwrap();
/// let evaluation = trial.run(&context, Function::Request);
/// assert_eq!(evaluation.value, Some(Value::parse(r#"{"id":"p1"}"#).unwrap()));
///
/// let (trial, faults) = Trial::load("examples/javascript/resolvers/Query.cart.js".as_ref(), Dialect::AppSync);
/// assert!(faults.is_empty());
/// let context = Value::parse(r#"{ "arguments": { "id": "c9" }, "result": null }"#).unwrap();
/// let evaluation = trial.unwrap().run(&context, Function::Response);
/// assert_eq!(evaluation.error.unwrap().message, "There is no cart c9");
/// ```
#[derive(Debug)]
pub struct Trial {
    program: Program,
}

#[derive(Debug)]
enum Program {
    Template(Box<Template>),
    Module(Arc<Module>),
}

/// What somebody wrote as the selection.
#[derive(Debug)]
struct GivenSelection<'a>(View<'a>);

// === impl Trial ===

impl Trial {
    /// Reads and compiles a file. What is wrong with it, and warnings about it, are in the
    /// diagnostics.
    #[must_use]
    pub fn load(path: &Path, dialect: Dialect) -> (Option<Self>, Diagnostics) {
        let mut diagnostics = Diagnostics::default();
        let program = Trial::read(path, dialect, &mut diagnostics);
        let program = program.filter(|_| !diagnostics.has_errors());
        (program.map(|program| Trial { program }), diagnostics)
    }

    /// Compiles a template from its text.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn template(text: &str, dialect: Dialect) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let text: Arc<str> = Arc::from(text);
        let file = diagnostics
            .files
            .register("template.vtl", Arc::clone(&text));
        let named = Span::new(file, 0..0);
        let file = TemplateFile { named, file, text };
        let template =
            Template::of_file(&file, dialect, Prints::of_file(dialect), &mut diagnostics);
        match template.filter(|_| !diagnostics.has_errors()) {
            Some(template) => Ok(Trial {
                program: Program::Template(Box::new(template)),
            }),
            None => Err(diagnostics),
        }
    }

    /// Compiles a module from its text. It may import what the platform has, and no files.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn module(text: &str) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let (path, text) = (PathBuf::from("code.js"), Arc::from(text));
        let file = diagnostics.files.register(&path, Arc::clone(&text));
        let file = CodeFile {
            named: Span::new(file, 0..0),
            root: PathBuf::new(),
            path,
            file,
            text,
        };
        let module = Module::compile(&file, &mut diagnostics);
        match module.filter(|_| !diagnostics.has_errors()) {
            Some(module) => Ok(Trial {
                program: Program::Module(Arc::new(module)),
            }),
            None => Err(diagnostics),
        }
    }

    fn read(path: &Path, dialect: Dialect, diagnostics: &mut Diagnostics) -> Option<Program> {
        let (file, text) = read_source(path, None, diagnostics)?;
        let named = Span::new(file, 0..0);
        match path.extension().and_then(|it| it.to_str()) {
            Some("vtl") => {
                let file = TemplateFile { named, file, text };
                let template =
                    Template::of_file(&file, dialect, Prints::of_file(dialect), diagnostics);
                template.map(|template| Program::Template(Box::new(template)))
            }
            Some("js" | "ts" | "mjs") => {
                let file = CodeFile {
                    named,
                    path: path.to_owned(),
                    root: root_of(path),
                    file,
                    text,
                };
                let module = Module::compile(&file, diagnostics);
                module.map(|module| Program::Module(Arc::new(module)))
            }
            _ => {
                let fault =
                    Diagnostic::error(Some(named), "this is neither a template nor a module");
                diagnostics.push(fault.help("name a `.vtl`, `.js` or `.ts` file"));
                None
            }
        }
    }

    /// Whether it is a module, which has functions to choose from.
    #[must_use]
    pub fn is_module(&self) -> bool {
        matches!(self.program, Program::Module(_))
    }

    /// Whether a module has a function.
    #[must_use]
    pub fn has(&self, function: Function) -> bool {
        match &self.program {
            Program::Template(_) => true,
            Program::Module(module) => module.uses(function).is_some(),
        }
    }

    /// Runs it on a context: an object with any of the members named above. A template has one
    /// function only.
    #[must_use]
    pub fn run(&self, context: &Value, function: Function) -> Evaluation {
        let given = context.view();
        let part = |name: &str| given.get(name).unwrap_or(View::NULL);
        let text = |view: View<'_>, name: &str| {
            let text = view.get(name).and_then(View::as_str);
            text.unwrap_or_default().into_owned()
        };
        let (info, fault) = (part("info"), part("error"));
        let names = (text(info, "fieldName"), text(info, "parentTypeName"));
        let fault_names = (text(fault, "message"), text(fault, "type"));
        let selection = GivenSelection(info);
        let body = body(part("body"));
        let cx = Context {
            caller: Caller::Given(given),
            args: given.get("arguments").unwrap_or_else(|| part("args")),
            source: part("source"),
            prev: given.get("prev").and_then(|prev| prev.get("result")),
            stash: part("stash"),
            error: (!fault.is_null()).then_some(SourceFault {
                message: &fault_names.0,
                error_type: &fault_names.1,
            }),
            env: given.get("env").unwrap_or_else(|| part("stageVariables")),
            result: given.get("result").map_or(Outcome::None, Outcome::Document),
            keys: given.get("keys"),
            body: body.view(),
            connection: None,
            info: Info {
                field_name: &names.0,
                parent_type_name: &names.1,
                variables: info.get("variables").unwrap_or(View::NULL),
                selection: Some(&selection),
            },
        };
        let mut turn = Turn {
            stash: part("stash").to_value(),
            ..Turn::default()
        };
        let (printed, ended) = self.evaluate(&cx, &mut turn, function);
        Evaluation::new(printed, ended, turn)
    }

    fn evaluate(
        &self,
        cx: &Context<'_>,
        turn: &mut Turn,
        function: Function,
    ) -> (Option<String>, Result<Yield<'static>, Box<MappingError>>) {
        match &self.program {
            Program::Template(template) => template.print(cx, turn),
            Program::Module(module) => match module.call(function, cx, turn) {
                Ok(ended) => (None, Ok(ended)),
                Err(Stop::Error(error)) => (None, Err(error)),
                Err(Stop::Elsewhere(job)) => {
                    let (ended, its) = futures::executor::block_on(job.finish());
                    *turn = its;
                    (None, ended)
                }
            },
        }
    }
}

// === impl Evaluation ===

impl Evaluation {
    fn new(
        text: Option<String>,
        ended: Result<Yield<'static>, Box<MappingError>>,
        turn: Turn,
    ) -> Self {
        let (value, error, returned) = match ended {
            Ok(Yield::Value(rendered)) => (rendered.into_value(), None, false),
            Ok(Yield::Return { value, .. }) => (Some(value), None, true),
            Err(error) => (None, Some(*error), false),
        };
        Evaluation {
            text,
            value,
            error,
            returned,
            logs: turn.logs,
            stash: turn.stash,
            out_errors: turn.appended,
            response_headers: turn.headers,
            extensions: turn.extensions,
            overrides: turn.overrides,
        }
    }
}

// === impl GivenSelection ===

impl Selection for GivenSelection<'_> {
    fn paths(&self) -> Vec<String> {
        let list = self.0.get("selectionSetList").unwrap_or(View::NULL);
        let texts = list.items().filter_map(View::as_str);
        texts.map(|text| text.into_owned()).collect()
    }

    fn printed(&self) -> String {
        let printed = self.0.get("selectionSetGraphQL").and_then(View::as_str);
        printed.unwrap_or_default().into_owned()
    }
}

/// The folder that a module may import from: that of the configuration, or its own.
fn root_of(path: &Path) -> PathBuf {
    let mut folders = path.ancestors().skip(1);
    let found = folders.find(|folder| folder.join("loomgate.yaml").is_file());
    let own = || path.parent().unwrap_or(Path::new(""));
    found.unwrap_or_else(own).to_owned()
}

/// A body as a route reads it: JSON where it is, and text where not.
fn body(given: View<'_>) -> Value {
    let Some(text) = given.as_str() else {
        return given.to_value();
    };
    Value::parse(text.clone().into_owned()).unwrap_or_else(|_| Value::from(text.into_owned()))
}
