//! `apis:`

mod graphql;
mod place;
mod variables;

use std::{path::PathBuf, sync::Arc, time::Duration};

use crate::{
    config::{
        ResolverFile, Span, Spanned,
        access::Access,
        diagnostic::FileId,
        fields::{Fields, unknown_name},
        load::Reading,
        route::{self, RouteFile},
        unit,
        websocket::{Sockets, WebsocketApi},
        yaml::Node,
    },
    json::Value,
};

pub(crate) use place::check_places;

const TYPES: [&str; 4] = ["graphql", "rest", "http", "websocket"];

/// One entry of `apis:`.
#[derive(Debug, Clone)]
pub struct Api {
    /// The name under `apis:`.
    pub name: Spanned<String>,
    /// Where it is served. Default: `/graphql`, and for other types `/` and the name.
    pub path: Spanned<String>,
    /// `host:` the names under which it is served: exact ones, or `*.example.com`. Default: any.
    pub hosts: Vec<Spanned<String>>,
    /// `auth:`, `addresses:`, `cors:`, `throttle:`
    pub access: Access,
    /// `variables:` what its mappings read as `$ctx.env` and `$stageVariables`: an object of texts,
    /// or null.
    pub variables: Value,
    /// `timeout:` how long one request may take. Default: `30s`.
    pub timeout: Duration,
    /// What is served.
    pub kind: ApiKind,
}

/// The types of apis.
#[derive(Debug, Clone)]
pub enum ApiKind {
    /// `type: graphql`
    Graphql(GraphqlApi),
    /// `type: rest` or `type: http`
    Routes(RouteApi),
    /// `type: websocket`
    Websocket(WebsocketApi),
}

/// A REST or HTTP api.
#[derive(Debug, Clone)]
pub struct RouteApi {
    /// Whose rules its routes follow, and whose error bodies it writes.
    pub flavor: Flavor,
    /// The route files, read.
    pub routes: Vec<RouteFile>,
    /// Whether every route file could be read.
    pub routes_are_whole: bool,
}

/// The two kinds of API Gateway's route apis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// `type: rest`
    Rest,
    /// `type: http`
    Http,
}

/// A GraphQL api.
#[derive(Debug, Clone)]
pub struct GraphqlApi {
    /// The schema files, read.
    pub schema: Vec<SchemaFile>,
    /// Where `schema:` stands.
    pub schema_span: Span,
    /// Whether every schema file could be read. What a missing one would have defined is missing
    /// too, which nobody needs to be told.
    pub schema_is_whole: bool,
    /// The resolver files, read.
    pub resolvers: Vec<ResolverFile>,
    /// Whether every resolver file could be read.
    pub resolvers_are_whole: bool,
    /// Whether `__schema` and `__type` answer. Default: true.
    pub introspection: bool,
    /// `limits:`
    pub limits: Limits,
    /// `subscriptions:`
    pub subscriptions: Subscriptions,
}

/// `subscriptions:` how clients listen.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscriptions {
    /// `init_timeout:` how long a socket may take to send `connection_init`. Default: `10s`.
    pub init_timeout: Duration,
    /// `keep_alive:` how often an idle socket or stream is pinged. Default: `20s`.
    pub keep_alive: Duration,
    /// `per_connection:` subscriptions of one socket. Default: 100.
    pub per_connection: usize,
    /// `sockets:`
    pub sockets: Sockets,
}

/// One SDL file.
#[derive(Debug, Clone)]
pub struct SchemaFile {
    /// Its path as it is shown.
    pub path: PathBuf,
    /// Its text.
    pub text: Arc<str>,
    /// Its place among the files.
    pub file: FileId,
}

/// What one operation may ask.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Levels of nested fields. Default: 20.
    pub depth: usize,
    /// Fields with a resolver in one operation. Default: 1000.
    pub resolvers: usize,
    /// Aliases in one document. Default: 100.
    pub aliases: usize,
    /// Lexical tokens in one document, the blanks between them included. Default: 30000.
    pub tokens: usize,
    /// Bytes of one document. Default: `64KiB`.
    pub query_size: u64,
    /// Operations in one batched request. Default: 10.
    pub batch: usize,
    /// Bytes of one operation's answer, errors counted too. Default: `32MiB`.
    pub answer_size: u64,
    /// Objects of one level below which fields are resolved. Default: 1000000.
    pub level_objects: usize,
    /// Fields of a plan, after fragments are merged per concrete type. Default: 50000.
    pub plan_fields: usize,
}

// === impl Api ===

impl Api {
    pub(crate) fn decode(cx: &mut Reading, name: &Spanned<String>, node: &Node) -> Option<Self> {
        let owner = format!("the api `{}`", name.value);
        let mut fields = Fields::open(&mut cx.faults, owner, name.span, node)?;
        let Some(ty) = fields.required(&mut cx.faults, "type", "type: graphql", unit::word) else {
            fields.finish_open(&mut cx.faults);
            return None;
        };
        if !TYPES.contains(&ty.value.as_str()) {
            let fault = unknown_name(ty.span, "api type", &ty.value, &TYPES);
            cx.faults.push(fault);
            return None;
        }
        let fallback = match ty.value.as_str() {
            "graphql" => "/graphql".to_owned(),
            _ => format!("/{}", name.value),
        };
        let path = place::path(&mut cx.faults, name, &mut fields, fallback);
        let hosts = fields.list(&mut cx.faults, "host", place::host);
        let access = Access::decode(cx, &mut fields);
        let timeout = fields.optional(&mut cx.faults, "timeout", unit::positive_duration);
        let variables = variables::decode(cx, fields.entry("variables"));
        let kind = match ty.value.as_str() {
            "graphql" => GraphqlApi::decode(cx, fields).map(ApiKind::Graphql),
            "rest" => RouteApi::decode(cx, Flavor::Rest, &access, fields).map(ApiKind::Routes),
            "http" => RouteApi::decode(cx, Flavor::Http, &access, fields).map(ApiKind::Routes),
            _ => WebsocketApi::decode(cx, &access, fields).map(ApiKind::Websocket),
        };
        Some(Api {
            name: name.clone(),
            path,
            hosts: hosts.unwrap_or_default(),
            access,
            variables,
            timeout: timeout.map_or(Duration::from_secs(30), |it| it.value),
            kind: kind?,
        })
    }
}

// === impl RouteApi ===

impl RouteApi {
    fn decode(
        cx: &mut Reading,
        flavor: Flavor,
        access: &Access,
        mut fields: Fields<'_>,
    ) -> Option<Self> {
        let faults = &mut cx.faults;
        // Whoever describes the routes elsewhere is told so, and need not be told of the folder.
        let resolvers = match fields.is_written("openapi") {
            true => fields.optional(faults, "resolvers", unit::word),
            false => fields.required(
                faults,
                "resolvers",
                "resolvers: resolvers/store",
                unit::word,
            ),
        };
        fields.later(faults, &["openapi", "stages"]);
        fields.finish(faults);
        let (routes, routes_are_whole) = route::read_folder(cx, flavor, access, &resolvers?);
        Some(RouteApi {
            flavor,
            routes,
            routes_are_whole,
        })
    }
}
