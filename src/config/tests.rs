//! Configurations, mostly right ones. Wrong ones are folders of `tests/diagnostics`.

mod access;
mod routes;

use std::{fs, time::Duration};

use crate::config::{
    ApiKind, Config, Diagnostics, GraphqlApi, Severity, Source, load, source::KeyKind, yaml,
};

const SCHEMA: &str = "type Query { product(id: ID!): Product }\ntype Product { id: ID! }\n";

/// Writes files into a folder of their own and reads them as a configuration.
fn read(files: &[(&str, &str)]) -> (Option<Config>, Diagnostics) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        let parent = path.parent().expect("it stands in the folder");
        fs::create_dir_all(parent).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
    }
    load(folder.path())
}

fn read_well(files: &[(&str, &str)]) -> Config {
    let (config, faults) = read(files);
    assert!(faults.is_empty(), "{}", faults.render(false));
    config.expect("a configuration without faults is read")
}

fn shop(config: &Config) -> &GraphqlApi {
    match &config.apis["shop"].kind {
        ApiKind::Graphql(api) => api,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shortest_configuration_gets_the_defaults() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "apis: { shop: { type: graphql, schema: s.graphql, resolvers: r } }",
        ),
        ("s.graphql", SCHEMA),
        ("r/.keep", ""),
    ]);
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:4000");
    assert_eq!(config.server.data, config.directory.join("data"));
    assert_eq!(config.server.max_body, 1 << 20);
    assert_eq!(config.server.drain, Duration::from_secs(30));
    let api = shop(&config);
    assert_eq!(config.apis["shop"].path.value, "/graphql");
    assert!(api.introspection);
    assert_eq!(api.limits.query_size, 64 << 10);
    assert!(api.resolvers.is_empty());
}

#[test]
fn sources_are_read_key_by_key() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "sources:
  catalog:
    type: http
    url: https://catalog.example.com/v1
    timeout: 250ms
    concurrency: 8
    max_response: 1MB
    headers: { authorization: file:token.txt, x-home: env:CARGO_MANIFEST_DIR, x-plain: literal }
  carts:
    type: keyvalue
    table: basket
    partition_key: owner
    sort_key: { name: added, type: N }
    seed: seed.json
  local: { type: none }
apis: { shop: { type: graphql, schema: s.graphql, resolvers: r } }
",
        ),
        ("token.txt", "Bearer abc\n"),
        ("seed.json", "[{ \"owner\": \"ada\", \"added\": 1.5 }]"),
        ("s.graphql", SCHEMA),
        ("r/.keep", ""),
    ]);
    let Source::Http(http) = &config.sources["catalog"] else {
        panic!("catalog is an http source");
    };
    assert_eq!(http.url.value.as_str(), "https://catalog.example.com/v1");
    assert_eq!(http.timeout, Duration::from_millis(250));
    assert_eq!((http.concurrency, http.max_response), (8, 1_000_000));
    let headers: Vec<_> = http
        .headers
        .iter()
        .map(|(_, value)| value.reveal())
        .collect();
    assert_eq!(
        headers,
        ["Bearer abc", env!("CARGO_MANIFEST_DIR"), "literal"]
    );
    assert!(!format!("{config:?}").contains("Bearer"));
    let Source::KeyValue(carts) = &config.sources["carts"] else {
        panic!("carts is a keyvalue source");
    };
    assert_eq!(carts.table.value, "basket");
    assert_eq!(carts.partition_key.kind, KeyKind::String);
    let sort_key = carts.sort_key.as_ref().expect("there is a sort key");
    assert_eq!(
        (sort_key.name.value.as_str(), sort_key.kind),
        ("added", KeyKind::Number)
    );
    let items = carts.seed_items.as_ref().expect("the seed was read");
    assert!(matches!(&items.data, yaml::Data::List(items) if items.len() == 1));
    assert!(matches!(config.sources["local"], Source::None));
}

#[test]
fn a_resolver_file_is_read_key_by_key() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "sources: { reviews: { type: none } }
apis: { shop: { type: graphql, schema: s.graphql, resolvers: r } }",
        ),
        ("s.graphql", SCHEMA),
        (
            "r/Product.reviews.yaml",
            "source: reviews
request: { method: GET, path: /reviews }
batch:
  key: $ctx.source.id
  query: { product: $keys }
  group_by: productId
  max: 50
response: $ctx.result.body
cache: { ttl: 1m, keys: [$ctx.source.id], max_entries: 5, max_bytes: 1KiB }
",
        ),
    ]);
    let [file] = shop(&config).resolvers.as_slice() else {
        panic!("there is one resolver file");
    };
    assert_eq!(
        (file.type_name.as_str(), file.field_name.as_str()),
        ("Product", "reviews")
    );
    let step = &file.bound.as_ref().expect("there is a step").steps()[0];
    assert_eq!(step.source.value, "reviews");
    assert!(step.request.is_some() && step.response.is_some());
    let batch = step.batch.as_ref().expect("there is a batch");
    assert_eq!(batch.key.as_str(), Some("$ctx.source.id"));
    assert_eq!(
        batch.group_by.as_ref().map(|it| it.value.as_str()),
        Some("productId")
    );
    assert_eq!((batch.order, batch.max), (false, 50));
    let overlay: Vec<_> = batch
        .overlay
        .iter()
        .map(|(name, _)| name.value.as_str())
        .collect();
    assert_eq!(overlay, ["query"]);
    let cache = step.cache.as_ref().expect("there is a cache");
    assert_eq!(cache.ttl, Duration::from_secs(60));
    assert_eq!((cache.max_entries, cache.max_bytes), (5, 1024));
    assert_eq!(cache.keys.as_ref().map(Vec::len), Some(1));
}

