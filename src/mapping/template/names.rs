//! What the names of a template mean.

use super::Dialect;
use crate::mapping::{
    builtins::{self, Language, Root},
    members,
    vtl::{FunctionId, Names, ObjectId},
};

/// `$ctx`, and `$context` of AppSync.
pub(super) const CONTEXT: ObjectId = ObjectId(0);
/// `$context` of API Gateway.
pub(super) const GATEWAY: ObjectId = ObjectId(1);
/// `$ctx.info`, whose selection sets are only worked out when somebody reads them.
pub(super) const INFO: ObjectId = ObjectId(2);
/// `$input`
pub(super) const INPUT: ObjectId = ObjectId(3);
/// `$stageVariables`
pub(super) const VARIABLES: ObjectId = ObjectId(4);
/// `$keys`
pub(super) const KEYS: ObjectId = ObjectId(5);
/// The first of the namespaces.
const NAMESPACES: u16 = 64;

/// The functions of `$input`, whose numbers lie beyond those of all utilities.
pub(super) const INPUT_FUNCTIONS: [&str; 3] = ["json", "params", "path"];
/// The number of the first of them.
pub(super) const FIRST_INPUT: u16 = 0xfe00;

const INFO_MEMBERS: [&str; 5] = [
    "fieldName",
    "parentTypeName",
    "variables",
    "selectionSetList",
    "selectionSetGraphQL",
];

/// The names of a dialect.
#[derive(Debug, Clone, Copy)]
pub(in crate::mapping) struct TemplateNames(pub(in crate::mapping) Dialect);

impl Names for TemplateNames {
    fn root(&self, name: &str) -> Option<ObjectId> {
        Some(match (name, self.0) {
            ("ctx", _) | ("context", Dialect::AppSync) => CONTEXT,
            ("context", Dialect::ApiGateway) => GATEWAY,
            ("input", Dialect::ApiGateway) => INPUT,
            ("stageVariables", Dialect::ApiGateway) => VARIABLES,
            ("keys", _) => KEYS,
            ("util" | "utils", _) => of_namespace(Root::Util.id()),
            ("extensions", _) => of_namespace(Root::Extensions.id()),
            _ => return None,
        })
    }

    fn namespace(&self, object: ObjectId, name: &str) -> Option<ObjectId> {
        if object == CONTEXT && name == "info" {
            return Some(INFO);
        }
        builtins::namespace_id(namespace(object)?, name).map(of_namespace)
    }

    fn function(&self, object: ObjectId, name: &str) -> Option<FunctionId> {
        if object == INPUT {
            let index = INPUT_FUNCTIONS.iter().position(|known| *known == name)?;
            return Some(FunctionId(FIRST_INPUT + index as u16));
        }
        let space = namespace(object)?;
        let find = |space| builtins::function_id(space, name, Language::Vtl);
        // What API Gateway has is as it is there; all else is as AppSync has it.
        let of_gateway = match self.0 {
            Dialect::ApiGateway if space == Root::Util.id() => find(Root::GatewayUtil.id()),
            _ => None,
        };
        of_gateway.or_else(|| find(space)).map(FunctionId)
    }

    fn known(&self, object: Option<ObjectId>) -> Vec<&str> {
        let Some(object) = object else {
            return match self.0 {
                Dialect::AppSync => vec!["ctx", "context", "util", "extensions", "keys"],
                Dialect::ApiGateway => {
                    vec!["input", "context", "stageVariables", "util", "ctx", "keys"]
                }
            };
        };
        match object {
            CONTEXT => members::NAMES.to_vec(),
            GATEWAY => super::gateway::MEMBERS.to_vec(),
            INFO => INFO_MEMBERS.to_vec(),
            INPUT => INPUT_FUNCTIONS.iter().copied().chain(["body"]).collect(),
            _ => {
                let known = |space| builtins::known(space, Language::Vtl);
                namespace(object).map(known).unwrap_or_default()
            }
        }
    }
}

/// The number of the namespace that an object is, if it is one.
pub(super) fn namespace(object: ObjectId) -> Option<u16> {
    object.0.checked_sub(NAMESPACES)
}

fn of_namespace(namespace: u16) -> ObjectId {
    ObjectId(NAMESPACES + namespace)
}
