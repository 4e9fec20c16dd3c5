//! A file as a syntax tree, its names resolved: what every pass looks at.

use oxc_ast::{
    AstKind,
    ast::{Expression, Program, TemplateLiteral},
};
use oxc_semantic::{AstNodes, Scoping};
use oxc_span::GetSpan;
use oxc_syntax::{node::NodeId, reference::Reference, scope::ScopeId, symbol::SymbolId};

use crate::config::{Span, diagnostic::FileId};

/// A file as a syntax tree.
pub(super) struct Parsed<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) program: &'a Program<'a>,
    pub(super) nodes: AstNodes<'a>,
    pub(super) scoping: Scoping,
    pub(super) is_typescript: bool,
}

impl<'a> Parsed<'a> {
    /// A place in the file, for people.
    pub(super) fn span(&self, span: oxc_span::Span) -> Span {
        Span {
            file: self.file,
            start: span.start,
            end: span.end,
        }
    }

    /// All nodes, each before those in it.
    pub(super) fn each(&self) -> impl Iterator<Item = (NodeId, AstKind<'a>)> {
        self.nodes
            .iter_enumerated()
            .map(|(id, node)| (id, node.kind()))
    }

    pub(super) fn parent(&self, id: NodeId) -> AstKind<'a> {
        self.nodes.parent_kind(id)
    }

    /// The functions around a node, from the innermost.
    pub(super) fn functions_around(&self, id: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.nodes
            .ancestors_enumerated(id)
            .filter(|(_, node)| is_function(node.kind()))
            .map(|(id, _)| id)
    }

    /// Whether it runs with a function, and not while the module loads.
    pub(super) fn is_in_function(&self, id: NodeId) -> bool {
        self.functions_around(id).next().is_some()
    }

    /// Whether a variable lives as long as its module.
    pub(super) fn is_of_module(&self, symbol: SymbolId) -> bool {
        let scope = self.scoping.symbol_scope_id(symbol);
        let mut scopes = self.scoping.scope_ancestors(scope);
        scopes.all(|scope| !self.scoping.scope_flags(scope).is_function())
    }

    /// Whether it is declared at the top of the module, in no block.
    pub(super) fn is_at_top(&self, symbol: SymbolId) -> bool {
        self.scoping.symbol_scope_id(symbol) == self.scoping.root_scope_id()
    }

    /// The reads and writes of a variable; types left out.
    pub(super) fn references(&self, symbol: SymbolId) -> impl Iterator<Item = &Reference> {
        self.scoping
            .get_resolved_references(symbol)
            .filter(|reference| reference.flags().is_value())
    }

    /// The variable that a name means, when the module declares it.
    pub(super) fn symbol(&self, expression: &Expression<'a>) -> Option<SymbolId> {
        let Expression::Identifier(name) = expression.get_inner_expression() else {
            return None;
        };
        let reference = name.reference_id.get()?;
        self.scoping.get_reference(reference).symbol_id()
    }

    /// The name of something that every module has, such as `util`.
    pub(super) fn global(&self, expression: &Expression<'a>) -> Option<&'a str> {
        let Expression::Identifier(name) = expression.get_inner_expression() else {
            return None;
        };
        let reference = name.reference_id.get()?;
        let is_declared = self.scoping.get_reference(reference).symbol_id().is_some();
        (!is_declared).then(|| name.name.as_str())
    }

    /// What declares a variable.
    pub(super) fn declaration(&self, symbol: SymbolId) -> AstKind<'a> {
        self.nodes.kind(self.scoping.symbol_declaration(symbol))
    }

    /// The function that a variable always is: `function f`, `const f = () =>`.
    pub(super) fn function_of(&self, symbol: SymbolId) -> Option<NodeId> {
        match self.is_fixed(symbol) {
            true => self.declared_function(symbol),
            false => None,
        }
    }

    /// Whether a variable has no other value than its first.
    pub(super) fn is_fixed(&self, symbol: SymbolId) -> bool {
        let is_once = self.scoping.symbol_redeclarations(symbol).is_empty();
        is_once && !self.scoping.symbol_is_mutated(symbol)
    }

    /// The function that a variable is declared as.
    pub(super) fn declared_function(&self, symbol: SymbolId) -> Option<NodeId> {
        match self.declaration(symbol) {
            AstKind::Function(function) => Some(function.node_id.get()),
            AstKind::VariableDeclarator(declarator) if declarator.id.is_binding_identifier() => {
                function_in(declarator.init.as_ref()?)
            }
            _ => None,
        }
    }

    pub(super) fn scope_of(&self, id: NodeId) -> ScopeId {
        self.nodes.get_node(id).scope_id()
    }

    /// The outermost node that means the same: parentheses, `as`, `!` and `?.` left out.
    pub(super) fn unwrapped(&self, mut id: NodeId) -> NodeId {
        while is_wrapper(self.parent(id)) {
            id = self.nodes.parent_id(id);
        }
        id
    }
}

/// The function that an expression is, if it is one.
pub(super) fn function_in(expression: &Expression<'_>) -> Option<NodeId> {
    match expression.get_inner_expression() {
        Expression::FunctionExpression(function) => Some(function.node_id.get()),
        Expression::ArrowFunctionExpression(function) => Some(function.node_id.get()),
        _ => None,
    }
}

pub(super) fn is_function(kind: AstKind<'_>) -> bool {
    matches!(
        kind,
        AstKind::Function(_) | AstKind::ArrowFunctionExpression(_)
    )
}

fn is_wrapper(kind: AstKind<'_>) -> bool {
    matches!(
        kind,
        AstKind::ParenthesizedExpression(_)
            | AstKind::ChainExpression(_)
            | AstKind::TSAsExpression(_)
            | AstKind::TSSatisfiesExpression(_)
            | AstKind::TSNonNullExpression(_)
            | AstKind::TSTypeAssertion(_)
            | AstKind::TSInstantiationExpression(_)
    )
}

/// What a string says, when it is the same each time.
pub(super) fn constant<'a>(expression: &Expression<'a>) -> Option<&'a str> {
    match expression.get_inner_expression() {
        Expression::StringLiteral(text) => Some(text.value.as_str()),
        Expression::TemplateLiteral(template) => plain(template),
        _ => None,
    }
}

fn plain<'a>(template: &TemplateLiteral<'a>) -> Option<&'a str> {
    match (template.expressions.is_empty(), template.quasis.first()) {
        (true, Some(text)) => text.value.cooked.map(|text| text.as_str()),
        _ => None,
    }
}

/// Whether a part of a node is this one.
pub(super) fn is_same(part: &impl GetSpan, whole: AstKind<'_>) -> bool {
    part.span() == whole.span()
}
