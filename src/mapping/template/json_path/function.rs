//! What may end a path: `.length()`. It is applied to what the path before it finds.

use crate::json::{Kind, Value, View};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Min,
    Max,
    Average,
    Sum,
}

impl Function {
    pub(super) fn named(name: &str) -> Option<Function> {
        Some(match name {
            "length" => Function::Length,
            "min" => Function::Min,
            "max" => Function::Max,
            "avg" => Function::Average,
            "sum" => Function::Sum,
            _ => return None,
        })
    }

    /// What the function makes of a value; `None` where it makes nothing, as of a list without
    /// numbers. All but the length are doubles, as in Jayway.
    pub(super) fn apply(self, input: View<'_>) -> Option<Value> {
        if self == Function::Length {
            let counted = matches!(input.kind(), Kind::List | Kind::Object);
            return counted.then(|| Value::from(i64::try_from(input.len()).unwrap_or(i64::MAX)));
        }
        let numbers = || {
            let items = input.items().filter(|item| item.kind() == Kind::Number);
            items.filter_map(View::as_f64)
        };
        let count = numbers().count();
        if count == 0 {
            return None;
        }
        let value = match self {
            Function::Min => numbers().fold(f64::INFINITY, f64::min),
            Function::Max => numbers().fold(f64::NEG_INFINITY, f64::max),
            Function::Sum => numbers().sum(),
            Function::Average => numbers().sum::<f64>() / count as f64,
            Function::Length => return None,
        };
        Some(Value::from(value))
    }
}
