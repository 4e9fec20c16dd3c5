//! What APPSYNC_JS refuses of the language is a warning; what cannot work here at all is an error.
//!
//! See: appsync.md 2.5, and the rules of `@aws-appsync/eslint-plugin`.

use oxc_ast::{AstKind, ast::Expression};
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{BinaryOperator, UnaryOperator, UpdateOperator};

use super::{faults::Faults, parsed::Parsed};

const LOOP: &str =
    "write `for (const item of list)`, or use `map`, `filter`, `reduce` or `forEach`";
const NO_ASYNC: &str = "a module runs to its end at once: what it waits for is the business of \
     the data source; make another function of the pipeline";
const NO_CLASS: &str = "write functions and plain objects";
const NO_REGEX: &str = "use `util.matches(pattern, text)`, or `text.replace(pattern, …)` with the \
     pattern as a string";

/// Reports what is refused.
pub(super) fn check(parsed: &Parsed<'_>, faults: &mut Faults) {
    for (_, kind) in parsed.each() {
        if let Some((what, help)) = statement(kind).or_else(|| expression(kind)) {
            faults.refused(parsed.span(head(parsed, kind)), what, help);
        }
        if let Some((message, help)) = impossible(kind) {
            faults.error(parsed.span(head(parsed, kind)), message, help);
        }
    }
}

fn statement(kind: AstKind<'_>) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        AstKind::WhileStatement(_) => ("`while`", LOOP),
        AstKind::DoWhileStatement(_) => ("`do … while`", LOOP),
        AstKind::ForStatement(_) => ("`for (;;)`", LOOP),
        AstKind::ContinueStatement(_) => (
            "`continue`",
            "turn the condition around, or `filter` the list first",
        ),
        AstKind::LabeledStatement(_) => ("labels", "make the inner loop a function, or use `some`"),
        AstKind::ThrowStatement(_) => ("`throw`", "use `util.error(message, type)`"),
        AstKind::TryStatement(_) => (
            "`try`",
            "check before: `JSON.parse` and `util` throw nothing that could be caught",
        ),
        AstKind::Class(_) => ("classes", NO_CLASS),
        AstKind::Function(it) if it.generator && !it.r#async => {
            ("generators", "gather the values in a list")
        }
        AstKind::DebuggerStatement(_) => ("`debugger`", "use `console.log`"),
        _ => return None,
    })
}

fn expression(kind: AstKind<'_>) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        AstKind::ThisExpression(_) => ("`this`", "use the name of the object, or a parameter"),
        AstKind::YieldExpression(_) => ("`yield`", "gather the values in a list"),
        AstKind::UpdateExpression(it) => match it.operator {
            UpdateOperator::Increment => ("`++`", "write `+= 1`"),
            UpdateOperator::Decrement => ("`--`", "write `-= 1`"),
        },
        AstKind::UnaryExpression(it) if it.operator == UnaryOperator::BitwiseNot => (
            "`~`",
            "write `-x - 1`; for `~list.indexOf(x)` write `list.indexOf(x) >= 0`",
        ),
        AstKind::BinaryExpression(it) => match it.operator {
            BinaryOperator::In => ("`in`", "use `Object.hasOwn(object, key)`"),
            BinaryOperator::Instanceof => ("`instanceof`", "use `typeof`, or look at a member"),
            _ => return None,
        },
        AstKind::PrivateInExpression(_) => ("`in`", "use `Object.hasOwn(object, key)`"),
        AstKind::RegExpLiteral(_) => ("regular expression literals", NO_REGEX),
        AstKind::TaggedTemplateExpression(it) if !is_sql(&it.tag) => (
            "tagged templates other than `sql`",
            "call the function: `tag(…)`",
        ),
        AstKind::NewTarget(_) => ("`new.target`", NO_CLASS),
        _ => return None,
    })
}

fn is_sql(tag: &Expression<'_>) -> bool {
    match tag.get_inner_expression() {
        Expression::Identifier(name) => name.name == "sql",
        Expression::StaticMemberExpression(member) => member.property.name == "sql",
        _ => false,
    }
}

fn impossible(kind: AstKind<'_>) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        AstKind::Function(it) if it.r#async => ("there are no `async` functions here", NO_ASYNC),
        AstKind::ArrowFunctionExpression(it) if it.r#async => {
            ("there are no `async` functions here", NO_ASYNC)
        }
        AstKind::AwaitExpression(_) => ("there is no `await` here", NO_ASYNC),
        AstKind::ForOfStatement(it) if it.r#await => ("there is no `for await` here", NO_ASYNC),
        AstKind::VariableDeclaration(it) if it.kind.is_await() => {
            ("there is no `await using` here", NO_ASYNC)
        }
        AstKind::ImportExpression(_) => (
            "there is no `import()` here",
            "write `import { … } from './file.js'` at the top of the file",
        ),
        AstKind::ImportMeta(_) => (
            "there is no `import.meta` here",
            "what differs from stage to stage is in `ctx.env`",
        ),
        _ => return None,
    })
}

/// The part that an excerpt should show: the first word of a long statement, not all its lines.
fn head(parsed: &Parsed<'_>, kind: AstKind<'_>) -> Span {
    let span = kind.span();
    if let AstKind::BinaryExpression(it) = kind {
        return Span::new(it.left.span().start, it.right.span().end);
    }
    let is_long = matches!(
        kind,
        AstKind::WhileStatement(_)
            | AstKind::DoWhileStatement(_)
            | AstKind::ForStatement(_)
            | AstKind::ForOfStatement(_)
            | AstKind::TryStatement(_)
            | AstKind::Class(_)
            | AstKind::Function(_)
            | AstKind::ArrowFunctionExpression(_)
            | AstKind::LabeledStatement(_)
    );
    if !is_long {
        return span;
    }
    let text = parsed.text.get(span.start as usize..span.end as usize);
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let word = text.map_or(1, |text| text.find(|c| !is_part(c)).unwrap_or(text.len()));
    Span::new(
        span.start,
        span.start + u32::try_from(word.max(1)).unwrap_or(1),
    )
}
