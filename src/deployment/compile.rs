//! From what was written to what is served; every fault is collected.

use std::{collections::HashMap, sync::Arc};

use apollo_compiler::{
    schema::{ExtendedType, Schema as Sdl},
    validation::Valid,
};

use crate::{
    cluster::Cluster,
    config::{
        Api, ApiKind, Config, Diagnostics, GraphqlApi, ResolverFile, access::Throttle, did_you_mean,
    },
    deployment::{
        Deployment, Deployments, Graphql, Served, Websocket, key, reference, route,
        rules::{self, Rules},
    },
    graphql::{
        Engine, Schema,
        schema::{self, Binding, access},
    },
    guard::{Guard, Providers},
    mapping::Dialect,
    observe::Meter,
    resolver::{self, Bound, Resolver},
    source::Sources,
    subscribe::Hub,
};

/// Compiles all apis. `None`: there are errors among the diagnostics.
pub(crate) fn compile(
    config: &Config,
    sources: &Sources,
    cluster: &Arc<Cluster>,
    diagnostics: &mut Diagnostics,
) -> Option<Deployments> {
    let providers = Providers::build(config, cluster, diagnostics);
    let compiler = Compiler {
        config,
        sources,
        cluster,
        providers,
    };
    let apis: Vec<Option<Deployment>> = config
        .apis
        .values()
        .map(|api| compiler.api(api, diagnostics))
        .collect();
    if diagnostics.has_errors() {
        return None;
    }
    Some(Deployments {
        apis: apis.into_iter().flatten().map(Arc::new).collect(),
    })
}

/// What every api is compiled with.
struct Compiler<'a> {
    config: &'a Config,
    sources: &'a Sources,
    cluster: &'a Arc<Cluster>,
    providers: Providers,
}

impl Compiler<'_> {
    fn api(&self, api: &Api, diagnostics: &mut Diagnostics) -> Option<Deployment> {
        let (guard, rule) = Guard::build(api, &self.providers, self.cluster, diagnostics);
        let served = match &api.kind {
            ApiKind::Graphql(graphql) => self
                .graphql(api, graphql, &guard, diagnostics)
                .map(Served::Graphql),
            ApiKind::Routes(routes) => {
                let (config, sources) = (self.config, self.sources);
                route::compile(routes, config, sources, &guard, diagnostics).map(Served::Routes)
            }
            ApiKind::Websocket(websocket) => {
                let (config, sources) = (self.config, self.sources);
                Websocket::compile(websocket, config, sources, &guard, diagnostics)
                    .map(Served::Websocket)
            }
        };
        let served = served?;
        let hosts = api.hosts.iter();
        Some(Deployment {
            meter: Meter::new(&api.name.value, served.type_name()),
            name: Arc::from(api.name.value.as_str()),
            path: Arc::from(api.path.value.as_str()),
            hosts: hosts.map(|host| host.value.to_lowercase().into()).collect(),
            timeout: api.timeout,
            variables: api.variables.clone(),
            public: api.access.public,
            guard,
            rule,
            served,
        })
    }

    fn graphql(
        &self,
        api: &Api,
        graphql: &GraphqlApi,
        guard: &Guard,
        diagnostics: &mut Diagnostics,
    ) -> Option<Graphql> {
        let sdl = schema::parse(graphql, diagnostics);
        let mut bindings = Bindings::default();
        for file in &graphql.resolvers {
            if let Some(bound) = &file.bound {
                key::check_all(bound, self.config, diagnostics);
            }
            bindings.add(file, sdl.as_ref(), self.sources, diagnostics);
        }
        let sdl = sdl?;
        if graphql.resolvers_are_whole {
            warn_unbound(graphql, &sdl, &bindings, diagnostics);
        }
        let modes = rules::modes(api, self.config);
        let admitted = access::admitted(&sdl, graphql, &modes, diagnostics);
        let mut rules = Rules::new(guard);
        let schema = Schema::build(sdl, graphql.introspection, |ty, field| {
            let bound = bindings.get(ty, field);
            Binding {
                resolver: bound.and_then(|bound| bound.resolver.clone()),
                rule: rules.of(
                    ty,
                    field,
                    admitted.to(ty, field),
                    bound.and_then(|bound| bound.throttle),
                ),
                resolve: bound.is_some_and(|bound| bound.resolve),
            }
        });
        Some(Graphql {
            engine: Engine::new(schema, graphql.limits.clone(), api.variables.clone()),
            hub: Hub::new(&api.name.value, &self.cluster.broker, api.timeout),
            subscriptions: graphql.subscriptions.clone(),
        })
    }
}

/// Which field is bound to what.
#[derive(Default)]
struct Bindings<'a> {
    /// By type and field.
    fields: HashMap<(&'a str, &'a str), BoundField>,
}

/// What a resolver file says about its field.
struct BoundField {
    /// `None` where the file has no step, or one with faults.
    resolver: Option<Arc<Resolver>>,
    throttle: Option<Throttle>,
    resolve: bool,
}

impl<'a> Bindings<'a> {
    fn add(
        &mut self,
        file: &'a ResolverFile,
        sdl: Option<&Valid<Sdl>>,
        sources: &Sources,
        diagnostics: &mut Diagnostics,
    ) {
        if let Some(sdl) = sdl {
            check_resolve(file, sdl, diagnostics);
        }
        let many = sdl.is_some_and(|sdl| expects_many(file, sdl, diagnostics));
        let root = sdl.and_then(|sdl| sdl.schema_definition.mutation.as_ref());
        let mutation = root.is_some_and(|root| root.as_str() == file.type_name);
        let resolver = file.bound.as_ref().and_then(|bound| {
            resolver::compile(
                bound,
                Bound {
                    many,
                    mutation,
                    dialect: Dialect::AppSync,
                    is_route: false,
                },
                sources,
                diagnostics,
            )
            .map(Arc::new)
        });
        let name = (file.type_name.as_str(), file.field_name.as_str());
        // Two files for one field were reported when they were read.
        let bound = BoundField {
            resolver,
            throttle: file.throttle,
            resolve: file.resolve,
        };
        self.fields.insert(name, bound);
    }

    fn get<'s>(&'s self, ty: &'s str, field: &'s str) -> Option<&'s BoundField> {
        self.fields.get(&(ty, field))
    }
}

/// Only below a field of the subscription type there are events to resolve.
fn check_resolve(file: &ResolverFile, sdl: &Sdl, diagnostics: &mut Diagnostics) {
    let root = sdl.schema_definition.subscription.as_ref();
    if !file.resolve || root.is_some_and(|root| root.as_str() == file.type_name) {
        return;
    }
    let message = format!(
        "`resolve` does nothing for `{}.{}`: it is for fields of the subscription type",
        file.type_name, file.field_name
    );
    let help = match file.bound {
        Some(_) => "remove it",
        None => "write `source: name` instead",
    };
    let help = Some(help.to_owned());
    diagnostics.error(Some(file.span), message, help);
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
                .fields
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
