//! An enum becomes an object: `enum Colour { Red = 'r' }` is `var  Colour = { Red : 'r' };`.

use oxc_ast::ast::{Expression, TSEnumDeclaration, TSEnumMember, TSEnumMemberName};
use oxc_span::GetSpan;
use oxc_syntax::operator::UnaryOperator;

use crate::mapping::js::source::{draft::Draft, faults::Faults, parsed::Parsed};

/// What a member says.
enum Member {
    Text,
    Number(f64),
}

/// Makes an enum an object. Lines and columns stay, but for what follows on its lines.
pub(super) fn rewrite(
    parsed: &Parsed<'_>,
    it: &TSEnumDeclaration<'_>,
    draft: &mut Draft,
    faults: &mut Faults,
) {
    let symbol = it.id.symbol_id.get();
    if symbol.is_some_and(|symbol| !parsed.scoping.symbol_redeclarations(symbol).is_empty()) {
        let message = format!("the enum `{}` is declared in several parts", it.id.name);
        faults.error(parsed.span(it.id.span), message, "declare it in one");
        return;
    }
    // `enum` has as many letters as `var` and a space.
    let head = it.span.start as usize..it.id.span.start as usize;
    draft.blank(head.clone());
    for (at, c) in head.zip(*b"var ") {
        draft.put(at, c);
    }
    draft.insert(it.body.span.start as usize, "= ");
    let mut names_of_numbers = String::new();
    let mut next = Some(0.0);
    for member in &it.body.members {
        let Some(value) = read(parsed, member, next, draft, faults) else {
            return;
        };
        next = None;
        if let Member::Number(number) = value {
            next = Some(number + 1.0);
            let name = serde_json::Value::from(name(member));
            names_of_numbers.push_str(&format!(" [{number}]: {name},"));
        }
    }
    let end = it.body.span.end as usize;
    let is_open = it.body.members.last().is_some_and(|last| {
        let rest = parsed.text.get(last.span.end as usize..end);
        !rest.is_some_and(|rest| rest.trim_start().starts_with(','))
    });
    if is_open && let Some(last) = it.body.members.last() {
        draft.insert(last.span.end as usize, ",");
    }
    draft.replace(end - 1..end, format!("{names_of_numbers}}};"));
}

fn read(
    parsed: &Parsed<'_>,
    member: &TSEnumMember<'_>,
    next: Option<f64>,
    draft: &mut Draft,
    faults: &mut Faults,
) -> Option<Member> {
    let Some(value) = &member.initializer else {
        if let Some(number) = next {
            draft.insert(member.span.end as usize, format!(": {number}"));
            return Some(Member::Number(number));
        }
        let message = format!("`{}` needs a value", name(member));
        faults.error(parsed.span(member.span), message, "write `Name = 'value'`");
        return None;
    };
    let sign = member.id.span().end as usize..value.span().start as usize;
    let between = parsed.text.as_bytes().get(sign.clone())?;
    draft.put(sign.start + memchr::memrchr(b'=', between)?, b':');
    let number = match value.get_inner_expression() {
        Expression::StringLiteral(_) => return Some(Member::Text),
        Expression::TemplateLiteral(it) if it.expressions.is_empty() => return Some(Member::Text),
        Expression::NumericLiteral(it) => Some(it.value),
        Expression::UnaryExpression(it) if it.operator == UnaryOperator::UnaryNegation => {
            match &it.argument {
                Expression::NumericLiteral(it) => Some(-it.value),
                _ => None,
            }
        }
        _ => None,
    };
    if number.is_none() {
        faults.error(
            parsed.span(value.span()),
            "the value of an enum's member must be a string or a number as it stands",
            "write the value, or use an object: `export const Name = { … }`",
        );
    }
    number.map(Member::Number)
}

fn name<'m>(member: &'m TSEnumMember<'_>) -> &'m str {
    match &member.id {
        TSEnumMemberName::Identifier(it) => it.name.as_str(),
        TSEnumMemberName::String(it) | TSEnumMemberName::ComputedString(it) => it.value.as_str(),
        TSEnumMemberName::ComputedTemplateString(it) => match it.quasis.first() {
            Some(text) => text.value.raw.as_str(),
            None => "",
        },
    }
}
