//! One level: gather the parents, run the resolvers, go on below as soon as each has answered.

use std::{cell::Cell, sync::Arc};

use futures::future::{BoxFuture, FutureExt, join_all};

use crate::{
    graphql::{
        execute::{Child, Column, Execution, Table, table::Gathered},
        plan::{Field, Origin, Selected, Selection, SelectionId, Shape},
    },
    json::{Value, View},
    mapping::context::Info,
    resolver::{Answers, Failure, Inputs, Places, Resolver},
};

/// Runs all resolvers at and below a selection for the objects in `rows`.
pub(super) fn run<'a>(
    execution: &'a Execution,
    selection: SelectionId,
    rows: &'a [View<'a>],
) -> BoxFuture<'a, Table> {
    async move {
        let selection = execution.plan.selection(selection);
        let field = |index: &usize| &selection.fields[*index];
        let columns = match selection.columns.as_slice() {
            [] => Vec::new(),
            [only] => vec![column(execution, selection, field(only), rows).await],
            several => {
                let columns = several
                    .iter()
                    .map(|index| column(execution, selection, field(index), rows));
                join_all(columns).await
            }
        };
        Table { columns }
    }
    .boxed()
}

/// Runs one field for the objects in `rows`, and what stands below it.
pub(super) async fn column<'a>(
    execution: &'a Execution,
    selection: &'a Selection,
    field: &'a Field,
    rows: &'a [View<'a>],
) -> Column {
    if execution.denied(field).is_some() {
        return Column::EMPTY;
    }
    let Origin::Resolver(resolver) = &field.origin else {
        return property(execution, field, rows).await;
    };
    let answers = resolve(execution, selection, field, resolver, rows).await;
    let mut first = Vec::new();
    let mut gathered = Gathered::new(&field.shape);
    if field.shape.resolves {
        for answer in &answers.distinct {
            first.push(gathered.count);
            if let Ok(value) = answer {
                gathered.add(&field.shape, value.view());
            }
            if gathered.count as usize > execution.bounds.level_objects {
                return too_many(execution.bounds.level_objects);
            }
        }
    }
    let child = below(execution, &field.shape, gathered).await;
    // Copying pays, and remembering costs, only where an answer stands more than once.
    let repeats = matches!(answers.places, Places::At(_) | Places::Shared)
        && rows.len() > answers.distinct.len();
    let written = if repeats {
        vec![Cell::new(None); answers.distinct.len()]
    } else {
        Vec::new()
    };
    Column {
        answers: Some(answers),
        first,
        child,
        written,
    }
}

/// A column whose objects are too many to go on with. Answers may hold each other many times over,
/// so that the number of objects grows from level to level without anybody sending them.
fn too_many(limit: usize) -> Column {
    let failure = Failure::new(
        "ResolverExecutionLimitReached",
        format!("the level has too many objects: at most {limit} are resolved"),
    );
    Column {
        answers: Some(Answers::shared(Err(Arc::new(failure)))),
        ..Column::EMPTY
    }
}

/// A field that reads a property, with resolvers below.
async fn property<'a>(execution: &'a Execution, field: &'a Field, rows: &'a [View<'a>]) -> Column {
    let mut first = Vec::with_capacity(rows.len());
    let mut gathered = Gathered::new(&field.shape);
    let mut hint = 0;
    for row in rows {
        first.push(gathered.count);
        if let Some(value) = row.get_hinted(&field.name, &mut hint) {
            gathered.add(&field.shape, value);
        }
    }
    let child = below(execution, &field.shape, gathered).await;
    Column {
        answers: None,
        first,
        child,
        written: Vec::new(),
    }
}

/// Runs what stands below the objects that were gathered.
async fn below(execution: &Execution, shape: &Shape, gathered: Gathered<'_>) -> Child {
    if !shape.resolves {
        return Child::None;
    }
    match gathered.rows.as_slice() {
        [] => Child::None,
        [(selection, rows)] if gathered.places.is_empty() => {
            Child::One(table(execution, *selection, rows).await)
        }
        types => {
            let tables = types
                .iter()
                .map(|(selection, rows)| table(execution, *selection, rows));
            let tables = join_all(tables).await;
            Child::Many {
                tables,
                places: gathered.places,
            }
        }
    }
}

async fn table(execution: &Execution, selection: SelectionId, rows: &[View<'_>]) -> Table {
    if rows.is_empty() || !execution.plan.resolves(selection) {
        return Table::default();
    }
    run(execution, selection, rows).await
}

async fn resolve(
    execution: &Execution,
    selection: &Selection,
    field: &Field,
    resolver: &Resolver,
    rows: &[View<'_>],
) -> Answers {
    let args = match field.arguments.map(|index| &execution.arguments[index]) {
        None => View::NULL,
        Some(Ok(values)) => values.view(),
        // Nothing is asked; the writer says what is wrong with the arguments.
        Some(Err(_)) => return Answers::shared(Ok(Value::Null)),
    };
    let selected = Selected::below(&execution.plan, field);
    let info = Info {
        field_name: &field.name,
        parent_type_name: &selection.type_name,
        variables: execution.variables.view(),
        selection: Some(&selected),
    };
    resolver
        .resolve(
            Inputs {
                call: &execution.call,
                args,
                body: View::NULL,
                connection: None,
                info,
                env: execution.env.view(),
                asked: &execution.asked,
                alone: false,
            },
            rows,
        )
        .await
}
