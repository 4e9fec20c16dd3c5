//! TypeScript becomes JavaScript: what only speaks of types becomes spaces, so that lines and
//! columns stay. Enums become objects; the few other things that are more than types are refused.
//!
//! An import that is only used in types vanishes with them, as the TypeScript compiler has it.

mod enums;

use oxc_ast::{
    AstKind,
    ast::{
        ArrowFunctionExpression, Class, Declaration, ExportDefaultDeclarationKind,
        ImportDeclaration, ImportDeclarationSpecifier, ModuleExportName,
    },
};
use oxc_span::{GetSpan, Span};
use oxc_syntax::node::NodeId;

use super::{draft::Draft, faults::Faults, parsed::Parsed};

const CLASS_HELP: &str = "AppSync knows no classes: write functions and plain objects";

/// Blanks the types of a file.
pub(super) fn strip(parsed: &Parsed<'_>, draft: &mut Draft, faults: &mut Faults) {
    if !parsed.is_typescript {
        return;
    }
    let mut types = Types {
        parsed,
        draft,
        faults,
    };
    for (id, kind) in parsed.each() {
        types.node(id, kind);
    }
    for (id, kind) in parsed.each() {
        if let AstKind::ArrowFunctionExpression(it) = kind {
            types.arrow(it);
        }
        types.end_statement(id, kind);
    }
}

struct Types<'p, 'a> {
    parsed: &'p Parsed<'a>,
    draft: &'p mut Draft,
    faults: &'p mut Faults,
}

