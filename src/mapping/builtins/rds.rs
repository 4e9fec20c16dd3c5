//! `util.rds`: what the RDS Data API answers, as lists of rows.
//!
//! See: appsync.md 3.5.

use std::sync::Arc;

use super::{Arguments, Builtin, Languages, Namespace, Services, Thrown, core};
use crate::json::{Kind, Object, Value, View};

pub(super) const RDS: Namespace = Namespace {
    name: "util.rds",
    functions: &[
        Builtin::values("toJsonObject", 1..=1, to_json_object),
        Builtin::values("toJsonString", 1..=1, to_json_string).only(Languages::Vtl),
    ],
    namespaces: &[],
};

/// How deep arrays of arrays are followed.
const MAX_DEPTH: usize = 32;

fn to_json_object(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    rows(Arguments::new("util.rds.toJsonObject", values))
}

fn to_json_string(_: &mut Services<'_>, values: &[Value]) -> Result<Value, Thrown> {
    let arguments = Arguments::new("util.rds.toJsonString", values);
    let rows = rows(arguments)?;
    core::json::text_of("util.rds.toJsonString", rows.view()).map(Value::from)
}

/// For each statement the list of its rows. An answer that was parsed already will do.
fn rows(arguments: Arguments<'_>) -> Result<Value, Thrown> {
    let answer = match arguments.view(0).as_str() {
        Some(text) => Value::parse(text.into_owned())
            .map_err(|error| arguments.wrong(format!("the text is not JSON: {error}")))?,
        None => arguments.value(0),
    };
    let statements = answer.view().get("sqlStatementResults");
    let Some(statements) = statements.filter(|list| list.kind() == Kind::List) else {
        return Err(arguments.wrong("there is no list 'sqlStatementResults'"));
    };
    Ok(statements.items().map(statement).collect())
}

/// A statement that changed rows has none itself: it gives one row, of the keys that it generated.
fn statement(result: View<'_>) -> Value {
    let names = column_names(result);
    match result
        .get("records")
        .filter(|list| list.kind() == Kind::List)
    {
        Some(records) => records.items().map(|record| row(record, &names)).collect(),
        None => {
            let generated = result.get("generatedFields").unwrap_or(View::NULL);
            Value::from(vec![row(generated, &names)])
        }
    }
}

/// The label of each column, or its name.
fn column_names(result: View<'_>) -> Vec<Arc<str>> {
    let columns = result.get("columnMetadata").unwrap_or(View::NULL);
    let name = |(index, column): (usize, View<'_>)| -> Arc<str> {
        let names = ["label", "name"].into_iter();
        let mut names = names.filter_map(|key| column.get(key)?.as_str());
        let name = names.find(|name| !name.is_empty());
        name.map_or_else(|| nameless(index), |name| name.into())
    };
    columns.items().enumerate().map(name).collect()
}

/// Generated keys come without names.
fn nameless(index: usize) -> Arc<str> {
    format!("column{}", index + 1).into()
}

fn row(record: View<'_>, names: &[Arc<str>]) -> Value {
    let mut row = Object::default();
    for (index, field) in record.items().enumerate() {
        let value = field_value(field, MAX_DEPTH);
        if let Some(value) = value {
            let name = names.get(index).cloned();
            row.insert(name.unwrap_or_else(|| nameless(index)), value);
        }
    }
    Value::from(row)
}

/// The value of a field, which is an object of one member that tells its type. `None` for null.
fn field_value(field: View<'_>, depth: usize) -> Option<Value> {
    let (kind, value) = field.entries().next()?;
    match &*kind {
        "isNull" if value.as_bool() == Some(true) => None,
        "arrayValue" => Some(array(value, depth)),
        _ => Some(value.to_value()),
    }
}

/// The items of an array, which is an object of one member that tells their type.
fn array(array: View<'_>, depth: usize) -> Value {
    let Some((kind, items)) = array.entries().next() else {
        return Value::from(Vec::new());
    };
    match (&*kind, depth.checked_sub(1)) {
        ("arrayValues", Some(depth)) => {
            let items = items.items();
            items.map(|item| self::array(item, depth)).collect()
        }
        _ => items.to_value(),
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::builtins::tests::{refused, value};

    const SELECTED: &str = r#"{"sqlStatementResults": [{
        "columnMetadata": [
            {"name": "id", "label": "id", "typeName": "int4"},
            {"name": "name", "label": "authorName"},
            {"name": "born"}, {"name": "face"}, {"name": "tags"}, {"name": "gone"},
            {"name": "rate"}, {"name": "ok"}],
        "numberOfRecordsUpdated": 0,
        "records": [[
            {"longValue": 1}, {"stringValue": "Ada"}, {"isNull": true}, {"blobValue": "AQI="},
            {"arrayValue": {"stringValues": ["a", "b"]}}, {"isNull": true},
            {"doubleValue": 1.5}, {"booleanValue": true}]]
    }]}"#;

    #[test]
    fn records_become_rows_by_label_or_name_without_nulls() {
        let text = format!("{SELECTED:?}");
        let rows = r#"[[{"id":1,"authorName":"Ada","face":"AQI=","tags":["a","b"],"rate":1.5,"ok":true}]]"#;
        // Rust writes the text's quotes and line ends as JSON does.
        assert_eq!(value("rds.toJsonObject", &[&text]), rows);
        assert_eq!(value("rds.toJsonObject", &[SELECTED]), rows);
        assert_eq!(value("rds.toJsonString", &[&text]), format!("{rows:?}"));
    }

    #[test]
    fn a_statement_that_changes_rows_gives_its_generated_keys() {
        let changed = r#"{"sqlStatementResults": [
            {"numberOfRecordsUpdated": 1, "generatedFields": [{"longValue": 7}]},
            {"numberOfRecordsUpdated": 1},
            {"records": []}]}"#;
        let rows = value("rds.toJsonObject", &[changed]);
        assert_eq!(rows, r#"[[{"column1":7}],[{}],[]]"#);
    }

    #[test]
    fn arrays_nest() {
        let nested = r#"{"sqlStatementResults": [{"records": [[
            {"arrayValue": {"arrayValues": [{"longValues": [1, 2]}, {"longValues": []}]}},
            {"arrayValue": {}}]]}]}"#;
        let rows = value("rds.toJsonObject", &[nested]);
        assert_eq!(rows, r#"[[{"column1":[[1,2],[]],"column2":[]}]]"#);
    }

    #[test]
    fn wrong_answers_are_refused() {
        insta::assert_snapshot!(refused(&[
            ("rds.toJsonObject", &["null"]),
            ("rds.toJsonObject", &[r#""{""#]),
            ("rds.toJsonString", &[r#"{"sqlStatementResults": 1}"#]),
            ("rds.toJsonString", &[]),
        ]));
    }
}
