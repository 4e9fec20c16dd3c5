//! From route files to [`Routes`]; every fault is reported where it stands.

use std::sync::Arc;

use crate::{
    cache::Stats,
    config::{
        self, Config, Diagnostics, Spanned,
        api::{Flavor, RouteApi},
        route::{RouteFile, RouteStep, RouteTarget},
    },
    deployment::{
        key, reference,
        route::{Outcome, PathTemplate, Router},
    },
    guard::{Guard, Rule},
    resolver::{self, Resolver},
    source::{Sources, http::Http},
};

/// A REST or HTTP api.
#[derive(Debug)]
pub(crate) struct Routes {
    /// Whose rules and error bodies it follows.
    pub(crate) flavor: Flavor,
    router: Router,
    routes: Vec<Route>,
}

/// One route.
#[derive(Debug)]
pub(crate) struct Route {
    /// As it was written: `GET /products/{id}`.
    pub(crate) key: Arc<str>,
    /// The names of its parameters, in the order of the path.
    pub(crate) names: Vec<Box<str>>,
    /// Who may use it.
    pub(crate) rule: Rule,
    /// What it does.
    pub(crate) target: Target,
}

/// What a route does.
#[derive(Debug)]
pub(crate) enum Target {
    /// Runs a resolver.
    Resolver {
        /// What is run. Shared, because what writes may outlive its request.
        resolver: Arc<Resolver>,
        /// Whether its answer is `{ statusCode, headers, body }`; otherwise it is the body.
        shaped: bool,
        /// The status when the body is null.
        absent: Option<u16>,
    },
    /// Passes requests through.
    Proxy(Passing),
}

/// Where requests are passed to.
#[derive(Debug)]
pub(crate) struct Passing {
    /// The service.
    pub(crate) source: Arc<Http>,
    /// The path there. Default: the one of the request, below the api's.
    pub(crate) path: Option<PathTemplate>,
}

/// Compiles the routes of an api.
pub(in crate::deployment) fn compile(
    api: &RouteApi,
    config: &Config,
    sources: &Sources,
    guard: &Guard,
    diagnostics: &mut Diagnostics,
) -> Option<Routes> {
    let compiler = Compiler {
        config,
        sources,
        guard,
    };
    let mut router = Router::new(api.flavor);
    let mut routes: Vec<Option<Route>> = Vec::with_capacity(api.routes.len());
    for (number, file) in api.routes.iter().enumerate() {
        router.insert(&file.route.value, number);
        routes.push(compiler.route(file, diagnostics));
    }
    Some(Routes {
        flavor: api.flavor,
        router,
        routes: routes.into_iter().collect::<Option<_>>()?,
    })
}

/// What every route is compiled with.
struct Compiler<'a> {
    config: &'a Config,
    sources: &'a Sources,
    guard: &'a Guard,
}

impl Compiler<'_> {
    fn route(&self, file: &RouteFile, diagnostics: &mut Diagnostics) -> Option<Route> {
        let key = file.route.value.to_string();
        let names = file.route.value.parameters();
        let names: Vec<Box<str>> = names.into_iter().map(Box::from).collect();
        let rule = self.guard.route_rule(&key, &file.access, diagnostics);
        let target = match &file.target {
            RouteTarget::Resolver(step) => self.resolver(step, &key, diagnostics),
            RouteTarget::Proxy { source, path } => {
                self.proxy(source, path.as_ref(), &names, diagnostics)
            }
        };
        Some(Route {
            key: key.into(),
            names,
            rule,
            target: target?,
        })
    }

    fn resolver(
        &self,
        file: &RouteStep,
        key: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        reference::check_route(file, key, diagnostics);
        key::check_all(&file.bound, self.config, diagnostics);
        let resolver = resolver::compile_route(file, self.sources, diagnostics)?;
        Some(Target::Resolver {
            shaped: resolver.has_head(),
            resolver: Arc::new(resolver),
            absent: file.absent,
        })
    }

    fn proxy(
        &self,
        source: &Spanned<String>,
        path: Option<&Spanned<String>>,
        names: &[Box<str>],
        diagnostics: &mut Diagnostics,
    ) -> Option<Target> {
        let name = source.value.as_str();
        let http = self.sources.http(name);
        // Sources of other types, and faulty ones, were reported when they were read.
        let is_http = matches!(self.config.sources.get(name), Some(config::Source::Http(_)));
        if http.is_none() && is_http && self.sources.get(name).is_some() {
            let message = format!("nothing can be passed through to the source `{name}`");
            diagnostics.error(Some(source.span), message, None);
        }
        let path = match path {
            Some(path) => Some(PathTemplate::compile(&path.value, names)?),
            None => None,
        };
        Some(Target::Proxy(Passing {
            source: http?,
            path,
        }))
    }
}

// === impl Routes ===

impl Routes {
    /// Finds the route for a request; `path` is what follows the api's own, as it was sent.
    pub(crate) fn find<'p>(&self, method: &http::Method, path: &'p str) -> Outcome<'p> {
        self.router.find(method, path)
    }

    /// What the caches of its routes did, by the route as it was written.
    pub(crate) fn cache_stats(&self) -> impl Iterator<Item = (String, Stats)> {
        self.routes.iter().filter_map(|route| match &route.target {
            Target::Resolver { resolver, .. } => {
                Some((route.key.as_ref().to_owned(), resolver.cache_stats()?))
            }
            Target::Proxy(_) => None,
        })
    }

    /// The route of a number that was found.
    pub(crate) fn route(&self, number: usize) -> &Route {
        &self.routes[number]
    }
}