#[test]
fn globs_and_lists_of_schemas_are_sorted_and_read_once() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "apis: { shop: { type: graphql, schema: [z.graphql, 'parts/**/*.graphql', parts/b.graphql], resolvers: r } }",
        ),
        ("z.graphql", SCHEMA),
        ("parts/b.graphql", "type B { id: ID }"),
        ("parts/a.graphql", "type A { id: ID }"),
        ("parts/deep/er/c.graphql", "type C { id: ID }"),
        ("parts/.draft.graphql", "nonsense"),
        ("parts/readme.md", "nonsense"),
        ("r/.keep", ""),
    ]);
    let names: Vec<_> = shop(&config)
        .schema
        .iter()
        .filter_map(|file| file.path.file_name()?.to_str())
        .collect();
    assert_eq!(names, ["z.graphql", "a.graphql", "b.graphql", "c.graphql"]);
}

#[test]
fn a_configuration_with_faults_is_still_handed_on() {
    let (config, faults) = read(&[
        (
            "loomgate.yaml",
            "server: { drain: 5 }
apis: { shop: { type: graphql, schema: s.graphql, resolvers: r } }",
        ),
        ("s.graphql", SCHEMA),
        ("r/.keep", ""),
    ]);
    assert_eq!(faults.count(Severity::Error), 1);
    assert_eq!(config.map(|it| it.apis.len()), Some(1));
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    let config = read_well(&[
        (
            "loomgate.yaml",
            "\u{feff}apis: { shop: { type: graphql, schema: s.graphql, resolvers: r } }",
        ),
        ("s.graphql", "\u{feff}type Query { a: Int }"),
        ("r/.keep", ""),
    ]);
    assert!(shop(&config).schema[0].text.starts_with("type Query"));
}

#[test]
fn every_example_of_the_reference_is_yaml() {
    let page = fs::read_to_string("docs/configuration.md").expect("the reference is there");
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert!(blocks.len() > 5, "only {} examples", blocks.len());
    for block in blocks {
        let mut faults = Diagnostics::default();
        let file = faults.files.register("docs/configuration.md", block);
        yaml::parse(file, block, &mut faults);
        assert!(faults.is_empty(), "{}", faults.render(false));
    }
}

#[test]
fn no_fault_shows_a_literal_secret() {
    let source = "sources:\n  catalog:\n    type: http\n    url: http://127.0.0.1:9000\n";
    let cases = [
        "    headers:\n      authorization: s3cr3t: x\n",
        "    headers:\n      authorization: \"s3cr3t\" junk\n",
        "    headers:\n      authorization: \"Bearer s3cr3t\n      x-api-key: s3cr3t\n",
        "    headers:\n      authorization: 's3cr3t\n",
        "    headers:\n      \tauthorization: s3cr3t\n",
        "    headers:\n\tauthorization: s3cr3t\n",
        "    headers:\n      authorization: @s3cr3t\n",
        "    headers:\n      authorization:s3cr3t\n     x: 1\n",
        "    headers:\n      authorization: |\n        key s3cr3t: 1\n      x: *none\n",
        "    headers: { authorization: s3cr3t\n",
        "    headers: { authorization: s3cr3t, authorization: s3cr3t }\n",
        "    headers: { a: 1, authorization: !secret s3cr3t }\n",
        "    headers: { a: s3cr3t }\n    headers: { b: s3cr3t }\n",
        "    headers: \"authorization: s3cr3t\"\n",
        "    headers: [\"authorization: s3cr3t\"]\n",
        "  broken: { typ: htp, headers: { authorization: s3cr3t } }\n",
        "  broken: { type: htp, headers: { authorization: s3cr3t } }\n",
        "api_keys: [s3cr3t]\n",
        "api_keys: s3cr3t\n",
        "api_keys: { acme: s3cr3t }\n",
        "api_keys: [{ name: acme, value: s3cr3t }]\n",
        "api_keys: [{ name: acme, value: [s3cr3t] }]\n",
        "api_keys: [{ name: acme, value:s3cr3t }]\n",
        "api_keys: [{ name: acme, key: s3cr3t }]\n",
        "api_keys: [{ name: a, value: s3cr3t-s3cr3t-s3cr3t }, { name: b, value: s3cr3t-s3cr3t-s3cr3t }]\n",
        "apikeys: [{ name: acme, value: s3cr3t }]\n",
        "server: { admin: { lisen: 127.0.0.1:1, token: s3cr3t } }\n",
        "server: { admin: { listen: 127.0.0.1:1, token: s3cr3t two } }\n",
        "server: { admin: { listen: 127.0.0.1:1, token: { a: s3cr3t } } }\n",
    ];
    for case in cases {
        let (_, faults) = read(&[("loomgate.yaml", &format!("{source}{case}"))]);
        assert!(faults.has_errors(), "{case}");
        let shown = faults.render(false) + &faults.to_json();
        assert!(!shown.contains("s3cr3t"), "{case}\n{shown}");
    }
}

#[cfg(unix)]
#[test]
fn only_regular_files_are_read() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .expect("a pipe can be made");
    assert!(made.success());
    let source = |headers: &str| {
        let text = format!(
            "sources: {{ a: {{ type: http, url: 'http://a.test', headers: {{ {headers} }} }} }}"
        );
        fs::write(folder.path().join("loomgate.yaml"), text).expect("a file can be written");
        load(folder.path()).1.render(false)
    };
    for path in [pipe.to_string_lossy().as_ref(), "/dev/zero"] {
        let shown = source(&format!("x: 'file:{path}'"));
        assert!(shown.contains("it is no regular file"), "{shown}");
    }
}
