//! From what was written to what is served; every fault is collected.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{
    schema::{ExtendedType, Schema as Sdl},
    validation::Valid,
};

use crate::{
    config::{Api, Config, Diagnostics, GraphqlApi, ResolverFile, Source, did_you_mean},
    deployment::{Deployment, Deployments, key, reference},
    graphql::{Engine, Schema, schema},
    resolver::{self, Bound, Resolver},
    source::Sources,
};

/// Compiles all apis. `None`: there are errors among the diagnostics.
pub(crate) fn compile(
    config: &Config,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Deployments> {
    let apis: Vec<Option<Arc<Deployment>>> = config
        .apis
        .values()
        .map(|api| match api {
            Api::Graphql(api) => graphql(config, api, sources, diagnostics).map(Arc::new),
        })
        .collect();
    if diagnostics.has_errors() {
        return None;
    }
    Some(Deployments {
        apis: apis.into_iter().flatten().collect(),
    })
}

fn graphql(
    config: &Config,
    api: &GraphqlApi,
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Deployment> {
    let sdl = schema::parse(api, diagnostics);
    let mut bindings = Bindings::default();
    for file in &api.resolvers {
        if let Some(Source::KeyValue(table)) = config.sources.get(&file.source.value) {
            key::check(file, table, diagnostics);
        }
        bindings.add(file, sdl.as_ref(), sources, diagnostics);
    }
    let sdl = sdl?;
    if api.resolvers_are_whole {
        warn_unbound(api, &sdl, &bindings, diagnostics);
    }
    let schema = Schema::build(sdl, api.introspection, |ty, field| bindings.get(ty, field));
    Some(Deployment {
        name: Arc::from(api.name.value.as_str()),
        path: Arc::from(api.path.value.as_str()),
        engine: Engine::new(schema, api.limits.clone()),
    })
}

/// Which field is bound to what.
#[derive(Default)]
struct Bindings<'a> {
    /// By type and field; `None` where the file has faults.
    resolvers: HashMap<(&'a str, &'a str), Option<Arc<Resolver>>>,
}

impl<'a> Bindings<'a> {
    fn add(
        &mut self,
        file: &'a ResolverFile,
        sdl: Option<&Valid<Sdl>>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        let many = sdl.is_some_and(|sdl| expects_many(file, sdl, diagnostics));
        let root = sdl.and_then(|sdl| sdl.schema_definition.mutation.as_ref());
        let mutation = root.is_some_and(|root| root.as_str() == file.type_name);
        let resolver =
            resolver::compile(file, Bound { many, mutation }, sources, diagnostics).map(Arc::new);
        let name = (file.type_name.as_str(), file.field_name.as_str());
        // Two files for one field were reported when they were read.
        self.resolvers.insert(name, resolver);
    }

    fn get(&self, ty: &str, field: &str) -> Option<Arc<Resolver>> {
        self.resolvers.get(&(ty, field))?.clone()
    }
}

/// Checks that the field of a resolver file exists and has what the file reads, and says whether it
/// holds a list.
fn expects_many(file: &ResolverFile, sdl: &Sdl, diagnostics: &mut Diagnostics) -> bool {
    let (ty, field) = (file.type_name.as_str(), file.field_name.as_str());
    if ty.starts_with("__") {
        let message = format!("`{ty}` is part of introspection: its fields have no resolvers");
        let help = "remove the file".to_owned();
        diagnostics.error(Some(file.span), message, Some(help));
        return false;
    }
    let Some(definition) = sdl.types.get(ty) else {
        let help = did_you_mean(ty, sdl.types.keys().map(|name| name.as_str()));
        diagnostics.error(
            Some(file.span),
            format!("the schema has no type `{ty}`"),
            help,
        );
        return false;
    };
    let ExtendedType::Object(object) = definition else {
        let (message, help) = match definition {
            ExtendedType::Interface(_) | ExtendedType::Union(_) => (
                format!("`{ty}` is no object type: its fields have no resolvers"),
                "bind the field on each object type instead".to_owned(),
            ),
            _ => (
                format!("`{ty}` is no object type: it has no fields to bind"),
                "remove the file, or name it after an object type".to_owned(),
            ),
        };
        diagnostics.error(Some(file.span), message, Some(help));
        return false;
    };
    let Some(found) = object.fields.get(field) else {
        let help = did_you_mean(field, object.fields.keys().map(|name| name.as_str()));
        diagnostics.error(
            Some(file.span),
            format!("type `{ty}` has no field `{field}`"),
            help,
        );
        return false;
    };
    reference::check(file, found, sdl, diagnostics);
    found.ty.is_list()
}

/// Root fields read no parent: without a resolver they are always null.
///
/// See: appsync.md 1.7 (default field resolution).
fn warn_unbound(
    api: &GraphqlApi,
    sdl: &Sdl,
    bindings: &Bindings<'_>,
    diagnostics: &mut Diagnostics,
) {
    let roots = [
        &sdl.schema_definition.query,
        &sdl.schema_definition.mutation,
    ];
    for root in roots.into_iter().flatten() {
        let Some(object) = sdl.get_object(root) else {
            continue;
        };
        for (name, field) in &object.fields {
            if !bindings
                .resolvers
                .contains_key(&(root.as_str(), name.as_str()))
            {
                let span = schema::span(field.location(), sdl, &api.schema);
                let message = format!("`{root}.{name}` has no resolver: it is always null");
                let help = format!("add {root}.{name}.yaml to the api's resolvers");
                diagnostics.warning(span, message, Some(help));
            }
        }
    }
}
