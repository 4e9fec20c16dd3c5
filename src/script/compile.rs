//! Text to bytecode. Contexts that run programs have no compiler.

use std::{cell::RefCell, rc::Rc};

use rquickjs::{
    Context, Ctx, Error, Module, Runtime, WriteOptions,
    loader::{ImportAttributes, Loader, Resolver},
    module::Declared,
};

use super::{Bounds, ErrorKind, ModuleText, ScriptError, fault, realm::Setting};

/// A module, as bytecode.
#[derive(Debug)]
pub(super) struct Compiled {
    /// Unique in the process: the name in front of which the program's number stands.
    pub(super) name: String,
    pub(super) code: Bytecode,
}

/// What this process compiled: it is never read from anywhere.
#[derive(Debug)]
pub(super) struct Bytecode(Vec<u8>);

/// Compiles all modules of a program.
pub(super) fn program(
    id: u64,
    modules: &[ModuleText],
    setting: &Setting,
    bounds: Bounds,
) -> Result<Vec<Compiled>, ScriptError> {
    let names: Vec<&str> = modules.iter().map(|module| &*module.name).collect();
    let compile = |module: &ModuleText| {
        let name = full_name(id, &module.name);
        let missing = Rc::default();
        let imports = Imports {
            known: names
                .iter()
                .copied()
                .chain(setting.modules())
                .map(str::to_owned)
                .collect(),
            base: module.name.clone(),
            missing: Rc::clone(&missing),
        };
        let code = text(&name, &module.code, imports, bounds);
        let code = code.map_err(|error| match missing.take() {
            Some(specifier) => nowhere(module, &specifier),
            None => error,
        })?;
        Ok(Compiled { name, code })
    };
    modules.iter().map(compile).collect()
}

/// Compiles a module that imports nothing but what it is told.
pub(super) fn own(name: &str, code: &str, imports: &[&str]) -> Result<Bytecode, ScriptError> {
    let imports = Imports {
        known: imports.iter().copied().map(str::to_owned).collect(),
        base: name.to_owned(),
        missing: Rc::default(),
    };
    let bounds = Bounds {
        turn: std::time::Duration::MAX,
        cpu: std::time::Duration::MAX,
        memory: 64 << 20,
        stack: 256 << 10,
    };
    text(name, code, imports, bounds)
}

/// The name by which a context knows a module of a program.
pub(super) fn full_name(id: u64, name: &str) -> String {
    format!("{id}:{name}")
}

/// Which of the known modules an import names: as it is written, or relative to the importing one.
pub(super) fn resolve<'a>(
    known: &(impl Iterator<Item = &'a str> + Clone),
    base: &str,
    specifier: &str,
) -> Option<&'a str> {
    if let Some(name) = known.clone().find(|name| *name == specifier) {
        return Some(name);
    }
    if !specifier.starts_with('.') {
        return None;
    }
    let mut path: Vec<&str> = base.split('/').filter(|part| *part != ".").collect();
    path.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => {
                path.pop()?;
            }
            part => path.push(part),
        }
    }
    let path = path.join("/");
    known
        .clone()
        .find(|name| name.strip_prefix("./").unwrap_or(name) == path)
}

fn text(name: &str, code: &str, imports: Imports, bounds: Bounds) -> Result<Bytecode, ScriptError> {
    let internal = |error: Error| fault::internal(&error);
    let runtime = Runtime::new().map_err(internal)?;
    runtime.set_memory_limit(bounds.memory.saturating_add(code.len().saturating_mul(64)));
    runtime.set_max_stack_size(bounds.stack);
    runtime.set_loader(imports, Empty);
    let context = Context::full(&runtime).map_err(internal)?;
    let written = context.with(|ctx| {
        let options = WriteOptions {
            strip_source: true,
            ..WriteOptions::default()
        };
        let module = Module::declare(ctx.clone(), name, code);
        let written = module.and_then(|module| module.write(options));
        written.map_err(|error| fault::caught(&ctx, &error, ErrorKind::Syntax))
    });
    Ok(Bytecode(written?))
}

/// An import of what is not there. The engine does not say where, so the text is asked.
fn nowhere(module: &ModuleText, specifier: &str) -> ScriptError {
    let quoted = |quote| module.code.find(&format!("{quote}{specifier}{quote}"));
    let place = quoted('\'').or_else(|| quoted('"')).map(|at| {
        let before = &module.code[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        (module.name.clone(), number(line), number(column))
    });
    ScriptError {
        place,
        ..ScriptError::new(
            ErrorKind::Syntax,
            format!("there is no module '{specifier}'"),
        )
    }
}

/// Looks whether what is imported is there. What it holds is not needed for compiling.
struct Imports {
    known: Vec<String>,
    base: String,
    missing: Rc<RefCell<Option<String>>>,
}

struct Empty;

// === impl Bytecode ===

impl Bytecode {
    /// How many bytes it is.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Makes it a module of a context.
    #[expect(
        unsafe_code,
        reason = "the engine trusts bytecode; this was written by the same engine in this process, \
                  and nothing else can make a `Bytecode`"
    )]
    pub(super) fn load<'js>(&self, ctx: Ctx<'js>) -> rquickjs::Result<Module<'js, Declared>> {
        // SAFETY: these are the bytes that `Module::write` gave in `text`, unchanged. They are
        // copied: `JS_READ_OBJ_ROM_DATA` is 0 in this engine.
        unsafe { Module::load(ctx, &self.0) }
    }
}

// === impl Imports ===

impl Resolver for Imports {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        specifier: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        let known = self.known.iter().map(String::as_str);
        if let Some(name) = resolve(&known, &self.base, specifier) {
            return Ok(name.to_owned());
        }
        *self.missing.borrow_mut() = Some(specifier.to_owned());
        Err(Error::new_resolving(base, specifier))
    }
}

// === impl Empty ===

impl Loader for Empty {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        Module::declare(ctx.clone(), name, "")
    }
}
