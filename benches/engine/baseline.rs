//! The baseline: the same schema in async-graphql's `dynamic` module, its N+1 solved by its
//! `DataLoader`. Written as one would write a gateway on it that learns its types from files.
//!
//! What was done to make it quick:
//! - rows are parsed once and shared by `Arc`; handing one to its fields is one small allocation;
//! - scalar fields answer with a ready value, so no future is boxed for them;
//! - a level's keys make one call: the batch is larger than any level;
//! - the loader's delay is zero. Without the feature `tokio-timer` such a delay is over when it is
//!   first looked at, so the batch leaves as soon as the fields have all been asked; with it, tokio
//!   would round up to the next millisecond.

use std::{collections::HashMap, sync::Arc, time::Duration};

use async_graphql::{
    Error, Request, Value as Scalar,
    dataloader::{DataLoader, Loader},
    dynamic::{Field, FieldFuture, FieldValue, Object, ResolverContext, Schema, TypeRef},
};
use serde_json::{Map, Value};

use crate::workload::{Link, ROOT, Type, Upstream, Workload};

/// One object of the upstream, shared by all that point at it.
type Row = Arc<Map<String, Value>>;

/// A schema of async-graphql that serves one workload.
pub(crate) struct Baseline {
    schema: Schema,
    query: &'static str,
    links: &'static [Link],
    upstream: Arc<Upstream>,
}

impl Baseline {
    /// Registers the workload's types.
    pub(crate) fn build(workload: &Workload) -> Self {
        let upstream = Arc::clone(&workload.upstream);
        let root = Field::new(ROOT.field, TypeRef::named_list(ROOT.ty), move |_| {
            let upstream = Arc::clone(&upstream);
            FieldFuture::new(async move {
                let rows = fetch(&upstream, ROOT.collection)?;
                Ok(Some(FieldValue::list(
                    rows.into_iter().map(FieldValue::owned_any),
                )))
            })
        });
        let mut schema =
            Schema::build(ROOT.parent, None, None).register(Object::new(ROOT.parent).field(root));
        for ty in workload.types {
            schema = schema.register(object(ty, workload.links));
        }
        Baseline {
            schema: schema.finish().expect("the workload's types fit together"),
            query: workload.query,
            links: workload.links,
            upstream: Arc::clone(&workload.upstream),
        }
    }

    /// Answers the workload's query once. Loaders live for one request, as their authors advise.
    pub(crate) async fn answer(&self) -> Vec<u8> {
        let loaders = Loaders(self.links.iter().map(|link| self.loader(link)).collect());
        let response = self
            .schema
            .execute(Request::new(self.query).data(loaders))
            .await;
        serde_json::to_vec(&response).expect("a response serialises")
    }

    fn loader(&self, link: &Link) -> DataLoader<Collection> {
        let collection = Collection {
            name: link.collection,
            upstream: Arc::clone(&self.upstream),
        };
        DataLoader::new(collection, tokio::spawn)
            .delay(Duration::ZERO)
            .max_batch_size(usize::MAX)
    }
}

/// The loaders of one request, in the order of the workload's links.
struct Loaders(Vec<DataLoader<Collection>>);

/// Loads the rows of one collection by their `id`.
struct Collection {
    name: &'static str,
    upstream: Arc<Upstream>,
}

impl Loader<i64> for Collection {
    type Value = Row;
    type Error = Error;

    async fn load(&self, _keys: &[i64]) -> Result<HashMap<i64, Row>, Error> {
        let rows = fetch(&self.upstream, self.name)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Some((row.get("id")?.as_i64()?, row)))
            .collect())
    }
}

/// One upstream call: the bytes, parsed.
fn fetch(upstream: &Upstream, collection: &str) -> Result<Vec<Row>, Error> {
    let text = upstream
        .read(collection)
        .ok_or_else(|| Error::new("no such collection"))?;
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(&text)?;
    Ok(rows.into_iter().map(Arc::new).collect())
}

fn object(ty: &Type, links: &'static [Link]) -> Object {
    let mut object = Object::new(ty.name);
    for &(name, scalar) in ty.scalars {
        object = object.field(Field::new(name, TypeRef::named(scalar), move |cx| {
            FieldFuture::from_value(parent(&cx).and_then(|row| row.get(name)).map(scalar_of))
        }));
    }
    for (index, link) in links.iter().enumerate() {
        if link.parent == ty.name {
            object = object.field(linked(index, link));
        }
    }
    object
}

fn linked(index: usize, link: &'static Link) -> Field {
    Field::new(link.field, TypeRef::named(link.ty), move |cx| {
        FieldFuture::new(async move {
            let Some(key) = parent(&cx).and_then(|row| row.get(link.key)?.as_i64()) else {
                return Ok(None);
            };
            let loaders = cx.data::<Loaders>()?;
            let row = loaders.0[index].load_one(key).await?;
            Ok(row.map(FieldValue::owned_any))
        })
    })
}

fn parent<'a>(cx: &ResolverContext<'a>) -> Option<&'a Row> {
    cx.parent_value.downcast_ref::<Row>()
}

/// The schemas here have no lists of scalars and no custom scalars.
fn scalar_of(value: &Value) -> Scalar {
    match value {
        Value::Bool(bool) => Scalar::Boolean(*bool),
        Value::Number(number) => Scalar::Number(number.clone()),
        Value::String(string) => Scalar::String(string.clone()),
        Value::Null | Value::Array(_) | Value::Object(_) => Scalar::Null,
    }
}