impl<'a> Types<'_, 'a> {
    fn node(&mut self, id: NodeId, kind: AstKind<'a>) {
        match kind {
            AstKind::TSTypeAnnotation(it) => self.blank(it.span),
            AstKind::TSTypeParameterDeclaration(it) => self.blank(it.span),
            AstKind::TSTypeParameterInstantiation(it) => self.blank(it.span),
            AstKind::TSThisParameter(it) => self.blank_item(it.span),
            AstKind::TSTypeAliasDeclaration(it) => self.statement(id, it.span),
            AstKind::TSInterfaceDeclaration(it) => self.statement(id, it.span),
            AstKind::TSAsExpression(it) => self.tail(it.expression.span(), it.span),
            AstKind::TSSatisfiesExpression(it) => self.tail(it.expression.span(), it.span),
            AstKind::TSNonNullExpression(it) => self.tail(it.expression.span(), it.span),
            AstKind::TSTypeAssertion(it) => self.assertion(it.span, it.expression.span()),
            AstKind::Function(it) if it.declare || it.body.is_none() => {
                self.statement(id, it.span);
            }
            AstKind::VariableDeclaration(it) if it.declare => self.statement(id, it.span),
            AstKind::VariableDeclarator(it) if it.definite => {
                self.mark(it.id.span().end, it.type_annotation.as_deref(), b'!');
            }
            AstKind::FormalParameter(it) => {
                if it.optional {
                    self.mark(it.pattern.span().end, it.type_annotation.as_deref(), b'?');
                }
                if it.accessibility.is_some() || it.readonly || it.r#override {
                    self.refuse(it.span, "a parameter that is a property", CLASS_HELP);
                }
            }
            AstKind::Class(it) if it.declare => self.statement(id, it.span),
            AstKind::Class(it) => self.class(it),
            AstKind::TSEnumDeclaration(it) if it.declare => self.statement(id, it.span),
            AstKind::TSEnumDeclaration(it) => {
                enums::rewrite(self.parsed, it, self.draft, self.faults);
            }
            AstKind::ImportDeclaration(it) => self.import(it),
            AstKind::ExportNamedDeclaration(_)
            | AstKind::ExportFromDeclaration(_)
            | AstKind::ExportAllDeclaration(_)
            | AstKind::ExportSpecifier(_) => self.export(kind),
            _ => self.more_than_types(id, kind),
        }
    }

    fn more_than_types(&mut self, id: NodeId, kind: AstKind<'a>) {
        let help = "write it as plain JavaScript: `export const` and functions";
        match kind {
            AstKind::TSNamespaceDeclaration(it) if it.declare => self.statement(id, it.span),
            AstKind::TSExternalModuleDeclaration(it) => self.statement(id, it.span),
            AstKind::TSGlobalDeclaration(it) => self.statement(id, it.span),
            AstKind::TSNamespaceDeclaration(it) => self.refuse(it.span, "a namespace", help),
            AstKind::TSImportEqualsDeclaration(it) => {
                self.refuse(it.span, "`import … =`", "write `import { … } from '…'`");
            }
            AstKind::TSExportAssignment(it) => {
                self.refuse(it.span, "`export =`", "write `export { … }`");
            }
            AstKind::Decorator(it) => self.refuse(it.span, "a decorator", CLASS_HELP),
            AstKind::TSNamespaceExportDeclaration(it) => self.blank(it.span),
            _ => {}
        }
    }

    fn refuse(&mut self, span: Span, what: &str, help: &str) {
        let message = format!("{what} is more than a type, and is not understood here");
        self.faults.error(self.parsed.span(span), message, help);
    }

    fn blank(&mut self, span: Span) {
        self.draft.blank(span.start as usize..span.end as usize);
    }

    /// What follows an expression: `as T`, `satisfies T`, `!`.
    fn tail(&mut self, expression: Span, whole: Span) {
        self.blank(Span::new(expression.end, whole.end));
    }

    /// `<T>value`
    fn assertion(&mut self, whole: Span, value: Span) {
        let ty = Span::new(whole.start, value.start);
        match self.source(ty).contains('\n') {
            true => self.refuse(
                ty,
                "`<T>` before a value, over several lines",
                "write `as T`",
            ),
            false => self.blank(ty),
        }
    }

    /// A statement, with `export` when that stands before it. A semicolon stays, so that what
    /// stands before and after it does not become one.
    fn statement(&mut self, id: NodeId, span: Span) {
        let span = match self.parsed.parent(id) {
            AstKind::ExportDeclaration(export) => export.span,
            AstKind::ExportDefaultDeclaration(export) => export.span,
            _ => span,
        };
        self.blank(span);
        self.draft.put(span.start as usize, b';');
    }

    /// An item of a list, and the comma after it.
    fn blank_item(&mut self, span: Span) {
        self.blank(span);
        let mut at = span.end as usize;
        while self.draft.byte(at).is_some_and(|c| c.is_ascii_whitespace()) {
            at += 1;
        }
        if self.draft.byte(at) == Some(b',') {
            self.draft.put(at, b' ');
        }
    }

    /// The `?` or `!` between a name and its type.
    fn mark(&mut self, after: u32, ty: Option<&oxc_ast::ast::TSTypeAnnotation<'a>>, mark: u8) {
        let after = after as usize;
        let end = ty.map_or(after + 32, |ty| ty.span.start as usize);
        let range = after..end.min(self.parsed.text.len());
        let marked = self.parsed.text.as_bytes().get(range).unwrap_or_default();
        // The name of a parameter may take in its mark.
        let at = memchr::memchr(mark, marked).map(|at| after + at);
        let at =
            at.or_else(|| (self.draft.byte(after.checked_sub(1)?)? == mark).then_some(after - 1));
        if let Some(at) = at {
            self.draft.put(at, b' ');
        }
    }

    /// A line break must not come to stand before `=>`, or after `return`: the parenthesis moves
    /// to where the type ends or begins.
    fn arrow(&mut self, arrow: &ArrowFunctionExpression<'a>) {
        let breaks = |span: &Span| self.source(*span).contains('\n');
        let after = arrow.return_type.as_ref().map(|it| it.span).filter(breaks);
        let before = arrow
            .type_parameters
            .as_ref()
            .map(|it| it.span)
            .filter(breaks);
        if let Some(ty) = after {
            self.draft.put(arrow.params.span.end as usize - 1, b' ');
            self.draft.put(ty.end as usize - 1, b')');
        }
        if let Some(ty) = before {
            self.draft.put(arrow.params.span.start as usize, b' ');
            self.draft.put(ty.start as usize, b'(');
        }
    }

    fn class(&mut self, class: &Class<'a>) {
        use oxc_ast::ast::ClassElement;
        let has_modifiers = |element: &ClassElement<'a>| match element {
            ClassElement::MethodDefinition(it) => {
                it.accessibility.is_some() || it.r#override || it.optional
            }
            ClassElement::PropertyDefinition(it) => {
                let is_typed = it.readonly || it.r#override || it.declare;
                it.accessibility.is_some() || is_typed || it.optional || it.definite
            }
            ClassElement::AccessorProperty(_) | ClassElement::TSIndexSignature(_) => true,
            ClassElement::StaticBlock(_) => false,
        };
        let is_typed = class.r#abstract
            || !class.implements.is_empty()
            || class.body.body.iter().any(has_modifiers);
        if is_typed {
            self.refuse(
                class.span,
                "a class with TypeScript's modifiers",
                CLASS_HELP,
            );
        }
    }

    fn import(&mut self, import: &ImportDeclaration<'a>) {
        if import.import_kind.is_type() {
            return self.whole(import.span);
        }
        let Some(specifiers) = &import.specifiers else {
            return;
        };
        let unused: Vec<_> = specifiers
            .iter()
            .filter(|it| !is_value(self.parsed, it))
            .collect();
        if unused.len() == specifiers.len() && !specifiers.is_empty() {
            return self.whole(import.span);
        }
        for specifier in unused {
            self.blank_item(specifier.span());
        }
    }

    fn export(&mut self, kind: AstKind<'a>) {
        match kind {
            AstKind::ExportNamedDeclaration(it) if it.export_kind.is_type() => self.whole(it.span),
            AstKind::ExportFromDeclaration(it) if it.export_kind.is_type() => self.whole(it.span),
            AstKind::ExportAllDeclaration(it) if it.export_kind.is_type() => self.whole(it.span),
            AstKind::ExportSpecifier(it)
                if it.export_kind.is_type() || names_type(self.parsed, &it.local) =>
            {
                self.blank_item(it.span);
            }
            _ => {}
        }
    }

    fn whole(&mut self, span: Span) {
        self.blank(span);
        self.draft.put(span.start as usize, b';');
    }

    /// Where a statement that ended with a type has no semicolon, one must stand: the next line
    /// may begin with a parenthesis.
    fn end_statement(&mut self, id: NodeId, kind: AstKind<'a>) {
        let is_statement = match kind {
            AstKind::VariableDeclaration(_) => !matches!(
                self.parsed.parent(id),
                AstKind::ForStatement(_) | AstKind::ForInStatement(_) | AstKind::ForOfStatement(_)
            ),
            AstKind::ExportDefaultDeclaration(it) => !matches!(
                it.declaration,
                ExportDefaultDeclarationKind::TSInterfaceDeclaration(_)
            ),
            AstKind::ExportDeclaration(it) => {
                matches!(it.declaration, Declaration::VariableDeclaration(_))
            }
            AstKind::ExpressionStatement(_)
            | AstKind::ReturnStatement(_)
            | AstKind::ThrowStatement(_)
            | AstKind::PropertyDefinition(_) => true,
            _ => false,
        };
        let last = (kind.span().end as usize).saturating_sub(1);
        let was_blanked = self.draft.byte(last) == Some(b' ');
        if is_statement && was_blanked && self.draft.byte(kind.span().start as usize) != Some(b';')
        {
            self.draft.put(last, b';');
        }
    }

    fn source(&self, span: Span) -> &'a str {
        self.parsed
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }
}

/// Whether what an import names is used as more than a type.
pub(super) fn is_value(parsed: &Parsed<'_>, specifier: &ImportDeclarationSpecifier<'_>) -> bool {
    if !parsed.is_typescript {
        return true;
    }
    if let ImportDeclarationSpecifier::ImportSpecifier(it) = specifier
        && it.import_kind.is_type()
    {
        return false;
    }
    let symbol = specifier.local().symbol_id.get();
    symbol.is_some_and(|symbol| parsed.references(symbol).next().is_some())
}

/// Whether an export hands out nothing but a type.
pub(super) fn names_type(parsed: &Parsed<'_>, local: &ModuleExportName<'_>) -> bool {
    let ModuleExportName::IdentifierReference(name) = local else {
        return false;
    };
    let reference = name.reference_id.get();
    let symbol = reference.and_then(|it| parsed.scoping.get_reference(it).symbol_id());
    symbol.is_some_and(|symbol| {
        let flags = parsed.scoping.symbol_flags(symbol);
        parsed.is_typescript && !flags.is_value() && !flags.is_import() || flags.is_type_import()
    })
}
