//! What is equal, and what is less.

use crate::mapping::vtl::{
    ast::Operator,
    value::{self, Val},
};

/// Whether two values are equal; `None` when that is for their texts to say.
pub(super) fn equal(a: &Val, b: &Val) -> Option<bool> {
    match (a, b) {
        (Val::Null, Val::Null) => Some(true),
        (Val::Null, _) | (_, Val::Null) => Some(false),
        (Val::Number(a), Val::Number(b)) => Some(value::compare(a, b).is_eq()),
        (Val::Text(a), Val::Text(b)) => Some(a == b),
        (Val::Bool(a), Val::Bool(b)) => Some(a == b),
        (Val::List(_) | Val::Range(..), Val::List(_) | Val::Range(..))
        | (Val::Map(_), Val::Map(_)) => Some(a.equals(b)),
        (Val::Object(a), Val::Object(b)) if a == b => Some(true),
        _ => None,
    }
}

/// `<` and its like: only numbers are less or greater.
pub(super) fn ordered(operator: Operator, a: &Val, b: &Val) -> bool {
    let (Val::Number(a), Val::Number(b)) = (a, b) else {
        return false;
    };
    let ordering = value::compare(a, b);
    match operator {
        Operator::Less => ordering.is_lt(),
        Operator::LessOrEqual => ordering.is_le(),
        Operator::Greater => ordering.is_gt(),
        Operator::GreaterOrEqual => ordering.is_ge(),
        _ => false,
    }
}
