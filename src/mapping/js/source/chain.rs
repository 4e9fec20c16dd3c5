//! What follows a name: `ctx.args.id`, `list.push(…)`, `store.seen = …`.

use oxc_ast::{AstKind, ast::UnaryOperator};
use oxc_span::GetSpan;
use oxc_syntax::node::NodeId;

use super::parsed::{Parsed, constant, is_same};

/// A name and the members that follow it.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    /// The members that the source names, in order.
    pub(super) members: Vec<&'a str>,
    /// Whether a member follows that only the run knows, such as `[name]`.
    pub(super) goes_on: bool,
    /// The whole of it.
    pub(super) end: NodeId,
}

/// What is done with a chain.
pub(super) enum Role {
    /// It is called.
    Called,
    /// It is assigned to, counted up, or deleted.
    Written,
    /// Its value is used.
    Used,
}

impl<'a> Parsed<'a> {
    /// The members that follow a name.
    pub(super) fn chain(&self, name: NodeId) -> Chain<'a> {
        let mut chain = Chain {
            members: Vec::new(),
            goes_on: false,
            end: self.unwrapped(name),
        };
        loop {
            let whole = self.nodes.kind(chain.end);
            let member = match self.parent(chain.end) {
                AstKind::StaticMemberExpression(member) if is_same(&member.object, whole) => {
                    Some(member.property.name.as_str())
                }
                AstKind::ComputedMemberExpression(member) if is_same(&member.object, whole) => {
                    constant(&member.expression)
                }
                AstKind::PrivateFieldExpression(_) => None,
                _ => return chain,
            };
            match member.filter(|_| !chain.goes_on) {
                Some(name) => chain.members.push(name),
                None => chain.goes_on = true,
            }
            chain.end = self.unwrapped(self.nodes.parent_id(chain.end));
        }
    }

    /// What is done with a chain.
    pub(super) fn role(&self, end: NodeId) -> Role {
        let whole = self.nodes.kind(end);
        match self.parent(end) {
            AstKind::CallExpression(call) if is_same(&call.callee, whole) => Role::Called,
            parent if is_target(parent, whole) => Role::Written,
            _ => Role::Used,
        }
    }
}

/// Whether a node stands where something is written to.
fn is_target(parent: AstKind<'_>, whole: AstKind<'_>) -> bool {
    match parent {
        AstKind::AssignmentExpression(it) => is_same(&it.left, whole),
        AstKind::ForInStatement(it) => it.left.span() == whole.span(),
        AstKind::ForOfStatement(it) => it.left.span() == whole.span(),
        AstKind::AssignmentTargetWithDefault(it) => is_same(&it.binding, whole),
        AstKind::AssignmentTargetPropertyProperty(it) => is_same(&it.binding, whole),
        AstKind::UnaryExpression(it) => it.operator == UnaryOperator::Delete,
        AstKind::UpdateExpression(_)
        | AstKind::AssignmentTargetRest(_)
        | AstKind::ArrayAssignmentTarget(_) => true,
        _ => false,
    }
}
