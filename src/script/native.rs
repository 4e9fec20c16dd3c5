//! The functions of the house, as programs call them.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    rc::Rc,
};

use rquickjs::{
    Array, Ctx, Exception, Function, Value,
    function::{Constructor, Rest},
};
use scoped_tls_hkt::scoped_thread_local;

use super::{Native, Natives, Place, Stopped, fault, realm::Shared};

scoped_thread_local!(
    /// What the functions of the run on this thread lead to.
    static mut NATIVES: for<'a> &'a mut (dyn Natives + 'a)
);

/// Lends the functions to what is run within `f`.
pub(super) fn lend<R>(natives: &mut dyn Natives, f: impl FnOnce() -> R) -> R {
    NATIVES.set(natives, f)
}

/// What `prepare` of the prelude takes: a list of module, path, global, function.
pub(super) fn table<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Array<'js>> {
    let table = Array::new(ctx.clone())?;
    for (index, native) in shared.setting.natives.iter().enumerate() {
        let entry = Array::new(ctx.clone())?;
        entry.set(0, native.module)?;
        entry.set(1, native.path)?;
        entry.set(2, native.global)?;
        entry.set(3, function(ctx, shared, native)?)?;
        table.set(index, entry)?;
    }
    Ok(table)
}

fn function<'js>(
    ctx: &Ctx<'js>,
    shared: &Rc<Shared>,
    native: &'static Native,
) -> rquickjs::Result<Function<'js>> {
    let shared = Rc::clone(shared);
    let name = native.path.rsplit('.').next().unwrap_or(native.path);
    let call =
        move |ctx: Ctx<'js>, arguments: Rest<Value<'js>>| call(&ctx, &shared, native, arguments.0);
    Function::new(ctx.clone(), call)?.with_name(name)
}

fn call<'js>(
    ctx: &Ctx<'js>,
    shared: &Shared,
    native: &Native,
    arguments: Vec<Value<'js>>,
) -> rquickjs::Result<Value<'js>> {
    if !NATIVES.is_set() {
        let message = format!(
            "{} can only be called in a function, not while the module is loaded",
            native.path
        );
        return Err(Exception::throw_type(ctx, &message));
    }
    // The engine itself asks after some thousand steps, and each may be a call that takes long.
    if shared.watch.is_over() {
        return Err(ctx.throw(Value::new_null(ctx.clone())));
    }
    let list = Array::new(ctx.clone())?;
    for (index, argument) in arguments.into_iter().enumerate() {
        list.set(index, argument)?;
    }
    let Some(json) = ctx.json_stringify(list)? else {
        return Err(Exception::throw_type(ctx, "the arguments are no JSON"));
    };
    let json = json.to_cstring()?;
    // After the arguments: what they hold may have been code that called another function.
    if shared.watch.is_stopped() {
        return Err(ctx.throw(Value::new_null(ctx.clone())));
    }
    let place = || place(ctx);
    let call =
        || NATIVES.with(|natives| natives.call(native.function, json.as_str().as_bytes(), &place));
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(Ok(json)) => return ctx.json_parse(json),
        Ok(Err(Stopped)) => {}
        Err(panic) => *shared.panic.borrow_mut() = Some(panic),
    }
    shared.watch.stop();
    Err(ctx.throw(Value::new_null(ctx.clone())))
}

/// What the prelude calls where the engine is about to do something that may take long: it throws
/// when the run is over.
pub(super) fn look<'js>(ctx: &Ctx<'js>, shared: &Rc<Shared>) -> rquickjs::Result<Function<'js>> {
    let shared = Rc::clone(shared);
    Function::new(ctx.clone(), move |ctx: Ctx<'js>| {
        match shared.watch.is_over() {
            true => Err(ctx.throw(Value::new_null(ctx.clone()))),
            false => Ok(()),
        }
    })
}

/// Where the program is: an error knows.
fn place(ctx: &Ctx<'_>) -> Option<Place> {
    let error: Constructor<'_> = ctx.globals().get("Error").ok()?;
    let error: Exception<'_> = error.construct(()).ok()?;
    fault::place(&error.stack()?)
}
