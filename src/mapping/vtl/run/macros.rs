//! Calling macros.

use super::{
    halt::{Flow, caught},
    machine::Machine,
    own::Own,
};
use crate::mapping::vtl::{
    compile::Call,
    host::{Host, Names},
};

impl<'p, H: Host + Names> Machine<'p, '_, H> {
    /// `#name(…)`; without such a macro it is text.
    pub(super) fn call_macro(&mut self, call: &'p Call) -> Flow<H::Thrown> {
        self.meter.pay(1, call.span)?;
        let number = call
            .number
            .or_else(|| self.evaluated.macro_number(&call.name));
        let Some(called) = number.and_then(|number| self.macros.get(number)).copied() else {
            self.out.from(call.span.start);
            return self.write(&call.written, call.span);
        };
        self.meter.enter_call(call.span)?;
        let body = call.body.map(|(slot, body)| (slot, Own::body(body)));
        let caller = self.scope.enter(&called.parameters, &call.arguments, body);
        let flow = self.block(&called.body);
        self.scope.leave(caller);
        self.meter.leave_call();
        caught(flow)
    }
}
