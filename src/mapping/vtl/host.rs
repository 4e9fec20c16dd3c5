//! What a template's names mean: said by whoever embeds the language.

use super::value::{ObjectId, Val};

/// A function of the embedding, such as `$util.autoId`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct FunctionId(pub(crate) u16);

/// What names mean, asked once at load, and again for what is only known while a template runs.
pub(crate) trait Names {
    /// `$name`; `None`: only the template itself can give it a value.
    fn root(&self, name: &str) -> Option<ObjectId>;

    /// An object that is a member of another and always there, such as `$util.time`.
    fn namespace(&self, object: ObjectId, name: &str) -> Option<ObjectId>;

    /// A function that can be called on an object.
    fn function(&self, object: ObjectId, name: &str) -> Option<FunctionId>;

    /// Every name that could have been meant, for messages: `None` asks for the roots.
    fn known(&self, object: Option<ObjectId>) -> Vec<&str>;
}

/// What stands behind the names while a template runs.
pub(crate) trait Host {
    /// What a function may throw.
    type Thrown;

    /// `$object.name`; lists and maps are the same ones each time.
    fn member(&mut self, object: ObjectId, name: &str) -> Option<Val>;

    /// `$object.put(name, value)` and `#set($object.name = value)`, where an object allows it.
    fn assign(&mut self, object: ObjectId, name: &str, value: &Val) -> bool;

    /// The object as a map of all its members, as `$util.toJson($ctx)` shows it; null when it is no
    /// value but a collection of functions.
    fn whole(&mut self, object: ObjectId) -> Val;

    /// Calls a function. The interpreter has checked nothing about the arguments.
    fn call(&mut self, function: FunctionId, arguments: &[Val]) -> Result<Val, Self::Thrown>;
}
