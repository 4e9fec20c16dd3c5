//! What a thread keeps for the programs it runs: an engine and a context in which all that use the
//! same native functions are loaded, each with its modules.
//!
//! A realm in which a run ended badly is thrown away with all that is in it, and made anew by the
//! next run.

use std::{
    any::Any,
    cell::RefCell,
    panic::resume_unwind,
    rc::Rc,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use bytes::Bytes;
use rquickjs::{
    Array, Context, Ctx, Error, Function, Module, Object, Persistent, Runtime, Value,
    context::intrinsic,
    function::Args,
    loader::{ImportAttributes, Loader, Resolver},
    module::Declared,
};
use rustc_hash::FxHashMap;

use super::{
    ErrorKind, Native, Natives, Platform, Program, ScriptError,
    compile::{self, Bytecode, Compiled, full_name},
    fault, native,
    watch::Watch,
};

const PRELUDE: &str = "loomgate:prelude";

/// What changes what is built in: [`Platform::setup`].
const SETUP: &str = "loomgate:setup";

const NO_SETUP: &str = "export function setup() {}";

/// Results are written into a message or an answer: longer ones are a mistake.
const LONGEST_RESULT: usize = 16 << 20;

/// How much garbage may wait, beside what a run may use.
const GARBAGE: usize = 1 << 20;

/// All but `Eval`: no text becomes code here.
type Intrinsics = (
    intrinsic::Date,
    intrinsic::RegExp,
    intrinsic::Json,
    intrinsic::Proxy,
    intrinsic::MapSet,
    intrinsic::TypedArrays,
    intrinsic::Promise,
);

/// What a realm consists of before any program enters it.
#[derive(Debug)]
pub(super) struct Setting {
    pub(super) natives: &'static [Native],
    setup: &'static str,
    /// The prelude, and a module for each that the native functions name.
    modules: Vec<Compiled>,
}

/// What the closures inside an engine share with its realm.
pub(super) struct Shared {
    pub(super) setting: Arc<Setting>,
    pub(super) watch: Watch,
    /// The program whose modules may be loaded now.
    loading: RefCell<Option<Arc<Program>>>,
    /// A panic of a function that was called. The engine would let the program catch it.
    pub(super) panic: RefCell<Option<Box<dyn Any + Send>>>,
}

/// An engine, and the programs in it. The fields are dropped in this order.
struct Realm {
    loaded: FxHashMap<u64, Loaded>,
    /// How many programs lie about that nobody can run any more. Modules cannot be unloaded.
    dead: usize,
    harden: Persistent<Function<'static>>,
    context: Context,
    runtime: Runtime,
    shared: Rc<Shared>,
    /// What it uses when nothing runs.
    idle: usize,
    /// Where the stack stood when the engine was made.
    stack: usize,
}

/// A program in a realm.
struct Loaded {
    program: Weak<Program>,
    functions: Vec<(String, Persistent<Function<'static>>)>,
}

thread_local! {
    static REALMS: RefCell<Vec<Realm>> = const { RefCell::new(Vec::new()) };
}

/// Loads a program on this thread.
pub(super) fn load(program: &Arc<Program>) -> Result<(), ScriptError> {
    with(program, |realm| {
        realm.start(program, program.bounds.cpu);
        realm.load(program)
    })
}

/// Calls a function of a program on this thread.
pub(super) fn run(
    program: &Arc<Program>,
    function: &str,
    arguments: &[u8],
    natives: &mut dyn Natives,
    allowance: Duration,
) -> Result<Bytes, ScriptError> {
    with(program, |realm| {
        realm.start(program, allowance);
        if !realm.loaded.contains_key(&program.id) {
            realm.load(program)?;
        }
        native::lend(natives, || realm.call(program, function, arguments))
    })
}

/// Takes the realm for a program out of the thread, and puts it back if all went well: whoever is
/// called meanwhile cannot meet it, and neither can anybody after a panic.
fn with<R>(
    program: &Arc<Program>,
    f: impl FnOnce(&mut Realm) -> Result<R, ScriptError>,
) -> Result<R, ScriptError> {
    let kept = REALMS.with_borrow_mut(|realms| {
        let of = |realm: &Realm| Arc::ptr_eq(&realm.shared.setting, &program.setting);
        let at = realms.iter().position(of)?;
        Some(realms.swap_remove(at))
    });
    let mut realm = match kept {
        Some(realm) => realm,
        None => Realm::new(&program.setting)?,
    };
    if !realm.loaded.contains_key(&program.id) {
        realm = realm.swept()?;
    }
    let result = f(&mut realm);
    if !realm.is_spoiled(&result) {
        REALMS.with_borrow_mut(|realms| {
            // A function that ran another program had to make one of its own.
            realms.retain(|other| !Arc::ptr_eq(&other.shared.setting, &program.setting));
            realms.push(realm);
        });
    }
    result
}

/// Where the stack stands, about.
#[inline(never)]
fn stack() -> usize {
    let here = 0u8;
    (&raw const here).addr()
}

// === impl Setting ===

impl Setting {
    /// The one for a table of functions. It is made once in the process.
    pub(super) fn of(platform: Platform) -> Result<Arc<Self>, ScriptError> {
        static ALL: Mutex<Vec<Arc<Setting>>> = Mutex::new(Vec::new());
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(setting) = all.iter().find(|at| at.is_for(platform)) {
            return Ok(Arc::clone(setting));
        }
        let setting = Arc::new(Setting::compile(platform)?);
        all.push(Arc::clone(&setting));
        Ok(setting)
    }

    fn is_for(&self, platform: Platform) -> bool {
        std::ptr::eq(self.natives, platform.natives) && self.setup == platform.setup
    }

    fn compile(platform: Platform) -> Result<Self, ScriptError> {
        let Platform { natives, setup } = platform;
        let own = |name: &str, code: &str, imports: &[&str]| {
            Ok::<_, ScriptError>(Compiled {
                name: name.to_owned(),
                code: compile::own(name, code, imports)?,
            })
        };
        let code = if setup.is_empty() { NO_SETUP } else { setup };
        let mut modules = vec![
            own(PRELUDE, include_str!("prelude.js"), &[])?,
            own(SETUP, code, &[PRELUDE])?,
        ];
        for native in natives {
            if modules.iter().any(|module| module.name == native.module) {
                continue;
            }
            let code = exports(native.module, natives);
            modules.push(own(native.module, &code, &[PRELUDE])?);
        }
        Ok(Setting {
            natives,
            setup,
            modules,
        })
    }

    /// The modules that programs may import.
    pub(super) fn modules(&self) -> impl Iterator<Item = &str> + Clone {
        self.modules[2..].iter().map(|module| &*module.name)
    }
}

/// The text of a module that exports what the prelude has put under its name.
fn exports(module: &str, natives: &[Native]) -> String {
    let mut code =
        format!("import {{ modules }} from '{PRELUDE}';\nconst all = modules['{module}'];\n");
    let mut roots: Vec<&str> = Vec::new();
    for native in natives.iter().filter(|native| native.module == module) {
        let root = native.path.split('.').next().unwrap_or(native.path);
        if !roots.contains(&root) {
            // Named this way, because `delete` may be exported but not declared.
            let name = format!("e{}", roots.len());
            code += &format!("const {name} = all['{root}'];\nexport {{ {name} as {root} }};\n");
            roots.push(root);
        }
    }
    code
}

// === impl Realm ===

impl Realm {
    fn new(setting: &Arc<Setting>) -> Result<Self, ScriptError> {
        let internal = |error: Error| fault::internal(&error);
        let stack = stack();
        let shared = Rc::new(Shared {
            setting: Arc::clone(setting),
            watch: Watch::new(),
            loading: RefCell::default(),
            panic: RefCell::default(),
        });
        let runtime = Runtime::new().map_err(internal)?;
        runtime.set_loader(Imports(Rc::clone(&shared)), Modules(Rc::clone(&shared)));
        let watch = Rc::clone(&shared);
        runtime.set_interrupt_handler(Some(Box::new(move || watch.watch.is_over())));
        let context = Context::custom::<Intrinsics>(&runtime).map_err(internal)?;
        let harden = context.with(|ctx| {
            let prepared = prepare(&ctx, &shared);
            prepared.map_err(|error| fault::caught(&ctx, &error, ErrorKind::Threw))
        })?;
        let mut realm = Realm {
            loaded: FxHashMap::default(),
            dead: 0,
            harden,
            context,
            runtime,
            shared,
            idle: 0,
            stack,
        };
        realm.measure();
        Ok(realm)
    }

    /// Looks at what it uses when nothing runs.
    fn measure(&mut self) {
        self.runtime.run_gc();
        let used = self.runtime.memory_usage().malloc_size;
        self.idle = usize::try_from(used).unwrap_or(0);
    }

    /// Without the programs that are gone. When more are gone than there are, it is a new realm.
    fn swept(mut self) -> Result<Self, ScriptError> {
        let before = self.loaded.len();
        self.loaded
            .retain(|_, loaded| loaded.program.strong_count() > 0);
        self.dead += before - self.loaded.len();
        if self.dead <= self.loaded.len() {
            return Ok(self);
        }
        let setting = Arc::clone(&self.shared.setting);
        drop(self);
        Realm::new(&setting)
    }

    /// Begins a run: its bounds hold from here on.
    fn start(&self, program: &Program, allowance: Duration) {
        let bounds = &program.bounds;
        let used = self.idle + GARBAGE;
        self.runtime
            .set_memory_limit(used.saturating_add(bounds.memory));
        self.runtime.set_gc_threshold(used);
        // The engine counts from where the stack stood when it was made.
        let counted = (self.stack + bounds.stack).saturating_sub(stack());
        self.runtime.set_max_stack_size(counted.clamp(1, 16 << 20));
        self.shared.watch.start(allowance);
    }

    /// Loads the modules of a program and evaluates them.
    fn load(&mut self, program: &Arc<Program>) -> Result<(), ScriptError> {
        *self.shared.loading.borrow_mut() = Some(Arc::clone(program));
        let functions = self.context.with(|ctx| {
            let evaluated = self.evaluate(&ctx, program);
            evaluated.map_err(|error| {
                let mut fault = self.fault(&ctx, &error);
                // An import of a name that the other module does not export.
                if fault.message.starts_with("SyntaxError") {
                    fault.kind = ErrorKind::Syntax;
                }
                fault
            })
        });
        *self.shared.loading.borrow_mut() = None;
        let loaded = Loaded {
            program: Arc::downgrade(program),
            functions: functions?,
        };
        self.loaded.insert(program.id, loaded);
        // To walk through all of it again would take longer than to load it.
        let size: usize = program.modules.iter().map(|module| module.code.len()).sum();
        self.idle += 8 * size;
        Ok(())
    }

    fn evaluate(
        &self,
        ctx: &Ctx<'_>,
        program: &Program,
    ) -> rquickjs::Result<Vec<(String, Persistent<Function<'static>>)>> {
        let Some(entry) = program.modules.first() else {
            return Ok(Vec::new());
        };
        let exports: Object<'_> = Module::import(ctx, &*entry.name)?.finish()?;
        let harden = self.harden.clone().restore(ctx)?;
        let mut functions = Vec::new();
        for entry in exports.props::<String, Value<'_>>() {
            let (name, value) = entry?;
            let () = harden.call((value.clone(),))?;
            if let Some(function) = value.into_function() {
                functions.push((name, Persistent::save(ctx, function)));
            }
        }
        Ok(functions)
    }

    fn call(
        &self,
        program: &Program,
        function: &str,
        arguments: &[u8],
    ) -> Result<Bytes, ScriptError> {
        let functions = self
            .loaded
            .get(&program.id)
            .map(|loaded| &*loaded.functions);
        let mut named = functions.unwrap_or_default().iter();
        let Some((_, function)) = named.find(|(name, _)| name == function) else {
            let message = format!("the module exports no function '{function}'");
            return Err(ScriptError::new(ErrorKind::Threw, message));
        };
        let result = self.context.with(|ctx| {
            let result = invoke(&ctx, function.clone(), arguments);
            if self.shared.watch.is_stopped() {
                drop(ctx.catch());
                return Err(stopped());
            }
            // The program may have caught what it was told when its time was over.
            if self.shared.watch.is_expired() {
                drop(ctx.catch());
                return Err(fault::time());
            }
            result.unwrap_or_else(|error| Err(self.fault(&ctx, &error)))
        });
        if let Some(panic) = self.shared.panic.take() {
            resume_unwind(panic);
        }
        match result {
            Ok(_) if self.runtime.is_job_pending() => {
                let message = "the function left a Promise behind: scripts are synchronous";
                Err(ScriptError::new(ErrorKind::Threw, message))
            }
            result => result,
        }
    }

    /// What an error of the engine means in this run.
    fn fault(&self, ctx: &Ctx<'_>, error: &Error) -> ScriptError {
        if self.shared.watch.is_expired() {
            drop(ctx.catch());
            return fault::time();
        }
        let fault = fault::caught(ctx, error, ErrorKind::Threw);
        // What was thrown may itself be code: its name, its message.
        match self.shared.watch.is_expired() {
            true => fault::time(),
            false => fault,
        }
    }

    /// Whether it may be in a state that no other run should meet.
    fn is_spoiled<R>(&self, result: &Result<R, ScriptError>) -> bool {
        let kind = result.as_ref().err().map(|error| error.kind);
        matches!(
            kind,
            Some(ErrorKind::Time | ErrorKind::Memory | ErrorKind::Stack)
        ) || self.runtime.is_job_pending()
    }
}

/// Makes a new context what programs may see.
fn prepare(ctx: &Ctx<'_>, shared: &Rc<Shared>) -> rquickjs::Result<Persistent<Function<'static>>> {
    let prelude: Object<'_> = Module::import(ctx, PRELUDE)?.finish()?;
    let prepare: Function<'_> = prelude.get("prepare")?;
    let import = |name: &'static str| Module::import(ctx, name)?.finish::<Object<'_>>();
    let place: Function<'_> = prelude.get("placeAll")?;
    let () = place.call((native::table(ctx, shared)?, native::look(ctx, shared)?))?;
    let setup: Function<'_> = import(SETUP)?.get("setup")?;
    let () = prepare.call((setup,))?;
    let harden: Function<'_> = prelude.get("harden")?;
    Ok(Persistent::save(ctx, harden))
}

/// Calls a function with arguments given as a JSON list; the result as JSON.
fn invoke(
    ctx: &Ctx<'_>,
    function: Persistent<Function<'static>>,
    arguments: &[u8],
) -> rquickjs::Result<Result<Bytes, ScriptError>> {
    let function = function.restore(ctx)?;
    let list: Array<'_> = Array::from_value(ctx.json_parse(arguments)?)?;
    let mut args = Args::new(ctx.clone(), list.len());
    for argument in list.iter::<Value<'_>>() {
        args.push_arg(argument?)?;
    }
    let result: Value<'_> = function.call_arg(args)?;
    if result.is_promise() {
        let message = "the function gave a Promise: scripts are synchronous";
        return Ok(Err(ScriptError::new(ErrorKind::Threw, message)));
    }
    let Some(json) = ctx.json_stringify(result)? else {
        return Ok(Ok(Bytes::from_static(b"null")));
    };
    let json = json.to_cstring()?;
    if json.len() > LONGEST_RESULT {
        let message = "the result is larger than 16 MiB";
        return Ok(Err(ScriptError::new(ErrorKind::Threw, message)));
    }
    Ok(Ok(Bytes::copy_from_slice(json.as_str().as_bytes())))
}

fn stopped() -> ScriptError {
    ScriptError::new(ErrorKind::Stopped, "a function ended the script")
}

// === modules ===

/// Says which module an import means.
struct Imports(Rc<Shared>);

/// Finds its bytecode.
struct Modules(Rc<Shared>);

impl Resolver for Imports {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        specifier: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        let missing = || Error::new_resolving(base, specifier);
        // What the house itself asks for: the prelude, from the setup and native modules too, and an
        // entry.
        let own =
            ["", SETUP].contains(&base) || self.0.setting.modules().any(|module| module == base);
        if own {
            return Ok(specifier.to_owned());
        }
        let loading = self.0.loading.borrow();
        let program = loading.as_ref().ok_or_else(missing)?;
        let prefix = full_name(program.id, "");
        let names = program
            .modules
            .iter()
            .filter_map(|module| module.name.strip_prefix(&*prefix));
        let known = names.chain(self.0.setting.modules());
        let base = base.strip_prefix(&*prefix).ok_or_else(missing)?;
        let name = compile::resolve(&known, base, specifier).ok_or_else(missing)?;
        match self.0.setting.modules().any(|module| module == name) {
            true => Ok(name.to_owned()),
            false => Ok(full_name(program.id, name)),
        }
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        let loading = self.0.loading.borrow();
        let programs = loading.iter().flat_map(|program| &program.modules);
        let mut modules = self.0.setting.modules.iter().chain(programs);
        let found = modules.find(|module| module.name == name);
        let code: &Bytecode = &found.ok_or_else(|| Error::new_loading(name))?.code;
        let module = code.load(ctx.clone())?;
        // `import.meta` is an object like any other: what is written there would stay.
        let object: Object<'_> = ctx.globals().get("Object")?;
        let freeze: Function<'_> = object.get("freeze")?;
        let () = freeze.call((module.meta()?,))?;
        Ok(module)
    }
}

/// How many programs are in the realm of a program on this thread: that can be run, and that not.
#[cfg(test)]
pub(super) fn census(program: &Arc<Program>) -> (usize, usize) {
    REALMS.with_borrow(|realms| {
        let mut realms = realms.iter();
        let realm = realms.find(|realm| Arc::ptr_eq(&realm.shared.setting, &program.setting));
        realm.map_or((0, 0), |realm| (realm.loaded.len(), realm.dead))
    })
}

/// How many bytes the realm of a program on this thread uses.
#[cfg(test)]
pub(super) fn weigh(program: &Arc<Program>) -> usize {
    REALMS.with_borrow_mut(|realms| {
        let mut realms = realms.iter_mut();
        let realm = realms.find(|realm| Arc::ptr_eq(&realm.shared.setting, &program.setting));
        let realm = realm.expect("it is loaded");
        realm.measure();
        realm.idle
    })
}
